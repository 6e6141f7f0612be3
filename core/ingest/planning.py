"""Where each column of the contract comes from in one file, and what the file lacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches

from core.errors import Problem, Remedy
from core.ingest.mapping import Plan, Source
from core.ingest.read import Scan
from core.ingest.shape import Names, Other, Shape, left_out, lookup_joins, loose, value_sql
from core.model.numbers import number_style
from core.model.presets import Choice, ColumnRule, TableRule
from core.schema import Column, Kind, Table

SIGNS = {"€": "EUR", "£": "GBP", "zł": "PLN", "Kč": "CZK", "Ft": "HUF", "R$": "BRL"}
"""Currency signs that stand for one currency; those of several, such as $ and kr, say nothing."""


def plan(scan: Scan, table: Table, rule: TableRule, others: Mapping[str, Other] | None = None) -> Plan:
    """Find each column of the contract in the file's header and in its look-ups."""
    return _Planning(scan, table, rule, others or {}).plan()


class _Planning:
    """The steps of `plan`, sharing what they found so far."""

    def __init__(self, scan: Scan, table: Table, rule: TableRule, others: Mapping[str, Other]) -> None:
        self.scan, self.table, self.rule = scan, table, rule
        self.by_contract = not rule.columns
        self.rules = rule.columns or {c.name: ColumnRule(column=c.name) for c in table.columns}
        self.names = Names(scan.header, others)
        self.added: list[tuple[str, str]] = []
        self.defaults: dict[int, str] = {}
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []

    def plan(self) -> Plan:
        sources = tuple(self._source(column) for column in self.table.columns)
        self.problems += self._signs(sources)
        used = {self.names.position(name) for name in mentioned(self.rule, self.rules)}
        ignored = tuple(name for index, name in enumerate(self.scan.header) if index not in used)
        if ignored and self.by_contract:
            self.warnings.append(_ignored(self.scan, self.table, ignored))
        return Plan(
            self.table,
            sources,
            self.rule.dates,
            ignored,
            tuple(self.problems),
            tuple(self.warnings),
            self._shape() if self.rule.computed else None,
        )

    def _signs(self, sources: Sequence[Source | None]) -> Iterator[Problem]:
        """Amounts whose sign names another currency than the one assumed where the file holds none."""
        held = [source for source in sources if source is not None]
        assumed = [source for source in held if source.assumed and source.column.kind is Kind.CURRENCY]
        for source in held if assumed else ():
            sign = number_style(source.rule.number).sign if source.rule.number else ""
            code = SIGNS.get(sign, sign if sign.isalpha() and sign.isupper() and len(sign) == 3 else "")
            other = assumed[0].rule.constant
            if source.column.kind is Kind.CENTS and source.index is not None and code not in ("", other):
                message = (
                    f'its amounts are written with "{sign}", but the file has no column of the currency, and "{other}" '
                    f"would be assumed. Read them as {code}, or say from which column the currency comes."
                )
                remedies = (Remedy("text", code, assumed[0].column.name),)
                named = self.names.spelled(source.rule.column)
                yield Problem(self.scan.name, message, None, named, sign, "currency_sign", remedies)

    def _shape(self) -> Shape:
        return Shape(
            names=tuple(name for name, _ in self.added),
            cells=tuple(cell for _, cell in self.added),
            joins=lookup_joins(self.rule, self.names),
            out=left_out(self.rule, self.names),
            empty=self.rule.empty,
            defaults=self.defaults,
        )

    def _source(self, column: Column) -> Source | None:
        own = self.rules.get(column.name)
        if own is not None and own.constant:
            return Source(column, own, None)
        present = [name for name in self._places(own) if self.names.cell(name)] if own else []
        minutes = self.names.position(own.plus_minutes) if own and own.plus_minutes else None
        if own is None or not present or (own.plus_minutes and minutes is None):
            return self._absent(column, own)
        index = self.names.position(own.column)
        if own.computed or (self.rule.computed and own.recode):
            index = len(self.scan.header) + len(self.added)
            shown = [self.names.spelled(name) for name in present]
            styled = own if own.number else replace(own, number=self.rule.number)
            self.added.append((" + ".join(shown) if own.join else shown[0], value_sql(styled, self.names) or "NULL"))
            own = _staged(own, shown[0])
        elif index is not None and self.by_contract and self.scan.header[index] != own.column:
            spelled = self.scan.header[index]
            self.warnings.append(
                Problem(self.scan.name, f'read as "{own.column}".', column=spelled, rule="renamed_column")
            )
        if index is not None and own.default and self.rule.computed:
            self.defaults[index] = own.default
        return Source(column, own, index, minutes)

    def _places(self, own: ColumnRule) -> Iterator[str]:
        """The columns a text may come from; a place that asks for what no column of the file can hold is none."""
        first = Choice(column=own.column, join=own.join, when=own.when)
        for choice in (first, *own.otherwise):
            if all(self.names.cell(name) or "" in texts for name, texts in choice.when.items()):
                yield from choice.places

    def _absent(self, column: Column, own: ColumnRule | None) -> Source | None:
        """What becomes of a column of the contract that the file does not hold."""
        places = [*own.places, own.plus_minutes, *_asked(own)] if own else []
        missing = [name for name in places if name and not self.names.cell(name)]
        if own is not None and own.default:
            rows = "every row" if column.name in self.table.key else "new rows; rows loaded before keep what they have"
            message = (
                f'the file has no such column; {self.table.name}.{column.name} reads "{own.default}" in {rows}. '
                "Choose a column or another text if that is wrong."
            )
            self.warnings.append(Problem(self.scan.name, message, column=missing[0], rule="default"))
            return Source(column, ColumnRule(constant=own.default), None, assumed=True)
        if column.required:
            self.problems.append(_missing(self.scan, self.table, column, missing, self.rule))
        elif missing and not self.by_contract:
            named = f"{self.table.name}.{column.name}"
            stays = "stays empty in new rows"
            if column.name in self.table.key:
                stays = "is empty in all its rows, which are kept apart from rows loaded with one"
            if column.name == "valid_from":
                stays = "is the day the files describe, where something changed"
            message = f"the column is not in the file; {named} {stays}."
            self.warnings.append(Problem(self.scan.name, message, column=missing[0], rule="missing_column"))
        return None


def _staged(own: ColumnRule, column: str) -> ColumnRule:
    """What is left to do once the text was put together."""
    amount = bool(own.multiply or own.interval)
    return replace(
        own,
        column=column,
        join=(),
        otherwise=(),
        json="",
        when={},
        split="",
        prefix="",
        utc=False,
        multiply=(),
        interval=(),
        interval_count=(),
        recode={} if own.recode_other else own.recode,
        recode_other="",
        scale=1 if amount else own.scale,
    )


def mentioned(rule: TableRule, columns: Mapping[str, ColumnRule]) -> Iterator[str]:
    """Every column a rule names, whatever for."""
    for own in columns.values():
        yield from (*own.places, own.plus_minutes, *own.multiply, *own.interval, *own.interval_count, *_asked(own))
    yield from (*rule.if_has, *rule.leave_out, *rule.only, *(look.by for look in rule.lookups.values()))


def _asked(own: ColumnRule) -> Iterator[str]:
    """The columns that decide whether a place counts."""
    yield from own.when
    yield from (name for choice in own.otherwise for name in choice.when)


def _ignored(scan: Scan, table: Table, names: Sequence[str]) -> Problem:
    listed = ", ".join(names[:20]) + (" …" if len(names) > 20 else "")
    return Problem(scan.name, f"no column of {table.name}, ignored: {listed}.", rule="ignored_columns")


def _missing(scan: Scan, table: Table, column: Column, names: Sequence[str], rule: TableRule) -> Problem:
    wanted = names[0] if names else column.name
    near = get_close_matches(loose(wanted), [loose(name) for name in scan.header], n=1, cutoff=0.6)
    spelled = next((name for name in scan.header if near and loose(name) == near[0]), None)
    hint = " Add it, or map another column to it."
    if spelled:
        hint = f' The file has "{spelled}": map it if it means the same.'
    others = f" It may also be {', '.join(map(_quoted, names[1:]))}." if names[1:] else ""
    look = rule.lookups.get(wanted.partition(".")[0])
    if look is not None:
        others += f" It is looked up in {look.files[0]}, which is not among the files or lacks the column."
    meaning = column.meaning.rstrip(".")
    message = f"the file lacks this column, which {table.name}.{column.name} needs ({meaning}).{hint}{others}"
    return Problem(scan.name, message, column=wanted, rule="missing_column")


def _quoted(name: str) -> str:
    return f'"{name}"'
