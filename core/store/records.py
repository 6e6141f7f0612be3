"""Record tables as frames, imported rows merged into them, and saves that notice a second writer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pandas as pd
import pyarrow as pa
from sqlalchemy import type_coerce, update
from sqlalchemy.types import NullType
from sqlmodel import Session, SQLModel, col, select

from core.errors import StaleRecord
from core.schema import TABLES, Kind, Table
from core.store.cells import cell_text, key_label, row_key
from core.store.record_rows import UNSAID, RecordRows, Row, StoredRow, plain_rows
from core.store.revisions import bump
from core.store.tables import RECORDS

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

_ARROW = {
    Kind.INTEGER: pa.int64(),
    Kind.CENTS: pa.int64(),
    Kind.FLAG: pa.bool_(),
    Kind.FRACTION: pa.float64(),
    Kind.DATE: pa.timestamp("us"),
    Kind.MONTH: pa.timestamp("us"),
    Kind.INSTANT: pa.timestamp("us"),
}
_NULLABLE = {pa.int64(): pd.Int64Dtype(), pa.float64(): pd.Float64Dtype(), pa.bool_(): pd.BooleanDtype()}
PRODUCT = "product"
"""Source of a row that was made here."""
ROWS_AT_ONCE = 2_000
"""Rows that are Python objects at one time; a whole table of them is what costs the time and the memory."""


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
        cleared: Column -> values of the rows taken over that the file empties.
        kept: Column the source does not hold -> values of its rows that stay.
        beside: Cells of each row taken over in which values may stay, and the columns its file does not hold.
    """

    same: int
    differences: tuple[Difference, ...] = ()
    inserted: tuple[str, ...] = ()
    replaced: tuple[dict[str, object], ...] = ()
    edited: tuple[str, ...] = ()
    cleared: dict[str, int] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)
    beside: tuple[tuple[Row, frozenset[str]], ...] = ()

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


def only_stated(session: Session, name: str) -> bool:
    """Whether a record table holds rows, all of them made in the product, none imported."""
    model = RECORDS[name]
    if session.exec(select(model.source).limit(1)).first() is None:
        return False
    return session.exec(select(model.source).where(col(model.source) != PRODUCT).limit(1)).first() is None


def frame(session: Session, name: str) -> pd.DataFrame:
    """A record table as a frame with the contract's columns and, for asks, what the product adds.

    Dates and instants are datetime64[us] without zone (UTC); text is pandas' `str`; missing is NA/NaT/NaN.
    """
    model = RECORDS[name]
    extra = ["deferred_until"] if name == "asks" else []
    names = [column.name for column in TABLES[name].columns] + extra
    types = [_ARROW.get(column.kind, pa.large_string()) for column in TABLES[name].columns]
    types += [pa.timestamp("us")] * len(extra)
    # as the driver gives it: SQLAlchemy would make a Python date of every text, and pandas take it apart again
    raw = [type_coerce(getattr(model, item), NullType()).label(item) for item in names]
    parts = [[pa.array([], kind)] for kind in types]
    cursor = session.connection().execute(select(*raw)).cursor
    while cursor is not None and (rows := cursor.fetchmany(ROWS_AT_ONCE)):
        for part, cells, kind in zip(parts, zip(*rows, strict=True), types, strict=True):
            part.append(_cells(cells, kind))
    found = {}
    for item, part in zip(names, parts, strict=True):
        found[item] = _series(pa.concat_arrays(part))
        part.clear()
    return pd.DataFrame(found, copy=False)


def _series(column: Any) -> pd.Series:
    if pa.types.is_large_string(column.type):
        return pd.Series(pd.array(column, dtype="str"))
    found: pd.Series = column.to_pandas(types_mapper=_NULLABLE.get)
    return found


def _cells(cells: tuple[Any, ...], kind: Any) -> Any:
    """Cells of one column as Arrow holds them; SQLite has neither days nor truth, only text and numbers."""
    found = pa.array(cells)
    if pa.types.is_boolean(kind) and pa.types.is_integer(found.type):
        return found.cast(pa.int8()).cast(kind)
    return found.cast(kind)


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


def upsert(session: Session, name: str, incoming: pd.DataFrame, source: str, absent: Collection[str] = ()) -> Changes:
    """Merge imported rows by key; a row edited in the product is never overwritten.

    Args:
        session: An open unit of work (`Database.write`).
        name: Table of the contract, group `record`.
        incoming: Rows with the contract's columns; missing cells as None, NaN or NaT. A column `_unsaid` names, in
            place of `absent`, what the file of each row does not hold.
        source: Where they come from; kept on the row.
        absent: Columns the source does not hold at all; rows that are there keep theirs.
    """
    table = TABLES[name]
    rows = RecordRows(session, table)
    stored, work = rows.stored(), _Upsert(table)
    given = plain_rows(incoming, table)
    unsaid = incoming[UNSAID] if UNSAID in incoming else [frozenset(absent)] * len(given)
    for key, cells, own in zip(rows.keys(given), given, unsaid, strict=True):
        work.take(key, stored.get(key), cells, work.places(own))
    rows.insert(work.fresh, source)
    rows.replace(work.over)
    if work.fresh or work.replaced:
        bump(session, [name])
        session.info.setdefault("bumped", set()).add(name)
    inserted = tuple(map(row_key, rows.keys(work.fresh)))
    sorted_out = (tuple(work.differences), inserted, tuple(work.replaced), tuple(work.edited))
    return Changes(work.same, *sorted_out, dict(work.cleared), dict(work.unsaid), tuple(work.beside))


class _Upsert:
    """The rows of one import, sorted by what becomes of each."""

    def __init__(self, table: Table) -> None:
        self.table, self.same = table, 0
        self.names = [column.name for column in table.columns]
        self._places: dict[frozenset[str], list[int]] = {}
        self.fresh: list[Row] = []
        self.over: list[tuple[Row, int]] = []
        self.differences: list[Difference] = []
        self.replaced: list[dict[str, object]] = []
        self.edited: list[str] = []
        self.cleared: Counter[str] = Counter()
        self.unsaid: Counter[str] = Counter()
        self.beside: list[tuple[Row, frozenset[str]]] = []

    def places(self, unsaid: object) -> list[int]:
        """Places of the columns of which a file says nothing; none for a row that was made here."""
        if not isinstance(unsaid, frozenset):
            return []
        if unsaid not in self._places:
            others = unsaid.difference(self.table.key)
            self._places[unsaid] = [place for place, name in enumerate(self.names) if name in others]
        return self._places[unsaid]

    def take(self, key: Row, row: StoredRow | None, cells: Row, unsaid: Sequence[int]) -> None:
        if row is None:
            self.fresh.append(cells)
            return
        if unsaid:
            own = list(cells)
            for place in unsaid:
                own[place] = row.cells[place]
            cells = tuple(own)
            self.unsaid.update(self.names[place] for place in unsaid if row.cells[place] is not None)
        if row.edited:
            self._keep(row_key(key), row.cells, cells)
        if row.cells == cells:
            self.same += 1
        elif not row.edited:
            before = {name: cell_text(cell) for name, cell in zip(self.names, row.cells, strict=True)}
            self.replaced.append({"key": row_key(key), "version": row.version + 1, "before": before})
            self.over.append((cells, row.version))
            if unsaid:
                self.beside.append((cells, frozenset(self.names[place] for place in unsaid)))
            sides = zip(self.names, row.cells, cells, strict=True)
            self.cleared.update(name for name, here, there in sides if there is None and here is not None)

    def _keep(self, key: str, ours: Row, theirs: Row) -> None:
        self.edited.append(key)
        self.differences += [
            Difference(key, name, cell_text(here), cell_text(there))
            for name, here, there in zip(self.names, ours, theirs, strict=True)
            if here != there
        ]


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
    name = str(model.__tablename__)
    if not _raised(session, model, matches, version, {**values, **marks}):
        row = session.exec(select(model).where(*matches)).first()
        theirs = "it is gone" if row is None else ", ".join(f"{item} = {getattr(row, item)}" for item in values)
        raise StaleRecord(name, ", ".join(f"{item} = {value}" for item, value in values.items()), theirs)
    bump(session, [name])
    session.info.setdefault("bumped", set()).add(name)


def touch(session: Session, model: type[T], key: Mapping[str, Any], version: int) -> bool:
    """Raise the version of a record for what is kept beside it, so that only one of two writers goes ahead.

    No column of the contract changes: the row does not count as edited, and imports go on updating it.

    Args:
        session: An open unit of work.
        model: Table class with a `version` column.
        key: Primary key columns and values.
        version: The version the user saw when opening the record.

    Returns:
        Whether the record still had that version.
    """
    return _raised(session, model, [getattr(model, name) == value for name, value in key.items()], version, {})


def _raised(session: Session, model: type[T], matches: list[Any], version: int, values: Mapping[str, Any]) -> bool:
    changed = session.execute(
        update(model)
        .where(*matches, model.version == version)  # type: ignore[attr-defined]
        .values(**values, version=version + 1)
    )
    return bool(changed.rowcount)  # type: ignore[attr-defined]
