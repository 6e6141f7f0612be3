"""A file to start from for every table: header, two rows that import as they are, and what each column means."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from core.errors import CouncilError
from core.ingest.mapping import IMPORTABLE
from core.model.templates import load_examples
from core.schema import Column, Kind, Table
from core.settings import settings

_BY_KIND: dict[Kind, tuple[str, str]] = {
    Kind.TEXT: ("", ""),
    Kind.INTEGER: ("1", "2"),
    Kind.CENTS: ("100000", "250000"),
    Kind.CURRENCY: ("EUR", "EUR"),
    Kind.FRACTION: ("0.5", "0.75"),
    Kind.FLAG: ("true", "false"),
    Kind.DATE: ("2026-01-05", "2026-02-02"),
    Kind.INSTANT: ("2026-01-05 09:30:00", "2026-02-02 10:00:00"),
    Kind.MONTH: ("2026-01", "2026-02"),
}
_KINDS = {
    Kind.ID: "any text of up to 255 characters",
    Kind.TEXT: "text",
    Kind.CHOICE: "one of the allowed values",
    Kind.INTEGER: "whole number",
    Kind.CENTS: "whole number of cents",
    Kind.CURRENCY: "three letters, ISO 4217",
    Kind.FRACTION: "number with a decimal point; 45 % is 0.45",
    Kind.FLAG: "true or false",
    Kind.DATE: "day as YYYY-MM-DD",
    Kind.INSTANT: "time as YYYY-MM-DD HH:MM:SS, {zone} where it has no offset",
    Kind.MONTH: "month as YYYY-MM",
}


@dataclass(frozen=True, slots=True)
class ColumnNote:
    """What one column of a template is for.

    Attributes:
        column: Its name.
        required: Whether an empty cell is refused.
        kind: What it holds, in words.
        allowed: Allowed values, or the range of a number; empty when anything of its kind goes.
        meaning: One sentence.
    """

    column: str
    required: bool
    kind: str
    allowed: str
    meaning: str


def template_tables() -> dict[str, str]:
    """Every table there is a template for, with what it unlocks."""
    return {name: table.unlocks for name, table in IMPORTABLE.items()}


def template_csv(table: str) -> str:
    """The template of a table: its header and two example rows.

    Raises:
        CouncilError: There is no such table; the message names those there are.
    """
    chosen = _table(table)
    columns = [_example(chosen, column) for column in chosen.columns]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.name for column in chosen.columns])
    writer.writerows(zip(*columns, strict=True))
    return text.getvalue()


def template_notes(table: str) -> tuple[ColumnNote, ...]:
    """What each column of a table means, in the order of the template. Raises CouncilError as `template_csv` does."""
    return tuple(
        ColumnNote(
            column.name,
            column.required,
            _KINDS[column.kind].format(zone=settings().council_zone),
            _allowed(column),
            column.meaning,
        )
        for column in _table(table).columns
    )


def _table(name: str) -> Table:
    if name not in IMPORTABLE:
        raise CouncilError(f'template: there is no table "{name}"; there are: {", ".join(IMPORTABLE)}')
    return IMPORTABLE[name]


def _example(table: Table, column: Column) -> tuple[str, str]:
    given = load_examples().of(table.name, column.name)
    if given is not None:
        return given
    if column.kind is Kind.CHOICE:
        return column.choices[0], column.choices[min(1, len(column.choices) - 1)]
    if column.kind is Kind.ID:
        return f"{table.name}-1", f"{table.name}-2"
    return _BY_KIND[column.kind]


def _allowed(column: Column) -> str:
    if column.choices:
        return ", ".join(column.choices)
    sides = [f"at least {column.low:g}"] if column.low is not None else []
    return " and ".join([*sides, *([f"at most {column.high:g}"] if column.high is not None else [])])
