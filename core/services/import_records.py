"""The record tables of an import: merged, and checked where values stay beside what the files say."""

# ruff: noqa: S608 - names come from the contract, never from data

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import duckdb
import pandas as pd
from sqlmodel import Session

from core.errors import Problem
from core.ingest.load import broken_by_kept
from core.ingest.prepare import Prepared
from core.schema import TABLES
from core.services.erased_cells import left_out
from core.store import records
from core.store.facts_shape import name as quoted
from core.store.facts_shape import shape
from core.store.records import Changes


def merge_records(session: Session, prepared: Prepared, taken: Mapping[str, pd.DataFrame]) -> dict[str, Changes]:
    """Merge the rows of every record table; differences about somebody who was erased are left out.

    Args:
        session: The unit of work of the import.
        prepared: The checked files.
        taken: Record table -> its rows without those of people who stay erased.
    """
    done = {
        name: records.upsert(session, name, frame, prepared.source, prepared.absent.get(name, frozenset()))
        for name, frame in taken.items()
    }
    return {name: replace(item, differences=left_out(session, name, item.differences)) for name, item in done.items()}


def broken_records(connection: duckdb.DuckDBPyConnection, done: Mapping[str, Changes]) -> list[Problem]:
    """Rules of one row that a value that stays breaks beside what its file says, as `broken_by_kept` tells of facts.

    Args:
        connection: Any connection for imports.
        done: Record table -> what becomes of its rows.
    """
    problems: list[Problem] = []
    for table, item in done.items():
        if not item.beside:
            continue
        form, columns = shape(table), [column.name for column in TABLES[table].columns]
        rows = records.frame_of(table, [dict(zip(columns, cells, strict=True)) for cells, _ in item.beside])
        rows = rows.assign(_unsaid=[",".join(sorted(unsaid)) for _, unsaid in item.beside])
        cast = ", ".join(f"CAST({quoted(column)} AS {kind}) AS {quoted(column)}" for column, kind in form.types.items())
        connection.complete()
        connection.register("_beside", rows)
        whole = f"_whole_{table}"
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {whole} AS "
            f"SELECT {cast}, string_split(_unsaid, ',') AS _unsaid, TRUE AS _there FROM _beside"
        )
        connection.unregister("_beside")
        every = frozenset[str]().union(*(unsaid for _, unsaid in item.beside))
        problems += broken_by_kept(
            connection, form, whole, {column: f"list_contains(n._unsaid, '{column}')" for column in sorted(every)}
        )
    return problems
