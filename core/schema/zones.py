"""The day of an instant where the company is, in SQL or of a column: what every count by day and month goes by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import lru_cache
from zoneinfo import ZoneInfo

import pandas as pd

FIRST, LAST = dt.datetime(2015, 1, 1, tzinfo=dt.UTC), dt.datetime(2035, 1, 1, tzinfo=dt.UTC)
"""Between these the day is told by comparisons, at a fifth of the cost of the engine's own zones."""
TOLD = dt.timedelta(microseconds=1)
"""Keeps a moment that falls on midnight in UTC from being read as a day without an hour."""
_DAY, _SQL = dt.timedelta(days=1), "%Y-%m-%d %H:%M:%S"


def day_sql(instant: str, zone: str) -> str:
    """SQL of the day, on the clocks of a zone, of an instant kept in UTC.

    Midnight sharp, UTC, is how a day without an hour is kept: that day itself, whatever the zone.

    Args:
        instant: SQL of a timestamp without a zone; it is repeated, so a column.
        zone: IANA name.
    """
    if is_utc(zone):
        return f"CAST({instant} AS DATE)"
    whole = f"{instant} = date_trunc('day', {instant})"
    known = f"{instant} >= TIMESTAMP '{FIRST:{_SQL}}' AND {instant} < TIMESTAMP '{LAST:{_SQL}}'"
    return (
        f"CASE WHEN {whole} THEN CAST({instant} AS DATE) "
        f"WHEN {known} THEN CAST({instant} + to_seconds({_seconds(instant, _offsets(zone))}) AS DATE) "
        f"ELSE CAST(timezone('{zone}', timezone('UTC', {instant})) AS DATE) END"
    )


def day_of(at: dt.datetime, zone: str) -> dt.date:
    """What `day_sql` says of one instant; without a zone of its own it is UTC."""
    aware = at if at.tzinfo else at.replace(tzinfo=dt.UTC)
    return at.date() if at.time() == dt.time() else aware.astimezone(ZoneInfo(zone)).date()


def local_days(instants: pd.Series, zone: str, hours: pd.Series | float = 0) -> pd.Series:
    """Day of each instant as `day_sql` says it, or of the moment some hours later; missing where the instant is.

    Args:
        instants: Instants, UTC without a zone.
        zone: IANA name.
        hours: Hours that pass after each; after a day without an hour they count from its midnight on all clocks.
    """
    later = (instants + pd.to_timedelta(hours, unit="h")).astype(instants.dtype)
    if is_utc(zone):
        whole: pd.Series = later.dt.floor("D")
        return whole
    shown = later.dt.tz_localize("UTC").dt.tz_convert(zone).dt.tz_localize(None)
    days: pd.Series = shown.where(instants != instants.dt.floor("D"), later).dt.floor("D")
    return days


def told_sql(instant: str) -> str:
    """SQL of an instant whose hour is known: one at midnight sharp, UTC, a microsecond later, for that is a day."""
    return f"({instant} + to_microseconds(CAST({instant} = date_trunc('day', {instant}) AS INTEGER)))"


def told(at: dt.datetime, zone: str) -> dt.datetime:
    """What `told_sql` says of one instant, in UTC; as it is where the clocks of the zone show UTC."""
    utc = at.astimezone(dt.UTC)
    return utc if is_utc(zone) or utc.time() != dt.time() else utc + TOLD


def is_utc(zone: str) -> bool:
    """Whether the clocks of a zone always show UTC."""
    return _offsets(zone) == ((FIRST, 0),)


def _seconds(instant: str, known: Sequence[tuple[dt.datetime, int]]) -> str:
    """Offset at an instant, by halving what is known."""
    if len(known) == 1:
        return str(known[0][1])
    middle = len(known) // 2
    before, after = _seconds(instant, known[:middle]), _seconds(instant, known[middle:])
    return f"CASE WHEN {instant} < TIMESTAMP '{known[middle][0]:{_SQL}}' THEN {before} ELSE {after} END"


@lru_cache(maxsize=8)
def _offsets(zone: str) -> tuple[tuple[dt.datetime, int], ...]:
    """From which instant, UTC, on a zone is how many seconds ahead."""
    clocks = ZoneInfo(zone)

    def ahead(at: dt.datetime) -> int:
        return int((at.astimezone(clocks).utcoffset() or _DAY * 0).total_seconds())

    found, day = [(FIRST, ahead(FIRST))], FIRST
    while day < LAST:
        early, late = day, day + _DAY
        if ahead(late) != found[-1][1]:
            while late - early > dt.timedelta(seconds=1):
                middle = early + (late - early) // 2
                middle = middle.replace(microsecond=0)
                early, late = (middle, late) if ahead(middle) == found[-1][1] else (early, middle)
            found.append((late, ahead(late)))
        day += _DAY
    return tuple(found)
