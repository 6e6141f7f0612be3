"""What the Data screen shows of its sources: how fresh each is, what is loaded, and which table to load next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from sqlmodel import col, func, select

from core.glossary import display_day
from core.kpis import REGISTRY
from core.model.data_state import data_state
from core.schema import TABLES
from core.services.cell_words import column_label, table_label
from core.services.clock import moment_words
from core.services.data_state import SourceFreshness, TableCoverage, coverage, freshness, record_counts
from core.services.home import current_state, manifest_of, records_database
from core.services.import_as_of import LaterInStore, later_in_store
from core.store.tables import ImportRun

QUESTION = "What do we know, how fresh is it, and does it tie to finance?"
STATES = {True: "▲ old", False: "✓ fresh", None: "? age not known"}
NEWEST = "✓ newest"


@dataclass(frozen=True)
class MissingTable:
    """A table that is not loaded.

    Attributes:
        table: Name of the contract.
        label: Its name for readers.
        unlocks: What it is for, in words.
        at_once: Labels of the KPIs for which it alone is missing.
        with_others: Label of each KPI that needs it, and other tables that are missing as well.
        also: Labels of the KPIs that have a figure without it and would be made of more with it.
        rules: Labels of the capabilities with measured rules that need it.
        screens: Where it is seen.
        reading: What loading it brings, in one line.
    """

    table: str
    label: str
    unlocks: str
    at_once: tuple[str, ...]
    with_others: tuple[tuple[str, tuple[str, ...]], ...]
    also: tuple[str, ...]
    rules: tuple[str, ...]
    screens: tuple[str, ...]
    reading: str


@dataclass(frozen=True)
class SourcesView:
    """Sources and coverage.

    Attributes:
        question: What the view answers.
        answer: The answer.
        note: Rows, newest day, and what age is counted from.
        later: What is loaded beyond the day the data describe.
        sources: One row per source, oldest first, columns named for readers.
        rows: Rows per table (index, named for readers) and source (columns); tables with rows only.
        missing: Tables that are not loaded, the most useful first.
        loaded: One row per loaded table, columns named for readers, in the order of `tables`.
        tables: The loaded tables.
        empty_columns: Table, column, its meaning, and what stays dark while it is empty.
    """

    question: str
    answer: str
    note: str
    later: LaterInStore
    sources: pd.DataFrame
    rows: pd.DataFrame
    missing: tuple[MissingTable, ...]
    loaded: pd.DataFrame
    tables: tuple[TableCoverage, ...]
    empty_columns: tuple[tuple[str, str, str, str], ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was imported yet."""
        return not self.tables


def data_key() -> str:
    """Changes with everything the Data screen shows: facts, records, imports. Cheap to ask for."""
    state = current_state()
    with records_database().read() as session:
        runs = session.exec(select(func.max(ImportRun.id), func.count(col(ImportRun.undone_at)))).one()
    return f"{state.facts_key}:{state.records_key}:{runs[0]}:{runs[1]}"


def sources_view() -> SourcesView:
    """Freshness per source and coverage per table."""
    fresh, tables = freshness(), coverage()
    loaded = tuple(item for item in tables if item.loaded)
    missing = _missing(tables)
    return SourcesView(
        question=QUESTION,
        answer=_answer(fresh, loaded, missing),
        note=_note(fresh, loaded),
        later=later_in_store(),
        sources=_sources(fresh),
        rows=_rows(_counts()),
        missing=missing,
        loaded=_loaded(loaded),
        tables=loaded,
        empty_columns=tuple(
            (table_label(item.table), column_label(empty.column), empty.meaning, empty.blocks)
            for item in loaded
            for empty in item.empty_columns
        ),
    )


def _answer(fresh: Sequence[SourceFreshness], loaded: Sequence[TableCoverage], missing: Sequence[MissingTable]) -> str:
    if not loaded:
        return "Nothing is loaded yet: accounts and subscriptions are enough to start"
    stale = [item for item in fresh if item.stale]
    head = f"{len(loaded)} of {len(TABLES)} tables are loaded"
    if stale:
        worst = stale[0]
        who = f"{worst.source} is" if len(stale) == 1 else f"{len(stale)} of {len(fresh)} sources are"
        day = f", of {display_day(worst.as_of)}" if worst.as_of else ""
        return f"{head}, and {who} old: {worst.age_days} days behind the newest{day}"
    if missing and missing[0].at_once:
        return f"{head}; {missing[0].label} would unlock most: {_kpis(len(missing[0].at_once))} at once"
    unknown = sum(1 for item in fresh if item.stale is None)
    if unknown:
        return f"{head}; the age of {unknown} of {len(fresh)} sources is not known"
    if len(fresh) == 1:
        return f"{head}, up to {display_day(fresh[0].as_of)}" if fresh[0].as_of else head
    return f"{head}, and all {len(fresh)} sources are up to date with one another"


def _note(fresh: Sequence[SourceFreshness], loaded: Sequence[TableCoverage]) -> str:
    newest = max((item.as_of for item in fresh if item.as_of), default=None)
    parts = [f"{sum(item.rows for item in loaded):,} rows"]
    parts += [f"newest day in the data {display_day(newest)}"] if newest else []
    return " · ".join([*parts, "age is counted from the newest source, never from today"])


def _sources(fresh: Sequence[SourceFreshness]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "State": NEWEST if item.age_days == 0 else STATES[item.stale],
                "Source": item.source,
                "Data up to": display_day(item.as_of) if item.as_of else item.reason,
                "Days behind": item.age_days,
                "Usual rhythm": f"every {_days(item.rhythm_days)}" if item.rhythm_days else "not known yet",
                "Old after": _days(item.limit_days),
                "Last import": moment_words(item.last_import),
                "By": item.imported_by,
                "Rows": item.rows,
                "Tables": len(item.tables),
            }
            for item in fresh
        ]
    )


def _counts() -> dict[tuple[str, str], int]:
    """Rows by table and source."""
    found: dict[tuple[str, str], int] = {}
    for part in manifest_of(current_state()).parts:
        if part.table in TABLES:
            found[part.table, part.source] = found.get((part.table, part.source), 0) + part.rows
    with records_database().read() as session:
        return found | record_counts(session)


def _rows(counts: Mapping[tuple[str, str], int]) -> pd.DataFrame:
    sources = sorted({source for _, source in counts})
    present = [name for name in TABLES if any((name, source) in counts for source in sources)]
    return pd.DataFrame(
        [[counts.get((name, source), 0) for source in sources] for name in present],
        index=pd.Index([table_label(name) for name in present], name="Table"),
        columns=sources,
    )


def _missing(tables: Sequence[TableCoverage]) -> tuple[MissingTable, ...]:
    """Tables without rows: first those that unlock most KPIs by themselves, then those that many KPIs need."""
    absent = {item.table for item in tables if not item.loaded}
    found = [_missing_table(item, absent) for item in tables if not item.loaded]
    # A company without accounts or subscriptions has no screen at all: they come first whatever they unlock.
    start = ("accounts", "subscriptions")
    return tuple(
        sorted(
            found,
            key=lambda item: (item.table in start, len(item.at_once), len(item.with_others), len(item.rules)),
            reverse=True,
        )
    )


def _missing_table(item: TableCoverage, absent: set[str]) -> MissingTable:
    at_once: list[str] = []
    others: list[tuple[str, tuple[str, ...]]] = []
    for kpi in REGISTRY.values():
        needed = [name for name in kpi.needs if name in absent]
        if item.table not in needed:
            continue
        rest = tuple(table_label(name) for name in needed if name != item.table)
        if rest:
            others.append((kpi.label, rest))
        else:
            at_once.append(kpi.label)
    return MissingTable(
        table=item.table,
        label=table_label(item.table),
        unlocks=item.unlocks,
        at_once=tuple(at_once),
        with_others=tuple(others),
        also=item.also,
        rules=item.rules,
        screens=item.screens,
        reading=_reading(len(at_once), len(others), len(item.also), len(item.rules)),
    )


def _reading(at_once: int, others: int, also: int, rules: int) -> str:
    parts = [f"{_kpis(at_once)} at once"] if at_once else []
    parts += (
        [f"{others}{' more' if at_once else ' KPIs' if others > 1 else ' KPI'} with other tables"] if others else []
    )
    parts += [f"also used by {_kpis(also)}"] if also else []
    parts += [f"{rules} capability {'rule' if rules == 1 else 'rules'}"] if rules else []
    return ", ".join(parts) or "no KPI by itself"


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _kpis(count: int) -> str:
    return f"{count} {'KPI' if count == 1 else 'KPIs'}"


def _loaded(tables: Sequence[TableCoverage]) -> pd.DataFrame:
    limits = data_state().freshness
    return pd.DataFrame(
        [
            {
                "Table": table_label(item.table),
                "Rows": item.rows,
                "First day": display_day(item.first_day) if item.first_day else "no event date",
                "Last day": display_day(item.last_day) if item.last_day else "no event date",
                "Data up to": display_day(item.as_of) if item.as_of else "not stated",
                "Old after": f"{limits.limit(item.table)} days",
                "Sources": ", ".join(item.sources),
                "KPIs": len(item.kpis) + len(item.also),
                "Empty columns": len(item.empty_columns),
            }
            for item in tables
        ]
    )
