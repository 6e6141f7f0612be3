"""A mapping proposed for files nobody has mapped yet: a preset where the headers are its system's, else by match."""

# ruff: noqa: S608 - names of relations are this module's own

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.errors import Problem
from core.ingest.mapping import IMPORTABLE
from core.ingest.matching import ColumnMatch, FileMatch, Sheet, match_file
from core.ingest.parse import rows_sql, scan_file
from core.ingest.read import file_fits, find_files
from core.ingest.recognise import Recognised, marked, systems
from core.ingest.shape import loose
from core.model.presets import ColumnRule, Preset, TableRule, load_presets
from core.model.synonyms import Synonyms, load_synonyms
from core.schema import Kind
from core.store.facts_shape import connect

SAMPLE = 200
"""Rows whose cells are looked at."""
NEEDED = ("accounts", "subscriptions")
"""Without these no screen has anything to say."""


@dataclass(frozen=True)
class Lacking:
    """Something an import needs that no file was found to hold.

    Attributes:
        table: Table of the contract.
        column: Its column; empty when the whole table is lacking.
        file: File that should hold the column; empty for a whole table.
        meaning: What it is, in the words of the contract.
    """

    table: str
    column: str
    file: str
    meaning: str


@dataclass(frozen=True)
class Suggestion:
    """How files would be read.

    Attributes:
        files: What each file is taken for; a file that fills two tables stands twice.
        mapping: The mapping that says so, to be looked over, edited and saved.
        preset: Id of the preset that was recognised, those of several joined by "+"; empty when none was.
        lacking: What is required and was not found.
    """

    files: tuple[FileMatch, ...]
    mapping: Preset
    preset: str
    lacking: tuple[Lacking, ...]


def suggest(
    sheets: Sequence[Sheet], *, presets: Mapping[str, Preset] | None = None, known: Synonyms | None = None
) -> Suggestion:
    """Propose a mapping.

    Args:
        sheets: The files' headers with some of their cells.
        presets: Presets that may be recognised; those of the installation by default.
        known: Names in other systems; those of the installation by default.
    """
    words = known or load_synonyms()
    own = {sheet.name: match for sheet in sheets if (match := _by_contract(sheet))}
    foreign = [sheet for sheet in sheets if sheet.name not in own]
    found = systems(foreign, load_presets() if presets is None else presets, words.confidence)
    rest = [sheet for sheet in foreign if found is None or sheet.name not in found.files]
    ids = _ids(sheets)
    matched = [*own.values(), *(_foreign(sheet, found, words) or match_file(sheet, words, ids) for sheet in rest)]
    files = (*(found.matches if found else ()), *matched)
    mapping = _mapping(found, matched, {sheet.name: sheet for sheet in sheets})
    return Suggestion(files, mapping, found.preset.id if found else "", _lacking(files))


def look_into(
    paths: Sequence[Path], encodings: Mapping[str, str] | None = None
) -> tuple[tuple[Sheet, ...], tuple[Problem, ...]]:
    """Headers and some cells of files, and why the others cannot be read.

    Args:
        paths: Files or folders.
        encodings: File name -> encoding of its text, where it is not UTF-8.
    """
    sheets: list[Sheet] = []
    problems: list[Problem] = []
    with tempfile.TemporaryDirectory(prefix="suggest-") as folder:
        scratch = Path(folder)
        with connect(scratch, "256MB") as connection:
            for path in find_files(paths)[0]:
                scan = scan_file(connection, path, scratch, (encodings or {}).get(path.name, ""))
                problems += scan.problems
                if scan.problems or not scan.header:
                    continue
                rows = connection.execute(f"SELECT * FROM {rows_sql(scan)} LIMIT {SAMPLE}").fetchall()
                cells = {
                    name: tuple(str(row[index]).strip() for row in rows if row[index] and str(row[index]).strip())
                    for index, name in enumerate(scan.header)
                }
                filled = {name: own for name, own in cells.items() if own}
                sheets.append(Sheet(scan.name, scan.header, filled, scan.delimiter, scan.encoding))
    return tuple(sheets), tuple(problems)


def _foreign(sheet: Sheet, found: Recognised | None, known: Synonyms) -> FileMatch | None:
    """A further file of a recognised system, which its preset does not read: nothing is guessed about it."""
    connector = not {loose(each) for each in known.connector}.isdisjoint(map(loose, sheet.header))
    if found is None or not (connector or marked(sheet, found.preset)):
        return None
    return FileMatch(sheet.name, None, 0.0, f"{found.preset.label} has nothing to read in it", unread=sheet.header)


def _by_contract(sheet: Sheet) -> FileMatch | None:
    """A file whose name and columns are the contract's own, the needed ones as the templates spell them."""
    for name, table in IMPORTABLE.items():
        places = {loose(each): each for each in sheet.header}
        required = [column.name for column in table.columns if column.required]
        if file_fits(Path(sheet.name), f"{name}.*") and set(required) <= set(sheet.header):
            columns = tuple(
                ColumnMatch(column.name, places[loose(column.name)], 1.0, "same name")
                for column in table.columns
                if loose(column.name) in places
            )
            used = {match.found for match in columns}
            unread = tuple(each for each in sheet.header if each not in used)
            return FileMatch(sheet.name, name, 1.0, "file and columns have the contract's names", columns, unread)
    return None


def _ids(sheets: Sequence[Sheet]) -> dict[str, frozenset[str]]:
    """Ids of the tables others refer to, from the files that are plainly named after them."""
    words = load_synonyms().tables
    ids: dict[str, frozenset[str]] = {}
    for table in {target for each in IMPORTABLE.values() for target in each.references.values()}:
        names = (table, *(words[table].files if table in words else ()))
        for sheet in sheets:
            if any(loose(name) in loose(Path(sheet.name).stem) for name in names) and table not in ids:
                own = [n for n in sheet.header if loose(n) in ("id", "recordid", loose(IMPORTABLE[table].key[0]))]
                ids |= {table: frozenset(sheet.cells.get(own[0], ()))} if own else {}
    return ids


def _mapping(found: Recognised | None, matched: Sequence[FileMatch], sheets: Mapping[str, Sheet]) -> Preset:
    tables: dict[str, TableRule] = dict(found.rules) if found else {}
    for match in matched:
        if match.table is None:
            continue
        name = match.table
        number = 2
        while name in tables:
            name, number = f"{match.table}_{number}", number + 1
        tables[name] = _rule(match, sheets[match.file], "" if name == match.table else match.table)
    base = found.preset if found else Preset(id="suggested", label="Suggested mapping", source="", tables={})
    return replace(base, source=base.source or "proposed from the headers of the files", tables=tables)


def _rule(match: FileMatch, sheet: Sheet, table: str) -> TableRule:
    target = IMPORTABLE[match.table or ""]
    if all(loose(each.column) == loose(each.found) for each in match.columns):
        return TableRule(files=(sheet.name,), table=table, times=True)
    columns = {}
    for each in match.columns:
        money = target.by_name[each.column].kind is Kind.CENTS and "cent" not in each.found.lower()
        columns[each.column] = ColumnRule(column=each.found, scale=100 if money else 1)
    return TableRule(files=(sheet.name,), columns=columns, table=table, times=True)


def _lacking(files: Sequence[FileMatch]) -> tuple[Lacking, ...]:
    held = {match.table for match in files}
    tables = [Lacking(name, "", "", IMPORTABLE[name].unlocks) for name in NEEDED if name not in held]
    columns = [
        Lacking(match.table, name, match.file, IMPORTABLE[match.table].by_name[name].meaning)
        for match in files
        if match.table
        for name in match.missing
    ]
    return (*tables, *columns)
