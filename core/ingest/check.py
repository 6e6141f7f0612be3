"""Checks over the rows of a table: keys, references, order of dates, overlaps. All problems, none raised."""

# ruff: noqa: S608 - names come from the contract, never from data

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd

from core.errors import Problem
from core.ingest.explain import shorten
from core.ingest.parse import MOST_LISTED
from core.ingest.rules import ROW_RULES, UNDONE
from core.ingest.typed import StagedFile
from core.schema import Table
from core.settings import settings
from core.store.facts_before import FILE
from core.store.facts_shape import name, one_thread
from core.store.record_rows import UNSAID

SORTED_AT_ONCE = 8_000_000
"""Numbers that are sorted in memory at once, 64 MB; more are taken in shares, each of which reads the rows again."""


@dataclass(frozen=True)
class StagedTable:
    """All files of one table.

    Attributes:
        table: The table.
        files: Its files; `_file` counts them.
        relation: View of the rows whose cells all fit, with `_file`, `_row` and `_bad`.
        every: View of all rows, for ids that others refer to: a broken account is still an account.
    """

    table: Table
    files: tuple[StagedFile, ...]
    relation: str
    every: str

    @property
    def silent(self) -> list[frozenset[str]]:
        """Columns each of its files does not hold, a default of the mapping for new rows notwithstanding."""
        return [
            frozenset(
                column.name
                for column, source in zip(self.table.columns, file.plan.sources, strict=True)
                if source is None or source.assumed
            )
            for file in self.files
        ]

    @property
    def absent(self) -> frozenset[str]:
        """Columns that none of its files holds."""
        return frozenset.intersection(*self.silent)

    @property
    def unsaid(self) -> dict[str, str]:
        """Column -> SQL condition of the rows, as `n`, whose file does not hold it."""
        silent = self.silent
        lacking = {
            column.name: [str(index) for index, own in enumerate(silent) if column.name in own]
            for column in self.table.columns
        }
        conditions = {column: f"n.{FILE} IN ({', '.join(files)})" for column, files in lacking.items() if files}
        column, by, word = UNDONE.get(self.table.name, ("", "", ""))
        if column in conditions and conditions.get(by) != conditions[column]:
            said = f"n.{by} = '{word}' AND NOT {conditions.get(by, 'FALSE')}"
            conditions[column] = f"({conditions[column]} AND COALESCE(NOT ({said}), TRUE))"
        return conditions

    def frame(self, connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
        """The rows that fit as Python values, None where empty, by key; if files differ, with what each leaves out."""
        names, silent = [column.name for column in self.table.columns], self.silent
        order = ", ".join(self.table.key)
        rows = connection.execute(f"SELECT {', '.join(names)}, {FILE} FROM {self.relation} ORDER BY {order}").fetchall()
        frame = pd.DataFrame(rows, columns=[*names, FILE], dtype=object)
        files = frame.pop(FILE)
        return frame if len(set(silent)) == 1 else frame.assign(**{UNSAID: files.map(silent.__getitem__)})

    def at(self, rows: Sequence[tuple[int, int]]) -> dict[tuple[int, int], tuple[str, int]]:
        """File name and line of each (file, row)."""
        places = {}
        for index, file in enumerate(self.files):
            own = [row for number, row in rows if number == index]
            lines = file.lines(own) if own else {}
            places.update({(index, row): (file.scan.name, lines[row]) for row in own})
        return places

    def spelled(self, file: int, column: str) -> str:
        """Name of a contract column in one of the files."""
        staged = self.files[file]
        for source in staged.plan.sources:
            if source is not None and source.column.name == column and source.index is not None:
                return staged.scan.header[source.index]
        return column


def union_files(connection: duckdb.DuckDBPyConnection, table: Table, files: Sequence[StagedFile]) -> StagedTable:
    """Put the staged files of one table together as two views."""
    names = ", ".join(name(column.name) for column in table.columns)
    relation, every = f"good_{table.name}", f"every_{table.name}"
    for view, condition in ((relation, "_bad = 0"), (every, "_bad >= 0")):
        rows = " UNION ALL ".join(
            f"SELECT {names}, {index} AS {FILE}, rowid AS _row, _bad FROM {file.relation} WHERE {condition}"
            for index, file in enumerate(files)
        )
        connection.execute(f"CREATE OR REPLACE VIEW {view} AS {rows}")
    return StagedTable(table, tuple(files), relation, every)


def check_table(
    connection: duckdb.DuckDBPyConnection,
    staged: StagedTable,
    targets: Mapping[str, str],
    periods: Sequence[str] = (),
) -> list[Problem]:
    """Every broken rule between the rows of one table, or between it and others.

    References and rules of one row are checked on rows with a wrong cell elsewhere, too (a wrong cell itself is
    empty there), so that one reading of the list mends the file.

    Args:
        connection: Where the relations can be read.
        staged: The table.
        targets: Referenced table -> SQL of its ids, as column `id`; a table that is not loaded is absent.
        periods: SQL of the keys of stored periods of subscriptions, in a list of one; empty without any.
    """
    problems = list(_duplicates(connection, staged))
    for column, target in staged.table.references.items():
        if target in targets:
            problems += _orphans(connection, staged, column, target, targets[target])
    for rule in ROW_RULES.get(staged.table.name, ()):
        broken = rule.broken_in(settings().council_zone)
        found = _rows(connection, f"SELECT _file, _row, {rule.shows} FROM {staged.every} WHERE {broken}")
        problems += _listed(staged, found, rule.column, rule.id, rule.message.format)
    if staged.table.name == "subscriptions":
        problems += _overlaps(connection, staged, periods)
    if staged.table.name == "accounts":
        problems += _circles(connection, staged)
    return problems


def _duplicates(connection: duckdb.DuckDBPyConnection, staged: StagedTable) -> Iterator[Problem]:
    """Rows with the same key, each with the line of the first; found by hash, confirmed by the key itself.

    A row with a wrong cell outside its key is looked at, too, so that its twin is told at once.
    """
    table = staged.table
    keys = ", ".join(table.key)
    if not keys or not _repeats(connection, f"SELECT hash({keys}) FROM {staged.every} WHERE {_fit(table, table.key)}"):
        return
    found = connection.execute(f"""
        WITH keyed AS (SELECT * FROM {staged.every} WHERE {_fit(table, table.key)}),
        hashes AS (SELECT hash({keys}) AS h FROM keyed GROUP BY h HAVING COUNT(*) > 1),
        twins AS (SELECT * FROM keyed WHERE hash({keys}) IN (SELECT h FROM hashes)),
        ranked AS (
            SELECT *, FIRST_VALUE(_file) OVER same AS first_file, FIRST_VALUE(_row) OVER same AS first_row,
                ROW_NUMBER() OVER same AS place FROM twins WINDOW same AS (PARTITION BY {keys} ORDER BY _file, _row)
        )
        SELECT _file, _row, first_file, first_row, {keys}, COUNT(*) OVER () FROM ranked WHERE place > 1
        ORDER BY _file, _row LIMIT {MOST_LISTED}""").fetchall()
    places = staged.at([row[:2] for row in found] + [row[2:4] for row in found])
    for row in found:
        (name, line), (first_name, first_line) = places[row[:2]], places[row[2:4]]
        values = ", ".join(f'{k} "{v}"' for k, v in zip(table.key, row[4:-1], strict=True) if v is not None)
        where = f"line {first_line}" if name == first_name else f"{first_name}, line {first_line}"
        message = f"the key ({values}) stands on {where} already. Keep one of the rows, or correct the key."
        yield Problem(name, message, line, staged.spelled(row[0], table.key[0]), str(row[4]), "duplicate_key")
    yield from _rest(staged, found[0][-1] - len(found) if found else 0, table.key[0], "duplicate_key")


def _repeats(connection: duckdb.DuckDBPyConnection, hashes: str) -> bool:
    """Whether a number of that query comes twice: sorting plain integers costs a fifth of grouping them."""
    answer = connection.execute(f"SELECT COUNT(*) FROM ({hashes})").fetchone()
    count = answer[0] if answer else 0
    shares = 1 + count // SORTED_AT_ONCE
    for share in range(shares):
        connection.complete()
        own = f"SELECT h FROM ({hashes}) AS found(h)" + (f" WHERE h % {shares} = {share}" if shares > 1 else "")
        room, end = np.empty(count, np.uint64), 0  # what is not filled takes no memory
        with one_thread(connection):
            for batch in connection.sql(own).to_arrow_reader():
                room[end : end + batch.num_rows] = batch.column(0).to_numpy()
                end += batch.num_rows
        held = room[:end]
        held.sort()
        if bool((held[1:] == held[:-1]).any()):
            return True
    return False


def _fit(table: Table, columns: Sequence[str]) -> str:
    """SQL condition: the cells of these columns are what they should be, whatever the others are."""
    bits = sum(1 << index for index, column in enumerate(table.columns) if column.name in columns)
    return f"(_bad & {bits}) = 0"


def _orphans(
    connection: duckdb.DuckDBPyConnection, staged: StagedTable, column: str, target: str, ids: str
) -> Iterator[Problem]:
    unknown = f"{column} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {ids} t WHERE t.id = s.{column})"
    # Few ids stand on many rows: each is looked up once, and the rows are looked for only when one is unknown.
    once = f"(SELECT DISTINCT {column} FROM {staged.every}) s"
    if connection.execute(f"SELECT 1 FROM {once} WHERE {unknown} LIMIT 1").fetchone() is None:
        return
    sql = f"SELECT _file, _row, {column} FROM {staged.every} s WHERE {unknown}"

    def words(value: str) -> str:
        return f'no row of {target} has the id "{value}". Add it to {target}, or correct the id.'

    yield from _listed(staged, _rows(connection, sql), column, "reference", words)


def _overlaps(connection: duckdb.DuckDBPyConnection, staged: StagedTable, periods: Sequence[str]) -> Iterator[Problem]:
    """Two periods of one subscription on the same day would count its revenue twice.

    A stored period whose file does not hold its end keeps it: only the merged data tell whether it overlaps.
    """
    keeps = "FALSE"
    if periods and "end_date" in staged.unsaid:
        same = "o.subscription_id = n.subscription_id AND o.start_date = n.start_date"
        keeps = f"{staged.unsaid['end_date']} AND EXISTS (SELECT 1 FROM ({periods[0]}) o WHERE {same})"
    sound = _fit(staged.table, ("subscription_id", "start_date", "end_date"))
    found = _rows(
        connection,
        f"""SELECT _file, _row, subscription_id || ' from ' || start_date || ', the earlier one '
                || COALESCE('until ' || before, 'without an end') FROM (
            SELECT *, LAG(end_date) OVER periods AS before, LAG(start_date) OVER periods AS begun,
                LAG(keeps) OVER periods AS kept
            FROM (SELECT *, ({keeps}) AS keeps FROM {staged.every} n WHERE {sound})
            WHERE hash(subscription_id) IN (
                SELECT hash(subscription_id) FROM {staged.every} WHERE {sound} GROUP BY ALL HAVING COUNT(*) > 1)
            WINDOW periods AS (PARTITION BY subscription_id ORDER BY start_date, _file, _row))
        WHERE begun IS NOT NULL AND begun < start_date AND NOT kept AND (before IS NULL OR before > start_date)""",
    )

    def words(value: str) -> str:
        return f"periods of one subscription overlap: {value}. End the earlier period on or before this start_date."

    yield from _listed(staged, found, "start_date", "overlap", words)


def _circles(connection: duckdb.DuckDBPyConnection, staged: StagedTable) -> Iterator[Problem]:
    """An account that is its own grandparent has no top; twenty levels are more than any group of companies has."""
    found = _rows(
        connection,
        f"""WITH RECURSIVE up AS (
            SELECT account_id, parent_id, _file, _row, 1 AS level FROM {staged.relation} WHERE parent_id IS NOT NULL
            UNION
            SELECT u.account_id, s.parent_id, u._file, u._row, u.level + 1 FROM up u
            JOIN {staged.relation} s ON s.account_id = u.parent_id WHERE s.parent_id IS NOT NULL AND u.level < 20
        ) SELECT DISTINCT _file, _row, account_id FROM up WHERE parent_id = account_id""",
    )

    def words(value: str) -> str:
        return f'account "{value}" is its own parent, directly or over others. Empty one parent_id of the circle.'

    yield from _listed(staged, found, "parent_id", "circle", words)


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[int, int, object, int]]:
    return connection.execute(
        f"SELECT *, COUNT(*) OVER () FROM ({sql}) ORDER BY _file, _row LIMIT {MOST_LISTED}"
    ).fetchall()


def _listed(
    staged: StagedTable,
    found: Sequence[tuple[int, int, object, int]],
    column: str,
    rule: str,
    words: Callable[[str], str],
) -> Iterator[Problem]:
    places = staged.at([(file, row) for file, row, *_ in found])
    for file, row, value, _ in found:
        name, line = places[file, row]
        yield Problem(name, words(shorten(str(value))), line, staged.spelled(file, column), str(value)[:200], rule)
    yield from _rest(staged, found[0][-1] - len(found) if found else 0, column, rule)


def _rest(staged: StagedTable, count: int, column: str, rule: str) -> Iterator[Problem]:
    if count > 0:
        name = staged.files[0].scan.name
        yield Problem(name, f"and {count} more rows break this rule.", None, staged.spelled(0, column), None, rule)
