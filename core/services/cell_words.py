"""Tables, columns and cells of the contract as people read and type them: amounts in units, never in cents."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from core.errors import RuleBroken
from core.schema import TABLES, Kind

EMPTY = "(empty)"


def table_label(table: str) -> str:
    """A table's name for readers."""
    return table.replace("_", " ")


def column_label(column: str) -> str:
    """A column's name for readers: "mrr cents" holds an amount, so it is called "MRR"."""
    words = column.removesuffix("_cents").replace("_", " ")
    return " ".join(word.upper() if word in ("mrr", "arr", "icp") else word for word in words.split())


def cell_words(table: str, column: str, text: str | None) -> str:
    """A stored cell for readers.

    Args:
        table: Table of the contract.
        column: Its column.
        text: The cell as text; None when empty.

    Returns:
        Amounts in units of the currency, the rest as it is stored.

    Example:
        >>> cell_words("subscriptions", "mrr_cents", "120000")
        '1,200.00'
    """
    if text is None or text == "":
        return EMPTY
    if TABLES[table].by_name[column].kind is Kind.CENTS:
        return f"{Decimal(text) / 100:,.2f}"
    return text


def typed_cell(table: str, column: str, typed: str) -> str | None:
    """What a person typed as the text of a cell; None when it is empty.

    Amounts are typed in units of the currency with a decimal point; commas may part thousands.

    Raises:
        RuleBroken: An amount is not a number, or has parts of a cent.
    """
    text = typed.strip()
    if not text or TABLES[table].by_name[column].kind is not Kind.CENTS:
        return text or None
    whole, _, decimals = text.partition(".")
    parts = whole.lstrip("-").split(",")
    grouped = len(parts) == 1 or (len(parts[0]) <= 3 and all(len(part) == 3 for part in parts[1:]))
    try:
        cents = Decimal(whole.replace(",", "") + "." + (decimals or "0")) * 100
    except InvalidOperation:
        cents = Decimal("NaN")
    if not grouped or not cents.is_finite() or cents != cents.to_integral_value():
        raise RuleBroken(
            f'{column_label(column)}: expected an amount such as 1200.00, found "{text}"; nothing was corrected.'
        )
    return str(int(cents))


def typing_words(table: str, column: str) -> str:
    """What a column holds and how its value is typed, in one sentence."""
    described = TABLES[table].by_name[column]
    written = {
        Kind.CENTS: "an amount such as 1200.00",
        Kind.DATE: "a day as YYYY-MM-DD",
        Kind.MONTH: "a month as YYYY-MM",
        Kind.INSTANT: "a time as YYYY-MM-DD HH:MM:SS, in UTC unless an offset such as +02:00 follows",
        Kind.FLAG: "true or false",
        Kind.FRACTION: "a number with a decimal point; 45 % is 0.45",
        Kind.INTEGER: "a whole number",
        Kind.CHOICE: "one of " + ", ".join(described.choices),
    }.get(described.kind)
    meaning = described.meaning.rstrip(".")
    return f"{meaning}. Type {written}." if written else f"{meaning}."
