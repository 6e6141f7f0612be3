"""The Cohorts screen: customers by when they started, in groups, at equal ages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import get_args

import numpy as np

from core.cohorts.compare import Comparison, compare, compare_cohorts, diverge
from core.cohorts.curves import Curve, curves, pooled
from core.cohorts.figures import Figure
from core.cohorts.groups import SPLITS, Grouping, Split, grouping, segment_codes
from core.cohorts.measures import Measured, measured
from core.cohorts.triangle import (
    WIDTHS,
    Triangle,
    Width,
    ages_reached,
    at_age,
    fitting_width,
    of_group,
    periods,
    triangle,
)
from core.errors import CouncilError
from core.model.cohorts import Measure, MeasureId, cohort_rules
from core.month import Month

QUESTION = "Which customers stay and grow, and does how we won them matter?"
WIDTH_LABELS: dict[Width, str] = {"month": "Month", "quarter": "Quarter", "half": "Half-year", "year": "Year"}
SHOWN_WIDTHS: tuple[Width, ...] = ("quarter", "half", "year")


@dataclass(frozen=True, slots=True)
class CohortQuery:
    """What is asked of the cohorts; None takes what fits the company.

    Attributes:
        split: What customers are grouped by.
        measure: What is measured.
        width: Length of a start period.
        since: Label of the first start quarter; None for all.
        until: Label of the last one.
        first: Group that is compared.
        second: Group it is compared with.
        age: Age of the comparison. [months]
        group: Only this group in the triangle.
        monthly: Every month of the first year in the triangle.
    """

    split: Split = "channel"
    measure: MeasureId = "logo"
    width: Width | None = None
    since: str | None = None
    until: str | None = None
    first: str | None = None
    second: str | None = None
    age: int | None = None
    group: str | None = None
    monthly: bool = False


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen for a month and a split.

    Attributes:
        groups: Groups, the most telling first.
        quarters: Start quarters with customers, oldest first.
        ages: Ages of a comparison that somebody reached. [months]
        width: Length of a start period that fits the number of customers.
        gap: Why there are no groups, in words; None when there are some.
    """

    groups: tuple[str, ...]
    quarters: tuple[str, ...]
    ages: tuple[int, ...]
    width: Width
    gap: str | None


@dataclass(frozen=True, slots=True)
class Apart:
    """The figures of two groups at an age at which they are further apart than calls for a look."""

    age: int
    first: Figure
    second: Figure


@dataclass(frozen=True, eq=False)
class Cohorts:
    """Everything computed for one choice.

    Attributes:
        query: The choice, every None filled in that can be.
        measure: The measure.
        customers: Customers with a known start in the chosen range.
        left_out: Customers whose start is not known.
        offset: Months after the start at which age 0 lies.
        everybody: The figure of all of them at the age of the comparison, as `core.cohorts.curves.pooled` gives it.
        triangle: Cohorts x ages; None where the measure cannot be computed.
        curves: One a group.
        comparison: The two groups; None with fewer than two.
        trend: The newest ripe cohort against the oldest; None with fewer than two.
        apart: Ages at which the two groups are further apart than calls for a look.
        gap: Why the measure cannot be computed, in words; None when it can.
        currency: ISO code.
    """

    query: CohortQuery
    measure: Measure
    customers: int
    left_out: int
    offset: int
    everybody: Figure | None
    triangle: Triangle | None
    curves: tuple[Curve, ...]
    comparison: Comparison | None
    trend: Comparison | None
    apart: tuple[Apart, ...]
    gap: str | None
    currency: str


def choices(month: Month, split: Split) -> Choices:
    """What can be chosen, before anything is measured."""
    data = month.cohort_input
    groups = grouping(data, split)
    ages = tuple(age for age in cohort_rules().ages.compared if age <= groups.customers.last_age)
    return Choices(
        groups=groups.names,
        quarters=tuple(period.label for period in periods(groups.customers, "quarter")),
        ages=ages or cohort_rules().ages.compared[:1],
        width=fitting_width(groups.customers),
        gap=groups.gap,
    )


def opening(month: Month) -> CohortQuery:
    """What is grouped and measured at first: the first choice of `data/model/cohorts.toml` that tells something.

    Returns:
        The first whose two groups have a difference that may be shown, else the very first.
    """
    rules = cohort_rules().opening
    asked = [CohortQuery(split=split, measure=measure) for split in rules.splits for measure in rules.measures]
    return next((query for query in asked if _is_told(month, query)), asked[0])


def _is_told(month: Month, query: CohortQuery) -> bool:
    """Whether the difference of the two groups may be shown at some age."""
    groups = grouping(month.cohort_input, query.split)
    measure = measured(month.cohort_input, groups.customers, query.measure)
    if measure.gap is not None or len(groups.names) < 2 or not len(groups.customers):
        return False
    pair = _settled(month, query, groups, measure)[1]
    return pair is not None and pair.raw.outcome != "not_shown"


def cohorts(month: Month, query: CohortQuery) -> Cohorts:
    """The cohorts of a month for one choice.

    Args:
        month: The month.
        query: The choice; a group that does not exist is taken as none.
    """
    groups = chosen(month, query)
    measure = measured(month.cohort_input, groups.customers, query.measure)
    gap = measure.gap or (None if len(groups.customers) else "no customer of this range has a known start")
    settled, pair = _settled(month, query, groups, measure if gap is None else None)
    width, age = settled.width or "year", settled.age or cohort_rules().ages.preferred
    shown, known = within(groups, settled.group), gap is None
    return Cohorts(
        query=settled,
        measure=measure.measure,
        customers=len(groups.customers),
        left_out=groups.customers.left_out,
        offset=groups.customers.offset,
        everybody=pooled(measure, (age,), np.arange(len(groups.customers)))[0] if known else None,
        triangle=triangle(measure, width, ages_reached(groups.customers, monthly=query.monthly), shown)
        if known
        else None,
        curves=curves(groups, measure) if known else (),
        comparison=pair,
        trend=compare_cohorts(measure, width, age, shown) if known else None,
        apart=_apart(settled, groups, measure) if known else (),
        gap=gap,
        currency=month.currency,
    )


def chosen(month: Month, query: CohortQuery) -> Grouping:
    """Customers of the chosen range with their groups."""
    groups = grouping(month.cohort_input, query.split)
    known = {period.label: period for period in periods(groups.customers, "quarter")}
    since, until = known.get(query.since or ""), known.get(query.until or "")
    return groups.between(since.first if since else None, until.last if until else None)


def within(groups: Grouping, group: str | None) -> np.ndarray:
    """Which customers the triangle shows."""
    if group is None or group not in groups.names:
        return np.ones(len(groups.customers), dtype=bool)
    return of_group(groups, group)


def query_of(split: str | None, measure: str | None, width: str | None = None) -> CohortQuery:
    """A choice from the words of a command line.

    Raises:
        CouncilError: One of them is unknown; the message lists those there are.
    """
    for name, found, known in (
        ("--by", split, tuple(SPLITS)),
        ("--measure", measure, tuple(cohort_rules().by_id)),
        ("--width", width, tuple(WIDTHS)),
    ):
        if found is not None and found not in known:
            raise CouncilError(f'{name}: expected one of {", ".join(known)}; found "{found}"')
    splits: dict[str, Split] = {name: name for name in SPLITS}
    measures: dict[str, MeasureId] = {name: name for name in get_args(MeasureId)}
    widths: dict[str, Width] = {name: name for name in WIDTHS}
    return CohortQuery(
        splits[split or "all"], measures[measure or "logo"], widths[width] if width is not None else None
    )


def _settled(
    month: Month, query: CohortQuery, groups: Grouping, measure: Measured | None
) -> tuple[CohortQuery, Comparison | None]:
    """The choice with everything filled in that was left open or does not exist, and the comparison it leads to."""
    names = groups.names
    first = query.first if query.first in names else names[0]
    others = [name for name in names if name != first]
    second = query.second if query.second in others else (others[0] if others else None)
    settled = replace(
        query,
        width=query.width or fitting_width(groups.customers),
        first=first,
        second=second,
        group=query.group if query.group in names else None,
    )
    known, preferred = _ages(groups), cohort_rules().ages.preferred
    if query.age in known:
        known = [query.age]
    pair: Comparison | None = None
    for age in sorted(known, key=lambda age: (age != preferred, -age)):
        found = _compared(month, replace(settled, age=age), groups, measure)
        pair = pair or found
        if found is None or found.raw.outcome != "not_shown":
            pair = found
            break
    fallback = preferred if preferred in known or not known else known[-1]
    return replace(settled, age=pair.age if pair else fallback), pair


def _ages(groups: Grouping) -> list[int]:
    return [age for age in cohort_rules().ages.compared if age <= groups.customers.last_age]


def _compared(month: Month, query: CohortQuery, groups: Grouping, measure: Measured | None) -> Comparison | None:
    if measure is None or query.first is None or query.second is None or query.age is None:
        return None
    segments = segment_codes(month.cohort_input, groups.customers)
    return compare(groups, measure, query.first, query.second, query.age, segments)


def _apart(query: CohortQuery, groups: Grouping, measure: Measured) -> tuple[Apart, ...]:
    if query.first is None or query.second is None:
        return ()
    rows = [np.flatnonzero(of_group(groups, name)) for name in (query.first, query.second)]
    pairs = [Apart(age, at_age(measure, age, rows[0]), at_age(measure, age, rows[1])) for age in _ages(groups)]
    return tuple(pair for pair in pairs if diverge(pair.first, pair.second))
