"""An import being made ready: the files, what they were taken for, and what its maker has chosen so far."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlmodel import col, select

from core.errors import Problem, Remedy, too_long
from core.ingest.mapping import BY_NAME
from core.ingest.matching import FileMatch, Sheet
from core.ingest.skipping import Skip
from core.ingest.suggest import Suggestion, look_into, suggest
from core.model.presets import Preset, load_presets
from core.services.access import Actor, require
from core.services.home import has_database, records_database
from core.services.import_columns import RuleView
from core.services.import_mapping import (
    mended,
    readers,
    rule_views,
    with_columns,
    with_recoding,
    with_styles,
    with_table,
)
from core.services.mappings import saved_mapping
from core.store.facts import Mode
from core.store.tables import SavedMapping

MODES: dict[Mode, str] = {
    "update": "Add and update",
    "replace_months": "Replace these months",
    "replace_table": "Replace the table",
}
MODE_HELP: dict[Mode, str] = {
    "update": "New rows are added, rows with a known key are updated, all others stay.",
    "replace_months": "In the months these files cover, rows of this source that the files lack disappear.",
    "replace_table": "Rows of this source that the files lack disappear from the tables the files fill.",
}
SOURCE_LENGTH = 60
"""Most characters of the name rows are kept under."""
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
        as_of: Day the files describe; None takes the newest event in them, if it is later than what is loaded.
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

    A remembered mapping that reads every file with a table in it is taken before any other. What was chosen in an
    earlier draft for files that are still there stays.

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
        if earlier is None:
            return taken
        source = earlier.source if earlier.sheets and taken.origin == earlier.origin else taken.source
        return replace(with_source(taken, source), mode=earlier.mode, as_of=earlier.as_of)
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
        # Chosen by a person, a preset needs no mark in the headers; files it does not know are matched beside it.
        chosen = found if found.preset else suggest(draft.sheets, presets={name: replace(presets[name], marks=())})
        found = replace(chosen, preset=found.preset)
        mapping, source = replace(chosen.mapping if chosen.preset else presets[name], marks=presets[name].marks), name
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


def with_choices(draft: Draft, rule: RuleView, choices: Mapping[str, str], styles: Mapping[str, str]) -> Draft:
    """The draft with other columns of one table, and with styles of its dates and numbers; see `with_columns`."""
    sheet = _sheet(draft, rule.file)
    changed = with_columns(draft.mapping, sheet, rule.rule, choices)
    return with_mapping(draft, with_styles(changed, sheet, rule.rule, styles))


def with_words(draft: Draft, rule: RuleView, column: str, words: Mapping[str, str]) -> Draft:
    """The draft with words of one column translated."""
    return with_mapping(draft, with_recoding(draft.mapping, _sheet(draft, rule.file), rule.rule, column, words))


def with_file_as(draft: Draft, file: str, table: str | None) -> Draft:
    """The draft with a file read as another table; None reads nothing from it."""
    return with_mapping(draft, with_table(draft.mapping, draft.sheets, file, table))


def without_rule(draft: Draft, rule: RuleView) -> Draft:
    """The draft without one of the tables that are read from a file."""
    tables = {name: own for name, own in draft.mapping.tables.items() if name != rule.rule}
    return with_mapping(draft, replace(draft.mapping, tables=tables))


def with_settings(draft: Draft, mode: Mode | None, as_of: dt.date | None) -> Draft:
    """The draft with another mode and as-of date; rows that were to be left out are asked about again."""
    return replace(draft, mode=mode or draft.mode, as_of=as_of, skip=None)


def with_skip(draft: Draft, skip: Skip | None) -> Draft:
    """The draft with rows to leave out; None leaves out none."""
    return replace(draft, skip=skip)


def with_version(draft: Draft, version: int) -> Draft:
    """The draft once its mapping is remembered."""
    return replace(draft, version=version)


def with_source(draft: Draft, source: str) -> Draft:
    """The draft with another name for its rows; an empty or too long one changes nothing."""
    name = ("" if too_long(source, SOURCE_LENGTH) else source.strip()) or draft.source
    saved = saved_mapping(name) if has_database() else None
    return replace(draft, source=name, version=saved.version if saved else None, skip=None)


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


def _sheet(draft: Draft, file: str) -> Sheet:
    return next(sheet for sheet in draft.sheets if sheet.name == file)


def _fitting(sheets: tuple[Sheet, ...]) -> str:
    """The remembered mapping that reads every file a table is recognised in, and finds what it needs in them."""
    names = remembered_sources()
    held = {match.file for match in suggest(sheets).files if match.table} if names else set()
    for name in names:
        saved = saved_mapping(name)
        if saved is None or not sheets:
            continue
        views = rule_views(saved.mapping, sheets)
        lacking = any(column.lacking for view in views for column in view.columns)
        if views and held <= {view.file for view in views} and not lacking:
            return f"{REMEMBERED}{name}"
    return ""


def _source_of(found: Suggestion) -> str:
    return found.preset or "files"


def _encoded(mapping: Preset, draft: Draft) -> Preset:
    """The mapping with the encodings that were stated for files."""
    for file, encoding in draft.encodings.items():
        mapping = mended(mapping, draft.sheets, file, Remedy("encoding", encoding))
    return mapping
