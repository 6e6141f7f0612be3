"""Rows of a record table as plain tuples in the order of the contract: read, compared, written many at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar

import pandas as pd
from sqlalchemy import bindparam, insert, update
from sqlalchemy import select as select_columns
from sqlmodel import Session

from core.errors import CouncilError
from core.schema import Kind, Table
from core.store.tables import RECORDS

T = TypeVar("T")
Row = tuple[Any, ...]
UNSAID = "_unsaid"
"""Column of imported rows: the columns their file does not hold, where the files of a table differ in that."""
WRITTEN_AT_ONCE = 20_000
"""Rows handed to the driver in one call; as dicts they take about 10 MB."""


class StoredRow(NamedTuple):
    """A row that is there: its cells in the order of the contract, its version, whether it was edited here."""

    cells: Row
    version: int
    edited: bool


class RecordRows:
    """One record table within a unit of work.

    Args:
        session: An open unit of work (`Database.write`).
        table: Table of the contract, group `record`.
    """

    def __init__(self, session: Session, table: Table) -> None:
        self._session, self._model = session, RECORDS[table.name]
        self._sql: Any = self._model.__table__  # type: ignore[attr-defined]
        self._table = table
        self._names = [column.name for column in table.columns]
        self._places = [self._names.index(part) for part in table.key]

    def keys(self, rows: Sequence[Row]) -> list[Row]:
        """The cells of the key of each row."""
        cells = map(itemgetter(*self._places), rows)
        return [(cell,) for cell in cells] if len(self._places) == 1 else list(cells)

    def stored(self) -> dict[Row, StoredRow]:
        """Every row by its key, read without making an object of the session of each."""
        columns = [self._sql.c[name] for name in (*self._names, "version", "edited")]
        found = self._session.connection().execute(select_columns(*columns))
        stored: dict[Row, StoredRow] = {}
        for part in found.partitions(WRITTEN_AT_ONCE):
            rows = [StoredRow(row[:-2], row[-2], row[-1]) for row in part]
            stored.update(zip(self.keys([row.cells for row in rows]), rows, strict=True))
        return stored

    def insert(self, rows: Sequence[Row], source: str) -> None:
        """Add rows that are not there."""
        kept = {"source": source, "version": 1, "edited": False}
        for part in _parts(rows):
            self._session.execute(insert(self._sql), [dict(zip(self._names, row, strict=True)) | kept for row in part])

    def replace(self, rows: Sequence[tuple[Row, int]]) -> None:
        """Write rows over those with their key, one version on.

        Args:
            rows: Cells, and the version the row had when it was read.

        Raises:
            CouncilError: Somebody saved one of them in the meantime.
        """
        keys = [self._sql.c[part] == bindparam(f"_key_{part}") for part in self._table.key]
        statement = update(self._sql).where(*keys, self._sql.c.version == bindparam("_seen"))
        others = [place for place in range(len(self._names)) if place not in self._places]
        values: dict[str, Any] = {self._names[place]: bindparam(f"_to_{self._names[place]}") for place in others}
        statement = statement.values(**values, version=bindparam("_seen") + 1)
        # Names of their own, because SQLAlchemy takes a column's name for the value to set.
        marks = [*(f"_to_{self._names[place]}" for place in others), *(f"_key_{part}" for part in self._table.key)]
        pick = itemgetter(*others, *self._places)
        done = 0
        for part in _parts(rows):
            cells = [dict(zip((*marks, "_seen"), (*pick(row), version), strict=True)) for row, version in part]
            done += self._session.connection().execute(statement, cells).rowcount
        if done != len(rows) and self._session.get_bind().dialect.supports_sane_multi_rowcount:
            raise CouncilError(
                f"import: somebody saved a row of {self._table.name} at the same time; nothing was changed. "
                "Start again."
            )
        for known in self._session.identity_map.values():
            if isinstance(known, self._model):
                self._session.expire(known)


def plain_rows(incoming: pd.DataFrame, table: Table) -> list[Row]:
    """Rows of a frame as tuples of plain Python values in the contract's order, missing as None."""
    columns = [
        _plain_cells(incoming[column.name], column.kind) if column.name in incoming else [None] * len(incoming)
        for column in table.columns
    ]
    return list(zip(*columns, strict=True))


def _plain_cells(values: pd.Series, kind: Kind) -> list[Any]:
    plain = values.astype(object).where(values.notna(), None).tolist()
    if kind in (Kind.DATE, Kind.MONTH):
        return [value.date() if isinstance(value, dt.datetime) else value for value in plain]
    if kind is Kind.INSTANT:
        return [None if value is None else _instant(value) for value in plain]
    return [value.item() if hasattr(value, "item") else value for value in plain]


def _instant(value: Any) -> dt.datetime:
    if type(value) is dt.datetime:
        return value if value.tzinfo else value.replace(tzinfo=dt.UTC)
    stamp = pd.Timestamp(value)
    return (stamp if stamp.tzinfo else stamp.tz_localize("UTC")).to_pydatetime()


def _parts(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(rows), WRITTEN_AT_ONCE):
        yield rows[start : start + WRITTEN_AT_ONCE]
