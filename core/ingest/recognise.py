"""Which preset's system some files come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.ingest.mapping import IMPORTABLE
from core.ingest.matching import ColumnMatch, FileMatch, Sheet
from core.ingest.read import file_fits
from core.ingest.shape import Names, Other, loose
from core.model.presets import ColumnRule, Preset, TableRule
from core.model.synonyms import Confidence
from core.schema import Table


@dataclass(frozen=True)
class Recognised:
    """A preset that fits.

    Attributes:
        preset: The preset.
        matches: What each of its files is taken for.
        rules: Its rules, those that fit naming the files first.
        files: Files it reads, for rows or as look-ups.
    """

    preset: Preset
    matches: tuple[FileMatch, ...]
    rules: dict[str, TableRule] = field(default_factory=dict)
    files: frozenset[str] = frozenset()


def recognise(sheets: Sequence[Sheet], presets: Mapping[str, Preset], limits: Confidence) -> Recognised | None:
    """The preset that explains most columns of the files; None when no file is plainly of its system."""
    candidates = [found for preset in presets.values() if (found := _try(sheets, preset, limits))]
    return max(candidates, key=lambda found: sum(len(match.columns) for match in found.matches), default=None)


def systems(sheets: Sequence[Sheet], presets: Mapping[str, Preset], limits: Confidence) -> Recognised | None:
    """What `recognise` finds, and what it finds in the files left over, as one; None when it finds nothing."""
    found: list[Recognised] = []
    rest, left = list(sheets), dict(presets)
    while one := recognise(rest, left, limits):
        found.append(one)
        left.pop(one.preset.id, None)
        rest = [sheet for sheet in rest if sheet.name not in one.files and not marked(sheet, one.preset)]
    if len(found) < 2:
        return found[0] if found else None
    found.sort(key=lambda one: one.preset.id)  # rows are kept under the ids joined: the same every month
    matches: list[FileMatch] = []
    known: set[str] = set()
    for one in found:
        ids = {name: f"{name}_{one.preset.id}" if name in known else name for name in one.rules}
        matches += [replace(match, rule=ids.get(match.rule, match.rule)) for match in one.matches]
        known |= set(ids.values())
    preset = put_together([replace(one.preset, tables=one.rules) for one in found])
    return Recognised(preset, tuple(matches), preset.tables, frozenset(match.file for match in matches))


def put_together(presets: Sequence[Preset]) -> Preset:
    """Presets as one, whose rows are kept under their ids joined by "+"; where two read the same table, both do."""
    tables: dict[str, TableRule] = {}
    for preset in presets:
        for name, rule in preset.tables.items():
            own = f"{name}_{preset.id}" if name in tables else name
            tables[own] = replace(rule, table=rule.table or name) if own != name else rule
    return replace(
        presets[0],
        id="+".join(preset.id for preset in presets),
        label=" and ".join(preset.label for preset in presets),
        source="; ".join(preset.source for preset in presets),
        tables=tables,
        marks=tuple(mark for preset in presets for mark in preset.marks),
        notes=tuple(note for preset in presets for note in preset.notes),
        conflicts=tuple(rule for preset in presets for rule in preset.conflicts),
    )


def _try(sheets: Sequence[Sheet], preset: Preset, limits: Confidence) -> Recognised | None:
    if preset.marks and not any(marked(sheet, preset) for sheet in sheets):
        return None
    matches: list[FileMatch] = []
    taken: set[tuple[str, ...]] = set()
    looked = {path for sheet in sheets for path in _lookup_of(sheet, preset)}
    for named in (True, False):
        for sheet in sheets:
            groups = {} if named is False and not marked(sheet, preset) else _fits(sheet, preset, sheets, limits, named)
            groups = {files: own for files, own in groups.items() if named or files not in taken}
            if groups and all(match.file != sheet.name for match in matches):
                files, own = max(groups.items(), key=lambda item: _weight(item[1], preset))
                taken.add(files)
                matches += own
    if not matches:
        return None
    rules = {name: _named(rule, name, matches) for name, rule in preset.tables.items()}
    read = {match.file for match in matches}
    matches += [
        FileMatch(sheet.name, None, 1.0, f"looked up by other files of {preset.label}", unread=())
        for sheet in sheets
        if sheet.name in looked - read
    ]
    return Recognised(preset, tuple(matches), rules, frozenset(match.file for match in matches))


def marked(sheet: Sheet, preset: Preset) -> bool:
    """Whether the header has a column that only files of the preset's system have."""
    return not {loose(mark) for mark in preset.marks}.isdisjoint(map(loose, sheet.header))


def _weight(group: Sequence[FileMatch], preset: Preset) -> float:
    """Rules that read one kind of file compete with those of another by the file's columns they explain together."""
    explained = {column.found for match in group for column in match.columns}
    asked = sum(not rule.constant for match in group for rule in preset.tables[match.rule].columns.values())
    return len(explained) * sum(len(match.columns) for match in group) / asked


def _named(rule: TableRule, name: str, matches: Sequence[FileMatch]) -> TableRule:
    """The rule with the name of the file that fits it, where that is not one it expects."""
    own = [match.file for match in matches if match.rule == name]
    if not own or any(file_fits(Path(file), pattern) for file in own for pattern in rule.files):
        return rule
    return replace(rule, files=(own[0], *rule.files))


def _lookup_of(sheet: Sheet, preset: Preset) -> Iterator[str]:
    for rule in preset.tables.values():
        for look in rule.lookups.values():
            if any(file_fits(Path(sheet.name), pattern) for pattern in look.files):
                yield sheet.name


def _fits(
    sheet: Sheet, preset: Preset, sheets: Sequence[Sheet], limits: Confidence, named: bool
) -> dict[tuple[str, ...], list[FileMatch]]:
    """Rules that the header fits, by the kind of file they read.

    A file with another name must fit better, and may lack a required column only where no file has an expected name.
    """
    groups: dict[tuple[str, ...], list[FileMatch]] = {}
    patterns = [pattern for rule in preset.tables.values() for pattern in rule.files]
    anywhere = any(file_fits(Path(other.name), pattern) for other in sheets for pattern in patterns)
    for name, rule in preset.tables.items():
        if named == any(file_fits(Path(sheet.name), pattern) for pattern in rule.files):
            match = _match(sheet, name, rule, preset, sheets, limits, limits.preset_least / (2 if named else 1))
            if match and (named or not match.missing or (len(match.missing) == 1 and not anywhere)):
                groups.setdefault(rule.files, []).append(match)
    return groups


def _match(
    sheet: Sheet,
    name: str,
    rule: TableRule,
    preset: Preset,
    sheets: Sequence[Sheet],
    limits: Confidence,
    least: float,
) -> FileMatch | None:
    table = IMPORTABLE[rule.table or name]
    names = Names(sheet.header, _others(rule, sheets))
    if rule.if_has and not any(names.cell(each) for each in rule.if_has):
        return None
    rules = {column: own for column, own in rule.columns.items() if not own.constant}
    found = {column: place for column, own in rules.items() if (place := _place(own, names))}
    own_file = [column for column, own in rules.items() if any("." not in each for each in own.places)]
    share = sum(column in found for column in own_file) / max(len(own_file), 1)
    if (table.key and table.key[0] not in found) or share < least:
        return None
    columns = tuple(ColumnMatch(c, p, limits.preset, f"preset {preset.id}") for c, p in found.items())
    missing = tuple(_missing(table, rule, found))
    used = {names.position(each) for own in rules.values() for each in own.places}
    unread = tuple(each for index, each in enumerate(sheet.header) if index not in used)
    sure = limits.least if missing else limits.preset
    reason = f"{len(found)} of {len(rules)} columns that {preset.label} has for {table.name}"
    return FileMatch(sheet.name, table.name, sure, reason, columns, unread, missing, name)


def _others(rule: TableRule, sheets: Sequence[Sheet]) -> dict[str, Other]:
    return {
        look: Other(other.header, "")
        for look, own in rule.lookups.items()
        for other in sheets
        if any(file_fits(Path(other.name), pattern) for pattern in own.files)
    }


def _missing(table: Table, rule: TableRule, found: Mapping[str, str]) -> Iterator[str]:
    """Required columns that the file does not hold and the rule does not supply."""
    for column in table.columns:
        own = rule.columns.get(column.name)
        if column.required and column.name not in found and not (own and (own.constant or own.default)):
            yield column.name


def _place(own: ColumnRule, names: Names) -> str | None:
    present = [each for each in own.places if names.cell(each)]
    position = names.position(present[0]) if present else None
    return names.header[position] if position is not None else (present[0] if present else None)
