"""Allocation of a total over tabulated mean curves: water-filling where concave, dynamic programming elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicHermiteSpline

from core.budget.response import ONE_CENT, Array, ResponseDraws

POINTS = 129
"""Knots a line: the cubic between them errs by less than a hundred-thousandth of the margin (tested)."""
SMALLEST = 1e-6
"""Lowest positive knot as a share of the upper bound, where the lower bound is 0."""
STEPS = 800
"""Steps of the first, coarse search over the movable money."""
WINDOW = 2
"""Steps on either side of a solution that the next, finer search looks at."""
FINER = 10
"""How much finer each further search is."""
ROUNDS = 4
"""Finer searches: the last step is STEPS * FINER**ROUNDS = 8,000,000th of the movable money."""


@dataclass(frozen=True, eq=False)
class CurveTable:
    """Mean margin and mean slope of every line between its bounds.

    Attributes:
        grid: Spend at the knots, shape (lines, POINTS); all equal where the bounds are. [cents/year]
        value: Mean margin there. [cents/year]
        slope: Mean margin of one more unit of money there. [ratio]
    """

    grid: Array
    value: Array
    slope: Array

    @property
    def low(self) -> Array:
        """Lower bound per line, in cents a year."""
        return np.asarray(self.grid[:, 0])

    @property
    def high(self) -> Array:
        """Upper bound per line, in cents a year."""
        return np.asarray(self.grid[:, -1])

    @property
    def concave(self) -> bool:
        """Whether no line's next unit of money ever earns more than the one before."""
        return bool((np.diff(self.slope, axis=1) <= 1e-9 * self.slope[:, :1]).all())


def tabulate(curves: ResponseDraws, low: Array, high: Array) -> CurveTable:
    """Average the draws once at knots between the bounds, so that solving touches no draw.

    Knots are evenly spaced in the logarithm: margins bend most where spend is small.

    Args:
        curves: Response of every line.
        low: Lower bound per line. [cents/year]
        high: Upper bound per line. [cents/year]
    """
    start = np.maximum(np.maximum(low, high * SMALLEST), ONE_CENT)
    grid = np.geomspace(start, np.maximum(high, start), POINTS, axis=1)
    grid[:, 0], grid[:, -1] = low, high
    grid = np.clip(grid, low[:, None], high[:, None])
    value, slope = np.empty_like(grid), np.empty_like(grid)
    for row, spend in enumerate(grid):
        # One line at a time stays in the processor's cache; all at once is half as fast.
        value[row], slope[row] = _means(curves, row, spend)
    return CurveTable(grid, value, slope)


def _means(curves: ResponseDraws, row: int, spend: Array) -> tuple[Array, Array]:
    if spend[0] == spend[-1]:
        spend = spend[:1]
    at = np.maximum(spend, ONE_CENT)[:, None]
    exponent, ceiling = curves.exponent[row], curves.ceiling[row]
    powered = np.exp(exponent * (np.log(at) - np.log(curves.half_at[row])))
    share = powered / (1 + powered)
    slope = (share / (1 + powered)) @ (ceiling * exponent) / at[:, 0] / curves.draws
    # Below one cent the curve is drawn straight to nothing at 0.
    return share @ ceiling / curves.draws * (spend / at[:, 0]), slope


def solve(table: CurveTable, total: float) -> Array:
    """Spend per line that makes the summed mean margin greatest, keeping total and bounds.

    Args:
        table: Mean curves between the bounds.
        total: Money to spend, between the sums of the bounds. [cents/year]

    Returns:
        Spend per line; exact where the curves are concave, else within the last step of the search. [cents/year]
    """
    if not len(table.grid):
        return np.zeros(0)
    if table.concave:
        return _settled(_water_fill(table, total), table, total)
    return _settled(_search(table, total), table, total)


def _water_fill(table: CurveTable, total: float) -> Array:
    """Raise every line to where its next unit of money earns the same, found on the knots of all lines at once."""
    fall = np.maximum.accumulate(-np.log(np.maximum(table.slope, 1e-300)), axis=1)
    # A tilt far below any measurable difference makes flat stretches invertible.
    fall = fall + 1e-12 * np.arange(POINTS)
    levels = np.unique(fall)
    demand = np.array([np.interp(levels, row, grid) for row, grid in zip(fall, table.grid, strict=True)])
    # Between two neighbouring levels every demand is a straight line, so one more interpolation is exact.
    above = int(np.clip(np.searchsorted(demand.sum(axis=0), total), 1, len(levels) - 1))
    before, after = demand[:, above - 1], demand[:, above]
    gap = after.sum() - before.sum()
    share = (total - before.sum()) / gap if gap > 0 else 0.0
    return np.asarray(before + np.clip(share, 0, 1) * (after - before))


def _search(table: CurveTable, total: float) -> Array:
    """Dynamic programming on a grid, then again on ever finer grids around the solution."""
    curves = [
        CubicHermiteSpline(np.unique(grid), value[first], slope[first]) if grid[0] < grid[-1] else None
        for grid, value, slope in zip(table.grid, table.value, table.slope, strict=True)
        for first in [np.unique(grid, return_index=True)[1]]
    ]
    low, high = table.low, table.high
    room = total - low.sum()
    if room <= ONE_CENT:
        return low.copy()
    step, at = room / STEPS, low
    for _ in range(ROUNDS + 1):
        steps = int((total - low.sum()) / step + 1e-9)
        values = [
            curve(start + step * np.arange(min(int((end - start) / step + 1e-9), steps) + 1))
            if curve is not None
            else np.zeros(1)
            for curve, start, end in zip(curves, low, high, strict=True)
        ]
        at = low + step * _best_steps(values, steps)
        low, high = np.maximum(table.low, at - WINDOW * step), np.minimum(table.high, at + WINDOW * step)
        step /= FINER
    return at


def _best_steps(values: list[Array], steps: int) -> NDArray[np.int64]:
    """Steps per line that make the summed value greatest with at most `steps` in all: (max, +) recursion."""
    best = np.zeros(steps + 1)
    choices = []
    for value in values:
        last = len(value) - 1
        padded = np.concatenate([np.full(last, -np.inf), best])
        reached = np.lib.stride_tricks.sliding_window_view(padded, last + 1) + value[::-1]
        position = reached.argmax(axis=1)
        best = reached[np.arange(steps + 1), position]
        choices.append(last - position)
    taken = np.zeros(len(values), dtype=np.int64)
    left = steps
    for row in range(len(values) - 1, -1, -1):
        taken[row] = choices[row][left]
        left -= taken[row]
    return taken


def _settled(spend: Array, table: CurveTable, total: float) -> Array:
    """Give a rest, less than a step, to the lines whose next unit earns most; take one from those that lose least."""
    spend = np.clip(spend, table.low, table.high)
    rest = total - spend.sum()
    slope = np.array([np.interp(at, grid, row) for at, grid, row in zip(spend, table.grid, table.slope, strict=True)])
    for row in np.argsort(-slope if rest > 0 else slope, kind="stable"):
        moved = np.clip(rest, table.low[row] - spend[row], table.high[row] - spend[row])
        spend[row] += moved
        rest -= moved
    return spend


def to_cents(spend: Array, low: Array, high: Array, total: int, names: list[str]) -> list[int]:
    """Round to whole cents, keeping total and bounds: the largest remainders get the cents left over.

    Args:
        spend: Spend per line, within the bounds. [cents/year]
        low: Lower bound per line, whole cents. [cents/year]
        high: Upper bound per line, whole cents. [cents/year]
        total: Sum to keep, between the sums of the bounds. [cents/year]
        names: Ids of the lines: they break ties, so that the order of lines never matters.
    """
    cents = np.clip(np.floor(spend + 1e-6), low, high).astype(np.int64)
    order = sorted(range(len(names)), key=lambda row: (-(spend[row] - cents[row]), names[row]))
    left = total - int(cents.sum())
    while left:
        for row in order if left > 0 else reversed(order):
            unit = 1 if left > 0 else -1
            if left and low[row] <= cents[row] + unit <= high[row]:
                cents[row] += unit
                left -= unit
    return [int(value) for value in cents]
