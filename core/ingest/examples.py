"""One cell of each column as it stands in the file and as it will be stored, to be looked at before an import."""

# ruff: noqa: S608 - names come from the contract, never from data

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from core.ingest.check import StagedTable
from core.ingest.mapping import Source
from core.ingest.parse import rows_sql
from core.ingest.typed import StagedFile
from core.schema import Kind
from core.store.facts_shape import name

LOOKED_AT = 200
"""First rows of a file from which an example is taken: the whole of a large file is not read again for it."""


@dataclass(frozen=True, slots=True)
class Example:
    """One cell, before and after.

    Attributes:
        file: File name.
        table: Table of the contract.
        column: Its column.
        found: Text of the file; empty where the value comes from no single cell.
        stored: The value as it will be stored, as text.
    """

    file: str
    table: str
    column: str
    found: str
    stored: str


def stored_examples(
    connection: duckdb.DuckDBPyConnection,
    tables: Mapping[str, StagedTable],
    columns: Mapping[str, Sequence[str]],
) -> tuple[Example, ...]:
    """The first filled cell of some columns, file by file.

    Args:
        connection: Where the staged rows can be read.
        tables: Table -> its staged files.
        columns: Table -> columns wanted.
    """
    found = []
    for table, wanted in columns.items():
        for file in tables[table].files if table in tables else ():
            sources = [source for source in file.plan.sources if source is not None and source.column.name in wanted]
            found += [each for source in sources for each in _example(connection, file, source)]
    return tuple(found)


def _example(connection: duckdb.DuckDBPyConnection, file: StagedFile, source: Source) -> Iterator[Example]:
    column = name(source.column.name)
    answer = connection.execute(
        f"SELECT rowid, CAST({column} AS VARCHAR) FROM {file.relation} "
        f"WHERE rowid < {LOOKED_AT} AND _bad = 0 AND {column} IS NOT NULL ORDER BY rowid LIMIT 1"
    ).fetchone()
    if answer:
        # An amount the mapping multiplies is in cents already: no cell of the file says that.
        added = source.index is not None and source.index >= len(file.scan.header) - file.scan.added
        unread = source.index is None or (added and source.column.kind is Kind.CENTS)
        cell = "" if unread else _cell(connection, file, source.index or 0, answer[0])
        yield Example(file.scan.name, file.plan.table.name, source.column.name, cell, answer[1])


def _cell(connection: duckdb.DuckDBPyConnection, file: StagedFile, position: int, row: int) -> str:
    """Text of one of the first cells of a column, put together where the mapping says so."""
    answer = connection.execute(
        f"SELECT trim(c{position}) FROM (SELECT * FROM {rows_sql(file.scan)} LIMIT {LOOKED_AT}) LIMIT 1 OFFSET {row}"
    ).fetchone()
    return str(answer[0] or "") if answer else ""
