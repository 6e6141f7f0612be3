"""Which table a file holds and which of its columns is which: proposed with a confidence and the reason in words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linear_sum_assignment

from core.ingest.mapping import IMPORTABLE
from core.ingest.shape import loose
from core.model.synonyms import Synonyms
from core.schema import Column, Kind, Table

_FILLER = {"id", "ids", "date", "on", "at", "the", "of", "utc", "is", "property"}
_DAY = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?|[A-Z][a-z]{2} \d{1,2}, \d{4}")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_NUMBER = re.compile(r"[^\d\s]{0,3}\s?[+-]?\d[\d.,' ]*%?")


@dataclass(frozen=True)
class Sheet:
    """The outside of one file and a few of its cells.

    Attributes:
        name: File name.
        header: Its columns.
        cells: Column of the file -> some filled cells; a column without any is absent.
        delimiter: Its separator; empty for a workbook or Parquet.
        encoding: How its text is stored; xlsx and parquet for those.
    """

    name: str
    header: tuple[str, ...]
    cells: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    delimiter: str = ""
    encoding: str = "utf-8"


@dataclass(frozen=True)
class ColumnMatch:
    """One column of the contract found in a file.

    Attributes:
        column: Column of the contract.
        found: Column of the file.
        confidence: 0 to 1.
        reason: Why, in words.
    """

    column: str
    found: str
    confidence: float
    reason: str


@dataclass(frozen=True)
class FileMatch:
    """What one file is taken for.

    Attributes:
        file: File name.
        table: Table of the contract; None when no table fits clearly.
        confidence: 0 to 1.
        reason: Why, or why not, in words.
        columns: Columns found.
        unread: Columns of the file that nothing reads.
        missing: Required columns of the table that were not found.
        rule: Name of the preset's rule that fits; empty for a match by names and values.
    """

    file: str
    table: str | None
    confidence: float
    reason: str
    columns: tuple[ColumnMatch, ...] = ()
    unread: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    rule: str = ""


def match_file(sheet: Sheet, known: Synonyms, ids: Mapping[str, frozenset[str]] | None = None) -> FileMatch:
    """Find the table of one file and its columns.

    Args:
        sheet: The file.
        known: Names in other systems, and what each kind of evidence is worth.
        ids: Table -> ids seen in the file that holds it, to recognise references by their values.
    """
    rated = sorted(
        ((_table_score(sheet, table, known, ids or {}), name) for name, table in IMPORTABLE.items()),
        key=lambda item: -item[0][0],
    )
    limits = known.confidence
    near = [item for item in rated if rated[0][0][0] - item[0][0] < limits.table_margin]
    named = [item for item in near if _named(sheet, item[1], known) == 1.0]
    (score, columns), name = named[0] if len(named) == 1 else rated[0]
    if score < limits.table_least or not columns:
        return FileMatch(sheet.name, None, score, "no table has enough of these columns", unread=sheet.header)
    if len(near) > 1 and len(named) != 1:
        reason = f"{name} and {rated[1][1]} fit equally well"
        return FileMatch(sheet.name, None, score, reason, unread=sheet.header)
    table = IMPORTABLE[name]
    found = {match.column for match in columns}
    used = {match.found for match in columns}
    missing = tuple(c.name for c in table.columns if c.required and c.name not in found)
    needed = sum(c.required for c in table.columns)
    reason = f"{needed - len(missing)} of {needed} required columns of {name} found"
    unread = tuple(each for each in sheet.header if each not in used)
    return FileMatch(sheet.name, name, round(min(score, 1.0), 3), reason, columns, unread, missing)


def match_columns(
    sheet: Sheet, table: Table, known: Synonyms, ids: Mapping[str, frozenset[str]] | None = None
) -> tuple[ColumnMatch, ...]:
    """Assign the columns of a file to those of a table, one to one, so that the confidences add up to the most.

    Nothing below `least` is assigned, even where that leaves a required column without a match.
    """
    rated = [[_rate(sheet, name, table, column, known, ids or {}) for name in sheet.header] for column in table.columns]
    least = known.confidence.least
    gain = np.array([[value if value >= least else 0.0 for value, _ in row] for row in rated])
    matches = []
    for row, place in zip(*linear_sum_assignment(gain, maximize=True), strict=True):
        if gain[row, place] > 0:
            value, reason = rated[row][place]
            matches.append(ColumnMatch(table.columns[row].name, sheet.header[place], round(value, 3), reason))
    return tuple(matches)


def _table_score(
    sheet: Sheet, table: Table, known: Synonyms, ids: Mapping[str, frozenset[str]]
) -> tuple[float, tuple[ColumnMatch, ...]]:
    columns = match_columns(sheet, table, known, ids)
    found = {match.column: match.confidence for match in columns}
    required = [column.name for column in table.columns if column.required]
    limits = known.confidence
    share = sum(found.get(name, 0.0) for name in required) / max(len(required), 1)
    explained = sum(found.values()) / max(min(len(sheet.header), len(table.columns)), 1)
    named = _named(sheet, table.name, known)
    if table.key and table.key[0] not in found:
        share *= 0.5
    return (
        limits.required_share * share + limits.explained_share * explained + limits.file_name_share * named,
        columns,
    )


def _named(sheet: Sheet, table: str, known: Synonyms) -> float:
    """Whether the file is called as the table: 1 for its very name, 0.8 for a word in it, 0 without."""
    stem = loose(re.sub(r"\.[a-z]+$", "", sheet.name.lower()))
    words = (table, *(known.tables[table].files if table in known.tables else ()))
    return 1.0 if any(loose(word) == stem for word in words) else 0.8 if _word_in(sheet.name, words) else 0.0


def _word_in(name: str, words: Sequence[str]) -> bool:
    parts = set(re.split(r"[^a-z]+", name.lower()))
    return any(word in parts for word in words)


def _rate(
    sheet: Sheet, name: str, table: Table, column: Column, known: Synonyms, ids: Mapping[str, frozenset[str]]
) -> tuple[float, str]:
    limits = known.confidence
    value, reason = _by_name(name, table, column, known)
    cells = sheet.cells.get(name, ())
    looks = _looks(cells, column, limits.date_share) if cells else None
    if not value:
        typical = looks and (column.name == "email" or column.kind is Kind.CURRENCY)
        return (limits.values_alone, "every cell looks like it") if typical else (0.0, "")
    if looks is False:
        return value * limits.values_differ, f"{reason}, but its cells do not look like {_kind(column)}"
    if column.kind is Kind.CHOICE and cells and not set(cells) <= set(column.choices):
        return value * limits.recoding, f"{reason}; its words must be recoded"
    target = table.references.get(column.name)
    if target is not None and set(cells) & ids.get(target, frozenset()):
        return min(value + limits.values_agree, 1.0), f"{reason}, and its ids are those of {target}"
    if looks:
        return min(value + limits.values_agree, 1.0), f"{reason}, and its cells look like it"
    return value, reason


def _by_name(name: str, table: Table, column: Column, known: Synonyms) -> tuple[float, str]:
    limits = known.confidence
    spelled = loose(name)
    if spelled == loose(column.name):
        return limits.same_name, "same name"
    words = known.tables[table.name].columns.get(column.name, ()) if table.name in known.tables else ()
    for place, word in enumerate(words):
        if spelled == loose(word):
            return limits.synonym - limits.synonym_step * place, f'known name of it ("{word}")'
    if _words(name) and _words(name) == _words(column.name):
        return limits.same_words, "same words"
    return 0.0, ""


def _words(name: str) -> frozenset[str]:
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return frozenset(re.split(r"[^a-z0-9]+", split.lower())) - _FILLER - {""}


def _looks(cells: Sequence[str], column: Column, share: float) -> bool | None:
    """Whether cells look like values of a column; None where any text would do."""
    if column.name == "email":
        return all(_MAIL.fullmatch(cell) for cell in cells)
    if column.kind is Kind.CURRENCY:
        return all(re.fullmatch("[A-Za-z]{3}", cell) for cell in cells)
    if column.kind in (Kind.DATE, Kind.INSTANT):
        return sum(bool(_DAY.fullmatch(cell)) for cell in cells) >= share * len(cells)
    if column.kind in (Kind.CENTS, Kind.FRACTION, Kind.INTEGER) and column.name != "severity":
        return all(_NUMBER.fullmatch(cell) for cell in cells)
    return None


def _kind(column: Column) -> str:
    if column.name == "email":
        return "e-mail addresses"
    return {Kind.CURRENCY: "currency codes", Kind.DATE: "days", Kind.INSTANT: "times"}.get(column.kind, "numbers")
