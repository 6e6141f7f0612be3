"""The readiness waterfall: bars that lead to the score, and words that stay whole."""

import pytest

from core.charts.advocates import readiness_waterfall

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
    assert {"<b>+22</b>", "<b>+7.5</b>", "<b>0</b>"} <= set(said(figure))
    assert len(said(figure)) == 2 * (len(PARTS) + 1)


def test_text_of_data_is_no_markup():
    figure = readiness_waterfall([("<a href='x'>", 10, "<b>bold</b>")], 10, title="t", subtitle="s")
    assert "&lt;a href" in said(figure)[0]
    assert "&lt;b&gt;bold" in said(figure)[0]
    assert "<a" not in figure.data[0].hovertext[0]
