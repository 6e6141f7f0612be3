"""Working hours of the team that calls: by when who wrote must hear from it, and how long something took it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.model.deal_rules import FastLaneRules
from core.model.holidays import holiday_calendar

Stamps = NDArray[np.datetime64]
HOUR = 3_600_000_000
"""Microseconds."""
MONDAY = np.datetime64("1970-01-05", "D")


def local_time(instants: pd.Series, rules: FastLaneRules) -> pd.Series:
    """Instants in UTC as the clock of the team shows them."""
    local: pd.Series = instants.dt.tz_localize("UTC").dt.tz_convert(rules.zone).dt.tz_localize(None)
    return local


def utc_time(local: pd.Series, rules: FastLaneRules) -> pd.Series:
    """What the clock of the team shows as instants in UTC; an hour that is skipped in spring reads as the next one."""
    zoned = local.dt.tz_localize(rules.zone, ambiguous=True, nonexistent="shift_forward")
    instants: pd.Series = zoned.dt.tz_convert("UTC").dt.tz_localize(None)
    return instants


def due_by(instants: pd.Series, rules: FastLaneRules, within_hours: float | None = None) -> pd.Series:
    """The moment by which the allowed working hours after each instant have passed, on the clock of the team.

    What arrives outside working hours counts from the next opening. Hours that end with a working day end at its
    close, not at the next opening.

    Args:
        instants: When somebody wrote, UTC, none missing.
        rules: Hours, days and public holidays.
        within_hours: Working hours allowed, more than 0; those of the rules where none are given.

    Returns:
        The end of the time allowed, without a zone, as `local_time` writes it.
    """
    arrived = local_time(instants, rules).to_numpy().astype("datetime64[us]")
    day = arrived.astype("datetime64[D]")
    team = _team(rules.working_days, rules.calendar)
    allowed = _micro(rules.within_hours if within_hours is None else within_hours)
    opens, closes = _micro(rules.opens), _micro(rules.closes)
    clock = (arrived - day).astype(np.int64)
    at_work = np.is_busday(day, busdaycal=team)
    over = at_work & (clock >= closes)
    start_day = np.busday_offset(day + over.astype("timedelta64[D]"), 0, roll="forward", busdaycal=team)
    passed = np.where(at_work & ~over, np.maximum(clock - opens, 0), 0)
    days, rest = np.divmod(passed + allowed, closes - opens)
    at_close = (rest == 0) & (days > 0)
    days, rest = days - at_close, np.where(at_close, closes - opens, rest)
    end = np.busday_offset(start_day, days, busdaycal=team).astype("datetime64[us]")
    return pd.Series(end + (opens + rest).astype("timedelta64[us]"), index=instants.index)


def hours_worked(start: pd.Series, end: pd.Series, rules: FastLaneRules) -> pd.Series:
    """Working hours of the team between two instants; negative where the end comes first, NaN where one is missing.

    The hours up to `due_by(start, rules, h)` are `h`, whatever hour somebody wrote at.

    Args:
        start: Instants, UTC.
        end: Instants, UTC, beside them.
        rules: Hours, days and public holidays.
    """
    both = start.notna() & end.notna()
    hours = pd.Series(np.nan, index=start.index)
    worked = [_worked_until(local_time(side[both], rules), rules) for side in (start, end)]
    hours[both] = (worked[1] - worked[0]) / HOUR
    return hours


def _worked_until(local: pd.Series, rules: FastLaneRules) -> NDArray[np.int64]:
    """Microseconds worked since a Monday long ago."""
    moments: Stamps = local.to_numpy().astype("datetime64[us]")
    day = moments.astype("datetime64[D]")
    team = _team(rules.working_days, rules.calendar)
    opens, closes = _micro(rules.opens), _micro(rules.closes)
    today = np.clip((moments - day).astype(np.int64) - opens, 0, closes - opens)
    whole = np.busday_count(MONDAY, day, busdaycal=team) * (closes - opens)
    worked: NDArray[np.int64] = whole + np.where(np.is_busday(day, busdaycal=team), today, 0)
    return worked


@lru_cache(maxsize=16)
def _team(working_days: tuple[int, ...], calendar: str) -> np.busdaycalendar:
    """The days the team works."""
    week = [number in working_days for number in range(1, 8)]
    return np.busdaycalendar(week, list(holiday_calendar(calendar).days))


def _micro(hours: float) -> int:
    return round(hours * HOUR)
