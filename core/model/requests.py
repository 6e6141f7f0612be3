"""References that are asked for and companies that are referred: data/model/requests.toml as frozen dataclasses."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from core.model.toml import STRICT, load
from core.settings import MODEL_DIR

Attribute = Literal["industry", "use_case", "size", "region", "persona"]
ATTRIBUTES: tuple[Attribute, ...] = get_args(Attribute)
"""What a reference can be wanted by, in the order the reasons are told."""
Milestone = Literal["contacted", "qualified", "opportunity", "won", "lost", "rejected"]
StepId = Literal["candidates", "stories", "consents", "low_barrier_acts", "thanks", "advocates", "kinds", "requests"]

Count = Annotated[int, Field(ge=1)]
Hours = Annotated[float, Field(gt=0)]
Points = Annotated[float, Field(ge=0)]
Text = Annotated[str, Field(min_length=1)]


@dataclass(frozen=True, config=STRICT)
class SpreadRules:
    """What decides between people who fit alike.

    Attributes:
        readiness_points: Points for a readiness of 100.
        load_points: Points lost with `load_asks` asks in the last year.
        load_asks: Asks at which no more points are lost.
    """

    readiness_points: Points
    load_points: Points
    load_asks: Count
    source: Text


@dataclass(frozen=True, config=STRICT)
class MatchingRules:
    """Who fits a request.

    Attributes:
        weights: Points of each attribute.
        least_fit: Least fit that is proposed. [0-100]
        shown: Most people listed for a request.
        spread: What decides between people who fit alike.
    """

    weights: dict[Attribute, Annotated[float, Field(gt=0)]]
    least_fit: Annotated[float, Field(ge=0, le=100)]
    shown: Count
    spread: SpreadRules
    source: Text

    @model_validator(mode="after")
    def _all_weighed(self) -> Self:
        absent = [name for name in ATTRIBUTES if name not in self.weights]
        if absent:
            raise ValueError(f"weights needs {', '.join(absent)}")
        return self


@dataclass(frozen=True, config=STRICT)
class TurnaroundRules:
    """How soon a request has its person.

    Attributes:
        within_hours: Working hours from opening to a person.
        due_soon_hours: Working hours left until the day it is needed at which it is due soon.
        at_risk_hours: Working hours left at which it is at risk.
        recent_days: Days over which closed requests are told.
    """

    within_hours: Hours
    due_soon_hours: Hours
    at_risk_hours: Hours
    recent_days: Count
    source: Text


@dataclass(frozen=True, config=STRICT)
class DealListRules:
    """How many of the deals that should have a reference are listed."""

    shown: Count
    source: Text


@dataclass(frozen=True, config=STRICT)
class ClockRules:
    """When a clock of the fast lane warns.

    Attributes:
        due_soon_hours: Working hours left at which it is due soon.
        at_risk_hours: Working hours left at which it is at risk.
        within_hours: Working hours allowed, where no other rule says so.
    """

    due_soon_hours: Hours
    at_risk_hours: Hours
    source: Text
    within_hours: Hours | None = None


@dataclass(frozen=True, config=STRICT)
class Clocks:
    """The clocks, by the state they run in."""

    submitted: ClockRules
    contacted: ClockRules
    qualified: ClockRules

    @model_validator(mode="after")
    def _own_hours(self) -> Self:
        for name, clock in (("contacted", self.contacted), ("qualified", self.qualified)):
            if clock.within_hours is None:
                raise ValueError(f"clocks.{name} needs within_hours")
        return self


@dataclass(frozen=True, config=STRICT)
class FraudRules:
    """Referrals that somebody looks at before they are paid for.

    Attributes:
        many: Referrals of one person within `many_days` at which each is looked at.
        many_days: Those days.
        public_domains: Domains of e-mail that say nothing about the company.
        judge_days: Days after its submission in which a referral is to be judged.
    """

    many: Count
    many_days: Count
    public_domains: tuple[Text, ...]
    judge_days: Count
    source: Text


@dataclass(frozen=True, config=STRICT)
class LoopRules:
    """What the referrer is told.

    Attributes:
        milestones: Those that are told.
        tell_days: Days after a milestone in which it should be told.
    """

    milestones: tuple[Milestone, ...]
    tell_days: Count
    source: Text


@dataclass(frozen=True, config=STRICT)
class PilotStep:
    """What a new programme reaches by the end of a month; `most` where there is an upper end."""

    id: StepId
    month: Annotated[int, Field(ge=1, le=3)]
    least: Count
    source: Text
    most: Count | None = None


@dataclass(frozen=True, config=STRICT)
class PilotRules:
    """Starting a programme.

    Attributes:
        story_kinds: Kinds of assets that tell a story.
        act_days: Days in which what people did counts.
        steps: In the order of the months.
    """

    story_kinds: tuple[Text, ...]
    act_days: Count
    steps: tuple[PilotStep, ...]
    source: Text

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        ids = [step.id for step in self.steps]
        if sorted(ids) != sorted(get_args(StepId)):
            raise ValueError(f"steps needs each of {', '.join(get_args(StepId))} once")
        return self


@dataclass(frozen=True, config=STRICT)
class RequestRules:
    """Everything `data/model/requests.toml` says."""

    matching: MatchingRules
    turnaround: TurnaroundRules
    deals: DealListRules
    clocks: Clocks
    fraud: FraudRules
    loop: LoopRules
    pilot: PilotRules


@lru_cache(maxsize=4)
def load_request_rules(folder: Path = MODEL_DIR) -> RequestRules:
    """Read `requests.toml` of `folder`. Raises ModelError naming every wrong key."""
    return load("requests.toml", RequestRules, folder)
