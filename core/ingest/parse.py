"""The rows of one file as text in DuckDB, and the rows that could not be split into cells."""

# ruff: noqa: S608 - paths and names are quoted, values of cells are never part of a statement

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from hashlib import file_digest
from pathlib import Path

import duckdb

from core.errors import Problem
from core.ingest.kinds import wrong_content
from core.ingest.lines import lines_at
from core.ingest.read import Scan, scan_csv
from core.ingest.xlsx import scan_xlsx
from core.store.facts_shape import name, text

MOST_LISTED = 1_000
"""Problems of one kind in one column that are listed one by one; the rest is a count."""
LONGEST_LINE = 4 << 20


def scan_file(connection: duckdb.DuckDBPyConnection, path: Path, scratch: Path, encoding: str = "") -> Scan:
    """The outside of a CSV or Parquet file, or of a workbook's only filled sheet.

    Args:
        connection: Reads the columns of a Parquet file.
        path: The file.
        scratch: Existing folder for copies.
        encoding: Encoding of text that the mapping states; empty for UTF-8.
    """
    if path.suffix.lower() == ".xlsx":
        return scan_xlsx(path, scratch)
    if path.suffix.lower() != ".parquet":
        return scan_csv(path, scratch, encoding)
    if problem := wrong_content(path, ".parquet"):
        return Scan(path, path, "", path.stat().st_size, problems=(problem,))
    with path.open("rb") as file:
        sha = file_digest(file, "sha256").hexdigest()
    scan = Scan(path, path, sha, path.stat().st_size, encoding="parquet")
    try:
        columns = connection.execute(f"DESCRIBE SELECT * FROM read_parquet({text(path)})").fetchall()
    except duckdb.Error as error:
        message = f"not readable as Parquet: {_first_line(error)}"
        return replace(scan, problems=(Problem(path.name, message, rule="not_readable"),))
    return replace(scan, header=tuple(str(column[0]) for column in columns))


def rows_sql(scan: Scan, rejects: str | None = None) -> str:
    """SQL of the file's rows with columns c0, c1, … as text.

    Args:
        scan: The file.
        rejects: Name under which rows that cannot be split are kept; None leaves them out silently, for a
            second reading.
    """
    if scan.table:
        return scan.table
    if scan.parquet:
        cells = ", ".join(f"CAST({name(column)} AS VARCHAR) AS c{index}" for index, column in enumerate(scan.header))
        return f"(SELECT {cells} FROM read_parquet({text(scan.readable)}))"
    columns = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(len(scan.header)))
    keep = (
        f"store_rejects = true, rejects_table = '{rejects}', rejects_scan = '{rejects}_scan', "
        f"rejects_limit = {MOST_LISTED}"
        if rejects
        else "ignore_errors = true"
    )
    return (
        f"read_csv({text(scan.readable)}, auto_detect = false, header = true, skip = {scan.skipped}, "
        f"delim = {text(scan.delimiter)}, quote = '\"', escape = '\"', strict_mode = true, "
        f"max_line_size = {LONGEST_LINE}, columns = {{{columns}}}, {keep})"
    )


def refused_rows(connection: duckdb.DuckDBPyConnection, scan: Scan, rejects: str) -> list[Problem]:
    """One problem for each row that could not be split into the header's columns."""
    if scan.parquet:
        return []
    found = connection.execute(
        f"SELECT line_byte_position - 1, error_type, error_message, csv_line FROM {rejects} ORDER BY ALL"
    ).fetchall()
    lines = lines_at(scan, [offset for offset, *_ in found])
    problems: dict[int, Problem] = {}
    for offset, kind, message, row in found:
        words = _refusal(str(kind), str(message), len(scan.header) - scan.added)
        problems.setdefault(
            lines[offset], Problem(scan.name, words, line=lines[offset], found=str(row)[:200], rule="row_shape")
        )
    return list(problems.values())


def cells_of(
    connection: duckdb.DuckDBPyConnection, scan: Scan, rows: Sequence[int], columns: Sequence[int]
) -> dict[int, dict[int, str | None]]:
    """Text of some cells, read again from the file.

    Args:
        connection: A connection.
        scan: The file.
        rows: Rows, counted from 0 over the rows that were parsed.
        columns: Positions of the wanted columns.

    Returns:
        Row -> position -> trimmed text, None when empty.
    """
    if not rows:
        return {}
    cells = ", ".join(f"NULLIF(trim(c{index}), '') AS c{index}" for index in columns) or "NULL"
    found = connection.execute(
        f"SELECT _row, {cells} FROM (SELECT ROW_NUMBER() OVER () - 1 AS _row, * FROM {rows_sql(scan)}) "
        "WHERE _row IN (SELECT unnest(?::BIGINT[]))",
        [list(rows)],
    ).fetchall()
    return {row[0]: dict(zip(columns, row[1:], strict=False)) for row in found}


def _refusal(kind: str, message: str, expected: int) -> str:
    count = re.search(r"Found: (\d+)", message)
    if kind in ("MISSING COLUMNS", "TOO MANY COLUMNS") and count:
        cause = "a separator inside a text without quotes" if kind == "TOO MANY COLUMNS" else "a broken row"
        return f"expected {expected} cells as in the header, found {count.group(1)}: look for {cause}."
    if kind == "UNQUOTED VALUE":
        return "a quote is not closed, or text follows a closing quote. Write a quote inside a text twice."
    if kind == "LINE SIZE OVER MAXIMUM":
        return f"the row is longer than {LONGEST_LINE} bytes: look for a quote that is never closed."
    return f"the row cannot be split into {expected} cells ({kind.lower()}). Correct the row."


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:200]
