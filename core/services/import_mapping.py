"""A mapping looked at and changed column by column: what a file's table takes from where, and one change at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.errors import Remedy
from core.ingest.mapping import IMPORTABLE, assign
from core.ingest.matching import Sheet, match_columns
from core.ingest.planning import mentioned
from core.ingest.read import file_fits
from core.ingest.shape import Names
from core.model.numbers import BODIES
from core.model.presets import ColumnRule, Preset, TableRule
from core.model.synonyms import load_synonyms
from core.schema import Column, Kind
from core.services.import_columns import ColumnView, RuleView
from core.services.templates import ColumnNote, template_notes

WITH_TIME = " with a time"
DATE_STYLES = (
    "YYYY-MM-DD", "YYYY/MM/DD", "DD-MM-YYYY", "DD/MM/YYYY", "DD.MM.YYYY", "MM/DD/YYYY", "MM-DD-YYYY",
)  # fmt: skip
_DATES, _NUMBERS = (Kind.DATE, Kind.INSTANT), (Kind.INTEGER, Kind.CENTS, Kind.FRACTION)
_TEXT_SHOWN = 40
LONGEST_SCALE = 5
"""Steps of a scale whose words, such as low and high, are offered for translation."""


def readers(mapping: Preset, sheets: Sequence[Sheet]) -> dict[str, tuple[str, ...]]:
    """File -> names of the rules that read rows from it; a file that is only looked up has none."""
    paths = [Path(sheet.name) for sheet in sheets]
    assigned = assign(mapping, paths, [])
    found: dict[str, list[str]] = {}
    for name, own in assigned.tables.items():
        for path in own:
            found.setdefault(path.name, []).append(name)
    return {name: tuple(rules) for name, rules in found.items()}


def rule_views(mapping: Preset, sheets: Sequence[Sheet]) -> tuple[RuleView, ...]:
    """Every table that is read, file by file."""
    rules = readers(mapping, sheets)
    return tuple(rule_view(mapping, sheet, name) for sheet in sheets for name in rules.get(sheet.name, ()))


def rule_view(mapping: Preset, sheet: Sheet, name: str) -> RuleView:
    """One table read from one file, column by column."""
    rule = mapping.tables[name]
    table = IMPORTABLE[rule.table or name]
    notes = {note.column: note for note in template_notes(table.name)}
    names, rules = Names(sheet.header), _rules(mapping, name, sheet)
    known = load_synonyms().tables
    usual = known[table.name].usual if table.name in known else {}
    columns = [
        _column_view(each, rules.get(each.name), notes[each.name], sheet, usual.get(each.name, ""))
        for each in table.columns
    ]
    used = {column.current for column in columns}
    used |= {names.spelled(each) for each in mentioned(mapping.tables[name], rules)}
    ordered = tuple(sorted(columns, key=lambda each: not each.required))
    return RuleView(sheet.name, name, table.name, ordered, tuple(each for each in sheet.header if each not in used))


def _column_view(column: Column, own: ColumnRule | None, note: ColumnNote, sheet: Sheet, usual: str) -> ColumnView:
    current = _current(own, Names(sheet.header))
    cells = sheet.cells.get(current, ())
    stated = current == f"= {own.constant if own else ''}"
    return ColumnView(
        column=column.name,
        required=column.required and not (own is not None and own.default),
        meaning=f"{note.meaning} Expected: {note.kind}{f' ({note.allowed})' if note.allowed else ''}.",
        current=current,
        options=(*(() if current in ("", *sheet.header) else (current,)), *sheet.header),
        sample=cells[0][:_TEXT_SHOWN] if cells else "",
        styles=styles_of(column) if current and not stated else (),
        style=_style(own, column),
        choices=_words_of(column),
        usual=f"= {usual}" if usual else "",
    )


def with_columns(mapping: Preset, sheet: Sheet, name: str, choices: Mapping[str, str]) -> Preset:
    """The mapping with other columns.

    Args:
        mapping: The mapping.
        sheet: The file.
        name: Name of the rule.
        choices: Column of the contract -> column of the file, any other text for the same text in every row, empty
            for nothing. What a `ColumnView` already says changes nothing.
    """
    rule, now = mapping.tables[name], {each.column: each.current for each in rule_view(mapping, sheet, name).columns}
    table, rules = IMPORTABLE[rule.table or name], _rules(mapping, name, sheet)
    for column, chosen in choices.items():
        wanted = (chosen or "").strip()
        if wanted == now[column]:
            continue
        if not wanted:
            rules.pop(column, None)
        elif wanted in sheet.header:
            rules[column] = _taken(rules.get(column), table.by_name[column], wanted)
        else:
            rules[column] = ColumnRule(constant=wanted.removeprefix("=").strip())
    return _with_rule(mapping, name, replace(rule, columns=rules))


def with_styles(mapping: Preset, sheet: Sheet, name: str, styles: Mapping[str, str]) -> Preset:
    """The mapping with a stated style of some columns of dates or numbers; empty states none."""
    rule = mapping.tables[name]
    table, rules = IMPORTABLE[rule.table or name], _rules(mapping, name, sheet)
    for column, style in styles.items():
        own = rules.get(column)
        known = ("", *styles_of(table.by_name[column]))
        if own is None or style == _style(own, table.by_name[column]) or style not in known:
            continue
        if table.by_name[column].kind in _DATES:
            dates = (style.removesuffix(WITH_TIME),) if style else ()
            rules[column] = _changed(own, dates=dates, times=style.endswith(WITH_TIME) or None)
        else:
            rules[column] = _changed(own, number=style)
    return _with_rule(mapping, name, replace(rule, columns=rules))


def mended(mapping: Preset, sheets: Sequence[Sheet], file: str, remedy: Remedy) -> Preset:
    """The mapping with a remedy of a problem, in every rule that reads the same column of the file."""
    sheet = next((each for each in sheets if each.name == file), None)
    if sheet is None:
        return mapping
    names = Names(sheet.header)
    if remedy.setting == "encoding":
        return _encoded(mapping, sheets, file, remedy.value or None)
    if remedy.setting == "text":
        for name in readers(mapping, sheets).get(file, ()):
            if remedy.column in IMPORTABLE[mapping.tables[name].table or name].by_name:
                mapping = with_columns(mapping, sheet, name, {remedy.column: f"= {remedy.value}"})
        return mapping
    columns = {name: _rules(mapping, name, sheet) for name in readers(mapping, sheets).get(file, ())}
    meant = {_read_from(rules[remedy.column], names) for rules in columns.values() if remedy.column in rules}
    for name, rules in columns.items():
        rule = mapping.tables[name]
        kinds = _DATES if remedy.setting == "dates" else _NUMBERS
        table = IMPORTABLE[rule.table or name]
        for column, own in rules.items():
            if table.by_name[column].kind in kinds and _read_from(own, names) in meant - {""}:
                rules[column] = _restyled(own, remedy)
        mapping = _with_rule(mapping, name, replace(rule, columns=rules))
    return mapping


def _encoded(mapping: Preset, sheets: Sequence[Sheet], file: str, encoding: Any) -> Preset:
    """The mapping with the encoding of a file, wherever its rows are read or looked up."""
    readers_of = readers(mapping, sheets).get(file, ())
    for name, rule in mapping.tables.items():
        looks = {
            look: replace(own, encoding=encoding) if any(file_fits(Path(file), each) for each in own.files) else own
            for look, own in rule.lookups.items()
        }
        own = encoding if name in readers_of else rule.encoding
        mapping = _with_rule(mapping, name, replace(rule, encoding=own, lookups=looks))
    return mapping


def columns_read(mapping: Preset, sheet: Sheet, sheets: Sequence[Sheet], found: str) -> tuple[Column, ...]:
    """Columns of the contract that are read from a column of the file, or are called as it is."""
    names = Names(sheet.header)
    spelled = names.spelled(found) if names.position(found) is not None else ""
    return tuple(
        IMPORTABLE[mapping.tables[name].table or name].by_name[column]
        for name in readers(mapping, sheets).get(sheet.name, ())
        for column, own in _rules(mapping, name, sheet).items()
        if found == column or (spelled and _read_from(own, names) == spelled)
    )


def _read_from(own: ColumnRule, names: Names) -> str:
    """The column of the file that is read first; empty for one of a look-up or for a text in every row."""
    return next((names.spelled(place) for place in own.places if names.position(place) is not None), "")


def _restyled(own: ColumnRule, remedy: Remedy) -> ColumnRule:
    if remedy.setting == "number":
        return _changed(own, number=remedy.value)
    return _changed(own, dates=(remedy.value,), times=remedy.times or own.times)


def with_recoding(mapping: Preset, sheet: Sheet, name: str, column: str, words: Mapping[str, str]) -> Preset:
    """The mapping with words of the file recoded to those of the contract; words already recoded stay so.

    Args:
        mapping: The mapping.
        sheet: The file.
        name: Name of the rule.
        column: Column of the contract.
        words: Text of the file -> text of the contract.
    """
    rule = mapping.tables[name]
    rules = _rules(mapping, name, sheet)
    own, known = rules[column], _words_of(IMPORTABLE[rule.table or name].by_name[column])
    rules[column] = _changed(own, recode={**{word: word for word in known}, **own.recode, **words})
    return _with_rule(mapping, name, replace(rule, columns=rules))


def with_table(mapping: Preset, sheets: Sequence[Sheet], file: str, table: str | None) -> Preset:
    """The mapping with a file read as another table, its columns matched by name and values; None does not read it."""
    sheet = next(each for each in sheets if each.name == file)
    gone = readers(mapping, sheets).get(file, ())
    tables = {name: rule for name, rule in mapping.tables.items() if name not in gone}
    if table is not None:
        name, number = table, 2
        while name in tables:
            name, number = f"{table}_{number}", number + 1
        target = IMPORTABLE[table]
        columns = {
            match.column: _taken(None, target.by_name[match.column], match.found)
            for match in match_columns(sheet, target, load_synonyms())
        }
        own = "" if name == table else table
        tables[name] = TableRule(files=(file,), columns=columns, table=own, times=True)
    return replace(mapping, tables=tables)


def _with_rule(mapping: Preset, name: str, rule: TableRule) -> Preset:
    return replace(mapping, tables={**mapping.tables, name: rule})


def _rules(mapping: Preset, name: str, sheet: Sheet) -> dict[str, ColumnRule]:
    """The columns of a rule; those the file holds under the contract's own names where it lists none."""
    rule, names = mapping.tables[name], Names(sheet.header)
    if rule.columns:
        return dict(rule.columns)
    table = IMPORTABLE[rule.table or name]
    return {
        column.name: ColumnRule(column=names.spelled(column.name))
        for column in table.columns
        if names.position(column.name) is not None
    }


def _current(own: ColumnRule | None, names: Names) -> str:
    if own is None:
        return ""
    if own.constant:
        return f"= {own.constant}"
    present = [place for place in own.places if "." in place or names.position(place) is not None]
    if not own.computed:
        return names.spelled(own.column) if present else ""
    joined = [" + ".join(own.join)] if own.join else [own.column]
    parts = [*joined, *(" + ".join(choice.places) for choice in own.otherwise)]
    kept = [part for part in dict.fromkeys(parts) if any(place in present for place in part.split(" + "))]
    if not kept:
        return ""
    only = len(kept) == 1 and not (own.json or own.when or own.split or own.prefix or own.recode_other or own.interval)
    if only and names.position(kept[0]) is not None and not own.multiply:
        return names.spelled(kept[0])
    spelled = " or else ".join(" + ".join(map(names.spelled, part.split(" + "))) for part in kept)
    return f"{spelled}, of some rows" if own.when or any(choice.when for choice in own.otherwise) else spelled


def _taken(own: ColumnRule | None, column: Column, found: str) -> ColumnRule:
    """A column of the file, with what was stated about its cells; an amount without the word cent is in whole units."""
    scale = 100 if column.kind is Kind.CENTS and "cent" not in found.lower() else 1
    if own is None or own.constant or own.computed:
        return ColumnRule(column=found, scale=scale)
    return replace(own, column=found, scale=scale)


def _changed(own: ColumnRule, **settings: Any) -> ColumnRule:
    """The rule with settings a person chose; the rule itself refuses a style there is not."""
    return replace(own, **settings)


def _words_of(column: Column) -> tuple[str, ...]:
    """The closed list of what a column may hold; numbers of a scale count as one."""
    if column.kind is Kind.INTEGER and column.low is not None and column.high is not None:
        scale = range(int(column.low), int(column.high) + 1)
        return tuple(map(str, scale)) if len(scale) <= LONGEST_SCALE else ()
    return column.choices


def styles_of(column: Column) -> tuple[str, ...]:
    """Ways of writing its cells that may be stated, numbers without a sign; empty where it has none."""
    if column.kind is Kind.DATE:
        return (*DATE_STYLES, *(style + WITH_TIME for style in DATE_STYLES))
    if column.kind is Kind.INSTANT:
        return DATE_STYLES
    return tuple(BODIES) if column.kind in _NUMBERS else ()


def _style(own: ColumnRule | None, column: Column) -> str:
    if own is None:
        return ""
    if column.kind in _DATES:
        return own.dates[0] + WITH_TIME * bool(own.times) if own.dates else ""
    return own.number
