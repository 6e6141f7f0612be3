"""The shared widgets, drawn without a browser."""

import datetime as dt
import re
from dataclasses import dataclass
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from core.charts.cards import cards_html
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
    means: str = ""
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


NRR_RESULT = KpiResult(**NRR)


def said(card):
    """The words of a card, tags and style left out."""
    body = cards_html([card])
    return unescape(" | ".join(part for part in re.split(r"<[^>]*>", body) if part.strip())).replace(SPACE, " ")


def test_a_status_tells_on_hover_what_its_words_mean():
    html = cards_html([Card(NRR_RESULT, status="target in band", means='The band holds "it"', target=1.03)])
    assert 'title="The band holds &quot;it&quot;">≈ target in band</p>' in html


def test_a_card_says_value_change_interval_sample_and_target():
    words = said(Card(NRR_RESULT, status="on target", tone="good", target=1.02))
    for part in (
        "| 103.4 % |",
        "▲ +0.8 pp on Sep",
        "95 %: 101 to 107 %",
        "n 312 accounts",
        "−2.1 pp on a year ago",
        "target 102.0 %",
        "✓ on target",
        "Share of starting revenue kept.",
    ):
        assert part in words


def test_the_trend_ends_with_the_latest_run_its_interval_and_the_target():
    html = cards_html([Card(NRR_RESULT, target=1.02)])
    (points,) = re.findall(r"polygon\(([^;]*)\)\"", html)
    line = points.split(",")[:2]
    heights = [float(re.search(r"calc\(([\d.]+)%", point)[1]) for point in line]
    assert points.count("calc") == 4, "the gap ends the line: two months remain"
    assert heights[0] > heights[1], "higher values stand nearer the top"
    assert 'class="rc-band"' in html and 'class="rc-goal"' in html
    assert 'class="rc-band"' not in cards_html([Card(KpiResult(**NRR | {"low": None, "high": None}))])
    assert 'class="rc-trend"' not in cards_html([Card(NRR_RESULT, spark=(None, 1.0))])


@pytest.mark.parametrize(
    ("changes", "tone"),
    [
        pytest.param({"previous": 1.0}, "good", id="higher is better"),
        pytest.param({"previous": 1.0, "better": "lower"}, "bad", id="lower is better"),
        pytest.param({"previous": 1.0, "better": "neither"}, "neutral", id="neither is better"),
        pytest.param({"previous": 1.0, "state": State.WIDE}, "neutral", id="too wide for a colour"),
        pytest.param({"previous": 1.034}, "neutral", id="no change"),
        pytest.param({"previous": 1.3}, "bad", id="fell"),
        pytest.param({"previous": 1.026}, "neutral", id="within the figure's own uncertainty"),
        pytest.param({"low": None, "high": None}, "good", id="a complete count has no uncertainty"),
    ],
)
def test_a_change_is_coloured_by_what_it_means(changes, tone):
    assert f'class="rc-change rc-{tone}"' in cards_html([Card(KpiResult(**NRR | changes))])


@pytest.mark.parametrize(
    ("changes", "card", "words"),
    [
        pytest.param({}, {}, "○ no target", id="nobody has set one"),
        pytest.param({"better": "neither"}, {}, None, id="neither direction is good"),
        pytest.param({}, {"target": 1.02, "status": "near target"}, "≈ near target", id="amber"),
        pytest.param({}, {"target": 1.2, "status": "off target", "tone": "bad"}, "! off target", id="missed"),
        pytest.param({"low": None, "high": None}, {}, "complete count", id="no interval"),
    ],
)
def test_every_card_says_how_it_stands(changes, card, words):
    text = said(Card(KpiResult(**NRR | changes), **card))
    assert words in text if words else "target" not in text


def test_a_definition_opens_over_the_page():
    html = cards_html([Card(NRR_RESULT)])
    assert 'popovertarget="rc-def-net_revenue_retention"' in html
    assert '<div class="rc-pop" popover id="rc-def-net_revenue_retention">' in html


def test_a_fall_points_down():
    assert "▼ −1.6 pp" in said(Card(KpiResult(**NRR | {"previous": 1.05})))


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
    text = said(Card(KpiResult(**NRR | {"value": None, "reason": "no deal was closed"} | changes)))
    assert all(word in text for word in words)
    assert "101" not in text and "103.4" not in text


@given(st.text(min_size=1))
def test_no_text_of_a_card_becomes_markup(text):
    plain = Card(KpiResult(**NRR | {"label": "L", "n_label": "N"}), definition="D", status="S", beside="B")
    odd = Card(KpiResult(**NRR | {"label": text, "n_label": text}), definition=text, status=text, beside=text)
    tags = [re.findall(r"</?[a-z0-9]+", cards_html([card])) for card in (plain, odd)]
    kept = [tag for tag in tags[1] if tag not in ("<p", "</p")]
    assert kept == [tag for tag in tags[0] if tag not in ("<p", "</p")]


def test_a_choice_of_rows_can_be_made_again():
    def script(names):
        import streamlit as st

        from pages._app.widgets import rows_choice

        if chosen := rows_choice(names):
            st.text(f"rows of {chosen}")

    test = AppTest.from_function(script, args=(["Net revenue retention"],), default_timeout=20).run()
    assert not test.text
    for _ in range(2):
        test.pills[0].set_value("Net revenue retention").run()
        assert [part.value for part in test.text] == ["rows of Net revenue retention"]
        assert test.pills[0].value is None


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


def test_a_heading_shares_its_row_with_the_filters_and_leaves_no_empty_place_while_it_is_computed(in_empty):
    def script():
        import streamlit as st

        from pages._app.widgets import heading, heading_row

        left, right = heading_row()
        with right:
            st.selectbox("Month", ["October 2026"])
        heading("How much?", "A lot", "EUR", left, "<p>and what follows</p>")

    test = AppTest.from_function(script, default_timeout=20).run()
    row = test.main.children[0]
    assert [part.type for part in row.children.values()] == ["selectbox", "html"]
    assert row.children[1].proto.body.endswith("<p>EUR</p></div><p>and what follows</p>")
    assert len(test.main.children) == 1


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
