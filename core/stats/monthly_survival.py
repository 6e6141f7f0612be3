"""Survival by whole months, weighted: for customers whose revenue is read at month ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class MonthlyCurve:
    """Share of customers still there after 0, 1, ... months.

    Attributes:
        survival: Share, from 1 at month 0.
        followed: Customers still followed when a month's end is reached, unweighted.
        influence: Influence of each customer on the share at the last month: its variance is the sum of squares.
    """

    survival: Floats
    followed: NDArray[np.int64]
    _influence: Callable[[], Floats]

    @property
    def influence(self) -> Floats:
        """Worked out for who asks: the share itself does not need it."""
        return self._influence()


def monthly_survival(
    months: ArrayLike, lost: ArrayLike, until: int, weights: ArrayLike | None = None
) -> MonthlyCurve | None:
    """Weighted Kaplan-Meier curve over months 0 to `until`.

    S(t) = Πₖ≤ₜ (1 - dₖ / rₖ), d and r weighted counts of those lost in month k and of those followed to its end

    Args:
        months: Month ends after the first at which each customer was lost, or until which it is followed.
        lost: Whether it was lost.
        until: Last month of the curve.
        weights: Weight of each customer; None is 1 for all.

    Returns:
        The curve. None when nobody is followed to month `until` while some were still there before it.

    Source:
        Kaplan and Meier, J. Am. Statist. Assoc. 53, 1958; influence of one unit: Reid, Annals of Statistics 9, 1981
    """
    time, gone = np.asarray(months, dtype=np.int64), np.asarray(lost, dtype=bool)
    weight = np.ones(len(time)) if weights is None else np.asarray(weights, dtype=np.float64)
    used = weight > 0
    size = max(until, int(time.max(initial=0))) + 1
    lost_at = np.bincount(time, weights=weight * gone, minlength=size)
    at_risk = np.bincount(time, weights=weight, minlength=size)[::-1].cumsum()[::-1]
    followed = np.bincount(time if used.all() else time[used], minlength=size)[::-1].cumsum()[::-1]
    hazard = np.divide(lost_at, at_risk, out=np.zeros(size), where=at_risk > 0)[: until + 1]
    hazard[0] = 0.0
    survival = np.cumprod(1 - hazard)
    if not used.any() or (followed[until] == 0 and survival[-1] > 0):
        return None
    influence = partial(_influence, time, gone, weight, hazard, at_risk, survival[-1])
    return MonthlyCurve(survival, followed[: until + 1], influence)


def _influence(
    time: NDArray[np.int64], gone: NDArray[np.bool_], weight: Floats, hazard: Floats, at_risk: Floats, share: float
) -> Floats:
    """How much the share at the last month moves with each customer."""
    until = len(hazard) - 1
    scale = at_risk[: until + 1] * (1 - hazard)
    per_month = np.divide(1.0, scale, out=np.zeros(until + 1), where=scale > 0)
    exposed = np.cumsum(hazard * per_month)[np.minimum(time, until)]
    left = np.where(gone & (time <= until) & (time > 0), per_month[np.minimum(time, until)], 0.0)
    return np.asarray(-share * weight * (left - exposed))


def chance_alike(
    months: ArrayLike, lost: ArrayLike, first: ArrayLike, until: int, weights: ArrayLike | None = None
) -> float | None:
    """How often two curves lie as far apart by chance as these do, were both of one kind: the log-rank test.

    z = Σₖ (d₁ₖ - r₁ₖ dₖ / rₖ) / √V,  V = Σₖ nₖ (Nₖ - nₖ) / (Nₖ (Nₖ - 1)) ((r₀ₖ / rₖ)² q₁ₖ + (r₁ₖ / rₖ)² q₀ₖ)

    d and r are weighted counts of those lost in month k and of those followed to its end, q sums of the squared
    weights of the latter, n and N the plain counts of both.

    Args:
        months: As in `monthly_survival`.
        lost: Whether each was lost.
        first: Whether each is on the first side.
        until: Last month that counts.
        weights: Weight of each; None is 1 for all, and the test the plain one.

    Returns:
        The two-sided probability, 0 to 1. None where no month with losses has customers on both sides.

    Source:
        Xie and Liu, Statistics in Medicine 24, 2005, 3089-3110; unweighted: Mantel, Cancer
        Chemotherapy Reports 50, 1966
    """
    time, gone, arm = np.asarray(months, dtype=np.int64), np.asarray(lost, dtype=bool), np.asarray(first, dtype=bool)
    weight = np.ones(len(time)) if weights is None else np.asarray(weights, dtype=np.float64)
    size = max(until, int(time.max(initial=0))) + 1

    def lost_at(values: Floats) -> Floats:
        return np.asarray(np.bincount(time, weights=values * gone, minlength=size)[1 : until + 1], dtype=np.float64)

    def followed(values: Floats) -> Floats:
        ended = np.bincount(time, weights=values, minlength=size)
        return np.asarray(ended[::-1].cumsum()[::-1][1 : until + 1], dtype=np.float64)

    used = (weight > 0).astype(np.float64)
    here, there = followed(weight * arm), followed(weight * ~arm)
    counted = (lost_at(used) > 0) & (followed(used * arm) > 0) & (followed(used * ~arm) > 0)
    ours, all_lost, here, there = (part[counted] for part in (lost_at(weight * arm), lost_at(weight), here, there))
    share = here / (here + there)
    n, of = lost_at(used)[counted], followed(used)[counted]
    square = (1 - share) ** 2 * followed(weight**2 * arm)[counted] + share**2 * followed(weight**2 * ~arm)[counted]
    variance = float((n * (of - n) / (of * (of - 1)) * square).sum())
    if variance <= 0:
        return None
    return float(2 * ndtr(-abs((ours - share * all_lost).sum()) / np.sqrt(variance)))
