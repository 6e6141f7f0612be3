"""What a person can do about an import that would be refused: answer a question, take a setting, translate words."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import Problem, Remedy
from core.glossary import display_day
from core.ingest.dates import STYLES
from core.ingest.matching import Sheet
from core.services.clock import local_day
from core.services.import_columns import RuleView


@dataclass(frozen=True)
class Question:
    """Something that can be read in two ways, to be answered by a person.

    Attributes:
        file: File it is about.
        column: Column it is about; empty for the whole file.
        text: The question.
        options: Each reading in words, with the setting that states it.
    """

    file: str
    column: str
    text: str
    options: tuple[tuple[str, Remedy], ...]


@dataclass(frozen=True)
class Mending:
    """A problem of a whole column or file that one setting mends.

    Attributes:
        problem: The problem.
        label: What to do about it, for a button.
        remedy: The setting.
    """

    problem: Problem
    label: str
    remedy: Remedy


def all_label(mendings: Sequence[Mending]) -> str:
    """What one button for all of them does."""
    settings = {(item.remedy.setting, item.remedy.value) for item in mendings}
    if len(settings) == 1 and mendings[0].remedy.setting in ("dates", "number"):
        return f"Read all {len(mendings)} columns as {mendings[0].remedy.value}"
    return f"Do all {len(mendings)}"


@dataclass(frozen=True)
class Recoding:
    """Words of a column that the contract does not know.

    Attributes:
        rule: The table and file.
        column: Column of the contract.
        found: Column of the file.
        words: Words found.
        choices: Words of the contract.
    """

    rule: RuleView
    column: str
    found: str
    words: tuple[str, ...]
    choices: tuple[str, ...]


def questions(problems: Sequence[Problem], sheets: Sequence[Sheet]) -> tuple[Question, ...]:
    """What can be read in several ways, each reading shown on a cell of the file."""
    return tuple(_question(item, sheets) for item in problems if len(item.remedies) > 1)


def mendings(problems: Sequence[Problem]) -> tuple[Mending, ...]:
    """What one setting mends; a column that two tables read is named once."""
    single = [item for item in problems if len(item.remedies) == 1]
    once = {(item.place, item.column, item.remedies[0].setting, item.remedies[0].value): item for item in single[::-1]}
    return tuple(Mending(item, _label(item), item.remedies[0]) for item in reversed(once.values()))


def recodings(problems: Sequence[Problem], rules: Sequence[RuleView]) -> tuple[Recoding, ...]:
    """Words of columns with a closed list that are not on it, by column; spellings that differ in case are one."""
    words: dict[tuple[str, str], dict[str, str]] = {}
    for item in problems:
        if item.rule in ("choice", "recode", "number") and item.column and item.found:
            words.setdefault((item.place, item.column), {}).setdefault(item.found.casefold(), item.found)
    return tuple(
        Recoding(rule, column.column, found, tuple(own.values()), column.choices)
        for (file, found), own in words.items()
        for rule in rules
        for column in rule.columns
        if rule.file == file and column.current == found and column.choices
    )


def _question(problem: Problem, sheets: Sequence[Sheet]) -> Question:
    kind = problem.remedies[0].setting
    cells = next((sheet.cells.get(problem.column or "", ()) for sheet in sheets if sheet.name == problem.place), ())
    where = f"{problem.place}, {problem.column}" if problem.column else problem.place
    if kind == "dates":
        cell = next((each for each in cells if len({_day(each, item.value) for item in problem.remedies}) > 1), "")
        text = f"{where}: which day is {cell or problem.found}?"
        options = [(_dated(cell or problem.found or "", item), item) for item in problem.remedies]
    elif kind == "number":
        text = f"{where}: how much is {problem.found}?"
        options = [(f"{item.shows} (numbers are written as {item.value})", item) for item in problem.remedies]
    else:
        text = f"{where}: which of these words read right?"
        options = [(f"{item.shows} ({item.value})", item) for item in problem.remedies]
    return Question(problem.place, problem.column or "", text, tuple(options))


def _dated(cell: str, remedy: Remedy) -> str:
    day = _day(cell, remedy.value)
    style = remedy.value + ", of a time the company's own day" * remedy.times
    return f"{display_day(day)} ({style})" if day else style


def _day(cell: str, style: str) -> dt.date | None:
    """The day a cell starts with, in a style, the company's own where a time has an offset; None when there is none."""
    own = STYLES.get(style)
    found = re.match(own.pattern, cell.strip()) if own else None
    if own is None or found is None:
        return None
    try:
        year, month, day = (int(part) for part in found.expand(own.iso).split("-"))
        written = dt.date(year, month, day)
    except ValueError:
        return None
    return _own_day(written, cell.strip()[found.end() :])


def _own_day(written: dt.date, time: str) -> dt.date:
    """The day of a written one and what follows it in the cell; midnight in UTC is a day without an hour."""
    clock = re.fullmatch(r",?[ T](\d{1,2})(:.*?) ?(Z|UTC|[+-]\d\d(:?\d\d)?)", time)
    if clock is None:
        return written
    try:
        offset = clock[3].replace("UTC", "Z")
        at = dt.datetime.fromisoformat(f"{written}T{clock[1]:0>2}{clock[2]}{offset}")
    except ValueError:
        return written
    return written if at.time() == dt.time() and not at.utcoffset() else local_day(at)


def _label(problem: Problem) -> str:
    remedy = problem.remedies[0]
    if remedy.setting == "dates":
        return f"Read {problem.column} as {remedy.value}" + (", taking the day of a time" if remedy.times else "")
    if remedy.setting == "number":
        return f"Read {problem.column} as {remedy.value}"
    if remedy.setting == "text":
        return f"Read {problem.column} in {remedy.value}"
    return f"Read {problem.place} as {remedy.value or 'utf-8'}"
