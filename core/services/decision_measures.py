"""How the council keeps its own record: the evidence measures of maturity that rest on decisions, not on imports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from sqlmodel import select

from core.maturity.evidence import Measure, MeasureState
from core.month import Month
from core.services.clock import local_day
from core.services.home import records_database
from core.stats.months import month_end, shift_month
from core.store.tables import Decision, Review

YEAR = 12
LONGEST = 13
"""Closed months a measure is looked back over."""


@dataclass(frozen=True)
class CouncilRecord:
    """Every decision and every look-back that was due, as days.

    Attributes:
        decided: Day of each decision, and whether it names an owner and a day of its look-back.
        due: Day each look-back was due, and the day it was held; None while nobody has held it.
        meetings: Each day on which a decision or a look-back was recorded, and whether it had a decision and every
            figure of that day was kept from one state of the data.
    """

    decided: tuple[tuple[dt.date, bool], ...]
    due: tuple[tuple[dt.date, dt.date | None], ...]
    meetings: tuple[tuple[dt.date, bool], ...] = ()


def council_record() -> CouncilRecord:
    """The council's record as it stands."""
    with records_database().read() as session:
        decisions, reviews = session.exec(select(Decision)).all(), session.exec(select(Review)).all()
    held = tuple((each.due_on, local_day(each.reviewed_at)) for each in reviews)
    waiting = tuple((each.review_on, None) for each in decisions if each.status == "decided")
    return CouncilRecord(
        decided=tuple((local_day(each.decided_at), bool(each.owner.strip())) for each in decisions),
        due=(*held, *waiting),
        meetings=_meetings(decisions, reviews),
    )


def _meetings(decisions: Sequence[Decision], reviews: Sequence[Review]) -> tuple[tuple[dt.date, bool], ...]:
    """Days of meetings; figures of one state of the data carry one key of their month."""
    keys: dict[dt.date, set[object]] = {}
    for day, seen in (
        *((local_day(each.decided_at), each.seen) for each in decisions),
        *((local_day(each.reviewed_at), each.actual) for each in reviews),
    ):
        keys.setdefault(day, set()).add(seen.get("month_key"))
    with_decision = {local_day(each.decided_at) for each in decisions}
    return tuple((day, day in with_decision and len(found) == 1 and None not in found) for day, found in keys.items())


def on_kept_figures(record: CouncilRecord, month: dt.date) -> tuple[int, int]:
    """Meetings of the twelve months to month end with a decision and all figures from one state, and all of them."""
    found = [kept for day, kept in record.meetings if _in_year(day, month)]
    return sum(found), len(found)


def with_owner_and_due(record: CouncilRecord, month: dt.date) -> tuple[int, int]:
    """Decisions of the twelve months to month end that name an owner and a day of the look-back, and all of them."""
    found = [whole for day, whole in record.decided if _in_year(day, month)]
    return sum(found), len(found)


def reviewed_on_time(record: CouncilRecord, month: dt.date) -> tuple[int, int]:
    """Look-backs due in the twelve months to month end that were held by their day, and all that were due."""
    found = [held is not None and held <= due for due, held in record.due if _in_year(due, month)]
    return sum(found), len(found)


def _in_year(day: dt.date, month: dt.date) -> bool:
    return month_end(shift_month(month, -YEAR)) < day <= month_end(month)


COUNTS: dict[str, Callable[[CouncilRecord, dt.date], tuple[int, int]]] = {
    "cov_meetings_on_frozen_pack": on_kept_figures,
    "decisions_with_owner_and_due_rate": with_owner_and_due,
    "decisions_reviewed_on_time_rate": reviewed_on_time,
}
"""Counted and all, by id of the evidence measure."""


def decision_measure(record: CouncilRecord, month: Month, name: str, months: int) -> Measure:
    """A measure of the council's record as it held in every one of some closed months: that of its weakest month.

    Args:
        record: Decisions and look-backs.
        month: The month.
        name: Id of the measure, of `COUNTS`.
        months: Closed months it must hold over.

    Returns:
        A census: no interval; undefined in a month without a decision, or without a look-back that was due.
    """
    counts = [COUNTS[name](record, shift_month(month.month, -back)) for back in range(LONGEST)]
    shown: Sequence[tuple[int, int]] = tuple(takewhile(lambda count: count[1] > 0, counts))
    if not shown:
        return Measure(None, None, None, 0, 0, MeasureState.UNDEFINED)
    counted, every = min(shown[:months], key=lambda count: count[0] / count[1])
    return Measure(counted / every, None, None, every, len(shown))
