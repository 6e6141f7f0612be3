"""What the stored rows of a fact table span and fill."""

# ruff: noqa: S608 - names come from the contract, never from data

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from core.store.facts import PartFiles
from core.store.facts_shape import name, relation, shape
from core.store.manifest import Manifest


@dataclass(frozen=True)
class Contents:
    """First and last event of a table, and the columns asked for that are empty in every row."""

    first_day: dt.date | None
    last_day: dt.date | None
    empty: tuple[str, ...]


def contents(
    connection: duckdb.DuckDBPyConnection, files: PartFiles, manifest: Manifest, table: str, columns: Sequence[str]
) -> Contents:
    """Look at the stored rows of one fact table.

    Args:
        connection: A DuckDB connection for imports.
        files: Where the parts lie.
        manifest: Which parts.
        table: Table of the contract.
        columns: Columns that may be empty.
    """
    day = shape(table).day("s")
    span = f"MIN({day}), MAX({day})"
    counts = "".join(f", COUNT(s.{name(column)})" for column in columns)
    rows = relation(shape(table), files.paths(manifest.of(table)))
    found = connection.execute(f"SELECT {span}{counts} FROM {rows} s").fetchone() or (None, None)
    empty = tuple(column for column, count in zip(columns, found[2:], strict=True) if count == 0)
    return Contents(found[0], found[1], empty)
