"""Figures of the Data screen."""

import pytest

from core.charts.data import difference_bars


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([("Unexplained", 8200.0), ("Own total", -8200.0)], id="cancel out"),
        pytest.param([("Timing", -500.0)], id="below finance"),
        pytest.param([("Timing", 500.0), ("Missing", 100.0)], id="above finance"),
    ],
)
def test_every_part_starts_at_zero_and_the_difference_stands_last(parts):
    total = sum(amount for _, amount in parts)
    figure = difference_bars(parts, total, "EUR", title="Finding", subtitle="Both figures")
    (bars,) = figure.data
    assert bars.base is None
    assert list(bars.x) == [*(amount for _, amount in parts), total]
    assert list(figure.layout.yaxis.ticktext) == [*(label for label, _ in parts), "Difference"]
    low, high = figure.layout.xaxis.range
    least = min(0.0, *bars.x)
    assert high > max(0.0, *bars.x)
    assert (low < least) == (least < 0), "a label left of its bar needs room, and nothing else does"
