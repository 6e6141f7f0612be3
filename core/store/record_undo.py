"""Records as they were before one import, unless somebody has worked on them since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from core.schema import TABLES
from core.store.cells import cell_text, key_of, row_key, values_of, values_text
from core.store.records import Difference
from core.store.tables import RECORDS, ImportRecord, ImportRun, Kept, RecordConflict


@dataclass(frozen=True, slots=True)
class Undone:
    """What taking an import back does to one record table.

    Attributes:
        table: Record table.
        removed: Rows the import added, which go.
        restored: Rows the import changed, which are as before.
        edited: Cells somebody changed since: `ours` as it is now, `theirs` as it was before the import. While there
            is any, nothing may be taken back.
    """

    table: str
    removed: int
    restored: int
    edited: tuple[Difference, ...]


def take_back(session: Session, images: Sequence[ImportRecord]) -> list[Undone]:
    """Put the records of one import back, table by table, within the session's transaction.

    The rows are locked as they are read: whoever writes one of them before that is seen, whoever does after it waits.

    Args:
        session: An open unit of work; the caller rolls it back when a row was edited since.
        images: What the import kept of the rows it touched.
    """
    return [_table_back(session, image) for image in images if image.table_name in RECORDS]


def forget(session: Session, table: str, key: Mapping[str, Any]) -> None:
    """Drop every copy of a row's values that undo and conflicts keep, so that an erased person is gone from them.

    The import that brought the row can still be taken back; what it changed of this row stays as it is.

    Args:
        session: An open unit of work.
        table: Record table.
        key: Key columns and values.
    """
    own = row_key(key[part] for part in TABLES[table].key)
    for image in session.exec(select(ImportRecord).where(ImportRecord.table_name == table)).all():
        image.changed = [item for item in image.changed if item["key"] != own]
        image.inserted = [item for item in image.inserted if item != own]
    for row in session.exec(select(RecordConflict).where(RecordConflict.table_name == table)).all():
        if row.key == own:
            session.delete(row)


def _table_back(session: Session, image: ImportRecord) -> Undone:
    table, model = TABLES[image.table_name], RECORDS[image.table_name]
    wanted = {**dict.fromkeys(image.inserted, None), **{str(item["key"]): item for item in image.changed}}
    here: dict[tuple[Any, ...], Kept] = {
        tuple(getattr(row, part) for part in table.key): row
        for row in session.exec(select(model).with_for_update()).all()
    }
    others = _others(session, image)
    later = _named([other for other in others if other.run_id > image.run_id])
    elsewhere = {key for other in others for key in other.inserted}  # would be brought by an import that stands: stays
    edited: list[Difference] = []
    removed = restored = 0
    for key, item in wanted.items():
        row = here.get(tuple(key_of(key, table).values()))
        before: Mapping[str, Any] | None = item["before"] if item else None  # type: ignore[assignment]
        if before is None and key in elsewhere:
            continue
        if row is None or row.edited or (key in later and row.version != (item["version"] if item else 1)):
            edited += _sides(key, image.table_name, row, before)
        elif before is None:
            session.delete(row)
            removed += 1
        else:
            for name, value in values_of(before, table).items():
                setattr(row, name, value)
            row.version += 1
            restored += 1
    return Undone(image.table_name, removed, restored, tuple(edited))


def _others(session: Session, image: ImportRecord) -> Sequence[ImportRecord]:
    """What the other imports that stand kept of the same table."""
    undone = select(ImportRun.id).where(col(ImportRun.undone_at).is_not(None))
    return session.exec(
        select(ImportRecord)
        .where(ImportRecord.table_name == image.table_name, ImportRecord.run_id != image.run_id)
        .where(col(ImportRecord.run_id).not_in(undone))
    ).all()


def _named(images: Sequence[ImportRecord]) -> set[str]:
    """Keys of rows that imports brought or changed.

    Any other row that nobody edited is as the import left it, whatever its version: what is kept beside a row raises
    the version too (`core.store.records.touch`).
    """
    return {key for image in images for key in (*image.inserted, *(str(item["key"]) for item in image.changed))}


def _sides(key: str, name: str, row: Kept | None, before: Mapping[str, Any] | None) -> list[Difference]:
    table = TABLES[name]
    ours: Mapping[str, Any] = values_text(row, table) if row else {}
    theirs = before or {}
    names = [column.name for column in table.columns if ours.get(column.name) != theirs.get(column.name)]
    if row is None:
        names = names[:1]
    elif before is None:
        names = [item for item in names if item not in table.key][:3]
    names = names or ([] if row is None else [table.key[0]])  # edited in a column the contract does not have
    return [Difference(key, item, cell_text(ours.get(item)), cell_text(theirs.get(item))) for item in names]
