"""Whether a month is a signal or noise: natural limits of a series of counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.model.small_samples import XmrRule, small_samples


@dataclass(frozen=True, slots=True)
class XmrLimits:
    """Range within which a series moves by itself.

    Attributes:
        mean: Mean of the values.
        low: Lower natural limit; may lie below what the quantity can be.
        high: Upper natural limit.
        mean_moving_range: Mean of the absolute changes from value to value.
    """

    mean: float
    low: float
    high: float
    mean_moving_range: float

    def is_signal(self, value: float) -> bool:
        """Whether `value` lies outside the limits."""
        return not self.low <= value <= self.high


def xmr_limits(values: Sequence[float], rule: XmrRule | None = None) -> XmrLimits | None:
    """Limits of individual values: mean ± 2.66 × mean moving range.

    The order of the values matters. Give the months before the one to be judged, so that it does not
    widen its own limits.

    Args:
        values: Consecutive values of one quantity, oldest first, none missing.
        rule: Constants; None takes the product's own.

    Returns:
        The limits. None with fewer than 6 values: they would move with every new month.

    Raises:
        ValueError: A value is missing or infinite.

    Source:
        Wheeler, Understanding Variation, 1993, appendix; `data/model/small_samples.toml`, table xmr
    """
    rule = rule or small_samples().xmr
    series = np.asarray(values, dtype=np.float64)
    if not np.isfinite(series).all():
        raise ValueError("values must be consecutive and none missing; give the unbroken stretch only")
    if len(series) < rule.least_points:
        return None
    mean, moving_range = float(series.mean()), float(np.abs(np.diff(series)).mean())
    reach = rule.scaling * moving_range
    return XmrLimits(mean=mean, low=mean - reach, high=mean + reach, mean_moving_range=moving_range)
