"""Survival by whole months, weighted: for customers whose revenue is read at month ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

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
