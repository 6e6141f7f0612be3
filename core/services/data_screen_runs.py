"""What the Data screen shows of imports: the log, each in full, and what taking one back would do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from core.errors import CouncilError, Problem
from core.glossary import display_day
from core.schema import TABLES
from core.services.cell_words import cell_words, column_label, table_label
from core.services.clock import local_day, moment_words
from core.services.home import records_database
from core.services.import_as_of import STATED
from core.services.import_report import RunReport
from core.services.import_undo import EditedSince, UndoReport
from core.services.importing import import_runs
from core.store.cells import key_label
from core.store.tables import ImportRun

QUESTION = "What was imported, by whom, and can it be taken back?"
MODES = {
    "update": "add and update by key",
    "replace_months": "replace these months",
    "replace_table": "replace the table",
    STATED: "a later as-of date was stated, no files were read",
}
SKIPPED = ("file", "line", "rule", "column", "value")
SHORT_HASH = 12
"""Digits of a file's SHA-256 that are shown."""


@dataclass(frozen=True)
class Undoable:
    """The newest import of a source, which can be taken back.

    Attributes:
        run_id: Its number.
        source: Its source.
        label: What it was, in words.
    """

    run_id: int
    source: str
    label: str


@dataclass(frozen=True)
class RunsView:
    """The log of imports.

    Attributes:
        question: What the view answers.
        answer: The answer.
        note: How many imports of how many sources.
        log: One row per import, newest first, columns named for readers.
        ids: Number of each row's import.
        undoable: Imports that can be taken back, newest first.
    """

    question: str
    answer: str
    note: str
    log: pd.DataFrame
    ids: tuple[int, ...]
    undoable: tuple[Undoable, ...]


@dataclass(frozen=True)
class RunDetail:
    """One import in full.

    Attributes:
        title: Source, time and author.
        note: Mode, as-of date, and who took it back.
        files: File, table, rows, SHA-256 (its first digits), columns nothing reads.
        tables: Table, new, changed, same, disappeared.
        warnings: Warnings in words.
        skipped: Rows left out on request: file, line, rule, column, value.
        file_count: Files read; one that fills several tables stands in `files` once for each.
    """

    title: str
    note: str
    files: pd.DataFrame
    tables: pd.DataFrame
    warnings: tuple[str, ...]
    skipped: pd.DataFrame
    file_count: int


def runs_view() -> RunsView:
    """The log of imports, newest first."""
    runs = import_runs()
    standing = [run for run in runs if run.undone_at is None]
    sources = {run.source for run in runs}
    return RunsView(
        question=QUESTION,
        answer=_answer(runs, standing),
        note=f"{_imports(len(runs))} of {len(sources)} {'source' if len(sources) == 1 else 'sources'}"
        + (f", {len(runs) - len(standing)} taken back" if len(standing) < len(runs) else ""),
        log=pd.DataFrame([_row(run) for run in runs]),
        ids=tuple(run.id for run in runs),
        undoable=tuple(Undoable(run.id, run.source, _undo_label(run)) for run in runs if run.undoable),
    )


def run_detail(run_id: int) -> RunDetail:
    """One import in full.

    Raises:
        CouncilError: There is no such import.
    """
    with records_database().read() as session:
        run = session.get(ImportRun, run_id)
    if run is None:
        raise CouncilError(f"import {run_id}: there is no such import")
    return RunDetail(
        title=f"{run.source}, {moment_words(run.at)}, by {run.actor}",
        note=" · ".join(_facts(run)),
        files=_files(run),
        tables=pd.DataFrame([{"Table": table_label(name), **_counts(run.changes[name])} for name in _ordered(run)]),
        warnings=tuple(map(_told, run.warnings)),
        skipped=pd.DataFrame([{name.capitalize(): item[name] for name in SKIPPED} for item in run.skipped or ()]),
        file_count=len({item["name"] for item in run.files}),
    )


def undo_rows(report: UndoReport) -> pd.DataFrame:
    """What taking an import back does to each table, columns named for readers."""
    facts = [
        {
            "Table": table_label(item.table),
            "Now": _rows(item.rows_now),
            "After": _rows(item.rows_then),
        }
        for item in report.facts
    ]
    records = [
        {
            "Table": table_label(item.table),
            "Now": f"{_rows(item.removed)} it added, {item.restored:,} it changed",
            "After": _restored(item.removed, item.restored),
        }
        for item in report.records
    ]
    return pd.DataFrame([*facts, *records], columns=["Table", "Now", "After"])


def undo_words(report: UndoReport) -> str:
    """What taking an import back would do, in one sentence."""
    tables = len(report.facts) + len(report.records)
    change = {0: "no row changes", 1: "1 table changes"}.get(tables, f"{tables} tables change")
    return f"The import of {report.source} on {moment_words(report.at)} by {report.actor} goes; {change}."


def edited_rows(problem: EditedSince) -> pd.DataFrame:
    """Both sides of every cell that stands in the way of taking an import back."""
    return pd.DataFrame(
        [
            {
                "Table": table_label(table),
                "Row": key_label(item.key),
                "Column": column_label(item.column),
                "Now": cell_words(table, item.column, item.ours),
                "Before the import": cell_words(table, item.column, item.theirs),
            }
            for table, item in problem.differences
        ]
    )


def _answer(runs: Sequence[RunReport], standing: Sequence[RunReport]) -> str:
    if not runs:
        return "Nothing was imported yet"
    if not standing:
        return "Every import was taken back: nothing is loaded"
    last = standing[0]
    rows = sum(item.new + item.changed for item in last.tables)
    what = f"{_rows(rows)} new or changed" if rows else "nothing changed"
    return f"Last import: {last.source} on {display_day(local_day(last.at))} by {last.actor}, {what}"


def _row(run: RunReport) -> dict[str, object]:
    count = {name: sum(getattr(item, name) for item in run.tables) for name in ("new", "changed", "disappeared")}
    return {
        "When": moment_words(run.at),
        "Source": run.source,
        "By": run.actor,
        "State": "stands" if run.undone_at is None else "taken back",
        "Data up to": display_day(run.as_of) if run.as_of else "not stated",
        "Files": len(set(run.files)),
        "New": count["new"],
        "Changed": count["changed"],
        "Gone": count["disappeared"],
        "Warnings": run.warnings,
        "Left out": len({(item["file"], item["line"]) for item in run.skipped}),
    }


def _undo_label(run: RunReport) -> str:
    return f"{run.source}, {moment_words(run.at)}, by {run.actor}"


def _rows(count: int) -> str:
    return f"{count:,} {'row' if count == 1 else 'rows'}"


def _imports(count: int) -> str:
    return f"{count} {'import' if count == 1 else 'imports'}"


def _facts(run: ImportRun) -> list[str]:
    told = [f"mode: {MODES[run.mode]}"]
    told.append(f"data up to {display_day(run.as_of)}" if run.as_of else "the day of its data is not stated")
    if run.undone_at is not None:
        told.append(f"taken back by {run.undone_by}, {moment_words(run.undone_at)}")
    return told


def _files(run: ImportRun) -> pd.DataFrame:
    """The files of a run; the columns nobody read only where a file has some."""
    files = pd.DataFrame([_file(item) for item in run.files])
    unread = "Columns not read"
    return files.drop(columns=unread) if unread in files and not files[unread].any() else files


def _file(item: dict[str, object]) -> dict[str, object]:
    ignored = item.get("ignored")
    return {
        "File": item.get("name", ""),
        "Table": table_label(str(item.get("table") or "not read")),
        "Rows": item.get("rows"),
        "SHA-256": str(item.get("sha256", ""))[:SHORT_HASH],
        "Columns not read": ", ".join(map(str, ignored)) if isinstance(ignored, list) else "",
    }


def _told(item: dict[str, Any]) -> str:
    """A warning with its place, as the report of the import said it."""
    return f"{item['place']}: {Problem(item['place'], item['message'], item.get('line'), item.get('column'))}"


def _ordered(run: ImportRun) -> list[str]:
    return [name for name in TABLES if name in run.changes]


def _counts(changes: dict[str, int]) -> dict[str, int]:
    labels = {"new": "New", "changed": "Changed", "same": "Same", "disappeared": "Gone"}
    return {label: int(changes.get(name, 0)) for name, label in labels.items()}


def _restored(removed: int, restored: int) -> str:
    parts = [f"{removed:,} removed"] if removed else []
    return ", ".join([*parts, *([f"{restored:,} as before"] if restored else [])]) or "unchanged"
