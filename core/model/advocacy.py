"""How readiness is scored and whom nobody may ask: data/model/advocacy.toml as frozen dataclasses."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from core.model.toml import STRICT, load
from core.settings import MODEL_DIR

SignalId = Literal[
    "nps",
    "csat",
    "outcomes",
    "usage",
    "usage_trend",
    "responsiveness",
    "tenure",
    "sponsor",
    "fit",
    "willingness_stated",
    "willingness_shown",
    "continuity",
    "account_nps",
    "account_csat",
    "account_continuity",
    "support",
    "last_contact",
    "last_answer",
]
ScoreId = Literal["health", "readiness", "engagement"]
SCORES: tuple[ScoreId, ...] = ("health", "readiness", "engagement")

Days = Annotated[int, Field(ge=1)]
Worth = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=0)]


@dataclass(frozen=True, config=STRICT)
class Signal:
    """One signal of a score.

    Attributes:
        label: Name beside the bar.
        table: Contract table it comes from; while that is not loaded the signal is absent.
        at: Measures, ascending, in the unit `unit` names.
        worth: Value 0..1 at each of them, never falling in what is better; straight lines between, flat outside.
        unit: What the measure is.
        absent: Words for "it has no value".
        source: Where curve and ageing come from.
        fades: Whether age takes from the `weight` (an old answer says less) or from the `value` (recency is itself
            what is measured); None when the signal does not age.
        half_life_days: Age at which half is left.
        max_age_days: Age from which the observation counts as absent.
    """

    label: str
    table: str
    unit: str
    at: tuple[float, ...]
    worth: tuple[Worth, ...]
    absent: str
    source: str
    fades: Literal["weight", "value"] | None = None
    half_life_days: Days | None = None
    max_age_days: Days | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if len(self.at) != len(self.worth) or len(self.at) < 2:
            raise ValueError("at and worth need the same number of entries, at least two")
        if any(later <= earlier for earlier, later in pairwise(self.at)):
            raise ValueError("at must ascend")
        rising = all(later >= earlier for earlier, later in pairwise(self.worth))
        falling = all(later <= earlier for earlier, later in pairwise(self.worth))
        if not (rising or falling):
            raise ValueError("worth must not turn: it rises or it falls")
        if (self.fades is None) != (self.half_life_days is None):
            raise ValueError("fades and half_life_days belong together")
        return self


@dataclass(frozen=True, config=STRICT)
class Score:
    """How one score is put together.

    Attributes:
        weights: Weight of each signal; only their proportions matter.
        minimum_coverage: Share of the weight that must be present, else the score is None.
        source: Where the weights come from.
    """

    weights: dict[SignalId, Weight]
    minimum_coverage: Annotated[float, Field(gt=0, le=1)]
    source: str

    @model_validator(mode="after")
    def _weighs(self) -> Self:
        if sum(self.weights.values()) <= 0:
            raise ValueError("the weights must add up to more than 0")
        return self


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
    """Caps and cool-downs per contact; those of one activity are in activities.toml."""

    quarter: Cap
    year: Cap
    between_asks: Pause
    after_no: Pause
    after_escalation: Pause
    poor_csat: PoorExperience


@dataclass(frozen=True, config=STRICT)
class Triggers:
    """Which milestones answer "why now": the latest of the last `days` days."""

    days: Days
    promoter_from: Annotated[int, Field(ge=0, le=10)]
    csat_from: Annotated[int, Field(ge=1, le=5)]
    source: str


@dataclass(frozen=True, config=STRICT)
class ExpectedValue:
    """When a completion rate is known well enough: asks at least `mature_days` old, at least `least_asks`."""

    mature_days: Days
    least_asks: Annotated[int, Field(ge=1)]
    source: str


@dataclass(frozen=True, config=STRICT)
class AdvocacyRules:
    """Everything advocacy.toml says.

    Attributes:
        signals: Every signal by id.
        scores: The three scores by id.
        stops: Thresholds of the hard stops.
        limits: Caps and cool-downs.
        triggers: Milestones that prompt an ask.
        value: When an expected value may be stated.
        segments: Segment -> score -> signal -> weight laid over the default weights.
    """

    signals: dict[SignalId, Signal]
    scores: dict[ScoreId, Score]
    stops: Stops
    limits: Limits
    triggers: Triggers
    value: ExpectedValue
    segments: dict[str, dict[ScoreId, dict[SignalId, Weight]]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        absent = [name for name in SCORES if name not in self.scores]
        if absent:
            raise ValueError(f"scores needs {', '.join(absent)}")
        for name, score in self.scores.items():
            unknown = [signal for signal in score.weights if signal not in self.signals]
            if unknown:
                raise ValueError(f"scores.{name} weighs {', '.join(unknown)}, which signals does not describe")
        for segment, laid_over in self.segments.items():
            for name, weights in laid_over.items():
                merged = self.scores[name].weights | weights
                strange = [signal for signal in weights if signal not in self.scores[name].weights]
                if strange or sum(merged.values()) <= 0:
                    raise ValueError(f"segments.{segment}.{name}: only signals of that score, not all at 0")
        return self

    def weights(self, score: ScoreId, segment: str | None = None) -> dict[SignalId, float]:
        """Weights of a score, as they hold for a segment."""
        return self.scores[score].weights | self.segments.get(segment or "", {}).get(score, {})


@lru_cache(maxsize=4)
def load_advocacy_rules(folder: Path = MODEL_DIR) -> AdvocacyRules:
    """Read `advocacy.toml`.

    Raises:
        ModelError: Naming every wrong key.
    """
    return load("advocacy.toml", AdvocacyRules, folder)
