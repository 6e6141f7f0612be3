"""Counts of the same thing that disagree between files: a warning, because only people can settle it."""

# ruff: noqa: S608 - names come from the file's header, quoted; cells are never part of a statement

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

import duckdb

from core.errors import Problem
from core.ingest.parse import rows_sql
from core.ingest.read import Scan
from core.model.presets import ConflictRule, CountRule
from core.store.facts_shape import text


@dataclass(frozen=True, slots=True)
class Count:
    """One way something was counted.

    Attributes:
        label: What the count says.
        file: File it was read from.
        column: Column that was counted.
        count: The figure.
    """

    label: str
    file: str
    column: str
    count: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """Counts that should agree and do not.

    Attributes:
        id: Id of the rule.
        label: What all of them claim to count.
        counts: The counts, at least two of them different.
        advice: Which one the product goes by, and what to agree on.
    """

    id: str
    label: str
    counts: tuple[Count, ...]
    advice: str

    def warning(self) -> Problem:
        """The conflict in one sentence."""
        listed = ", ".join(f'{c.count} {c.label} ({c.file}, column "{c.column}")' for c in self.counts)
        message = f"the files do not agree on {self.label}: {listed}. {self.advice}"
        return Problem(self.counts[0].file, message, column=self.counts[0].column, rule="conflict")


def find_conflicts(
    connection: duckdb.DuckDBPyConnection, rules: Sequence[ConflictRule], scans: Sequence[Scan]
) -> list[Conflict]:
    """Count what each rule names, in the files that are there; fewer than two counts cannot disagree.

    Where several files match, the first is counted: put the files that are read first.
    """
    conflicts = []
    for rule in rules:
        counts = tuple(count for each in rule.counts if (count := _count(connection, each, scans)) is not None)
        if len({count.count for count in counts}) > 1:
            conflicts.append(Conflict(rule.id, rule.label, counts, rule.advice))
    return conflicts


def compared(rules: Sequence[ConflictRule], scans: Sequence[Scan]) -> int:
    """How many of the rules find two counts or more to hold against each other."""
    return sum(sum(_counted(each, scans) is not None for each in rule.counts) > 1 for rule in rules)


def _counted(rule: CountRule, scans: Sequence[Scan]) -> Scan | None:
    """The file a count is taken from; None when it is not there or lacks the column."""
    scan = next((scan for scan in scans if fnmatchcase(scan.name.casefold(), rule.file.casefold())), None)
    return None if scan is None or scan.problems or rule.column not in scan.header else scan


def _count(connection: duckdb.DuckDBPyConnection, rule: CountRule, scans: Sequence[Scan]) -> Count | None:
    scan = _counted(rule, scans)
    if scan is None:
        return None
    cell = f"NULLIF(trim(c{scan.header.index(rule.column)}), '')"
    counted = f"COUNT(DISTINCT {cell})" if rule.distinct else f"COUNT({cell})"
    condition = f" WHERE lower({cell}) = {text(rule.equals.lower())}" if rule.equals else ""
    answer = connection.execute(f"SELECT {counted} FROM {rows_sql(scan)}{condition}").fetchone()
    return Count(rule.label, scan.name, rule.column, int(answer[0])) if answer else None
