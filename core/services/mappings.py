"""Mappings of this installation: proposed from files, looked over, saved per source, used by the next import."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import ModelError, Problem, RuleBroken, StaleRecord
from core.ingest.mapping import check_mapping
from core.ingest.suggest import Suggestion, look_into, suggest
from core.model.mapping_toml import mapping_toml
from core.model.presets import Preset
from core.model.toml import parse
from core.services.access import Actor, require
from core.services.home import records_database
from core.store.audit import audit
from core.store.tables import SavedMapping

__all__ = ["Saved", "Suggestion", "mapping_from", "mapping_toml", "save_mapping", "saved_mapping", "suggested_mapping"]


@dataclass(frozen=True)
class Saved:
    """The mapping of one source, as it is remembered.

    Attributes:
        source: Name its rows are kept under.
        mapping: The mapping.
        author: Who saved it.
        saved_at: When, UTC.
        version: To be handed back when it is saved again.
    """

    source: str
    mapping: Preset
    author: str
    saved_at: dt.datetime
    version: int


def suggested_mapping(
    actor: Actor, paths: Sequence[Path], encodings: Mapping[str, str] | None = None
) -> tuple[Suggestion, tuple[Problem, ...]]:
    """Propose how files become tables, and say why the others cannot be read; nothing is saved.

    Args:
        actor: Who; needs the role finance.
        paths: Files or folders.
        encodings: File name -> encoding of its text, where it is not UTF-8.

    Raises:
        NotAllowed: The role finance is missing: the files hold what an import would show.
    """
    require(actor, "look into files to import", "finance")
    sheets, faults = look_into(paths, encodings)
    return suggest(sheets), faults


def mapping_from(text: str, place: str = "mapping") -> Preset:
    """A mapping from TOML text, as somebody edited it.

    Raises:
        ModelError: Naming each wrong key, and each table or column the contract does not have.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ModelError(f"{place}: not readable as TOML: {error}") from error
    mapping = parse(data, Preset, place)
    check_mapping(mapping)
    return mapping


def saved_mapping(source: str) -> Saved | None:
    """The remembered mapping of a source; None when there is none."""
    with records_database().read() as session:
        row = session.get(SavedMapping, source)
        return None if row is None else _saved(row)


def save_mapping(actor: Actor, source: str, preset: Preset, at: dt.datetime, version: int | None = None) -> Saved:
    """Remember the mapping of a source; the same mapping again saves nothing.

    Args:
        actor: Who saves; needs the role finance.
        source: Name its rows are kept under.
        preset: The mapping.
        at: Time of the act, UTC.
        version: Version that was opened; None for the first time.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: The source has no name.
        ModelError: The mapping names tables or columns the contract does not have.
        StaleRecord: Somebody saved another one since; nothing was saved.
    """
    require(actor, "save a mapping", "finance")
    name, body = source.strip(), mapping_toml(preset)
    if not name:
        raise RuleBroken("The mapping was not saved: the source needs a name.")
    check_mapping(preset)
    with records_database().write() as session:
        row = session.get(SavedMapping, name)
        if row is not None and row.body == body:
            return _saved(row)
        if (None if row is None else row.version) != version:
            theirs = f"version {row.version} of {row.author}" if row else "nothing: it was removed"
            raise StaleRecord(f"The mapping of {name}", f"to replace version {version or 0}", theirs)
        values = {"body": body, "author": actor.name, "saved_at": at, "version": (version or 0) + 1}
        row = SavedMapping.model_validate({"source": name, **values}) if row is None else row.sqlmodel_update(values)
        session.add(row)
        tables = sorted({rule.table or each for each, rule in preset.tables.items()})
        audit(session, at, actor.name, "save mapping", f"mappings/{name}", version=row.version, tables=tables)
        session.flush()
        return _saved(row)


def _saved(row: SavedMapping) -> Saved:
    return Saved(row.source, mapping_from(row.body, row.source), row.author, row.saved_at, row.version)
