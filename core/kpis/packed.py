"""Columns held small: text, days and whole numbers of many rows in as few bytes as tell them apart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.stats.ids import numbered
from core.stats.months import A_DAY
from core.stats.owner_days import Codes

NO_DAY = np.iinfo(np.int32).min
"""Stands for a missing day."""
NEVER = np.iinfo(np.int32).max
"""Stands for a missing day where it is one that never comes."""
EPOCH = dt.date(1970, 1, 1).toordinal()
SMALL = (np.int8, np.int16, np.int32)


@dataclass(frozen=True)
class Packed:
    """A column in few bytes; any part of it is given as it was.

    Attributes:
        codes: One number per row, or several; columns that are made of the same ones share them.
        unpack: Makes rows of numbers.
    """

    codes: Codes
    unpack: Callable[[Codes], Any]

    def part(self, of: slice | NDArray[np.intp]) -> Any:
        """Some of the rows, as the column held them."""
        return self.unpack(self.codes[of])

    def then(self, change: Callable[[Any], Any]) -> Packed:
        """The same rows, changed when they are made."""
        return Packed(self.codes, lambda codes: change(self.unpack(codes)))


def looked_up(rows: NDArray[np.integer[Any]], columns: Mapping[str, Any]) -> dict[str, Packed]:
    """Columns of a table that is kept anyway, looked up row by row when somebody looks; -1 gives a missing value.

    Args:
        rows: Place in the table of each row.
        columns: Arrays of the table as pandas holds them, by name.
    """
    codes = rows.astype(np.int32)
    return {name: Packed(codes, partial(_looked_up, column)) for name, column in columns.items()}


def _looked_up(column: Any, rows: Codes) -> Any:
    return column.take(rows.astype(np.intp), allow_fill=True)


def pack(column: Any) -> Any:
    """A column in fewer bytes, or the column itself where there is nothing to gain."""
    if isinstance(column, pd.arrays.ArrowStringArray):
        return _texts(column)
    if not isinstance(column, np.ndarray) or not len(column):
        return column
    if column.dtype == np.int64:
        codes = narrow(column)
        return column if codes is column else Packed(codes, lambda part: part.astype(np.int64))
    return _days(column) if column.dtype == "datetime64[us]" else column


def narrow(numbers: Codes) -> Codes:
    """The same whole numbers in the smallest type that holds them."""
    low, high = (int(numbers.min()), int(numbers.max())) if len(numbers) else (0, 0)
    for kind in SMALL:
        if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
            return numbers.astype(kind)
    return numbers


def day_numbers(days: NDArray[np.datetime64]) -> NDArray[np.int32]:
    """Days since 1970, `NEVER` for a missing one: compared in a quarter of the time that days take."""
    in_micros = days.dtype == "datetime64[us]"
    numbers = days.view(np.int64) // A_DAY if in_micros else days.astype("datetime64[D]").view(np.int64)
    return np.where(np.isnat(days), NEVER, numbers).astype(np.int32)


def days_from(numbers: NDArray[np.int32]) -> NDArray[np.datetime64]:
    """The days of `day_numbers`."""
    days = numbers.astype("datetime64[D]")
    days[numbers == NEVER] = np.datetime64("NaT")
    return days


def day_number(day: dt.date) -> np.int32:
    """One day as `day_numbers` gives it."""
    return np.int32(day.toordinal() - EPOCH)


def _texts(column: pd.arrays.ArrowStringArray) -> Any:
    codes, texts = numbered(pd.Series(column))
    if 2 * len(texts) > len(column):
        return column
    different = texts.array
    return Packed(narrow(codes.astype(np.int64)), lambda part: different.take(part.astype(np.intp), allow_fill=True))


def _days(column: NDArray[np.datetime64]) -> Any:
    instants, known = column.view(np.int64), ~np.isnat(column)
    days = instants // A_DAY
    if (known & (days * A_DAY != instants)).any():
        return column
    days = np.where(known, days, NO_DAY).astype(np.int32)
    return Packed(days, _instants)


def _instants(days: Codes) -> NDArray[np.datetime64]:
    found = days.astype("datetime64[D]").astype("datetime64[us]")
    found[days == NO_DAY] = np.datetime64("NaT")
    return found
