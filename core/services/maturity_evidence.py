"""What measurement says of a capability: the figures its rules need, judged, and each outcome in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache

from core.glossary import SPACE, display
from core.kpis import MEASURES, REGISTRY
from core.maturity.evidence import (
    ConditionEvidence,
    LevelEvidence,
    Outcome,
    evaluate_rules,
)
from core.model.capabilities import Capability, Condition, load_capabilities
from core.model.maturity import EvidenceMeasure, MaturityRules, load_maturity
from core.month import Month
from core.schema import TABLES
from core.services.decision_measures import COUNTS
from core.services.import_tests import LOAD_TESTS
from core.services.maturity_measures import (
    FIGURES,
    RATIOS,
    Figure,
    measure_results,
    measures_of,
    windows_of,
)
from core.services.restatements import RESTATED, WHY_NONE
from core.services.targets import Targets

NOT_COMPUTED = "this figure is not computed yet"


@dataclass(frozen=True)
class RuleLine:
    """One condition of a level.

    Attributes:
        metric: Id of the figure.
        label: What the figure is called.
        text: What is asked, in words.
        outcome: Whether it holds.
        words: The outcome with its figure or its reason.
        compared: The figure compared; None when there is none.
        threshold: What it is compared with; None where the rule asks only that it is measured.
        unlocked_by: Tables that are not loaded and that the figure needs.
    """

    metric: str
    label: str
    text: str
    outcome: Outcome
    words: str
    compared: float | None
    threshold: float | None
    unlocked_by: tuple[str, ...]


@dataclass(frozen=True)
class LevelRule:
    """The measured rule of one level."""

    level: int
    label: str
    outcome: Outcome
    lines: tuple[RuleLine, ...]

    @property
    def unlocked_by(self) -> tuple[str, ...]:
        """Tables its untestable conditions need, each once."""
        return tuple(dict.fromkeys(table for line in self.lines for table in line.unlocked_by))


@lru_cache(maxsize=1)
def maturity_model() -> tuple[MaturityRules, dict[str, Capability]]:
    """Scoring rules, and the capabilities of every matrix by id in the order of their codes.

    Raises:
        ModelError: A file under data/model is wrong.
    """
    rules = load_maturity()
    return rules, load_capabilities({*REGISTRY, *FIGURES}, rules)


def capability_evidence(capability: Capability, month: Month | None, targets: Targets) -> tuple[LevelEvidence, ...]:
    """Judge a capability's rules on a month's figures and targets; without a month nothing can be tested."""
    if month is None:
        return evaluate_rules(capability, {})
    conditions = capability.conditions
    longest = max((each.months for each in conditions), default=1)
    compared = {each.metric: 1 for each in conditions}
    for each in conditions:
        if each.op != "measured":
            compared[each.metric] = max(compared[each.metric], each.months)
    measures = measures_of(month, compared, targets, longest, compared)
    return evaluate_rules(capability, measures | windows_of(month, capability))


def rules_in_words(
    capability: Capability, evidence: tuple[LevelEvidence, ...], month: Month | None
) -> tuple[LevelRule, ...]:
    """Outcome of each level's rule with every condition in words, lowest level first."""
    names = {level.level: level.label for level in capability.levels}
    known = _figures_of(capability)
    return tuple(
        LevelRule(
            level=each.level,
            label=names[each.level],
            outcome=each.outcome,
            lines=tuple(_line(item, known[item.condition.metric], month) for item in each.conditions),
        )
        for each in evidence
    )


def _figures_of(capability: Capability) -> Mapping[str, Figure]:
    rules = maturity_model()[0]
    return {
        **{item.id: _evidence_figure(item) for item in rules.measures},
        capability.coverage.id: Figure(
            "Coverage", "ratio", capability.coverage.needs, computed=capability.coverage.id in COUNTS
        ),
        **FIGURES,
        **{name: Figure(item.label, item.unit, item.needs, computed=True) for name, item in REGISTRY.items()},
    }


def _evidence_figure(item: EvidenceMeasure) -> Figure:
    """An evidence measure of maturity.toml; a ratio of KPIs needs what the KPIs need."""
    parts = RATIOS.get(item.id, ())
    needs = dict.fromkeys(table for name in parts for table in REGISTRY[name].needs) if parts else item.needs
    return Figure(
        item.label, item.unit, tuple(needs), computed=bool(parts) or item.id in (*COUNTS, LOAD_TESTS, RESTATED)
    )


def _line(item: ConditionEvidence, figure: Figure, month: Month | None) -> RuleLine:
    loaded = frozenset[str]() if month is None else month.loaded
    missing = tuple(table for table in figure.needs if table in TABLES and table not in loaded)
    unlock = missing if item.outcome is Outcome.UNTESTABLE else ()
    return RuleLine(
        metric=item.condition.metric,
        label=f"{figure.label}{_END[item.condition.use]}".rstrip(","),
        text=_asked(item.condition, figure),
        outcome=item.outcome,
        words=_outcome(item, figure, unlock, month),
        compared=item.compared,
        threshold=item.threshold,
        unlocked_by=unlock,
    )


def _asked(condition: Condition, figure: Figure) -> str:
    """A condition as a reader says it: "Net revenue retention at least 106 %, 6 months, on 60 or more"."""
    months = "1 month" if condition.months == 1 else f"{condition.months} months"
    if condition.op == "measured":
        return f"{figure.label} measured in each of {months}"
    if condition.ref == "target":
        within = "at or below" if condition.op == "<=" else "at or above"
        return f"{figure.label}{_END[condition.use]} {within} its own target for {months}{_sample(condition)}"
    verb = {">=": "at least", "<=": "at most", "between": "between"}[condition.op]
    wanted = f"{verb} the twelve months before" if condition.ref else _wanted(condition, figure.unit)
    return f"{figure.label}{_END[condition.use]} {wanted}, {months}{_sample(condition)}"


_END = {"value": "", "lower": ", lower end of its interval,", "upper": ", upper end of its interval,"}


def _sample(condition: Condition) -> str:
    return f", on {condition.min_n} or more" if condition.min_n else ""


def _threshold(value: float | None, unit: str) -> str:
    """A threshold without the decimal that a measured figure carries."""
    if value is not None and unit in ("ratio", "pp"):
        return f"{100 * value:.4g}{SPACE}{'%' if unit == 'ratio' else 'pp'}"
    return display(value, unit)


def _outcome(item: ConditionEvidence, figure: Figure, unlock: tuple[str, ...], month: Month | None) -> str:
    if item.outcome is not Outcome.UNTESTABLE:
        currency = month.currency if month is not None and figure.unit == "money" else ""
        found = _found(item, figure.unit, currency)
        return f"{item.outcome.value}: {found}" if found else item.outcome.value
    if not figure.computed:
        return f"cannot be tested: {NOT_COMPUTED}"
    if unlock:
        return f"cannot be tested: load {table_names(unlock)}"
    why = _why_none(item.condition.metric, month) if item.compared is None else ""
    return f"cannot be tested: {why or item.reason}"


def _found(item: ConditionEvidence, unit: str, currency: str) -> str:
    """The figure of a judged condition; a failing one beside what was asked, and over how many months."""
    condition, fails = item.condition, item.outcome is Outcome.FAILS
    if item.compared is None or item.threshold is None:
        return item.reason or ""
    found, several = display(item.compared, unit, currency), condition.months > 1
    if condition.ref:
        found += f" against {display(item.threshold, unit, currency)}"
    elif fails:
        found += f" where {_wanted(condition, unit)} is needed"
    if not several:
        return found
    return f"{found}, in each of {condition.months} months" if fails else f"{found} in the weakest month"


def _wanted(condition: Condition, unit: str) -> str:
    """A threshold with its direction: "at least 80 %"."""
    verb = {">=": "at least", "<=": "at most", "between": "between"}[condition.op]
    most = "" if condition.most is None else f" and {_threshold(condition.most, unit)}"
    return f"{verb} {_threshold(condition.value, unit)}{most}"


def _why_none(metric: str, month: Month | None) -> str:
    """Why a month has no such figure, in the words of the KPIs it is made of; empty when they say nothing."""
    if month is None:
        return ""
    if metric in MEASURES:
        return measure_results(month, metric)[0].reason or ""
    if metric == LOAD_TESTS:
        return "no import of this month counted its data tests"
    if metric == RESTATED:
        return WHY_NONE
    if metric in COUNTS:
        return "the council recorded no such decision in twelve months"
    results = [month.kpis[name] for name in RATIOS.get(metric, (metric,))]
    if len(results) == 1:
        return results[0].reason or ""
    return "; ".join(f"{result.label}: {result.reason}" for result in results if result.reason)


def not_computed(rules: Collection[LevelRule], capability: Capability) -> tuple[str, ...]:
    """Figures the rules name and this version does not compute, each once, as a reader calls them."""
    known = _figures_of(capability)
    named = dict.fromkeys(line.metric for rule in rules for line in rule.lines)
    return tuple(known[name].label for name in named if not known[name].computed)


def table_names(tables: Collection[str]) -> str:
    """Tables as a reader calls them."""
    return ", ".join(table.replace("_", " ") for table in tables)
