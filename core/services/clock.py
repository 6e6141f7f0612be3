"""The moment of an act, and the one working day that due days, overdue and countdowns are told from.

No figure reads it: figures are as of the end of a month. A real company lives in real time. The demo company lives in
its own, a whole number of days away, so that the day after its data end is the day on which somebody first looks at it.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, select

from core.glossary import display_day
from core.schema.zones import day_of
from core.services.access import Actor
from core.services.home import DEMO_SOURCE, State, has_database, records_database, utc
from core.settings import settings
from core.store.audit import audit
from core.store.manifest import Manifest
from core.store.revisions import current
from core.store.tables import AuditEntry, ManifestRow

DEMO_TIME = "demo time"
"""Record of the audit log that says how many days the demo company lives behind the real day."""
IMPORTS = ("manifests/", "import_runs/", "mappings/")
"""How records of the audit log begin that tell of an import."""


def real_now() -> dt.datetime:
    """This instant, UTC, whatever the company."""
    return dt.datetime.now(dt.UTC)


def now(state: State | None = None) -> dt.datetime:
    """This instant where the company of this installation lives, UTC: the time of every act and of every today.

    Args:
        state: As in `demo_words`.
    """
    return real_now() - distance(state)


def today(state: State | None = None) -> dt.date:
    """The day where the company of this installation lives, in its own zone.

    Args:
        state: As in `demo_words`.
    """
    return local_day(now(state))


def local_day(at: dt.datetime) -> dt.date:
    """The day of an instant in the company's zone, against which days of forms are held.

    Args:
        at: The instant; what SQLite gives back without a zone is UTC.
    """
    return local_time(at).date()


def local_time(at: dt.datetime) -> dt.datetime:
    """An instant as the clocks of the company show it, with its zone.

    Args:
        at: The instant; what SQLite gives back without a zone is UTC.
    """
    aware = at if at.tzinfo else at.replace(tzinfo=dt.UTC)
    return aware.astimezone(ZoneInfo(settings().council_zone))


def instant_of(day: dt.date, hour: dt.time) -> dt.datetime:
    """The instant, UTC, at which the clocks of the company show a day and an hour: what a form asks for."""
    return dt.datetime.combine(day, hour, ZoneInfo(settings().council_zone)).astimezone(dt.UTC)


def zone_name() -> str:
    """Whose clocks these are, such as "UTC" or "Europe/Berlin"."""
    return settings().council_zone


def moment_words(at: dt.datetime) -> str:
    """An instant as "4 Nov 2026, 09:00 UTC", in the company's zone, whatever the locale."""
    local = local_time(at)
    return f"{display_day(local.date())}, {local:%H:%M} {zone_name()}"


def event_day(at: dt.datetime) -> dt.date:
    """The day of something on record: in the company's zone where its hour is known.

    Midnight sharp, UTC, is how a day without an hour is kept, whoever wrote it: that day itself.
    """
    return day_of(at, settings().council_zone)


def demo_words(state: State | None = None) -> str:
    """That this is the demo company and what day it is there; empty where the company lives in real time.

    Args:
        state: The state of the company, where the caller has read it already; it is read otherwise.
    """
    noted = _noted(state)
    return "" if noted is None else f"Demo company: here it is {display_day(local_day(real_now() - noted))}"


def real_time(at: dt.datetime) -> dt.datetime:
    """The real instant of a moment of the company: what stamps of files and days of other companies are held against.

    Args:
        at: As `now` told it, UTC.
    """
    return at + distance()


def distance(state: State | None = None) -> dt.timedelta:
    """How far the company lives behind the real day, in whole days; negative where ahead, 0 for every real one.

    The company is the demo company as long as all its facts are the demo's; a home that was made before its distance
    was noted counts from the real day.

    Args:
        state: As in `demo_words`.
    """
    return _noted(state) or dt.timedelta(0)


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


def resume_demo_time(session: Session, actor: Actor, manifest: Manifest, real: dt.datetime) -> dt.datetime:
    """The moment where the company lives once its facts are those of a manifest; called by what puts facts back.

    Data of one's own beside the demo's turn the time to the real day. Once they are taken back the demo's own time
    goes on, but never behind the latest act: what people did meanwhile would lie ahead. A line of the log says how far
    behind the real day the company lives from then on, where that has changed. Imports and what took them back are no
    acts.

    Args:
        session: The unit of work that puts the facts back.
        actor: Who does.
        manifest: The facts as they will be.
        real: The real instant, UTC.
    """
    behind = _note(session)
    if behind is None or not _of_demo(manifest):
        return real
    latest = _latest_act(session)
    if latest is not None and latest > real - behind:
        kept = min(behind, max(dt.timedelta(0), dt.timedelta(days=(real - latest).days)))
        why = f"the latest act, after which the company goes on, was on {display_day(local_day(latest))}"
        today = local_day(real - kept).isoformat()
        audit(session, real, actor.name, "resume demo time", DEMO_TIME, days_behind=kept.days, today=today, because=why)
        behind = kept
    return real - behind


def _latest_act(session: Session) -> dt.datetime | None:
    """When somebody last did something in the company."""
    record = col(AuditEntry.record)
    imports = [~record.startswith(begin) for begin in IMPORTS]
    acts = select(func.max(AuditEntry.at)).where(record != DEMO_TIME, *imports)
    latest = session.exec(acts).one()
    return None if latest is None else utc(latest)


def _noted(state: State | None = None) -> dt.timedelta | None:
    """The distance of the demo company; None of every other, and where none was noted."""
    if state is not None:
        return _noted_of(records_database().url, state.manifest_hash, state.imports)
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
        return _note(session) if _of_demo(manifest) else None


def _of_demo(manifest: Manifest) -> bool:
    """Whether all facts are the demo's."""
    return {part.source for part in manifest.parts} == {DEMO_SOURCE}


def _note(session: Session) -> dt.timedelta | None:
    """The distance the log noted last."""
    notes = select(AuditEntry.detail).where(col(AuditEntry.record) == DEMO_TIME)
    note = session.exec(notes.order_by(col(AuditEntry.id).desc()).limit(1)).first()
    return dt.timedelta(days=int(str(note["days_behind"]))) if note else None
