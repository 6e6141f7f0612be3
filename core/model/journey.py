"""The path from contract to referrer: its stages, what comes next at each, and when waiting is too long."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from core.model.toml import STRICT, load
from core.settings import MODEL_DIR

StageId = Literal[
    "contract", "first_login", "activated", "first_value", "verified_outcome", "promoter", "advocate", "referrer"
]
STAGES: tuple[StageId, ...] = (
    "contract", "first_login", "activated", "first_value", "verified_outcome", "promoter", "advocate", "referrer",
)  # fmt: skip
"""Stages in the order of the path."""

Days = Annotated[int, Field(ge=1)]
Text = Annotated[str, Field(min_length=1)]


@dataclass(frozen=True, config=STRICT)
class Stage:
    """One landmark of the path.

    Attributes:
        id: Its id.
        label: Its name on a screen.
        reached_by: When an account has reached it, as the end of a sentence.
        awaited: What an account before it waits for, as the end of a sentence.
        needs: Tables without which nobody knows who has reached it.
        next_step: What to do for an account that stands here.
        who: Who does it.
        source: Where days and step come from.
        usual_days: Days the next stage usually takes, until the company's own customers tell it; None at the end.
        within_days: Days over which the share that goes on is told, and the most that is usual; None at the end.
        step_asks: What the next step asks a contact for.
    """

    id: StageId
    label: Text
    reached_by: Text
    awaited: Text
    needs: Annotated[tuple[Text, ...], Field(min_length=1)]
    next_step: Text
    who: Text
    source: Text
    usual_days: Days | None = None
    within_days: Days | None = None
    step_asks: Literal["nothing", "question", "act"] = "nothing"


@dataclass(frozen=True, config=STRICT)
class UsualRule:
    """The usual time of a step: that by which `share` of the customers went on, told by at least so many of them."""

    share: Annotated[float, Field(gt=0, lt=1)]
    least_customers: Days
    source: Text


@dataclass(frozen=True, config=STRICT)
class SilenceRule:
    """Days without a give and without an answer after which an account is watched, and after which it is silent."""

    watch_days: Days
    silent_days: Days
    next_step: Text
    who: Text
    source: Text


@dataclass(frozen=True, config=STRICT)
class NobodyRule:
    """What to do in place of a step that asks, where nobody may be asked."""

    next_step: Text
    source: Text


@dataclass(frozen=True, config=STRICT)
class JourneyRules:
    """Everything journey.toml says; `stages` stand in the order of `STAGES`."""

    usual: UsualRule
    silence: SilenceRule
    nobody_to_ask: NobodyRule
    stages: tuple[Stage, ...]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if tuple(stage.id for stage in self.stages) != STAGES:
            raise ValueError(f"stages must be {', '.join(STAGES)}, in this order")
        timeless = [stage.id for stage in self.stages[:-1] if stage.usual_days is None or stage.within_days is None]
        if timeless:
            raise ValueError(f"usual_days and within_days are missing at {', '.join(timeless)}")
        if any(stage.usual_days > (stage.within_days or 0) for stage in self.stages if stage.usual_days):
            raise ValueError("usual_days must not exceed within_days")
        if self.silence.watch_days >= self.silence.silent_days:
            raise ValueError("silence: watch_days must be fewer than silent_days")
        return self


@lru_cache(maxsize=4)
def journey_rules(folder: Path = MODEL_DIR) -> JourneyRules:
    """Read `journey.toml`.

    Raises:
        ModelError: Naming every wrong key.
    """
    return load("journey.toml", JourneyRules, folder)
