"""When the council decided something about a figure: what the figure's line over time is marked with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from core.glossary import display_day
from core.services.clock import local_day
from core.services.home import records_database
from core.stats.months import month_of
from core.store.tables import Decision


@dataclass(frozen=True, slots=True)
class DecisionMark:
    """One decision on a line over time.

    Attributes:
        kpi: Id of the KPI it was to move.
        month: First day of the month it was taken in.
        words: The day and what was decided; from data, to be escaped.
    """

    kpi: str
    month: dt.date
    words: str


def decision_marks() -> tuple[DecisionMark, ...]:
    """Every decision there is, oldest first, whatever became of it."""
    with records_database().read() as session:
        rows = session.exec(select(Decision).order_by(col(Decision.decided_at), col(Decision.id))).all()
    return tuple(_mark(row) for row in rows)


def marks_of(marks: Sequence[DecisionMark], kpi: str, months: Sequence[dt.date]) -> tuple[tuple[int, str], ...]:
    """Marks of one figure on a line of months: the place of the month and the words; those outside are left out."""
    places = {month: place for place, month in enumerate(months)}
    return tuple((places[mark.month], mark.words) for mark in marks if mark.kpi == kpi and mark.month in places)


def _mark(row: Decision) -> DecisionMark:
    day = local_day(row.decided_at)
    return DecisionMark(row.kpi, month_of(day), f"{display_day(day)}: {row.title}")
