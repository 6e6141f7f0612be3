"""From which day changed attributes hold: `valid_from` of accounts, contacts and opportunities."""

# ruff: noqa: S608 - names come from the contract, never from data

from __future__ import annotations

import datetime as dt

import duckdb

from core.errors import InputProblems, Problem
from core.store.facts_before import beside
from core.store.facts_shape import Shape


def stamp(connection: duckdb.DuckDBPyConnection, shape: Shape, staged: str, stored: str, as_of: dt.date | None) -> str:
    """Give every staged row its `valid_from`.

    A row whose id is not stored yet is valid from the beginning (empty, back-filled). A row equal to the
    version valid on `as_of` takes that version's day, so that nothing changes. A row that differs is valid
    from `as_of`. Ids for which the file itself states a `valid_from` are taken as they stand.

    Args:
        connection: Where both relations can be read.
        shape: Shape of a versioned table.
        staged: SQL of the new rows.
        stored: SQL of the stored rows of the same source.
        as_of: Day the file describes.

    Returns:
        Name of a temporary table in the shape's columns, with `_cleared`: the attributes a row empties.

    Raises:
        InputProblems: When attributes changed and `as_of` is None.
    """
    (identity,) = shape.ids
    others = ", ".join(f"n.{column}" for column in shape.types if column != "valid_from")
    day = f"DATE '{as_of or dt.date.max}'"
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE _stamped AS
        WITH stamped AS (
            SELECT {others}, {shape.cleared("n", "v")} AS _cleared, CASE
                WHEN n._stated > 0 OR v.{identity} IS NULL THEN n.valid_from
                WHEN {shape.differ("n", "v")} THEN {day}
                ELSE v.valid_from END AS valid_from
            FROM {beside(shape, staged, stored, as_of)}
        )
        SELECT {shape.columns}, _cleared FROM stamped""")
    if as_of is None:
        _refuse_undated(connection, shape, day)
    return "_stamped"


def _refuse_undated(connection: duckdb.DuckDBPyConnection, shape: Shape, day: str) -> None:
    answer = connection.execute(
        f"SELECT COUNT(*), MIN({shape.ids[0]}) FROM _stamped WHERE valid_from = {day}"
    ).fetchone()
    count, example = answer or (0, None)
    if count:
        noun = "row has" if count == 1 else "rows have"
        message = (
            f'{count} {noun} other attributes than stored (for example {shape.ids[0]} "{example}"), and the import '
            "does not say from which day they hold. State the day the files describe, or fill valid_from."
        )
        raise InputProblems([Problem(place=shape.name, message=message, rule="as_of")])
