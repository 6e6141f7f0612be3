"""Two groups at an equal age: how far apart they are, how sure that is, and what is left when they are made alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.cohorts.figures import Figure, interval_of
from core.cohorts.groups import Codes, Grouping
from core.cohorts.measures import AtAge, Measured
from core.cohorts.triangle import Width, at_age, triangle
from core.model.cohorts import cohort_rules
from core.stats.intervals import Interval
from core.stats.small_sample import judge_two_arms
from core.stats.stratified import comparison_weights, strata
from core.stats.weighted import difference_of, effective_units, weighted_wilson

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
Outcome = Literal["first", "second", "none", "not_shown"]


@dataclass(frozen=True, slots=True)
class Difference:
    """First group less second.

    Attributes:
        value: Difference; ratios as fractions, money in cents. None where it may not be shown.
        low: Lower end of the 95 % interval.
        high: Upper end.
        outcome: The group that has more, where the interval leaves 0 out; `none` where it does not.
        reason: Why it is not plainly shown, in words; None when it is.
        method: How the interval was found.
    """

    value: float | None
    low: float | None
    high: float | None
    outcome: Outcome
    reason: str | None
    method: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two groups at an equal age.

    Attributes:
        first: Name of the first group.
        second: Name of the second.
        age: Months since the start.
        figures: The figure of each.
        raw: Their difference as they are.
        alike: Their difference with the second group weighted to the segments and start periods of the first.
        alike_customers: Customers of the first group that have others alike.
    """

    first: str
    second: str
    age: int
    figures: tuple[Figure, Figure]
    raw: Difference
    alike: Difference
    alike_customers: int


def compare(groups: Grouping, measure: Measured, first: str, second: str, age: int, segments: Codes) -> Comparison:
    """Compare two groups at an age, among the customers of each who reached it.

    A difference is no effect: it may come from which customers each group has. `alike` takes out what segment and
    start period explain, and nothing else.

    Args:
        groups: Customers and their groups.
        measure: A measure of the same customers.
        first: Name of the first group.
        second: Name of the second group.
        age: Months since the start.
        segments: Segment of each customer at its start, as a number.

    Returns:
        The comparison; differences without a value where the small-sample rule forbids one.

    Source:
        Shares: Newcombe, Statistics in Medicine 17, 1998. The other kinds: the same construction on the interval of
        each group, Zou and Donner, Statistics in Medicine 27, 2008. Alike:
        post-stratification, Holt and Smith, J. R. Statist. Soc. A 142, 1979
    """
    found = measure.at(age)
    arms = [np.flatnonzero(found.counted & (groups.codes == groups.names.index(name))) for name in (first, second)]
    figures = (at_age(measure, age, arms[0]), at_age(measure, age, arms[1]))
    every = np.concatenate(arms)
    treated = np.arange(len(every)) < len(arms[0])
    raw = _difference(measure, found, every, treated, np.ones(len(every)))
    weights = _weights(groups, every, treated, segments)
    alike = _difference(measure, found, every, treated, weights)
    matched = int((weights[treated] > 0).sum())
    return Comparison(first, second, age, figures, raw, alike, matched)


def _weights(groups: Grouping, every: Rows, treated: NDArray[np.bool_], segments: Codes) -> Floats:
    """Weights that give the second group the segments and start periods of the first; 0 for who has nobody alike."""
    rules = cohort_rules().comparison
    month = groups.customers.first_month.month - 1 + groups.customers.start[every]
    if not len(every):
        return np.zeros(0)
    period = month // rules.start_months
    # what groups are made of cannot be made alike
    kind = strata(period) if groups.split == "segment" else strata(segments[every], period)
    return np.asarray(comparison_weights(None, treated, kind, rules.least_untreated)[0])


def _difference(
    measure: Measured, found: AtAge, every: Rows, treated: NDArray[np.bool_], weights: Floats
) -> Difference:
    used = weights > 0
    rows, arm, weight = every[used], treated[used], weights[used]
    above, below = found.numerator[rows] * weight, found.denominator[rows] * weight
    sums = [(float(above[side].sum()), float(below[side].sum())) for side in (arm, ~arm)]
    if min(base for _, base in sums) <= 0:
        return Difference(None, None, None, "not_shown", "too few: one of the groups has nobody at this age", "")
    value = sums[0][0] / sums[0][1] - sums[1][0] / sums[1][1]
    interval = _interval(measure, above, below, arm, weight)
    changed = _changed(measure, found, rows)
    verdict = judge_two_arms(
        (int(arm.sum()), int((~arm).sum())),
        (int((changed & arm).sum()), int((changed & ~arm).sum())),
        interval if measure.measure.unit == "ratio" else None,
        noun="customers",
        events_noun="who reached value" if measure.rising else "customers lost",
    )
    if not verdict.show or interval is None:
        return Difference(None, None, None, "not_shown", verdict.reason or "no band can be given for it", "")
    outcome: Outcome = "first" if interval.low > 0 else "second" if interval.high < 0 else "none"
    return Difference(value, interval.low, interval.high, outcome, verdict.reason, interval.method)


def _interval(
    measure: Measured, above: Floats, below: Floats, arm: NDArray[np.bool_], weight: Floats
) -> Interval | None:
    """Interval of the difference from that of each group."""
    ends = []
    for side in (arm, ~arm):
        rate = float(above[side].sum() / below[side].sum())
        if measure.measure.kind == "share":
            band = weighted_wilson(rate, effective_units(weight[side]))
        else:
            band = interval_of(measure.measure.kind, above[side], below[side])
        if band is None:
            return None
        ends.append((rate, band))
    return difference_of(*ends[0], *ends[1])


def _changed(measure: Measured, found: AtAge, rows: Rows) -> NDArray[np.bool_]:
    """Customers that tell of a difference: the rarer outcome's of a share, all of other kinds."""
    if measure.measure.kind != "share":
        return np.ones(len(rows), dtype=bool)
    there = found.numerator[rows] > 0
    return there if measure.rising else ~there


def diverge(one: Figure, other: Figure) -> bool:
    """Whether two figures differ by more than calls for a look, both shown and of enough customers.

    Says nothing about chance; thresholds: data/model/cohorts.toml, table divergence.
    """
    rules = cohort_rules().divergence
    if one.value is None or other.value is None or min(one.n, other.n) < rules.least_customers or other.value <= 0:
        return False
    return abs(one.value - other.value) / other.value > rules.relative


def compare_cohorts(measure: Measured, width: Width, age: int, within: NDArray[np.bool_]) -> Comparison | None:
    """The newest cohort that is ripe at an age against the oldest that is, of those whose figure may be shown.

    Args:
        measure: A measure of customers.
        width: Length of a start period.
        age: Months since the start.
        within: Which of the customers to take.

    Returns:
        The comparison, newest first. None with fewer than two such cohorts.
    """
    customers = measure.customers
    rows = triangle(measure, width, (age,), within).cohorts
    ripe = [row.period for row in rows if row.period and row.cells and row.cells[0].figure.shown]
    if len(ripe) < 2:
        return None
    newest, oldest = ripe[-1], ripe[0]
    codes = np.full(len(customers), 2, dtype=np.int64)
    for place, period in enumerate((newest, oldest)):
        first, last = customers.column(period.first), customers.column(period.last)
        codes[within & (customers.start >= first) & (customers.start <= last)] = place
    names = (newest.label, oldest.label, "")
    groups = Grouping("all", names, codes, customers, names)
    return compare(groups, measure, names[0], names[1], age, np.zeros(len(customers), dtype=np.int64))
