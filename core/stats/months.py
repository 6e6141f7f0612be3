"""Calendar months as their first day; of many days at once, as numbers."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

NO_MONTH = np.iinfo(np.int32).min
"""Stands for the month of a missing day."""
FIRST_MONTH = -12 * 1969
"""January of year 1, the first there is."""
A_DAY = 86_400_000_000
"""Microseconds."""


def month_of(day: dt.date) -> dt.date:
    """First day of the day's month."""
    return dt.date(day.year, day.month, 1)


@lru_cache(maxsize=4096)
def shift_month(month: dt.date, by: int) -> dt.date:
    """First day of the month `by` months later; earlier when negative."""
    number = month.year * 12 + month.month - 1 + by
    return dt.date(number // 12, number % 12 + 1, 1)


@lru_cache(maxsize=1024)
def month_end(month: dt.date) -> dt.date:
    """Last day of the month that starts on `month`."""
    return shift_month(month, 1) - dt.timedelta(days=1)


def month_from(text: str) -> dt.date | None:
    """The month written YYYY-MM; None when the text is not one."""
    try:
        return dt.datetime.strptime(text, "%Y-%m").replace(tzinfo=dt.UTC).date()
    except ValueError:
        return None


def month_numbers(days: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """Months since 1970-01 of many days, `NO_MONTH` for a missing one: looked up in a calendar of the days there are.

    A fifth of what numpy takes, which works out the calendar for each day anew.
    """
    in_micros = days.dtype == "datetime64[us]"
    numbers = days.view(np.int64) // A_DAY if in_micros else days.astype("datetime64[D]").view(np.int64)
    missing = np.isnat(days)
    if missing.all():
        return np.full(len(days), NO_MONTH, dtype=np.int64)
    if missing.any():
        numbers = np.where(missing, numbers[~missing][0], numbers)
    first, last = int(numbers.min()), int(numbers.max())
    calendar = np.arange(first, last + 1).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    found: NDArray[np.int64] = calendar[numbers - first]
    found[missing] = NO_MONTH
    return found


def month_starts(months: NDArray[np.int64]) -> NDArray[np.datetime64]:
    """First day of many months told by their number since 1970-01.

    Raises:
        ValueError: A month is missing.
    """
    if not len(months):
        return np.zeros(0, dtype="datetime64[D]")
    first, last = int(months.min()), int(months.max())
    if first < FIRST_MONTH:
        raise ValueError(f"months must be present, from year 1 on; found number {first} since 1970-01, a missing one")
    starts: NDArray[np.datetime64] = np.arange(first, last + 1).astype("datetime64[M]").astype("datetime64[D]")
    return starts[months - first]
