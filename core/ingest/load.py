"""A checked import merged into the facts: new parts and a new manifest, which the caller commits or drops."""

# ruff: noqa: S608 - names come from the contract, never from data

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pandas as pd

from core.errors import InputProblems, Problem
from core.ingest.mapping import IMPORTABLE
from core.ingest.prepare import Prepared
from core.ingest.progress import Progress, Step, silent
from core.ingest.rules import FROZEN, ROW_RULES
from core.ingest.usage import Weeks
from core.schema import TABLES
from core.settings import settings
from core.store.corrections import Finding, hold
from core.store.facts import Mode, PartFiles, TableChanges, merge
from core.store.facts_before import Frozen, keep_first, keep_unsaid
from core.store.facts_shape import USAGE_DAYS, Shape, relation, shape
from core.store.manifest import Manifest
from core.store.tables import Correction

LISTED = 100
"""Broken rows between stored and new data that are named one by one."""


@dataclass(frozen=True)
class Loaded:
    """What an import makes of the data.

    Attributes:
        manifest: The state to commit; its hash equals the old one when nothing changed.
        changes: Fact table -> new, changed, same and disappeared rows.
        records: Record table -> rows to upsert, as Python values.
        findings: What the files say of corrected cells.
        cleared: Fact table -> column -> stored values that empty cells clear.
        kept: Fact table -> column -> stored values that stay because no column of their file says anything of them.
        frozen: Fact table -> values of the column that is told once which a file has otherwise: left out.
    """

    manifest: Manifest
    changes: dict[str, TableChanges]
    records: dict[str, pd.DataFrame]
    findings: tuple[Finding, ...] = ()
    cleared: dict[str, dict[str, int]] = field(default_factory=dict)
    kept: dict[str, dict[str, int]] = field(default_factory=dict)
    frozen: dict[str, Frozen] = field(default_factory=dict)


def load(
    prepared: Prepared,
    facts_dir: Path,
    manifest: Manifest,
    mode: Mode = "update",
    dry_run: bool = False,
    corrections: Sequence[Correction] = (),
    progress: Progress = silent,
) -> Loaded:
    """Merge the staged facts of an import; nothing is visible until the caller commits the manifest.

    A dry run does the same work in a temporary folder, so that its counts are those of the real run.

    Args:
        prepared: The checked import.
        facts_dir: Folder of the facts.
        manifest: The current manifest.
        mode: What happens to stored rows of this source that the import does not hold.
        dry_run: Leave `facts_dir` as it is.
        corrections: Active corrections; they stay on top of what the files say.
        progress: Told each step.

    Raises:
        InputProblems: When the import has problems, a key is stored under another source, attributes changed
            without an as-of date, or the merged data break a rule (overlapping periods, references to rows that
            would disappear, accounts that would be their own parents, a row against a value that stays).
    """
    if prepared.problems:
        raise InputProblems(prepared.problems)
    work = _Load(prepared, PartFiles(facts_dir, prepared.scratch / "dry_run" if dry_run else None), mode, corrections)
    after, size = manifest, sum(file.size for file in prepared.files)
    for name in (*IMPORTABLE, USAGE_DAYS.name):
        if name in prepared.facts:
            progress(
                Step(f"Comparing {name.replace('_', ' ')} with what is loaded", size, size, prepared.rows.get(name, 0))
            )
        if name == USAGE_DAYS.name and name in prepared.facts:
            after = work.weeks(after)
        elif name in prepared.facts:
            after = work.table(after, name, prepared.facts[name], mode)
    broken = [*work.broken, *_broken(prepared, work.files, manifest, after, mode)]
    if broken:
        raise InputProblems(broken)
    return Loaded(after, work.changes, prepared.records, tuple(work.findings), work.cleared, work.kept, work.frozen)


@dataclass
class _Load:
    """The tables of one import, merged one after the other."""

    prepared: Prepared
    files: PartFiles
    mode: Mode
    corrections: Sequence[Correction]
    changes: dict[str, TableChanges] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    cleared: dict[str, dict[str, int]] = field(default_factory=dict)
    kept: dict[str, dict[str, int]] = field(default_factory=dict)
    frozen: dict[str, Frozen] = field(default_factory=dict)
    broken: list[Problem] = field(default_factory=list)

    def table(self, before: Manifest, name: str, staged: str, mode: Mode) -> Manifest:
        """Merge one table, corrections on top; returns the manifest after it."""
        connection, source, as_of = self.prepared.connection, self.prepared.source, self.prepared.as_of
        parts = before.of(name, source)
        table, stored = shape(name), relation(shape(name), self.files.paths(parts))
        own = [item for item in self.corrections if item.table_name == name and item.source == source]
        unsaid = self.prepared.unsaid.get(name, {}) if parts else {}
        whole, self.kept[name] = keep_unsaid(connection, table, staged, stored, as_of, unsaid)
        self.broken += broken_by_kept(connection, table, whole, unsaid) if whole != staged else []
        rows, found = hold(connection, table, whole, stored, as_of, own, unsaid)
        if name in FROZEN and parts:
            rows, frozen = keep_first(connection, table, rows, stored, as_of, FROZEN[name])
            self.frozen |= {name: frozen} if frozen else {}
        merged = merge(connection, self.files, before, table, rows, source, mode, as_of)
        self.changes[name], self.cleared[name] = merged.changes, merged.cleared
        self.findings += found
        return merged.manifest

    def weeks(self, before: Manifest) -> Manifest:
        """Merge the days of usage, and bring `usage` in line with them."""
        connection, source = self.prepared.connection, self.prepared.source
        days, parts = self.prepared.facts[USAGE_DAYS.name], before.of(USAGE_DAYS.name, source)
        unsaid = self.prepared.unsaid.get(USAGE_DAYS.name, {}) if parts else {}
        stored = relation(USAGE_DAYS, self.files.paths(parts))
        days, _ = keep_unsaid(connection, USAGE_DAYS, days, stored, None, unsaid)  # weeks tell how many stay
        after = merge(connection, self.files, before, USAGE_DAYS, days, source, self.mode).manifest
        whole = self.mode != "update"
        Weeks(self.files, before, after, source, days, whole).roll_up(connection, "staged_weeks")
        return self.table(after, "usage", "staged_weeks", "replace_table" if whole else "update")


def _broken(prepared: Prepared, files: PartFiles, before: Manifest, after: Manifest, mode: Mode) -> list[Problem]:
    """Rules that the merged data break although the files alone keep them."""
    if after == before:
        return []
    problems = []
    if "subscriptions" in prepared.facts and before.of("subscriptions"):
        problems += overlapping_periods(prepared.connection, files, after, prepared.facts["subscriptions"])
    if "accounts" in prepared.facts and before.of("accounts"):
        problems += circles(prepared.connection, files, after)
    if mode != "update":
        for table in after.tables:
            for column, target in TABLES[table].references.items() if table in TABLES else ():
                if target in prepared.facts:
                    problems += orphaned_rows(prepared.connection, files, after, table, column, target)
    return problems


def broken_by_kept(
    connection: duckdb.DuckDBPyConnection, table: Shape, whole: str, unsaid: Mapping[str, str]
) -> list[Problem]:
    """Rules of one row that a value that stays breaks beside what the file says: one problem for each rule.

    Args:
        connection: Where `whole` can be read.
        table: Shape of the table.
        whole: Name of the rows of `keep_unsaid`.
        unsaid: Column -> SQL condition of the rows, as `n`, whose file does not hold it.
    """
    problems, zone = [], settings().council_zone
    for rule in ROW_RULES.get(table.name, ()):
        columns = [column for column in unsaid if re.search(rf"\b{column}\b", rule.broken)]
        kept = " OR ".join(unsaid[column] for column in columns) or "FALSE"
        found = connection.execute(
            f"SELECT {table.key[0]}, {rule.shows}, COUNT(*) OVER () FROM {whole} n "
            f"WHERE _there AND ({kept}) AND {rule.broken_in(zone)} ORDER BY ALL LIMIT 1"
        ).fetchone()
        if found:
            row, shown, count = found
            example = f" and {count - 1} more" if count > 1 else ""
            message = (
                f'{table.key[0]} "{row}"{example}: {rule.message.format(shown)} The file of this row '
                f"has no {' or '.join(columns)}, so that the value loaded before stays: add the column to it."
            )
            problems.append(Problem(table.name, message, column=rule.column, rule=rule.id))
    return problems


def overlapping_periods(
    connection: duckdb.DuckDBPyConnection,
    files: PartFiles,
    after: Manifest,
    changed: str,
    remedy: str = "Import its end as well.",
) -> list[Problem]:
    """Periods of one subscription that would share a day, and count its revenue twice.

    Args:
        connection: Where `changed` can be read.
        files: Where the parts lie.
        after: The facts as they would be.
        changed: Relation with the `subscription_id` of every subscription to look at.
        remedy: What to do about each, in words.
    """
    stored = relation(shape("subscriptions"), files.paths(after.of("subscriptions")))
    found = connection.execute(f"""
        SELECT subscription_id, start_date, before, begun FROM (
            SELECT subscription_id, start_date,
                LAG(end_date) OVER periods AS before, LAG(start_date) OVER periods AS begun
            FROM {stored} WHERE subscription_id IN (SELECT subscription_id FROM {changed})
            WINDOW periods AS (PARTITION BY subscription_id ORDER BY start_date))
        WHERE begun IS NOT NULL AND (before IS NULL OR before > start_date)
        ORDER BY ALL LIMIT {LISTED}""").fetchall()
    return [
        Problem(
            "subscriptions",
            f'subscription "{name}": the period from {start} would overlap the one from {begun} '
            f"({f'until {until}' if until else 'without an end'}), which is loaded already. {remedy}",
            column="start_date",
            rule="overlap",
        )
        for name, start, until, begun in found
    ]


def circles(
    connection: duckdb.DuckDBPyConnection,
    files: PartFiles,
    after: Manifest,
    remedy: str = "Empty one parent_id of the circle, or import the whole group.",
) -> list[Problem]:
    """Accounts that would be their own parent over others, in their newest versions: a group without a top.

    Args:
        connection: Any connection for imports.
        files: Where the parts lie.
        after: The facts as they would be.
        remedy: What to do about each, in words.
    """
    stored = relation(shape("accounts"), files.paths(after.of("accounts")))
    found = connection.execute(f"""
        WITH RECURSIVE newest AS (
            SELECT account_id, parent_id FROM {stored}
            QUALIFY ROW_NUMBER() OVER (PARTITION BY account_id ORDER BY valid_from DESC NULLS LAST) = 1
        ), parents AS (SELECT * FROM newest WHERE parent_id IS NOT NULL), up AS (
            SELECT account_id, parent_id, 1 AS level FROM parents
            UNION
            SELECT u.account_id, p.parent_id, u.level + 1 FROM up u
            JOIN parents p ON p.account_id = u.parent_id WHERE u.level < 20
        ) SELECT DISTINCT account_id FROM up WHERE parent_id = account_id ORDER BY ALL LIMIT {LISTED}""").fetchall()
    return [
        Problem(
            "accounts",
            f'account "{account}" would be its own parent, over accounts that are loaded already. {remedy}',
            column="parent_id",
            rule="circle",
        )
        for (account,) in found
    ]


def orphaned_rows(
    connection: duckdb.DuckDBPyConnection, files: PartFiles, after: Manifest, table: str, column: str, target: str
) -> list[Problem]:
    """Stored rows of `table` whose `column` would name a row of `target` that is gone: one problem, or none."""
    ids = relation(shape(target), files.paths(after.of(target)))
    rows = relation(shape(table), files.paths(after.of(table)))
    found = connection.execute(
        f"SELECT MIN({column}), COUNT(*) FROM {rows} r WHERE {column} IS NOT NULL "
        f"AND NOT EXISTS (SELECT 1 FROM {ids} t WHERE t.{shape(target).key[0]} = r.{column})"
    ).fetchone()
    if not found or not found[1]:
        return []
    message = (
        f'{found[1]} stored rows of {table} would refer to rows of {target} that disappear (for example "{found[0]}"). '
        f"Replace {table} in the same import, or add and update {target} instead of replacing."
    )
    return [Problem(target, message, column=column, rule="reference")]
