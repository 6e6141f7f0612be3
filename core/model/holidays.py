"""Public holidays on which a team does not work: data/model/holidays.toml."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from core.errors import ModelError
from core.model.toml import STRICT, load
from core.settings import MODEL_DIR

NONE = "none"
"""The calendar of a company that has stated none: without a day."""


@dataclass(frozen=True, config=STRICT)
class HolidayCalendar:
    """The days off of one place.

    Attributes:
        label: What it is called on a screen.
        days: The days, in order, each once.
        source: Where they come from.
    """

    label: Annotated[str, Field(min_length=1)]
    days: tuple[dt.date, ...]
    source: Annotated[str, Field(min_length=1)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if list(self.days) != sorted(set(self.days)):
            raise ValueError("days must be in order, each once")
        return self


@dataclass(frozen=True, config=STRICT)
class Holidays:
    """Every calendar by its id; `none` has no day."""

    calendars: dict[str, HolidayCalendar]

    @model_validator(mode="after")
    def _none_is_none(self) -> Self:
        if NONE not in self.calendars or self.calendars[NONE].days:
            raise ValueError(f'calendars: "{NONE}" is missing or has days')
        return self


@lru_cache(maxsize=4)
def load_holidays(folder: Path = MODEL_DIR) -> Holidays:
    """Read `holidays.toml`. Raises ModelError naming every wrong key."""
    return load("holidays.toml", Holidays, folder)


def holiday_calendar(name: str, folder: Path = MODEL_DIR) -> HolidayCalendar:
    """One calendar.

    Args:
        name: Its id in `holidays.toml`.
        folder: Where the model files lie.

    Raises:
        ModelError: There is no such calendar; it names those there are.
    """
    known = load_holidays(folder).calendars
    if name not in known:
        expected = ", ".join(known)
        raise ModelError(f'kpi_rules.toml: fast_lane.calendar: expected one of {expected}; found "{name}".')
    return known[name]
