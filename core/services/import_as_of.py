"""The day the data describe: what follows from it, what lies after it, and stating a later one."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import Problem, RuleBroken
from core.glossary import display_day, display_month
from core.ingest.as_of import Later, Newest, later_rows, newest_day
from core.ingest.prepare import Prepared
from core.month.source import last_complete
from core.schema import TABLES
from core.services.access import Actor, require
from core.services.clock import local_day
from core.services.home import current_state, manifest_of, records_database
from core.settings import settings
from core.store.audit import audit
from core.store.facts import PartFiles
from core.store.facts_shape import connect, relation, shape
from core.store.import_runs import commit_manifest, known_until, newest_manifest, standing_runs
from core.store.manifest import Manifest
from core.store.tables import ImportRun

STATED = "state as-of date"
"""What a run that only states a day is called where imports name their mode."""

IF_SO = (
    "Plans may lie ahead. If these days are past, the files are newer than that: choose the day they were exported, "
    "here or afterwards on Data under Sources."
)


EXPORTED = "State the day the files were exported."


@dataclass(frozen=True, slots=True)
class AsOf:
    """The day an import describes, and what follows from it.

    Attributes:
        day: As stated, or the newest event in the files; None where they hold none that has come.
        observed: Newest event in the files that is no plan and has come; None where they hold none.
        stated: Whether somebody stated the day.
        known_until: Newest day any import describes once this one is in.
        newest_month: Newest month that can be shown then; None without subscriptions.
        later: Rows of the files that lie after the day.
        warnings: What people should know of it.
    """

    day: dt.date | None = None
    observed: dt.date | None = None
    stated: bool = False
    known_until: dt.date | None = None
    newest_month: dt.date | None = None
    later: tuple[Later, ...] = ()
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class LaterInStore:
    """What is loaded beyond the day the data describe.

    Attributes:
        known_until: That day; None when no import said or showed one.
        rows: What lies after it.
        sources: Sources a later day can be stated for, the one with the subscriptions first.
        newest: Newest event that is loaded, where no such day is known; None otherwise.
    """

    known_until: dt.date | None
    rows: tuple[Later, ...]
    sources: tuple[str, ...]
    newest: dt.date | None = None

    @property
    def words(self) -> str:
        """The rows in one sentence, or that no day is known; empty when there is nothing to say."""
        if self.known_until is not None:
            return later_words(self.rows, self.known_until)
        if self.newest is None:
            return ""
        return (
            "These imports were made before the day they describe was kept, so nothing says up to when they are "
            f"complete. The newest event in them is of {display_day(self.newest)}: state the day they were exported."
        )


def dated(prepared: Prepared, known: dt.date | None, at: dt.datetime) -> Newest:
    """Have changed attributes hold from the newest event in the files, where no day was stated and that one can be it.

    It can where it is later than what is loaded. Otherwise no day is assumed: attributes that differ from their newest
    version then need one that somebody states.

    Args:
        prepared: The checked files; their day is set.
        known: Day the imports before this one describe.
        at: Time of the import, UTC.

    Returns:
        The newest event in the files that has come, and the newest that has not.
    """
    found = newest_day(prepared, _latest(at))
    if prepared.as_of is None and found.come is not None and (known is None or known < found.come):
        prepared.as_of = found.come
    return found


def refuse_to_come(stated: dt.date | None, at: dt.datetime) -> None:
    """Raise RuleBroken where the day somebody stated has not come: months up to it would count as complete."""
    if stated is not None and stated > _latest(at):
        raise RuleBroken(f"{display_day(stated)} has not come yet; nothing was imported. {EXPORTED}")


def describe(
    prepared: Prepared,
    stated: dt.date | None,
    newest: Newest,
    after: Manifest,
    known: dt.date | None,
    at: dt.datetime,
) -> AsOf:
    """What an import says about its day.

    Args:
        prepared: The checked files.
        stated: Day somebody stated.
        newest: Newest events in the files.
        after: The facts once the import is in.
        known: Day the imports before it describe.
        at: Time of the import, UTC.
    """
    observed = newest.come
    day = stated or observed
    if day is None:
        warnings = tuple(_warnings(None, newest.ahead, known, (), at))
        return AsOf(known_until=known, newest_month=newest_month(after, known), warnings=warnings)
    until = max(day, known or day)
    every = until < max(observed or until, newest.ahead or until)
    relations = prepared.facts if every else {n: r for n, r in prepared.facts.items() if n == "subscriptions"}
    later = later_rows(prepared.connection, relations, until)
    later = later if every else tuple(item for item in later if item.what == "ends")
    warnings = tuple(_warnings(stated, newest.ahead, until, later, at))
    return AsOf(day, observed, stated is not None, until, newest_month(after, until), later, warnings)


def newest_month(manifest: Manifest, known: dt.date | None) -> dt.date | None:
    """The newest month that can be shown of facts known up to a day; None without subscriptions or such a day."""
    starts = [part.month for part in manifest.of("subscriptions")]
    if not starts or known is None:
        return None
    return max(last_complete(known), dt.date.fromisoformat(f"{min(starts)}-01"))


def day_words(found: AsOf, dry_run: bool) -> str:
    """What the day means for the months that can be shown, in one or two sentences."""
    if found.day is None:
        return "These files hold no event, so they say nothing of the day the company is shown as of."
    if found.newest_month is None:
        return "No month can be shown before subscriptions are imported."
    verb = "will be" if dry_run else "is"
    text = f"The newest month {verb} {display_month(found.newest_month)}."
    if found.known_until and found.known_until > found.day:
        return f"Earlier imports reach {display_day(found.known_until)} already. {text}"
    return text


def later_words(later: Sequence[Later], day: dt.date) -> str:
    """Rows that lie after a day, in one sentence that says how they count."""
    parts = []
    for item in later:
        last = f"the last on {display_day(item.last)}"
        one = item.rows == 1
        if item.what == "ends":
            noun = "subscription ends" if one else "subscriptions end"
            parts.append(f"{item.rows:,} {noun} after {display_day(day)} ({last}) and count{'s' * one} as running")
        elif item.what == "closed":
            noun = "deal closed" if one else "deals closed"
            parts.append(f"{item.rows:,} {noun} after {display_day(day)} ({last}) and count{'s' * one} as open")
    rest = [item for item in later if item.what == "rows"]
    if rest:
        listed = ", ".join(f"{item.rows:,} of {item.table.replace('_', ' ')}" for item in rest)
        last = display_day(max(item.last for item in rest))
        parts.append(f"rows after {display_day(day)} are not seen ({listed}; the last on {last})")
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def command_for(later: Sequence[Later], dry_run: bool = False) -> str:
    """The command that states a day after which none of these rows lies; the option of the import in a dry run."""
    return f"{'--as-of' if dry_run else 'python -m core as-of'} {max(item.last for item in later):%Y-%m-%d}"


def later_in_store() -> LaterInStore:
    """What is loaded beyond the day the data describe."""
    state = current_state()
    manifest, sources = manifest_of(state), _sources()
    if not sources:
        return LaterInStore(None, (), sources)
    with tempfile.TemporaryDirectory() as scratch, connect(Path(scratch)) as connection:
        files = PartFiles(settings().facts_dir)
        relations = {
            name: relation(shape(name), files.paths(manifest.of(name))) for name in manifest.tables if name in TABLES
        }
        if state.known_until is not None:
            return LaterInStore(state.known_until, later_rows(connection, relations, state.known_until), sources)
        every = later_rows(connection, relations, dt.date.min)
        newest = max((item.last for item in every if item.what != "ends"), default=None)
        return LaterInStore(None, (), sources, newest)


def state_as_of(actor: Actor, day: dt.date, at: dt.datetime, source: str | None = None) -> dt.date | None:
    """State that what is loaded is complete up to a later day, without importing anything.

    It is kept as a run of the source without files, so that it is listed with the imports and taken back like one.

    Args:
        actor: Who; needs the role finance.
        day: The day.
        at: Time of the act, UTC.
        source: Source that is complete up to then; the one with the subscriptions by default.

    Returns:
        The newest month that can be shown then; None without subscriptions.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: Nothing is loaded, no such source, the day has not come yet or is not later than what is known.
        CouncilError: Somebody imported in the meantime.
    """
    require(actor, "state an as-of date", "finance")
    state, sources = current_state(), _sources()
    chosen = source or next(iter(sources), None)
    _refuse_day(day, at, chosen, sources, state.known_until)
    manifest = manifest_of(state)
    with records_database().write() as session:
        before = newest_manifest(session)
        made = commit_manifest(session, manifest, state.manifest_hash, "as-of", at)
        assert made.id is not None and before is not None
        run = ImportRun(
            at=at, actor=actor.name, source=chosen or "", mode=STATED, files=[], changes={}, warnings=[],
            manifest_id=made.id, previous_manifest_id=before.id, as_of=day,
        )  # fmt: skip
        session.add(run)
        session.flush()
        made.known_until = known_until(standing_runs(session))
        audit(session, at, actor.name, STATED, f"import_runs/{run.id}", source=chosen, as_of=day.isoformat())
    return newest_month(manifest, day)


def _latest(at: dt.datetime) -> dt.date:
    """The last day that has come somewhere at an instant."""
    return local_day(at) + dt.timedelta(days=1)


def _warnings(
    stated: dt.date | None, ahead: dt.date | None, until: dt.date | None, later: Sequence[Later], at: dt.datetime
) -> Iterator[Problem]:
    if stated is not None and stated > _latest(at):
        message = f"{display_day(stated)} has not come yet, so the import will be refused. {EXPORTED}"
        yield Problem("as-of date", message, rule="as_of")
    if later and until is not None:
        yield Problem("as-of date", f"{later_words(later, until)} {IF_SO}", rule="as_of")
    if ahead is not None:
        message = (
            f"the newest event in these files, on {display_day(ahead)}, has not come yet: a plan or a typing error. It "
            "says nothing of the day the files describe."
        )
        yield Problem("as-of date", message, rule="as_of")


def _refuse_day(
    day: dt.date, at: dt.datetime, source: str | None, sources: Sequence[str], known: dt.date | None
) -> None:
    if not sources:
        raise RuleBroken("Nothing is loaded yet: import accounts and subscriptions first; nothing was changed.")
    if source not in sources:
        raise RuleBroken(f'There is no source "{source}": expected {", ".join(sources)}; nothing was changed.')
    if day > _latest(at):
        raise RuleBroken(f"{display_day(day)} has not come yet; nothing was changed.")
    if known is not None and day <= known:
        raise RuleBroken(
            f"The data are known up to {display_day(known)} already; nothing was changed. An earlier day is reached by "
            "taking back the import that stated the later one."
        )


def _sources() -> tuple[str, ...]:
    """Sources with imports that stand, those that bring subscriptions first."""
    with records_database().read() as session:
        runs = standing_runs(session)
    names = sorted({run.source for run in runs})
    money = {run.source for run in runs if "subscriptions" in run.changes}
    return tuple(sorted(names, key=lambda name: name not in money))
