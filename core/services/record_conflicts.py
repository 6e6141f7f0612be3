"""Conflicts between what somebody edited here and what a source says: listed, and decided by a person."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from sqlmodel import Session, col, select

from core.errors import RuleBroken, StaleRecord
from core.schema import TABLES
from core.services.access import Actor, require
from core.services.erased_cells import ERASED, TABLE, erased_rows, is_hidden
from core.services.home import records_database
from core.store import records
from core.store.audit import audit
from core.store.cells import cell_text, cell_value, key_label, key_of
from core.store.record_conflicts import CONFLICTS
from core.store.revisions import serialise
from core.store.tables import RECORDS, RecordConflict

Side = Literal["ours", "theirs"]


@dataclass(frozen=True)
class OpenConflict:
    """A cell that says one thing here and another at its source.

    Attributes:
        id: Its number.
        table: Record table.
        key: Key of the row, for people.
        column: Column of the cell.
        ours: The cell here, as text; None when empty; "erased" for a name or an address of somebody who was erased.
        theirs: The cell at the source; "erased" likewise.
        source: The source.
        since: When the source first said so, UTC.
        version: For `resolve_conflict`.
    """

    id: int
    table: str
    key: str
    column: str
    ours: str | None
    theirs: str | None
    source: str
    since: dt.datetime
    version: int


def open_conflicts() -> tuple[OpenConflict, ...]:
    """Conflicts nobody has decided yet, oldest first."""
    wanted = select(RecordConflict).where(RecordConflict.state == "open").order_by(col(RecordConflict.id))
    with records_database().read() as session:
        gone = erased_rows(session)
        return tuple(_view(row, gone) for row in session.exec(wanted).all())


def resolve_conflict(actor: Actor, conflict: int, keep: Side, at: dt.datetime, version: int | None = None) -> None:
    """Decide a conflict: keep what was edited here, or take over what the source says.

    What is kept stays kept until the source says something else again.

    Args:
        actor: Who; needs the role customer marketing or finance.
        conflict: Number of the conflict.
        keep: `ours` or `theirs`.
        at: Time of the act, UTC.
        version: The version that was shown; None decides whatever the source says now.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: The conflict is decided already, the row is gone, or something of somebody who was erased would be
            taken over.
        StaleRecord: The row was edited again since, or the source says something else than was shown; both sides are
            named.
    """
    require(actor, "decide between two versions of a record", "customer_marketing", "finance")
    with records_database().write() as session:
        serialise(session, CONFLICTS)
        row = session.get(RecordConflict, conflict)
        if row is None or row.state != "open":
            raise RuleBroken("This conflict is decided already; nothing was saved.")
        if version not in (None, row.version):
            seen = _view(row, erased_rows(session))
            now = f"{row.column_name} = {seen.ours or 'empty'} here, {seen.theirs or 'empty'} at the source"
            raise StaleRecord("The conflict", f"decided for {keep}", now)
        if keep == "theirs":
            _take_theirs(session, row)
        row.state, row.resolved_by, row.resolved_at = keep, actor.name, at
        row.version += 1
        audit(
            session, at, actor.name, "resolve conflict", f"record_conflicts/{conflict}", table=row.table_name,
            key=row.key, column=row.column_name, keep=keep,
        )  # fmt: skip


def _take_theirs(session: Session, row: RecordConflict) -> None:
    if row.table_name == TABLE and row.key in erased_rows(session):
        raise RuleBroken("This person was erased; nothing a source says of them is taken over. Keep ours.")
    table, model = TABLES[row.table_name], RECORDS[row.table_name]
    key = key_of(row.key, table)
    kept = session.exec(select(model).where(*[getattr(model, name) == value for name, value in key.items()])).first()
    if kept is None:
        raise RuleBroken(f"The row of {row.table_name} is gone; nothing was saved.")
    now = cell_text(getattr(kept, row.column_name))
    if now != row.ours:
        raise StaleRecord(row.table_name, f"{row.column_name} = {row.theirs}", f"{row.column_name} = {now}")
    value = cell_value(row.theirs, table.by_name[row.column_name].kind)
    records.save(session, model, key, kept.version, {row.column_name: value})


def _view(row: RecordConflict, gone: frozenset[str]) -> OpenConflict:
    assert row.id is not None
    is_erased = is_hidden(gone, row.table_name, row.key, row.column_name)
    ours, theirs = (ERASED, ERASED) if is_erased else (row.ours, row.theirs)
    return OpenConflict(
        row.id, row.table_name, key_label(row.key), row.column_name, ours, theirs, row.source, row.since, row.version
    )
