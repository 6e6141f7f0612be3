"""What measurement says of a capability: the figures its rules need, judged, and each outcome in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache

from core.glossary import SPACE, display
from core.kpis import REGISTRY
from core.maturity.evidence import (
    ConditionEvidence,
    LevelEvidence,
    Measure,
    MeasureState,
    Outcome,
    evaluate_rules,
)
from core.model.capabilities import Capability, Condition, load_capabilities
from core.model.maturity import MaturityRules, load_maturity
from core.month import Month
from core.schema import TABLES

MATRIX = "nurture_to_advocacy"


@dataclass(frozen=True)
class Figure:
    """A figure that rules name.

    Attributes:
        label: What a screen calls it.
        unit: How it is written.
        needs: Tables it is computed from.
        computed: Whether this version computes it; loading its tables alone does not make it testable otherwise.
    """

    label: str
    unit: str
    needs: tuple[str, ...]
    computed: bool = False


FIGURES: dict[str, Figure] = {
    "asks_per_contact_90d": Figure("Asks per contact in 90 days", "count", ("asks",)),
    "cac_shift": Figure("CAC shift", "ratio", ("subscriptions", "spend")),
    "community_engagement_rate": Figure("Community engagement", "ratio", ("interactions",)),
    "content_reach_accounts": Figure("Content reach", "count", ("interactions",)),
    "customer_lifetime_value": Figure("Customer lifetime value", "money", ("subscriptions", "gross_margin")),
    "feature_adoption_rate": Figure("Feature adoption", "ratio", ("feature_usage",)),
    "incremental_arr": Figure("Incremental ARR", "money", ("subscriptions", "asks")),
    "payback_months": Figure("Payback", "months", ("subscriptions", "spend", "gross_margin")),
    "referral_leads": Figure("Referral leads", "count", ("referrals",)),
    "referral_quality_rate": Figure("Referral quality", "ratio", ("referrals",)),
    "return_on_marketing_investment": Figure("Return on marketing investment", "ratio", ("spend", "gross_margin")),
    "stage_acceleration_rate": Figure("Stage acceleration", "ratio", ("opportunities", "stage_history")),
    "time_to_first_value": Figure("Time to first value", "days", ("milestones",)),
    "win_rate_lift_pp": Figure("Win rate, referred less all other", "pp", ("opportunities",)),
}
"""KPIs of the capability files that this version does not compute; one that joins the registry is read from there."""


@dataclass(frozen=True)
class RuleLine:
    """One condition of a level.

    Attributes:
        metric: Id of the figure.
        text: What is asked, in words.
        outcome: Whether it holds.
        words: The outcome with its figure or its reason.
        compared: The figure compared; None when there is none.
        threshold: What it is compared with; None where the rule asks only that it is measured.
        unlocked_by: Tables that are not loaded and that the figure needs.
    """

    metric: str
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
    """Scoring rules, and the capabilities of the matrix by id in the order of their codes.

    Raises:
        ModelError: A file under data/model is wrong.
    """
    rules = load_maturity()
    every = load_capabilities({*REGISTRY, *FIGURES}, rules)
    return rules, {name: item for name, item in every.items() if item.matrix == MATRIX}


def capability_evidence(capability: Capability, month: Month | None) -> tuple[LevelEvidence, ...]:
    """Judge a capability's rules on a month's figures; without a month nothing can be tested."""
    measures = {} if month is None else measures_of(month, {each.metric for each in capability.conditions})
    return evaluate_rules(capability, measures)


def measures_of(month: Month, metrics: Collection[str]) -> dict[str, Measure]:
    """The figures of a month as rules read them; those it does not compute are left out.

    A figure counts as measured in a month in which it may be shown. Its baseline is the year before where its
    own window is a year; targets are not kept yet.
    """
    return {name: _measure(month, name) for name in metrics if name in REGISTRY}


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


def _measure(month: Month, name: str) -> Measure:
    result, item = month.kpis[name], REGISTRY[name]
    shown = 0
    for value in reversed(month.history[name]):
        if value is None:
            break
        shown += 1
    return Measure(
        value=result.value,
        low=result.low,
        high=result.high,
        n=result.n,
        months_measured=shown,
        state=MeasureState(result.state.value),
        unlocked_by=tuple(table for table in item.needs if table not in month.loaded),
        baseline=result.year_ago if item.frame.endswith("_year") else None,
    )


def _figures_of(capability: Capability) -> Mapping[str, Figure]:
    rules = maturity_model()[0]
    return {
        **FIGURES,
        **{item.id: Figure(item.label, item.unit, item.needs) for item in rules.measures},
        capability.coverage.id: Figure("Coverage", "ratio", capability.coverage.needs),
        **{name: Figure(item.label, item.unit, item.needs, computed=True) for name, item in REGISTRY.items()},
    }


def _line(item: ConditionEvidence, figure: Figure, month: Month | None) -> RuleLine:
    loaded = frozenset[str]() if month is None else month.loaded
    missing = tuple(table for table in figure.needs if table in TABLES and table not in loaded)
    unlock = missing if item.outcome is Outcome.UNTESTABLE else ()
    return RuleLine(
        metric=item.condition.metric,
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
    ends = {"value": "", "lower": ", lower end of its interval,", "upper": ", upper end of its interval,"}
    verb = {">=": "at least", "<=": "at most", "between": "between"}[condition.op]
    against = {"target": "its target", "baseline_12m": "the twelve months before"}.get(condition.ref or "")
    wanted = against or _threshold(condition.value, figure.unit)
    if condition.most is not None:
        wanted += f" and {_threshold(condition.most, figure.unit)}"
    sample = f", on {condition.min_n} or more" if condition.min_n else ""
    return f"{figure.label}{ends[condition.use]} {verb} {wanted}, {months}{sample}"


def _threshold(value: float | None, unit: str) -> str:
    """A threshold without the decimal that a measured figure carries."""
    if value is not None and unit in ("ratio", "pp"):
        return f"{100 * value:.4g}{SPACE}{'%' if unit == 'ratio' else 'pp'}"
    return display(value, unit)


def _outcome(item: ConditionEvidence, figure: Figure, unlock: tuple[str, ...], month: Month | None) -> str:
    if item.outcome is not Outcome.UNTESTABLE:
        currency = month.currency if month is not None and figure.unit == "money" else ""
        found = item.reason or (display(item.compared, figure.unit, currency) if item.compared is not None else "")
        return f"{item.outcome.value}: {found}" if found else item.outcome.value
    if unlock:
        later = "" if figure.computed else "; not computed in this version"
        return f"cannot be tested: load {table_names(unlock)}{later}"
    if not figure.computed:
        return "cannot be tested: not computed in this version"
    if item.compared is None and month is not None and month.kpis[item.condition.metric].reason:
        return f"cannot be tested: {month.kpis[item.condition.metric].reason}"
    return f"cannot be tested: {item.reason}"


def table_names(tables: Collection[str]) -> str:
    """Tables as a reader calls them."""
    return ", ".join(table.replace("_", " ") for table in tables)
