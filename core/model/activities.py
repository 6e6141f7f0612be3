"""What a customer can be asked for, from least to most: data/model/activities.toml as frozen dataclasses."""

from __future__ import annotations

from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from core.model.toml import STRICT, load
from core.settings import MODEL_DIR

ActivityId = Literal[
    "review", "testimonial", "reference", "video", "referral", "case_study", "speaking", "advisory_board"
]
Use = Literal["name", "logo", "quote", "call", "recording", "email"]
Asker = Literal["csm", "customer_marketing", "account_executive"]

ASKER_LABELS: dict[Asker, str] = {
    "csm": "CSM",
    "customer_marketing": "Customer marketing",
    "account_executive": "Account executive",
}

Days = Annotated[int, Field(ge=1)]


@dataclass(frozen=True, config=STRICT)
class Activity:
    """One thing to ask for.

    Attributes:
        label: Name on the screen.
        rung: Place on the ladder, 1 the lowest; no two activities share one.
        effort_points: What it costs the person, in points.
        barrier: Commitment it takes.
        consent: Uses that must all be granted.
        needs_verified: `value` (first value or an outcome) or `outcome` (a verified outcome).
        minimum_readiness: Least readiness score to ask, 0-100.
        cooldown_days: Days after an ask for it before it is asked for again.
        repeat_days: Days after it was done before it is asked for again.
        asker: Who asks.
        asker_strategic: Who asks in a strategic segment.
        source: Where the figures come from.
    """

    label: str
    rung: Annotated[int, Field(ge=1)]
    effort_points: Annotated[int, Field(ge=1)]
    barrier: Literal["low", "medium", "high"]
    consent: tuple[Use, ...]
    needs_verified: Literal["value", "outcome"]
    minimum_readiness: Annotated[float, Field(ge=0, le=100)]
    cooldown_days: Days
    repeat_days: Days
    asker: Asker
    asker_strategic: Asker
    source: str

    @model_validator(mode="after")
    def _needs_consent(self) -> Self:
        if not self.consent:
            raise ValueError("consent must name at least one use")
        return self


@dataclass(frozen=True, config=STRICT)
class Activities:
    """Everything activities.toml says.

    Attributes:
        strategic_segments: Segments asked one to one, compared without regard to case.
        activities: Every activity by id.
    """

    strategic_segments: tuple[str, ...]
    activities: dict[ActivityId, Activity]

    @model_validator(mode="after")
    def _one_ladder(self) -> Self:
        absent = [name for name in get_args(ActivityId) if name not in self.activities]
        if absent:
            raise ValueError(f"activities needs {', '.join(absent)}")
        rungs = sorted(activity.rung for activity in self.activities.values())
        if len(set(rungs)) != len(rungs):
            raise ValueError(f"two activities share a rung: {rungs}")
        low = min(self.activities.values(), key=lambda activity: activity.rung)
        above = [name for name, item in self.activities.items() if item is not low and item.needs_verified != "outcome"]
        if above:
            raise ValueError(f"above the first rung a verified outcome is needed: {', '.join(above)}")
        return self

    @cached_property
    def ladder(self) -> tuple[ActivityId, ...]:
        """Activity ids from the lowest rung to the highest."""
        return tuple(sorted(self.activities, key=lambda name: self.activities[name].rung))


@lru_cache(maxsize=4)
def load_activities(folder: Path = MODEL_DIR) -> Activities:
    """Read `activities.toml`.

    Raises:
        ModelError: Naming every wrong key.
    """
    return load("activities.toml", Activities, folder)
