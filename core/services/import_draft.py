"""An import being made ready: the files, what they were taken for, and what its maker has chosen so far."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from sqlmodel import col, select

from core.errors import CouncilError, Problem, Remedy
from core.ingest.mapping import BY_NAME
from core.ingest.matching import FileMatch, Sheet
from core.ingest.skipping import ImportRefused, Skip
from core.ingest.suggest import Suggestion, look_into, suggest
from core.model.mapping_toml import mapping_toml
from core.model.presets import Preset, load_presets
from core.services.access import Actor, require
from core.services.home import has_database, records_database
from core.services.import_mapping import lasting, mended, readers, rule_views
from core.services.import_report import ImportReport
from core.services.import_undo import UndoReport, undo_import
from core.services.importing import run_import
from core.services.mappings import Saved, save_mapping, saved_mapping
from core.ingest.progress import Progress, silent
from core.ingest.written import ColumnReading, FileRead
from core.store.tables import SavedMapping

Mode = Literal["update", "replace_months", "replace_table"]
MODES: dict[Mode, str] = {"update": "Add and update", "replace_months": "Replace months", "replace_table": "Replace all"}
MODE_HELP: dict[Mode, str] = {
    "update": "New rows are added, rows with a known key are updated, all others stay.",
    "replace_months": "In the months these files cover, rows of this source that the files lack disappear.",
    "replace_table": "Rows of this source that the files lack disappear from the tables the files fill.",
}
RECOGNISED, CONTRACT, PRESET, REMEMBERED = "recognised", "contract", "preset:", "source:"


@dataclass(frozen=True)
class Draft:
    """An import that is not made yet.

    Attributes:
        folder: Where the files lie.
        sheets: Their headers and some cells.
        faults: Why files could not be looked into.
        matches: What each file was taken for.
        mapping: How they become tables, as it stands.
        origin: Where the mapping came from: an id of `origins`.
        source: Name the rows are kept under.
        recognised: Id of the preset whose system the files come from; empty when none was recognised.
        version: Version of the mapping that is remembered for the source; None when none is.
        encodings: File -> encoding that was stated.
        mode: What happens to stored rows the files do not hold.
        as_of: Day the files describe; None takes the newest event in them.
        skip: Rows to leave out.
        edited: Whether the mapping was changed since it was taken.
    """

    folder: Path
    sheets: tuple[Sheet, ...]
    faults: tuple[Problem, ...]
    matches: tuple[FileMatch, ...]
    mapping: Preset
    origin: str
    source: str
    recognised: str = ""
    version: int | None = None
    encodings: Mapping[str, str] = field(default_factory=dict)
    mode: Mode = "update"
    as_of: dt.date | None = None
    skip: Skip | None = None
    edited: bool = False


@dataclass(frozen=True)
class Checked:
    """What an import would do, or why it would be refused.

    Attributes:
        report: What it would do; None when it would be refused.
        problems: Why it would be refused.
        skip: Leaves out the rows of all problems that have one; None when there are none.
        read: How each file was read.
        error: Why it could not be checked at all; empty when it could.
    """

    report: ImportReport | None = None
    problems: tuple[Problem, ...] = ()
    skip: Skip | None = None
    read: tuple[FileRead, ...] = ()
    error: str = ""


def origins() -> dict[str, str]:
    """Where a mapping may come from: id -> words."""
    remembered = {f"{REMEMBERED}{name}": f"Remembered: {name}" for name in remembered_sources()}
    presets = {f"{PRESET}{preset.id}": preset.label for preset in load_presets().values()}
    return {RECOGNISED: "As recognised", **remembered, **presets, CONTRACT: "Files in the form of the templates"}


def remembered_sources() -> tuple[str, ...]:
    """Sources with a remembered mapping, by name."""
    if not has_database():
        return ()
    with records_database().read() as session:
        return tuple(session.exec(select(SavedMapping.source).order_by(col(SavedMapping.source))).all())


def open_draft(actor: Actor, folder: Path, earlier: Draft | None = None) -> Draft:
    """Look into the files of a folder and propose how they are read.

    A remembered mapping that reads every file is taken before any other. What was chosen in an earlier draft for files
    that are still there stays.

    Raises:
        NotAllowed: The role finance is missing.
    """
    require(actor, "look into files to import", "finance")
    encodings = earlier.encodings if earlier else {}
    sheets, faults = look_into([folder], encodings)
    base = Draft(folder, sheets, faults, (), BY_NAME, RECOGNISED, "files", encodings=encodings)
    if earlier is None or not earlier.edited:
        origin = earlier.origin if earlier and earlier.origin != RECOGNISED else (_fitting(sheets) or RECOGNISED)
        taken = with_origin(base, origin)
        kept = {"source": earlier.source} if earlier and earlier.sheets and taken.origin == earlier.origin else {}
        own = {"mode": earlier.mode, "as_of": earlier.as_of} if earlier else {}
        return replace(taken, **kept, **own)
    fresh = with_origin(base, RECOGNISED)
    known = {sheet.name for sheet in earlier.sheets}
    added = [sheet for sheet in sheets if sheet.name not in known]
    taken_by = readers(fresh.mapping, added)
    new = {name: fresh.mapping.tables[name] for rules in taken_by.values() for name in rules}
    mapping = replace(earlier.mapping, tables={**new, **earlier.mapping.tables})
    return replace(earlier, sheets=sheets, faults=faults, matches=fresh.matches, mapping=mapping, skip=None)


def with_origin(draft: Draft, origin: str) -> Draft:
    """The draft with a mapping from elsewhere; its source is the name that mapping keeps rows under."""
    kind, _, name = origin.partition(":")
    presets = load_presets()
    found = suggest(draft.sheets, presets={name: presets[name]} if kind == "preset" else None)
    version = None
    if kind == "source":
        saved = saved_mapping(name)
        mapping, source, version = (saved.mapping, name, saved.version) if saved else (found.mapping, name, None)
    elif origin == CONTRACT:
        mapping, source = BY_NAME, "files"
    elif kind == "preset":
        mapping, source = found.mapping if found.preset else presets[name], name
    else:
        mapping, source = found.mapping, _source_of(found)
    if kind != "source" and source in remembered_sources():
        known = saved_mapping(source)
        version = known.version if known else None
    mapping = _encoded(mapping, draft)
    return replace(
        draft,
        mapping=mapping,
        origin=origin,
        source=source,
        recognised=found.preset,
        version=version,
        matches=found.files,
        skip=None,
        edited=False,
    )


def with_mapping(draft: Draft, mapping: Preset) -> Draft:
    """The draft with a changed mapping; rows that were to be left out are asked about again."""
    return draft if mapping == draft.mapping else replace(draft, mapping=mapping, skip=None, edited=True)


def with_source(draft: Draft, source: str) -> Draft:
    """The draft with another name for its rows."""
    saved = saved_mapping(source.strip()) if has_database() and source.strip() else None
    return replace(draft, source=source.strip(), version=saved.version if saved else None, skip=None)


def with_remedies(draft: Draft, remedies: Mapping[tuple[str, str], Remedy]) -> Draft:
    """The draft with remedies of problems, by file and column.

    An encoding opens a file that could not be looked into before.
    """
    stated = {file: remedy.value for (file, _), remedy in remedies.items() if remedy.setting == "encoding"}
    mapping = draft.mapping
    for (file, _), remedy in remedies.items():
        mapping = mended(mapping, draft.sheets, file, remedy)
    changed = with_mapping(draft, mapping)
    if not stated:
        return changed
    known = {sheet.name for sheet in draft.sheets}
    encodings = {**draft.encodings, **stated}
    changed = replace(changed, encodings=encodings, skip=None)
    sheets, faults = look_into([draft.folder], encodings)
    changed = replace(changed, sheets=sheets, faults=faults)
    new = [sheet for sheet in sheets if sheet.name not in known]
    if not new:
        return changed
    fresh = with_origin(changed, draft.origin)
    if not changed.edited:
        return replace(fresh, source=draft.source, version=draft.version)
    added = {name for rules in readers(fresh.mapping, new).values() for name in rules}
    tables = {**{name: fresh.mapping.tables[name] for name in added}, **changed.mapping.tables}
    return replace(changed, mapping=_encoded(replace(changed.mapping, tables=tables), changed), matches=fresh.matches)


def check(actor: Actor, draft: Draft, at: dt.datetime, progress: Progress = silent) -> Checked:
    """What the import would do; nothing is written."""
    try:
        report = _run(actor, draft, at, dry_run=True, progress=progress)
    except ImportRefused as refused:
        skip = refused.leave_out() if refused.skippable else None
        return Checked(problems=refused.problems, skip=skip, read=refused.read)
    except CouncilError as error:
        return Checked(error=str(error))
    return Checked(report=report, read=_read(report))


def commit(actor: Actor, draft: Draft, at: dt.datetime, progress: Progress = silent) -> ImportReport:
    """Import: all of it becomes visible, or nothing. Raises as `run_import`."""
    return _run(actor, draft, at, dry_run=False, progress=progress)


def take_back(actor: Actor, source: str, run_id: int, at: dt.datetime) -> UndoReport:
    """Take back one import, as long as it is the newest of its source. Raises as `undo_import`."""
    newest = undo_import(actor, at, source=source, dry_run=True).run_id
    if newest != run_id:
        raise CouncilError(
            f"undo: {source} was imported again since (import {newest}); nothing was taken back. Take that one back first."
        )
    return undo_import(actor, at, source=source)


def remember(actor: Actor, draft: Draft, at: dt.datetime) -> Saved:
    """Keep the mapping for the next files of the source. Raises as `save_mapping`."""
    return save_mapping(actor, draft.source, lasting(draft.mapping), at, draft.version)


def _run(actor: Actor, draft: Draft, at: dt.datetime, *, dry_run: bool, progress: Progress) -> ImportReport:
    return run_import(
        actor,
        [draft.folder],
        at,
        mapping=draft.mapping,
        mode=draft.mode,
        as_of=draft.as_of,
        dry_run=dry_run,
        source=draft.source,
        skip=draft.skip,
        progress=progress,
    )


def _fitting(sheets: tuple[Sheet, ...]) -> str:
    """The remembered mapping that reads every file and finds what it needs in them."""
    for name in remembered_sources():
        saved = saved_mapping(name)
        if saved is None or not sheets:
            continue
        views = rule_views(saved.mapping, sheets)
        lacking = any(column.lacking for view in views for column in view.columns)
        if {view.file for view in views} == {sheet.name for sheet in sheets} and not lacking:
            return f"{REMEMBERED}{name}"
    return ""


def _source_of(found: Suggestion) -> str:
    return found.preset or "files"


def _encoded(mapping: Preset, draft: Draft) -> Preset:
    """The mapping with the encodings that were stated for files."""
    for file, encoding in draft.encodings.items():
        mapping = mended(mapping, draft.sheets, file, Remedy("encoding", encoding))
    return mapping


def _read(report: ImportReport) -> tuple[FileRead, ...]:
    """How the files were read, from the report's own words."""
    found = []
    for item in report.files:
        values = {**item}
        values["ignored"] = tuple(values["ignored"])
        values["readings"] = tuple(ColumnReading(**each) for each in values["readings"])
        found.append(FileRead(**values))
    return tuple(found)


def draft_key(draft: Draft) -> str:
    """What a check depends on, as text: equal when it would find the same."""
    files = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in sorted(draft.folder.iterdir())]
    return repr((files, mapping_toml(draft.mapping), draft.source, draft.mode, draft.as_of, draft.skip))
