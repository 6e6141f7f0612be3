"""Every quantity's one name, meaning, unit and display; how all screens, charts and exports write numbers and dates."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
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


def display(value: float | None, unit: str, currency: str = "", *, signed: bool = False) -> str:
    """A figure as every screen, chart and export writes it.

    Args:
        value: Ratios and pp as fractions, money in units of `currency`. None and NaN give an en dash.
        unit: A `Unit`.
        currency: ISO 4217 code, used by money only; empty leaves the symbol out.
        signed: Write the plus of a positive figure; differences in pp always carry it.

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
    sign = MINUS if number < 0 else "+" if signed or unit == "pp" else ""
    return joined(sign, size) + size


def plain_number(value: float, places: int = 0, *, signed: bool = False) -> str:
    """A bare number with thousands parted, so many decimals and a minus sign; zero never has a sign.

    Args:
        value: The number, finite.
        places: Decimals.
        signed: Write the plus of a positive one.
    """
    text = _group(abs(Decimal(str(value))), places)
    return ("" if _reads_zero(text) else MINUS if value < 0 else "+" if signed else "") + text


def joined(sign: str, size: str) -> str:
    """A sign that stays with what follows at the end of a line; only before a digit does it do so by itself."""
    return sign + JOINER if sign and not size[:1].isdigit() else sign


def display_interval(
    low: float | None, high: float | None, unit: str, currency: str = "", *, line: float | None = None
) -> str:
    """An interval such as "101 to 107 %"; decimals only where it is narrower than two points or they decide.

    They decide where an end would be written as the line it lies beside: "99.6 to 118.0 %" leaves growth open, and
    "100 to 118 %" would hide that. Zero is such a line for pp, 100 % for ratios.

    Args:
        low: Lower end.
        high: Upper end.
        unit: A `Unit`.
        currency: ISO code of money.
        line: A further line that something is decided by, such as the target.

    Returns:
        An en dash when an end is missing.
    """
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return NOTHING
    if unit in ("ratio", "pp"):
        lines = [0.0 if unit == "pp" else 1.0, *([] if line is None else [line])]
        places = _places((low, high), lines)
        first, last = (_percent(end, places) for end in (low, high))
        return f"{first} to {last}{SPACE}{'%' if unit == 'ratio' else 'pp'}"
    first, last = display(low, unit, currency), display(high, unit, currency)
    if unit in ("days", "months"):
        first = first.split(SPACE)[0]
    return f"{first} to {last}"


def display_change(value: float | None, earlier: float | None, unit: str, currency: str = "") -> str:
    """The change since an earlier figure in the unit such changes are spoken of.

    Ratios change by pp and money by per cent, where the earlier amount is positive; the rest changes in its own unit.

    Returns:
        An en dash when either figure is missing.
    """
    if value is None or earlier is None:
        return NOTHING
    if unit == "money" and earlier > 0:
        return display(value / earlier - 1, "ratio", signed=True)
    kind = "pp" if unit == "ratio" else unit
    return display(value - earlier, kind, currency, signed=True)


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


def _places(ends: tuple[float, float], lines: Sequence[float]) -> int:
    """Decimals of a per cent; up to two where fewer would put an end on a line beside which it lies.

    An end that two decimals cannot tell from its line takes none from the other end, which may need them.
    """
    fewest = 0 if ends[1] - ends[0] >= 0.02 else 1
    beside = [(end, line) for end in ends for line in lines if end != line]
    return min(
        range(fewest, 3),
        key=lambda places: sum(_percent(end, places) == _percent(line, places) for end, line in beside),
    )


def _percent(fraction: float, places: int) -> str:
    number = Decimal(str(fraction)) * 100
    text = _group(abs(number), places)
    return (MINUS if number < 0 and not _reads_zero(text) else "") + text


def _group(size: Decimal, places: int) -> str:
    return f"{size.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,}"


def _reads_zero(text: str) -> bool:
    return not text.strip("0.,")
