"""What each capability looks like at five levels, and what must be measured before a level counts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from core.errors import ModelError
from core.model.maturity import LEVELS, MaturityRules, Text, WholeLevel
from core.model.toml import STRICT, load_each
from core.settings import MODEL_DIR

FOLDER = "capabilities"

Op = Literal[">=", "<=", "between", "measured"]
Use = Literal["value", "lower", "upper"]
Ref = Literal["target", "baseline_12m"]


@dataclass(frozen=True, config=STRICT)
class Condition:
    """One measured condition of a level.

    Attributes:
        metric: KPI function, coverage measure of the capability, or evidence measure of maturity.toml.
        op: Comparison; `measured` asks only that the figure came from rows in every month.
        months: Closed months the figure covers.
        value: Threshold; ratios as fractions.
        most: Upper end of `between`, whose lower end is `value`.
        ref: Threshold taken from the month instead: the KPI's own target, or the twelve months before.
        min_n: Least sample; below it the condition cannot be judged.
        use: Whether the figure itself or an end of its 95 % interval is compared.
        source: Where this threshold comes from, if not from the capability's source.
    """

    metric: Text
    op: Op
    months: Annotated[int, Field(ge=1, le=36)]
    value: float | None = None
    most: float | None = None
    ref: Ref | None = None
    min_n: Annotated[int, Field(ge=1)] | None = None
    use: Use = "value"
    source: str = ""


@dataclass(frozen=True, config=STRICT)
class Criterion:
    """One statement a rater answers with no, some, half or most. The id is permanent, the text may change."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    text: Text


@dataclass(frozen=True, config=STRICT)
class Level:
    """One level: signs to recognise (level 1), or criteria to answer and the rule that supports them (2 to 5)."""

    level: WholeLevel
    label: Text
    signs: tuple[Text, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    evidence: tuple[Condition, ...] = ()


@dataclass(frozen=True, config=STRICT)
class Coverage:
    """For what share of cases the thing is done; `needs` names the tables that unlock it."""

    id: Text
    definition: Text
    needs: Annotated[tuple[Text, ...], Field(min_length=1)]


@dataclass(frozen=True, config=STRICT)
class Capability:
    """One row of a maturity matrix, with its two poles, owners, KPIs and five levels."""

    id: Text
    code: Annotated[str, Field(pattern=r"^[A-Z][0-9]+$")]
    matrix: Text
    label: Text
    owner: Annotated[tuple[Text, ...], Field(min_length=1)]
    primary_kpis: Annotated[tuple[Text, ...], Field(min_length=1)]
    ad_hoc: Text
    operationalised: Text
    coverage: Coverage
    levels: tuple[Level, ...]
    source: Text

    def criteria_of(self, level: int) -> tuple[Criterion, ...]:
        """The criteria of one level; empty for level 1 and outside the scale."""
        return next((entry.criteria for entry in self.levels if entry.level == level), ())

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """Every criterion of the capability, lowest level first."""
        return tuple(criterion for level in self.levels for criterion in level.criteria)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Every measured condition of the capability: what a month must supply."""
        return tuple(condition for level in self.levels for condition in level.evidence)


def load_capabilities(
    known_metrics: Collection[str], rules: MaturityRules, folder: Path = MODEL_DIR
) -> dict[str, Capability]:
    """Read and cross-check every file of `capabilities/`.

    Args:
        known_metrics: Ids of all KPIs (names of the registered functions).
        rules: The checked `maturity.toml`, for scale, matrices and evidence measures.
        folder: Folder of the model files.

    Returns:
        Capabilities by id, in the order of their codes (A1, A2, …).

    Raises:
        ModelError: Naming each file and key that is wrong, unknown or missing, all files together.
    """
    loaded = load_each(FOLDER, Capability, folder)
    lines: list[str] = []
    for capability in loaded.values():
        problems = list(_problems(capability, known_metrics, rules))
        if problems:
            lines += [f"{FOLDER}/{capability.id}.toml: {len(problems)} wrong.", *(f"  {line}" for line in problems)]
    lines += _repeated(loaded)
    lines += _unknown(loaded, known_metrics, rules)
    if lines:
        raise ModelError("\n".join(lines))
    return dict(sorted(loaded.items(), key=lambda item: (item[1].code[0], int(item[1].code[1:]))))


def _repeated(loaded: Mapping[str, Capability]) -> list[str]:
    """Codes and coverage measures that two files share."""
    lines: list[str] = []
    taken: dict[tuple[str, str], str] = {}
    for capability in loaded.values():
        for key, value in (("code", capability.code), ("coverage.id", capability.coverage.id)):
            first = taken.setdefault((key, value), capability.id)
            if first != capability.id:
                lines.append(f'{FOLDER}/{capability.id}.toml: {key}: "{value}" is taken by {first}.toml')
    return lines


def _unknown(loaded: Mapping[str, Capability], known_metrics: Collection[str], rules: MaturityRules) -> list[str]:
    """Names in `maturity.toml` that no file and no KPI has."""
    names = [name for item in rules.overlaps for name in item.capabilities if name not in loaded]
    kpis = [item.kpi for item in rules.stakes if item.kpi not in known_metrics]
    return [f'maturity.toml: overlaps: no capability is called "{name}"' for name in names] + [
        f'maturity.toml: stakes: no KPI is called "{name}"' for name in kpis
    ]


def _problems(capability: Capability, known_metrics: Collection[str], rules: MaturityRules) -> Iterator[str]:
    """Every fault of one capability that its types cannot say, as "key: message"."""
    matrices = [matrix.id for matrix in rules.matrices]
    if capability.matrix not in matrices:
        yield f'matrix: expected one of {", ".join(matrices)}; found "{capability.matrix}"'
    for kpi in capability.primary_kpis:
        if kpi not in known_metrics:
            yield f'primary_kpis: no KPI is called "{kpi}"'
    numbers = tuple(level.level for level in capability.levels)
    if numbers != LEVELS:
        wanted, found = (", ".join(str(number) for number in each) for each in (LEVELS, numbers))
        yield f"levels: expected {wanted} in this order; found {found or 'none'}"
    ids = [criterion.id for criterion in capability.criteria]
    for twice in sorted({each for each in ids if ids.count(each) > 1}):
        yield f'levels: the criterion id "{twice}" stands twice'
    yield from _coverage_problems(capability)
    known = {*known_metrics, capability.coverage.id, *(measure.id for measure in rules.measures)}
    for level in capability.levels:
        yield from _level_problems(level, rules, known)


def _coverage_problems(capability: Capability) -> Iterator[str]:
    """A rule on an outcome never stands alone, and a higher level never asks for less coverage."""
    asked = 0.0
    for level in capability.levels:
        own = [c.value for c in level.evidence if c.metric == capability.coverage.id and c.op == ">="]
        if level.level > 1 and not own:
            yield f'levels.{level.level}.evidence: needs a ">=" condition on the coverage {capability.coverage.id}'
        for value in own:
            if value is not None and value < asked:
                yield f"levels.{level.level}.evidence: coverage {value} is less than a lower level asks ({asked})"
            asked = max(asked, value or 0.0)


def _level_problems(level: Level, rules: MaturityRules, known: Collection[str]) -> Iterator[str]:
    """Faults of one level: its word, its parts and its conditions."""
    key = f"levels.{level.level}"
    expected = rules.label_of(level.level)
    if level.label != expected:
        yield f'{key}.label: maturity.toml calls this level "{expected}"; found "{level.label}"'
    if level.level == 1:
        if not level.signs:
            yield f"{key}.signs: missing; level 1 lists the signs to recognise"
        if level.criteria or level.evidence:
            yield f"{key}: level 1 is not scored; remove criteria and evidence"
    else:
        if level.signs:
            yield f"{key}.signs: only level 1 has signs; write criteria"
        if not level.criteria:
            yield f"{key}.criteria: missing"
        if not level.evidence:
            yield f"{key}.evidence: missing"
    for place, condition in enumerate(level.evidence):
        yield from _condition_problems(f"{key}.evidence.{place}", condition, known)


def _condition_problems(key: str, condition: Condition, known: Collection[str]) -> Iterator[str]:
    """Faults of one condition: its metric and what it is compared with."""
    if condition.metric not in known:
        yield f'{key}.metric: no KPI, coverage or evidence measure is called "{condition.metric}"'
    thresholds = (condition.value is not None) + (condition.ref is not None)
    if condition.op == "measured":
        if thresholds or condition.most is not None or condition.min_n is not None or condition.use != "value":
            yield f'{key}: "measured" takes metric and months only'
    elif condition.op == "between":
        if condition.value is None or condition.most is None or condition.ref is not None:
            yield f'{key}: "between" needs value and most, and no ref'
        elif condition.most < condition.value:
            yield f"{key}.most: {condition.most} is less than value {condition.value}"
    elif thresholds != 1 or condition.most is not None:
        yield f'{key}: "{condition.op}" needs either value or ref, and no most'
