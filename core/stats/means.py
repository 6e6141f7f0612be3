"""How sure a difference of two means is: a few values on one side, a few on the other."""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from core.stats.intervals import LEVEL, Interval


def difference_of_means(
    before: ArrayLike, since: ArrayLike, *, least_variance: float = 0.0, level: float = LEVEL
) -> Interval | None:
    """Interval of mean(since) - mean(before), each side with its own scatter.

    d ± t(ν) √(v₀/n₀ + v₁/n₁)     with v the sample variance, or `least_variance` where that is larger
    ν = (v₀/n₀ + v₁/n₁)² / ((v₀/n₀)²/(n₀ - 1) + (v₁/n₁)²/(n₁ - 1))

    The values are taken as independent and without a trend or a season of their own.

    Args:
        before: Values of the one side; any unit.
        since: Values of the other side, in the same unit.
        least_variance: What one value scatters by chance alone, as counts do by their mean. [unit²]
        level: Confidence.

    Returns:
        Ends around the difference, in the unit of the values. None when a side has fewer than two values.

    Source:
        Welch, Biometrika 34, 1947, 28-35
    """
    sides = [np.asarray(side, dtype=np.float64) for side in (before, since)]
    if min(len(side) for side in sides) < 2:
        return None
    difference = float(sides[1].mean() - sides[0].mean())
    shares = [max(float(side.var(ddof=1)), least_variance) / len(side) for side in sides]
    if sum(shares) == 0:
        return Interval(difference, difference, "Welch")
    freedom = sum(shares) ** 2 / sum(share**2 / (len(side) - 1) for share, side in zip(shares, sides, strict=True))
    half = float(stdtrit(freedom, (1 + level) / 2)) * sqrt(sum(shares))
    return Interval(difference - half, difference + half, "Welch")
