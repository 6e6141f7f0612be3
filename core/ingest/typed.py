"""One file staged in the types of the contract, with every cell that does not fit explained."""

# ruff: noqa: S608 - names come from the contract, never from data

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from core.errors import Problem
from core.ingest import parse
from core.ingest.dates import ISO
from core.ingest.explain import explain, shorten
from core.ingest.lines import lines_of
from core.ingest.mapping import Plan, Source
from core.ingest.read import Scan
from core.ingest.styles import sample_styles, style_verdict
from core.ingest.values import cell_sql, ranged_sql, raw_sql, typed_sql, unrecoded_sql
from core.store.facts_shape import SQL_TYPES, name


@dataclass(frozen=True)
class StagedFile:
    """One file as a table of the staging database.

    Attributes:
        scan: The file.
        plan: How its columns were read.
        relation: Table with the contract's columns and `_bad`: a bit for each column whose cell does not fit,
            -1 for a row without any text. `rowid` counts the parsed rows.
        parsed: Rows that could be split into cells.
        refused: Lines of the rows that could not.
        problems: Every row and cell that does not fit.
        warnings: What was left out.
    """

    scan: Scan
    plan: Plan
    relation: str
    parsed: int
    refused: tuple[int, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]

    def lines(self, rows: Sequence[int]) -> dict[int, int]:
        """Line of each row."""
        return lines_of(self.scan, rows, self.parsed, self.refused)


def stage_file(connection: duckdb.DuckDBPyConnection, scan: Scan, plan: Plan, relation: str) -> StagedFile:
    """Read one file into the types of its table; the file is parsed once when all of it fits."""
    styles, unclear = sample_styles(connection, scan, plan)
    try:
        _create(connection, scan, plan, styles, relation)
    except duckdb.Error as error:
        message = f"the file cannot be parsed: {str(error).strip().splitlines()[0][:200]}"
        unreadable = Problem(scan.name, message, rule="not_readable")
        return StagedFile(scan, plan, "", 0, (), (unreadable,), ())
    refused = parse.refused_rows(connection, scan, f"{relation}_rejects")
    lines = tuple(problem.line for problem in refused if problem.line is not None)
    parsed, blank = _counts(connection, relation)
    staged = StagedFile(scan, plan, relation, parsed, lines, (), ())
    problems = [*refused, *unclear]
    if parsed == blank and not refused:
        problems.append(Problem(scan.name, "the file has a header and no rows.", rule="no_rows"))
    problems += _bad_cells(connection, staged, styles)
    warnings = (
        (Problem(scan.name, f"{blank} rows without any text were left out.", rule="blank_rows"),) if blank else ()
    )
    return StagedFile(scan, plan, relation, parsed, lines, tuple(problems), warnings)


def _create(
    connection: duckdb.DuckDBPyConnection, scan: Scan, plan: Plan, styles: dict[int, str], relation: str
) -> None:
    """Each step is a query of its own: inside a CASE, DuckDB would compute a repeated expression again."""
    raws, values, checked, outputs, bits = [], [], [], [], []
    for index, (column, source) in enumerate(zip(plan.table.columns, plan.sources, strict=True)):
        if source is None:
            outputs.append(f"CAST(NULL AS {SQL_TYPES[column.kind]}) AS {name(column.name)}")
            continue
        minutes = None if source.minutes is None else f"m{index}"
        raws.append(f"{raw_sql(source)} AS r{index}, {unrecoded_sql(source)} AS u{index}")
        if source.minutes is not None:
            raws.append(f"{cell_sql(source.minutes)} AS {minutes}")
        typed = typed_sql(column, source.rule, f"r{index}", styles.get(index, ISO), scan.plain)
        values.append(f"{typed} AS t{index}")
        checked.append(f"{ranged_sql(column, f't{index}', minutes)} AS v{index}")
        outputs.append(f"v{index} AS {name(column.name)}")
        empty = "" if column.required else f"r{index} IS NOT NULL AND "
        bits.append(f"CASE WHEN u{index} OR ({empty}v{index} IS NULL) THEN {1 << index} ELSE 0 END")
    blank = f"COALESCE({', '.join(f'c{index}' for index in range(len(scan.header)))}) IS NULL"
    bad = f"CASE WHEN _blank THEN -1 ELSE {' + '.join(bits)} END AS _bad"
    rows = f"SELECT {blank} AS _blank, {', '.join(raws)} FROM {parse.rows_sql(scan, f'{relation}_rejects')}"
    for step in (values, checked):
        rows = f"SELECT *, {', '.join(step)} FROM ({rows})"
    connection.execute(f"CREATE TABLE {relation} AS SELECT {', '.join(outputs)}, {bad} FROM ({rows})")


def _counts(connection: duckdb.DuckDBPyConnection, relation: str) -> tuple[int, int]:
    answer = connection.execute(f"SELECT COUNT(*), COUNT(*) FILTER (_bad = -1) FROM {relation}").fetchone()
    return (answer[0], answer[1]) if answer else (0, 0)


def _bad_cells(connection: duckdb.DuckDBPyConnection, staged: StagedFile, styles: dict[int, str]) -> list[Problem]:
    bad: dict[int, tuple[list[int], int]] = {}
    for index, source in enumerate(staged.plan.sources):
        condition = f"_bad > 0 AND (_bad & {1 << index}) > 0"
        if source is not None:
            found = connection.execute(
                f"SELECT rowid, COUNT(*) OVER () FROM {staged.relation} WHERE {condition} "
                f"ORDER BY rowid LIMIT {parse.MOST_LISTED}"
            ).fetchall()
            if found:
                bad[index] = ([row for row, _ in found], found[0][1])
    rows = sorted({row for listed, _ in bad.values() for row in listed})
    positions = sorted(
        {p for i in bad for s in [staged.plan.sources[i]] if s for p in (s.index, s.minutes) if p is not None}
    )
    cells = parse.cells_of(connection, staged.scan, rows, positions)
    lines = staged.lines(rows) if rows else {}
    problems = []
    for index, (listed, count) in bad.items():
        source = staged.plan.sources[index]
        if source is None:
            continue
        verdict = (
            style_verdict(connection, staged.scan, staged.plan, source, styles[index]) if index in styles else None
        )
        problems += [verdict.problem] if verdict else []
        if verdict is None or not verdict.whole:
            problems += _explained(staged.scan, source, styles.get(index, ISO), listed, cells, lines)
            problems += _rest(staged.scan, source, count - len(listed))
    return problems


def _explained(
    scan: Scan,
    source: Source,
    style: str,
    rows: Sequence[int],
    cells: dict[int, dict[int, str | None]],
    lines: dict[int, int],
) -> list[Problem]:
    problems = []
    for row in rows:
        position, cell = source.index, None if source.index is None else cells[row][source.index]
        rule, message = explain(source, cell or source.rule.constant or None, style)
        minutes = cells[row].get(source.minutes) if source.minutes is not None else None
        if minutes is not None and not (minutes.isascii() and minutes.isdigit()):
            position, cell = source.minutes, minutes
            rule, message = "number", f'expected whole minutes, found "{shorten(minutes)}". Correct the cell.'
        column = source.column.name if position is None else scan.header[position]
        problems.append(Problem(scan.name, message, lines[row], column, None if cell is None else cell[:200], rule))
    return problems


def _rest(scan: Scan, source: Source, count: int) -> list[Problem]:
    if count <= 0:
        return []
    column = source.column.name if source.index is None else scan.header[source.index]
    return [Problem(scan.name, f"and {count} more cells of this column do not fit.", column=column, rule="more")]
