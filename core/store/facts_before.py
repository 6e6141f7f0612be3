"""What was stored of the rows of an import before it: kept where a file says nothing, counted where it says empty."""

# ruff: noqa: S608 - names come from the contract, never from data

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from core.store.facts_shape import Shape, name

FILE = "_file"
"""Column of staged rows that counts the files they come from."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """Values of a column that a file has otherwise than first told, and that stay.

    Attributes:
        column: The column.
        rows: How many rows.
        example: Id of one of them.
        stays: Its value.
        left_out: The value in the file.
    """

    column: str
    rows: int
    example: str
    stays: str
    left_out: str


def beside(shape: Shape, staged: str, stored: str, as_of: dt.date | None, *, or_first: bool = False) -> str:
    """SQL after FROM: every staged row as `n` beside the stored row before it as `v`, empty where there is none.

    Of a table that keeps versions that is the version valid on the day the file describes, or on the row's own
    `valid_from` where the file states one for that id (`n._stated` counts them); of any other the row of the same key.

    Args:
        shape: Shape of the table.
        staged: SQL of the new rows.
        stored: SQL of the stored rows of the same source.
        as_of: Day the file describes; None takes the newest version.
        or_first: Whether the first version stands in for days before it.
    """
    if not shape.versioned:
        return f"{staged} n LEFT JOIN {stored} v ON {shape.equal('n', 'v')}"
    (identity,) = shape.ids
    beginning, day = "DATE '0001-01-01'", f"DATE '{as_of or dt.date.max}'"
    since = f"COALESCE(valid_from, {beginning})"
    if or_first:
        versions = f"(PARTITION BY {identity} ORDER BY valid_from NULLS FIRST)"
        since = f"CASE WHEN ROW_NUMBER() OVER {versions} = 1 THEN {beginning} ELSE valid_from END"
    return f"""(
            SELECT *, CASE WHEN _stated > 0 THEN COALESCE(valid_from, {beginning}) ELSE {day} END AS _day FROM (
                SELECT *, COUNT(valid_from) OVER (PARTITION BY {identity}) AS _stated FROM {staged})
        ) n ASOF LEFT JOIN (SELECT *, {since} AS _since FROM {stored}) v
        ON n.{identity} = v.{identity} AND n._day >= v._since"""


def keep_unsaid(
    connection: duckdb.DuckDBPyConnection,
    shape: Shape,
    staged: str,
    stored: str,
    as_of: dt.date | None,
    unsaid: Mapping[str, str],
) -> tuple[str, dict[str, int]]:
    """The staged rows with the stored value in every column their file does not hold: it says nothing of it.

    A row that is not stored stays as it is: empty there, or with the default of its mapping.

    Args:
        connection: Where both relations can be read.
        shape: Shape of the table.
        staged: Name of the new rows.
        stored: SQL of the stored rows of the same source.
        as_of: Day the file describes.
        unsaid: Column -> SQL condition of the rows, as `n`, whose file does not hold it.

    Returns:
        Name of the rows, with the file of each; column -> how many stored values were kept.
    """
    columns = {column: condition for column, condition in unsaid.items() if column not in shape.key}
    if not columns:
        return staged, {}
    there = f"v.{name(shape.key[0])} IS NOT NULL"
    cells = ", ".join(
        f"CASE WHEN {columns[column]} AND {there} THEN v.{name(column)} ELSE n.{name(column)} END AS {name(column)}"
        if column in columns
        else f"n.{name(column)}"
        for column in shape.types
    )
    target, joined = f"_whole_{shape.name}", beside(shape, staged, stored, as_of, or_first=True)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {target} AS SELECT {cells}, n.{FILE}, {there} AS _there FROM {joined}"
    )
    kept = ", ".join(f"COUNT({name(column)}) FILTER ({condition} AND _there)" for column, condition in columns.items())
    counts = connection.execute(f"SELECT {kept} FROM {target} n").fetchone() or ()
    return target, {column: count for column, count in zip(columns, counts, strict=True) if count}


def keep_first(
    connection: duckdb.DuckDBPyConnection, shape: Shape, staged: str, stored: str, as_of: dt.date | None, column: str
) -> tuple[str, Frozen | None]:
    """The staged rows with the stored value of a column that is told once; an empty cell clears it, as of any other.

    Args:
        connection: Where both relations can be read.
        shape: Shape of a table that keeps versions.
        staged: Name of the new rows, corrections on top.
        stored: SQL of the stored rows of the same source.
        as_of: Day the file describes.
        column: The column.

    Returns:
        Name of the rows, and what is left out; None where every value is empty, new or as stored.
    """
    joined = beside(shape, staged, stored, as_of, or_first=True)
    other, identity = f"n.{name(column)} <> v.{name(column)}", shape.ids[0]
    found = connection.execute(
        f"SELECT COUNT(*) OVER (), n.{identity}, v.{name(column)}, n.{name(column)} FROM {joined} "
        f"WHERE {other} ORDER BY ALL LIMIT 1"
    ).fetchone()
    if not found:
        return staged, None
    cells = ", ".join(
        f"CASE WHEN {other} THEN v.{name(item)} ELSE n.{name(item)} END AS {name(item)}"
        if item == column
        else f"n.{name(item)}"
        for item in shape.types
    )
    target = f"_first_{shape.name}"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {target} AS SELECT {cells} FROM {joined}")
    return target, Frozen(column, *found)


def count_cleared(connection: duckdb.DuckDBPyConnection, shape: Shape, rows: str) -> dict[str, int]:
    """Column -> stored values that rows would empty.

    Args:
        connection: Where the rows can be read.
        shape: Shape of the table.
        rows: Relation with `_cleared` as `Shape.cleared` makes it.
    """
    columns = shape.attributes
    if not columns:
        return {}
    bits = ", ".join(f"COUNT(*) FILTER ((_cleared & {1 << index}) > 0)" for index in range(len(columns)))
    counts = connection.execute(f"SELECT {bits} FROM {rows} WHERE _cleared > 0").fetchone() or ()
    return {column: count for column, count in zip(columns, counts, strict=True) if count}
