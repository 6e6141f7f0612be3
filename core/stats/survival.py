"""How long something takes when some have not got there yet: Kaplan-Meier curves and their medians."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.stats.intervals import LEVEL, normal_quantile

Floats = NDArray[np.float64]

ROUNDING = 1e-12
"""Slack for comparing products of fractions with a share: 0.5 computed in three steps may come out above 0.5."""
MOST_DAYS = 100_000
"""Durations below which whole ones are counted one by one."""


@dataclass(frozen=True, slots=True, eq=False)
class SurvivalCurve:
    """Share of units still waiting, as a staircase that drops at each event.

    Attributes:
        times: Distinct times at which events happened, ascending; before the first, survival is 1.
        survival: Share still waiting just after each time.
        low: Lower end of the band at each time.
        high: Upper end.
        at_risk: Units still followed just before each time.
        events: Units that got there at each time.
        n: All units.
        followed_until: Longest duration of all; beyond it the curve says nothing unless it is 0.
    """

    times: Floats
    survival: Floats
    low: Floats
    high: Floats
    at_risk: NDArray[np.int64]
    events: NDArray[np.int64]
    n: int
    followed_until: float


class TimeToReach(NamedTuple):
    """Time by which a share of units got there, with its interval; None where that is not reached."""

    time: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Share still waiting at one time; `low` and `high` are None before the first event."""

    survival: float
    low: float | None
    high: float | None


def kaplan_meier(durations: ArrayLike, observed: ArrayLike, level: float = LEVEL) -> SurvivalCurve:
    """Share of units for which the event has not happened by each time.

    S(t) = Πₜᵢ≤ₜ (1 - dᵢ / nᵢ);  band S^exp(±z √G / ln S),  G = Σ dᵢ / (nᵢ (nᵢ - dᵢ))

    A unit that is censored at the time of an event still counts as at risk there. Where S is 0 the
    band is undefined: its low end is 0 and its high end stays where it was (1 if nothing came before).

    Args:
        durations: Time until the event or until last seen, per unit; any unit of time.
        observed: Whether the event happened (true) or the unit was only followed so far (false).
        level: Confidence of the band, pointwise.

    Returns:
        The curve; empty when no event happened.

    Raises:
        ValueError: Lengths differ, or a duration is negative or missing.

    Source:
        Kaplan and Meier, Journal of the American Statistical Association 53, 1958; log(-log) band with
        Greenwood's variance as in Kalbfleisch and Prentice, The Statistical Analysis of Failure Time Data
    """
    waits, happened = np.asarray(durations, dtype=np.float64), np.asarray(observed, dtype=bool)
    if waits.ndim != 1 or waits.shape != happened.shape:
        raise ValueError(f"durations and observed must be two equal lists; found {waits.shape} and {happened.shape}")
    if not (np.isfinite(waits).all() and (waits >= 0).all()):
        raise ValueError("durations must be present and not negative")
    times, events, at_risk = _tallied(waits, happened)
    survival: Floats = np.cumprod((at_risk - events) / at_risk, dtype=np.float64)
    low, high = _band(survival, events, at_risk, normal_quantile(level))
    return SurvivalCurve(
        times=times,
        survival=survival,
        low=low,
        high=high,
        at_risk=at_risk.astype(np.int64),
        events=events.astype(np.int64),
        n=len(waits),
        followed_until=float(waits.max(initial=0.0)),
    )


def _tallied(waits: Floats, happened: NDArray[np.bool_]) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Times at which something happened, how often, and how many were followed until then."""
    days = waits.astype(np.int64)
    if len(waits) and waits.max() < MOST_DAYS and (days == waits).all():  # whole days are counted, not sorted
        size = int(days.max()) + 1
        followed = np.bincount(days, minlength=size)[::-1].cumsum()[::-1]
        events = np.bincount(days[happened], minlength=size)
        found = np.flatnonzero(events)
        return found.astype(np.float64), events[found], followed[found]
    times, events = np.unique(waits[happened], return_counts=True)
    return times, events, len(waits) - np.searchsorted(np.sort(waits), times, side="left")


def quantile_time(curve: SurvivalCurve, share: float = 0.5) -> TimeToReach:
    """Time by which `share` of the units got there: the first with S(t) <= 1 - share.

    The interval runs from where the band's low end to where its high end crosses the same line.

    Args:
        curve: From `kaplan_meier`.
        share: Between 0 and 1, both left out; 0.75 gives the p75.

    Returns:
        Times in the unit of the durations; each None when it is not reached in the time followed.

    Raises:
        ValueError: `share` is not between 0 and 1.

    Source:
        Brookmeyer and Crowley, Biometrics 38, 1982, 29-41
    """
    if not 0 < share < 1:
        raise ValueError(f"share must lie between 0 and 1; found {share}")
    return TimeToReach(
        *(_first_at_most(curve.times, band, 1 - share) for band in (curve.survival, curve.low, curve.high))
    )


def median_time(curve: SurvivalCurve) -> TimeToReach:
    """Time by which half of the units got there, with its interval: `quantile_time(curve, 0.5)`."""
    return quantile_time(curve, 0.5)


def survival_at(curve: SurvivalCurve, time: float) -> Waiting | None:
    """Share still waiting just after `time`; 1 - survival is the share that got there.

    Returns:
        The share with its band. None when nobody was followed that long and some were still waiting,
        or when there are no units.
    """
    passed = int(np.searchsorted(curve.times, time, side="right"))
    ended = len(curve.survival) > 0 and curve.survival[-1] == 0
    if curve.n == 0 or (time > curve.followed_until and not ended):
        return None
    if passed == 0:
        return Waiting(1.0, None, None)
    last = passed - 1
    return Waiting(float(curve.survival[last]), float(curve.low[last]), float(curve.high[last]))


def _band(survival: Floats, events: NDArray[np.int64], at_risk: NDArray[np.int64], z: float) -> tuple[Floats, Floats]:
    open_ = survival > 0
    greenwood = np.cumsum(events[open_] / (at_risk[open_] * (at_risk[open_] - events[open_])))
    spread = z * np.sqrt(greenwood) / np.log(survival[open_])
    low, high = np.zeros_like(survival), np.ones_like(survival)
    low[open_] = survival[open_] ** np.exp(-spread)
    high[open_] = survival[open_] ** np.exp(spread)
    # S reaches 0 at the last event time only, so the end before it is the one to keep.
    if 0 < open_.sum() < len(survival):
        high[-1] = high[-2]
    return low, high


def _first_at_most(times: Floats, band: Floats, line: float) -> float | None:
    reached = np.flatnonzero(band <= line + ROUNDING)
    return float(times[reached[0]]) if len(reached) else None
