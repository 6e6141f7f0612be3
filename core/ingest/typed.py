"""One file staged in the types of the contract, with every cell that does not fit explained."""

# ruff: noqa: S608 - names come from the contract, never from data

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import duckdb

from core.errors import Problem
from core.ingest import parse
from core.ingest.direct import stage_directly
from core.ingest.explain import explain, shorten
from core.ingest.lines import lines_of
from core.ingest.mapping import Plan, Source
from core.ingest.number_styles import NUMERIC, number_verdict, proven_points, read_numbers
from core.ingest.numbers import plain_number_sql
from core.ingest.read import Scan
from core.ingest.skipping import rows_at
from core.ingest.styles import DATES, Verdict, sample_styles, style_verdict
from core.ingest.values import cell_sql, folded_sql, ranged_sql, raw_sql, typed_sql, unrecoded_sql
from core.ingest.written import ColumnReading, Written
from core.model.presets import TableRule
from core.store.facts_shape import SQL_TYPES, name


@dataclass(frozen=True)
class StagedFile:
    """One file as a table of the staging database.

    Attributes:
        scan: The file.
        plan: How its columns were read.
        relation: Table or view with the contract's columns and `_bad`: a bit for each column whose cell does not fit,
            -1 for a row without any text, -2 for one the mapping leaves out, -3 for
            one left out on request. `rowid` counts the parsed rows.
        parsed: Rows that could be split into cells.
        refused: Lines of the rows that could not.
        problems: Every row and cell that does not fit.
        warnings: What was left out.
        skipped: Lines left out on request.
        readings: Style of each column of dates and of numbers.
    """

    scan: Scan
    plan: Plan
    relation: str
    parsed: int
    refused: tuple[int, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    skipped: frozenset[int] = frozenset()
    readings: tuple[ColumnReading, ...] = ()

    @property
    def unread(self) -> bool:
        """Whether rows are missing that nobody decided to leave out."""
        return not self.parsed or not self.skipped.issuperset(self.refused)

    def lines(self, rows: Sequence[int]) -> dict[int, int]:
        """Line of each row."""
        return lines_of(self.scan, rows, self.parsed, self.refused)


def stage_file(
    connection: duckdb.DuckDBPyConnection,
    scan: Scan,
    plan: Plan,
    relation: str,
    skip: frozenset[int] = frozenset(),
    rule: TableRule | None = None,
) -> StagedFile:
    """Read one file into the types of its table, without the lines of `skip`; parsed once when all of it fits.

    Args:
        connection: Staging database.
        scan: The file.
        plan: Where its columns come from.
        relation: Table to create.
        skip: Lines to leave out.
        rule: What the mapping states for the table: styles of numbers and dates.
    """
    try:
        styles, unclear = sample_styles(connection, scan, plan, rule is not None and rule.times)
        styles |= read_numbers(connection, scan, plan, rule.number if rule else "")
        direct = not skip and stage_directly(connection, scan, plan, styles, relation)
        if not direct:
            styles = _create_proven(connection, scan, plan, styles, relation)
    except duckdb.Error as error:
        message = f"the file cannot be parsed: {str(error).strip().splitlines()[0][:200]}"
        unreadable = Problem(scan.name, message, rule="not_readable")
        return StagedFile(scan, plan, "", 0, (), (unreadable,), ())
    refused = [] if direct else parse.refused_rows(connection, scan, f"{relation}_rejects")
    lines = tuple(problem.line for problem in refused if problem.line is not None)
    parsed, blank = _counts(connection, relation)
    staged = StagedFile(scan, plan, relation, parsed, lines, (), (), skip)
    refused = [problem for problem in refused if problem.line not in skip]
    for row in rows_at(scan, skip, parsed, lines):
        connection.execute(f"UPDATE {relation} SET _bad = -3 WHERE rowid = {row}")
    problems = [*refused, *unclear]
    if parsed == blank and not refused:
        problems.append(Problem(scan.name, "the file has a header and no rows.", rule="no_rows"))
    problems += _bad_cells(connection, staged, styles)
    warnings = [] if direct else _folded(connection, staged)
    if blank:
        warnings.append(Problem(scan.name, f"{blank} rows without any text were left out.", rule="blank_rows"))
    return replace(staged, problems=tuple(problems), warnings=tuple(warnings), readings=_readings(scan, plan, styles))


def _readings(scan: Scan, plan: Plan, styles: dict[int, Written]) -> tuple[ColumnReading, ...]:
    readings = []
    for index, written in styles.items():
        source = plan.sources[index]
        if source is not None and source.index is not None:
            dated = source.column.kind in DATES
            style = written.date + (" with a time" if written.times else "") if dated else written.number.example
            spelled = scan.header[source.index]
            readings.append(ColumnReading(spelled, source.column.name, "date" if dated else "number", style))
    return tuple(readings)


def _create_proven(
    connection: duckdb.DuckDBPyConnection, scan: Scan, plan: Plan, styles: dict[int, Written], relation: str
) -> dict[int, Written]:
    """Stage the file; once more when cells such as 1.234 were left open and the rest of the column settles them."""
    _create(connection, scan, plan, styles, relation)
    answer = connection.execute(f"SELECT BIT_OR(_bad) FROM {relation} WHERE _bad > 0").fetchone()
    bad = (answer[0] if answer else 0) or 0
    open_ones = {index: plan.sources[index] for index, each in styles.items() if not each.proven and bad & 1 << index}
    doubtful = {index: source for index, source in open_ones.items() if source is not None}
    proven = proven_points(connection, scan, doubtful, 0)
    if proven:
        for table in (relation, f"{relation}_rejects", f"{relation}_rejects_scan"):
            connection.execute(f"DROP TABLE IF EXISTS {table}")
        styles = {index: replace(each, proven=each.proven or index in proven) for index, each in styles.items()}
        _create(connection, scan, plan, styles, relation)
    return styles


def _create(
    connection: duckdb.DuckDBPyConnection, scan: Scan, plan: Plan, styles: dict[int, Written], relation: str
) -> None:
    """Each step is a query of its own: inside a CASE, DuckDB would compute a repeated expression again."""
    raws, written, values, checked, outputs, bits, folds = [], [], [], [], [], [], []
    for index, (column, source) in enumerate(zip(plan.table.columns, plan.sources, strict=True)):
        if source is None:
            outputs.append(f"CAST(NULL AS {SQL_TYPES[column.kind]}) AS {name(column.name)}")
            continue
        minutes = None if source.minutes is None else f"m{index}"
        raws.append(f"{raw_sql(source)} AS r{index}, {unrecoded_sql(source)} AS u{index}")
        if (folded := folded_sql(source)) != "FALSE":
            raws.append(f"{folded} AS f{index}")
            folds.append(f"CASE WHEN f{index} THEN {1 << index} ELSE 0 END")
        if source.minutes is not None:
            raws.append(f"{cell_sql(source.minutes)} AS {minutes}")
        style, raw = styles.get(index, Written()), f"r{index}"
        if not style.number.plain:
            written.append(f"{plain_number_sql(raw, style.number)} AS n{index}")
            raw = f"n{index}"
        values.append(f"{typed_sql(column, source.rule, raw, style, scan.plain)} AS t{index}")
        checked.append(f"{ranged_sql(column, f't{index}', minutes)} AS v{index}")
        outputs.append(f"v{index} AS {name(column.name)}")
        empty = "" if column.required else f"r{index} IS NOT NULL AND "
        bits.append(f"CASE WHEN u{index} OR ({empty}v{index} IS NULL) THEN {1 << index} ELSE 0 END")
    blank = f"COALESCE({', '.join(f'c{index}' for index in range(len(scan.header)))}) IS NULL"
    out = "_out" if scan.table else "FALSE"
    bad = f"CASE WHEN _blank THEN -1 WHEN _left THEN -2 ELSE {' + '.join(bits)} END AS _bad"
    cells = ", ".join((f"{blank} AS _blank", f"{out} AS _left", *raws))
    rows = f"SELECT {cells} FROM {parse.rows_sql(scan, f'{relation}_rejects')}"
    for step in (written, values, checked) if written else (values, checked):
        rows = f"SELECT *, {', '.join(step)} FROM ({rows})"
    outputs += [bad, f"{' + '.join(folds) or '0'} AS _folded"]
    connection.execute(f"CREATE TABLE {relation} AS SELECT {', '.join(outputs)} FROM ({rows})")


def _folded(connection: duckdb.DuckDBPyConnection, staged: StagedFile) -> list[Problem]:
    """How many words were read although their case differs, by column, each with an example."""
    told = []
    for index, source in enumerate(staged.plan.sources):
        if source is None or source.index is None or folded_sql(source) == "FALSE":
            continue
        count, row = connection.execute(
            f"SELECT COUNT(*), MIN(rowid) FROM {staged.relation} WHERE _bad = 0 AND (_folded & {1 << index}) > 0"
        ).fetchone() or (0, None)
        if not count:
            continue
        cell = parse.cells_of(connection, staged.scan, [row], [source.index])[row][source.index] or ""
        value = connection.execute(
            f"SELECT {name(source.column.name)} FROM {staged.relation} WHERE rowid = {row}"
        ).fetchone() or ("",)
        one = f'the cell "{shorten(cell)}" was' if count == 1 else f'{count:,} cells such as "{shorten(cell)}" were'
        message = f'{one} read as "{value[0]}": upper and lower case make no difference.'
        told.append(Problem(staged.scan.name, message, column=staged.scan.header[source.index], rule="case"))
    return told


def _counts(connection: duckdb.DuckDBPyConnection, relation: str) -> tuple[int, int]:
    answer = connection.execute(f"SELECT COUNT(*), COUNT(*) FILTER (_bad = -1) FROM {relation}").fetchone()
    return (answer[0], answer[1]) if answer else (0, 0)


def _bad_cells(connection: duckdb.DuckDBPyConnection, staged: StagedFile, styles: dict[int, Written]) -> list[Problem]:
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
        written = styles.get(index, Written())
        verdict = _verdict(connection, staged, source, written)
        problems += [verdict.problem] if verdict else []
        if verdict is None or not verdict.whole:
            problems += _explained(staged.scan, source, written, listed, cells, lines)
            problems += _rest(staged.scan, source, count - len(listed))
    return problems


def _verdict(
    connection: duckdb.DuckDBPyConnection, staged: StagedFile, source: Source, written: Written
) -> Verdict | None:
    """What is wrong with a column of dates or numbers as a whole."""
    if source.column.kind in DATES:
        return style_verdict(connection, staged.scan, staged.plan, source, written)
    if source.column.kind in NUMERIC:
        return number_verdict(connection, staged.scan, source, written)
    return None


def _explained(
    scan: Scan,
    source: Source,
    written: Written,
    rows: Sequence[int],
    cells: dict[int, dict[int, str | None]],
    lines: dict[int, int],
) -> list[Problem]:
    problems = []
    for row in rows:
        position, cell = source.index, None if source.index is None else cells[row][source.index]
        rule, message = explain(source, cell or source.rule.constant or None, written)
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
