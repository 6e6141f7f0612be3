"""How sure a median is: the bootstrap over rows, drawn from its exact distribution."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.model.small_samples import small_samples
from core.stats.intervals import LEVEL, Interval

Floats = NDArray[np.float64]


def bootstrap_median(
    values: ArrayLike, rng: np.random.Generator, draws: int | None = None, *, level: float = LEVEL
) -> Interval | None:
    """Percentile bootstrap of the median.

    The k-th smallest of n rows taken with replacement is the row at place ⌊n · B⌋ of the sorted values, B being
    the k-th smallest of n uniform numbers, Beta(k, n + 1 - k). So a draw costs one or two numbers, whatever n is.

    Args:
        values: One per row, none missing; any unit.
        rng: Source of chance.
        draws: Number of draws; None takes the product's own.
        level: Confidence.

    Returns:
        The interval, in the unit of the values. None with fewer than 2 rows.

    Source:
        Efron and Tibshirani, An Introduction to the Bootstrap, 1993, ch. 13; order statistics of uniform numbers as
        in David and Nagaraja, Order Statistics, 2003, section 2.3
    """
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    if len(ordered) < 2:
        return None
    medians = _median_draws(ordered, rng, draws or small_samples().resampling.draws)
    low, high = np.quantile(medians, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high), "bootstrap")


def _median_draws(ordered: Floats, rng: np.random.Generator, draws: int) -> Floats:
    n = len(ordered)
    half = (n + 1) // 2
    place = rng.beta(half, n + 1 - half, size=draws)
    lower: Floats = ordered[_row(place, n)]
    if n % 2:
        return lower
    # what lies above the k-th of n uniform numbers are n - k uniform numbers of their own
    after = place + (1 - place) * rng.beta(1, n - half, size=draws)
    upper: Floats = ordered[_row(after, n)]
    return (lower + upper) / 2


def _row(places: Floats, n: int) -> NDArray[np.int64]:
    return np.minimum((places * n).astype(np.int64), n - 1)
