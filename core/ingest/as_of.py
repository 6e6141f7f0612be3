"""The day an import describes, read from the import itself: the newest event in its rows, never a clock."""

# ruff: noqa: S608 - names come from the contract, never from data

from __future__ import annotations

import datetime as dt

import pandas as pd

from core.ingest.prepare import Prepared
from core.schema import TABLES
from core.store.facts_shape import USAGE_DAYS

AHEAD = frozenset({"accounts", "milestones", "gross_margin", "fx_rates"})
"""Tables whose rows may lie ahead of the day they were written: contracts, renewal windows, planned rates."""

_CLOSED = "CASE WHEN s.outcome <> 'open' THEN s.closed_on END"
"""A deal that was won or lost was seen on the day it closed."""

_ACTUAL = "media_cents + people_cents + platform_cents + rewards_cents > 0"


def newest_day(prepared: Prepared) -> dt.date | None:
    """The last day on which anything in the files happened; None when they hold no event.

    Months count with their first day, and spend only where something was spent, because plans lie ahead.
    """
    days = []
    for name, relation in prepared.facts.items():
        column = "day" if name == USAGE_DAYS.name else TABLES[name].event_date
        if column is None or name in AHEAD:
            continue
        condition = _ACTUAL if name == "spend" else "TRUE"
        day = f"GREATEST(s.{column}, {_CLOSED})" if name == "opportunities" else f"s.{column}"
        sql = f"SELECT CAST(MAX({day}) AS DATE) FROM {relation} s WHERE {condition}"
        answer = prepared.connection.execute(sql).fetchone()
        days.append(answer[0] if answer else None)
    for name, frame in prepared.records.items():
        column = TABLES[name].event_date
        if column is not None and name in prepared.rows and len(frame):
            days.append(_latest(frame[column]))
    return max((day for day in days if day is not None), default=None)


def _latest(values: pd.Series) -> dt.date | None:
    known = [value for value in values if not pd.isna(value)]
    newest = max(known, default=None)
    return newest.date() if isinstance(newest, dt.datetime) else newest
