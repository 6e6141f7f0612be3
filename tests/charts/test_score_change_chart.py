"""The waterfall of a change: from the score then to the score now, words whole, text never markup."""

import re
from decimal import Decimal
from itertools import pairwise

import pytest

from core.charts.base import NEGATIVE, POSITIVE
from core.charts.score_change import CHARACTERS, change_waterfall
from core.glossary import MINUS

LINES = [
    ("Satisfaction: NPS", 12.0, "no NPS answer of this person → NPS 9 on 2 Sep"),
    ("Usage trend", -3.5, "level, against the 12 weeks before it → −28 % in 4 weeks, against the 12 weeks before them"),
    ("All others", 0.5, ""),
]


@pytest.fixture
def figure():
    return change_waterfall(LINES, 50.0, 59.0, title="Readiness rose by 9 to 59", subtitle="September to October")


def said(figure):
    return [note.text for note in figure.layout.annotations]


def test_each_bar_starts_where_the_one_above_ends_and_the_last_ends_at_the_score_now(figure):
    bars, marks = figure.data
    assert list(bars.base) == [50, 62, 58.5]
    assert bars.base[-1] + bars.x[-1] == 59
    assert list(marks.x) == [50, 59]
    assert list(bars.marker.color) == [POSITIVE, NEGATIVE, POSITIVE]


def test_the_axis_holds_every_bar_and_is_no_narrower_than_ten_points(figure):
    low, high = figure.layout.xaxis.range
    assert low < 50 and high > 62
    narrow = change_waterfall([("Fit", 0.6, "")], 50.0, 50.6, title="t", subtitle="s").layout.xaxis.range
    assert narrow[1] - narrow[0] >= 10


def test_words_are_whole_below_their_signal_and_rows_never_overlap(figure):
    texts = said(figure)
    assert {
        "<b>Then</b>",
        "<b>Now</b>",
        "<b>50.0</b>",
        "<b>59.0</b>",
        "<b>+12.0</b>",
        "<b>\N{MINUS SIGN}3.5</b>",
    } <= set(texts)
    words = " ".join(text.split(">")[1].removesuffix("</span") for text in texts if "<span" in text)
    assert all(line in words for _, _, line in LINES)
    assert all(len(text.split(">")[1]) <= CHARACTERS + len("</span") for text in texts if "<span" in text)
    left = [note.y for note in figure.layout.annotations if note.xanchor == "left"]
    assert all(later - before >= 17 for before, later in pairwise(left))
    assert left[-1] < figure.layout.yaxis.range[0]


def test_a_score_that_stands_still_is_two_marks():
    bars, marks = change_waterfall([], 40.0, 40.0, title="t", subtitle="s").data
    assert (len(bars.x), list(marks.x)) == (0, [40, 40])


def test_text_of_data_is_no_markup():
    figure = change_waterfall([("<a href='x'>", 1, "<b>bold</b>")], 1, 2, title="t", subtitle="s")
    assert any("&lt;a href" in text for text in said(figure))
    assert any("&lt;b&gt;bold" in text for text in said(figure))
    assert "<a" not in figure.data[0].hovertext[0]


@pytest.mark.parametrize(
    ("then", "changes"),
    [
        pytest.param(71.53, (18.48, -0.71), id="ends rounded apart"),
        pytest.param(71.46, (17.84,), id="one change"),
        pytest.param(50.04, (0.26, 0.26, -0.04), id="many cut"),
        pytest.param(50.06, (-0.34, -0.32), id="falling"),
    ],
)
def test_the_changes_as_written_lead_from_the_score_then_to_the_score_now(then, changes):
    lines = [(f"Signal {place}", change, "") for place, change in enumerate(changes)]
    figure = change_waterfall(lines, then, then + sum(changes), title="t", subtitle="s")
    notes = [note.text for note in figure.layout.annotations if note.xanchor == "right"]
    first, *parts, last = (Decimal(re.sub("<.*?>", "", note).replace(MINUS, "-")) for note in notes)
    assert first + sum(parts) == last
