"""What a treatment changed, as far as known strata explain who got it: untreated units weighted to the treated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.stats.intervals import LEVEL, Interval, normal_quantile
from core.stats.ordering import in_order

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

MOST_STRATA = 1_000
"""Numbers up to this may stay unused between strata; more are numbered anew, so that sums by stratum stay short."""
LEAST_UNTREATED = 2
"""Untreated units a stratum needs: with one alone nothing says how far such units scatter."""


@dataclass(frozen=True, eq=False)
class StratifiedDifference:
    """The treated against untreated units of the same strata.

    Attributes:
        difference: Ratio of the treated less that of comparable untreated units. [unit of counted / base]
        treated_ratio: counted / base of the matched treated.
        comparison_ratio: The same of the untreated, weighted to the strata of the treated.
        treated: Matched treated units.
        untreated: Untreated units in their strata.
        weights: Per unit: 1 for matched treated, the weight of untreated units in their strata, 0 for the rest.
        unmatched: Per unit, whether it is treated and its stratum has too few untreated units to compare with.
    """

    difference: float
    treated_ratio: float
    comparison_ratio: float
    treated: int
    untreated: int
    weights: Floats
    unmatched: NDArray[np.bool_]
    _interval: Callable[[], Interval | None]
    _naive: Callable[[], float | None]

    @cached_property
    def interval(self) -> Interval | None:
        """Of the difference, worked out once somebody asks; None when a side has a single unit."""
        return self._interval()

    @cached_property
    def naive(self) -> float | None:
        """Ratio of all treated less that of all untreated, nothing adjusted; None when a side has no base."""
        return self._naive()


def strata(*columns: ArrayLike) -> Codes:
    """One whole number per combination of values of some columns; missing values are a value of their own.

    Raises:
        ValueError: No column, or columns of different length.
    """
    if not columns or len({len(np.asarray(column)) for column in columns}) != 1:
        raise ValueError("strata need at least one column, all of one length")
    codes = np.zeros(len(np.asarray(columns[0])), dtype=np.int64)
    for column in columns:
        found = _places(np.asarray(column))
        codes = codes * (int(found.max(initial=0)) + 1) + found
        if codes.max(initial=0) > MOST_STRATA:
            codes = np.unique(codes, return_inverse=True)[1].astype(np.int64)
    return codes


def _places(values: NDArray[Any]) -> Codes:
    """A whole number from 0 up for each value; whole numbers close to each other as they are, which saves a sort."""
    if values.dtype.kind in "iu" and len(values):
        least = int(values.min())
        if int(values.max()) - least <= MOST_STRATA:
            return np.asarray(values.astype(np.int64) - least)
    plain = values if values.dtype.kind in "iufbM" else np.array([str(value) for value in values], dtype=np.str_)
    return np.asarray(np.unique(plain, return_inverse=True)[1], dtype=np.int64)


def bands_within(values: ArrayLike, groups: ArrayLike, count: int) -> Codes:
    """Band of each unit, 0 for the least: `count` bands of equal numbers of units inside each group.

    Units with equal values share a band. A unit whose value is missing is in band `count`, a band of its own that is
    no band of size, and counts for no limit.

    Args:
        values: What is banded; NaN or None where it is not known.
        groups: Whole numbers, one group a unit, as `strata` gives them.
        count: Bands a group.

    Raises:
        ValueError: `count` is below 1.
    """
    if count < 1:
        raise ValueError(f"there must be at least one band; found {count}")
    numbers, group = np.asarray(values, dtype=np.float64), np.asarray(groups, dtype=np.int64)
    known = ~np.isnan(numbers)
    if known.all():
        return _bands(numbers, group, count)
    bands = np.full(len(numbers), count, dtype=np.int64)
    bands[known] = _bands(numbers[known], group[known], count)
    return bands


class Ranked:
    """Units in order of what they are banded by inside their groups, told once for every part that is banded.

    Args:
        values: What is banded; only whole numbers are put in order ahead.
        groups: Whole numbers from 0 up, one group a unit.
    """

    def __init__(self, values: ArrayLike, groups: ArrayLike) -> None:
        self._values, self._groups = np.asarray(values), np.asarray(groups, dtype=np.int64)
        self._order: NDArray[np.intp] | None = None
        if self._values.dtype.kind in "iu":
            by_value = in_order(self._values)
            self._order = by_value[in_order(self._groups[by_value])]
            self._rank = np.empty(len(self._order), dtype=np.int32)
            self._rank[self._order] = np.arange(len(self._order), dtype=np.int32)
            rising, sizes = self._values[by_value], np.empty(len(by_value), dtype=np.int32)
            sizes[by_value] = np.cumsum(np.diff(rising, prepend=rising[:1]) > 0)
            self._sizes, self._by_rank = sizes, sizes[self._order]

    def bands(self, rows: NDArray[np.intp], count: int) -> Codes:
        """As `bands_within` of some of the units, each named once."""
        group = self._groups[rows]
        if self._order is None:
            return bands_within(self._values[rows], group, count)
        chosen = np.zeros(len(self._values), dtype=bool)
        chosen[self._rank[rows]] = True
        least, own = np.flatnonzero(chosen), self._sizes[rows]
        sizes = np.bincount(group, minlength=1)
        starts, held = np.cumsum(sizes) - sizes, sizes > 0
        bands = np.zeros(len(rows), dtype=np.int64)
        for band in range(1, count):
            limit = np.zeros(len(sizes), dtype=np.int32)
            limit[held] = self._by_rank[least[(starts - (-band * sizes // count) - 1)[held]]]
            bands += own > limit[group]
        return bands


def _bands(numbers: NDArray[np.float64], group: Codes, count: int) -> Codes:
    if not len(numbers):
        return np.zeros(0, dtype=np.int64)
    order = np.argsort(_short(group), kind="stable")
    sizes = np.bincount(group)
    starts = np.cumsum(sizes) - sizes
    in_order = numbers[order]
    # band k begins above the unit of this rank: k / count of the group are then below
    least = [-(-band * sizes // count) for band in range(1, count)]
    limits = np.full((count - 1, len(sizes)), np.inf)
    for place in np.flatnonzero(sizes) if least else ():
        own = [int(few[place]) - 1 for few in least]
        limits[:, place] = np.partition(in_order[starts[place] : starts[place] + sizes[place]], own)[own]
    bands = np.zeros(len(numbers), dtype=np.int64)
    for limit in limits:
        bands += numbers > limit[group]
    return bands


def _short(codes: Codes) -> NDArray[Any]:
    """The same codes in two bytes where they fit: those are sorted without comparing."""
    return codes.astype(np.uint16) if codes.max() <= np.iinfo(np.uint16).max else codes


def comparison_weights(
    base: ArrayLike | None, treated: ArrayLike, stratum: ArrayLike, least: int = LEAST_UNTREATED
) -> tuple[Floats, NDArray[np.bool_]]:
    """Weights that give untreated units the strata of the treated, and which treated units find no comparison.

    weight of an untreated unit of stratum s = base of the treated of s / base of the untreated of s

    Args:
        base: What the ratio is over, not negative: starting revenue for retention; None for 1 each, a share of units.
        treated: Whether each unit was treated.
        stratum: Stratum of each unit, whole numbers as `strata` gives them.
        least: Untreated units a stratum needs.

    Returns:
        Per unit: 1 for treated units of a stratum with enough untreated ones, the weight above for these, 0
        for all others; and whether a unit is treated and left out.

    Raises:
        ValueError: `least` is below 2: one unit alone has no scatter.

    Source:
        Average effect on the treated by exact stratification: Imbens and Rubin, Causal Inference, 2015, ch. 17;
        with size as base the weights are those of post-stratification, Holt and Smith, J. R. Statist. Soc. A 142, 1979
    """
    if least < LEAST_UNTREATED:
        raise ValueError(f"a stratum needs at least {LEAST_UNTREATED} untreated units; found {least}")
    arm, code = np.asarray(treated, dtype=bool), np.asarray(stratum, dtype=np.int64)
    if not len(arm):
        return np.zeros(0), arm
    side, size = 2 * code + arm, int(code.max()) + 1
    weight = None if base is None else np.asarray(base, dtype=np.float64)
    units = np.bincount(side if weight is None else side[weight > 0], minlength=2 * size)
    bases = units if weight is None else np.bincount(side, weight, minlength=2 * size)
    enough, (of_others, of_treated) = units[::2] >= least, bases.reshape(size, 2).T
    share = np.divide(of_treated, of_others, out=np.zeros(size), where=enough & (of_others > 0))
    weights, alone = np.column_stack([share, enough]).ravel(), np.column_stack([np.zeros(size, bool), ~enough]).ravel()
    unmatched = alone[side] if weight is None else alone[side] & (weight > 0)
    return weights[side], unmatched


def stratified_difference(
    counted: ArrayLike,
    base: ArrayLike,
    treated: ArrayLike,
    stratum: ArrayLike,
    *,
    least: int = LEAST_UNTREATED,
    level: float = LEVEL,
) -> StratifiedDifference | None:
    """Treated units against untreated ones of the same strata, averaged with the weights of the treated.

    d = counted / base of the treated - Σₛ share of s in the base of the treated · counted / base of the untreated of s

    It is the effect on the treated if, inside a stratum, who was treated does not depend on what would have
    happened anyway. Whatever the strata do not hold stays in the difference. The interval is linearised over
    units, each residual divided by one less its share of the base (as the jackknife does), so that a few large
    units widen it.

    Args:
        counted: Numerator per unit: 1 for a win, revenue kept.
        base: Denominator per unit, not negative: 1, starting revenue.
        treated: Whether each unit was treated.
        stratum: Stratum of each unit, known before the treatment.
        least: Untreated units a stratum needs.
        level: Confidence.

    Returns:
        The difference with its interval and the naive one beside it. None when no treated unit can be compared.

    Source:
        Average effect on the treated as in `comparison_weights`; variance: Royall and Cumberland, J. Am. Statist.
        Assoc. 76, 1981 (ratio estimator, jackknife form)
    """
    above, below = np.asarray(counted, dtype=np.float64), np.asarray(base, dtype=np.float64)
    arm, code = np.asarray(treated, dtype=bool), np.asarray(stratum, dtype=np.int64)
    weights, unmatched = comparison_weights(below, arm, code, least)
    ours, theirs = arm & (weights > 0) & (below > 0), ~arm & (weights > 0) & (below > 0)
    total = float(below[ours].sum())
    if total == 0:
        return None
    treated_ratio = float(above[ours].sum()) / total
    comparison_ratio = float((weights * above)[theirs].sum()) / total
    return StratifiedDifference(
        difference=treated_ratio - comparison_ratio,
        treated_ratio=treated_ratio,
        comparison_ratio=comparison_ratio,
        treated=int(ours.sum()),
        untreated=int(theirs.sum()),
        weights=weights,
        unmatched=unmatched,
        _interval=partial(_interval, above, below, weights, ours, theirs, code, level),
        _naive=partial(_naive, above, below, arm),
    )


def _naive(above: Floats, below: Floats, arm: NDArray[np.bool_]) -> float | None:
    bases = [float(below[side].sum()) for side in (arm, ~arm)]
    if min(bases) == 0:
        return None
    return float(above[arm].sum()) / bases[0] - float(above[~arm].sum()) / bases[1]


def _interval(
    above: Floats,
    below: Floats,
    weights: Floats,
    ours: NDArray[np.bool_],
    theirs: NDArray[np.bool_],
    code: Codes,
    level: float,
) -> Interval | None:
    treated, others = np.flatnonzero(ours), np.flatnonzero(theirs)
    if len(treated) < 2 or len(others) < 2:
        return None
    size, stratum, held, compared = int(code.max()) + 1, code[others], below[treated], below[others]
    total = float(held.sum())
    base = np.bincount(stratum, weights=compared, minlength=size)
    kept = np.bincount(stratum, weights=above[others], minlength=size)
    ratio = np.divide(kept, base, out=np.zeros(size), where=base > 0)
    left = above[treated] - ratio[code[treated]] * held
    gain = float(left.sum()) / total
    own = (left - gain * held) / total / (1 - held / total)
    residual = above[others] - ratio[stratum] * compared
    other = weights[others] * residual / total / (1 - compared / base[stratum])
    half = normal_quantile(level) * sqrt(float(np.square(own).sum() + np.square(other).sum()))
    return Interval(gain - half, gain + half, "stratified, linearised")
