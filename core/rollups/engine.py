"""One function, `query(sql, params) -> DataFrame`, over the fact parts a manifest lists."""

from __future__ import annotations

import ctypes
import math
import os
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from core.errors import CouncilError
from core.rollups.calendar import calendar
from core.schema import TABLES
from core.schema.base import SQL_TYPES, Column, Kind
from core.schema.zones import day_sql
from core.settings import settings

BATCH = 65_536
"""Rows that are taken out of DuckDB at a time."""
LEAST_THREADS = 3
"""Fewest threads of DuckDB, on however few cores: docs/decisions/0019."""
GIVE_BACK_ABOVE_MB = 960
"""Resident size of the process from which freed memory is given back; below it the next statement takes it again."""
_STATM = Path("/proc/self/statm")
_M_ARENA_MAX = -8
"""Name of malloc's setting in glibc's malloc.h."""
_PARAMETER = re.compile(r"(?<!:):([a-z][a-z0-9_]*)")


def rollup_sql(name: str) -> str:
    """Text of one rollup; `name` is its file name under core/rollups/sql without the ending."""
    return (files("core.rollups") / "sql" / f"{name}.sql").read_text(encoding="utf-8")


class Engine:
    """DuckDB in memory, with one view per fact table of the contract.

    Beside each instant of a table stands its day where the company is, named after it: `answered_at_day`.
    A table without parts is an empty view with the contract's columns, so every rollup runs on any company.
    The connection holds no data of its own: closing it loses nothing, and a new manifest gets a new engine.

    Attributes:
        tables: Tables of the contract that have parts.
        sources: Where the parts came from.
        zone: IANA zone of the company.
    """

    def __init__(
        self, parts: Mapping[str, Sequence[Path]], sources: frozenset[str] = frozenset(), zone: str = "UTC"
    ) -> None:
        self.sources, self.zone = sources, zone
        # of many tables read and let go, malloc gives back 45 MB more of 50,000 accounts than Arrow's own allocator
        pa.set_memory_pool(pa.system_memory_pool())
        _one_arena()
        self._connection = duckdb.connect(
            config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
        )
        # DuckDB 2.0 groups below the join here, one group per row: 14 CPU seconds and 4.3 GB instead of 1.5 and 0.3
        self._connection.execute("SET disabled_optimizers = 'partial_aggregate_pushdown'")
        # with one or two, tables of groups outgrow every cache: 25 CPU seconds instead of 16 at 1,000,000 accounts
        self._connection.execute(
            f"SET threads = greatest(CAST(current_setting('threads') AS INTEGER), {LEAST_THREADS})"
        )
        # gives freed pages back between statements: 210 MB less after the largest rollup of 50,000 accounts
        self._connection.execute("SET allocator_background_threads = true")
        self._connection.register("calendar_frame", calendar())
        self._connection.execute(
            "CREATE TABLE calendar AS SELECT * REPLACE (day::DATE AS day, week_start::DATE AS week_start, "
            "month::DATE AS month, month_end::DATE AS month_end, quarter::DATE AS quarter, "
            "fiscal_quarter::DATE AS fiscal_quarter) FROM calendar_frame"
        )
        self._connection.unregister("calendar_frame")
        self.tables = frozenset(name for name in parts if name in TABLES)
        for table in TABLES.values():
            if table.group == "fact":
                self._view(table.name, parts.get(table.name, ()))

    def query(self, sql: str, params: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Run one statement of the portable subset.

        Args:
            sql: Text with `:name` parameters.
            params: Values by name; only those the text uses are bound.

        Returns:
            One row per result row; integers as int64 (Int64 where empty cells occur), dates as datetime64.

        Raises:
            CouncilError: The text uses a parameter that was not given.
        """
        given = dict(params or {})
        used = set(_PARAMETER.findall(sql))
        if used - given.keys():
            raise CouncilError(f"query: no value for {', '.join(sorted(used - given.keys()))}")
        cursor = self._connection.cursor()
        try:
            _give_back(cursor)  # what was freed since the last statement, before this one takes its own
            bound = {name: given[name] for name in used}
            columns = _columns(cursor.sql(_PARAMETER.sub(r"$\1", sql), params=bound or None).to_arrow_reader(BATCH))
            _give_back(cursor)  # before a frame is made, which takes as much again as the columns
            found = _frame(columns)
            if len(found) > BATCH:
                _give_back(cursor)  # the columns: the next statement may be long in coming
            return found
        finally:
            cursor.close()

    def close(self) -> None:
        """Free the connection."""
        self._connection.close()

    def _view(self, name: str, paths: Sequence[Path]) -> None:
        columns = TABLES[name].columns
        if paths:
            listed = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
            # union_by_name reads every footer, so the planner knows the true sizes and an added column is tolerated
            source = f"read_parquet([{listed}], union_by_name = true)"
            selected = ", ".join([*(f'"{column.name}"' for column in columns), *self._days(columns)])
            self._connection.execute(f"CREATE VIEW {name} AS SELECT {selected} FROM {source}")  # noqa: S608
            return
        empty = ", ".join(f'CAST(NULL AS {SQL_TYPES[column.kind]}) AS "{column.name}"' for column in columns)
        self._connection.execute(
            f"CREATE VIEW {name} AS SELECT {', '.join(['*', *self._days(columns)])} FROM (SELECT {empty}) WHERE false"  # noqa: S608
        )

    def _days(self, columns: Sequence[Column]) -> list[str]:
        instants = [column.name for column in columns if column.kind is Kind.INSTANT]
        days = [day_sql(f'"{name}"', self.zone) for name in instants]
        return [f'{day} AS "{name}_day"' for name, day in zip(instants, days, strict=True)]


def _one_arena() -> None:
    """Have malloc make no more arenas, where it is glibc's and nobody has set how many: docs/decisions/0016.

    Those there are stay, so it helps a process whose engine comes before its threads; a served application is started
    with the variable.
    """
    mallopt = getattr(ctypes.pythonapi, "mallopt", None)
    if mallopt is not None and not settings().malloc_arena_max:
        mallopt(_M_ARENA_MAX, 1)


def _give_back(cursor: duckdb.DuckDBPyConnection) -> None:
    """Give the system back what DuckDB and malloc hold of what they freed, in a large process: docs/decisions/0016."""
    if _resident_mb() < GIVE_BACK_ABOVE_MB:
        return
    cursor.execute("RESET memory_limit")
    pa.default_memory_pool().release_unused()


def _resident_mb() -> float:
    """Memory of this process; infinite where the system does not tell."""
    try:
        pages = int(_STATM.read_text(encoding="ascii").split()[1])
    except OSError:
        return math.inf
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _columns(batches: Any) -> dict[str, list[Any]]:
    """Every column of a result in parts, none of them DuckDB's own.

    Each batch is copied out of DuckDB's memory, which is up to twice the size of what it holds, and freed at once. The
    first part is empty: pandas would make a column that cannot be written to of a single one.
    """
    parts: list[list[Any]] = [[pa.array([], field.type)] for field in batches.schema]
    for batch in batches:
        for kept, column in zip(parts, batch.columns, strict=True):
            kept.append(pa.concat_arrays([column, column.slice(0, 0)]))
    return dict(zip(batches.schema.names, parts, strict=True))


def _frame(columns: dict[str, list[Any]]) -> pd.DataFrame:
    """Arrow's columns as pandas holds them: text as it is, days as instants, Int64 only where cells are empty."""
    found = {}
    for name, parts in columns.items():
        found[name] = _series(pa.chunked_array(parts))
        parts.clear()
    return pd.DataFrame(found, copy=False)


def _series(column: Any) -> pd.Series:
    if pa.types.is_date(column.type):
        column = column.cast(pa.timestamp("us"))
    elif pa.types.is_string(column.type):
        return pd.Series(pd.array(pa.chunked_array([column.combine_chunks()]), dtype="str"))
    gaps = {pa.int64(): pd.Int64Dtype()} if column.null_count else {}
    found: pd.Series = column.to_pandas(types_mapper=gaps.get)
    return found
