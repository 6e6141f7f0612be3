"""Merging imported rows into the fact parts: the only way facts change."""

# ruff: noqa: S608 - names come from the contract, never from data

from __future__ import annotations

import datetime as dt
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import duckdb
import pyarrow as pa

from core.errors import InputProblems, Problem
from core.store.facts_before import count_cleared
from core.store.facts_parts import PartFiles, sweep
from core.store.facts_shape import Shape, connect, one_thread, relation, shape, text
from core.store.facts_versions import stamp
from core.store.manifest import Manifest, Part

__all__ = ["Merged", "Mode", "PartFiles", "TableChanges", "foreign_rows", "merge", "merge_arrow", "sweep"]

READ_AT_ONCE = 1_000_000
"""Rows of a new table that are read in one query, about 100 MB; larger ones are read month by month."""

Mode = Literal["update", "replace_months", "replace_table"]
"""update: add and change by key. replace_months: rows of the staged months that are not staged disappear.
replace_table: all rows that are not staged disappear. Always within one source."""


@dataclass(frozen=True, slots=True)
class TableChanges:
    """What an import does to one table.

    Attributes:
        table: Table name.
        new: Rows whose key was not stored.
        changed: Rows whose key was stored with other values; a new version of an account counts here.
        same: Rows stored already.
        disappeared: Stored rows that the mode takes away.
    """

    table: str
    new: int = 0
    changed: int = 0
    same: int = 0
    disappeared: int = 0


@dataclass(frozen=True)
class Merged:
    """The manifest after a merge, and what the merge did; `cleared` counts the stored values it empties, by column."""

    manifest: Manifest
    changes: TableChanges
    cleared: dict[str, int] = field(default_factory=dict)


def merge(
    connection: duckdb.DuckDBPyConnection,
    files: PartFiles,
    manifest: Manifest,
    table: Shape,
    staged: str,
    source: str,
    mode: Mode = "update",
    as_of: dt.date | None = None,
) -> Merged:
    """Merge staged rows into the parts of their table and source, rewriting touched parts only.

    Rows that are stored already touch nothing: importing the same rows again, in any order, returns a
    manifest with the same hash. A row whose event date changed leaves its old part.

    Args:
        connection: Where `staged` can be read.
        files: Where the parts lie.
        manifest: The state to start from.
        table: Shape of the table.
        staged: Name or SQL in parentheses of the new rows: the shape's columns, keys unique.
        source: Source of the rows.
        mode: What happens to stored rows that are not staged.
        as_of: Day the rows describe, for tables whose attributes keep versions.

    Raises:
        InputProblems: When a key is stored under another source, or attributes changed without `as_of`.
    """
    if foreign := foreign_rows(connection, files, manifest, table, staged, source):
        raise InputProblems(foreign)
    old = manifest.of(table.name, source)
    if table.versioned:
        staged = stamp(connection, table, staged, relation(table, files.paths(old)), as_of)
    # Few days stand on many rows: each is cut to its month once.
    event = table.event_date
    days = f'(SELECT DISTINCT CAST(s.{event} AS DATE) AS "{event}" FROM {staged} s)' if event else staged
    staged_months = _months(connection, f"SELECT {table.month('n')} FROM {days} n")
    counted = f"SELECT date_trunc('month', {table.day('n')}) FROM {staged} n"
    replaced = _months(connection, counted) if mode == "replace_months" else frozenset()
    work = _Merge(connection, files, table, staged, source, mode, old, staged_months, replaced)
    touched, changes = work.compare()
    gone = [part for part in old if part.month in touched]
    with one_thread(connection):
        added = work.write_all(touched, changes.new)
    files.sync(table.name)
    cleared = count_cleared(connection, table, staged if table.versioned else "_match") if old else {}
    return Merged(manifest.replaced(gone, added), changes, cleared)


def merge_arrow(
    facts_dir: Path,
    manifest: Manifest,
    table: str,
    rows: pa.Table,
    source: str,
    mode: Mode = "update",
    as_of: dt.date | None = None,
) -> Merged:
    """`merge` for rows in memory, already checked and with the contract's column names.

    A contract column the rows lack is empty.
    """
    target = shape(table)
    with tempfile.TemporaryDirectory() as scratch, connect(Path(scratch)) as connection:
        connection.register("given", rows)
        empty = relation(target, [])
        connection.execute(
            f"CREATE TEMP TABLE staged AS SELECT {target.columns} FROM "
            f"(SELECT * FROM {empty} UNION ALL BY NAME SELECT * FROM given)"
        )
        return merge(connection, PartFiles(facts_dir), manifest, target, "staged", source, mode, as_of)


@dataclass(frozen=True)
class _Merge:
    connection: duckdb.DuckDBPyConnection
    files: PartFiles
    table: Shape
    staged: str
    source: str
    mode: Mode
    old: tuple[Part, ...]
    staged_months: frozenset[str]
    replaced: frozenset[str]

    def compare(self) -> tuple[frozenset[str], TableChanges]:
        """Months whose part changes, and the counts."""
        total = self._count(f"SELECT COUNT(*) FROM {self.staged}")
        if not self.old:
            return self.staged_months, TableChanges(self.table.name, new=total)
        self._match()
        changed = self._count("SELECT COUNT(*) FROM _match WHERE differs")
        same = self._count("SELECT COUNT(*) FROM _match WHERE NOT differs")
        versions = self._new_versions()
        lost = self._lost()
        touched = (
            _months(
                self.connection, f"SELECT DISTINCT {self.table.month('n')} FROM {self.staged} n {self._unmatched('n')}"
            )
            | _months(self.connection, "SELECT new_month FROM _match WHERE differs")
            | _months(self.connection, "SELECT old_month FROM _match WHERE differs")
            | lost.keys()
        )
        new = total - changed - same - versions
        return touched, TableChanges(self.table.name, new, changed + versions, same, sum(lost.values()))

    def write_all(self, months: frozenset[str], rows: int) -> list[Part]:
        """Write the parts of the touched months; a small table without a stored part is read in one go."""
        if not self.old and rows <= READ_AT_ONCE:
            return self.files.write_each_month(self.connection, self.table, self.source, self.staged)
        return [part for part in map(self.write, sorted(months)) if part is not None]

    def write(self, month: str) -> Part | None:
        """Write the part of a month anew: staged rows of the month and stored rows that stay."""
        condition = self.table.in_month("n", month)
        rows = f"SELECT {self.table.columns} FROM {self.staged} n WHERE {condition}"
        own = [part for part in self.old if part.month == month]
        if own:
            stored = relation(self.table, self.files.paths(own))
            rows += f" UNION ALL SELECT {self.table.columns} FROM {stored} o {self._unmatched('o')}"
            rows += f" AND {self._stays('o')}"
        return self.files.write(self.connection, self.table, self.source, month, rows)

    def _match(self) -> None:
        fixed = self.table.event_date in self.table.key
        candidates = [part for part in self.old if not fixed or part.month in self.staged_months]
        keys = ", ".join(f"n.{name}" for name in self.table.key)
        self.connection.execute(f"""
            CREATE OR REPLACE TEMP TABLE _match AS
            SELECT {keys}, {self.table.month("n")} AS new_month, {self.table.month("o")} AS old_month,
                ({self.table.differ("n", "o")}) AS differs, {self.table.cleared("n", "o")} AS _cleared
            FROM {self.staged} n JOIN {relation(self.table, self.files.paths(candidates))} o
            ON {self.table.equal("n", "o")}""")

    def _unmatched(self, alias: str) -> str:
        return f"WHERE NOT EXISTS (SELECT 1 FROM _match m WHERE {self.table.equal('m', alias)})"

    def _stays(self, alias: str) -> str:
        """SQL condition: the mode does not take a stored row away that is not staged."""
        if self.mode == "update":
            return "TRUE"
        if self.mode == "replace_table":
            return self._id_staged(alias)
        months = ", ".join(text(month) for month in sorted(self.replaced))
        counted = f"COALESCE(strftime({self.table.day(alias)}, '%Y-%m'), '')"
        return f"({counted} NOT IN ({months}) OR {self._id_staged(alias)})"

    def _id_staged(self, alias: str) -> str:
        """Older versions of a staged id stay when the rest of a month is replaced."""
        if not self.table.versioned:
            return "FALSE"
        same_id = self.table.equal("s", alias, self.table.ids)
        return f"EXISTS (SELECT 1 FROM {self.staged} s WHERE {same_id})"

    def _lost(self) -> dict[str, int]:
        if self.mode == "update" or (self.mode == "replace_months" and not self.replaced):
            return {}
        lost = {}
        for part in self.old:
            stored = relation(self.table, self.files.paths([part]))
            count = self._count(f"SELECT COUNT(*) FROM {stored} o {self._unmatched('o')} AND NOT {self._stays('o')}")
            if count:
                lost[part.month] = count
        return lost

    def _new_versions(self) -> int:
        if not self.table.versioned:
            return 0
        stored = relation(self.table, self.files.paths(self.old))
        same_id = self.table.equal("n", "o", self.table.ids)
        return self._count(
            f"SELECT COUNT(*) FROM {self.staged} n {self._unmatched('n')} "
            f"AND EXISTS (SELECT 1 FROM {stored} o WHERE {same_id})"
        )

    def _count(self, sql: str) -> int:
        answer = self.connection.execute(sql).fetchone()
        return int(answer[0]) if answer else 0


def _months(connection: duckdb.DuckDBPyConnection, sql: str) -> frozenset[str]:
    days = connection.execute(f"SELECT DISTINCT * FROM ({sql})").fetchall()
    return frozenset(day.strftime("%Y-%m") if day else "" for (day,) in days)


def foreign_rows(
    connection: duckdb.DuckDBPyConnection,
    files: PartFiles,
    manifest: Manifest,
    table: Shape,
    rows: str,
    source: str,
    remedy: str = "Import them under that source, or leave the table out here.",
) -> list[Problem]:
    """Rows of a source whose key is stored under another one, which would count twice: one problem, or none."""
    others = [part for part in manifest.of(table.name) if part.source != source]
    if not others:
        return []
    stored = relation(table, files.paths(others))
    identity = ", ".join(f"n.{name}" for name in table.ids)
    found = connection.execute(
        f"SELECT COUNT(*) OVER (), {identity} FROM {rows} n "
        f"WHERE EXISTS (SELECT 1 FROM {stored} o WHERE {table.equal('n', 'o', table.ids)}) ORDER BY ALL LIMIT 1"
    ).fetchone()
    if not found:
        return []
    count, *values = found
    example = ", ".join(f'{name} "{value}"' for name, value in zip(table.ids, values, strict=True))
    sources = ", ".join(dict.fromkeys(part.source for part in others))
    message = (
        f"{count} rows have a key that is loaded from another source already ({sources}), for example {example}; "
        f"they would count twice. {remedy}"
    )
    return [Problem(place=table.name, message=message, rule="other_source")]
