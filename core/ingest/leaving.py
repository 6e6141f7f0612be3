"""Rows a mapping leaves out once they are typed: unknown ids, repeated history, periods of no day. All are counted."""

# ruff: noqa: S608 - names come from the contract, never from data

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import duckdb

from core.errors import Problem
from core.ingest.check import StagedTable
from core.ingest.shape import not_read
from core.model.presets import TableRule

PERSONAL = {"people": {"contact_id": "contacts"}}
"""Names and addresses are kept of contacts alone: a person of an account that was left out is left out, too."""


def leave_out(
    connection: duckdb.DuckDBPyConnection, staged: StagedTable, rules: Sequence[TableRule], targets: Mapping[str, str]
) -> tuple[StagedTable, list[Problem]]:
    """The same table without the rows that the mapping leaves out.

    Args:
        connection: Where the relations can be read.
        staged: The table.
        rules: The rules that fill it; what one of them leaves out, none of them keeps.
        targets: Referenced table -> SQL of its ids, as column `id`; a table that is not loaded is absent.

    Returns:
        The table over new views; a warning for each reason that applies, with the number of rows.
    """
    told = []
    for step, (kept, words, column) in enumerate(_reasons(staged, rules, targets)):
        answer = connection.execute(f"SELECT COUNT(*) FROM {staged.every} WHERE NOT ({kept})").fetchone()
        if not answer or not answer[0]:
            continue
        message = not_read(answer[0], staged.table.name, words)
        told.append(Problem(staged.files[0].scan.name, message, column=staged.spelled(0, column), rule="left_out"))
        views = {view: f"kept{step}_{view}" for view in (staged.relation, staged.every)}
        for view, target in views.items():
            connection.execute(f"CREATE OR REPLACE VIEW {target} AS SELECT * FROM {view} WHERE {kept}")
        staged = replace(staged, relation=views[staged.relation], every=views[staged.every])
    return staged, told


def _reasons(
    staged: StagedTable, rules: Sequence[TableRule], targets: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    """SQL condition of the rows that stay, words for those that do not, and the column to point at."""
    table = staged.table
    if any(rule.unknown == "leave_out" for rule in rules):
        for column, target in (table.references | PERSONAL.get(table.name, {})).items():
            if target in targets:
                known = f"{column} IS NULL OR {column} IN (SELECT id FROM {targets[target]})"
                yield known, f"their {column} is not among the {target}", column
    if any(rule.no_period == "leave_out" for rule in rules):
        words = "they end on or before the day they start"
        yield "end_date IS NULL OR start_date IS NULL OR end_date > start_date", words, "end_date"
    for keys in dict.fromkeys(rule.earliest_by for rule in rules if rule.earliest_by):
        own = f"PARTITION BY {', '.join(keys)} ORDER BY {table.event_date}, _file, _row"
        first = f"SELECT _file, _row FROM {staged.every} QUALIFY ROW_NUMBER() OVER ({own}) = 1"
        words = f"they repeat the {' and '.join(keys)} of an earlier row"
        yield f"(_file, _row) IN ({first})", words, keys[0]
