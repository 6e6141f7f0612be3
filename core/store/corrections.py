"""Corrected cells of fact rows: found, written into the parts, and held against what a source delivers."""

# ruff: noqa: S608 - names come from the contract; values are parameters

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb

from core.store.facts import Merged, PartFiles, merge
from core.store.facts_before import beside
from core.store.facts_shape import Shape, name, relation
from core.store.manifest import Manifest
from core.store.tables import Correction

Key = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a fact row, as the text DuckDB casts it to; None when empty."""

    key: Key
    column: str
    text: str | None


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A fact row: the source it came from and its cells as text."""

    source: str
    cells: dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a source says of a corrected cell.

    Attributes:
        correction: Id of the correction.
        delivered: The cell in the file.
        agreed: Whether the file says what the correction says.
    """

    correction: int
    delivered: str | None
    agreed: bool


def find_row(
    connection: duckdb.DuckDBPyConnection, files: PartFiles, manifest: Manifest, table: Shape, key: Key
) -> StoredRow | None:
    """The stored row with that key, of whatever source; None when there is none."""
    texts = ", ".join(f"CAST({name(column)} AS VARCHAR)" for column in table.types)
    matches = " AND ".join(f"n.{name(part)} IS NOT DISTINCT FROM CAST(? AS {table.types[part]})" for part in table.key)
    for source in dict.fromkeys(part.source for part in manifest.of(table.name)):
        rows = relation(table, files.paths(manifest.of(table.name, source)))
        values = [key[part] for part in table.key]
        found = connection.execute(f"SELECT {texts} FROM {rows} n WHERE {matches}", values).fetchone()
        if found:
            return StoredRow(source, dict(zip(table.types, found, strict=True)))
    return None


def covered(
    connection: duckdb.DuckDBPyConnection, files: PartFiles, manifest: Manifest, table: Shape, item: Correction
) -> list[tuple[Key, str | None]]:
    """Key and present cell of the stored rows a correction covers: its row, and the versions after it."""
    rows = relation(table, files.paths(manifest.of(table.name, item.source)))
    texts = ", ".join(f"CAST(n.{name(column)} AS VARCHAR)" for column in (*table.key, item.column_name))
    casts = {part: f"CAST(? AS {table.types[part]})" for part in table.key}
    matches = [f"n.{name(part)} IS NOT DISTINCT FROM {casts[part]}" for part in table.ids]
    values = [item.key[part] for part in table.ids]
    if table.versioned and item.key["valid_from"] is not None:
        matches.append(f"n.valid_from >= {casts['valid_from']}")
        values.append(item.key["valid_from"])
    order = ", ".join(f"n.{name(part)} NULLS FIRST" for part in table.key)
    found = connection.execute(
        f"SELECT {texts} FROM {rows} n WHERE {' AND '.join(matches)} ORDER BY {order}", values
    ).fetchall()
    return [(dict(zip(table.key, row[:-1], strict=True)), row[-1]) for row in found]


def patch(
    connection: duckdb.DuckDBPyConnection,
    files: PartFiles,
    manifest: Manifest,
    table: Shape,
    source: str,
    cells: Sequence[Cell],
) -> Merged:
    """The facts with some cells of stored rows changed; a cell whose row is not stored is left out.

    Args:
        connection: A DuckDB connection for imports.
        files: Where the parts lie.
        manifest: The state to start from.
        table: Shape of the table.
        source: Source of the rows.
        cells: Cells as they are to be; none of them in the key.
    """
    rows = relation(table, files.paths(manifest.of(table.name, source)))
    fixed = _fixed(connection, table, rows, cells, "JOIN")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE _patched AS SELECT * FROM {fixed}")
    # Each version of a row is addressed by its own key here, so nothing is stamped anew.
    return merge(connection, files, manifest, replace(table, versioned=False), "_patched", source)


def hold(
    connection: duckdb.DuckDBPyConnection,
    table: Shape,
    staged: str,
    stored: str,
    as_of: dt.date | None,
    corrections: Iterable[Correction],
    unsaid: Mapping[str, str],
) -> tuple[str, tuple[Finding, ...]]:
    """Put active corrections over the rows of an import.

    A cell for which the source delivers the corrected value is left as delivered; any other value is replaced by
    the corrected one. A row whose file does not hold the column says nothing of the correction.

    Args:
        connection: Where both relations can be read.
        table: Shape of the table.
        staged: Name of the new rows.
        stored: SQL of the stored rows of the same source; tells the version a row without `valid_from` means.
        as_of: Day the file describes.
        corrections: Active corrections of this table.
        unsaid: Column -> SQL condition of the rows, as `n`, whose file does not hold it; they have the stored value.

    Returns:
        Name of the rows to merge, and a finding for each corrected cell the file holds.
    """
    by_id = {item.id: item for item in corrections if item.id is not None}
    if not by_id:
        return staged, ()
    columns = list(dict.fromkeys(item.column_name for item in by_id.values()))
    findings: list[Finding] = []
    cells: list[Cell] = []
    for number, *found in _delivered(connection, table, staged, stored, as_of, by_id, columns, unsaid):
        item = by_id[number]
        if found[len(table.key) + len(columns) + columns.index(item.column_name)]:
            continue
        key = dict(zip(table.key, found, strict=False))
        delivered = found[len(table.key) + columns.index(item.column_name)]
        findings.append(Finding(number, delivered, delivered == item.new))
        if delivered != item.new:
            cells.append(Cell(key, item.column_name, item.new))
    if not cells:
        return staged, tuple(findings)
    view = f"_corrected_{table.name}"
    fixed = _fixed(connection, table, staged, cells, "LEFT JOIN")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {view} AS SELECT * FROM {fixed}")
    return view, tuple(findings)


def _delivered(
    connection: duckdb.DuckDBPyConnection,
    table: Shape,
    staged: str,
    stored: str,
    as_of: dt.date | None,
    corrections: Mapping[int, Correction],
    columns: Sequence[str],
    unsaid: Mapping[str, str],
) -> list[tuple[int, *tuple[str | None, ...]]]:
    """Correction, key of the staged row, its correctable cells as text, and whether its file lacks each of them."""
    parts = ", ".join(f"{name(part)} {table.types[part]}" for part in table.key)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE _corrections (number BIGINT, {parts})")
    values = ", ".join(f"CAST(? AS {table.types[part]})" for part in table.key)
    connection.executemany(
        f"INSERT INTO _corrections VALUES (?, {values})",
        [[number, *(item.key[part] for part in table.key)] for number, item in corrections.items()],
    )
    texts = ", ".join(
        [f"CAST(n.{name(column)} AS VARCHAR)" for column in (*table.key, *columns)]
        + [unsaid.get(column, "FALSE") for column in columns]
    )
    if not table.versioned:
        return connection.execute(
            f"SELECT c.number, {texts} FROM {staged} n JOIN _corrections c ON {table.equal('n', 'c')}"
        ).fetchall()
    # A version that begins after the corrected one still holds what the source keeps repeating.
    (identity,) = table.ids
    own = f"(SELECT * FROM {staged} WHERE {identity} IN (SELECT {identity} FROM _corrections))"
    return connection.execute(f"""
        SELECT c.number, {texts} FROM {beside(table, own, stored, as_of)}
        JOIN _corrections c ON c.{identity} = n.{identity} AND CASE
            WHEN n._stated > 0 THEN c.valid_from IS NOT DISTINCT FROM n.valid_from
            ELSE c.valid_from IS NULL OR c.valid_from <= v.valid_from END
        ORDER BY c.valid_from NULLS FIRST""").fetchall()


def _fixed(
    connection: duckdb.DuckDBPyConnection,
    table: Shape,
    rows: str,
    cells: Sequence[Cell],
    join: str,
) -> str:
    """SQL of the rows with some cells replaced."""
    columns = list(dict.fromkeys(cell.column for cell in cells))
    by_row: dict[tuple[str | None, ...], dict[str, str | None]] = {}
    for cell in cells:
        by_row.setdefault(tuple(cell.key[part] for part in table.key), {})[cell.column] = cell.text
    kinds = [table.types[item] for item in (*table.key, *columns)]
    fields = [*table.key, *(f"_to_{column}" for column in columns)]
    listed = [f"{name(field)} {kind}" for field, kind in zip(fields, kinds, strict=True)]
    flags = [f"_has_{column} BOOLEAN" for column in columns]
    connection.execute(f"CREATE OR REPLACE TEMP TABLE _fixes ({', '.join([*listed, *flags])})")
    marks = ", ".join([*(f"CAST(? AS {kind})" for kind in kinds), *("?" for _ in columns)])
    if by_row:
        connection.executemany(
            f"INSERT INTO _fixes VALUES ({marks})",
            [
                [*key, *(to.get(column) for column in columns), *(column in to for column in columns)]
                for key, to in by_row.items()
            ],
        )
    chosen = ", ".join(
        f"CASE WHEN f._has_{column} THEN f._to_{column} ELSE n.{name(column)} END AS {name(column)}"
        if column in columns
        else f"n.{name(column)}"
        for column in table.types
    )
    return f"(SELECT {chosen} FROM {rows} n {join} _fixes f ON {table.equal('n', 'f')})"
