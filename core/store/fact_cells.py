"""Rows of fact tables as text, found by a column or by their keys: what a person sees before correcting a cell."""

# ruff: noqa: S608 - names come from the contract; values are parameters

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb

from core.store.corrections import StoredRow
from core.store.facts import PartFiles
from core.store.facts_shape import Shape, name, relation
from core.store.manifest import Manifest


def rows_where(
    connection: duckdb.DuckDBPyConnection,
    files: PartFiles,
    manifest: Manifest,
    table: Shape,
    values: Mapping[str, Sequence[str]],
    limit: int,
) -> list[StoredRow]:
    """Stored rows whose columns hold given values, the newest key first.

    Args:
        connection: A DuckDB connection for imports.
        files: Where the parts lie.
        manifest: Which parts.
        table: Shape of the table.
        values: Column -> values of which the cell must be one, as text.
        limit: Most rows.
    """
    matches, asked = [], []
    for column, wanted in values.items():
        marks = ", ".join(f"CAST(? AS {table.types[column]})" for _ in wanted)
        matches.append(f"n.{name(column)} IN ({marks})")
        asked += list(wanted)
    return _rows(connection, files, manifest, table, " AND ".join(matches) or "TRUE", asked, limit)


def rows_with_keys(
    connection: duckdb.DuckDBPyConnection,
    files: PartFiles,
    manifest: Manifest,
    table: Shape,
    keys: Sequence[Mapping[str, str | None]],
) -> list[StoredRow]:
    """Stored rows with these keys; a key without a row is left out.

    Args:
        connection: A DuckDB connection for imports.
        files: Where the parts lie.
        manifest: Which parts.
        table: Shape of the table.
        keys: Key columns and values as text.
    """
    if not keys:
        return []
    one = " AND ".join(f"n.{name(part)} IS NOT DISTINCT FROM CAST(? AS {table.types[part]})" for part in table.key)
    asked = [key[part] for key in keys for part in table.key]
    return _rows(connection, files, manifest, table, " OR ".join(f"({one})" for _ in keys), asked, len(keys))


def _rows(
    connection: duckdb.DuckDBPyConnection,
    files: PartFiles,
    manifest: Manifest,
    table: Shape,
    where: str,
    asked: Sequence[str | None],
    limit: int,
) -> list[StoredRow]:
    texts = ", ".join(f"CAST(n.{name(column)} AS VARCHAR)" for column in table.types)
    order = ", ".join(f"n.{name(part)} DESC NULLS LAST" for part in reversed(table.key))
    found: list[StoredRow] = []
    for source in dict.fromkeys(part.source for part in manifest.of(table.name)):
        rows = relation(table, files.paths(manifest.of(table.name, source)))
        query = f"SELECT {texts} FROM {rows} n WHERE {where} ORDER BY {order} LIMIT {limit - len(found)}"
        answer = connection.execute(query, list(asked)).fetchall()
        found += [StoredRow(source, dict(zip(table.types, row, strict=True))) for row in answer]
    return found
