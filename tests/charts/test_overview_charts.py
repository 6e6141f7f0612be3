"""The Overview's boards as HTML: bars where they belong, what is behind them, and no text that becomes markup."""

import re
from dataclasses import dataclass
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.charts.overview import board, brief, fold, hint, note, panel, table
from core.glossary import JOINER, SPACE


@dataclass(frozen=True)
class Mover:
    name: str
    amount: float
    note: str = ""


@dataclass(frozen=True)
class Bar:
    label: str
    value: float
    kind: str = "good"
    note: str = "3 accounts"
    movers: tuple = ()
    others: int = 0
    rest: float = 0.0


BRIDGE = (Bar("Sep", 100.0, "level"), Bar("New", 30.0), Bar("Churn", -10.0, "bad"), Bar("Oct", 120.0, "level"))


def drawn(bars, unit="money", title="T", subtitle="S", sentence="Said"):
    return panel("place", bars, unit, "EUR", title=title, subtitle=subtitle, sentence=sentence)


def said(html):
    text = unescape(" | ".join(part for part in re.split(r"<[^>]*>", html) if part.strip()))
    return text.replace(SPACE, " ").replace(JOINER, "")


def places(html):
    return [float(end) for found in re.findall(r"left:([\d.]+)%;width:([\d.]+)%", html) for end in found]


def test_each_change_of_a_bridge_starts_where_the_one_before_ended():
    # The lane spans 100 to 130: the first level at its left end, the last at 120.
    assert places(drawn(BRIDGE)) == pytest.approx([0, 0, 0, 100, 66.67, 33.33, 66.67, 0], abs=0.01)


def test_parts_of_a_change_start_at_zero():
    html = drawn((Bar("A", 0.02), Bar("B", -0.01, "unclear")), "pp")
    assert places(html) == pytest.approx([33.33, 66.67, 0, 33.33], abs=0.01)
    assert "--zero:33.3%" in html
    assert "+2.0 pp" in said(html) and "−1.0 pp" in said(html)


def test_colour_follows_what_the_part_means():
    html = drawn((*BRIDGE, Bar("Unsure", 1.0, "unclear")))
    kinds = re.findall(r'<i class="([a-z-]+)"', html)
    assert kinds == ["rc-level", "rc-up", "rc-down", "rc-level", "rc-open-kind"]


def test_behind_a_bar_stand_its_movers_and_the_rest():
    html = drawn(
        (Bar("Churn", -60.0, "bad", "5 accounts", (Mover("Acme", -40.0, "left"), Mover("Bolt", -15.0)), 3, -5.0),)
    )
    assert 'popovertarget="rc-place-0"' in html and 'id="rc-place-0"' in html
    words = said(html)
    for part in ("Churn: −€60", "5 accounts", "Acme | left | −€40", "Bolt | −€15", "3 more | −€5"):
        assert part in words


def test_a_bar_of_nothing_has_no_mark_and_nothing_behind_it():
    html = drawn((Bar("Won back", 0.0), Bar("New", 1.0)))
    assert len(places(html)) == 2
    assert "popover" not in html


def test_without_bars_the_reason_stands_alone():
    assert said(drawn((), subtitle="", sentence="Needs spend.")) == "T | Needs spend."


def test_a_band_keeps_the_rest_behind_all():
    lines = [(f"! Figure {at}", "1 %", "why", "definitions?kpi=x&y=1") for at in range(3)]
    assert "popover" not in note(lines, (), "odd")
    html = note(lines[:1], lines[1:], "odd")
    assert "all 3" in said(html) and said(html).count("Figure 0") == 2 and said(html).count("Figure 2") == 1
    assert 'href="definitions?kpi=x&amp;y=1"' in html


def test_a_row_of_the_projector_opens_the_whole_line_and_all_opens_those_without_a_row():
    every = [(f"Figure {at}", "1 %", "off its target", f"definitions?kpi={at}") for at in range(3)]
    rows = [("Figure 0 1 %", "off"), ("Figure 1 1 %", "off")]
    html = brief(rows, every, "odd")
    buttons = re.findall(r"<button[^>]*>(.*?)</button>", html)
    assert [said(button) for button in buttons] == ["Figure 0 1 %: | off", "Figure 1 1 %: | off", "all 3"]
    assert [html.count(f'href="definitions?kpi={at}"') for at in range(3)] == [2, 2, 1]
    assert "all 2" not in said(brief(rows, every[:2], "odd"))


@given(st.text(min_size=1))
def test_no_text_becomes_markup(text):
    def every(words):
        bar = Bar(words, 1.0, "good", words, (Mover(words, 1.0, words),))
        pieces = [
            panel("place", (bar,), "count", "", title=words, subtitle=words, sentence=words),
            table([(words, False)], [(words,)], title=words, subtitle=words),
            note([(words, words, words, words)], [(words, words, words, words)], "odd"),
            brief([(words, words)], [(words, words, words, words)] * 2, "row"),
        ]
        return board(pieces, [hint(words), fold(words, [(words, words)])])

    tags = [re.findall(r"<[^>\s]*", every(words)) for words in ("x", text)]
    assert tags[0] == tags[1]
