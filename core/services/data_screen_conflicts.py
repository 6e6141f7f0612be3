"""What the Data screen shows of disagreement: cells people edited, tables that contradict, corrected values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from sqlmodel import col, select

from core.glossary import display_day
from core.month import Month
from core.schema import TABLES
from core.services.cell_words import cell_words, column_label, table_label
from core.services.clock import local_day, moment_words
from core.services.correction_list import CorrectionView, corrections
from core.services.data_conflicts import DataConflict, data_conflicts
from core.services.erased_cells import ERASED, erased_rows, is_hidden
from core.services.home import records_database
from core.services.record_conflicts import OpenConflict, open_conflicts
from core.store.cells import key_label
from core.store.tables import RecordConflict

QUESTION = "Where do people, sources and tables disagree, and who decided?"
DECIDED = {"ours": "kept ours", "theirs": "took theirs", "agreed": "both sides agree now"}
SHOWN = 100
"""Decided conflicts that are listed."""


@dataclass(frozen=True)
class Dispute:
    """One cell somebody edited here that its source wants otherwise.

    Attributes:
        conflict: For `resolve_conflict`.
        label: Table, column and row, in words.
        ours: What it says here.
        theirs: What the source says.
        told: Source and since when.
    """

    conflict: OpenConflict
    label: str
    ours: str
    theirs: str
    told: str


@dataclass(frozen=True)
class CorrectionLine:
    """One correction that holds.

    Attributes:
        correction: For `withdraw`.
        label: Table, column, row and both values, in words.
        disputed: Whether the source has since delivered a third value.
    """

    correction: CorrectionView
    label: str
    disputed: bool


@dataclass(frozen=True)
class ConflictsView:
    """Everything that disagrees.

    Attributes:
        question: What the view answers.
        answer: The answer.
        note: Month of the tables and how many rules were checked.
        disputes: Open conflicts between people and sources, oldest first.
        decided: Decided ones, newest first, columns named for readers.
        found: Rules that found something, most rows first.
        clean: Labels of the rules that found nothing.
        unchecked: Label of each rule that could not be checked, and the tables it needs.
        active: Corrections that hold, newest first.
        corrected: The same as a table for readers.
        retired: Corrections that hold no longer, as a table for readers.
    """

    question: str
    answer: str
    note: str
    disputes: tuple[Dispute, ...]
    decided: pd.DataFrame
    found: tuple[DataConflict, ...]
    clean: tuple[str, ...]
    unchecked: tuple[tuple[str, str], ...]
    active: tuple[CorrectionLine, ...]
    corrected: pd.DataFrame
    retired: pd.DataFrame


def month_conflicts(month: Month) -> tuple[DataConflict, ...]:
    """What the rules find in a month: the part of the view that takes time."""
    return data_conflicts(month)


def conflicts_view(month: Month | None, rules: Sequence[DataConflict]) -> ConflictsView:
    """Everything that disagrees now.

    Args:
        month: The month the rules looked at; None while no revenue is loaded.
        rules: What they found, from `month_conflicts`.
    """
    disputes = tuple(_dispute(item) for item in open_conflicts())
    every = corrections(active=False)
    active = tuple(_correction(item) for item in every if item.state == "active")
    found = tuple(item for item in rules if item.count)
    clean = tuple(item.label for item in rules if item.count == 0)
    unchecked = tuple(
        (item.label, " and ".join(map(table_label, item.missing))) for item in rules if item.count is None
    )
    return ConflictsView(
        question=QUESTION,
        answer=_answer(disputes, found, active, len(clean)),
        note=_note(month, len(found) + len(clean), len(unchecked)),
        disputes=disputes,
        decided=_decided(),
        found=found,
        clean=clean,
        unchecked=unchecked,
        active=active,
        corrected=_corrections([line.correction for line in active]),
        retired=_corrections([item for item in every if item.state != "active"]),
    )


def cell_label(table: str, column: str, key: object) -> str:
    """A cell for readers: "asks A-12: response"."""
    return f"{table_label(table)} {key}: {column_label(column)}"


def key_words(table: str, key: dict[str, str | None]) -> str:
    """The key of a fact row for readers: its filled cells in the order of the contract."""
    return " · ".join(str(key[part]) for part in TABLES[table].key if key.get(part) is not None)


def finding_rows(item: DataConflict) -> pd.DataFrame:
    """The rows of a finding with readers' column names: names of accounts and deals in place of their ids."""
    named = {"account_id": "account_name", "opportunity_id": "deal"}
    hidden = [name for name, instead in named.items() if name in item.rows and instead in item.rows]
    frame = item.rows.drop(columns=hidden)
    return frame.rename(columns={name: _label(name) for name in frame.columns})


def _label(column: str) -> str:
    words = column.removesuffix("_id").replace("_", " ")
    return {"account name": "Account", "mrr": "MRR"}.get(words, words.capitalize().replace("mrr", "MRR"))


def _answer(
    disputes: Sequence[Dispute], found: Sequence[DataConflict], active: Sequence[CorrectionLine], clean: int
) -> str:
    parts = []
    if disputes:
        cells = "1 cell edited here differs" if len(disputes) == 1 else f"{len(disputes)} cells edited here differ"
        parts.append(f"{cells} from the source and {'waits' if len(disputes) == 1 else 'wait'} for a decision")
    if found:
        parts.append(f"{len(found)} {'check finds' if len(found) == 1 else 'checks find'} tables that contradict")
    if parts:
        return "; ".join(parts)
    disputed = sum(line.disputed for line in active)
    if disputed:
        return f"{disputed} of {len(active)} corrections {'is' if disputed == 1 else 'are'} disputed by the source"
    if clean:
        return f"Nothing disagrees: {clean} {'check' if clean == 1 else 'checks'} of the tables found nothing"
    return "Nothing is known to disagree, and no check of the tables could be made"


def _note(month: Month | None, checked: int, unchecked: int) -> str:
    if month is None:
        return "No month with revenue is loaded, so tables are not held against each other"
    parts = [f"tables as of {display_day(month.as_of)}", f"{checked} checked"]
    return " · ".join([*parts, *([f"{unchecked} need tables that are not loaded"] if unchecked else [])])


def _dispute(item: OpenConflict) -> Dispute:
    return Dispute(
        conflict=item,
        label=cell_label(item.table, item.column, item.key),
        ours=cell_words(item.table, item.column, item.ours),
        theirs=cell_words(item.table, item.column, item.theirs),
        told=f"{item.source}, since {moment_words(item.since)}",
    )


def _decided() -> pd.DataFrame:
    wanted = select(RecordConflict).where(RecordConflict.state != "open").order_by(col(RecordConflict.id).desc())
    with records_database().read() as session:
        rows, gone = session.exec(wanted.limit(SHOWN)).all(), erased_rows(session)
    return pd.DataFrame(
        [
            {
                "Cell": cell_label(row.table_name, row.column_name, key_label(row.key)),
                "Ours": _side(row, row.ours, gone),
                "Theirs": _side(row, row.theirs, gone),
                "Source": row.source,
                "Decision": DECIDED[row.state],
                "By": row.resolved_by or "",
                "When": moment_words(row.resolved_at) if row.resolved_at else "",
            }
            for row in rows
        ]
    )


def _side(row: RecordConflict, cell: str | None, gone: frozenset[str]) -> str:
    """One side of a decided conflict for readers; of somebody who was erased only that."""
    if is_hidden(gone, row.table_name, row.key, row.column_name):
        return ERASED
    return cell_words(row.table_name, row.column_name, cell)


def _correction(item: CorrectionView) -> CorrectionLine:
    where = cell_label(item.table, item.column, key_words(item.table, item.key))
    now, source = (cell_words(item.table, item.column, cell) for cell in (item.new, item.delivered))
    return CorrectionLine(item, f"{where} {now}, the source says {source}", item.disputed)


def _corrections(items: Sequence[CorrectionView]) -> pd.DataFrame:
    rows = []
    for item in items:
        was, now, source = (cell_words(item.table, item.column, cell) for cell in (item.old, item.new, item.delivered))
        row = {
            "Cell": cell_label(item.table, item.column, key_words(item.table, item.key)),
            "Was": was,
            "Corrected to": now,
            "Source says now": source,
            "Why": item.reason,
            "By": item.author,
            "On": display_day(local_day(item.at)),
        }
        ended = {"Ended because": item.retired_reason or ""} if item.state != "active" else {}
        rows.append(row | ended)
    return pd.DataFrame(rows)
