"""How the figures of the Cohorts screen are made, in words."""

from __future__ import annotations

from core.cohorts.groups import SPLITS
from core.kpis.registry import REGISTRY
from core.model.cohorts import cohort_rules
from core.model.kpi_rules import kpi_rules
from core.services.cohort_words import sentence
from core.services.cohorts import Cohorts


def method(view: Cohorts) -> tuple[tuple[str, str], ...]:
    """How the figures are made: label and words."""
    rule, rules = view.measure, cohort_rules()
    lines = [
        (
            rule.label,
            f"{rule.says} {sentence(rule.formula)}. {rule.left_out} Source: {rule.source}.",
        ),
        (
            "Cohort",
            "Customers (parent accounts) by their first month end with revenue; age counts month ends from there. "
            "Customers with revenue at the first month end of the data are left out: nobody knows when they started.",
        ),
        *(_by_age(view) if view.query.along == "age" else _by_month(view)),
        ("Grouped by", f"{SPLITS[view.query.split]}: read at the start, never from what became of the customer later."),
        ("A look", f"{rules.divergence.source}."),
    ]
    if view.query.split == "channel" and rule.id == "logo":
        lines.append(("Beside Definitions", _beside()))
    if view.query.split == "persona":
        lines.append((SPLITS["persona"], "Of whoever joined first, by the end of the first month; as on record now."))
    if view.query.split == "advocate":
        left = "Customers who started before acts are on record are left out: nobody knows whether they had acted."
        lines.append(("Advocates", f"{rules.landmark.source}. {left}"))
    return tuple(lines)


def _by_age(view: Cohorts) -> tuple[tuple[str, str], ...]:
    return (
        (
            "Ripe",
            "A cell has a figure once every customer of the cohort has come to the age; before that it is hatched.",
        ),
        ("All cohorts", _pool_words(view.measure.kind == "share")),
    )


def _by_month(view: Cohorts) -> tuple[tuple[str, str], ...]:
    along = view.query.along
    lines = (
        (
            "Along the calendar",
            f"The same figure at the end of each {along}, each customer at the age it had by then: what happened at "
            "one moment stands in one column. A cell has a figure once every customer of the cohort has started; "
            "before that it is hatched. All cohorts and the curves take whoever had started: new customers move them.",
        ),
    )
    if view.moment is None:
        return lines
    return (
        *lines,
        (
            f"Weakest {along}",
            f"What customers kept over each {along} of what they had at its beginning, against the other {along}s "
            f"weighted to the same ages, by {along}s of age. Beyond chance: the interval leaves 0 out at a level "
            f"widened for having looked at every {along} shown. Where it is weaker whichever cohort is left out, it "
            "is not of one cohort alone.",
        ),
    )


def _beside() -> str:
    """Why the figure of Definitions may be another although the rule is the same."""
    kpi = REGISTRY["retention_referred_vs_other"].label
    years = kpi_rules().lifetime.cohort_months // 12
    return (
        f"{kpi}, on Definitions, compares referred customers with all others, started in the same quarter and the last "
        f"{years} years; here two sources are compared, started in the same year, whenever that was. Both show a "
        "difference from the same numbers of customers, and of customers lost by the age, on each side."
    )


def _pool_words(share: bool) -> str:
    """How the row of all cohorts is made."""
    if share:
        return (
            "Kaplan-Meier over all of them, the curve of all customers: at a late age only the older cohorts are left, "
            "and a plain share of those could rise with age though no customer came back."
        )
    return "All customers who reached the age. At a late age only the older cohorts are left, so it may rise with age."
