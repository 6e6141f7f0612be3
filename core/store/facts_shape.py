"""What the fact parts of a table look like: column types, key and event date in DuckDB's words."""

# ruff: noqa: S608 - names come from the contract, never from data

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from core.schema import TABLES, Kind, Table
from core.schema.zones import day_sql
from core.settings import settings

SQL_TYPES: dict[Kind, str] = {
    Kind.ID: "VARCHAR",
    Kind.TEXT: "VARCHAR",
    Kind.CHOICE: "VARCHAR",
    Kind.CURRENCY: "VARCHAR",
    Kind.INTEGER: "BIGINT",
    Kind.CENTS: "BIGINT",
    Kind.FRACTION: "DOUBLE",
    Kind.FLAG: "BOOLEAN",
    Kind.DATE: "DATE",
    Kind.MONTH: "DATE",
    Kind.INSTANT: "TIMESTAMP",
}
"""Type of a contract column in Parquet. Instants are UTC without a zone, money is BIGINT cents."""


@dataclass(frozen=True)
class Shape:
    """Columns, key and event date of the parts of one table.

    Attributes:
        name: Table name.
        types: Column -> DuckDB type, in the order they are written.
        key: Columns that identify a row; empty cells count as equal.
        event_date: Column whose month decides the part; None puts all rows into one part.
        versioned: Whether attributes keep versions by `valid_from`, the last column of the key.
    """

    name: str
    types: dict[str, str]
    key: tuple[str, ...]
    event_date: str | None
    versioned: bool = False

    @property
    def columns(self) -> str:
        """Column list for a SELECT."""
        return ", ".join(name(column) for column in self.types)

    @property
    def ids(self) -> tuple[str, ...]:
        """The key without `valid_from`: what the row is about."""
        return tuple(name for name in self.key if not (self.versioned and name == "valid_from"))

    def month(self, alias: str) -> str:
        """SQL of the first day of the part's month, of an instant in UTC; NULL without an event date."""
        if self.event_date is None:
            return "CAST(NULL AS DATE)"
        return f"CAST(date_trunc('month', {alias}.{self.event_date}) AS DATE)"

    def day(self, alias: str) -> str:
        """SQL of the day a row counts on, where the company is; NULL without an event date."""
        if self.event_date is None:
            return "CAST(NULL AS DATE)"
        column = f"{alias}.{self.event_date}"
        is_instant = self.types[self.event_date] == SQL_TYPES[Kind.INSTANT]
        return day_sql(column, settings().council_zone) if is_instant else column

    def in_month(self, alias: str, month: str) -> str:
        """SQL condition: the row belongs to the part of `month` (YYYY-MM, or empty)."""
        if self.event_date is None:
            return "TRUE"
        column = f"{alias}.{self.event_date}"
        if not month:
            return f"{column} IS NULL"
        first = f"DATE '{month}-01'"
        return f"{column} >= {first} AND {column} < {first} + INTERVAL 1 MONTH"

    def equal(self, left: str, right: str, names: Sequence[str] | None = None) -> str:
        """SQL condition: both rows agree in `names` (the key by default); empty equals empty."""
        chosen = self.key if names is None else names
        return " AND ".join(f"{left}.{name} IS NOT DISTINCT FROM {right}.{name}" for name in chosen)

    @property
    def attributes(self) -> tuple[str, ...]:
        """The columns outside the key."""
        return tuple(name for name in self.types if name not in self.key)

    def differ(self, left: str, right: str) -> str:
        """SQL condition: the rows differ in at least one attribute outside the key."""
        return " OR ".join(f"{left}.{name} IS DISTINCT FROM {right}.{name}" for name in self.attributes) or "FALSE"

    def cleared(self, left: str, right: str) -> str:
        """SQL of a bit for each attribute that is empty in the left row and was filled in the right one."""
        bits = (
            f"CASE WHEN {left}.{name} IS NULL AND {right}.{name} IS NOT NULL THEN {1 << index} ELSE 0 END"
            for index, name in enumerate(self.attributes)
        )
        return " + ".join(bits) or "0"


def shape_of(table: Table) -> Shape:
    """The shape of a contract table."""
    types = {column.name: SQL_TYPES[column.kind] for column in table.columns}
    return Shape(table.name, types, table.key, table.event_date, table.versioned)


USAGE_DAYS = Shape(
    name="usage_days",
    types={"account_id": "VARCHAR", "day": "DATE", "core_events": "BIGINT", "features": "VARCHAR[]"},
    key=("account_id", "day"),
    event_date="day",
)
"""Days behind the weeks of `usage`: kept so that a day loaded twice is replaced and a week split over two
files adds up. Not a table of the contract; nothing but the import reads it."""


def shape(name: str) -> Shape:
    """Shape of a fact table by name, `usage_days` included. Raises KeyError for an unknown name."""
    return USAGE_DAYS if name == USAGE_DAYS.name else shape_of(TABLES[name])


def text(value: object) -> str:
    """A value as an SQL text literal."""
    return "'" + str(value).replace("'", "''") + "'"


def name(value: str) -> str:
    """A name as a quoted SQL identifier."""
    return '"' + value.replace('"', '""') + '"'


def connect(scratch: Path, memory: str = "512MB") -> duckdb.DuckDBPyConnection:
    """A DuckDB connection for imports: memory bounded, the rest spilled to `scratch`, no extensions fetched.

    `partial_aggregate_pushdown` is off because DuckDB 2.0 groups fact rows below joins with it, at many
    times the memory.

    Args:
        scratch: Existing folder that may be deleted once the connection is closed.
        memory: Limit of DuckDB's buffers; what does not fit goes to `scratch`.
    """
    settings: dict[str, Any] = {
        "memory_limit": memory,
        "temp_directory": str(scratch / "spill"),
        "disabled_optimizers": "partial_aggregate_pushdown",
        "TimeZone": "UTC",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "preserve_insertion_order": "true",
    }
    connection = duckdb.connect(":memory:")
    for key, value in settings.items():
        connection.execute(f"SET {key} = {text(value)}")
    return connection


@contextmanager
def one_thread(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Let the connection's own database work in one thread, for queries whose rows come or go one batch at a time.

    More threads wait for that batch and are paid for waiting: a fifth of the CPU of a large import.
    """
    answer = connection.execute("SELECT current_setting('threads')").fetchone()
    connection.execute("SET threads = 1")
    try:
        yield
    finally:
        connection.execute(f"SET threads = {int(answer[0]) if answer else 1}")


def relation(shape: Shape, paths: Sequence[Path]) -> str:
    """SQL of all rows of some parts in the shape's columns; a column an older part lacks is empty."""
    empty = "SELECT " + ", ".join(f"CAST(NULL AS {kind}) AS {name(column)}" for column, kind in shape.types.items())
    if not paths:
        return f"({empty} WHERE FALSE)"
    files = ", ".join(text(path) for path in paths)
    rows = f"SELECT * FROM read_parquet([{files}], union_by_name = true, hive_partitioning = false)"
    return f"(SELECT {shape.columns} FROM ({empty} WHERE FALSE UNION ALL BY NAME {rows}))"
