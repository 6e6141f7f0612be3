"""How sure a median is: between order statistics of the rows, whatever their distribution."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc, ndtri

from core.stats.intervals import LEVEL, Interval


def interval_of_median(values: ArrayLike, *, level: float = LEVEL) -> Interval | None:
    """Interval of the median of independent rows, interpolated between the two nearest pairs of order statistics.

    [x₍ₖ₎, x₍ₙ₊₁₋ₖ₎] holds the median with probability cₖ = 1 - 2 P(B < k), B binomial (n, ½). With k the largest for
    which that is at least `level`, the ends are

    (1 - λ) x₍ₖ₎ + λ x₍ₖ₊₁₎  and  (1 - λ) x₍ₙ₊₁₋ₖ₎ + λ x₍ₙ₋ₖ₎,   λ = (n - k) I / (k + (n - 2k) I)
    with I = (cₖ - level) / (cₖ - cₖ₊₁)

    Args:
        values: One per row, none missing; any unit.
        level: Confidence.

    Returns:
        The interval, in the unit of the values. None with too few rows for any pair to hold it (5 at 95 %).

    Source:
        Hettmansperger and Sheather, Statistics and Probability Letters 4, 1986, 75-79
    """
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    n = len(ordered)
    k = _quantile((1 - level) / 2, n) if n else 0
    if n == 0 or k == 0:
        return None
    held, next_held = (1 - 2 * _at_most(place - 1, n) for place in (k, k + 1))
    part = (held - level) / (held - next_held)
    towards = (n - k) * part / (k + (n - 2 * k) * part)
    low = (1 - towards) * ordered[k - 1] + towards * ordered[k]
    high = (1 - towards) * ordered[n - k] + towards * ordered[n - k - 1]
    return Interval(float(low), float(high), "order statistics")


def _at_most(k: int, n: int) -> float:
    """P(B <= k), B binomial (n, 1/2)."""
    return float(betainc(n - k, k + 1, 0.5)) if k < n else 1.0


def _quantile(share: float, n: int) -> int:
    """Smallest k with P(B <= k) of at least `share`, sought from where the normal distribution has it.

    scipy.stats says the same; importing it costs half a second and 35 MB.
    """
    k = min(max(int(n / 2 + ndtri(share) * np.sqrt(n) / 2), 0), n)
    while k > 0 and _at_most(k - 1, n) >= share:
        k -= 1
    while _at_most(k, n) < share:
        k += 1
    return k
