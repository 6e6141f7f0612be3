"""Figures that are added or compared in one sentence, written to one place so that they add up as they stand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from core.glossary import MINUS, SPACE, display, joined

_SCALES = ((Decimal(10) ** 9, "bn"), (Decimal(10) ** 6, "M"), (Decimal(10) ** 3, "k"))
_DIGITS = 3
"""Significant digits of the largest amount."""
_FINER = 2
"""Further digits it may get where a change would otherwise be lost."""
_LARGE = 100
"""From where on a count or a score needs no decimal."""


@dataclass(frozen=True, slots=True)
class Step:
    """The place to which figures of one kind are written.

    Attributes:
        size: One unit of the last place, in the unit of the figures.
        unit: A `Unit` of `core.glossary`.
        currency: ISO code of money.
    """

    size: Decimal
    unit: str
    currency: str

    def rounded(self, value: float) -> float:
        """A figure at this place, halves away from zero."""
        return float((Decimal(str(value)) / self.size).quantize(Decimal(1), ROUND_HALF_UP) * self.size)

    def written(self, value: float, *, signed: bool = False, change: bool = False) -> str:
        """A figure at this place, as `display` writes its kind.

        Args:
            value: The figure.
            signed: Write the plus of a positive one.
            change: It is a change: of ratios in pp.
        """
        number = Decimal(str(self.rounded(value)))
        text = self._size(abs(number), "pp" if change and self.unit == "ratio" else self.unit)
        sign = "" if not number else MINUS if number < 0 else "+" if signed else ""
        return joined(sign, text) + text

    def _size(self, size: Decimal, unit: str) -> str:
        if unit in ("ratio", "pp"):
            return f"{_fixed(size * 100, self.size * 100)}{SPACE}{'%' if unit == 'ratio' else 'pp'}"
        if unit == "money":
            scale, letter = next(((by, sign) for by, sign in _SCALES if size >= by), (Decimal(1), ""))
            # the currency is written by `display`, whose zero is the bare digit
            bare = _fixed(size / scale, self.size / scale) + (f"{SPACE}{letter}" if letter else "")
            return display(0, "money", self.currency).replace("0", bare)
        text = _fixed(size, self.size)
        return f"{text}{SPACE}{unit[:-1] if text == '1' else unit}" if unit in ("days", "months") else text


def common_step(figures: Iterable[float], changes: Iterable[float], unit: str, currency: str = "") -> Step:
    """The place to which figures and their changes are written together.

    Ratios have one decimal of a per cent, money three digits of its largest figure, the rest one decimal below a
    hundred; finer where a change would have fewer than two digits, coarser where all of them are round.

    Args:
        figures: What is compared, in `unit`.
        changes: What lies between them; the promise among them is written in full.
        unit: A `Unit`.
        currency: ISO code of money.
    """
    parts = [abs(Decimal(str(change))) for change in changes]
    every = [*(abs(Decimal(str(figure))) for figure in figures), *parts]
    largest = max(every, default=Decimal(0))
    place = {"ratio": -3, "pp": -3, "money": largest.adjusted() + 1 - _DIGITS}.get(unit, 0 if largest >= _LARGE else -1)
    least = place - _FINER
    while place > least and any(part % _at(place) and part < 10 * _at(place) for part in parts if part):
        place -= 1
    while unit not in ("ratio", "pp") and place < largest.adjusted() and not any(one % _at(place + 1) for one in every):
        place += 1
    return Step(_at(place), unit, currency)


def _at(place: int) -> Decimal:
    return Decimal(1).scaleb(place)


def _fixed(size: Decimal, step: Decimal) -> str:
    """A size with the decimals its last place has."""
    places = max(0, -step.normalize().adjusted())
    return f"{size.quantize(_at(-places), ROUND_HALF_UP):,}"
