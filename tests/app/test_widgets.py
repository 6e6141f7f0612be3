"""The shared widgets, drawn without a browser."""

import datetime as dt
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from core.errors import InputProblems, Problem
from core.glossary import SPACE
from core.kpis.result import KpiResult, State
from pages._app.words import md


@dataclass(frozen=True)
class Card:
    result: KpiResult
    definition: str = "Share of starting revenue kept."
    spark: tuple[float | None, ...] = (1.0, None, 1.02, 1.034)
    status: str = ""
    tone: str = "neutral"
    beside: str = ""
    target: float | None = None


NRR = {
    "id": "net_revenue_retention",
    "label": "Net revenue retention",
    "unit": "ratio",
    "better": "higher",
    "month": dt.date(2026, 10, 1),
    "value": 1.034,
    "low": 1.01,
    "high": 1.07,
    "n": 312,
    "n_label": "accounts",
    "state": State.OK,
    "reason": None,
    "previous": 1.026,
    "year_ago": 1.055,
}


def draw(card):
    def script(card):
        from pages._app.widgets import kpi_row

        kpi_row([card], print)

    return AppTest.from_function(script, args=(card,), default_timeout=20).run()


def said(test):
    """Everything the Markdown of a card says, unescaped."""
    return " | ".join(part.value for part in test.markdown).replace("\\", "").replace(SPACE, " ")


def test_a_card_says_value_change_interval_sample_and_target():
    test = draw(Card(NRR_RESULT, status="on target", tone="good", target=1.02))
    (metric,) = test.metric
    assert metric.value.replace("\\", "").replace(SPACE, " ") == "103.4 %"
    assert metric.delta.replace(SPACE, " ") == "+0.8 pp"
    assert list(metric.proto.chart_data) == [1.02, 1.034]
    assert metric.proto.delta_description == "on Sep"
    for words in ("95 %: 101 to 107 %", "n 312 accounts", "−2.1 pp on a year ago", "target 102.0 %", "on target"):
        assert words in said(test)
    assert not test.exception


NRR_RESULT = KpiResult(**NRR)


@pytest.mark.parametrize(
    ("changes", "colour"),
    [
        pytest.param({"previous": 1.0}, "GREEN", id="higher is better"),
        pytest.param({"previous": 1.0, "better": "lower"}, "RED", id="lower is better"),
        pytest.param({"previous": 1.0, "better": "neither"}, "GRAY", id="neither is better"),
        pytest.param({"previous": 1.0, "state": State.WIDE}, "GRAY", id="too wide for a colour"),
        pytest.param({"previous": 1.034}, "GRAY", id="no change"),
        pytest.param({"previous": 1.08}, "RED", id="fell"),
        pytest.param({"previous": 1.026}, "GRAY", id="within the figure's own uncertainty"),
        pytest.param({"low": None, "high": None}, "GREEN", id="a complete count has no uncertainty"),
    ],
)
def test_a_change_is_coloured_by_what_it_means(changes, colour):
    (metric,) = draw(Card(KpiResult(**NRR | changes))).metric
    assert metric.proto.MetricColor.Name(metric.proto.color) == colour


def test_a_fall_is_written_so_that_streamlit_sees_it():
    (metric,) = draw(Card(KpiResult(**NRR | {"previous": 1.05}))).metric
    assert metric.delta.startswith("-")
    assert metric.proto.MetricDirection.Name(metric.proto.direction) == "DOWN"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"state": State.TOO_FEW, "numerator": 4, "n": 9}, ("too few (4 of 9)",)),
        ({"state": State.TOO_FEW, "n": 3}, ("too few (3 accounts)",)),
        ({"state": State.MISSING, "reason": "not loaded: spend"}, ("not loaded", "needs spend")),
        ({"state": State.UNDEFINED}, ("not defined", "no deal was closed")),
    ],
)
def test_a_figure_that_may_not_be_shown_says_why(changes, words):
    test = draw(Card(KpiResult(**NRR | {"value": None, "reason": "no deal was closed"} | changes)))
    assert not test.metric
    assert all(word in said(test) for word in words)
    assert "101" not in said(test)


def test_an_error_made_for_people_is_shown_whole_and_plain():
    def script(error):
        from pages._app.widgets import problem_banner

        problem_banner(error)

    error = InputProblems([Problem("a.csv", "expected *one*", line=2)])
    test = AppTest.from_function(script, args=(error,), default_timeout=20).run()
    assert "1 problem; nothing was imported" in test.error[0].value
    assert "expected *one*" in test.code[0].value


def test_an_empty_state_has_the_button_that_helps():
    def script():
        import streamlit as st

        from pages._app.widgets import empty_state

        empty_state("No *subscriptions*.", lambda: st.button("Load the demo company"))

    test = AppTest.from_function(script, default_timeout=20).run()
    assert "\\*subscriptions\\*" in test.markdown[0].value
    assert [button.label for button in test.button] == ["Load the demo company"]


def months():
    import datetime as dt

    import streamlit as st

    from pages._app.filters import pick_month, pick_segment

    st.text(pick_month([dt.date(2026, month, 1) for month in (10, 9, 8)]))
    st.text(pick_segment(["Enterprise", "SMB"]))


@pytest.mark.parametrize(
    ("address", "month", "segment"),
    [
        pytest.param({}, "2026-10-01", "None", id="silent"),
        pytest.param({"month": "2026-08", "segment": "SMB"}, "2026-08-01", "SMB", id="both"),
        pytest.param({"month": "1999-01", "segment": "nobody"}, "2026-10-01", "None", id="unknown"),
    ],
)
def test_filters_stand_in_the_address(address, month, segment):
    test = AppTest.from_function(months, default_timeout=20)
    for key, value in address.items():
        test.query_params[key] = value
    test.run()
    assert [text.value for text in test.text] == [month, segment]


def test_a_chosen_month_is_answered():
    test = AppTest.from_function(months, default_timeout=20).run()
    test.selectbox(key="month").set_value("2026-09").run()
    assert test.text[0].value == "2026-09-01"


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        pytest.param("![x](http://e.test/a.png)", r"\!\[x\]\(http", id="image"),
        pytest.param("$x$ :red[a] <b>", r"\$x\$ \:red\[a\] \<b\>", id="formula, colour, tag"),
        pytest.param("a\nb\r\nc", "a b  c", id="lines"),
    ],
)
def test_marks_are_escaped(text, escaped):
    assert md(text).startswith(escaped)


@given(st.text())
def test_nothing_but_backslashes_and_gaps_is_added(text):
    import unicodedata

    shown = md(text)
    bare = unicodedata.normalize("NFC", text).replace("\n", " ").replace("\r", " ")
    assert shown.replace("\\", "").replace("\u200b", "") == bare.replace("\\", "").replace("\u200b", "")


@pytest.mark.parametrize("text", ["http://e.test", "www.e.test", "WWW.e.test", "a@e.test", "https://e.test"])
def test_bare_addresses_do_not_become_links(text):
    assert "\u200b" in md(text)
