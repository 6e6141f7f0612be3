"""The calendar table: every date question of a rollup is a join with it, so SQL needs no date function."""

from __future__ import annotations

import datetime as dt

import pandas as pd

FIRST_YEAR = 1990
LAST_YEAR = 2049


def calendar(fiscal_year_starts: int = 1) -> pd.DataFrame:
    """One row per day from 1990 to 2049.

    Args:
        fiscal_year_starts: Month (1 to 12) in which the fiscal year starts.

    Returns:
        day, week_start (Monday), month (its first day), month_end (its last day), quarter (its first day),
        fiscal_quarter (its first day): datetime64; day_no (days since 1970-01-01), month_no (months since
        1970-01), fiscal_year (the year it ends in): int64.
    """
    day = pd.date_range(dt.date(FIRST_YEAR, 1, 1), dt.date(LAST_YEAR, 12, 31), freq="D", unit="us")
    frame = pd.DataFrame({"day": day})
    days = frame["day"]
    frame["day_no"] = (days - pd.Timestamp("1970-01-01")).dt.days
    frame["week_start"] = days - pd.to_timedelta(days.dt.day_of_week, unit="D")
    frame["month"] = days - pd.to_timedelta(days.dt.day - 1, unit="D")
    frame["month_end"] = frame["month"] + pd.offsets.MonthEnd(0)
    frame["month_no"] = (days.dt.year - 1970) * 12 + days.dt.month - 1
    frame["quarter"] = frame["month"].dt.to_period("Q").dt.start_time
    since = (days.dt.month - fiscal_year_starts) % 12
    frame["fiscal_year"] = days.dt.year + ((days.dt.month >= fiscal_year_starts) & (fiscal_year_starts > 1)).astype(int)
    frame["fiscal_quarter"] = (frame["month"].dt.to_period("M") - since % 3).dt.start_time
    return frame
