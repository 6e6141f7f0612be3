"""The company of this installation: its current state, the engine over its facts, its months."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path

import pandas as pd
from sqlalchemy.engine import make_url
from sqlmodel import Session, col, select

from core.errors import CouncilError
from core.model.advocacy_settings import Setting
from core.model.toml import model_hash
from core.month import FactMonth, Month, Source, build_month, complete_months
from core.month.month import build_facts, month_keys
from core.month.source import months_until, overrides_frame
from core.rollups.engine import Engine
from core.settings import settings
from core.stats.months import month_end
from core.store import records
from core.store.database import Database, database
from core.store.manifest import Manifest
from core.store.revisions import current
from core.store.tables import RECORDS, ManifestRow, ModelSetting, ScoreOverride


@dataclass(frozen=True)
class State:
    """What everybody reads at one moment: cheap to ask for, on every run of every screen.

    Attributes:
        manifest_hash: Names the fact parts of the newest import; empty while nothing is imported.
        facts_key: Changes when facts, model files, currency or zone change.
        revisions: Name and revision of every record table a Month reads.
        known_until: Day up to which imports say the revenue is complete; None when none says so.
        targets: Revision of the targets; no Month reads them, so it is part of no key.
        talk: Revisions of decisions and of conflicts between an edit and its source; part of no key either.
        judgement: Revisions of settings and of scores set by hand: part of what a Month is kept by, not of its figures.
        nominations: Revision of the nominations; part of no key.
        imports: Revision of the runs of import, by which `core.services.clock` tells one demo company from the next.
    """

    manifest_hash: str
    facts_key: str
    revisions: tuple[tuple[str, int], ...]
    known_until: dt.date | None = None
    targets: int = 0
    talk: tuple[int, int] = (0, 0)
    judgement: tuple[int, int] = (0, 0)
    nominations: int = 0
    imports: int = 0

    @property
    def records_key(self) -> str:
        """Changes when anything a Month reads beside its facts changes."""
        return f"{self.figures_records_key}:{self.judgement_key}"

    @cached_property
    def figures_records_key(self) -> str:
        """Changes when a record table the figures are made from changes."""
        return sha256(repr(self.revisions).encode()).hexdigest()[:20]

    @property
    def judgement_key(self) -> str:
        """Changes when a setting or a score set by hand changes."""
        return "-".join(map(str, self.judgement))

    def month_key(self, as_of: dt.date) -> str:
        """The key of a Month built on this state."""
        return month_keys(self.facts_key, self.figures_records_key, self.judgement_key, as_of)[0]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was imported yet."""
        return not self.manifest_hash


@dataclass(frozen=True)
class Judgement:
    """What people laid over the rules and the scores.

    Attributes:
        settings: Every setting, in the order they were saved.
        overrides: Every score ever set by hand, as `Source` holds them.
    """

    settings: tuple[Setting, ...]
    overrides: pd.DataFrame


DEMO_SOURCE = "demo"
"""Source under which the demo company is imported."""


def records_database() -> Database:
    """The record database of this installation, migrated."""
    return database(settings().records_url)


def has_database() -> bool:
    """Whether the record database is there; a server's is taken to be."""
    file = _file_of(settings().records_url)
    return file is None or file.exists()


@lru_cache(maxsize=8)
def _file_of(url: str) -> Path | None:
    """The file of a record database; None of a server's."""
    parts = make_url(url)
    return Path(str(parts.database)) if parts.get_backend_name() == "sqlite" else None


def current_state() -> State:
    """The newest manifest and the revisions of the record tables, read in one statement."""
    newest, until, known = current(records_database())
    numbers = tuple((name, known.get(name, 0)) for name in sorted(RECORDS))
    company = f"{settings().council_currency}:{settings().council_zone}"
    facts = sha256(f"{newest}:{until}:{model_hash()}:{company}".encode()).hexdigest()
    talk = known.get("decisions", 0), known.get("record_conflicts", 0)
    judgement = known.get("model_settings", 0), known.get("score_overrides", 0)
    nominated, imports = known.get("nominations", 0), known.get("import_runs", 0)
    return State(newest, facts[:20], numbers, until, known.get("targets", 0), talk, judgement, nominated, imports)


def manifest_of(state: State) -> Manifest:
    """The fact parts of a state."""
    if state.is_empty:
        return Manifest()
    with records_database().read() as session:
        body = session.exec(select(ManifestRow.body).where(ManifestRow.hash == state.manifest_hash).limit(1)).one()
    return Manifest.from_json(body)


def open_engine(state: State) -> Engine:
    """An engine over the fact parts of a state."""
    folder, manifest = settings().facts_dir, manifest_of(state)
    parts = {table: tuple(folder / name for name in manifest.files(table)) for table in manifest.tables}
    return Engine(parts, frozenset(part.source for part in manifest.parts), settings().council_zone)


def record_frame(name: str) -> pd.DataFrame:
    """A record table as it is now."""
    with records_database().read() as session:
        return records.frame(session, name)


def open_source(
    state: State,
    engine: Engine,
    *,
    months: tuple[dt.date, ...] | None = None,
    frames: Mapping[str, pd.DataFrame] | None = None,
    judgement: Judgement | None = None,
    stated: frozenset[str] | None = None,
) -> Source:
    """The company in a state.

    Args:
        state: The state.
        engine: An engine over its facts.
        months: Its months, where they are known.
        frames: Its record tables, where they were read already.
        judgement: What people set, where it was read already.
        stated: Record tables that `is_stated` says yes of, where that is known.
    """
    frames = frames or {name: record_frame(name) for name in RECORDS}
    judgement = judgement or read_judgement()
    return Source(
        engine=engine,
        records=frames,
        loaded=frozenset(name for name, frame in frames.items() if len(frame)) | engine.tables,
        reporting=settings().council_currency,
        facts_key=state.facts_key,
        records_key=state.figures_records_key,
        months=months_until(complete_months(engine) if months is None else months, state.known_until),
        company="Demo company" if engine.sources == {DEMO_SOURCE} else "",
        judgement_key=state.judgement_key,
        settings=judgement.settings,
        overrides=judgement.overrides,
        stated=frozenset(filter(is_stated, RECORDS)) if stated is None else stated,
        known_until=state.known_until,
    )


def read_judgement() -> Judgement:
    """What people set, as it is now; `State.judgement` changes with it."""
    return Judgement(read_settings(), read_overrides())


def read_settings() -> tuple[Setting, ...]:
    """Every setting people laid over the rules of advocacy, in the order they were saved."""
    with records_database().read() as session:
        return settings_of(session)


def settings_of(session: Session) -> tuple[Setting, ...]:
    """As `read_settings`, within a unit of work."""
    rows = session.exec(select(ModelSetting).order_by(col(ModelSetting.id))).all()
    return tuple(
        Setting(row.key, row.value, row.valid_from, row.version, row.author, row.reason, utc(row.at)) for row in rows
    )


def read_overrides() -> pd.DataFrame:
    """Every score ever set by hand, in the order they were set, as `Source` holds them."""
    with records_database().read() as session:
        rows = session.exec(select(ScoreOverride).order_by(col(ScoreOverride.id))).all()
    return overrides_frame({**row.model_dump(), "override_id": row.id} for row in rows)


def is_stated(name: str) -> bool:
    """Whether every row of a record table was recorded in the product, none imported; its revision changes with it."""
    with records_database().read() as session:
        return records.only_stated(session, name)


def utc(at: dt.datetime) -> dt.datetime:
    """An instant as the database gives it, with its zone."""
    return at if at.tzinfo else at.replace(tzinfo=dt.UTC)


def month_of_source(source: Source, month: dt.date | None, facts: FactMonth | None = None) -> Month:
    """A month of the company; None is the last complete one.

    Raises:
        CouncilError: The company has no subscriptions, or not in that month.
    """
    if not source.months:
        raise CouncilError("no subscriptions yet: import accounts and subscriptions first")
    wanted = month or source.months[0]
    if wanted > source.months[0] or wanted < source.months[-1]:
        raise CouncilError(
            f"month: expected {source.months[-1]:%Y-%m} to {source.months[0]:%Y-%m}, found {wanted:%Y-%m}"
        )
    return build_month(month_end(wanted), source, facts)


def open_month(month: dt.date | None = None) -> Month:
    """A month of this installation's company, for the command line and tests."""
    state = current_state()
    return month_of_source(open_source(state, open_engine(state)), month)


def ready() -> None:
    """Raise when the record database does not answer."""
    records_database().check()


__all__ = [
    "DEMO_SOURCE",
    "Engine",
    "FactMonth",
    "Month",
    "Source",
    "State",
    "build_facts",
    "complete_months",
    "current_state",
    "has_database",
    "manifest_of",
    "month_of_source",
    "open_engine",
    "open_month",
    "open_source",
    "ready",
    "record_frame",
    "records_database",
]  # fmt: skip
