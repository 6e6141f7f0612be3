"""A checked import merged into the facts: new parts and a new manifest, which the caller commits or drops."""

# ruff: noqa: S608 - names come from the contract, never from data

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from core.errors import InputProblems, Problem
from core.ingest.mapping import IMPORTABLE
from core.ingest.prepare import Prepared
from core.ingest.usage import Weeks
from core.schema import TABLES
from core.store.facts import Merged, Mode, PartFiles, TableChanges, merge
from core.store.facts_shape import USAGE_DAYS, relation, shape
from core.store.manifest import Manifest

LISTED = 100
"""Broken rows between stored and new data that are named one by one."""


@dataclass(frozen=True)
class Loaded:
    """What an import makes of the data.

    Attributes:
        manifest: The state to commit; its hash equals the old one when nothing changed.
        changes: Fact table -> new, changed, same and disappeared rows.
        records: Record table -> rows to upsert, as Python values.
    """

    manifest: Manifest
    changes: dict[str, TableChanges]
    records: dict[str, pd.DataFrame]


def load(
    prepared: Prepared, facts_dir: Path, manifest: Manifest, mode: Mode = "update", dry_run: bool = False
) -> Loaded:
    """Merge the staged facts of an import; nothing is visible until the caller commits the manifest.

    A dry run does the same work in a temporary folder, so that its counts are those of the real run.

    Args:
        prepared: The checked import.
        facts_dir: Folder of the facts.
        manifest: The current manifest.
        mode: What happens to stored rows of this source that the import does not hold.
        dry_run: Leave `facts_dir` as it is.

    Raises:
        InputProblems: When the import has problems, a key is stored under another source, attributes changed
            without an as-of date, or the merged data break a rule (overlapping periods, references to rows that
            would disappear).
    """
    if prepared.problems:
        raise InputProblems(prepared.problems)
    files = PartFiles(facts_dir, prepared.scratch / "dry_run" if dry_run else None)
    changes: dict[str, TableChanges] = {}
    after = manifest
    for name in (*IMPORTABLE, USAGE_DAYS.name):
        if name not in prepared.facts:
            continue
        merged = merge(
            prepared.connection, files, after, shape(name), prepared.facts[name], prepared.source, mode, prepared.as_of
        )
        if name == USAGE_DAYS.name:
            merged = _weeks(prepared, files, after, merged.manifest, mode)
        after = merged.manifest
        changes[merged.changes.table] = merged.changes
    broken = _broken(prepared, files, manifest, after, mode)
    if broken:
        raise InputProblems(broken)
    return Loaded(after, changes, prepared.records)


def _weeks(prepared: Prepared, files: PartFiles, before: Manifest, after: Manifest, mode: Mode) -> Merged:
    """Bring `usage` in line with the merged days."""
    whole = mode != "update"
    weeks = Weeks(files, before, after, prepared.source, prepared.facts[USAGE_DAYS.name], whole)
    weeks.roll_up(prepared.connection, "staged_weeks")
    week_mode: Mode = "replace_table" if whole else "update"
    return merge(prepared.connection, files, after, shape("usage"), "staged_weeks", prepared.source, week_mode)


def _broken(prepared: Prepared, files: PartFiles, before: Manifest, after: Manifest, mode: Mode) -> list[Problem]:
    """Rules that the merged data break although the files alone keep them."""
    if after == before:
        return []
    problems = []
    if "subscriptions" in prepared.facts and before.of("subscriptions"):
        problems += _overlaps(prepared, files, after)
    if mode != "update":
        for table in after.tables:
            for column, target in TABLES[table].references.items() if table in TABLES else ():
                if target in prepared.facts:
                    problems += _orphans(prepared.connection, files, after, table, column, target)
    return problems


def _overlaps(prepared: Prepared, files: PartFiles, after: Manifest) -> list[Problem]:
    stored = relation(shape("subscriptions"), files.paths(after.of("subscriptions")))
    found = prepared.connection.execute(f"""
        SELECT subscription_id, start_date, before, begun FROM (
            SELECT subscription_id, start_date,
                LAG(end_date) OVER periods AS before, LAG(start_date) OVER periods AS begun
            FROM {stored} WHERE subscription_id IN (SELECT subscription_id FROM {prepared.facts["subscriptions"]})
            WINDOW periods AS (PARTITION BY subscription_id ORDER BY start_date))
        WHERE begun IS NOT NULL AND (before IS NULL OR before > start_date)
        ORDER BY ALL LIMIT {LISTED}""").fetchall()
    return [
        Problem(
            "subscriptions",
            f'subscription "{name}": the period from {start} would overlap the one from {begun} '
            f"({f'until {until}' if until else 'without an end'}), which is loaded already. Import its end as well.",
            column="start_date",
            rule="overlap",
        )
        for name, start, until, begun in found
    ]


def _orphans(
    connection: duckdb.DuckDBPyConnection, files: PartFiles, after: Manifest, table: str, column: str, target: str
) -> list[Problem]:
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
