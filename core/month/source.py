"""What a Month is built from, and which months there are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from core.advocacy.shape import OVERRIDE_COLUMNS
from core.model.advocacy_settings import Setting
from core.rollups.engine import Engine, rollup_sql
from core.stats.months import month_end, month_of, shift_month


@dataclass(frozen=True)
class Source:
    """One company at one moment.

    Attributes:
        engine: Runs rollups over the fact parts of the current manifest.
        records: Record tables as frames, by name.
        loaded: Tables of the contract that hold rows.
        reporting: Currency to report in; empty takes the only one of the subscriptions.
        facts_key: Identifies manifest and model files.
        records_key: Identifies the revisions of the record tables.
        months: Months that can be shown, newest first, as `complete_months` gives them.
        company: Name of the company where it must be said, as of the demo company; else empty.
        judgement_key: Identifies the revisions of settings and scores set by hand.
        settings: Every setting people laid over the rules of advocacy.
        overrides: Every score ever set by hand, as `overrides_frame` gives them.
        stated: Record tables that hold only rows people recorded one by one in the product: what is lacking there is
            not known.
        known_until: Day up to which imports say the data are complete; None when none says so.
    """

    engine: Engine
    records: Mapping[str, pd.DataFrame]
    loaded: frozenset[str]
    reporting: str
    facts_key: str
    records_key: str
    months: tuple[dt.date, ...]
    company: str = ""
    judgement_key: str = ""
    settings: tuple[Setting, ...] = ()
    overrides: pd.DataFrame = field(default_factory=lambda: overrides_frame(()))
    stated: frozenset[str] = frozenset()
    known_until: dt.date | None = None


def overrides_frame(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Scores set by hand as a frame, in the order they were set.

    Returns:
        override_id, the columns of `core.advocacy.shape.OVERRIDE_COLUMNS`, ended_on (first day it no longer holds
        because somebody ended or replaced it; empty while nobody did) and version.
    """
    names = ["override_id", *OVERRIDE_COLUMNS, "ended_on", "version"]
    frame = pd.DataFrame([[row[name] for name in names] for row in rows], columns=names)
    kinds = dict.fromkeys(("contact_id", "score", "author", "reason"), "str") | {"value": "float64"}
    return frame.astype(kinds | dict.fromkeys(("set_on", "expires_on", "ended_on"), "datetime64[us]"))


def complete_months(engine: Engine) -> tuple[dt.date, ...]:
    """Months that can be shown, newest first: from the first revenue to the last complete month.

    The data end on the latest day anything was observed (a subscription started, an answer, a ticket, a week
    of usage, a touch, a deal). A month is complete when its last day is not after that, so a company whose
    data stop within a month does not see that month; one whose only month is unfinished sees that one.
    """
    seen = engine.query(rollup_sql("observed_days"))
    started = seen.loc[seen["name"] == "subscriptions", "first_on"].dropna()
    if started.empty:
        return ()
    first, last = month_of(started.min().date()), seen["last_on"].max().date()
    newest = month_of(last)
    if month_end(newest) > last and newest > first:
        newest = shift_month(newest, -1)
    count = (newest.year - first.year) * 12 + newest.month - first.month + 1
    return tuple(shift_month(newest, -back) for back in range(count))


def months_until(months: tuple[dt.date, ...], as_of: dt.date | None) -> tuple[dt.date, ...]:
    """The months that are complete as of the day the imports describe.

    Months in which nothing happened any more are added, those that were not over on that day are left out; the first
    month stays where it is the only one.

    Args:
        months: As `complete_months` gives them.
        as_of: Newest as-of date of the imports; None when none was stated or read.
    """
    if not months or as_of is None:
        return months
    newest = last_complete(as_of)
    count = (newest.year - months[0].year) * 12 + newest.month - months[0].month
    known = tuple(month for month in months if month <= newest) or months[-1:]
    return (*(shift_month(newest, -back) for back in range(max(count, 0))), *known)


def last_complete(day: dt.date) -> dt.date:
    """The last month that is over on a day: its own month on the last day of it, else the one before."""
    month = month_of(day)
    return month if month_end(month) == day else shift_month(month, -1)
