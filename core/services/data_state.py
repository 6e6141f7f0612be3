"""What is loaded, how fresh it is, and what the rest would unlock."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median

import pandas as pd
from sqlmodel import Session, func, select

from core.kpis import REGISTRY
from core.model.data_state import FreshnessRule, data_state
from core.schema import TABLES, Kind
from core.schema.zones import local_days
from core.services.home import current_state, manifest_of, record_frame, records_database
from core.services.maturity_evidence import maturity_model
from core.services.maturity_measures import FIGURES
from core.settings import settings
from core.store.contents import Contents, contents
from core.store.facts import PartFiles
from core.store.facts_shape import connect
from core.store.import_runs import standing_runs
from core.store.manifest import Manifest
from core.store.tables import RECORDS, ImportRun


@dataclass(frozen=True)
class SourceFreshness:
    """How old the data of one source are, told by the data themselves.

    Attributes:
        source: The source.
        last_import: When it was last imported, UTC.
        imported_by: Who did.
        as_of: Newest day its files describe; None when they hold no event and none was stated.
        age_days: Days behind the newest source; None when its day is not known.
        limit_days: From more days than this it is stale: the shortest limit of its tables.
        rhythm_days: Days between the days its imports described, the median; None before the third of them.
        stale: Whether it is; None when its age is not known.
        tables: Tables it brought that hold rows.
        rows: Rows of it, facts and records.
        reason: Why the age is not known; None when it is.
    """

    source: str
    last_import: dt.datetime
    imported_by: str
    as_of: dt.date | None
    age_days: int | None
    limit_days: int
    rhythm_days: int | None
    stale: bool | None
    tables: tuple[str, ...]
    rows: int
    reason: str | None


@dataclass(frozen=True)
class EmptyColumn:
    """A column that no row fills, and what stays dark while it is empty."""

    column: str
    meaning: str
    blocks: str


@dataclass(frozen=True)
class TableCoverage:
    """One importable table: what of it is loaded and what it unlocks.

    Attributes:
        table: Name of the contract.
        group: `fact` or `record`.
        loaded: Whether it holds rows.
        rows: Its rows.
        first_day: First event; None without rows or event date.
        last_day: Last event.
        sources: Where the rows come from.
        as_of: Newest day its imports describe.
        unlocks: What it is for, in words.
        kpis: Labels of the KPIs that need it.
        also: Labels of the KPIs that have a figure without it and another one with it.
        rules: Labels of the capabilities with measured rules that need it.
        screens: Where it is seen.
        empty_columns: Columns that hold nothing and block something.
    """

    table: str
    group: str
    loaded: bool
    rows: int
    first_day: dt.date | None
    last_day: dt.date | None
    sources: tuple[str, ...]
    as_of: dt.date | None
    unlocks: str
    kpis: tuple[str, ...]
    also: tuple[str, ...]
    rules: tuple[str, ...]
    screens: tuple[str, ...]
    empty_columns: tuple[EmptyColumn, ...]


@dataclass(frozen=True)
class _Known:
    """What is loaded at one moment: facts by manifest, records by table and source, imports that stand."""

    manifest: Manifest
    records: Mapping[tuple[str, str], int]
    runs: Sequence[ImportRun]

    def rows(self, table: str, source: str | None = None) -> int:
        """Rows of a table, of one source or of all."""
        facts = sum(part.rows for part in self.manifest.of(table, source))
        return facts + sum(n for (name, own), n in self.records.items() if name == table and source in (None, own))

    def sources(self, table: str) -> tuple[str, ...]:
        """Sources of a table's rows."""
        facts = {part.source for part in self.manifest.of(table)}
        return tuple(sorted(facts | {own for name, own in self.records if name == table}))


def freshness(rule: FreshnessRule | None = None) -> tuple[SourceFreshness, ...]:
    """Every source that was imported, stalest first.

    Args:
        rule: Limits; the product's own by default.
    """
    known, used = _known(), rule or data_state().freshness
    sources = list(dict.fromkeys(run.source for run in known.runs))
    days = {source: _as_of([run for run in known.runs if run.source == source]) for source in sources}
    newest = max((day for day in days.values() if day), default=None)
    found = [_freshness(source, known, days[source], newest, used) for source in sources]
    return tuple(sorted(found, key=lambda item: -1 if item.age_days is None else item.age_days, reverse=True))


def coverage() -> tuple[TableCoverage, ...]:
    """Every importable table, in the order of the contract."""
    known = _known()
    rules = _rules()
    with tempfile.TemporaryDirectory() as scratch, connect(Path(scratch)) as connection:
        files = PartFiles(settings().facts_dir)
        found = []
        for name, table in TABLES.items():
            wanted = [item.column for item in data_state().columns if item.table == name]
            if table.group == "record":
                inside = _record_contents(name, wanted)
            else:
                inside = contents(connection, files, known.manifest, name, wanted)
            found.append(_coverage(name, known, inside, rules))
    return tuple(found)


def _known() -> _Known:
    with records_database().read() as session:
        runs = standing_runs(session)
        counts = record_counts(session)
    return _Known(manifest_of(current_state()), counts, runs)


def record_counts(session: Session) -> dict[tuple[str, str], int]:
    """Rows by record table and source; counted where they lie, for there may be a million of them."""
    return {
        (name, source): rows
        for name, model in RECORDS.items()
        for source, rows in session.exec(select(model.source, func.count()).group_by(model.source)).all()
    }


def _as_of(runs: Sequence[ImportRun]) -> dt.date | None:
    return max((run.as_of for run in runs if run.as_of), default=None)


def _freshness(
    source: str, known: _Known, as_of: dt.date | None, newest: dt.date | None, rule: FreshnessRule
) -> SourceFreshness:
    last = next(run for run in known.runs if run.source == source)
    tables = tuple(name for name in TABLES if known.rows(name, source))
    limit = min((rule.limit(name) for name in tables), default=rule.default_days)
    age = (newest - as_of).days if newest and as_of else None
    return SourceFreshness(
        source=source,
        last_import=last.at,
        imported_by=last.actor,
        as_of=as_of,
        age_days=age,
        limit_days=limit,
        rhythm_days=_rhythm([run.as_of for run in known.runs if run.source == source and run.as_of]),
        stale=None if age is None else age > limit,
        tables=tables,
        rows=sum(known.rows(name, source) for name in tables),
        reason=None if as_of else "its files hold no event, and no import said which day they describe",
    )


def _rhythm(days: Sequence[dt.date]) -> int | None:
    """Median gap between days [days]; None with fewer than three of them, for one gap is no rhythm."""
    known = sorted(set(days))
    gaps = [(later - earlier).days for earlier, later in pairwise(known)]
    return round(median(gaps)) if len(gaps) > 1 else None


def _rules() -> dict[str, tuple[str, ...]]:
    """Table -> labels of the capabilities with a measured rule that needs it."""
    found: dict[str, list[str]] = {}
    for capability in maturity_model()[1].values():
        metrics = {condition.metric for level in capability.levels for condition in level.evidence}
        needs = {*capability.coverage.needs}
        for metric in metrics:
            figure = REGISTRY.get(metric) or FIGURES.get(metric)
            needs |= {*figure.needs} if figure else set()
        for table in needs & TABLES.keys():
            found.setdefault(table, []).append(capability.label)
    return {table: tuple(labels) for table, labels in found.items()}


def _record_contents(name: str, columns: Sequence[str]) -> Contents:
    frame, event = record_frame(name), TABLES[name].event_date
    days = frame[event].dropna() if event else pd.Series(dtype="datetime64[us]")
    if event and TABLES[name].by_name[event].kind is Kind.INSTANT:
        days = local_days(days, settings().council_zone)
    first, last = (days.min().date(), days.max().date()) if len(days) else (None, None)
    return Contents(first, last, tuple(column for column in columns if frame[column].isna().all()))


def _coverage(name: str, known: _Known, inside: Contents, rules: Mapping[str, tuple[str, ...]]) -> TableCoverage:
    table, rows = TABLES[name], known.rows(name)
    blocking = {item.column: item.blocks for item in data_state().columns if item.table == name}
    return TableCoverage(
        table=name,
        group=table.group,
        loaded=rows > 0,
        rows=rows,
        first_day=inside.first_day,
        last_day=inside.last_day,
        sources=known.sources(name),
        as_of=_as_of([run for run in known.runs if name in run.changes]),
        unlocks=table.unlocks,
        kpis=tuple(item.label for item in REGISTRY.values() if name in item.needs),
        also=tuple(item.label for item in REGISTRY.values() if name in item.also),
        rules=rules.get(name, ()),
        screens=data_state().screens[name],
        empty_columns=tuple(
            EmptyColumn(column, table.by_name[column].meaning, blocking[column]) for column in inside.empty
        )
        if rows
        else (),
    )
