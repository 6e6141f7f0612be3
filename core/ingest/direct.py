"""A plain CSV file read straight into the types of its table, as long as every cell fits."""

# ruff: noqa: S608 - names come from the contract, never from data

from __future__ import annotations

from collections.abc import Iterator, Mapping

import duckdb
import pyarrow as pa
import pyarrow.csv as pc

from core.ingest.dates import ISO
from core.ingest.mapping import Plan, Source
from core.ingest.parse import LONGEST_LINE
from core.ingest.read import Scan
from core.ingest.values import LONGEST_ID, ranged_sql, raw_sql, typed_sql, unrecoded_sql
from core.ingest.written import Written
from core.schema import Kind
from core.store.facts_shape import SQL_TYPES, name, one_thread

LARGEST = 999_999_999
"""Whole numbers up to here are taken as they were parsed: with more than 15 characters they would need seven zeros
in a row, and a file with those is not read this way."""


def stage_directly(
    connection: duckdb.DuckDBPyConnection, scan: Scan, plan: Plan, styles: Mapping[int, Written], relation: str
) -> bool:
    """Stage a file without looking at its text twice; nothing is kept when a single cell or row does not fit.

    PyArrow splits and parses: whole numbers and ISO days come out typed, and every spelling it takes is one that
    `typed_sql` takes, with the same value. All other columns are text and go through the same SQL as always. A cell
    that is refused here may still be a value, so the caller reads the file again, cell by cell.

    Args:
        connection: Staging database.
        scan: The file.
        plan: Where its columns come from.
        styles: How its columns of dates and numbers are written.
        relation: View to create: the contract's columns, `_bad` (0 in every row) and `rowid`.

    Returns:
        Whether the file is staged.
    """
    types = _types(scan, plan, styles)
    if not types:
        return False
    connection.complete()  # a table is registered on an idle connection alone
    try:
        connection.register(f"{relation}_reader", _reader(scan, types))
        with one_thread(connection):
            _create(connection, scan, plan, styles, types, relation)
    except (pa.ArrowException, duckdb.Error):
        return False
    finally:
        connection.unregister(f"{relation}_reader")
    return True


def _types(scan: Scan, plan: Plan, styles: Mapping[int, Written]) -> dict[int, pa.DataType]:
    """Type of each column of the file that is read; empty for a file that has to be read cell by cell."""
    if not scan.plain or scan.table or scan.parquet:
        return {}
    written = [style for index, style in styles.items() if plan.sources[index] is not None]
    sources = [source for source in plan.sources if source is not None]
    if any(source.minutes is not None for source in sources) or not all(style.number.plain for style in written):
        return {}
    if not any(source.column.required and source.index is not None and _bare(source) for source in sources):
        return {}  # a row without any text could not be told from others
    types: dict[int, pa.DataType] = {}
    for index, source in enumerate(plan.sources):
        if source is not None and source.index is not None:
            own = _type(scan, source, styles.get(index, Written()))
            types[source.index] = own if types.get(source.index, own) == own else pa.string()
    return types


def _type(scan: Scan, source: Source, written: Written) -> pa.DataType:
    kind = source.column.kind
    if kind in (Kind.INTEGER, Kind.CENTS) and _bare(source) and not scan.padded and not written.number.percent:
        return pa.int32()
    if kind is Kind.DATE and _bare(source) and written.date == ISO and not written.times:
        return pa.date32()
    return pa.string()


def _bare(source: Source) -> bool:
    """Whether the cell alone says the value."""
    return not source.rule.recode and not source.rule.default


def _reader(scan: Scan, types: Mapping[int, pa.DataType]) -> pa.RecordBatchReader:
    names = [f"c{index}" for index in range(len(scan.header))]
    return pc.open_csv(
        scan.readable,
        memory_pool=pa.system_memory_pool(),  # gives blocks back at once, the default one keeps them
        # A row spans at most two blocks, so that one longer than a line may be is never read; small blocks stay in
        # the cache of the processor.
        read_options=pc.ReadOptions(
            use_threads=False, block_size=LONGEST_LINE // 4, column_names=names, skip_rows=scan.skipped + 1
        ),
        parse_options=pc.ParseOptions(delimiter=scan.delimiter, quote_char=False, ignore_empty_lines=False),
        convert_options=pc.ConvertOptions(
            check_utf8=False,
            null_values=[""],
            strings_can_be_null=True,
            include_columns=[f"c{index}" for index in sorted(types)],
            column_types={f"c{index}": own for index, own in types.items()},
        ),
    )


def _create(
    connection: duckdb.DuckDBPyConnection,
    scan: Scan,
    plan: Plan,
    styles: Mapping[int, Written],
    types: Mapping[int, pa.DataType],
    relation: str,
) -> None:
    """One query, each step within the next, so that no expression is computed twice.

    Raises:
        duckdb.Error: When a cell does not fit.
    """
    read = {index: source for index, source in enumerate(plan.sources) if source is not None}
    raws = [
        f"{_raw(scan, source, types)} AS r{i}, {unrecoded_sql(source, fold=False)} AS u{i}"
        for i, source in read.items()
    ]
    values = [f"{_value(scan, source, i, styles.get(i, Written()), types)} AS t{i}" for i, source in read.items()]
    checked = [f"{ranged_sql(source.column, f't{i}')} AS v{i}" for i, source in read.items()]
    rows = f"SELECT {', '.join(raws)} FROM {relation}_reader"
    for step in (values, checked):
        rows = f"SELECT *, {', '.join(step)} FROM ({rows})"
    kept = ", ".join(f"v{i} AS {name(source.column.name)}" for i, source in read.items())
    # `error` ends the query at the first row; its text depends on the row, or it would be raised while planning.
    fits = f"CASE WHEN {' OR '.join(_misfits(read))} THEN error('misfit' || COALESCE(v{min(read)}::VARCHAR, '')) END"
    connection.execute(f"CREATE TABLE {relation}_cells AS SELECT {kept} FROM ({rows}) WHERE ({fits}) IS NULL")
    # Staged in half the bytes where they suffice; whoever reads the view gets the type of the contract.
    columns = ", ".join(
        f"CAST({name(column.name) if index in read else 'NULL'} AS {SQL_TYPES[column.kind]}) AS {name(column.name)}"
        for index, column in enumerate(plan.table.columns)
    )
    connection.execute(f"CREATE VIEW {relation} AS SELECT {columns}, 0 AS _bad, rowid FROM {relation}_cells")


def _raw(scan: Scan, source: Source, types: Mapping[int, pa.DataType]) -> str:
    typed = source.index is not None and types[source.index] != pa.string()
    bare = source.index is not None and _bare(source) and not scan.spaces
    return f"c{source.index}" if typed or bare else raw_sql(source)


def _value(scan: Scan, source: Source, index: int, written: Written, types: Mapping[int, pa.DataType]) -> str:
    own = pa.string() if source.index is None else types[source.index]
    if own == pa.date32():
        return f"r{index}"
    if own == pa.int32():
        scaled = f"r{index}" if source.rule.scale == 1 else f"CAST(r{index} AS BIGINT) * {source.rule.scale}"
        return f"CASE WHEN r{index} BETWEEN -{LARGEST} AND {LARGEST} THEN {scaled} END"
    if source.column.kind is Kind.ID and source.index is not None and _bare(source) and not scan.plus:
        # ASCII without a plus is no number in the spelling of spreadsheets, and as many bytes as characters.
        return f"CASE WHEN strlen(r{index}) <= {LONGEST_ID} THEN r{index} END"
    # A word in another case is read with the others of its file, where it is counted and told.
    return typed_sql(source.column, source.rule, f"r{index}", written, plain=True, fold=False)


def _misfits(read: Mapping[int, Source]) -> Iterator[str]:
    for index, source in read.items():
        filled = "" if source.column.required else f"r{index} IS NOT NULL AND "
        recoded = f"u{index} OR " if source.rule.recode else ""
        yield f"{recoded}({filled}v{index} IS NULL)"
