"""What the import screen shows: files as they were read, questions, mendings, counts, problems, and the outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from core.errors import Problem
from core.glossary import display_day
from core.ingest.dialect import DELIMITERS
from core.ingest.matching import Sheet
from core.ingest.written import FileRead
from core.model.presets import load_presets
from core.services.import_as_of import AsOf, day_words
from core.services.import_check import Checked
from core.services.import_columns import RuleView
from core.services.import_draft import Draft
from core.services.import_emptied import CLEARED, FROZEN, UNSAID
from core.services.import_frames import (
    FileLine,
    conflicts_frame,
    counts_frame,
    meant_frame,
    problems_frame,
    words,
)
from core.services.import_mapping import WITH_TIME, rule_views
from core.services.import_remedies import Mending, Question, Recoding, mendings, questions, recodings
from core.services.import_report import ImportReport

SHOWN_ELSEWHERE = ("as_of", "note", CLEARED, UNSAID, FROZEN)
"""Warnings that stand beside what they are about, not in the list."""
QUESTION = "Which files come in, and what do they change?"


@dataclass(frozen=True)
class Place:
    """One table of one file to look at, or a file that no table is read from.

    Attributes:
        label: File and table.
        file: File name.
        rule: Its columns; None when no table is read from the file.
    """

    label: str
    file: str
    rule: RuleView | None


@dataclass(frozen=True)
class ImportView:
    """The import screen for one draft.

    Attributes:
        answer: The state of the import in one sentence.
        note: Files, rows and the day they describe.
        files: Each file.
        places: Each table that is read from a file, column by column, and the files none is read from; those that lack
            something first.
        questions: What a person must answer.
        mendings: What one setting mends.
        recodings: Words to translate.
        lacking: Tables with needed columns that nothing fills.
        counts: What the import would do to each table; empty when it would be refused.
        emptied: What empty cells clear, and what stays: no file holds its column, or it is told once.
        problems: Every problem, one a row.
        problem_groups: Problems that are solved together: of one kind in one column of a file.
        rules_broken: Kind of problem -> how many, most first.
        warnings: What should be known.
        conflicts: Rows edited in the product that the files want otherwise.
        day: The day the files describe, an empty one where nobody stated it and no row tells it; None while there are
            other problems, for it is read from the rows.
        day_note: What that day means for the months that can be shown.
        meant: How the columns that decide over every figure are read, one a row, with an example.
        notes: What the system's files cannot say, and how its columns are taken.
        rows: Rows of the files.
        rows_out: Rows that would be left out; 0 when no problem belongs to a row.
        stays: Problems that stay when those rows are left out.
        ready: Whether it can be imported as it stands.
        idle: Whether nothing would change.
    """

    answer: str
    note: str
    files: tuple[FileLine, ...]
    places: tuple[Place, ...]
    questions: tuple[Question, ...]
    mendings: tuple[Mending, ...]
    recodings: tuple[Recoding, ...]
    lacking: tuple[RuleView, ...]
    counts: pd.DataFrame
    emptied: tuple[Problem, ...]
    problems: pd.DataFrame
    problem_groups: int
    rules_broken: dict[str, int]
    warnings: tuple[Problem, ...]
    conflicts: pd.DataFrame
    day: AsOf | None
    day_note: str
    meant: pd.DataFrame
    notes: tuple[str, ...]
    rows: int
    rows_out: int
    stays: int
    ready: bool
    idle: bool


def import_view(draft: Draft, checked: Checked) -> ImportView:
    """Everything the screen shows of a draft and its check."""
    rules = rule_views(draft.mapping, draft.sheets)
    problems = _problems(draft, checked)
    asked = questions(problems, draft.sheets)
    report, rows_out = checked.report, _rows_out(checked)
    return ImportView(
        answer=_answer(checked, problems, asked),
        note=_note(draft, checked),
        files=tuple(_file(sheet, draft, _settled(checked.read, problems), rules) for sheet in draft.sheets),
        places=_places(draft.sheets, rules),
        questions=asked,
        mendings=mendings(problems),
        recodings=recodings(problems, rules),
        lacking=tuple(rule for rule in rules if any(column.lacking for column in rule.columns)),
        counts=counts_frame(report) if report else pd.DataFrame(),
        emptied=tuple(item for item in report.warnings if item.rule in (CLEARED, UNSAID, FROZEN)) if report else (),
        problems=problems_frame(problems),
        problem_groups=_groups(problems),
        rules_broken=_by_rule(problems),
        warnings=tuple(item for item in report.warnings if item.rule not in SHOWN_ELSEWHERE) if report else (),
        conflicts=conflicts_frame(report) if report else pd.DataFrame(),
        day=_day(report, problems),
        day_note=day_words(report.day, dry_run=True) if report else "",
        meant=meant_frame(rules, report.examples if report else ()),
        notes=draft.mapping.notes,
        rows=sum({item.name: item.rows for item in checked.read}.values()),
        rows_out=rows_out,
        stays=sum(item.line is None or item.line <= 1 for item in problems),
        ready=report is not None and not problems,
        idle=report is not None and not report.changed and not report.conflicts,
    )


def _day(report: ImportReport | None, problems: Sequence[Problem]) -> AsOf | None:
    if report is not None:
        return report.day
    return AsOf() if any(item.rule == "as_of" for item in problems) else None


def _problems(draft: Draft, checked: Checked) -> tuple[Problem, ...]:
    """Every problem once, those of a whole column first, and of these the ones that can be mended here."""
    known = {problem.place for problem in draft.faults}
    rest = (item for item in checked.problems if item.rule != "encoding" or item.place not in known)
    return tuple(sorted((*draft.faults, *rest), key=lambda item: (item.line is not None, not item.remedies)))


def done_words(report: ImportReport) -> str:
    """What an import did, in one sentence."""
    new, changed, gone = (
        sum(getattr(item, name) for item in report.tables) for name in ("new", "changed", "disappeared")
    )
    if not report.changed:
        return "Imported: nothing was new"
    parts = [f"{new:,} new", f"{changed:,} changed"] + ([f"{gone:,} gone"] if gone else [])
    return f"Imported: {', '.join(parts)} rows"


def done_note(report: ImportReport) -> str:
    """Where the rows of an import are kept, and the day they describe."""
    day = f" · as of {display_day(report.as_of)}" if report.as_of else ""
    run = f" · import {report.run_id}" if report.run_id else ""
    return f"Source {report.source}{day}{run}"


def _answer(checked: Checked, problems: Sequence[Problem], asked: Sequence[Question]) -> str:
    if checked.error and not problems:
        return "These files cannot be imported yet"
    if asked and len(asked) == len(problems):
        return f"{_count(len(asked), 'question')} to answer before these files can be imported"
    if problems:
        answered = f", {len(asked)} of them by answering a question" if asked else ""
        return f"{_count(_groups(problems), 'problem')} to solve before these files can be imported{answered}"
    report = checked.report
    if report is None or not report.tables:
        return "No table was recognised in these files"
    new, changed = sum(item.new for item in report.tables), sum(item.changed for item in report.tables)
    gone = sum(item.disappeared for item in report.tables)
    if not report.changed:
        return "Everything in these files is loaded already"
    return f"Ready to import: {new:,} new rows, {changed:,} changed" + (f", {gone:,} would disappear" if gone else "")


def _note(draft: Draft, checked: Checked) -> str:
    rows = sum({item.name: item.rows for item in checked.read}.values())
    parts = [_count(len(draft.sheets) + len({item.place for item in draft.faults}), "file"), f"{rows:,} rows read"]
    presets = load_presets()
    known = [presets[name].label for name in draft.recognised.split("+") if name in presets]
    if known:
        parts.append(f"recognised: {' and '.join(known)}")
    if checked.report and checked.report.as_of:
        parts.append(f"as of {display_day(checked.report.as_of)}")
    return " · ".join([*parts, "nothing is written until you import"])


def _places(sheets: Sequence[Sheet], rules: Sequence[RuleView]) -> tuple[Place, ...]:
    read = {rule.file for rule in rules}
    places = [Place(rule.label, rule.file, rule) for rule in rules]
    places += [Place(f"{sheet.name} → not read", sheet.name, None) for sheet in sheets if sheet.name not in read]
    lacking = {place.label: place.rule and any(column.lacking for column in place.rule.columns) for place in places}
    return tuple(sorted(places, key=lambda place: not lacking[place.label]))


def _file(sheet: Sheet, draft: Draft, read: Sequence[FileRead], rules: Sequence[RuleView]) -> FileLine:
    own = [rule for rule in rules if rule.file == sheet.name]
    matches = [match for match in draft.matches if match.file == sheet.name]
    readings = [item for item in read if item.name == sheet.name]
    kept = [match for match in matches if match.table in {rule.table for rule in own}]
    looked = [match for match in matches if match.table is None]
    fit = f"{min(match.confidence for match in kept):.0%} sure" if kept else "chosen by you" if own else ""
    why = looked[0].reason if looked else "no table is read from it"
    separator = DELIMITERS.get(sheet.delimiter, "")
    return FileLine(
        file=sheet.name,
        held=", ".join(dict.fromkeys(words(rule.table) for rule in own)) or why[:1].upper() + why[1:],
        fit=fit,
        rows=max((item.rows for item in readings), default=None),
        written=", ".join(part for part in (sheet.encoding, separator) if part),
        dates=_styles(readings, "date"),
        numbers=_styles(readings, "number"),
        lacking=tuple(f"{rule.table}.{column.column}" for rule in own for column in rule.columns if column.lacking),
        unread=own[0].unread if len(own) == 1 else _unread(own),
        is_read=bool(own) or any(match.confidence == 1.0 for match in looked),
    )


def _settled(read: Sequence[FileRead], problems: Sequence[Problem]) -> tuple[FileRead, ...]:
    """The files without the styles of columns about which something is asked: they are not written like that."""
    asked = {(item.place, item.column) for item in problems if item.remedies}
    return tuple(
        replace(file, readings=tuple(each for each in file.readings if (file.name, each.column) not in asked))
        for file in read
    )


def _unread(rules: Sequence[RuleView]) -> tuple[str, ...]:
    """Columns of a file that none of its tables reads."""
    if not rules:
        return ()
    return tuple(name for name in rules[0].unread if all(name in rule.unread for rule in rules))


def _styles(read: Sequence[FileRead], kind: str) -> str:
    """The styles of a file; the columns are named where they differ."""
    by_style: dict[str, list[str]] = {}
    for item in read:
        for reading in item.readings:
            columns = by_style.setdefault(reading.style.removesuffix(WITH_TIME), []) if reading.kind == kind else None
            if columns is not None and reading.column not in columns:
                columns.append(reading.column)
    if len(by_style) <= 1:
        return next(iter(by_style), "")
    return "; ".join(f"{style}: {', '.join(columns)}" for style, columns in by_style.items())


def _by_rule(problems: Sequence[Problem]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for item in problems:
        counts[words(item.rule)] = counts.get(words(item.rule), 0) + 1
    return dict(sorted(counts.items(), key=lambda item: -item[1]))


def _groups(problems: Sequence[Problem]) -> int:
    return len({(item.place, item.column, item.rule) for item in problems if item.rule != "more"})


def _rows_out(checked: Checked) -> int:
    return len({(row.file, row.line) for row in checked.skip.rows}) if checked.skip else 0


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
