"""Import: files in, all of it visible in one transaction or nothing at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlmodel import Session, col, select

from core.errors import CouncilError, Problem
from core.ingest.load import Loaded, load
from core.ingest.prepare import Prepared, Stored, prepare
from core.model.presets import Preset, load_preset, read_mapping
from core.services.access import Actor, require
from core.services.home import DEMO_SOURCE, State, current_state, manifest_of, records_database
from core.settings import DEMO_DIR, settings
from core.store import records
from core.store.audit import audit
from core.store.facts import Mode
from core.store.manifest import Manifest
from core.store.revisions import serialise
from core.store.tables import ImportRun, ManifestRow


@dataclass(frozen=True)
class TableReport:
    """What an import does to one table."""

    table: str
    new: int
    changed: int
    same: int
    disappeared: int
    conflicts: int


@dataclass(frozen=True)
class ImportReport:
    """What an import did, or would do when it was a dry run.

    Attributes:
        source: Where the rows come from.
        dry_run: Whether nothing was written.
        tables: Changes by table, in the order of the contract.
        files: Each file with its table, rows and the columns nothing reads.
        warnings: What people should know, such as counts that disagree.
        conflicts: Rows edited in the product that the files want otherwise; they were left as they are.
    """

    source: str
    dry_run: bool
    tables: tuple[TableReport, ...]
    files: tuple[dict[str, object], ...]
    warnings: tuple[Problem, ...]
    conflicts: tuple[tuple[str, str, str, str, str], ...]

    @property
    def changed(self) -> bool:
        """Whether any row is new, changed or gone."""
        return any(item.new or item.changed or item.disappeared for item in self.tables)


def run_import(
    actor: Actor,
    paths: Sequence[Path],
    at: dt.datetime,
    *,
    preset: str | None = None,
    mapping: Path | None = None,
    mode: Mode = "update",
    as_of: dt.date | None = None,
    dry_run: bool = False,
    source: str | None = None,
) -> ImportReport:
    """Import files into this installation's company.

    Args:
        actor: Who imports; needs the role finance.
        paths: Files or folders.
        at: Time of the act, UTC.
        preset: Name of a preset under data/model/presets; None reads file and column names as the contract's.
        mapping: A mapping file instead of a preset.
        mode: What happens to stored rows of this source that the files do not hold.
        as_of: Day the files describe, for attributes that keep versions.
        dry_run: Check and count, write nothing.
        source: Name the rows are kept under; the preset's own by default.

    Raises:
        NotAllowed: The role is missing.
        InputProblems: Listing every problem; nothing was imported.
        CouncilError: Both a preset and a mapping were given, or somebody else imported in the meantime.
    """
    require(actor, "import", "finance")
    state = current_state()
    folder = settings().facts_dir
    folder.mkdir(parents=True, exist_ok=True)
    before = manifest_of(state)
    stored = Stored(folder, before)
    with prepare(paths, _mapping(preset, mapping), stored=stored, as_of=as_of, source=source) as prepared:
        loaded = load(prepared, folder, before, mode, dry_run)
        with records_database().write() as session:
            serialise(session, "asks")
            report = _merge_records(session, prepared, loaded, dry_run)
            if dry_run:
                session.rollback()
            elif report.changed:
                _commit(session, actor, report, loaded.manifest, state, mode, at)
    return report


def import_conflicts() -> tuple[str, ...]:
    """What the newest import of each source found to disagree within its files, in words."""
    with records_database().read() as session:
        runs = session.exec(select(ImportRun).order_by(col(ImportRun.id))).all()
    newest = {run.source: run.warnings for run in runs}
    return tuple(
        str(item["message"]) for warnings in newest.values() for item in warnings if item.get("rule") == "conflict"
    )


def ensure_demo(actor: Actor, at: dt.datetime) -> ImportReport | None:
    """Load the demo company into an empty home; None when the home already holds data."""
    if not current_state().is_empty:
        return None
    return run_import(actor, [DEMO_DIR], at, source=DEMO_SOURCE)


def _mapping(preset: str | None, mapping: Path | None) -> Preset | None:
    if preset and mapping:
        raise CouncilError("import: give a preset or a mapping, not both")
    if mapping:
        return read_mapping(mapping)
    return load_preset(preset) if preset else None


def _merge_records(session: Session, prepared: Prepared, loaded: Loaded, dry_run: bool) -> ImportReport:
    tables = [
        TableReport(item.table, item.new, item.changed, item.same, item.disappeared, 0)
        for item in loaded.changes.values()
    ]
    conflicts: list[tuple[str, str, str, str, str]] = []
    for name, frame in loaded.records.items():
        done = records.upsert(session, name, frame, prepared.source)
        tables.append(TableReport(name, done.new, done.changed, done.same, 0, len(done.conflicts)))
        conflicts += [(name, *conflict) for conflict in done.conflicts]
    return ImportReport(
        source=prepared.source,
        dry_run=dry_run,
        tables=tuple(tables),
        files=tuple({**asdict(item), "ignored": list(item.ignored)} for item in prepared.files),
        warnings=prepared.warnings,
        conflicts=tuple(conflicts),
    )


def _commit(
    session: Session, actor: Actor, report: ImportReport, after: Manifest, before: State, mode: Mode, at: dt.datetime
) -> None:
    """Manifest, import run and audit line, in the transaction of the records."""
    if current_state().manifest_hash != before.manifest_hash:
        raise CouncilError("import: somebody else imported at the same time; nothing was imported. Start again.")
    row = ManifestRow(hash=after.hash, body=after.to_json(), created_at=at)
    session.add(row)
    session.flush()
    assert row.id is not None
    changes = {
        item.table: {"new": item.new, "changed": item.changed, "same": item.same, "disappeared": item.disappeared}
        for item in report.tables
    }
    session.add(
        ImportRun(
            at=at,
            actor=actor.name,
            source=report.source,
            mode=mode,
            files=list(report.files),
            changes=changes,
            warnings=[asdict(item) for item in report.warnings],
            manifest_id=row.id,
        )
    )
    audit(session, at, actor.name, "import", f"manifests/{row.id}", source=report.source, mode=mode, changes=changes)
