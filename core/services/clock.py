"""The moment of an act, and the one working day that due days, overdue and countdowns are told from.

No figure reads it: figures are as of the end of a month. A real company lives in real time. The demo company lives in
its own, a whole number of days away, so that the day after its data end is the day on which somebody first looks at it.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from core.glossary import display_day
from core.services.access import Actor
from core.services.home import DEMO_SOURCE, has_database, records_database
from core.settings import settings
from core.store.audit import audit
from core.store.manifest import Manifest
from core.store.revisions import current
from core.store.tables import AuditEntry, ManifestRow

DEMO_TIME = "demo time"
"""Record of the audit log that says how many days the demo company lives behind the real day."""


def real_now() -> dt.datetime:
    """This instant, UTC, whatever the company."""
    return dt.datetime.now(dt.UTC)


def now() -> dt.datetime:
    """This instant where the company of this installation lives, UTC: the time of every act and of every today."""
    return real_now() - distance()


def today() -> dt.date:
    """The day where the company of this installation lives, in its own zone."""
    return local_day(now())


def local_day(at: dt.datetime) -> dt.date:
    """The day of an instant in the company's zone, against which days of forms are held.

    Args:
        at: The instant; what SQLite gives back without a zone is UTC.
    """
    aware = at if at.tzinfo else at.replace(tzinfo=dt.UTC)
    return aware.astimezone(ZoneInfo(settings().council_zone)).date()


def demo_words() -> str:
    """That this is the demo company and what day it is there; empty where the company lives in real time."""
    return f"Demo company: here it is {display_day(today())}" if _noted() is not None else ""


def real_time(at: dt.datetime) -> dt.datetime:
    """The real instant of a moment of the company: what stamps of files and days of other companies are held against.

    Args:
        at: As `now` told it, UTC.
    """
    return at + distance()


def distance() -> dt.timedelta:
    """How far the company lives behind the real day, in whole days; negative where ahead, 0 for every real one.

    The company is the demo company as long as all its facts are the demo's; a home that was made before its distance
    was noted counts from the real day.
    """
    return _noted() or dt.timedelta(0)


def start_demo_time(actor: Actor, last_day: dt.date, at: dt.datetime) -> dt.datetime:
    """Note that the demo company begins today, in its own zone, with the day after its data end.

    Called before its data are imported: whoever sees the data sees the note, too.

    Args:
        actor: Who loads the demo company.
        last_day: Last day of its data.
        at: The real instant, UTC; the audit log keeps it with the distance.

    Returns:
        The same instant where the demo company lives.
    """
    first = last_day + dt.timedelta(days=1)
    days = (local_day(at) - first).days
    with records_database().write() as session:
        audit(session, at, actor.name, "start demo time", DEMO_TIME, days_behind=days, today=first.isoformat())
    return at - dt.timedelta(days=days)


def _noted() -> dt.timedelta | None:
    """The distance of the demo company; None of every other, and where none was noted."""
    if not has_database():
        return None
    database = records_database()
    newest, _, revisions = current(database)
    return _noted_of(database.url, newest, revisions.get("import_runs", 0))


@lru_cache(maxsize=8)
def _noted_of(url: str, manifest_hash: str, imports: int) -> dt.timedelta | None:
    """`_noted` in one state of the facts; `url` and `imports` name it, as the same facts may be loaded twice."""
    with records_database().read() as session:
        bodies = select(ManifestRow.body).where(ManifestRow.hash == manifest_hash).limit(1)
        manifest = Manifest.from_json(session.exec(bodies).first() or "[]")
        if {part.source for part in manifest.parts} != {DEMO_SOURCE}:
            return None
        notes = select(AuditEntry.detail).where(col(AuditEntry.record) == DEMO_TIME)
        note = session.exec(notes.order_by(col(AuditEntry.id).desc()).limit(1)).first()
    return dt.timedelta(days=int(str(note["days_behind"]))) if note else None
