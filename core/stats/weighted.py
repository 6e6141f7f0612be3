"""How sure shares are whose units weigh unequally, and what is made of two of them."""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import ArrayLike

from core.stats.intervals import LEVEL, Interval, normal_quantile


def effective_units(weights: ArrayLike) -> float:
    """Number of equal units that tell as much as these: (Σ w)² / Σ w²; 0 without any.

    Source:
        Kish, Survey Sampling, 1965, section 11.7
    """
    given = np.asarray(weights, dtype=np.float64)
    squares = float(np.square(given).sum())
    return float(given.sum()) ** 2 / squares if squares > 0 else 0.0


def weighted_wilson(rate: float, units: float, level: float = LEVEL) -> Interval | None:
    """Wilson's interval of a share of `units` units, which need not be a whole number.

    (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n)

    Args:
        rate: The weighted share, 0 to 1.
        units: Effective number of units.
        level: Confidence.

    Returns:
        Ends within 0 and 1. None without units.

    Source:
        Wilson, Journal of the American Statistical Association 22, 1927, with the effective sample size of Kish
        as in Korn and Graubard, Survey Methodology 24, 1998
    """
    if units <= 0:
        return None
    z = normal_quantile(level)
    shrink = 1 + z * z / units
    centre = (rate + z * z / (2 * units)) / shrink
    half = z * sqrt(max(rate * (1 - rate), 0.0) / units + z * z / (4 * units * units)) / shrink
    return Interval(max(centre - half, 0.0), min(centre + half, 1.0), "Wilson, effective units")


def difference_of(first: float, around: Interval, second: float, other: Interval) -> Interval:
    """Interval of first - second from the interval of each.

    low = d - √((first - l₁)² + (u₂ - second)²),  high = d + √((u₁ - first)² + (second - l₂)²)

    With Wilson's intervals of two plain shares this is Newcombe's.

    Source:
        Newcombe, Statistics in Medicine 17, 1998, 873-890; Zou and Donner, Statistics in Medicine 27, 2008
    """
    gap = first - second
    below = sqrt((first - around.low) ** 2 + (other.high - second) ** 2)
    above = sqrt((around.high - first) ** 2 + (second - other.low) ** 2)
    return Interval(gap - below, gap + above, "Newcombe")


def ratio_of(first: float, around: Interval, second: float, other: Interval) -> Interval | None:
    """Interval of first / second, both positive, from the interval of each.

    low  = (pq - √((pq)² - l₁u₂(2p - l₁)(2q - u₂))) / (u₂(2q - u₂))
    high = (pq + √((pq)² - u₁l₂(2p - u₁)(2q - l₂))) / (l₂(2q - l₂))   with p, q the two values

    Returns:
        The interval. None when the second interval touches 0, so that no upper end exists.

    Source:
        Donner and Zou, Statistical Methods in Medical Research 21, 2012, 347-359
    """
    if other.low <= 0 or second <= 0:
        return None
    both = first * second
    low = (both - _root(both, around.low, first, other.high, second)) / (other.high * (2 * second - other.high))
    high = (both + _root(both, around.high, first, other.low, second)) / (other.low * (2 * second - other.low))
    return Interval(low, high, "Donner and Zou") if 0 <= low <= high else None


def _root(both: float, end: float, value: float, other_end: float, other: float) -> float:
    return sqrt(max(both**2 - end * other_end * (2 * value - end) * (2 * other - other_end), 0.0))
