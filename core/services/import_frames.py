"""Tables of the import screen, ready to be shown: files, columns, counts, problems, conflicts, template."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from core.errors import Problem
from core.glossary import display_day
from core.ingest.examples import Example
from core.ingest.skipping import SkippedRow
from core.schema import TABLES, Kind
from core.services.cell_words import cell_words, column_label
from core.services.import_columns import RuleView
from core.services.import_report import ImportReport
from core.services.templates import template_notes

DECISIVE = {
    "accounts": ("start_date",),
    "subscriptions": ("start_date", "end_date", "mrr_cents", "currency"),
    "opportunities": ("created_on", "closed_on", "outcome", "amount_cents"),
}
"""Columns whose meaning differs between systems and decides over every figure."""
READ_AT_ONCE = 100
"""Problems that are listed on the screen; the file holds all of them."""


@dataclass(frozen=True)
class FileLine:
    """One file as it was read.

    Attributes:
        file: Its name.
        held: Tables it holds, or why none.
        fit: How sure that is, in words.
        rows: Rows that were read; None before.
        written: Encoding and separator.
        dates: Styles of its dates.
        numbers: Styles of its numbers.
        lacking: Required columns nothing fills.
        unread: Columns nothing reads.
        is_read: Whether a table is read from it, or it is looked up by another one.
    """

    file: str
    held: str
    fit: str
    rows: int | None
    written: str
    dates: str
    numbers: str
    lacking: tuple[str, ...]
    unread: tuple[str, ...]
    is_read: bool


def counts_frame(report: ImportReport) -> pd.DataFrame:
    """What an import does to each table, in words for the head of a table."""
    rows = [
        (words(item.table), item.new, item.changed, item.same, item.disappeared, item.cleared, item.conflicts)
        for item in report.tables
    ]
    names = ["Table", "New", "Changed", "Same", "Disappear", "Cells emptied", "Edited here"]
    return pd.DataFrame(rows, columns=names)


def problems_frame(problems: Sequence[Problem]) -> pd.DataFrame:
    """Problems one a row: file, line, column, what was found, which rule, what to do."""
    rows = [
        (item.place, item.line, item.column or "", item.found or "", words(item.rule), item.message)
        for item in problems
    ]
    frame = pd.DataFrame(rows, columns=["File", "Line", "Column", "Found", "Rule", "What is wrong and what to do"])
    return frame.astype({"Line": "Int64"})


def problem_list(problems: pd.DataFrame, rule: str | None) -> tuple[pd.DataFrame, int]:
    """The first problems of one kind as plain text to be read, and how many there are; None for all kinds."""
    chosen = problems if rule is None else problems[problems["Rule"] == rule]
    shown = chosen.head(READ_AT_ONCE).drop(columns="Found").astype(object)
    return shown.where(shown.notna(), "").map(str), len(chosen)


def meant_frame(rules: Sequence[RuleView], examples: Sequence[Example] = ()) -> pd.DataFrame:
    """Where the columns that decide over every figure come from, one a row: to be looked at before an import.

    Args:
        rules: The tables that are read.
        examples: Cells as they stand in the files and as they would be stored; none while there are problems.
    """
    known = {(each.file, each.table, each.column): each for each in examples}
    rows = []
    for rule in rules:
        columns = {column.column: column for column in rule.columns}
        for name in DECISIVE.get(rule.table, ()):
            own, shown = columns[name], known.get((rule.file, rule.table, name))
            found = (shown.found or "no single cell") if shown else own.sample
            stored = stored_words(rule.table, name, shown.stored) if shown else ""
            what = f"{words(rule.table)}: {column_label(name)}"
            rows.append((what, own.current or "not filled", found, stored, rule.file))
    frame = pd.DataFrame(rows, columns=["What", "Is read from", "In the file", "Will be stored as", "File"])
    return frame if examples else frame.drop(columns="Will be stored as")


def stored_words(table: str, column: str, text: str) -> str:
    """A cell as it will be stored, for readers: days with the name of the month, so that no two can be mixed up."""
    if TABLES[table].by_name[column].kind is Kind.DATE:
        return display_day(dt.date.fromisoformat(text))
    return cell_words(table, column, text)


def unread_lines(files: Sequence[FileLine]) -> tuple[tuple[str, str], ...]:
    """Files and columns that are not read: the file, and what of it or why."""
    lines = []
    for line in files:
        if not line.is_read:
            lines.append((line.file, f"not read: {line.held[:1].lower()}{line.held[1:]}"))
        elif line.unread:
            noun = "column" if len(line.unread) == 1 else "columns"
            lines.append((line.file, f"{len(line.unread)} {noun} not read: {', '.join(line.unread)}"))
    return tuple(lines)


def conflicts_frame(report: ImportReport) -> pd.DataFrame:
    """Cells edited in the product that the files want otherwise; they stay as they are."""
    names = ["Table", "Row", "Column", "Here", "In the file"]
    rows = [(words(table), key, column, ours, theirs) for table, key, column, ours, theirs in report.conflicts]
    return pd.DataFrame(rows, columns=names)


def files_frame(files: Sequence[FileLine]) -> pd.DataFrame:
    """The files one a row, for a table on the screen."""
    rows = [
        (
            line.file,
            line.held,
            line.fit,
            line.rows,
            ", ".join(line.lacking) or ("nothing" if line.fit else ""),
            line.dates,
            line.numbers,
            line.written,
            ", ".join(line.unread),
        )
        for line in files
    ]
    names = ["File", "Holds", "Fit", "Rows", "Not found", "Dates", "Numbers", "Written", "Columns not read"]
    return pd.DataFrame(rows, columns=names).astype({"Rows": "Int64"})


def optional_frame(rule: RuleView) -> pd.DataFrame:
    """The columns that may stay empty, one a row, for editing."""
    rows = [
        (
            each.column,
            "" if each.current.startswith("= ") else each.current,
            each.current.removeprefix("= ") if each.current.startswith("= ") else "",
            each.meaning,
        )
        for each in rule.columns
        if not each.required
    ]
    return pd.DataFrame(rows, columns=["Column", "From", "Same text in every row", "Meaning"])


def styles_frame(rule: RuleView) -> pd.DataFrame:
    """The columns of dates and numbers that are filled, one a row, for stating how they are written."""
    rows = [(each.column, each.current, each.sample, each.style) for each in rule.columns if each.styles]
    return pd.DataFrame(rows, columns=["Column", "From", "Example", "Written as"])


def style_options(rule: RuleView) -> tuple[str, ...]:
    """Every style a column of the table may be stated to have."""
    listed = {style: None for each in rule.columns for style in (*each.styles, each.style) if style}
    return tuple(listed)


def template_frame(table: str) -> pd.DataFrame:
    """What each column of a template is for, one a row."""
    rows = [
        (
            f"{note.column}{', needed' if note.required else ''}",
            f"{note.meaning} Expected: {note.allowed or note.kind}.",
        )
        for note in template_notes(table)
    ]
    return pd.DataFrame(rows, columns=["Column", "What it holds"])


def skipped_frame(rows: Sequence[SkippedRow]) -> pd.DataFrame:
    """Rows that are left out, one a row."""
    cells = [(row.file, row.line, row.column, row.value, words(row.rule)) for row in rows]
    return pd.DataFrame(cells, columns=["File", "Line", "Column", "Found", "Rule"])


def without_words(out: int, rows: int) -> str:
    """What leaving rows out means, with how many rows there are: many of few have a cause in common."""
    which = "row" if out == 1 else "rows"
    return f"Import without the {out:,} {which} of {rows:,} that {'has a problem' if out == 1 else 'have problems'}"


def words(name: str) -> str:
    """An id of the contract as people read it."""
    return name.replace("_", " ").capitalize()
