"""Owner and day as one number: what one owner had, in order of its days, is found by a search."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.signedinteger[Any]]
DAY_RANGE = 8_000_000
"""More days than any two dates lie apart: keeps owners apart when one and a day are one number."""


def pairs(owner: Codes, days: Codes) -> NDArray[np.int64]:
    """Owner and day, counted from 1970 and before it below 0, as one number each, which rises by owner, then by day."""
    return np.asarray(owner.astype(np.int64) * DAY_RANGE + days + DAY_RANGE // 2)


def owner_of(keys: NDArray[np.int64]) -> NDArray[np.intp]:
    """The owner of each pair."""
    return np.asarray(keys // DAY_RANGE, dtype=np.intp)


def day_of_pair(keys: NDArray[np.int64]) -> NDArray[np.int32]:
    """The day of each pair."""
    return np.asarray(keys % DAY_RANGE - DAY_RANGE // 2, dtype=np.int32)
