"""The Overview as it is drawn: every number leads to its rows, a choice of period, the projector."""

import re
from html import unescape
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from core.glossary import SPACE, display
from core.services.home import open_month
from core.services.overview_added import ALIKE, RAW
from core.services.overview_exceptions import Exceptional
from core.settings import ROOT
from pages._app.overview_boards import _address
from tests.screens import boards

pytestmark = pytest.mark.sampled(2)

ROUTER = str(ROOT / "pages" / "_app" / "router.py")


def draw(**query):
    test = AppTest.from_file(ROUTER, default_timeout=90)
    for name, value in query.items():
        test.query_params[name] = value
    test.run()
    assert not test.exception, test.exception
    return test


def said(test):
    return " ".join([*(part.value for part in test.markdown), *(part.value for part in test.caption)]).replace("\\", "")


def test_a_walk_over_all_cards_finds_rows_and_definition(in_demo):
    test = draw()
    html = html_of(test)
    labels = [label for label in test.pills(key="rows_behind").options if label != "What moved"]
    assert len(labels) == 6
    for label in labels:
        assert re.search(rf'aria-label="{re.escape(label)}".*?popovertarget="rc-def-', html, re.DOTALL)
        test.pills(key="rows_behind").set_value(label).run()
        assert not test.exception, test.exception
        assert "rows, sums:" in said(test), label


def test_what_moved_opens_its_rows(in_demo):
    test = draw()
    test.pills(key="rows_behind").set_value("What moved").run()
    assert not test.exception, test.exception
    assert [tab.label.replace("\\", "") for tab in test.tabs] == [
        "ARR bridge",
        "Net revenue retention",
        "Acquisition cost",
    ]
    assert "The effects sum to the change" in said(test)


def test_a_new_user_learns_which_segment_lost_revenue_this_quarter_and_which_accounts(in_demo):
    test = draw()
    test.segmented_control(key="since").set_value("quarter").run()
    assert re.search(r"(SMB|Mid-market|Enterprise) lost most: €.{1,8} of ARR; \d+ accounts? .*\(€", boards(test))


def test_a_segment_leads_to_its_own_figures_of_the_same_month_and_window(in_demo):
    test = draw(since="quarter to date")
    links = [parse_qs(unescape(link)[1:]) for link in re.findall(r'<td><a href="([^"]+)"', html_of(test))]
    assert {link["segment"][0] for link in links} == set(test.selectbox(key="segment").options[1:])
    asked = {name: values[0] for name, values in links[0].items()}
    test = draw(**asked)
    assert test.selectbox(key="segment").value == asked["segment"]
    assert test.segmented_control(key="since").value == "to_date"
    assert f"accounts that are {asked['segment']} now" in unescape(boards(test))


def html_of(test):
    return "".join(part.proto.body for part in test.get("html"))


def rows_of_the_band(test):
    rows = re.findall(r"<button[^>]*><b>(.*?)</b><span>(.*?)</span></button>", html_of(test))
    return [unescape(" ".join(row)).replace(SPACE, " ") for row in rows]


def headlines(test):
    html = "".join(part.proto.body for part in test.get("html"))
    return [unescape(found) for found in re.findall(r'<section class="rc-panel" aria-label="([^"]*)"', html)]


@pytest.mark.parametrize(
    ("asked", "label", "then"),
    [
        ("month", "1 month", "September 2026"),
        ("quarter", "3 months", "July 2026"),
        ("year", "12 months", "October 2025"),
    ],
)
def test_the_window_is_called_by_its_months_and_everything_below_follows_it(in_demo, asked, label, then):
    test = draw(since=asked)
    control = test.segmented_control(key="since")
    assert (control.value, list(control.options)) == (asked, ["1 month", "3 months", "12 months", "quarter to date"])
    assert draw(since=label).segmented_control(key="since").value == asked
    assert "to end of October 2026" in boards(test) and f"end of {then} to" in boards(test)
    assert f" lost most since {then}: €" in headlines(test)[-1]
    assert "Net retention, 12 months" in boards(test)


def test_the_projector_keeps_look_backs_and_segments_and_leaves_the_method(in_demo):
    usual, projected = draw(), draw(projector="1")
    assert projected.button(key="projector").label == "Leave"
    assert usual.button(key="projector").label == "Projector"
    for part in ("Definition", "Expansion", "Mix", "Look-back due", "Gross retention, 12 months"):
        assert part in boards(projected)
    assert "How these figures are made" in boards(usual) and "pp are percentage points" in boards(usual)
    assert "How these figures are made" not in boards(projected)
    got = "got +3.2 a month (95 %: −2.1 to 8.5): cannot say yet"
    assert got in rows_of_the_band(projected)[0]
    assert got in boards(usual).replace(SPACE, " ")
    assert rows_of_the_band(usual) == []
    usual.button(key="projector").click().run()
    assert list(usual.query_params["projector"]) == ["1"]
    usual.button(key="projector").click().run()
    assert "projector" not in usual.query_params


@pytest.mark.parametrize("projector", ["0", "1"])
def test_what_referrals_add_stands_as_it_is_and_adjusted_side_by_side(in_demo, projector):
    kpis = open_month().kpis
    text = boards(draw(projector=projector)).replace(SPACE, " ")
    shown = {name: display(kpis[name].value, "pp", signed=True).replace(SPACE, " ") for name in (RAW, ALIKE)}
    assert "Win rate of referred deals:" in text
    assert f"{shown[RAW]} over all others (" in text
    assert f", {shown[ALIKE]} over similar deals (" in text
    assert "): may be chance" in text.split(" over similar deals ")[1][:30]


def test_nothing_of_the_data_stands_unescaped(in_demo):
    for part in draw().get("html"):
        bare = re.sub(r"<style>.*?</style>|<[^<>]*>", "", part.proto.body, flags=re.DOTALL)
        assert "<" not in bare and ">" not in bare
        assert unescape(bare)


def test_beside_one_segment_the_strip_says_that_its_figures_are_of_all(in_demo):
    whole, part = boards(draw()), boards(draw(segment="Enterprise"))
    assert "! Gross revenue retention 90.0" in whole and "all segments" not in whole
    assert "! Gross revenue retention, all segments 90.0" in part


@pytest.mark.parametrize(
    ("kind", "screen", "kpi", "address"),
    [
        ("stale", "data", "", "data?view=Sources"),
        ("conflict", "data", "", "data?view=Conflicts"),
        ("implausible", "definitions", "arr", "definitions?kpi=arr"),
    ],
)
def test_what_is_wrong_with_the_data_leads_to_the_view_that_shows_it(kind, screen, kpi, address):
    assert _address(Exceptional(kind, "Data", "", "why", screen, kpi)) == address


def test_an_implausible_figure_leads_to_its_definition_which_says_why(in_ravenstack):
    kpis = re.findall(r'implausible, [^<]*<a href="definitions\?kpi=(\w+)">', html_of(draw()))
    assert kpis
    test = AppTest.from_file(str(ROOT / "pages" / "definitions.py"), default_timeout=90)
    test.query_params["kpi"] = kpis[0]
    test.run()
    assert not test.exception, test.exception
    assert open_month().kpis[kpis[0]].reason[1:] in said(test)
