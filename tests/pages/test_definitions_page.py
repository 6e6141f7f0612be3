"""Definitions on screen: reached by a link, searched, and where a target is set."""

import datetime as dt
import re

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.glossary import MINUS
from core.kpis import MEASURES, REGISTRY
from core.services.definition_text import group_of
from core.services.definitions_view import LATER
from core.services.targets import read_targets
from core.settings import ROOT
from pages._app import definition_list

pytestmark = pytest.mark.sampled(2)


def opened(**query):
    test = AppTest.from_file(str(ROOT / "pages" / "definitions.py"), default_timeout=120)
    for name, value in query.items():
        test.query_params[name] = value
    test.run()
    assert not test.exception, test.exception
    return test


def words(test):
    parts = [*test.markdown, *test.caption, *test.info, *test.error, *test.warning]
    said = " ".join(part.value for part in parts) + " ".join(item.proto.body for item in test.get("html"))
    return said.replace("\\", "")


def listed(test):
    return list(test.dataframe[0].value["Name"])


def test_without_data_every_definition_is_there(in_empty):
    test = opened()
    assert set(listed(test)) == {item.label for item in REGISTRY.values()}
    assert f"NRR = (starting + expansion {MINUS} contraction {MINUS} churned) / starting" in words(test)
    assert test.button(key="load_demo")


LINKS = [*{group_of(name).id: name for name in (*REGISTRY, *MEASURES)}.values(), "referral_quality_rate"]
"""One figure of each group, and one more."""


@pytest.mark.parametrize("name", LINKS)
def test_every_figure_is_reached_by_a_link(in_empty, name):
    item = REGISTRY.get(name) or MEASURES[name]
    test = opened(kpi=name)
    said = words(test)
    assert item.formula in said
    assert item.text.question in said
    assert item.label in listed(test)


@pytest.mark.parametrize(
    ("name", "place"),
    [("gross_revenue_retention", 3), ("referral_quality_rate", 0), ("net_revenue_retention", 2)],
    ids=["seen at first", "far down", "the first of all"],
)
def test_the_line_of_a_linked_figure_is_seen_without_scrolling(in_empty, name, place):
    test = opened(kpi=name)
    assert listed(test).index(REGISTRY[name].label) == place
    assert test.session_state["def_table_False"]["selection"]["rows"] == [place]
    assert sorted(listed(test)) == sorted(item.label for item in REGISTRY.values())


def test_the_list_stays_in_order_when_a_line_of_it_is_chosen(in_empty):
    test = opened(kpi="referral_quality_rate")
    before, last = listed(test), REGISTRY["arr"].label
    test.session_state[definition_list.SEEN] = "arr"  # as the choice of its line does
    test.query_params["kpi"] = "arr"
    test.run()
    assert listed(test) == before and f"## {last}" in words(test)


def test_an_unknown_link_says_so_and_shows_the_first(in_empty):
    test = opened(kpi="no_such_kpi")
    assert "no figure has that id" in test.warning[0].value
    assert REGISTRY["net_revenue_retention"].formula in words(test)


def test_a_figure_of_the_demo_company_stands_beside_its_definition(in_demo):
    test = opened(kpi="tier_mix")
    said = words(test)
    assert re.search(r"Rests on</p><p class=\"rc-big\">[\d,]+</p><p>advocates", said)
    assert "thirteen months" in said
    assert test.get("plotly_chart")
    assert f"{len(REGISTRY)} listed" in said


@pytest.mark.parametrize("name", ["net_revenue_retention", "cov_thanked_14d"])
def test_a_definition_and_the_names_wait_for_no_other_figure(in_demo, monkeypatch, name):
    monkeypatch.setattr(definition_list, "PATIENCE", -1.0)
    monkeypatch.setattr(definition_list, "compute", lambda *_: st.stop())
    test = opened(kpi=name)
    assert "Rests on" in words(test)
    assert "figures follow" in words(test)
    assert len(listed(test)) == len(MEASURES if name in MEASURES else REGISTRY)
    assert set(test.dataframe[0].value["Figure"]) == {LATER}


def test_the_figures_stand_in_the_list_once_they_are_computed(in_demo, monkeypatch):
    tries = iter([frozenset({"arr"}), None])
    monkeypatch.setattr(definition_list, "known", lambda *_: next(tries))
    test = opened()
    assert LATER not in set(test.dataframe[0].value["Figure"])
    assert next(tries, "none left") == "none left"


def test_the_sign_of_the_standing_is_that_of_the_cards_and_its_meaning_is_told(in_demo):
    test = opened(kpi="net_revenue_retention")
    (badge,) = [item for item in test.markdown if "-badge[" in item.value]
    assert "≈ target in band" in badge.value
    assert "cannot tell whether it is met" in badge.proto.help


def test_search_and_filters_narrow_the_list(in_demo):
    test = opened()
    test.text_input(key="find").set_value("referral").run()
    assert 0 < len(listed(test)) < len(REGISTRY)
    test.selectbox(key="owner").set_value("Finance").run()
    assert "Referral revenue" in listed(test)
    assert "Referral leads" not in listed(test)
    test.text_input(key="find").set_value("nothing has this word").run()
    assert "Nothing matches" in words(test)


def test_a_search_shows_its_first_hit_and_a_link_what_it_asks_for(in_demo):
    test = opened(find="referral")
    assert "## Net revenue retention" not in words(test) and f"## {listed(test)[0]}" in words(test)
    linked = opened(find="referral", kpi="gross_revenue_retention")
    assert "## Gross revenue retention" in words(linked)
    linked.text_input(key="find").set_value("referral leads").run()
    assert f"## {listed(linked)[0]}" in words(linked)


def test_the_rows_open_for_kpis_and_measures(in_demo):
    for name in ("net_revenue_retention", "cov_thanked_14d"):
        test = opened(kpi=name)
        test.button(key="def_rows").click().run()
        assert not test.exception
        assert "rows, sums:" in words(test)


def test_what_is_not_loaded_is_named_with_what_it_unlocks(in_ravenstack):
    said = words(opened(kpi="cac_paid"))
    assert "Not loaded: spend" in said
    assert "No figure in" in said


def field(test, kind, ending):
    (found,) = [
        item for item in test.get(kind) if str(item.key).startswith("def_target_") and item.key.endswith(ending)
    ]
    return found


UNTARGETED = "churn_logo_rate"
"""A figure for which the demo council has set no target."""


def test_a_target_is_set_and_taken_back_on_screen(in_demo_copy):
    test = opened(kpi=UNTARGETED)
    assert "No target is set" in words(test)
    field(test, "number_input", "_value").set_value(11.0)
    field(test, "text_input", "_reason").set_value("Plan of the year.")
    next(button for button in test.button if button.key == "def_set").click().run()
    assert not test.exception
    assert [line.value for line in read_targets().history(UNTARGETED)] == [0.11]
    assert "from October 2026" in words(test)
    assert "target in band" in words(test)
    field(test, "text_input", "_reason").set_value("It was a mistake.")
    next(button for button in test.button if button.key == "def_take_back").click().run()
    assert not test.error
    assert [line.value for line in read_targets().history(UNTARGETED)] == [None]
    assert "taken back" in words(test)


def test_a_saved_target_is_told_by_the_run_that_ends_not_by_one_that_another_follows(in_demo_copy, monkeypatch):
    """A browser drops what a run has drawn just before the next one begins."""
    test, events = opened(kpi=UNTARGETED), []
    field(test, "number_input", "_value").set_value(11.0)
    field(test, "text_input", "_reason").set_value("Plan of the year.")
    tries = iter([frozenset({"arr"}), None, None])
    monkeypatch.setattr(definition_list, "known", lambda *_: next(tries))
    monkeypatch.setattr(definition_list, "compute", lambda *_: events.append("another run"))
    monkeypatch.setattr(st, "toast", lambda words, **_: events.append(words))
    next(button for button in test.button if button.key == "def_set").click().run()
    assert events[-2:] == ["another run", "Target saved, from October 2026 on"]
    told = len(events)
    test.run()
    assert len(events) == told, "once"


def test_a_target_saved_before_another_screen_was_opened_is_told_once(in_demo_copy, monkeypatch):
    def screens():
        import runpy

        import streamlit as st

        if "elsewhere" not in st.query_params:
            runpy.run_path("pages/definitions.py")

    told, test = [], AppTest.from_function(screens, default_timeout=120)
    test.query_params["kpi"] = UNTARGETED
    test.run()
    field(test, "number_input", "_value").set_value(11.0)
    field(test, "text_input", "_reason").set_value("Plan of the year.")
    monkeypatch.setattr(st, "toast", lambda words, **_: told.append(words))
    with monkeypatch.context() as patch:
        patch.setattr(definition_list, "known", lambda *_: frozenset({"arr"}))
        patch.setattr(definition_list, "compute", lambda *_: st.stop())
        next(button for button in test.button if button.key == "def_set").click().run()
    test.query_params["elsewhere"] = "1"
    test.run()
    del test.query_params["elsewhere"]
    test.run()
    assert told == ["Target saved, from October 2026 on"]


def test_a_refused_target_says_what_is_missing_and_keeps_what_was_typed(in_demo_copy):
    test = opened(kpi=UNTARGETED)
    field(test, "number_input", "_value").set_value(11.0)
    next(button for button in test.button if button.key == "def_set").click().run()
    assert "the reason is missing" in test.error[0].value.replace("\\", "")
    assert field(test, "number_input", "_value").value == 11.0
    assert read_targets().history(UNTARGETED) == ()


def test_a_refusal_outlasts_the_run_that_computes_the_list_and_leaves_with_its_form(in_demo, monkeypatch):
    test = opened(kpi=UNTARGETED)
    tries = iter([frozenset({"arr"}), None])
    with monkeypatch.context() as patched:
        patched.setattr(definition_list, "known", lambda *_: next(tries))
        next(button for button in test.button if button.key == "def_set").click().run()
    assert next(tries, "none left") == "none left"
    assert "the figure is missing" in test.error[0].value
    for month in (dt.date(2026, 11, 1), dt.date(2026, 10, 1)):
        test.selectbox(key="def_month").set_value(month).run()
        assert not test.error


def test_a_maturity_measure_has_no_target_form(in_demo):
    test = opened(kpi="cov_thanked_14d")
    assert "def_set" not in {button.key for button in test.button}
