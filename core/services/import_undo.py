"""Taking back the last import of a source: facts, records and corrections as they were before it."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import duckdb
from sqlmodel import Session, col, select

from core.errors import CouncilError, InputProblems
from core.ingest.load import circles, orphaned_rows, overlapping_periods
from core.schema import TABLES
from core.services.access import Actor, require
from core.services.clock import real_time, resume_demo_time
from core.services.erased_cells import hidden
from core.services.home import State, current_state, manifest_of, records_database
from core.services.import_log import wait_for_acts
from core.settings import settings
from core.store.audit import audit
from core.store.cells import key_label
from core.store.correction_undo import corrected_back
from core.store.facts import PartFiles, foreign_rows
from core.store.facts_shape import connect, relation, shape
from core.store.import_runs import commit_manifest, known_until, manifest_at, standing_runs, without_run
from core.store.manifest import Manifest, Part
from core.store.record_undo import Undone, take_back
from core.store.records import Difference
from core.store.tables import ImportRecord, ImportRun

FIRST = "Take back the import of that source first."
SHOWN = 20
"""Edited cells that are written out in a refusal."""


@dataclass(frozen=True, slots=True)
class FactsUndone:
    """Rows of one fact table of the source, now and once the import is taken back; versions of one row count once."""

    table: str
    rows_now: int
    rows_then: int


@dataclass(frozen=True)
class UndoReport:
    """What taking an import back did, or would do.

    Attributes:
        run_id: The import.
        source: Its source.
        at: When it had run, UTC.
        actor: Who had run it.
        dry_run: Whether nothing was written.
        facts: Fact tables that change.
        records: Record tables that change.
    """

    run_id: int
    source: str
    at: dt.datetime
    actor: str
    dry_run: bool
    facts: tuple[FactsUndone, ...]
    records: tuple[Undone, ...]


class EditedSince(CouncilError):
    """Rows of the import were worked on in the product since; nothing was taken back.

    Attributes:
        differences: Table, and the cell as it is now and as it was before the import.
    """

    def __init__(self, differences: Sequence[tuple[str, Difference]]) -> None:
        self.differences = tuple(differences)
        lines = [
            f"  {table} {key_label(item.key)}, {item.column}: now {item.ours or 'empty'}, "
            f"before the import {item.theirs or 'empty'}"
            for table, item in self.differences[:SHOWN]
        ]
        more = [f"  … and {len(self.differences) - SHOWN} more."] if len(self.differences) > SHOWN else []
        head = "undo: rows of this import were edited since; nothing was taken back. Import the older file instead."
        super().__init__("\n".join([head, *lines, *more]))


def undo_import(
    actor: Actor, at: dt.datetime, *, source: str | None = None, dry_run: bool = False, run_id: int | None = None
) -> UndoReport:
    """Take back the newest import that stands; to undo the undo, import the files again.

    Facts of the source go back to what they were before that import, whatever other sources brought since;
    corrections stay on top. Records the import added go, those it changed are as before. All of it happens in one
    transaction, with a line in the audit log; where the demo's data are left alone its time goes on, never behind the
    latest act.

    Args:
        actor: Who; needs the role finance.
        at: Time of the act, UTC.
        source: Take back the newest import of this source; of any source by default.
        dry_run: Count, write nothing.
        run_id: The import that was shown; another one is not taken back in its place.

    Raises:
        NotAllowed: The role is missing.
        EditedSince: Rows of the import were edited in the product since; names both sides.
        InputProblems: Rows of other tables refer to rows that would go, or rows that would come back count what another
            source brought since.
        CouncilError: There is nothing to take back, `run_id` is not the newest, or somebody imported in the meantime.
    """
    require(actor, "take back an import", "finance")
    state, real = current_state(), real_time(at)
    current = manifest_of(state)
    with tempfile.TemporaryDirectory() as scratch, connect(Path(scratch)) as connection:
        overlay = Path(scratch) / "dry_run" if dry_run else None
        files = PartFiles(settings().facts_dir, overlay)
        with records_database().write() as session:
            wait_for_acts(session)
            run = _newest(session, source, run_id)
            before, after = manifest_at(session, run.previous_manifest_id), manifest_at(session, run.manifest_id)
            restored = without_run(current, before, after, run.source)
            at = resume_demo_time(session, actor, restored, real)
            restored, settle = corrected_back(session, connection, files, restored, run, at)
            _refuse_broken(connection, files, current, restored, run.source)
            report = _report(session, run, current, restored, dry_run, partial(_rows, connection, files))
            if dry_run:
                session.rollback()
                return report
            settle(_commit(session, actor, run, restored, state, at))
    return report


def _newest(session: Session, source: str | None, run_id: int | None) -> ImportRun:
    runs = standing_runs(session, source)
    if not runs:
        known = sorted({run.source for run in standing_runs(session)})
        listed = f"; imports stand of {', '.join(known)}" if known else ""
        raise CouncilError(f"undo: there is no import to take back{f' of {source}' if source else ''}{listed}.")
    if run_id not in (None, runs[0].id):
        raise CouncilError(
            "undo: that import is not the newest any more; nothing was taken back. Look at the log again."
        )
    return runs[0]


def _report(
    session: Session,
    run: ImportRun,
    current: Manifest,
    restored: Manifest,
    dry_run: bool,
    rows: Callable[[str, Sequence[Part]], int],
) -> UndoReport:
    """Put the records back and say what that did.

    Raises:
        EditedSince: Rows were edited since.
    """
    images = session.exec(select(ImportRecord).where(col(ImportRecord.run_id) == run.id)).all()
    records = take_back(session, images)
    edited = [(item.table, difference) for item in records for difference in hidden(session, item.table, item.edited)]
    if edited:
        raise EditedSince(edited)
    tables = [name for name in TABLES if current.of(name, run.source) != restored.of(name, run.source)]
    facts = tuple(
        FactsUndone(name, *(rows(name, manifest.of(name, run.source)) for manifest in (current, restored)))
        for name in tables
    )
    assert run.id is not None
    return UndoReport(run.id, run.source, run.at, run.actor, dry_run, facts, tuple(records))


def _rows(connection: duckdb.DuckDBPyConnection, files: PartFiles, table: str, parts: Sequence[Part]) -> int:
    form = shape(table)
    if not form.versioned:
        return sum(part.rows for part in parts)
    (identity,) = form.ids
    rows = relation(form, files.paths(parts))
    answer = connection.execute(f"SELECT COUNT(DISTINCT {identity}) FROM {rows}").fetchone()  # noqa: S608 - no data
    return int(answer[0]) if answer else 0


def _refuse_broken(
    connection: duckdb.DuckDBPyConnection, files: PartFiles, current: Manifest, restored: Manifest, source: str
) -> None:
    """Refuse facts that an import would refuse: the source's own of before may not fit what others brought since."""
    changed = {part.table for part in {*current.parts} ^ {*restored.parts}}
    problems = []
    for table in sorted(changed):
        rows = relation(shape(table), files.paths(restored.of(table, source)))
        problems += foreign_rows(connection, files, restored, shape(table), rows, source, FIRST)
        if table == "subscriptions":
            problems += overlapping_periods(connection, files, restored, rows, FIRST)
        if table == "accounts":
            problems += circles(connection, files, restored, FIRST)
    for table in restored.tables:
        for column, target in TABLES[table].references.items() if table in TABLES else ():
            if target in changed and target in current.tables:
                problems += orphaned_rows(connection, files, restored, table, column, target)
    if problems:
        raise InputProblems(problems, "nothing was taken back")


def _commit(session: Session, actor: Actor, run: ImportRun, restored: Manifest, state: State, at: dt.datetime) -> int:
    row = commit_manifest(session, restored, state.manifest_hash, "undo", at)
    run.undone_at, run.undone_by = at, actor.name
    session.flush()
    row.known_until = known_until(standing_runs(session))
    audit(session, at, actor.name, "undo", f"import_runs/{run.id}", source=run.source, manifest=row.id)
    assert row.id is not None
    return row.id
