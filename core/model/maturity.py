"""How maturity is scored: the scale, answers, thresholds and weights of data/model/maturity.toml."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from core.errors import ModelError
from core.model.toml import STRICT, load
from core.settings import MODEL_DIR

FILE = "maturity.toml"
LEVELS = (1, 2, 3, 4, 5)

Text = Annotated[str, Field(min_length=1)]
Share = Annotated[float, Field(ge=0, le=1)]
WholeLevel = Annotated[int, Field(ge=1, le=5)]
Answer = Literal["no", "some", "half", "most"]
Effort = Literal["small", "medium", "large"]
Status = Literal["supported", "stretch", "unsupported", "under_claimed", "not_testable"]


@dataclass(frozen=True, config=STRICT)
class ScaleLevel:
    """One of the five levels of the scale, with what it means for any capability."""

    level: WholeLevel
    label: Text
    meaning: Text


@dataclass(frozen=True, config=STRICT)
class Scale:
    """The five levels, lowest first."""

    levels: tuple[ScaleLevel, ...]
    source: Text


@dataclass(frozen=True, config=STRICT)
class AnswerValue:
    """One answer to a criterion: its word, what a rater reads, and what it is worth."""

    id: Answer
    label: Text
    value: Share


@dataclass(frozen=True, config=STRICT)
class Answers:
    """The four answers to a criterion, lowest first."""

    values: tuple[AnswerValue, ...]
    source: Text


@dataclass(frozen=True, config=STRICT)
class LevelRule:
    """When a level counts as reached.

    Attributes:
        reached: Least answer value of every criterion of the level itself.
        complete: Least answer value of every criterion of all levels below it.
        decimal_cap: Most that the answers of the next level may add to the whole level.
    """

    reached: Share
    complete: Share
    decimal_cap: Share
    source: Text


@dataclass(frozen=True, config=STRICT)
class ConsensusRule:
    """When respondents agree, and when they must talk.

    Attributes:
        minimum_respondents: Fewer than this is too few.
        near: Levels from the agreed level that still count as the same view.
        share_near: Least share of respondents that near.
        most_iqr: Largest interquartile range of an agreement.
        discuss_range: Range of answers, in levels, from which the group talks.
        discuss_owner_above: Levels the owner may not exceed the others' median by.
    """

    minimum_respondents: Annotated[int, Field(ge=1)]
    near: Annotated[int, Field(ge=0)]
    share_near: Share
    most_iqr: Annotated[float, Field(ge=0)]
    discuss_range: Annotated[int, Field(ge=1)]
    discuss_owner_above: Annotated[float, Field(gt=0)]
    source: Text


@dataclass(frozen=True, config=STRICT)
class EvidenceRule:
    """What a claim may count without measured evidence.

    Attributes:
        highest_without: Highest level reported when no measured rule above it passes.
        stretch: Levels above the measured one that are still called a stretch.
    """

    highest_without: WholeLevel
    stretch: Annotated[int, Field(ge=1)]
    source: Text


@dataclass(frozen=True, config=STRICT)
class SummaryRule:
    """Capabilities under `low_below` are counted beside the mean of a matrix."""

    low_below: WholeLevel
    source: Text


@dataclass(frozen=True, config=STRICT)
class PriorityRule:
    """Weights of a gap's priority, the gaps a roadmap holds per matrix, and the effort of what nobody planned yet."""

    confidence: dict[Status, Share]
    effort: dict[Effort, Annotated[float, Field(gt=0)]]
    open_gaps: Annotated[int, Field(ge=1)]
    unplanned: Effort
    source: Text


@dataclass(frozen=True, config=STRICT)
class ValidationRule:
    """Agreed levels from `needed_from` on wait for a second person's word; lower ones stand without."""

    needed_from: WholeLevel
    source: Text


@dataclass(frozen=True, config=STRICT)
class FallingRule:
    """Claims from `claimed_from` on are held against a falling KPI of their own."""

    claimed_from: WholeLevel
    source: Text


@dataclass(frozen=True, config=STRICT)
class EvidenceAge:
    """Months after which a piece of evidence is called old."""

    months: Annotated[int, Field(ge=1)]
    source: Text


@dataclass(frozen=True, config=STRICT)
class Stake:
    """What a KPI is worth in yearly money: its distance to where it is to be, times today's ARR, twelve, or one."""

    kpi: Text
    times: Literal["arr", "month", "one"]
    source: Text


@dataclass(frozen=True, config=STRICT)
class Overlap:
    """Capabilities of several matrices that rest on the same things and share their evidence."""

    label: Text
    capabilities: Annotated[tuple[Text, ...], Field(min_length=2)]
    source: Text


@dataclass(frozen=True, config=STRICT)
class EvidenceMeasure:
    """A figure that rules use and that is no KPI; `needs` names the tables that unlock it."""

    id: Text
    label: Text
    definition: Text
    unit: Literal["ratio", "count", "pp"]
    needs: tuple[Text, ...]
    source: Text


@dataclass(frozen=True, config=STRICT)
class Matrix:
    """A named set of capabilities that are scored together."""

    id: Text
    label: Text
    source: Text


@dataclass(frozen=True, config=STRICT)
class MaturityRules:
    """Everything scoring needs to know that is judgement rather than arithmetic."""

    scale: Scale
    answers: Answers
    level: LevelRule
    consensus: ConsensusRule
    evidence: EvidenceRule
    summary: SummaryRule
    priority: PriorityRule
    validation: ValidationRule
    falling: FallingRule
    evidence_age: EvidenceAge
    stakes: tuple[Stake, ...]
    overlaps: tuple[Overlap, ...]
    measures: tuple[EvidenceMeasure, ...]
    matrices: tuple[Matrix, ...]

    def answer_value(self, answer: str) -> float | None:
        """What an answer is worth, 0 to 1; None when the word is not one of the four."""
        return next((entry.value for entry in self.answers.values if entry.id == answer), None)

    def label_of(self, level: int) -> str:
        """The scale's word for a level; raises KeyError outside 1 to 5."""
        return {entry.level: entry.label for entry in self.scale.levels}[level]

    def sharing(self, capability: str) -> tuple[str, ...]:
        """The capability and those it shares evidence with."""
        group = next((item.capabilities for item in self.overlaps if capability in item.capabilities), ())
        return (capability, *(name for name in group if name != capability))


def load_maturity(folder: Path = MODEL_DIR) -> MaturityRules:
    """Read and check `maturity.toml`.

    Raises:
        ModelError: Naming the file and every wrong, unknown or missing key.
    """
    rules = load(FILE, MaturityRules, folder)
    problems = _problems(rules)
    if problems:
        raise ModelError("\n".join([f"{FILE}: {len(problems)} wrong.", *(f"  {line}" for line in problems)]))
    return rules


def _problems(rules: MaturityRules) -> list[str]:
    """What the types cannot say: completeness, order and uniqueness."""
    found: list[str] = []
    levels = tuple(entry.level for entry in rules.scale.levels)
    if levels != LEVELS:
        found.append(f"scale.levels: expected levels {_listed(LEVELS)} in this order; found {_listed(levels)}")
    words = tuple(entry.id for entry in rules.answers.values)
    if words != ("no", "some", "half", "most"):
        found.append(f"answers.values: expected no, some, half, most in this order; found {_listed(words)}")
    worth = [entry.value for entry in rules.answers.values]
    if worth != sorted(worth):
        found.append(f"answers.values: a better answer must not be worth less; found {_listed(worth)}")
    if rules.level.reached > rules.level.complete:
        found.append("level.reached: must not exceed level.complete; lower it")
    if rules.level.decimal_cap >= 1:
        found.append("level.decimal_cap: must stay under 1, or a decimal would read as the next level")
    found += _missing("priority.confidence", rules.priority.confidence, Status)
    found += _missing("priority.effort", rules.priority.effort, Effort)
    for key, ids in (
        ("measures", [entry.id for entry in rules.measures]),
        ("matrices", [entry.id for entry in rules.matrices]),
        ("stakes", [entry.kpi for entry in rules.stakes]),
        ("overlaps", [name for entry in rules.overlaps for name in entry.capabilities]),
    ):
        found += [f'{key}: the id "{twice}" stands twice' for twice in sorted({i for i in ids if ids.count(i) > 1})]
    return found


def _missing(key: str, given: object, words: object) -> list[str]:
    """One line for each word of a Literal that a table lacks."""
    return [f"{key}.{word}: missing" for word in getattr(words, "__args__", ()) if word not in given]  # type: ignore[operator]


def _listed(values: tuple[object, ...] | list[float]) -> str:
    return ", ".join(str(value) for value in values)
