"""How sure a share, a difference, a count or an NPS is: intervals in closed form."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaincinv

LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """A range that holds the true value with the stated confidence.

    Attributes:
        low: Lower end, in the unit of the figure.
        high: Upper end.
        method: How it was found, in words for the method note.
    """

    low: float
    high: float
    method: str

    @property
    def width(self) -> float:
        """Distance between the ends."""
        return self.high - self.low

    def contains(self, value: float) -> bool:
        """Whether `value` lies between the ends, ends included."""
        return self.low <= value <= self.high


def normal_quantile(level: float = LEVEL) -> float:
    """Number of standard deviations a normal variable stays within with probability `level` (1.96 for 0.95)."""
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1; found {level}")
    return NormalDist().inv_cdf((1 + level) / 2)


def wilson(successes: int, n: int, level: float = LEVEL) -> Interval | None:
    """Interval of a proportion.

    (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n)   with p = successes / n

    Args:
        successes: Units that have the property.
        n: Units asked about.
        level: Confidence.

    Returns:
        Ends within 0 and 1, around p. None when `n` is 0: a share of nothing has no meaning.

    Raises:
        ValueError: `successes` is not between 0 and `n`.

    Source:
        Wilson, Journal of the American Statistical Association 22, 1927; method 3 of Newcombe,
        Statistics in Medicine 17, 1998, 857-872
    """
    _check_counts(successes, n)
    if n == 0:
        return None
    z = normal_quantile(level)
    rate = successes / n
    shrink = 1 + z * z / n
    centre = (rate + z * z / (2 * n)) / shrink
    half = z * sqrt(rate * (1 - rate) / n + z * z / (4 * n * n)) / shrink
    low = 0.0 if successes == 0 else centre - half
    high = 1.0 if successes == n else centre + half
    return Interval(low, high, "Wilson")


def newcombe(s1: int, n1: int, s2: int, n2: int, level: float = LEVEL) -> Interval | None:
    """Interval of the difference s1/n1 - s2/n2 of two independent proportions.

    low  = d - √((p1 - l1)² + (u2 - p2)²)
    high = d + √((u1 - p1)² + (p2 - l2)²)   with l, u the Wilson ends of each

    Args:
        s1: Successes of the first group.
        n1: Units of the first group.
        s2: Successes of the second group.
        n2: Units of the second group.
        level: Confidence.

    Returns:
        Ends within -1 and 1, as fractions. None when either group is empty.

    Raises:
        ValueError: Successes are not between 0 and the size of their group.

    Source:
        Method 10 of Newcombe, Statistics in Medicine 17, 1998, 873-890
    """
    first, second = wilson(s1, n1, level), wilson(s2, n2, level)
    if first is None or second is None:
        return None
    rate1, rate2 = s1 / n1, s2 / n2
    difference = rate1 - rate2
    below = sqrt((rate1 - first.low) ** 2 + (second.high - rate2) ** 2)
    above = sqrt((first.high - rate1) ** 2 + (rate2 - second.low) ** 2)
    return Interval(difference - below, difference + above, "Newcombe")


def poisson_exact(count: int, exposure: float = 1.0, level: float = LEVEL) -> Interval | None:
    """Interval of the rate count / exposure of independent events.

    low  = χ²(α/2; 2·count) / 2 / exposure, 0 when count is 0
    high = χ²(1 - α/2; 2·count + 2) / 2 / exposure

    Args:
        count: Events seen.
        exposure: Time, advocates or accounts they were seen in; 1 gives the interval of the count itself.
        level: Confidence.

    Returns:
        Ends from 0 up, events per unit of exposure. None when `exposure` is 0.

    Raises:
        ValueError: `count` or `exposure` is negative.

    Source:
        Garwood, Biometrika 28, 1936, 437-442
    """
    if count < 0 or exposure < 0:
        raise ValueError(f"count and exposure must not be negative; found {count} and {exposure}")
    if exposure == 0:
        return None
    tail = (1 - level) / 2
    low = 0.0 if count == 0 else float(gammaincinv(count, tail))
    high = float(gammaincinv(count + 1, 1 - tail))
    return Interval(low / exposure, high / exposure, "exact Poisson")


def compound_poisson(amounts: ArrayLike, level: float = LEVEL) -> Interval | None:
    """Interval of the total that independent events bring, when both their number and their amounts are by chance.

    low  = q/S · G⁻¹(S²/q; α/2)                     with S = Σ xᵢ, q = Σ xᵢ², w the largest x
    high = (q + w²)/(S + w) · G⁻¹((S + w)²/(q + w²); 1 - α/2)

    G⁻¹(a; p) is the quantile of a gamma variable of shape a. With equal amounts these are the exact limits of
    `poisson_exact` times the amount.

    Args:
        amounts: What each event brought, not negative; any unit.
        level: Confidence.

    Returns:
        Ends above 0, in the unit of the amounts. None when they add up to nothing.

    Raises:
        ValueError: An amount is negative or missing.

    Source:
        Fay and Feuer, Statistics in Medicine 16, 1997, 791-801
    """
    given = np.asarray(amounts, dtype=np.float64)
    if not (np.isfinite(given).all() and (given >= 0).all()):
        raise ValueError("amounts must be present and not negative")
    total, squares = float(given.sum()), float(np.square(given).sum())
    if total == 0:
        return None
    tail, most = (1 - level) / 2, float(given.max())
    low = squares / total * float(gammaincinv(total**2 / squares, tail))
    above, spread = total + most, squares + most**2
    high = spread / above * float(gammaincinv(above**2 / spread, 1 - tail))
    return Interval(low, high, "compound Poisson")


def nps_interval(promoters: int, detractors: int, n: int, level: float = LEVEL) -> Interval | None:
    """Interval of the Net Promoter Score, in points from -100 to 100.

    100 · ((p - d) ± z √((p + d - (p - d)²) / n))   with p, d the shares of promoters and detractors

    When all answers are alike the formula gives a width of nothing; then as many answers as Wilson
    leaves open are counted to the other end of the scale.

    Args:
        promoters: Answers of 9 or 10.
        detractors: Answers of 0 to 6.
        n: All valid answers, passives included.
        level: Confidence.

    Returns:
        Ends cut to -100 and 100. None when nobody answered.

    Raises:
        ValueError: A count is negative, or promoters and detractors exceed `n`.

    Source:
        Variance of a three-point variable, as in Engelhardt, "Net Promoter Score confidence intervals 2",
        cybaea.net, 2016
    """
    _check_counts(promoters, n)
    _check_counts(detractors, n)
    _check_counts(promoters + detractors, n)
    unanimous = wilson(n, n, level)
    if unanimous is None:
        return None
    score = (promoters - detractors) / n
    variance = (promoters + detractors) / n - score * score
    if n in (promoters, detractors, n - promoters - detractors):
        half = 2 * (1 - unanimous.low)
    else:
        half = normal_quantile(level) * sqrt(variance / n)
    return Interval(100 * max(score - half, -1.0), 100 * min(score + half, 1.0), "closed form")


def _check_counts(successes: int, n: int) -> None:
    if not 0 <= successes <= n:
        raise ValueError(f"a count must lie between 0 and its total; found {successes} of {n}")
