"""The Cohorts screen: customers by when they started, in groups, at equal ages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import get_args

import numpy as np

from core.cohorts.calendar import Along, calendar, calendar_columns
from core.cohorts.compare import Comparison, compare, compare_cohorts, diverge
from core.cohorts.curves import Curve, calendar_curves, curves, pooled
from core.cohorts.figures import Figure
from core.cohorts.groups import SPLITS, Grouping, Split, grouping, segment_codes
from core.cohorts.measures import Measured, measured
from core.cohorts.moments import Moment, weakest
from core.cohorts.triangle import (
    WIDTHS,
    Triangle,
    Width,
    ages_reached,
    at_age,
    calendar_triangle,
    cohort_codes,
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
        along: Whether triangle and curves go by age or along the calendar.
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
    along: Along = "age"


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
        trend: The newest ripe cohort against the oldest; None with fewer than two, and along the calendar.
        moment: The weakest period of the calendar; None by age, and where there is none.
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
    moment: Moment | None
    apart: tuple[Apart, ...]
    gap: str | None
    currency: str


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
    age, known = settled.age or cohort_rules().ages.preferred, gap is None
    drawn = _drawn(settled, groups, measure) if known else _Drawn(None, ())
    return Cohorts(
        query=settled,
        measure=measure.measure,
        customers=len(groups.customers),
        left_out=groups.customers.left_out,
        offset=groups.customers.offset,
        everybody=pooled(measure, (age,), np.arange(len(groups.customers)))[0] if known else None,
        triangle=drawn.triangle,
        curves=drawn.curves,
        comparison=pair,
        trend=drawn.trend,
        moment=drawn.moment,
        apart=_apart(settled, groups, measure) if known else (),
        gap=gap,
        currency=month.currency,
    )


@dataclass(frozen=True, eq=False)
class _Drawn:
    """Triangle and curves of a choice, and what their titles tell."""

    triangle: Triangle | None
    curves: tuple[Curve, ...]
    trend: Comparison | None = None
    moment: Moment | None = None


def _drawn(query: CohortQuery, groups: Grouping, measure: Measured) -> _Drawn:
    """What is drawn by age, or along the calendar."""
    customers, width = groups.customers, query.width or "year"
    shown = within(groups, query.group)
    if query.along == "age":
        age = query.age or cohort_rules().ages.preferred
        return _Drawn(
            triangle(measure, width, ages_reached(customers, monthly=query.monthly), shown),
            curves(groups, measure),
            trend=compare_cohorts(measure, width, age, shown),
        )
    seen = calendar(measure, calendar_columns(customers, query.along))
    return _Drawn(
        calendar_triangle(seen, width, shown),
        calendar_curves(groups, seen),
        moment=weakest(seen, cohort_codes(customers, width), shown),
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
