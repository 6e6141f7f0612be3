"""What a KPI answers: a value with its interval, sample and state; never a bare number."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Unit = Literal["ratio", "money", "pp", "days", "count", "score", "months"]
Better = Literal["higher", "lower", "neither"]
Tone = Literal["good", "bad", "neutral"]


class State(StrEnum):
    """What may be shown of a result."""

    OK = "ok"
    WIDE = "wide"
    """Shown with its interval, without colour or rank."""
    TOO_FEW = "too_few"
    """Counts and rows are shown, the rate is not."""
    IMPLAUSIBLE = "implausible"
    """Outside the range such a figure can have; shown with the reason, never as a success."""
    UNDEFINED = "undefined"
    """The denominator is empty: a share of nothing has no meaning."""
    MISSING = "missing"
    """A table it needs is not loaded."""


SHOWN = frozenset({State.OK, State.WIDE, State.IMPLAUSIBLE})
"""States in which the value itself may stand on a screen."""


@dataclass(frozen=True, slots=True)
class Part:
    """A figure that a KPI is made of or that stands beside it, such as one tier of a mix.

    Attributes:
        label: What it is.
        value: The figure, in `unit`; money in units of the currency. None where it may not be shown.
        unit: Its unit.
        n: Units it rests on.
    """

    label: str
    value: float | None
    unit: Unit
    n: int


@dataclass(frozen=True, slots=True)
class KpiResult:
    """One KPI of one month.

    Attributes:
        id: Name of the function that computes it.
        month: First day of the month; the figure is as of the month's last day.
        value: The figure; ratios as fractions, money in units of `currency`, `pp` as a fraction. None with `reason`.
        low: Lower end of the 95 % interval; None for a census.
        high: Upper end of the 95 % interval.
        n: Units the figure rests on (accounts, deals, contacts).
        n_label: What those units are, in the plural.
        numerator: Count on top of a proportion, for "4 of 9"; None otherwise.
        counts: Counts of both groups of a comparison, in words; empty otherwise.
        state: What may be shown of it.
        reason: Why it is not plainly shown, in words; None when `state` is ok.
        previous: The same figure a month before, None when it cannot be shown.
        year_ago: The same figure twelve months before.
        currency: ISO code of money figures.
        parts: Figures it is made of or that stand beside it; empty in a history.
    """

    id: str
    label: str
    unit: Unit
    better: Better
    month: dt.date
    value: float | None
    low: float | None
    high: float | None
    n: int
    n_label: str
    state: State
    reason: str | None
    previous: float | None = None
    year_ago: float | None = None
    numerator: int | None = None
    counts: str = ""
    currency: str = ""
    parts: tuple[Part, ...] = ()

    @property
    def shown(self) -> bool:
        """Whether the value itself may stand on a screen."""
        return self.value is not None and self.state in SHOWN

    @property
    def shown_parts(self) -> tuple[Part, ...]:
        """Parts that may stand on a screen; of a figure that rests on too few the counts alone."""
        return self.parts if self.shown else tuple(part for part in self.parts if part.unit == "count")

    def change_tone(self, earlier: float | None) -> Tone:
        """What the change since an earlier month means; neutral where the two months could differ by chance.

        The earlier figure is an estimate too. It must lie further off than sqrt(2) x the arm of the interval on its
        side, which is the interval of a difference of two independent estimates of about equal width. A census has no
        interval: every change of it counts.

        Args:
            earlier: The same figure of the earlier month; None when it cannot be shown.

        Source:
            Square-and-add intervals of a difference: R. G. Newcombe, Statistics in Medicine 17 (1998), method 10.
        """
        value = self.value
        if value is None or earlier is None or value == earlier or self.better == "neither":
            return "neutral"
        end = self.high if earlier > value else self.low
        may_be_chance = end is not None and abs(earlier - value) <= math.sqrt(2) * abs(end - value)
        if self.state is not State.OK or may_be_chance:
            return "neutral"
        return "good" if (value > earlier) == (self.better == "higher") else "bad"
