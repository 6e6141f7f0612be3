"""Order of whole numbers and instants, by digits of two bytes: no two of them are ever compared."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.stats.months import A_DAY

DIGIT = 16
"""Bits of a digit: numpy sorts numbers of so many without comparing."""
WHOLE = (A_DAY, 1_000_000)
"""Microseconds of a day and of a second: whole ones are told apart by fewer digits."""


def in_order(values: NDArray[Any]) -> NDArray[np.intp]:
    """Places of whole numbers or instants from the least up, equal ones as they came; a missing instant stands first.

    A third of what `np.argsort` takes to sort eight bytes and keep equal ones as they came.
    """
    numbers = values.view(np.int64) if values.dtype.kind in "mM" else values.astype(np.int64, copy=False)
    if (numbers[1:] >= numbers[:-1]).all():
        return np.arange(len(numbers), dtype=np.intp)
    above = (numbers - numbers.min()).view(np.uint64)  # also right where the difference needs all 64 bits
    if values.dtype == "datetime64[us]":
        above = _whole(above)
    order: NDArray[np.intp] = np.argsort(above.astype(np.uint16), kind="stable")
    for bits in range(DIGIT, int(above.max()).bit_length(), DIGIT):
        order = order[np.argsort((above >> np.uint64(bits)).astype(np.uint16)[order], kind="stable")]
    return order


def _whole(above: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Microseconds as days or seconds, where they are whole ones."""
    for unit in WHOLE:
        parts = above // np.uint64(unit)
        if (parts * np.uint64(unit) == above).all():
            return parts
    return above
