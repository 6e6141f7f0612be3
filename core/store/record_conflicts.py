"""Conflicts between a record edited here and what a source says: kept until somebody decides."""

from __future__ import annotations

import datetime as dt

from sqlmodel import Session, col, select

from core.store.records import Changes, Difference
from core.store.tables import RecordConflict

CONFLICTS = "record_conflicts"
"""What an import that notes conflicts and whoever decides one wait for one another by."""


def note_conflicts(session: Session, table: str, source: str, changes: Changes, at: dt.datetime) -> int:
    """Open a conflict for each new difference; close those on which the source agrees now.

    What somebody decided to keep stays decided until the source says something else.

    Args:
        session: An open unit of work.
        table: Record table.
        source: Source of the import.
        changes: What the import found.
        at: When, UTC.

    Returns:
        Number of conflicts opened, changed or closed.
    """
    if not changes.edited:
        return 0
    known = session.exec(
        select(RecordConflict)
        .where(RecordConflict.table_name == table, RecordConflict.source == source)
        .order_by(col(RecordConflict.id))
    ).all()
    last = {(item.key, item.column_name): item for item in known}
    done = 0
    for item in changes.differences:
        done += _note(session, table, source, item, last.get((item.key, item.column)), at)
    differing = {(item.key, item.column) for item in changes.differences}
    for place, row in last.items():
        if row.state == "open" and row.key in changes.edited and place not in differing:
            row.state, row.resolved_at = "agreed", at
            row.version += 1
            done += 1
    return done


def _note(
    session: Session, table: str, source: str, found: Difference, row: RecordConflict | None, at: dt.datetime
) -> int:
    settled = row is not None and row.theirs == found.theirs
    if row is not None and settled and (row.state == "ours" or (row.state == "open" and row.ours == found.ours)):
        return 0
    if row is not None and row.state == "open":
        row.since = at if row.theirs != found.theirs else row.since
        row.ours, row.theirs = found.ours, found.theirs
        row.version += 1
        return 1
    opened = RecordConflict(
        table_name=table, key=found.key, column_name=found.column, ours=found.ours, theirs=found.theirs,
        source=source, since=at,
    )  # fmt: skip
    session.add(opened)
    return 1
