"""How files are read when an import is asked for on one line: presets put together, columns and styles stated."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from core.errors import CouncilError, Problem, Remedy
from core.ingest.mapping import BY_NAME
from core.ingest.matching import Sheet
from core.ingest.recognise import put_together
from core.ingest.shape import Names, loose
from core.ingest.suggest import look_into, suggest
from core.model.numbers import number_style
from core.model.presets import Preset, load_preset
from core.schema import Column, Kind
from core.services.import_columns import RuleView
from core.services.import_mapping import (
    WITH_TIME,
    columns_read,
    mended,
    rule_views,
    styles_of,
    with_columns,
    with_recoding,
)

UTF_8 = "utf-8"
TRANSLATE = "--translate"
WORDS = ("choice", "recode")
"""Rules of cells whose word the contract does not know."""
MOST_WORDS = 20
"""Unknown words of one column that are written out."""


@dataclass(frozen=True)
class Stated:
    """One thing stated about a file: `FILE:COLUMN=VALUE`, or `FILE=VALUE` where the whole file is meant.

    Attributes:
        file: File name.
        column: Column of the file or of the contract; empty for the whole file.
        value: What is stated.
    """

    file: str
    column: str
    value: str


def stated(text: str, option: str) -> Stated:
    """Read what an option states.

    Args:
        text: `FILE:COLUMN=VALUE` or `FILE=VALUE`.
        option: Name of the option, for the message.

    Raises:
        CouncilError: It is written otherwise.
    """
    place, equals, value = text.partition("=")
    file, _, column = place.partition(":")
    if not equals or not file:
        raise CouncilError(f'{option}: expected FILE:COLUMN=VALUE, found "{text}"')
    return Stated(file, column, value)


def preset_of(names: Sequence[str]) -> Preset | None:
    """The presets of several systems as one mapping, so that a folder with the exports of all of them is one import.

    Args:
        names: Names of presets; where two read the same table, both do.

    Returns:
        One mapping, whose rows are kept under the names joined by "+"; None without names.
    """
    chosen = [load_preset(name) for name in dict.fromkeys(names)]
    if len(chosen) < 2:
        return chosen[0] if chosen else None
    return put_together(chosen)


def presets_of(paths: Sequence[Path]) -> tuple[str, ...]:
    """Names of the presets whose systems files plainly come from, as their headers say."""
    return tuple(filter(None, suggest(look_into(paths)[0]).preset.split("+")))


def with_stated(
    paths: Sequence[Path],
    mapping: Preset | None,
    read: Sequence[Stated],
    take: Sequence[Stated],
    translate: Sequence[Stated] = (),
) -> Preset | None:
    """The mapping with columns and styles stated for some files.

    Args:
        paths: The files.
        mapping: How they are read so far; None for the contract's own names.
        read: How a column of dates or numbers is written, or the encoding of a file.
        take: Column of the contract = column of the file, or the text every row is to have.
        translate: Column = `WORD=MEANING`, a word of the file and one of the contract.

    Raises:
        CouncilError: A file or column is not there, or a style or a meaning is not known.
    """
    if not read and not take and not translate:
        return mapping
    encodings = {item.file: item.value for item in read if not item.column}
    sheets, _ = look_into(paths, encodings)
    changed = mapping or BY_NAME
    for item in take:
        rule = _rule(changed, sheets, item, "--take")
        sheet = _sheet(sheets, item.file)
        changed = with_columns(changed, sheet, rule.rule, {_column(rule, item): _taken(sheet, item)})
    for item in read:
        changed = _read_so(changed, sheets, item)
    for item in translate:
        changed = _translated(changed, sheets, item)
    return changed


def _taken(sheet: Sheet, item: Stated) -> str:
    """The column of the file that is meant; a text for every row where none is called like it."""
    names, value = Names(sheet.header), item.value.strip()
    if value.startswith("=") or names.position(value) is not None:
        return names.spelled(value)
    near = get_close_matches(loose(value), [loose(name) for name in sheet.header], n=1, cutoff=0.75)
    if near:
        raise CouncilError(
            f'--take: {item.file} has no column "{value}"; closest: "{names.spelled(near[0])}". '
            f"If every row is to have that text: --take {_quoted(f'{item.file}:{item.column}=={value}')}"
        )
    return value


def _translated(mapping: Preset, sheets: Sequence[Sheet], item: Stated) -> Preset:
    rule = _rule(mapping, sheets, item, TRANSLATE)
    column = next(each for each in rule.columns if each.column == _column(rule, item))
    word, equals, meaning = (part.strip() for part in item.value.rpartition("="))
    if not equals or not word or (column.choices and meaning not in column.choices):
        expected = f"WORD=MEANING, the meaning one of {', '.join(column.choices) or 'the words of the contract'}"
        raise CouncilError(f'{TRANSLATE}: expected {item.file}:{item.column}={expected}; found "{item.value}"')
    if not column.current:
        raise CouncilError(f"{TRANSLATE}: no column of {item.file} is read as {column.column}")
    return with_recoding(mapping, _sheet(sheets, item.file), rule.rule, column.column, {word: meaning})


def by_column(problems: Sequence[Problem]) -> tuple[tuple[Problem, ...], tuple[str, ...]]:
    """Problems with the unknown words of a column as one, and an option for each word that says what it means."""
    words: dict[tuple[str, str], dict[str, list[str]]] = {}
    for item in problems:
        if item.rule in WORDS and item.column and item.found:
            words.setdefault((item.place, item.column), {}).setdefault(item.found.casefold(), []).append(item.found)
    told: dict[tuple[str, str] | int, Problem] = {}
    for number, item in enumerate(problems):
        key = (item.place, item.column or "")
        if item.rule not in WORDS or key not in words or not item.found:
            told[number] = item
        elif key not in told:
            each = [f'"{own[0]}" ({len(own):,})' for own in words[key].values()]
            more = f" and {len(each) - MOST_WORDS:,} more words" * (len(each) > MOST_WORDS)
            rows = sum(map(len, words[key].values()))
            message = (
                f"{item.message.partition(', found ')[0]}, found in {_rows(rows)} {', '.join(each[:MOST_WORDS])}{more}."
            )
            told[key] = Problem(item.place, message, column=item.column, rule=item.rule)
    options = (
        f"{TRANSLATE} {_quoted(f'{place}:{column}={own[0]}=MEANING')}"
        for (place, column), found in words.items()
        for own in [*found.values()][:MOST_WORDS]
    )
    return tuple(told.values()), tuple(options)


def _rows(count: int) -> str:
    return f"{count:,} {'row' if count == 1 else 'rows'}"


def flags(problem: Problem) -> tuple[str, ...]:
    """What mends a problem on the command line, one option for each way; none when only the file can be mended."""
    if problem.rule == "date_column":
        return (f"--take {_quoted(f'{problem.place}:{problem.column}=COLUMN')}",)
    return tuple(_flag(problem, item) for item in problem.remedies)


def _flag(problem: Problem, item: Remedy) -> str:
    value = f"{item.value}{WITH_TIME * item.times}"
    if item.setting == "encoding":
        return f"--read {_quoted(f'{problem.place}={value or UTF_8}')}"
    if item.setting == "text":
        return f"--take {_quoted(f'{problem.place}:{item.column}=={value}')}"
    return f"--read {_quoted(f'{problem.place}:{problem.column}={value}')}"


def _quoted(text: str) -> str:
    """In double quotes, as a shell takes it: it would put variables in for dollar signs."""
    return '"' + re.sub(r'([\\"$`])', r"\\\1", text) + '"'


def _read_so(mapping: Preset, sheets: Sequence[Sheet], item: Stated) -> Preset:
    if not item.column:
        _sheet(sheets, item.file)
        return mended(mapping, sheets, item.file, Remedy("encoding", "" if item.value == UTF_8 else item.value))
    known = columns_read(mapping, _sheet(sheets, item.file), sheets, item.column)
    if not known:
        _rule(mapping, sheets, item, "--read")
    for column in known:
        if styles_of(column):
            mapping = mended(mapping, sheets, item.file, _way(column, item.value))
    return mapping


def _way(column: Column, value: str) -> Remedy:
    """How the cells of a column are written, as stated."""
    styles, style = styles_of(column), value.removesuffix(WITH_TIME)
    if column.kind in (Kind.DATE, Kind.INSTANT) and style in styles:
        return Remedy("dates", style, column.name, times=style != value)
    if column.kind not in (Kind.DATE, Kind.INSTANT) and _writes_numbers(value):
        return Remedy("number", value, column.name)
    signed = ", with its currency sign where the column has one" if column.kind is Kind.CENTS else ""
    raise CouncilError(f'--read: expected one of {", ".join(styles)}{signed}; found "{value}"')


def _writes_numbers(example: str) -> bool:
    try:
        return bool(number_style(example))
    except ValueError:
        return False


def _sheet(sheets: Sequence[Sheet], file: str) -> Sheet:
    found = next((sheet for sheet in sheets if sheet.name == file), None)
    if found is None:
        known = ", ".join(sheet.name for sheet in sheets) or "none that can be read"
        raise CouncilError(f'there is no file "{file}" among those to import: {known}')
    return found


def _rule(mapping: Preset, sheets: Sequence[Sheet], item: Stated, option: str) -> RuleView:
    """The table of the file that has the column."""
    sheet = _sheet(sheets, item.file)
    rules = [rule for rule in rule_views(mapping, sheets) if rule.file == sheet.name]
    for rule in rules:
        if any(item.column in (column.column, column.current) for column in rule.columns):
            return rule
    names = ", ".join(column.column for rule in rules for column in rule.columns)
    raise CouncilError(f'{option}: {item.file} has no "{item.column}": expected one of {names or "no table at all"}')


def _column(rule: RuleView, item: Stated) -> str:
    return next(each.column for each in rule.columns if item.column in (each.column, each.current))
