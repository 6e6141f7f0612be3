"""Record tables as frames, imported rows merged into them, and saves that notice a second writer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import pandas as pd
from sqlalchemy import insert, update
from sqlmodel import Session, SQLModel, select

from core.errors import StaleRecord
from core.schema import TABLES, Kind, Table
from core.store.cells import cell_text, key_label, row_key, values_text
from core.store.revisions import bump
from core.store.tables import RECORDS, Kept

T = TypeVar("T", bound=SQLModel)

_DTYPES = {
    Kind.INTEGER: "Int64",
    Kind.CENTS: "Int64",
    Kind.FLAG: "boolean",
    Kind.FRACTION: "Float64",
    Kind.DATE: "datetime64[us]",
    Kind.MONTH: "datetime64[us]",
    Kind.INSTANT: "datetime64[us]",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell of a row edited in the product, which a file wants otherwise; both sides as text, None when empty."""

    key: str
    column: str
    ours: str | None
    theirs: str | None


@dataclass(frozen=True)
class Changes:
    """What an import does to one record table.

    Attributes:
        same: Rows that were there already, equal.
        differences: Cells of rows edited in the product since, which the file wants otherwise: left as they are.
        inserted: Keys of the rows that were not there.
        replaced: Key, version after and values before of each row that was taken over.
        edited: Keys of all rows of the file that were edited in the product.
    """

    same: int
    differences: tuple[Difference, ...] = ()
    inserted: tuple[str, ...] = ()
    replaced: tuple[dict[str, object], ...] = ()
    edited: tuple[str, ...] = ()

    @property
    def new(self) -> int:
        """Rows that were not there."""
        return len(self.inserted)

    @property
    def changed(self) -> int:
        """Rows whose values differ and were taken over."""
        return len(self.replaced)

    @property
    def conflicts(self) -> tuple[tuple[str, str, str, str], ...]:
        """The differences for people: (key, column, here, in the file)."""
        return tuple(
            (key_label(item.key), item.column, item.ours or "empty", item.theirs or "empty")
            for item in self.differences
        )


def frame(session: Session, name: str) -> pd.DataFrame:
    """A record table as a frame with the contract's columns and, for asks, what the product adds.

    Dates and instants are datetime64[us] without zone (UTC); text is pandas' `str`; missing is NA/NaT/NaN.
    """
    model = RECORDS[name]
    extra = ["deferred_until"] if name == "asks" else []
    names = [column.name for column in TABLES[name].columns] + extra
    rows = session.exec(select(*[getattr(model, item) for item in names])).all()
    return frame_of(name, [dict(zip(names, row, strict=True)) for row in rows])


def frame_of(name: str, rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Rows of a record table as `frame` gives them; a column a row lacks is missing there."""
    extra = ["deferred_until"] if name == "asks" else []
    columns = TABLES[name].columns
    data = pd.DataFrame.from_records([dict(row) for row in rows], columns=[c.name for c in columns] + extra)
    for column in columns:
        if column.kind is Kind.INSTANT:
            data[column.name] = pd.to_datetime(data[column.name], utc=True).dt.tz_localize(None)
    dtypes = {column.name: _DTYPES.get(column.kind, "str") for column in columns}
    return data.astype(dtypes | dict.fromkeys(extra, "datetime64[us]"))


def upsert(session: Session, name: str, incoming: pd.DataFrame, source: str) -> Changes:
    """Merge imported rows by key; a row edited in the product is never overwritten.

    Args:
        session: An open unit of work (`Database.write`).
        name: Table of the contract, group `record`.
        incoming: Rows with the contract's columns; missing cells as None, NaN or NaT.
        source: Where they come from; kept on the row.
    """
    table, model = TABLES[name], RECORDS[name]
    here = {tuple(getattr(row, part) for part in table.key): row for row in session.exec(select(model)).all()}
    work = _Upsert(table, source)
    for values in _plain_rows(incoming, table):
        work.take(here.get(tuple(values[part] for part in table.key)), values)
    if work.fresh:
        session.execute(insert(model), work.fresh)
    if work.fresh or work.replaced:
        bump(session, [name])
        session.info.setdefault("bumped", set()).add(name)
    inserted = tuple(row_key(values[part] for part in table.key) for values in work.fresh)
    return Changes(work.same, tuple(work.differences), inserted, tuple(work.replaced), tuple(work.edited))


class _Upsert:
    """The rows of one import, sorted by what becomes of each."""

    def __init__(self, table: Table, source: str) -> None:
        self.table, self.source, self.same = table, source, 0
        self.names = [column.name for column in table.columns]
        self.fresh: list[dict[str, Any]] = []
        self.differences: list[Difference] = []
        self.replaced: list[dict[str, object]] = []
        self.edited: list[str] = []

    def take(self, row: Kept | None, values: Mapping[str, Any]) -> None:
        if row is None:
            self.fresh.append({**values, "source": self.source, "version": 1, "edited": False})
            return
        key = row_key(values[part] for part in self.table.key)
        differing = [item for item in self.names if getattr(row, item) != values[item]]
        if row.edited:
            self.edited.append(key)
            self.differences += [
                Difference(key, item, cell_text(getattr(row, item)), cell_text(values[item])) for item in differing
            ]
        if not differing:
            self.same += 1
        elif not row.edited:
            before = values_text(row, self.table)
            row.version += 1
            self.replaced.append({"key": key, "version": row.version, "before": before})
            for item in differing:
                setattr(row, item, values[item])


def save(session: Session, model: type[T], key: Mapping[str, Any], version: int, values: Mapping[str, Any]) -> None:
    """Change one record if nobody else has since it was opened.

    Args:
        session: An open unit of work.
        model: Table class with a `version` column.
        key: Primary key columns and values.
        version: The version the user saw when opening the record.
        values: New values.

    Raises:
        StaleRecord: The row has another version now, or is gone; nothing was changed.
    """
    matches = [getattr(model, name) == value for name, value in key.items()]
    marks = {"edited": True} if "edited" in model.model_fields else {}
    changed = session.execute(
        update(model)
        .where(*matches, model.version == version)  # type: ignore[attr-defined]
        .values(**values, **marks, version=version + 1)
    )
    name = str(model.__tablename__)
    if changed.rowcount == 0:  # type: ignore[attr-defined]
        row = session.exec(select(model).where(*matches)).first()
        theirs = "it is gone" if row is None else ", ".join(f"{item} = {getattr(row, item)}" for item in values)
        raise StaleRecord(name, ", ".join(f"{item} = {value}" for item, value in values.items()), theirs)
    bump(session, [name])
    session.info.setdefault("bumped", set()).add(name)


def _plain_rows(incoming: pd.DataFrame, table: Table) -> list[dict[str, Any]]:
    """Rows as dicts of plain Python values, missing as None."""
    columns = {}
    for column in table.columns:
        values = (
            incoming[column.name]
            if column.name in incoming
            else pd.Series([None] * len(incoming), index=incoming.index, dtype=object)
        )
        plain = values.astype(object).where(values.notna(), None)
        columns[column.name] = [_plain(value, column.kind) for value in plain]
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _plain(value: Any, kind: Kind) -> Any:
    if value is None:
        return None
    if kind in (Kind.DATE, Kind.MONTH):
        return value.date() if isinstance(value, dt.datetime) else value
    if kind is Kind.INSTANT:
        stamp = pd.Timestamp(value)
        return (stamp if stamp.tzinfo else stamp.tz_localize("UTC")).to_pydatetime()
    return value.item() if hasattr(value, "item") else value
