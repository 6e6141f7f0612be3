"""Settings people lay over advocacy.toml from a month on, and how far each may go: advocacy_settings.toml."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from core.model.advocacy import BY_SEGMENT, AdvocacyRules, laid_over, load_advocacy_rules, number_at
from core.model.toml import STRICT, load
from core.settings import MODEL_DIR

OF_SEGMENT = "@"
"""Between the path of a number and the segment it is for."""
Text = Annotated[str, Field(min_length=1)]


@dataclass(frozen=True, config=STRICT)
class Range:
    """How a number is called and how far it may go.

    Attributes:
        label: Name on the screen; `{signal}` and `{score}` stand for theirs.
        unit: What it is.
        least: Lowest value.
        most: Highest value.
        step: Between two values.
        segments: Whether a segment may have its own.
        source: Why it may go so far and no further.
    """

    label: Text
    unit: Text
    least: float
    most: float
    step: Annotated[float, Field(gt=0)]
    source: Text
    segments: bool = True

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.least >= self.most:
            raise ValueError("least must be under most")
        return self


@dataclass(frozen=True, config=STRICT)
class OverrideRules:
    """How long a score set by hand may hold in days, and how many characters its reason must have."""

    longest_days: Annotated[int, Field(ge=1)]
    shortest_reason: Annotated[int, Field(ge=1)]
    source: Text


@dataclass(frozen=True, config=STRICT)
class SettingRules:
    """Everything advocacy_settings.toml says.

    Attributes:
        override: Scores set by hand.
        weight: Every weight of a score.
        coverage: The least share known of a score.
        half_life: Every half-life of a signal that ages.
        max_age: The age at which a signal no longer counts.
        number: All other numbers, by path.
    """

    override: OverrideRules
    weight: Range
    coverage: Range
    half_life: Range
    max_age: Range
    number: dict[str, Range]

    @model_validator(mode="after")
    def _all_there(self) -> Self:
        rules = load_advocacy_rules()
        unknown = [path for path in self.number if number_at(rules, path) is None]
        if unknown:
            raise ValueError(f"number: {', '.join(unknown)} is no number of advocacy.toml")
        fixed = [path for path, item in self.number.items() if item.segments and not path.startswith(BY_SEGMENT)]
        if fixed:
            raise ValueError(f"number: {', '.join(fixed)} cannot differ by segment")
        return self


@dataclasses.dataclass(frozen=True, slots=True)
class Setting:
    """One value people laid over advocacy.toml.

    Attributes:
        key: Path of the number, `@` and a segment behind it where it holds for that segment alone.
        value: The value; None takes the setting back to the model file.
        valid_from: First day of the first month it holds for.
        version: The how-manieth of its key it is.
        author: Who saved it.
        reason: Why.
        at: When, UTC.
    """

    key: str
    value: float | None
    valid_from: dt.date
    version: int
    author: str
    reason: str
    at: dt.datetime

    @property
    def path(self) -> str:
        """Path of the number in advocacy.toml."""
        return self.key.partition(OF_SEGMENT)[0]

    @property
    def segment(self) -> str | None:
        """Segment it is for; None for everybody."""
        return self.key.partition(OF_SEGMENT)[2] or None


def in_force(settings: Iterable[Setting], month: dt.date) -> dict[str, Setting]:
    """The settings that hold in a month, by key: the latest month first, then the latest save; those taken back too."""
    found: dict[str, Setting] = {}
    for item in sorted(settings, key=lambda item: (item.valid_from, item.version)):
        if item.valid_from <= month:
            found[item.key] = item
    return found


def rules_in_force(settings: Iterable[Setting], month: dt.date, defaults: AdvocacyRules | None = None) -> AdvocacyRules:
    """The rules of a month: those of advocacy.toml with the settings of that month laid over them.

    A setting whose number advocacy.toml no longer has, after a change of the product, has no effect.

    Args:
        settings: Every setting ever saved.
        month: First day of the month.
        defaults: The rules without settings; None reads the model file.

    Raises:
        ModelError: What the settings make of the rules is forbidden.
    """
    rules = defaults or load_advocacy_rules()
    held = [item for item in in_force(settings, month).values() if item.value is not None]
    held = [item for item in held if number_at(rules, item.path) is not None]
    if not held:
        return rules
    segments = {name: dict(own) for name, own in rules.segments.items()}
    for item in held:
        if item.segment is not None and item.value is not None:
            segments.setdefault(item.segment, {})[item.path] = item.value
    whole = {item.path: item.value for item in held if item.segment is None and item.value is not None}
    return laid_over(rules, whole, "settings", segments)


@lru_cache(maxsize=4)
def load_setting_rules(folder: Path = MODEL_DIR) -> SettingRules:
    """Read `advocacy_settings.toml`.

    Raises:
        ModelError: Naming every wrong key.
    """
    return load("advocacy_settings.toml", SettingRules, folder)
