"""A measure of each group by age, over all customers who reached it, with bands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.cohorts.calendar import Calendar
from core.cohorts.figures import Figure, figure, verdict_of
from core.cohorts.groups import Grouping
from core.cohorts.measures import NEVER, Measured
from core.model.cohorts import cohort_rules
from core.stats.intervals import Interval
from core.stats.survival import kaplan_meier


@dataclass(frozen=True, slots=True)
class Point:
    """A group at an age, or at the end of a month; the figure's `n` are the customers followed to it."""

    age: int
    figure: Figure


@dataclass(frozen=True, slots=True)
class Curve:
    """One group by age, as far as it may be shown.

    Attributes:
        name: The group.
        kind: What decides its colour.
        customers: Its customers.
        points: From age 0 on; it ends where too few customers are followed.
        by_month: Whether it goes along the calendar: the age of a point is then the place of a month.
    """

    name: str
    kind: str
    customers: int
    points: tuple[Point, ...]
    by_month: bool = False

    @property
    def drawn(self) -> bool:
        """Whether it goes far enough to be drawn: to the first age of the triangle, or over two months."""
        if self.by_month:
            return sum(point.figure.shown for point in self.points) > 1
        return bool(self.points) and self.points[-1].age >= cohort_rules().ages.columns[0]


def curves(groups: Grouping, measure: Measured) -> tuple[Curve, ...]:
    """One curve a group.

    Shares are Kaplan-Meier curves, so that customers too young for an age still tell of the ages before it. Ratios
    and means at an age are of the customers who reached it.

    Args:
        groups: Customers and their groups.
        measure: A measure of the same customers.

    Source:
        Kaplan and Meier, J. Am. Statist. Assoc. 53, 1958; band of ratios: core.stats.ratios
    """
    made = _survival_points if measure.event is not None else _points
    return tuple(
        Curve(name, groups.kinds[code], len(rows), _cut(made(measure, rows)))
        for code, name in enumerate(groups.names)
        if len(rows := np.flatnonzero(groups.codes == code))
    )


def calendar_curves(groups: Grouping, seen: Calendar) -> tuple[Curve, ...]:
    """One curve a group along the calendar: at the end of each month its customers who had started, whatever their age.

    Args:
        groups: Customers and their groups.
        seen: A measure of the same customers at the ends of months.
    """
    kind, every = seen.measured.measure.kind, [seen.at(place) for place in range(len(seen.columns))]
    out = []
    for code, name in enumerate(groups.names):
        own = groups.codes == code
        points = [
            Point(column, figure(kind, found.numerator[own & found.counted], found.denominator[own & found.counted]))
            for column, found in zip(seen.columns, every, strict=True)
        ]
        if own.any():
            out.append(Curve(name, groups.kinds[code], int(own.sum()), _cut(points), by_month=True))
    return tuple(out)


def pooled(measure: Measured, ages: Sequence[int], rows: NDArray[np.intp]) -> list[Figure]:
    """The figure of some customers of several cohorts together at each age, as their curve draws it.

    At a late age only the older cohorts are left, so a share of those who reached it may rise with age although every
    cohort falls. Shares are therefore Kaplan-Meier, which takes each month's losses from all who were followed through
    it; other kinds stay ratios of sums over those who reached the age.

    Args:
        measure: A measure of customers.
        ages: Months since the start.
        rows: Places of the customers.

    Returns:
        One figure an age. `numerator`, `denominator` and `n` are always of the customers who reached the age; `value`
        and its ends are None where the small-sample rule forbids them.

    Source:
        Kaplan and Meier, J. Am. Statist. Assoc. 53, 1958
    """
    reached = [_counted(measure, age, rows) for age in ages]
    if measure.event is None:
        return reached
    points = {point.age: point.figure for point in _survival_points(measure, rows)}
    return [
        replace(points[age], numerator=found.numerator, denominator=found.denominator)
        if age in points and found.n
        else found
        for age, found in zip(ages, reached, strict=True)
    ]


def curve_ages(measure: Measured) -> range:
    """Ages of the points of a curve of ratios or means."""
    rules = cohort_rules().ages
    last = min(measure.customers.last_age, rules.columns[-1])
    return range(0, last + 1, rules.curve_step)


def _points(measure: Measured, rows: NDArray[np.intp]) -> list[Point]:
    return [Point(age, _counted(measure, age, rows)) for age in curve_ages(measure)]


def _counted(measure: Measured, age: int, rows: NDArray[np.intp]) -> Figure:
    found = measure.at(age)
    used = rows[found.counted[rows]]
    return figure(measure.measure.kind, found.numerator[used], found.denominator[used])


def _survival_points(measure: Measured, rows: NDArray[np.intp]) -> list[Point]:
    """Share at every age by Kaplan-Meier; customers lost before they got there stay at risk of a rising share."""
    event = measure.event if measure.event is not None else np.zeros(0, dtype=np.int64)
    rows = rows[event[rows] >= 0]
    reached = measure.customers.reached[rows]
    happened = (event[rows] <= reached) & (event[rows] < NEVER)
    waits = np.minimum(event[rows], reached)
    curve = kaplan_meier(waits, happened)
    last = min(int(reached.max(initial=-1)), cohort_rules().ages.columns[-1])
    followed = len(rows) - np.searchsorted(np.sort(reached), np.arange(last + 1), side="left")
    at = np.searchsorted(curve.times, np.arange(last + 1), side="right") - 1
    out = []
    for age in range(last + 1):
        share, low, high = (
            (float(curve.survival[at[age]]), float(curve.low[at[age]]), float(curve.high[at[age]]))
            if at[age] >= 0
            else (1.0, None, None)
        )
        if measure.rising:
            share, low, high = 1 - share, None if high is None else 1 - high, None if low is None else 1 - low
        out.append(Point(age, _share(share, low, high, int(followed[age]))))
    return out


def _share(share: float, low: float | None, high: float | None, followed: int) -> Figure:
    """A share of the curve, judged by the customers old enough to have come to the age."""
    band = Interval(low, high, "Kaplan-Meier") if low is not None and high is not None else None
    verdict = verdict_of("share", share, followed, round(share * followed), band)
    numerator = share * followed
    if not verdict.show:
        return Figure(None, None, None, followed, "too_few", verdict.reason, numerator, float(followed))
    return Figure(share, low, high, followed, verdict.state, verdict.reason, numerator, float(followed))


def _cut(points: list[Point]) -> tuple[Point, ...]:
    """Points up to the last one that may be shown."""
    shown = [place for place, point in enumerate(points) if point.figure.shown]
    return tuple(points[: shown[-1] + 1]) if shown else ()
