"""One figure of some customers: the ratio of two sums, how sure it is, and whether it may be shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.model.cohorts import Kind
from core.stats.intervals import Interval, wilson
from core.stats.ratios import interval_of_ratio, interval_of_share
from core.stats.small_sample import Verdict, judge_money_average, judge_proportion, judge_ratio

Floats = NDArray[np.float64]
State = Literal["ok", "wide", "too_few", "unripe", "unknown"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure, or why there is none.

    Attributes:
        value: Ratio as a fraction, money in cents; None where it may not be shown.
        low: Lower end of the 95 % interval.
        high: Upper end.
        n: Customers it rests on.
        state: `ok`; `wide`: with its band alone; `too_few`: counts only; `unripe`: some customers have not reached
            the age; `unknown`: nothing is known of it.
        reason: Why it is not plainly shown, in words; None when it is.
        numerator: Sum of what is counted. [customers or cents]
        denominator: Sum it is taken of.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    state: State
    reason: str | None
    numerator: float
    denominator: float

    @property
    def shown(self) -> bool:
        """Whether the value may stand on a screen."""
        return self.value is not None


def figure(kind: Kind, numerator: Floats, denominator: Floats) -> Figure:
    """Sum of the numerators / sum of the denominators over some customers.

    Args:
        kind: `share` of customers, `part` of a whole, `ratio` of sums or `mean` per customer.
        numerator: One per customer.
        denominator: One per customer; 1 for a share or a mean.

    Returns:
        The figure; without a value where the small-sample rule forbids one, or the denominators sum to 0.

    Source:
        Ratio of sums, never mean of ratios; small samples: data/model/small_samples.toml
    """
    n = len(numerator)
    above, below = float(numerator.sum()), float(denominator.sum())
    if n == 0 or below <= 0:
        return Figure(None, None, None, n, "unknown", "nothing is known of these customers", above, below)
    value = above / below
    interval = interval_of(kind, numerator, denominator)
    verdict = verdict_of(kind, value, n, round(above), interval)
    if not verdict.show:
        return Figure(None, None, None, n, "too_few", verdict.reason, above, below)
    low, high = (None, None) if interval is None else (interval.low, interval.high)
    return Figure(value, low, high, n, verdict.state, verdict.reason, above, below)


def interval_of(kind: Kind, numerator: Floats, denominator: Floats) -> Interval | None:
    """95 % interval of a figure: Wilson for shares, closed forms over customers of unequal size for the others."""
    if kind == "share":
        return wilson(round(float(numerator.sum())), len(numerator))
    if kind == "part":
        return interval_of_share(numerator, denominator)
    return interval_of_ratio(numerator, denominator)


def verdict_of(kind: Kind, value: float, n: int, successes: int, interval: Interval | None) -> Verdict:
    """Whether a figure may be shown, by the rule of its kind."""
    if kind == "share":
        return judge_proportion(successes, n)
    if kind == "mean":
        return judge_money_average(n, value, interval, noun="customers")
    return judge_ratio(n, value, interval, noun="customers", part=kind == "part")
