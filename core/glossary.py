"""Every quantity's one name, meaning, unit and display; how all screens, charts and exports write numbers and dates."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from core.glossary_advocacy import ADVOCACY_ENTRIES
from core.glossary_cohorts import COHORT_ENTRIES
from core.glossary_quantities import ENTRIES
from core.glossary_quantities import Unit as Unit

NOTHING = "–"
"""What stands where there is no figure."""
SPACE = "\N{NO-BREAK SPACE}"
"""Between a number and its unit, so that they never part at the end of a line."""
JOINER = "\N{WORD JOINER}"
"""Between a sign and a currency, where a line would otherwise end."""
MINUS = "\N{MINUS SIGN}"

_SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹", "AUD": "A$", "CAD": "C$"}
_SCALES = ((Decimal(1), ""), (Decimal(10) ** 3, "k"), (Decimal(10) ** 6, "M"), (Decimal(10) ** 9, "bn"))
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """One quantity of the product.

    Attributes:
        name: Its spelling in code, frames and SQL.
        label: Its name on a screen.
        unit: How it is written, see `display`.
        meaning: One sentence for a reader who did not build it.
    """

    name: str
    label: str
    unit: Unit
    meaning: str


def _quantities(*entries: tuple[str, str, Unit, str]) -> dict[str, Quantity]:
    return {name: Quantity(name, label, unit, meaning) for name, label, unit, meaning in entries}


QUANTITIES: dict[str, Quantity] = _quantities(*ENTRIES, *ADVOCACY_ENTRIES, *COHORT_ENTRIES)
"""Every quantity by name: what a frame's column, a chart's axis and a card's label are called."""


def display(
    value: float | None, unit: str, currency: str = "", *, signed: bool = False, ascii_minus: bool = False
) -> str:
    """A figure as every screen, chart and export writes it.

    Args:
        value: Ratios and pp as fractions, money in units of `currency`. None and NaN give an en dash.
        unit: A `Unit`.
        currency: ISO 4217 code, used by money only; empty leaves the symbol out.
        signed: Write the plus of a positive figure; differences in pp always carry it.
        ascii_minus: Write a hyphen for the minus, the only one `st.metric` understands in a delta.

    Returns:
        One decimal for ratios and pp; at most three significant digits for money, decimals of zero only where they
        were rounded to ("€1.00 M", but "€2 M" for two million exactly); whole numbers otherwise where they are whole
        or large. Numbers and units are joined by no-break spaces, a sign and a currency by a word joiner. Zero never
        has a sign.

    Example:
        >>> display(1_240_000, "money", "EUR").replace(SPACE, " ")
        '€1.24 M'
        >>> display(1.034, "ratio").replace(SPACE, " ")
        '103.4 %'
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    number = Decimal(str(value))
    size, is_zero = _size(abs(number), unit, currency)
    if is_zero:
        return size
    sign = ("-" if ascii_minus else MINUS) if number < 0 else "+" if signed or unit == "pp" else ""
    return (sign if ascii_minus else joined(sign, size)) + size


def joined(sign: str, size: str) -> str:
    """A sign that stays with what follows at the end of a line; only before a digit does it do so by itself."""
    return sign + JOINER if sign and not size[:1].isdigit() else sign


def display_interval(low: float | None, high: float | None, unit: str, currency: str = "") -> str:
    """An interval such as "101 to 107 %"; decimals only where the interval is narrower than two points.

    Returns:
        An en dash when an end is missing.
    """
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return NOTHING
    if unit in ("ratio", "pp"):
        places = 0 if high - low >= 0.02 else 1
        first, last = (_percent(end, places) for end in (low, high))
        return f"{first} to {last}{SPACE}{'%' if unit == 'ratio' else 'pp'}"
    first, last = display(low, unit, currency), display(high, unit, currency)
    if unit in ("days", "months"):
        first = first.split(SPACE)[0]
    return f"{first} to {last}"


def display_change(
    value: float | None, earlier: float | None, unit: str, currency: str = "", *, ascii_minus: bool = False
) -> str:
    """The change since an earlier figure in the unit such changes are spoken of.

    Ratios change by pp and money by per cent, where the earlier amount is positive; the rest changes in its own unit.

    Returns:
        An en dash when either figure is missing.
    """
    if value is None or earlier is None:
        return NOTHING
    if unit == "money" and earlier > 0:
        return display(value / earlier - 1, "ratio", signed=True, ascii_minus=ascii_minus)
    kind = "pp" if unit == "ratio" else unit
    return display(value - earlier, kind, currency, signed=True, ascii_minus=ascii_minus)


def display_month(month: dt.date) -> str:
    """A month as "October 2026", whatever the locale."""
    return f"{_MONTHS[month.month - 1]} {month.year}"


def display_day(day: dt.date) -> str:
    """A day as "4 Nov 2026", whatever the locale."""
    return f"{day.day}{SPACE}{_MONTHS[day.month - 1][:3]}{SPACE}{day.year}"


def _size(size: Decimal, unit: str, currency: str) -> tuple[str, bool]:
    """A figure's size without its sign, and whether it reads as zero."""
    if unit in ("ratio", "pp"):
        text = _group(size * 100, 0 if size >= 10 else 1)
        return text + SPACE + ("%" if unit == "ratio" else "pp"), _reads_zero(text)
    if unit == "money":
        text = _money(size)
        return _with_currency(text, currency), _reads_zero(text)
    whole = size >= Decimal("9.95") or size == size.to_integral_value()
    text = _group(size, 0 if whole else 1)
    if unit in ("days", "months"):
        return f"{text}{SPACE}{unit[:-1] if text == '1' else unit}", _reads_zero(text)
    if unit in ("count", "score"):
        return text, _reads_zero(text)
    raise ValueError(f"unit: expected ratio, money, pp, days, count, score or months; found {unit!r}")


def _money(size: Decimal) -> str:
    """At most three significant digits with k, M or bn; the scale is chosen after rounding."""
    for factor, letter in _SCALES:
        scaled = _three_digits(size / factor)
        if scaled < 1000 or letter == "bn":
            break
    if not letter:
        places = 2 if 0 < scaled < 10 and scaled != scaled.to_integral_value() else 0
        return _group(scaled, places)
    if size == scaled.to_integral_value() * factor:
        return f"{_group(scaled, 0)}{SPACE}{letter}"
    places = 0 if scaled >= 100 else 1 if scaled >= 10 or letter == "k" else 2
    return f"{_group(scaled, places)}{SPACE}{letter}"


def _three_digits(size: Decimal) -> Decimal:
    if size < 1:
        return size.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return size.quantize(Decimal(1).scaleb(min(size.adjusted() - 2, 0)), ROUND_HALF_UP)


def _with_currency(text: str, currency: str) -> str:
    if not currency:
        return text
    symbol = _SYMBOLS.get(currency)
    return symbol + text if symbol else f"{currency}{SPACE}{text}"


def _percent(fraction: float, places: int) -> str:
    number = Decimal(str(fraction)) * 100
    text = _group(abs(number), places)
    return (MINUS if number < 0 and not _reads_zero(text) else "") + text


def _group(size: Decimal, places: int) -> str:
    return f"{size.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,}"


def _reads_zero(text: str) -> bool:
    return not text.strip("0.,")
