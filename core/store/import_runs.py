"""Import runs: the manifest each of them made, how far the data are known, and the facts without one of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from sqlmodel import Session, col, select

from core.errors import CouncilError
from core.store.manifest import Manifest
from core.store.revisions import serialise
from core.store.tables import ImportRun, ManifestRow

FACTS = "manifests"
"""What whoever changes facts or their corrections waits for one another by; the last lock an act takes."""


def newest_manifest(session: Session) -> ManifestRow | None:
    """The row everybody reads; None while nothing is imported."""
    return session.exec(select(ManifestRow).order_by(col(ManifestRow.id).desc()).limit(1)).first()


def commit_manifest(session: Session, after: Manifest, before_hash: str, act: str, at: dt.datetime) -> ManifestRow:
    """Make a manifest the one everybody reads, once the unit of work is committed.

    Args:
        session: An open unit of work.
        after: The new state of the facts.
        before_hash: Hash of the state it was made from; empty for none.
        act: What is being done, for the message.
        at: When, UTC.

    Raises:
        CouncilError: Somebody else has changed the facts in the meantime.
    """
    serialise(session, FACTS)  # of two units of work made from one state, the second sees the first here
    newest = newest_manifest(session)
    if (newest.hash if newest else "") != before_hash:
        raise CouncilError(f"{act}: somebody else imported at the same time; nothing was changed. Start again.")
    row = ManifestRow(hash=after.hash, body=after.to_json(), created_at=at)
    session.add(row)
    session.flush()
    row.known_until = newest.known_until if newest else None
    return row


def manifest_at(session: Session, manifest_id: int | None) -> Manifest:
    """A manifest by id; the empty one for None."""
    row = session.get(ManifestRow, manifest_id) if manifest_id is not None else None
    return Manifest.from_json(row.body) if row else Manifest()


def standing_runs(session: Session, source: str | None = None) -> list[ImportRun]:
    """Runs that were not taken back, newest first."""
    runs = select(ImportRun).where(col(ImportRun.undone_at).is_(None)).order_by(col(ImportRun.id).desc())
    return list(session.exec(runs if source is None else runs.where(ImportRun.source == source)).all())


def kept_manifests(session: Session, pinned: Iterable[str] = ()) -> list[Manifest]:
    """Manifests whose parts must stay when unused parts are swept.

    Args:
        session: Any session.
        pinned: Hashes of the manifests that closed months rest on.

    Returns:
        The newest manifest, those before and after every import that can still be taken back, and the pinned ones.
    """
    newest = newest_manifest(session)
    runs = standing_runs(session)
    numbers = {newest.id if newest else None}
    numbers |= {number for run in runs for number in (run.manifest_id, run.previous_manifest_id)}
    wanted = col(ManifestRow.id).in_(numbers - {None}) | col(ManifestRow.hash).in_(set(pinned))
    return [Manifest.from_json(body) for body in session.exec(select(ManifestRow.body).where(wanted)).all()]


def known_until(runs: Iterable[ImportRun]) -> dt.date | None:
    """Newest as-of date of the runs, whatever tables they brought."""
    return max((run.as_of for run in runs if run.as_of), default=None)


def without_run(current: Manifest, before: Manifest, after: Manifest, source: str) -> Manifest:
    """The facts with the tables one run changed as they were before it.

    Only parts of the run's source go back, so what other sources brought later stays.

    Args:
        current: The facts now.
        before: The facts before the run.
        after: The facts after the run.
        source: Source of the run.
    """
    changed = {part.table for part in {*before.parts} ^ {*after.parts} if part.source == source}

    gone = [part for table in changed for part in current.of(table, source)]
    return current.replaced(gone, [part for table in changed for part in before.of(table, source)])
