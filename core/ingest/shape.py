"""Cells a mapping puts together, columns it looks up in other files, rows it leaves out: one query over the file."""

# ruff: noqa: S608 - names come from the contract and from headers by position, texts are quoted

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import duckdb

from core.errors import Problem
from core.ingest.dates import utc_sql
from core.ingest.numbers import GROUPED, plain_number_sql
from core.ingest.parse import rows_sql
from core.ingest.read import Scan
from core.model.numbers import number_style
from core.model.presets import Choice, ColumnRule, LookUp, TableRule
from core.store.facts_shape import text

MONTHS = {"day": 12 / 365, "week": 84 / 365, "month": 1.0, "quarter": 3.0, "year": 12.0}
"""Months in what an amount pays for; a year is 365 days."""


@dataclass(frozen=True)
class Other:
    """A look-up file that was loaded.

    Attributes:
        header: Its columns.
        relation: Table with the id as `k` and its cells as c0, c1, ….
    """

    header: tuple[str, ...]
    relation: str


@dataclass(frozen=True)
class Shape:
    """What is added to the rows of a file, and which of them stay.

    Attributes:
        names: Names of the added columns, for messages.
        cells: SQL of each, over the row `r` and the look-ups.
        joins: SQL of the look-ups.
        out: Words and SQL condition of the rows that are left out, by reason.
        empty: Texts that stand for an empty cell.
        defaults: Position of a column in the shaped file -> text its empty cells are read as.
    """

    names: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    joins: tuple[str, ...] = ()
    out: tuple[tuple[str, str], ...] = ()
    empty: tuple[str, ...] = ()
    defaults: dict[int, str] = field(default_factory=dict)


class Names:
    """The columns that a rule may name: those of the file, and those of its look-ups as `name.column`."""

    def __init__(self, header: Sequence[str], others: Mapping[str, Other] | None = None) -> None:
        self.header, self.others = header, dict(others or {})
        self._own = _places(header)
        self._theirs = {name: _places(other.header) for name, other in self.others.items()}

    def position(self, name: str) -> int | None:
        """Position of a column of the file itself."""
        if name in self.header:
            return self.header.index(name)
        return self._own.get(loose(name))

    def spelled(self, name: str) -> str:
        """The name as the file spells it; that of a look-up's column as it is."""
        own = self.position(name)
        return name if own is None else self.header[own]

    def cell(self, name: str) -> str | None:
        """SQL of a trimmed cell, NULL when empty; None when there is no such column."""
        own = self.position(name)
        if own is not None:
            return f"NULLIF(trim(r.c{own}), '')"
        other, _, column = name.partition(".")
        place = self._theirs.get(other, {}).get(loose(column))
        return None if place is None else f"NULLIF(trim(l_{other}.c{place}), '')"

    def condition(self, columns: Mapping[str, tuple[str, ...]]) -> str:
        """SQL condition: each column holds one of its texts; a column that is not there holds an empty cell."""
        parts = []
        for name, texts in columns.items():
            listed = ", ".join(text(each.lower()) for each in texts)
            parts.append(f"COALESCE(lower({self.cell(name) or 'NULL'}), '') IN ({listed})")
        return " AND ".join(parts) or "TRUE"


def loose(name: str) -> str:
    """Header names agree whatever their case, spaces, hyphens and underscores: `AccountId` is `Account ID`."""
    return "".join(name.casefold().replace("-", " ").replace("_", " ").split())


def _places(header: Sequence[str]) -> dict[str, int]:
    return {loose(name): index for index, name in reversed(list(enumerate(header)))}


def value_sql(rule: ColumnRule, names: Names) -> str | None:
    """SQL of the text a rule puts together; None when none of its columns is in the file."""
    first = Choice(column=rule.column, join=rule.join, json=rule.json, when=rule.when)
    places = [place for choice in (first, *rule.otherwise) if (place := _place(choice, names))]
    if not places:
        return None
    value = f"COALESCE({', '.join(places)})"
    if rule.split:
        value = f"NULLIF(trim(split_part({value}, {text(rule.split)}, 1)), '')"
    if rule.recode:
        value = _recoded(value, rule)
    if rule.multiply or rule.interval:
        value = _amount(value, rule, names)
    if rule.utc:
        value = utc_sql(value)
    return f"{text(rule.prefix)} || {value}" if rule.prefix else value


def _place(choice: Choice, names: Names) -> str | None:
    parts = [cell for cell in map(names.cell, choice.places) if cell]
    if not parts:
        return None
    value = f"NULLIF(concat_ws(' ', {', '.join(parts)}), '')" if choice.join else parts[0]
    value = _json(value, choice.json) if choice.json else value
    return f"CASE WHEN {names.condition(choice.when)} THEN {value} END" if choice.when else value


def _json(cell: str, key: str) -> str:
    path = '$."' + key.replace('"', '\\"') + '"'
    return f"CASE WHEN json_valid({cell}) THEN NULLIF(trim(json_extract_string({cell}, {text(path)})), '') END"


def _recoded(value: str, rule: ColumnRule) -> str:
    """Texts spelled as the mapping spells them whatever their case; with `recode_other`, recoded at once."""
    target = rule.recode if rule.recode_other else {old: old for old in rule.recode}
    cases = " ".join(f"WHEN {text(old.lower())} THEN {text(new)}" for old, new in target.items())
    other = f"CASE WHEN v IS NOT NULL THEN {text(rule.recode_other)} END" if rule.recode_other else "v"
    return f"(SELECT CASE lower(v) {cases} ELSE {other} END FROM (SELECT {value} AS v))"


def _amount(value: str, rule: ColumnRule, names: Names) -> str:
    """Amount × number / months, in whole units of the contract, halves away from zero.

    Text that is no number in the column's style stays as it is, with the number or interval that cannot be read.
    """

    def first(columns: Sequence[str]) -> str:
        return f"COALESCE({', '.join([cell for cell in map(names.cell, columns) if cell] or ['NULL'])})"

    def number(columns: Sequence[str]) -> str:
        return f"COALESCE(TRY_CAST({first(columns)} AS DOUBLE), 1)" if columns else "1"

    months, unread = "1", []
    if rule.interval:
        cases = " ".join(f"WHEN {text(name)} THEN {count!r}" for name, count in MONTHS.items())
        months = f"(CASE lower({first(rule.interval)}) {cases} END * {number(rule.interval_count)})"
        cell, listed = first(rule.interval), ", ".join(map(text, MONTHS))
        unread = [f"WHEN lower({cell}) NOT IN ({listed}) THEN {value} || ' / ' || {cell}"]
    for columns, mark in ((rule.multiply, " × "), (rule.interval_count, " / ")):
        if columns:
            cell = first(columns)
            unread.append(
                f"WHEN {cell} IS NOT NULL AND TRY_CAST({cell} AS DOUBLE) IS NULL THEN {value} || {text(mark)} || {cell}"
            )
    plain = f"TRY_CAST({_plain(value, rule.number)} AS DECIMAL(28, 6))"
    product = f"{plain} * {rule.scale} * {number(rule.multiply)} / {months}"
    return (
        f"CASE WHEN {plain} IS NULL THEN {value} {' '.join(unread)} "
        f"ELSE CAST(TRY_CAST(round({product}) AS BIGINT) AS VARCHAR) END"
    )


def _plain(value: str, stated: str) -> str:
    """The number in its stated style; without one a plain number, unless its point may stand between thousands."""
    if stated and not number_style(stated).plain:
        return plain_number_sql(value, number_style(stated))
    return value if stated else f"CASE WHEN NOT regexp_full_match({value}, {text(GROUPED)}) THEN {value} END"


def lookup_joins(rule: TableRule, names: Names) -> tuple[str, ...]:
    """SQL that joins each look-up; one whose id column is not there joins nothing."""
    return tuple(
        f"LEFT JOIN {other.relation} l_{name} ON l_{name}.k = {names.cell(rule.lookups[name].by) or 'NULL'}"
        for name, other in names.others.items()
    )


def left_out(rule: TableRule, names: Names) -> tuple[tuple[str, str], ...]:
    """Words and SQL condition of each reason to leave a row out.

    `leave_out` on a column that nothing holds is no reason: a file without `is_deleted` has no deleted rows.
    """
    out = [
        (_words(name, texts), names.condition({name: texts}))
        for name, texts in rule.leave_out.items()
        if names.cell(name)
    ]
    out += [
        (f"{name} is none of {', '.join(each or 'empty' for each in texts)}", f"NOT ({names.condition({name: texts})})")
        for name, texts in rule.only.items()
        if names.cell(name)
    ]
    return tuple(out)


def _words(name: str, texts: Sequence[str]) -> str:
    filled = [each for each in texts if each]
    parts = ([f"{name} is {' or '.join(filled)}"] if filled else []) + ([f"{name} is empty"] if "" in texts else [])
    return " or ".join(parts)


def load_lookup(
    connection: duckdb.DuckDBPyConnection, scan: Scan, look: LookUp, relation: str
) -> tuple[Other | None, tuple[Problem, ...]]:
    """Load a look-up file: one row per id, the first of several.

    Returns:
        The look-up, None when its file lacks the id column; what should be known about it.
    """
    names = Names(scan.header)
    key = names.position(look.key)
    if key is None:
        message = f"a look-up needs this column; columns taken from {scan.name} stay empty."
        return None, (Problem(scan.name, message, column=look.key, rule="look_up"),)
    connection.execute(f"""
        CREATE OR REPLACE TABLE {relation} AS SELECT * EXCLUDE (n, place) FROM (
            SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY n) AS place FROM (
                SELECT *, NULLIF(trim(r.c{key}), '') AS k FROM (
                    SELECT *, ROW_NUMBER() OVER () AS n FROM {rows_sql(scan)}) r
                WHERE {names.condition(look.only) if look.only else "TRUE"}
            ) WHERE k IS NOT NULL
        ) WHERE place = 1""")
    return Other(scan.header, relation), ()


def shape_file(
    connection: duckdb.DuckDBPyConnection, scan: Scan, shape: Shape, relation: str, table: str
) -> tuple[Scan, tuple[Problem, ...]]:
    """Read a file into a table with the cells the mapping adds and a mark on the rows it leaves out.

    Args:
        connection: A connection.
        scan: The file.
        shape: What to add.
        relation: Name of the staged file, which is kept as `<relation>_rows`.
        table: Table the file is read for.

    Returns:
        The file as that table holds it; how many rows were left out, and cells read as a default, by reason.
    """
    width = len(scan.header)
    own = ", ".join(_emptied(f"c{index}", shape.empty) for index in range(width))
    added = "".join(f", {cell} AS c{width + index}" for index, cell in enumerate(shape.cells))
    out = " OR ".join(condition for _, condition in shape.out) or "FALSE"
    reasons = "".join(f", ({condition}) AS _out{index}" for index, (_, condition) in enumerate(shape.out))
    rows = f"{relation}_rows"
    connection.execute(f"""
        CREATE OR REPLACE TABLE {rows} AS
        SELECT r.* EXCLUDE (n){added}, ({out}) AS _out{reasons}
        FROM (SELECT {own}, ROW_NUMBER() OVER () AS n FROM {rows_sql(scan, f"{relation}_rejects")}) r
        {" ".join(shape.joins)} ORDER BY n""")
    names = (*scan.header, *shape.names)
    shaped = replace(scan, header=names, added=len(shape.names), table=rows, plain=False)
    return shaped, tuple(_told(connection, shaped, shape, table))


def _emptied(cell: str, empty: Sequence[str]) -> str:
    if not empty:
        return cell
    return f"CASE WHEN trim({cell}) IN ({', '.join(map(text, empty))}) THEN NULL ELSE {cell} END AS {cell}"


def not_read(count: int, table: str, why: str) -> str:
    """How many rows of a file a table does not take, and why: other tables may take them."""
    return f"{count:,} {'row was' if count == 1 else 'rows were'} not read as {table}: {why}."


def _told(connection: duckdb.DuckDBPyConnection, scan: Scan, shape: Shape, table: str) -> Iterator[Problem]:
    for index, (words, _) in enumerate(shape.out):
        count = _count(connection, f"SELECT COUNT(*) FILTER (_out{index}) FROM {scan.table}")
        if count:
            yield Problem(scan.name, not_read(count, table, words), rule="left_out")
    blank = f"COALESCE({', '.join(f'c{index}' for index in range(len(scan.header) - scan.added))}) IS NULL"
    for position, default in shape.defaults.items():
        count = _count(
            connection, f"SELECT COUNT(*) FROM {scan.table} WHERE c{position} IS NULL AND NOT _out AND NOT ({blank})"
        )
        if count:
            message = f'{count} empty cells were read as "{default}".'
            yield Problem(scan.name, message, column=scan.header[position], rule="default")


def _count(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    answer = connection.execute(sql).fetchone()
    return int(answer[0]) if answer else 0
