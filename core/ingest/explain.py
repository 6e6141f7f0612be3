"""Words for a cell that is not what its column needs: expected, found, remedy."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from difflib import get_close_matches

from core.ingest.explain_dates import date_words
from core.ingest.mapping import Source
from core.ingest.numbers import GROUPED, plain_number
from core.ingest.values import LONGEST_ID, LONGEST_TEXT, NUMBER
from core.ingest.written import Written
from core.schema import Column, Kind

SHOWN = 80
"""Characters of a cell that a message repeats."""


def explain(source: Source, cell: str | None, written: Written) -> tuple[str, str]:
    """The broken rule and what to tell the reader.

    Args:
        source: Where the column comes from.
        cell: Text of the file; None when it is empty.
        written: How the column is written.

    Returns:
        Id of the rule; expected, found and the remedy.
    """
    column = source.column
    if cell is None:
        return "required", f"expected a value ({column.meaning.rstrip('.')}), found an empty cell. Fill it in."
    found = f'found "{shorten(cell)}"'
    recode = {old.lower(): new for old, new in source.rule.recode.items()} | source.rule.recode
    if recode and cell not in recode and cell.lower() not in recode:
        known = ", ".join(source.rule.recode)
        return (
            "recode",
            f"expected one of the known words ({known}), {found}.{_near(cell, source.rule.recode)}",
        )
    value = recode.get(cell, recode.get(cell.lower(), cell))
    if column.kind in (Kind.ID, Kind.TEXT):
        return _text(column, value, found)
    if column.kind in (Kind.INTEGER, Kind.CENTS, Kind.FRACTION):
        return _number(source, value, found, written)
    if column.kind in (Kind.DATE, Kind.INSTANT, Kind.MONTH):
        return _date(column, value, found, written.date)
    return _word(column, value, found)


def shorten(cell: str) -> str:
    """A cell fit for a message: on one line, cut when long."""
    line = " ".join(cell.split())
    return line if len(line) <= SHOWN else f"{line[:SHOWN]}… ({len(cell)} characters)"


def _text(column: Column, value: str, found: str) -> tuple[str, str]:
    longest = LONGEST_ID if column.kind is Kind.ID else LONGEST_TEXT
    if len(value) > longest:
        return "too_long", f"expected at most {longest} characters, {found}. Shorten it, or check the quotes."
    if column.kind is Kind.TEXT:
        return "hidden_character", f"expected text, {found} after a tab or line break. Remove what stands before it."
    if re.fullmatch(r"\d(\.\d+)?E\+\d+", value):
        return (
            "damaged_id",
            f"expected an id, {found}: a spreadsheet turned it into a number. Export the column as text.",
        )
    return "hidden_character", (
        f"expected an id without line breaks, tabs or invisible characters, {found}. Remove them, or it will not "
        "match the same id elsewhere."
    )


def _number(source: Source, value: str, found: str, written: Written) -> tuple[str, str]:
    column, scale = source.column, source.rule.scale
    money = column.kind is Kind.CENTS
    kind = "an amount" if money and scale != 1 else "a whole number of cents" if money else "a number"
    sample = "1200.00" if scale != 1 else "0.25" if column.kind is Kind.FRACTION else "120000" if money else "12"
    if not written.number.plain:
        plain = plain_number(value, written.number)
        if plain is None:
            return "number", f'expected {kind} written as "{written.number.example}", {found}. Correct the cell.'
        value = plain
    if not re.fullmatch(NUMBER, value, re.ASCII):
        remedy = _number_remedy(value)
        return "number", f"expected {kind} such as {sample}, {found}.{remedy}"
    if not written.proven and re.fullmatch(GROUPED, value):
        return "number", f"expected {kind} such as {sample}, {found}: it may mean {value.replace('.', '')} as well."
    number = Decimal(value) * scale / (100 if written.number.percent else 1)
    if column.kind is not Kind.FRACTION and number != number.to_integral_value():
        unit = "at most two decimals (whole cents)" if scale == 100 else "a whole number"
        return "exact", f"expected {unit}, {found}. Round it where it comes from; it is not rounded here."
    if abs(number) >= 2**63:
        return "overflow", f"expected {kind}, {found}: the number is too large."
    low = "" if column.low is None else f"at least {column.low / scale:g}"
    high = "" if column.high is None else f"at most {column.high / scale:g}"
    return "range", f"expected {' and '.join(side for side in (low, high) if side)}, {found}. Correct the cell."


def _number_remedy(value: str) -> str:
    if value.endswith("%"):
        return " Write a share as a fraction: 45 % is 0.45."
    if re.fullmatch(r"[+-]?[\d.']*,\d+", value):
        return " It has a decimal comma: export with decimal points."
    if re.fullmatch(r"[+-]?\d{1,3}([,' ]\d{3})+(\.\d+)?", value):
        return " Leave out the thousands separators."
    if re.fullmatch(r"\(.*\)", value):
        return " Write a negative number with a minus sign."
    if re.search(r"[$€£]", value):
        return " Leave out the currency sign; the currency has its own column."
    if re.fullmatch(r"[+-]?\d+\.\d{7,}", value):
        return " It has more than six decimals."
    return " Correct the cell, or leave it empty where the column may be empty."


def _date(column: Column, value: str, found: str, style: str) -> tuple[str, str]:
    if column.kind is Kind.MONTH:
        return "month", f"expected a month as YYYY-MM, {found}. Correct the cell."
    what = "a date" if column.kind is Kind.DATE else "a date, with or without a time,"
    return "date", date_words(value, style, what, found, column.kind is not Kind.DATE)


def _word(column: Column, value: str, found: str) -> tuple[str, str]:
    if column.kind is Kind.CURRENCY:
        remedy = f' Write "{value.upper()}".' if re.fullmatch("[A-Za-z]{3}", value) else " Use the ISO 4217 code."
        return "currency", f"expected three capital letters such as EUR, {found}.{remedy}"
    if column.kind is Kind.FLAG:
        return "choice", f"expected true, false, yes, no, 1 or 0, {found}. Correct the cell."
    return "choice", f"expected one of {', '.join(column.choices)}, {found}.{_near(value, column.choices)}"


def _near(value: str, words: Iterable[str]) -> str:
    near = get_close_matches(value.casefold(), list(words), n=1, cutoff=0.5)
    return f' Closest: "{near[0]}".' if near else ""
