"""What an import leaves behind beside its rows: manifest, run, what undoes it, conflicts, corrections, audit line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from sqlmodel import Session, col, select

from core.errors import Problem
from core.services.access import Actor
from core.services.erased_cells import TABLE
from core.services.import_report import ImportReport
from core.store.audit import audit
from core.store.corrections import Finding
from core.store.facts import Mode
from core.store.import_runs import FACTS, commit_manifest, known_until, newest_manifest, standing_runs
from core.store.manifest import Manifest
from core.store.record_conflicts import CONFLICTS, note_conflicts
from core.store.records import Changes
from core.store.revisions import serialise
from core.store.tables import Correction, ImportRecord, ImportRun

_ACTS = ("requests", "asks", "consents", "interests", "nominations", "outcomes", "rewards")
LOCKS = (*_ACTS, CONFLICTS, FACTS)
"""What acts on records and facts wait for one another by, in the order of a match, which asks inside its request."""
KEPT = ("new", "changed", "same", "disappeared", "tests", "passed")
"""What a run keeps of each table."""


def wait_for_acts(session: Session) -> None:
    """Let no act on records or facts begin or end while an import is merged or taken back."""
    serialise(session, *LOCKS)


@dataclass(frozen=True)
class Change:
    """An import that is merged and not yet kept.

    Attributes:
        report: What it does.
        mode: What happened to stored rows the files do not hold.
        manifest: The facts after it.
        records: Record table -> what was done to it.
        findings: What the files say of corrected cells.
        claims: Keys of rows of `people` by which another import erased a contact that this one would have as well.
    """

    report: ImportReport
    mode: Mode
    manifest: Manifest
    records: dict[str, Changes]
    findings: Sequence[Finding]
    claims: Sequence[str] = ()


def keep(session: Session, actor: Actor, change: Change, before_hash: str, at: dt.datetime) -> ImportReport:
    """Write the run into the transaction of its rows; an import that changes nothing leaves nothing.

    Args:
        session: The unit of work in which the records were merged.
        actor: Who imports.
        change: What was merged.
        before_hash: Hash of the facts it was merged into; empty for none.
        at: When, UTC.

    Raises:
        CouncilError: Somebody else imported in the meantime.
    """
    source, report = change.report.source, change.report
    noted = sum(note_conflicts(session, name, source, done, at) for name, done in change.records.items())
    corrections = [(session.get_one(Correction, item.correction), item) for item in change.findings]
    moved = [(row, item) for row, item in corrections if item.agreed or item.delivered != row.delivered]
    notices = [_notice(row, item) for row, item in corrections if item.agreed or item.delivered != row.old]
    report = replace(report, warnings=(*report.warnings, *notices))
    claims = _unclaimed(session, source, change.claims)
    if not (report.changed or noted or moved or claims or report.skipped or _newer(session, report)):
        return report
    before = newest_manifest(session)
    after = commit_manifest(session, change.manifest, before_hash, "import", at)
    run = _run(actor, report, change.mode, at)
    run.manifest_id, run.previous_manifest_id = after.id or 0, before.id if before else None
    session.add(run)
    session.flush()
    assert run.id is not None and after.id is not None
    if moved:
        session.add(ImportRecord(run_id=run.id, table_name="corrections", inserted=[], changed=_images(moved)))
    for name, done in change.records.items():
        if (inserted := [*done.inserted, *(claims if name == TABLE else ())]) or done.replaced:
            changed = list(done.replaced)
            session.add(ImportRecord(run_id=run.id, table_name=name, inserted=inserted, changed=changed))
    for row, item in moved:
        _settle(row, item, run.id, after.id, at)
    after.known_until = known_until(standing_runs(session))
    told = {"source": source, "mode": change.mode, "changes": run.changes, "skipped": len(report.skipped)}
    audit(session, at, actor.name, "import", f"manifests/{after.id}", run=run.id, **told)
    return replace(report, run_id=run.id)


def _unclaimed(session: Session, source: str, claims: Sequence[str]) -> list[str]:
    """The keys no import of the source that stands has brought or claimed before."""
    runs = [run.id for run in standing_runs(session, source)] if claims else []
    images = select(ImportRecord).where(ImportRecord.table_name == TABLE, col(ImportRecord.run_id).in_(runs))
    known = {key for image in session.exec(images).all() for key in image.inserted} if runs else set()
    return [key for key in claims if key not in known]


def _newer(session: Session, report: ImportReport) -> bool:
    """Whether the files describe a later day than any import of the source before them."""
    known = [run.as_of for run in standing_runs(session, report.source) if run.as_of]
    return report.as_of is not None and (not known or report.as_of > max(known))


def _run(actor: Actor, report: ImportReport, mode: Mode, at: dt.datetime) -> ImportRun:
    return ImportRun(
        at=at,
        actor=actor.name,
        source=report.source,
        mode=mode,
        files=list(report.files),
        changes={item.table: {name: getattr(item, name) for name in KEPT} for item in report.tables},
        warnings=[asdict(item) for item in report.warnings],
        manifest_id=0,
        as_of=report.as_of,
        skipped=[asdict(item) for item in report.skipped],
    )


def _images(moved: Sequence[tuple[Correction, Finding]]) -> list[dict[str, object]]:
    return [{"id": row.id, "delivered": row.delivered, "retired": item.agreed} for row, item in moved]


def _settle(row: Correction, found: Finding, run_id: int, manifest_id: int, at: dt.datetime) -> None:
    row.delivered = found.delivered
    row.version += 1
    if found.agreed:
        row.state, row.retired_at, row.retired_manifest_id = "retired", at, manifest_id
        row.retired_reason = f"the source says so itself since import {run_id}"


def _notice(row: Correction, found: Finding) -> Problem:
    """What people should know of a corrected cell the files hold."""
    cell = f"{row.column_name} of {', '.join(str(value) for value in row.key.values() if value is not None)}"
    said = found.delivered or "nothing"
    if found.agreed:
        message = (
            f"the source now says {said} for {cell}, as {row.author} corrected it ({row.reason}). "
            "The correction is no longer needed and was retired."
        )
        return Problem(row.table_name, message, column=row.column_name, rule="correction_retired")
    message = (
        f"the source says {said} for {cell}; it was {row.old or 'empty'} and {row.author} corrected it to "
        f"{row.new or 'empty'} ({row.reason}). The correction was kept; withdraw it to follow the source."
    )
    return Problem(row.table_name, message, column=row.column_name, rule="correction_disputed")
