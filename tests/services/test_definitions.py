"""Definitions: complete, in the same words everywhere, and found by whoever looks for them."""

import json

import pytest

from core.errors import CouncilError
from core.kpis import MEASURES, REGISTRY
from core.kpis.result import State
from core.model.definitions import definition_rules
from core.services.definition_text import (
    definition_of,
    definition_words,
    group_of,
    in_order,
    small_sample_words,
)
from core.services.definition_uses import uses
from core.services.definitions import definitions_markdown
from core.services.definitions_view import (
    WITH,
    WITHOUT,
    answer,
    band_words,
    entry,
    figure_words,
    found,
    lines,
    result_of,
)
from core.services.home import open_month
from core.services.overview import overview
from core.services.targets import Targets
from core.settings import ROOT
from tests.homes import SHARED

pytestmark = pytest.mark.sampled(2)

CATALOGUE = SHARED / "reference" / "kpi_catalogue.json"
EVERY = {**REGISTRY, **MEASURES}


def test_the_definitions_in_docs_are_those_of_the_registry():
    written = (ROOT / "docs" / "definitions.md").read_text(encoding="utf-8")
    assert written == definitions_markdown(), "run: make docs"


LONGEST_NAME = 46
"""Letters of a name that the list of Definitions has room for at 1,440 px."""


@pytest.mark.parametrize("item", EVERY.values(), ids=lambda item: item.id)
def test_a_name_fits_the_list_of_definitions(item):
    assert len(item.label) <= LONGEST_NAME


def test_the_document_has_every_figure_once_with_formula_words_and_source():
    text = definitions_markdown()
    for name, item in EVERY.items():
        assert text.count(f"### {item.label} — `{name}`\n") == 1
        assert f"`{item.formula}`" in text
        for words in (item.text.question, item.text.population, item.text.window, item.text.source):
            assert words in text, name


def test_the_document_has_all_entries_of_the_catalogue_before_the_maturity_measures():
    if not CATALOGUE.exists():
        pytest.skip("the reference catalogue is not beside the project")
    kpis, measures = definitions_markdown().split("## Maturity measures\n")
    listed = [item["function"] for item in json.loads(CATALOGUE.read_text(encoding="utf-8"))["kpis"]]
    assert [name for name in listed if f"`{name}`" not in kpis] == []
    assert [name for name in MEASURES if f"`{name}`" not in measures] == []


def test_every_kpi_is_in_a_group_and_every_group_names_what_exists():
    assert sorted(in_order()) == sorted(REGISTRY)
    modules = {item.function.__module__.rpartition(".")[2] for item in REGISTRY.values()}
    for group in definition_rules().group:
        assert set(group.modules) <= modules, group.id
        assert set(group.kpis) <= set(REGISTRY), group.id
    labels = [group_of(name).label for name in in_order()]
    assert labels == sorted(labels, key=[group.label for group in definition_rules().group].index)


@pytest.mark.parametrize("name", EVERY)
def test_every_figure_is_defined_in_full(name):
    words = dict(definition_of(name).lines)
    for label in ("Says", "Formula", "Who is counted", "Over which time", "Left out", "Interval", "Owner", "Source"):
        assert len(words[label]) > 2, label
    assert "=" in words["Formula"]
    assert small_sample_words(EVERY[name]).endswith(".")
    assert words["Formula"] in definition_words(name)
    assert words["Small samples"] in definition_words(name)


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("time_to_first_value", "Below 10 new accounts that got there no figure"),
        ("time_to_value", "Below 10 new accounts that got there no figure"),
        ("customer_lifetime_value", "Below 30 customers followed, 10 lost or 10 new ones no figure"),
        ("ltv_to_cac", "Below 30 customers followed, 10 lost or 10 new ones no figure"),
        ("payback_months", "Below 10 new customers no figure"),
    ],
)
def test_the_smallest_sample_told_is_the_one_that_is_asked_for(name, least):
    assert small_sample_words(EVERY[name]).startswith(least)


def test_a_definition_that_changed_says_when():
    changes = {(change.kpi, change.version) for change in definition_rules().change}
    for name, item in EVERY.items():
        told = {version for kpi, version in changes if kpi == name}
        assert told == set(range(2, item.version + 1)), f"definitions.toml: say when {name} changed"


def test_an_unknown_id_is_refused():
    with pytest.raises(CouncilError, match='no figure has the id "nrr"'):
        definition_of("nrr")


def test_a_card_says_the_same_words(in_demo, demo_months):
    for card in overview(demo_months()).cards:
        assert card.definition.startswith(definition_words(card.result.id))


@pytest.fixture(scope="module")
def every():
    return lines(None)


def test_search_finds_every_word_in_name_question_formula_or_id(every):
    assert [line.id for line in found(every, "gross_revenue_retention")] == ["gross_revenue_retention"]
    assert "net_revenue_retention" in {line.id for line in found(every, "Churned EXPANSION")}
    assert found(every, "net no-such-word") == ()


def test_filters_hold_together(every):
    some = found(every, group="Acquisition economics", owner="Finance", table="gross_margin")
    assert some
    for line in some:
        assert (line.group, line.owner) == ("Acquisition economics", "Finance")
        assert "gross_margin" in line.needs


def test_kpis_and_maturity_measures_are_kept_apart(every):
    assert {line.id for line in every} == set(REGISTRY)
    assert {line.id for line in lines(None, measures=True)} == set(MEASURES)


def test_what_has_a_figure_and_what_has_none_part_the_list(in_ravenstack):
    month = open_month()
    every = lines(month)
    shown, rest = found(every, state=WITH), found(every, state=WITHOUT)
    assert len(shown) + len(rest) == len(REGISTRY)
    assert "arr" in {line.id for line in shown}
    assert {line.id: line.state for line in rest}["cac_paid"] == "no data"
    assert {line.id for line in found(every, state="no data")} <= {line.id for line in rest}


def test_a_figure_that_is_missing_names_the_table_that_unlocks_it(in_ravenstack):
    view = entry(open_month(), "cac_paid", Targets())
    assert view.result.state is State.MISSING
    assert [table.name for table in view.missing] == ["spend"]
    assert view.missing[0].unlocks
    adding = [table for table in view.tables if not table.needed]
    assert [(table.name, table.loaded) for table in adding] == [("opportunities", False)]
    assert view.history is None
    assert "month" in view.missing[0].required


def test_the_answer_counts_what_waits_for_data(in_ravenstack):
    loaded = open_month().loaded
    waiting = sum(not set(item.needs) <= loaded for item in REGISTRY.values())
    assert f"{waiting} figures wait" in answer(loaded)
    assert "no data is loaded yet" in answer(None)


def test_an_entry_has_thirteen_months_whose_last_is_the_figure(in_demo, demo_months):
    month = demo_months()
    for name in ("net_revenue_retention", "cov_thanked_14d"):
        view = entry(month, name, Targets())
        assert len(view.history.months) == len(view.history.values) == len(view.history.targets) == 13
        assert view.history.months[-1] == month.month
        assert view.history.values[-1] == pytest.approx(result_of(month, name).value)


def test_a_finding_claims_no_change_inside_the_interval(in_demo, demo_months):
    month = demo_months()
    for name in REGISTRY:
        past = entry(month, name, Targets()).history
        result = month.kpis[name]
        if past is None or not result.shown or past.values[0] is None or result.low is None or result.high is None:
            continue
        if result.low <= past.values[0] <= result.high:
            assert " up from " not in past.title, name
            assert " down from " not in past.title, name


def test_counts_stand_where_a_rate_may_not(in_demo, demo_months):
    month = demo_months()
    known = (month.kpis[name] for name in REGISTRY)
    result = next(each for each in known if each.state is State.TOO_FEW and each.numerator is not None)
    assert figure_words(result) == f"{result.numerator} of {result.n}"
    assert band_words(result) == "–"


def test_uses_name_screens_capabilities_plays_and_figures_of_the_same_rows():
    said = {(use.kind, use.where) for use in uses("net_revenue_retention")}
    assert ("Screen", "Overview") in said
    assert any(kind.startswith("Capability") for kind, _ in said)
    assert any(kind.startswith("Play") for kind, _ in said)
    assert "gross_revenue_retention" in {use.figure for use in uses("net_revenue_retention")}
    assert any(use.kind == "Coverage of a capability" for use in uses("cov_rule_driven_asks"))
