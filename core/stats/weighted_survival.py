"""Median waits of units that weigh unequally, some still waiting, and how sure the ratio of two of them is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import exp, log, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.model.small_samples import small_samples
from core.stats.intervals import LEVEL, Interval, normal_quantile
from core.stats.resampling import CELLS_PER_CHUNK
from core.stats.survival import ROUNDING

Floats = NDArray[np.float64]
Times = Floats | NDArray[np.integer[Any]]
MOST_DAYS = np.iinfo(np.uint16).max // 2
"""Times below which one and whether it came are one number of two bytes, and below which units are told by day."""


@dataclass(frozen=True, eq=False)
class Waits:
    """Units and how long each waited.

    Attributes:
        days: Time until the event or until last seen.
        happened: Whether it came.
        weights: Weight of each unit; 0 leaves it out.
    """

    days: Times
    happened: NDArray[np.bool_]
    weights: Floats

    @cached_property
    def in_order(self) -> Waits:
        """The units with a weight in order of time; those that got there before those still waiting."""
        kept = np.flatnonzero(self.weights > 0)
        order = kept[_in_order(self.days[kept], self.happened[kept])]
        return Waits(self.days[order].astype(np.float64), self.happened[order], self.weights[order].astype(np.float64))


def waits(days: Times, happened: NDArray[np.bool_], weights: Floats) -> Waits:
    """Units and how long each waited.

    Args:
        days: Time until the event or until last seen, not negative; any unit of time.
        happened: Whether it came.
        weights: 0 leaves a unit out.

    Raises:
        ValueError: A time is negative or missing.
    """
    if len(days) and not (days.min() >= 0 and days.max() < np.inf):
        raise ValueError("times must be present and not negative")
    return Waits(days, happened, weights)


def _in_order(days: Times, happened: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Places in order of time, events first, equal ones as they came; whole days of two bytes without comparing."""
    whole = days.astype(np.int64)
    if len(whole) and int(whole.max()) < MOST_DAYS and np.array_equal(whole, days):
        return np.argsort((2 * whole + ~happened).astype(np.uint16), kind="stable")
    return np.lexsort((~happened, days))


def median_wait(units: Waits) -> float | None:
    """Time by which half of the weight got there: the first with S(t) = Π (1 - d / n) <= 1/2, d and n in weights.

    Returns:
        The time. None when half never got there in the time followed, or without units.

    Source:
        Kaplan and Meier, 1958; weights as in Xie and Liu, Statistics in Medicine 24, 2005, 3089-3110
    """
    times, place = _told_by_day(units.days)
    tally = np.bincount(2 * place + units.happened, units.weights, minlength=2 * len(times)).reshape(-1, 2)
    at_risk = tally.sum(axis=1)[::-1].cumsum()[::-1]
    steps = np.divide(tally[:, 1], at_risk, out=np.zeros(len(times)), where=at_risk > 0)
    return _median(times, np.cumprod(np.maximum(1 - steps, 0.0)))


def _told_by_day(days: Times) -> tuple[Floats, NDArray[np.intp]]:
    """Times there are, ascending, and the place of each unit's; whole days are all up to the last and need no sort."""
    if days.dtype.kind in "iu" and len(days) and days.max() < MOST_DAYS:
        return np.arange(int(days.max()) + 1, dtype=np.float64), days.astype(np.intp, copy=False)
    times, place = np.unique(days, return_inverse=True)
    return times.astype(np.float64), place


def ratio_of_medians(first: Waits, second: Waits, rng: np.random.Generator) -> Interval | None:
    """Interval of median(first) / median(second): the bootstrap over units up to the product's limit, the band above.

    Above the limit each median has the limits of the log(-log) band, its counts scaled to the effective number of
    units, and the two are put together on the log scale.

    Returns:
        The interval. None when a median or too many of its draws are not reached.

    Source:
        Efron, Journal of the American Statistical Association 76, 1981 (bootstrap of censored data); Brookmeyer and
        Crowley, Biometrics 38, 1982; Zou and Donner, Statistics in Medicine 27, 2008
    """
    rules = small_samples().resampling
    if max(len(first.in_order.days), len(second.in_order.days)) > rules.bootstrap_units:
        return _banded(first, second)
    with np.errstate(all="ignore"):
        ratios = median_draws(first, rng, rules.draws) / median_draws(second, rng, rules.draws)
    kept = ratios[np.isfinite(ratios)]
    if len(kept) < (1 - rules.undefined_share) * len(ratios):
        return None
    low, high = np.quantile(kept, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(low), float(high), "bootstrap")


def median_draws(units: Waits, rng: np.random.Generator, draws: int) -> Floats:
    """Medians of resampled units; NaN where half never got there."""
    units = units.in_order
    n = len(units.days)
    medians = np.full(draws, np.nan)
    chunk = max(1, CELLS_PER_CHUNK // max(n, 1))
    for start in range(0, draws if n else 0, chunk):
        rows = min(chunk, draws - start)
        drawn = rng.integers(0, n, size=(rows, n)) + n * np.arange(rows)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=rows * n).reshape(rows, n)
        reached = _survival(counts * units.weights, units.happened) <= 0.5 + ROUNDING
        found = reached.any(axis=1)
        medians[start : start + rows][found] = units.days[reached.argmax(axis=1)][found]
    return medians


def _survival(weights: Floats, happened: NDArray[np.bool_]) -> Floats:
    """S just after each unit, in order; units of equal time give the step of all of them at the last."""
    at_risk = np.cumsum(weights[:, ::-1], axis=1)[:, ::-1]
    with np.errstate(all="ignore"):
        steps: Floats = np.where(happened & (weights > 0), 1 - weights / at_risk, 1.0)
    return np.cumprod(np.maximum(steps, 0.0), axis=1, dtype=np.float64)


def _median(days: Times, survival: Floats) -> float | None:
    reached = np.flatnonzero(survival <= 0.5 + ROUNDING)
    return float(days[reached[0]]) if len(reached) else None


def _banded(first: Waits, second: Waits) -> Interval | None:
    ours, theirs = _limits(first), _limits(second)
    if ours is None or theirs is None or min(*ours, *theirs) <= 0:
        return None
    low1, middle1, high1 = (log(time) for time in ours)
    low2, middle2, high2 = (log(time) for time in theirs)
    gap = middle1 - middle2
    below = sqrt((middle1 - low1) ** 2 + (high2 - middle2) ** 2)
    above = sqrt((high1 - middle1) ** 2 + (middle2 - low2) ** 2)
    return Interval(exp(gap - below), exp(gap + above), "log(-log) bands")


def _limits(units: Waits) -> tuple[float, float, float] | None:
    """Low end, median and high end of the median's interval; None when one is not reached."""
    units = units.in_order
    total, squares = float(units.weights.sum()), float(np.square(units.weights).sum())
    weights = units.weights * (total / squares if squares > 0 else 0.0)
    last = np.r_[units.days[1:] != units.days[:-1], True] if len(units.days) else np.zeros(0, dtype=bool)
    arrived: Floats = np.cumsum(weights * units.happened)[last]
    followed: Floats = np.cumsum(weights)[last]
    events = np.diff(arrived, prepend=0.0)
    at_risk = float(weights.sum()) - np.roll(followed, 1) * (np.arange(len(followed)) > 0)
    survival = np.cumprod(np.maximum(1 - events / at_risk, 0.0))
    with np.errstate(all="ignore"):
        greenwood = np.cumsum(events / (at_risk * (at_risk - events)))
        spread = normal_quantile() * np.sqrt(greenwood) / np.log(survival)
        bands = [survival ** np.exp(-spread), survival, survival ** np.exp(spread)]
    times = [_median(units.days[last], np.where(survival > 0, np.nan_to_num(band, nan=1.0), 0.0)) for band in bands]
    return None if None in times else (times[0] or 0.0, times[1] or 0.0, times[2] or 0.0)
