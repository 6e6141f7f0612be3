"""The tabulated curves and the rounding the allocation rests on."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import CubicHermiteSpline

from core.budget.solve import tabulate, to_cents
from tests.budget.worlds import random_world


@pytest.mark.parametrize("exponents", [(0.4, 1.0), (1.3, 2.6)])
def test_the_cubic_between_knots_follows_the_mean_curve(exponents):
    curves = random_world(5, exponents)
    table = tabulate(curves, np.zeros(10), 3 * curves.current)
    at = np.geomspace(curves.current * 1e-3, 3 * curves.current, 50, axis=1)
    exact = curves.expected(at)
    drawn = np.array(
        [CubicHermiteSpline(*knots)(s) for *knots, s in zip(table.grid, table.value, table.slope, at, strict=True)]
    )
    assert (np.abs(drawn - exact) / exact).max() < 1e-5


def test_a_table_knows_whether_its_curves_are_concave():
    steep, flat = random_world(5, (1.3, 2.6)), random_world(5, (0.4, 1.0))
    assert not tabulate(steep, np.zeros(10), steep.current).concave
    assert tabulate(flat, np.zeros(10), flat.current).concave


@pytest.mark.parametrize(
    ("spend", "high", "total", "expected"),
    [
        pytest.param([1.6, 1.4], [9, 9], 3, [2, 1], id="largest remainder first"),
        pytest.param([1.5, 1.5], [9, 9], 3, [2, 1], id="a tie goes by name"),
        pytest.param([1.6, 1.4], [1, 9], 3, [1, 2], id="not above a bound"),
        pytest.param([0.5, 0.5], [9, 9], 6, [3, 3], id="several rounds"),
    ],
)
def test_cents_keep_total_and_bounds(spend, high, total, expected):
    assert to_cents(np.array(spend), np.zeros(2), np.array(high), total, ["a", "b"]) == expected
