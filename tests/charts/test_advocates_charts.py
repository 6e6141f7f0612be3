"""The readiness waterfall: bars that lead to the score, and words that stay whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.charts.advocates import readiness_waterfall
from core.glossary import MINUS

PARTS = [("Verified outcomes", 22.0, "2 outcomes verified"), ("Fit", 7.5, "fit 73 %"), ("Willingness: shown", 0.0, "")]


@pytest.fixture
def figure():
    return readiness_waterfall(PARTS, 29.5, title="Readiness 30 of 100", subtitle="Points by signal")


def said(figure):
    return [note.text for note in figure.layout.annotations]


def test_each_bar_starts_where_the_one_above_ends_and_the_last_is_the_score(figure):
    (bars,) = figure.data
    assert list(bars.base) == [0, 22, 29.5, 0]
    assert list(bars.x) == [22, 7.5, 0, 29.5]
    assert bars.base[2] + bars.x[2] == bars.x[-1]


def test_every_signal_says_its_raw_value_and_its_points(figure):
    assert any("Verified outcomes" in text and "2 outcomes verified" in text for text in said(figure))
    assert {"<b>+22.0</b>", "<b>+7.5</b>", "<b>0.0</b>", "<b>29.5</b>"} <= set(said(figure))
    assert len(said(figure)) == 2 * (len(PARTS) + 1)


@given(st.lists(st.floats(-20, 30), min_size=1, max_size=12))
def test_the_printed_points_add_up_to_the_printed_score(points):
    figure = readiness_waterfall(
        [(f"s{n}", value, "") for n, value in enumerate(points)], sum(points), title="t", subtitle="s"
    )
    printed = [float(text[3:-4].replace(MINUS, "-")) for text in said(figure)[1::2]]
    assert sum(printed[:-1]) == pytest.approx(printed[-1], abs=1e-6)
    assert all(abs(shown - value) < 0.1 + 1e-6 for shown, value in zip(printed, points, strict=False))


def test_a_raw_value_too_long_to_stand_beside_its_points_stands_below_the_signal():
    long = "said no to case study, video, speaking, advisory board, reference call"
    rows = [("Fit", 7.5, "fit 73 %"), ("Willingness: stated", 0.0, long), ("Known", 1.0, "")]
    figure = readiness_waterfall(rows, 8.5, title="t", subtitle="s")
    short = readiness_waterfall([(*row[:2], "") for row in rows], 8.5, title="t", subtitle="s")
    lines = said(figure)[2].split("<br>")
    assert len(lines) == 3
    assert " ".join(line.split(">")[1].split("<")[0] for line in lines[1:]) == long
    assert "<br>" not in said(figure)[0]
    gaps = [high - low for low, high in zip(figure.data[0].y, figure.data[0].y[1:], strict=False)]
    assert gaps[0] > gaps[1] == pytest.approx(1)
    assert figure.layout.height > short.layout.height


def test_text_of_data_is_no_markup():
    figure = readiness_waterfall([("<a href='x'>", 10, "<b>bold</b>")], 10, title="t", subtitle="s")
    assert "&lt;a href" in said(figure)[0]
    assert "&lt;b&gt;bold" in said(figure)[0]
    assert "<a" not in figure.data[0].hovertext[0]
