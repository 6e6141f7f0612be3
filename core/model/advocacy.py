"""How readiness is scored and whom nobody may ask: data/model/advocacy.toml as frozen dataclasses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from core.errors import ModelError
from core.model.advocacy_limits import Limits, Stops
from core.model.toml import STRICT, load, parse
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
        segments: Segment -> path of a number -> its value for people at accounts of that segment, such as
            `"scores.readiness.weights.nps"`; scores, signals, stops and limits can differ. It is the segment of the
            account a person works at, never that of the family the account belongs to.
    """

    signals: dict[SignalId, Signal]
    scores: dict[ScoreId, Score]
    stops: Stops
    limits: Limits
    triggers: Triggers
    value: ExpectedValue
    segments: dict[str, dict[str, float]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        absent = [name for name in SCORES if name not in self.scores]
        if absent:
            raise ValueError(f"scores needs {', '.join(absent)}")
        for name, score in self.scores.items():
            unknown = [signal for signal in score.weights if signal not in self.signals]
            if unknown:
                raise ValueError(f"scores.{name} weighs {', '.join(unknown)}, which signals does not describe")
        for segment in self.segments:
            try:
                self.of(segment)
            except ModelError as error:
                raise ValueError(str(error)) from None
        return self

    @cached_property
    def _by_segment(self) -> dict[str, AdvocacyRules]:
        return {}

    def of(self, segment: str | None) -> AdvocacyRules:
        """The rules as they hold for accounts of a segment.

        Raises:
            ModelError: What is laid over for that segment is wrong; never once the rules were built.
        """
        if segment is None or segment not in self.segments:
            return self
        if segment not in self._by_segment:
            own = self.segments[segment]
            same = [path for path in own if not path.startswith(BY_SEGMENT)]
            if same:
                raise ModelError(f"segments.{segment}: {', '.join(same)} cannot differ by segment")
            self._by_segment[segment] = laid_over(self, own, f"segments.{segment}", {})
        return self._by_segment[segment]

    def weights(self, score: ScoreId, segment: str | None = None) -> dict[SignalId, float]:
        """Weights of a score, as they hold for a segment."""
        return self.of(segment).scores[score].weights


BY_SEGMENT = ("scores.", "signals.", "stops.", "limits.")
"""How the paths of numbers start that may differ by segment."""


def laid_over(
    rules: AdvocacyRules,
    values: Mapping[str, float],
    place: str,
    segments: Mapping[str, Mapping[str, float]] | None = None,
) -> AdvocacyRules:
    """The rules with some numbers replaced; nothing can be added or taken away.

    Args:
        rules: The rules.
        values: New numbers by path, such as `"stops.detractor.days"`.
        place: Where they come from, for the message.
        segments: What holds for single segments, instead of what the rules say of them; None leaves that.

    Raises:
        ModelError: Naming every path that is none of a number, and everything the rules as a whole forbid.
    """
    whole: dict[str, Any] = asdict(rules)
    whole["segments"] = {name: dict(own) for name, own in (rules.segments if segments is None else segments).items()}
    unknown = [path for path in values if not isinstance(number_at(whole, path), int | float)]
    if unknown:
        raise ModelError(f"{place}: expected paths of numbers in advocacy.toml, found {', '.join(unknown)}")
    for path, value in values.items():
        *tables, name = path.split(".")
        table = whole
        for part in tables:
            table = table[part]
        table[name] = value
    return parse(whole, AdvocacyRules, place)


def number_at(rules: AdvocacyRules | Mapping[str, Any], path: str) -> float | None:
    """The number a path leads to; None where it leads to none."""
    found: Any = rules
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else getattr(found, part, None)
    return found if isinstance(found, int | float) and not isinstance(found, bool) else None


@lru_cache(maxsize=4)
def load_advocacy_rules(folder: Path = MODEL_DIR) -> AdvocacyRules:
    """Read `advocacy.toml`.

    Raises:
        ModelError: Naming every wrong key.
    """
    return load("advocacy.toml", AdvocacyRules, folder)
