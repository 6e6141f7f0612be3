"""The day an import describes, read from the import itself, never from a clock; and the rows that lie after a day."""

# ruff: noqa: S608 - names come from the contract, never from data

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import duckdb
import pandas as pd

from core.ingest.prepare import Prepared
from core.schema import TABLES
from core.schema.zones import day_of
from core.settings import settings
from core.store.facts_shape import USAGE_DAYS, shape

AHEAD = frozenset({"accounts", "milestones", "gross_margin", "fx_rates"})
"""Tables whose rows may lie ahead of the day they were written: contracts, renewal windows, planned rates."""

AGREED = frozenset({"contacts", "subscriptions"})
"""Tables whose rows begin on a day agreed before: one to come is no event yet."""

_CLOSED = "CASE WHEN s.outcome <> 'open' THEN s.closed_on END"
"""A deal that was won or lost was seen on the day it closed."""

_WEEK = "LEAST(s.week_start + 6, last_day(s.week_start))"
"""A week was seen to its end; one that runs into the next month says nothing of that month."""

_ACTUAL = "media_cents + people_cents + platform_cents + rewards_cents > 0"


@dataclass(frozen=True, slots=True)
class Later:
    """Rows of one table that lie after a day.

    Attributes:
        table: Table of the contract.
        what: `ends` of subscriptions, `closed` deals, or `rows` whose event lies later.
        rows: How many.
        last: The last of them.
    """

    table: str
    what: str
    rows: int
    last: dt.date


class Newest(NamedTuple):
    """The last day on which anything happened, and the last on which something is said to happen that has not come."""

    come: dt.date | None = None
    ahead: dt.date | None = None


def newest_day(prepared: Prepared, latest: dt.date) -> Newest:
    """The last day on which anything in the files happened, and the last that lies ahead: a plan or a typing error.

    Months count with their first day, a week to its end within its month, spend only where something was spent, and
    subscriptions and contacts only where they have begun, because plans lie ahead.

    Args:
        prepared: The checked files.
        latest: Last day that can have come when they are imported.

    Returns:
        Both days; None where there is no such event.
    """
    found = [_newest(prepared.connection, name, relation, latest) for name, relation in _events(prepared.facts)]
    for name, frame in prepared.records.items():
        column = TABLES[name].event_date
        if column is not None and name in prepared.rows and len(frame):
            found.append(_latest(frame[column], latest))
    return Newest(*(max((day for day in days if day is not None), default=None) for days in zip(*found, strict=True)))


def later_rows(connection: duckdb.DuckDBPyConnection, relations: Mapping[str, str], day: dt.date) -> tuple[Later, ...]:
    """Rows that are not seen, or not as what they became, by whoever looks at the company as of a day.

    Args:
        connection: Where the relations can be read.
        relations: Fact table -> relation of its rows.
        day: The day.

    Returns:
        Subscriptions that end later, deals that closed later, and rows of other tables whose event lies later; plans
        are left out, as they are everywhere.
    """
    found = [_after(connection, name, relation, day) for name, relation in _events(relations)]
    if "subscriptions" in relations:
        # The end is the first day no longer paid for: one on the next morning is no later news.
        ends = _count(connection, "s.end_date", relations["subscriptions"], day + dt.timedelta(days=1))
        found.insert(0, Later("subscriptions", "ends", *ends) if ends else None)
    if "opportunities" in relations:
        closed = _count(connection, _CLOSED, relations["opportunities"], day)
        found.insert(1, Later("opportunities", "closed", *closed) if closed else None)
    return tuple(item for item in found if item is not None)


def _events(relations: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The tables whose rows tell of something that happened."""
    for name, relation in relations.items():
        if name == USAGE_DAYS.name or (name in TABLES and TABLES[name].event_date and name not in AHEAD):
            yield name, relation


def _event(name: str) -> str:
    return _WEEK if name == "usage" else shape(name).day("s")


def _newest(connection: duckdb.DuckDBPyConnection, name: str, relation: str, latest: dt.date) -> Newest:
    day = f"CAST({f'GREATEST(s.created_on, {_CLOSED})' if name == 'opportunities' else _event(name)} AS DATE)"
    ahead = "s.week_start" if name == "usage" else "CAST(NULL AS DATE)" if name in AGREED else day
    newest = (f"MAX({each}) FILTER ({each} {side} DATE '{latest}')" for each, side in ((day, "<="), (ahead, ">")))
    condition = _ACTUAL if name == "spend" else "TRUE"
    return Newest(
        *connection.execute(f"SELECT {', '.join(newest)} FROM {relation} s WHERE {condition}").fetchone() or ()
    )


def _after(connection: duckdb.DuckDBPyConnection, name: str, relation: str, day: dt.date) -> Later | None:
    condition = _ACTUAL if name == "spend" else "TRUE"
    column = "s.week_start" if name == "usage" else _event(name)
    found = _count(connection, column, f"(SELECT * FROM {relation} WHERE {condition})", day)
    return Later("usage" if name == USAGE_DAYS.name else name, "rows", *found) if found else None


def _count(
    connection: duckdb.DuckDBPyConnection, column: str, relation: str, day: dt.date
) -> tuple[int, dt.date] | None:
    sql = f"SELECT COUNT(*), CAST(MAX({column}) AS DATE) FROM {relation} s WHERE CAST({column} AS DATE) > ?"
    answer = connection.execute(sql, [day]).fetchone()
    return (int(answer[0]), answer[1]) if answer and answer[0] else None


def _latest(values: pd.Series, latest: dt.date) -> Newest:
    zone = settings().council_zone
    known = (value for value in values if not pd.isna(value))
    days = [day_of(each, zone) if isinstance(each, dt.datetime) else each for each in known]
    come = max((day for day in days if day <= latest), default=None)
    return Newest(come, max((day for day in days if day > latest), default=None))
