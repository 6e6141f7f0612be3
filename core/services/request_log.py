"""The steps of requests and referrals as recorded, and the moment everything is judged at."""

from __future__ import annotations

import datetime as dt
import json

import pandas as pd
from sqlmodel import col, select

from core.glossary import display_day
from core.model.holidays import holiday_calendar
from core.model.kpi_rules import kpi_rules
from core.month import Month
from core.services.clock import instant_of, moment_words
from core.services.home import records_database
from core.store.revisions import current
from core.store.tables import ImportRecord, ImportRun, ReferenceRequest, Referral, ReferralEvent, RequestEvent

_WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
STEP_COLUMNS = ("request_id", "kind", "contact_id", "ask_id", "note", "proof", "day", "author", "at")
UNDONE = "not contacted"
"""Kind of the step that takes a first contact back."""
EVENT_COLUMNS = ("referral_id", "kind", "milestone", "given_to", "note", "author", "at")


def log_revision() -> tuple[int, int]:
    """Changes when a step of a request or of a referral is recorded."""
    known = current(records_database())[2]
    return known.get("request_events", 0), known.get("referral_events", 0)


def request_steps() -> pd.DataFrame:
    """Every step of every request, oldest first: the columns of `STEP_COLUMNS`, `at` in UTC without zone."""
    with records_database().read() as session:
        rows = session.exec(select(RequestEvent).order_by(col(RequestEvent.at), col(RequestEvent.id))).all()
    return _frame([tuple(getattr(row, name) for name in STEP_COLUMNS) for row in rows], STEP_COLUMNS)


def referral_steps() -> pd.DataFrame:
    """Every step of every referral, oldest first: the columns of `EVENT_COLUMNS`, `at` in UTC without zone."""
    with records_database().read() as session:
        rows = session.exec(select(ReferralEvent).order_by(col(ReferralEvent.at), col(ReferralEvent.id))).all()
    return _frame([tuple(getattr(row, name) for name in EVENT_COLUMNS) for row in rows], EVENT_COLUMNS)


def request_versions() -> dict[str, int]:
    """Version of every request that is not closed."""
    with records_database().read() as session:
        query = select(ReferenceRequest.request_id, ReferenceRequest.version)
        return dict(session.exec(query.where(col(ReferenceRequest.state).in_(["open", "matched"]))).all())


def referral_versions() -> dict[str, int]:
    """Version of every referral."""
    with records_database().read() as session:
        return dict(session.exec(select(Referral.referral_id, Referral.version)).all())


def arrivals() -> pd.Series:
    """When an import first brought each referral, by referral_id, UTC without zone.

    The first import that stands and brought any is left out: it loads history, and says nothing of how long it took.
    """
    with records_database().read() as session:
        query = (
            select(ImportRun.at, ImportRecord.inserted)
            .where(col(ImportRecord.run_id) == ImportRun.id, col(ImportRun.undone_at).is_(None))
            .where(col(ImportRecord.table_name) == "referrals")
            .order_by(col(ImportRun.id))
        )
        runs = [(at, keys) for at, keys in session.exec(query).all() if keys]
    found = {json.loads(key)[0]: at for at, keys in runs[1:] for key in keys}
    return pd.Series(list(found.values()), index=pd.Index(list(found), dtype="str"), dtype="object").pipe(_instants)


def moment(month: Month, at: dt.datetime | None = None) -> dt.datetime:
    """The moment clocks are read at.

    Args:
        month: The month.
        at: Now, UTC, where the company lives; None for a look at the month as it ended.

    Returns:
        Now in the newest month, but never before its data end; in every other look the end of the month's last day
        where the company is, as UTC, which no record moves: an act of a later day counts as done, and every other
        clock stays where it was.
    """
    end = instant_of(month.as_of + dt.timedelta(days=1), dt.time())
    return end if at is None or not month.facts.newest else max(at, end)


def clock_note(month: Month, at: dt.datetime | None = None) -> str:
    """At which moment the clocks stand, in words; `at` as in `moment`."""
    stand = moment(month, at)
    if at is not None and stand == at:
        return f"Clocks stand at {moment_words(stand)}"
    return f"Clocks stand at the end of {display_day(month.as_of)}; what was done later counts as done"


def working_hours_words() -> str:
    """In which hours and on which days clocks run, and whose public holidays stop them."""
    lane = kpi_rules().fast_lane
    days = [_WEEK[number - 1] for number in sorted(lane.working_days)]
    calendar = holiday_calendar(lane.calendar)
    off = f"{calendar.label} are left out" if calendar.days else (
        "no public holidays are left out, for none are stated: name your team's calendar of holidays.toml")  # fmt: skip
    return f"Clocks run {', '.join(days)}, {_clock(lane.opens)} to {_clock(lane.closes)} {lane.zone}; {off}"


def _clock(hour: float) -> str:
    return f"{int(hour):02d}:{round(hour % 1 * 60):02d}"


def _frame(rows: list[tuple[object, ...]], names: tuple[str, ...]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(names))
    texts = [name for name in names if name not in ("at", "day")]
    days = {"day": pd.to_datetime(frame["day"]).astype("datetime64[us]")} if "day" in names else {}
    return frame.astype(dict.fromkeys(texts, "str")).assign(at=_instants(frame["at"]), **days)


def _instants(values: pd.Series) -> pd.Series:
    found: pd.Series = pd.to_datetime(values, utc=True).dt.tz_localize(None).astype("datetime64[us]")
    return found
