"""When nobody is asked: thresholds of the hard stops, caps and cool-downs of data/model/advocacy.toml."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from core.model.toml import STRICT

Days = Annotated[int, Field(ge=1)]


@dataclass(frozen=True, config=STRICT)
class Detractor:
    """A recent bad answer stops every ask."""

    score_at_most: Annotated[int, Field(ge=0, le=10)]
    days: Days
    source: str


@dataclass(frozen=True, config=STRICT)
class RenewalWindow:
    """Nobody is asked while a renewal due within `days` (or overdue) is undecided."""

    days: Days
    source: str


@dataclass(frozen=True, config=STRICT)
class Stops:
    """Thresholds of the hard stops; the stops themselves cannot be switched off."""

    detractor: Detractor
    renewal: RenewalWindow


@dataclass(frozen=True, config=STRICT)
class Cap:
    """At most `asks` sent asks in any `days` days."""

    asks: Annotated[int, Field(ge=1)]
    days: Days
    source: str


@dataclass(frozen=True, config=STRICT)
class Pause:
    """So many days of rest after an event."""

    days: Days
    source: str


@dataclass(frozen=True, config=STRICT)
class PoorExperience:
    """A CSAT of at most `score_at_most` rests the person for `days` days."""

    score_at_most: Annotated[int, Field(ge=1, le=5)]
    days: Days
    source: str


@dataclass(frozen=True, config=STRICT)
class Limits:
    """Caps and cool-downs per contact; those of one activity are in activities.toml.

    Attributes:
        open_promise: From the ask to which somebody said yes, while it is not done.
        between_colleagues: After somebody else of the account was asked.
    """

    quarter: Cap
    year: Cap
    between_asks: Pause
    open_promise: Pause
    between_colleagues: Pause
    after_no: Pause
    after_escalation: Pause
    poor_csat: PoorExperience
