"""How well a score ranks: how often who did it stood above who did not."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from core.stats.intervals import LEVEL, Interval, normal_quantile


def concordance(scores: ArrayLike, happened: ArrayLike, level: float = LEVEL) -> tuple[float, Interval] | None:
    """Probability that a row that happened was ranked above one that did not, ties counting one half.

    A = mean over both groups of (1 if s₁ > s₀, ½ if equal)
    A ± z √(var(V₁)/n₁ + var(V₀)/n₀)   with V the share of the other group below (above) each row

    Args:
        scores: Any scale; higher should mean likelier.
        happened: 0 or 1 per row.
        level: Confidence.

    Returns:
        The share, 0.5 for a score that says nothing, and its interval within 0 and 1. None with fewer than two rows in
        either group.

    Source:
        DeLong, DeLong and Clarke-Pearson, Biometrics 44, 1988, 837-845, in the form of ranks of Sun and Xu, IEEE Signal
        Processing Letters 21, 2014, 1389-1393
    """
    values, done = np.asarray(scores, dtype=np.float64), np.asarray(happened, dtype=bool)
    n1, n0 = int(done.sum()), int((~done).sum())
    if min(n1, n0) < 2:
        return None
    overall = _ranks(values)
    above = (overall[done] - _ranks(values[done])) / n0
    below = 1 - (overall[~done] - _ranks(values[~done])) / n1
    share = float(above.mean())
    half = normal_quantile(level) * sqrt(float(above.var(ddof=1)) / n1 + float(below.var(ddof=1)) / n0)
    return share, Interval(max(share - half, 0.0), min(share + half, 1.0), "DeLong")


def _ranks(values: np.ndarray) -> np.ndarray:
    """Rank of each value from 1, equal ones sharing the mean of theirs."""
    return pd.Series(values).rank().to_numpy()
