"""Import: files in, all of it visible in one transaction or nothing at all."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from sqlmodel import Session, col, select

from core.demo.files import last_day
from core.errors import CouncilError, InputProblems, Problem
from core.ingest.examples import stored_examples
from core.ingest.load import Loaded, load
from core.ingest.prepare import Prepared, Stored, prepare
from core.ingest.progress import Progress, silent
from core.ingest.skipping import ImportRefused, Skip, SkippedRow, digest, lines_by_file, rows_of
from core.model.presets import Preset, load_preset, read_mapping
from core.services.access import Actor, require
from core.services.clock import real_now, real_time, start_demo_time
from core.services.demo_assessment import record_demo_assessment
from core.services.demo_history import record_demo_history
from core.services.demo_lane import record_demo_lane
from core.services.home import DEMO_SOURCE, State, current_state, has_database, manifest_of, records_database
from core.services.import_as_of import AsOf, dated, describe, refuse_to_come
from core.services.import_emptied import emptied
from core.services.import_frames import DECISIVE
from core.services.import_log import Change, keep, wait_for_acts
from core.services.import_records import broken_records, merge_records
from core.services.import_report import ImportReport, RunReport, TableReport
from core.services.import_sweep import sweep_parts
from core.services.import_tests import with_tests
from core.services.mappings import saved_mapping
from core.services.staying_erased import left_out_of_people
from core.settings import DEMO_DIR, settings
from core.store.database import Database
from core.store.facts import Mode
from core.store.import_runs import standing_runs
from core.store.manifest import Manifest
from core.store.tables import Correction, ImportRun

__all__ = [
    "ImportRefused",
    "ImportReport",
    "RunReport",
    "Skip",
    "SkippedRow",
    "TableReport",
    "ensure_demo",
    "import_conflicts",
    "import_runs",
    "run_import",
]


@dataclass(frozen=True)
class _Home:
    """Where an import goes: the home of this installation, or nowhere when a dry run finds none."""

    records: Database
    state: State
    manifest: Manifest
    corrections: tuple[Correction, ...]


@dataclass(frozen=True)
class _Request:
    """What was asked for."""

    actor: Actor
    at: dt.datetime
    paths: Sequence[Path]
    rules: Preset | None
    mode: Mode
    as_of: dt.date | None
    source: str | None
    dry_run: bool
    progress: Progress


def run_import(
    actor: Actor,
    paths: Sequence[Path],
    at: dt.datetime,
    *,
    preset: str | None = None,
    mapping: Path | Preset | None = None,
    mode: Mode = "update",
    as_of: dt.date | None = None,
    dry_run: bool = False,
    source: str | None = None,
    skip: Skip | None = None,
    progress: Progress = silent,
) -> ImportReport:
    """Import files into this installation's company.

    Args:
        actor: Who imports; needs the role finance.
        paths: Files or folders.
        at: Time of the act, UTC.
        preset: Name of a preset under data/model/presets; None takes the mapping saved for `source`, and without one
            file and column names as the contract's.
        mapping: A mapping, or the file of one, instead of a preset.
        mode: What happens to stored rows of this source that the files do not hold.
        as_of: Day the files describe, for attributes that keep versions; their newest event by default, if newer.
        dry_run: Check and count, write nothing.
        source: Name the rows are kept under; the preset's own by default.
        skip: Rows of a refused import's list to leave out, as `ImportRefused.leave_out` gives them.
        progress: Told each step before the transaction begins, none inside it.

    Raises:
        NotAllowed: The role is missing.
        ImportRefused: Listing every problem, with the rows that may be left out; nothing was imported.
        RuleBroken: The stated day has not come yet.
        CouncilError: Both a preset and a mapping were given, somebody else imported in the meantime, or the list
            `skip` was taken from is no longer the list of these files.
    """
    require(actor, "import", "finance")
    request = _Request(actor, at, paths, _mapping(preset, mapping, source), mode, as_of, source, dry_run, progress)
    with _home(dry_run) as home:
        if skip is not None:
            _refuse_other_list(home, request, skip)
        with _prepared(home, request, skip.every if skip else ()) as prepared:
            known, now = home.state.known_until, max(at, real_time(at))  # files may not be of the demo company
            if not dry_run:
                refuse_to_come(as_of, now)
            newest = dated(prepared, known, now)
            try:
                loaded = load(prepared, settings().facts_dir, home.manifest, mode, dry_run, home.corrections, progress)
            except InputProblems as error:
                raise ImportRefused(error.problems, prepared.files, skip) from None
            day = describe(prepared, as_of, newest, loaded.manifest, known, now)
            with home.records.write() as session:
                wait_for_acts(session)
                change = _merge_records(session, prepared, loaded, skip, request, day)
                tables = with_tests(change.report.tables, prepared, home.manifest, skip)
                change = replace(change, report=replace(change.report, tables=tables))
                report = keep(session, actor, change, home.state.manifest_hash, at)
                if dry_run:
                    session.rollback()
                    examples = stored_examples(prepared.connection, prepared.staged, DECISIVE)
                    return replace(report, run_id=None, examples=examples)
    sweep_parts(real_now())
    return report


def import_runs() -> tuple[RunReport, ...]:
    """Every import, newest first."""
    with records_database().read() as session:
        runs = session.exec(select(ImportRun).order_by(col(ImportRun.id).desc())).all()
        newest = {run.source: run.id for run in reversed(standing_runs(session))}
    return tuple(_run(run, newest.get(run.source) == run.id) for run in runs)


def import_conflicts() -> tuple[str, ...]:
    """What the newest import of each source found to disagree within its files, in words."""
    with records_database().read() as session:
        newest = {run.source: run.warnings for run in reversed(standing_runs(session))}
    return tuple(
        str(item["message"]) for warnings in newest.values() for item in warnings if item.get("rule") == "conflict"
    )


def ensure_demo(actor: Actor, at: dt.datetime) -> ImportReport | None:
    """Load the demo company with what its people decided, assessed and did; None when the home holds data.

    From then on its home lives in its own time: today is the day after its data end (`core.services.clock`).

    Args:
        actor: Who loads it.
        at: The real instant, UTC.
    """
    if not current_state().is_empty:
        return None
    require(actor, "import", "finance")
    here = start_demo_time(actor, last_day(DEMO_DIR), at)
    report = run_import(actor, [DEMO_DIR], here, source=DEMO_SOURCE)
    record_demo_history()
    record_demo_assessment()
    record_demo_lane()
    return report


def _mapping(preset: str | None, mapping: Path | Preset | None, source: str | None) -> Preset | None:
    if preset and mapping:
        raise CouncilError("import: give a preset or a mapping, not both")
    if mapping is not None:
        return mapping if isinstance(mapping, Preset) else read_mapping(mapping)
    if preset is None and source and has_database():
        saved = saved_mapping(source)
        return saved.mapping if saved else None
    return load_preset(preset) if preset else None


@contextmanager
def _home(dry_run: bool) -> Iterator[_Home]:
    """The home; a dry run where there is none yet gets a passing database, and leaves nothing behind."""
    if dry_run and not has_database():
        with tempfile.TemporaryDirectory() as folder:
            passing = Database(f"sqlite:///{Path(folder) / 'dry_run.db'}")
            try:
                passing.migrate()
                yield _Home(passing, State("", "", ()), Manifest(), ())
            finally:
                passing.close()
        return
    if not dry_run:
        settings().facts_dir.mkdir(parents=True, exist_ok=True)
    state = current_state()
    with records_database().read() as session:
        active = session.exec(select(Correction).where(Correction.state == "active")).all()
    yield _Home(records_database(), state, manifest_of(state), tuple(active))


def _prepared(home: _Home, request: _Request, skipped: Sequence[SkippedRow]) -> Prepared:
    return prepare(
        request.paths,
        request.rules,
        stored=Stored(settings().facts_dir, home.manifest),
        as_of=request.as_of,
        source=request.source,
        skip=lines_by_file(skipped),
        progress=request.progress,
    )


def _hashes(prepared: Prepared) -> list[tuple[str, str]]:
    return [(file.name, file.sha256) for file in prepared.files]


def _refuse_other_list(home: _Home, request: _Request, skip: Skip) -> None:
    """Only rows of the list that was shown may be left out, and the files must still give that list."""
    with _prepared(home, request, skip.earlier) as prepared:
        now = digest(_hashes(prepared), prepared.problems, skip.earlier)
        known = set(rows_of(prepared.problems))
    if now != skip.digest or not known.issuperset(skip.rows):
        raise CouncilError(
            "import: the files or their problems are no longer those of the list you were shown; nothing was "
            "imported. Import without leaving rows out, and look at the new list."
        )


def _merge_records(
    session: Session, prepared: Prepared, loaded: Loaded, skip: Skip | None, request: _Request, day: AsOf
) -> Change:
    tables = [
        TableReport(name, item.new, item.changed, item.same, item.disappeared, 0, sum(loaded.cleared[name].values()))
        for name, item in loaded.changes.items()
    ]
    conflicts: list[tuple[str, str, str, str, str]] = []
    taken, of_erased, claims = left_out_of_people(session, request.actor, loaded.records, request.at)
    done = merge_records(session, prepared, taken)
    if broken := broken_records(prepared.connection, done):
        raise ImportRefused(broken, prepared.files, skip)
    for name, item in done.items():
        counts = item.new, item.changed, item.same, 0, len(item.conflicts), sum(item.cleared.values())
        tables.append(TableReport(name, *counts))
        conflicts += [(name, *conflict) for conflict in item.conflicts]
    report = ImportReport(
        source=prepared.source,
        dry_run=request.dry_run,
        tables=tuple(tables),
        files=tuple({**asdict(item), "ignored": list(item.ignored)} for item in prepared.files),
        warnings=(*prepared.warnings, *_left_out(skip), *of_erased, *emptied(loaded, done), *day.warnings),
        conflicts=tuple(conflicts),
        day=day,
        skipped=skip.every if skip else (),
    )
    return Change(report, request.mode, loaded.manifest, done, loaded.findings, claims)


def _left_out(skip: Skip | None) -> list[Problem]:
    lines = {(row.file, row.line) for row in skip.every} if skip else set()
    counts = {file: sum(1 for name, _ in lines if name == file) for file, _ in sorted(lines)}
    return [Problem(file, f"rows left out on request: {count}.", rule="skipped") for file, count in counts.items()]


def _run(run: ImportRun, undoable: bool) -> RunReport:
    assert run.id is not None
    return RunReport(
        id=run.id,
        at=run.at,
        actor=run.actor,
        source=run.source,
        mode=run.mode,
        as_of=run.as_of,
        files=tuple(str(file["name"]) for file in run.files),
        tables=tuple(
            TableReport(table, **{"conflicts": 0, **{name: int(count) for name, count in counts.items()}})
            for table, counts in run.changes.items()
        ),
        warnings=len(run.warnings),
        skipped=tuple(run.skipped or ()),
        undone_at=run.undone_at,
        undone_by=run.undone_by,
        undoable=undoable,
    )
