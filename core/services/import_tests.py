"""Data tests of the imports: counted with each run, and the share passed in a month's loads as evidence of maturity."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from sqlmodel import select

from core.ingest.prepare import Prepared
from core.ingest.skipping import Skip
from core.ingest.tally import tally
from core.ingest.usage import USAGE_EVENTS
from core.maturity.evidence import Measure, MeasureState
from core.month import Month
from core.services.clock import local_day
from core.services.home import records_database
from core.services.import_report import TableReport
from core.stats.months import month_of, shift_month
from core.store.manifest import Manifest
from core.store.tables import ImportRun

LOAD_TESTS = "data_tests_passed_rate"
"""Id of the evidence measure."""
LONGEST = 13
"""Closed months the measure is looked back over."""


@dataclass(frozen=True)
class Load:
    """The data tests of one import.

    Attributes:
        day: Day of the import, in the company's zone.
        run: Tests run.
        passed: Tests that every row kept.
    """

    day: dt.date
    run: int
    passed: int


def with_tests(
    tables: Sequence[TableReport], prepared: Prepared, before: Manifest, skip: Skip | None
) -> tuple[TableReport, ...]:
    """The tables of an import with their data tests.

    Args:
        tables: What the import does to each table.
        prepared: The checked files.
        before: The facts that were loaded already: references may point to them.
        skip: Rows left out on request.
    """
    known = {*prepared.staged, *before.tables}
    told = tally(prepared.staged, known, skip.every if skip else (), prepared.compared, len(prepared.conflicts))
    if "usage" not in told and USAGE_EVENTS.name in told:
        told["usage"] = told[USAGE_EVENTS.name]
    return tuple(
        replace(item, tests=told[item.table].run, passed=told[item.table].passed) if item.table in told else item
        for item in tables
    )


def loads() -> tuple[Load, ...]:
    """Every import whose tests were counted, those that were taken back among them: they were loads, too."""
    with records_database().read() as session:
        runs = session.exec(select(ImportRun.at, ImportRun.changes)).all()
    counted = (
        Load(
            local_day(at),
            sum(each.get("tests", 0) for each in changes.values()),
            sum(each.get("passed", 0) for each in changes.values()),
        )
        for at, changes in runs
    )
    return tuple(load for load in counted if load.run)


def passed_in(found: Sequence[Load], month: dt.date) -> tuple[int, int]:
    """Tests passed and tests run in the loads of a calendar month."""
    own = [load for load in found if month_of(load.day) == month]
    return sum(load.passed for load in own), sum(load.run for load in own)


def load_measure(found: Sequence[Load], month: Month, months: int) -> Measure:
    """The share of data tests passed as it held in every one of some closed months: that of the weakest month.

    share = tests passed / tests run, over the imports of a calendar month

    Args:
        found: The imports.
        month: The month.
        months: Closed months it must hold over.

    Returns:
        A census: no interval; undefined in a month without an import whose tests were counted.
    """
    counts = [passed_in(found, shift_month(month.month, -back)) for back in range(LONGEST)]
    shown = tuple(takewhile(lambda count: count[1] > 0, counts))
    if not shown:
        return Measure(None, None, None, 0, 0, MeasureState.UNDEFINED)
    passed, run = min(shown[:months], key=lambda count: count[0] / count[1])
    return Measure(passed / run, None, None, run, len(shown))
