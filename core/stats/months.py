"""Calendar months as their first day."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache


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
