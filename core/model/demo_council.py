"""What the council of the demo company has decided so far, in words, promises and days."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from pydantic.dataclasses import dataclass

from core.model.toml import STRICT, load


@dataclass(frozen=True, config=STRICT)
class DemoAction:
    """Who was to do what by when; `done_on` with its evidence once it was done."""

    text: str
    owner: str
    due: dt.date
    done_on: dt.date | None = None
    evidence: str = ""


@dataclass(frozen=True, config=STRICT)
class DemoReview:
    """A look-back: on which month, when it was held, what was learned, what was done next."""

    month: dt.date
    held_on: dt.date
    lesson: str
    next_step: str
    again_on: dt.date | None = None


@dataclass(frozen=True, config=STRICT)
class DemoMove:
    """Money moved from one line to another: a share of the first line's spend, as far as the caps allow."""

    from_line: str
    to_line: str
    share: float
    name: str


@dataclass(frozen=True, config=STRICT)
class DemoDecision:
    """One decision on the figure of a month; the title may name the money of its move as {moved}."""

    month: dt.date
    held_on: dt.date
    title: str
    choice: str
    rejected: str
    owner: str
    kpi: str
    expected: float
    review_on: dt.date
    expected_low: float | None = None
    expected_high: float | None = None
    move: DemoMove | None = None
    action: tuple[DemoAction, ...] = ()
    review: tuple[DemoReview, ...] = ()


@dataclass(frozen=True, config=STRICT)
class DemoTarget:
    """What a figure is to reach from a month on, set when `month` was the last complete one; money in the currency."""

    held_on: dt.date
    month: dt.date
    kpi: str
    month_from: dt.date
    value: float
    owner: str
    reason: str


@dataclass(frozen=True, config=STRICT)
class DemoCouncil:
    """All of data/model/demo_council.toml."""

    source: str
    author: str
    decision: tuple[DemoDecision, ...]
    target: tuple[DemoTarget, ...]


@lru_cache(maxsize=1)
def demo_council() -> DemoCouncil:
    """The history of the demo company's council, read once."""
    return load("demo_council.toml", DemoCouncil)
