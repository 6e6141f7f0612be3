"""What a claim rests on: measured rules per level, the level they support, and the level that may be reported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.model.capabilities import Capability, Condition
from core.model.maturity import LEVELS, MaturityRules, Status

LOWEST = LEVELS[0]


class MeasureState(StrEnum):
    """What may be said of a figure; the same words as the state of a KPI."""

    OK = "ok"
    WIDE = "wide"
    TOO_FEW = "too_few"
    IMPLAUSIBLE = "implausible"
    UNDEFINED = "undefined"
    MISSING = "missing"


class Outcome(StrEnum):
    """What a condition or a rule came to; untestable neither holds nor fails."""

    HOLDS = "holds"
    FAILS = "fails"
    UNTESTABLE = "untestable"


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure as a rule reads it, over closed months.

    Attributes:
        value: The figure; ratios as fractions. None when it cannot be shown.
        low: Lower end of the 95 % interval; None for a census.
        high: Upper end of the 95 % interval; None for a census.
        n: Units it rests on. A census (all meetings, all decisions) is `ok` at any n.
        months_measured: Closed months in a row, up to the last, in which it came from rows.
        state: What may be said of it.
        unlocked_by: Tables that would make it measurable, when `state` is missing.
        target: The figure's own target; None when nobody set one.
        baseline: The same figure over the twelve closed months before; None when there is none.
        window: The figure of each of those months, newest first, without target and baseline of its own; empty
            where the figure speaks for its months already.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    months_measured: int
    state: MeasureState = MeasureState.OK
    unlocked_by: tuple[str, ...] = ()
    target: float | None = None
    baseline: float | None = None
    window: tuple[Measure, ...] = ()


@dataclass(frozen=True, slots=True)
class ConditionEvidence:
    """How one condition came out: the figure compared, the threshold, and why it is not plain."""

    condition: Condition
    outcome: Outcome
    compared: float | None
    threshold: float | None
    reason: str | None
    unlocked_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LevelEvidence:
    """How the rule of one level came out, with each of its conditions."""

    level: int
    outcome: Outcome
    conditions: tuple[ConditionEvidence, ...]

    @property
    def unlocked_by(self) -> tuple[str, ...]:
        """Tables that would make its untestable conditions testable, each once."""
        return tuple(dict.fromkeys(table for each in self.conditions for table in each.unlocked_by))


@dataclass(frozen=True, slots=True)
class Support:
    """The level that measurement supports, and what it stopped at.

    Attributes:
        level: Highest level whose rule and all lower rules hold; 1 if none.
        testable: Whether any rule could be judged at all.
        stopped: The first rule that does not hold; None when all hold.
    """

    level: int
    testable: bool
    stopped: LevelEvidence | None

    @property
    def unlocked_by(self) -> tuple[str, ...]:
        """Tables that would let the measured level go on; empty when it stopped at a failure."""
        if self.stopped is None or self.stopped.outcome is Outcome.FAILS:
            return ()
        return self.stopped.unlocked_by


def window_key(metric: str, months: int) -> str:
    """Key under which a figure over exactly `months` closed months may stand beside the plain one."""
    return f"{metric}@{months}"


def evaluate_rules(
    capability: Capability, measures: Mapping[str, Measure], needs: Mapping[str, Sequence[str]] | None = None
) -> tuple[LevelEvidence, ...]:
    """Judge the measured rule of each level, lowest first.

    A rule fails as soon as one condition fails, holds when all hold, and is untestable otherwise. A condition over
    several months is judged on each month of the figure's `window` against today's target or baseline: one failing
    month fails it, one that cannot be judged leaves it untestable, and it stands on the month nearest to failing, by
    the number it compares.

    Args:
        capability: Its levels carry the conditions.
        measures: Figures by metric id. A figure for one window stands under `window_key` and wins over
            the plain id; a metric that is absent is untestable.
        needs: Tables by metric id, named as the unlock of a metric that is absent or missing and does
            not name its own; the coverage measure knows its tables itself.

    Returns:
        One entry for each level with a rule (2 to 5).
    """
    tables = {capability.coverage.id: capability.coverage.needs, **(needs or {})}
    judged = []
    for level in capability.levels:
        if not level.evidence:
            continue
        conditions = tuple(_judge(condition, measures, tables) for condition in level.evidence)
        outcomes = {condition.outcome for condition in conditions}
        worst = next(o for o in (Outcome.FAILS, Outcome.UNTESTABLE, Outcome.HOLDS) if o in outcomes)
        judged.append(LevelEvidence(level.level, worst, conditions))
    return tuple(judged)


def _judge(
    condition: Condition, measures: Mapping[str, Measure], needs: Mapping[str, Sequence[str]]
) -> ConditionEvidence:
    """One condition against its figure."""
    measure = measures.get(window_key(condition.metric, condition.months)) or measures.get(condition.metric)
    if measure is None or measure.state is MeasureState.MISSING:
        tables = (measure.unlocked_by if measure else ()) or tuple(needs.get(condition.metric, ()))
        return ConditionEvidence(condition, Outcome.UNTESTABLE, None, None, "not measured yet", tables)
    if condition.op == "measured":
        enough = measure.months_measured >= condition.months
        reason = None if enough else _too_short(condition, measure)
        return ConditionEvidence(condition, Outcome.HOLDS if enough else Outcome.FAILS, None, None, reason)
    threshold = {"target": measure.target, "baseline_12m": measure.baseline, None: condition.value}[condition.ref]
    return _over_months(condition, measure, threshold)


def _over_months(condition: Condition, measure: Measure, threshold: float | None) -> ConditionEvidence:
    """A condition in each of its months: the worst failure, else what cannot be judged, else the nearest to failing."""
    months = measure.window[: condition.months] or (measure,)
    judged = [_of_month(condition, month, threshold) for month in months]
    failing = [each for each in judged if each.outcome is Outcome.FAILS]
    too_short = measure.months_measured < condition.months
    if failing and (measure.window or not too_short):
        return min(failing, key=_room)
    if too_short:
        reason = _too_short(condition, measure)
        return ConditionEvidence(condition, Outcome.UNTESTABLE, judged[0].compared, threshold, reason)
    untested = (each for each in judged if each.outcome is Outcome.UNTESTABLE)
    return next(untested, None) or min(judged, key=_room)


def _of_month(condition: Condition, month: Measure, threshold: float | None) -> ConditionEvidence:
    compared = {"value": month.value, "lower": month.low, "upper": month.high}[condition.use]
    reason = _why_untestable(condition, month, compared, threshold)
    if reason is not None or compared is None or threshold is None:
        return ConditionEvidence(condition, Outcome.UNTESTABLE, compared, threshold, reason)
    holds = _margin(condition, compared, threshold) >= 0
    return ConditionEvidence(condition, Outcome.HOLDS if holds else Outcome.FAILS, compared, threshold, None)


def _room(found: ConditionEvidence) -> float:
    assert found.compared is not None and found.threshold is not None
    return _margin(found.condition, found.compared, found.threshold)


def _why_untestable(
    condition: Condition, measure: Measure, compared: float | None, threshold: float | None
) -> str | None:
    """First reason a figure cannot be judged, in words; None when it can.

    A wide figure carries no judgement on its point, but the end of its interval does.
    """
    shown = measure.state is MeasureState.OK or (measure.state is MeasureState.WIDE and condition.use != "value")
    reasons = (
        (not shown, f"the figure is {measure.state.value.replace('_', ' ')}"),
        (measure.n < (condition.min_n or 0), f"rests on {measure.n}, needs {condition.min_n}"),
        (compared is None, "has no value" if condition.use == "value" else "has no interval"),
        (
            threshold is None,
            "has no target of its own; set one on Definitions"
            if condition.ref == "target"
            else "has no twelve months before to compare",
        ),
    )
    return next((words for applies, words in reasons if applies), None)


def _too_short(condition: Condition, measure: Measure) -> str:
    return f"measured in {measure.months_measured} of {condition.months} closed months"


def _margin(condition: Condition, compared: float, threshold: float) -> float:
    """How far a figure lies inside its threshold, below 0 outside; both ends of a range count as inside."""
    if condition.op == "<=":
        return threshold - compared
    if condition.op == "between" and condition.most is not None:
        return min(compared - threshold, condition.most - compared)
    return compared - threshold


def supported_level(evidence: Sequence[LevelEvidence]) -> Support:
    """Highest level whose rule and all lower rules hold; 1 if none.

    An untestable rule stops the level below it as a failed one does, but names what would unlock it.

    Args:
        evidence: Outcome per level, in any order.
    """
    level = LOWEST
    stopped: LevelEvidence | None = None
    for each in sorted(evidence, key=lambda entry: entry.level):
        if each.outcome is not Outcome.HOLDS:
            stopped = each
            break
        level = each.level
    testable = any(each.outcome is not Outcome.UNTESTABLE for each in evidence)
    return Support(level, testable, stopped)


def evidence_status(claimed: int, support: Support, rules: MaturityRules) -> Status:
    """How a claim stands to its measurement.

    supported: claimed = measured; stretch: one above; unsupported: two or more above;
    under_claimed: below; not_testable: no rule could be judged.
    """
    if not support.testable:
        return "not_testable"
    ahead = claimed - support.level
    if ahead < 0:
        return "under_claimed"
    if ahead == 0:
        return "supported"
    return "stretch" if ahead <= rules.evidence.stretch else "unsupported"


def reported_level(claimed: int, measured: int, status: Status, rules: MaturityRules) -> int:
    """Level that may be reported: 4 and 5 only where the measured rule of that level passes.

    reported = claimed up to level 3, otherwise the lesser of claimed and measured, but at least 3

    Args:
        claimed: Agreed level, or the whole level of the median before there is one.
        measured: Level that measurement supports.
        status: Outcome of `evidence_status`; `not_testable` counts as no passing rule.
        rules: The highest level reported without evidence (3).

    Returns:
        Never above `claimed`.
    """
    free = rules.evidence.highest_without
    passed = LOWEST if status == "not_testable" else measured
    return claimed if claimed <= free else max(free, min(claimed, passed))
