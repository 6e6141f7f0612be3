"""Cohorts by period of start x age: every figure with its customers, unripe ones told apart from small ones."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.cohorts.curves import pooled
from core.cohorts.customers import Customers
from core.cohorts.figures import Figure, figure
from core.cohorts.groups import Codes, Grouping
from core.cohorts.measures import Measured
from core.model.cohorts import cohort_rules
from core.stats.months import shift_month

Width = Literal["month", "quarter", "half", "year"]
WIDTHS: dict[Width, int] = {"month": 1, "quarter": 3, "half": 6, "year": 12}
"""Months of a start period."""


@dataclass(frozen=True, slots=True)
class Period:
    """A start period.

    Attributes:
        first: First month.
        last: Last month.
        label: Its name.
    """

    first: dt.date
    last: dt.date
    label: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One cohort at one age.

    Attributes:
        age: Months since the start.
        customers: Customers of the cohort.
        reached: Those who reached the age.
        kept: Those of them never without revenue by then.
        figure: The figure; without a value while the age has not come for every customer.
    """

    age: int
    customers: int
    reached: int
    kept: int
    figure: Figure


@dataclass(frozen=True, slots=True)
class Cohort:
    """One row: the customers who started in a period; `period` is None for all of them together."""

    period: Period | None
    customers: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Triangle:
    """Cohorts from the oldest to the newest, and all together.

    Attributes:
        ages: Columns, months since the start.
        cohorts: Rows; a cell that nobody reached yet is not in its row.
        all: Every customer who reached each age, whatever the cohort; its figures are those of `pooled`.
    """

    ages: tuple[int, ...]
    cohorts: tuple[Cohort, ...]
    all: Cohort


def period_of(month: dt.date, width: Width) -> Period:
    """The start period a month lies in."""
    size = WIDTHS[width]
    first = shift_month(month, -((month.month - 1) % size))
    number = (first.month - 1) // size + 1
    label = {
        "month": f"{first:%Y-%m}",
        "quarter": f"{first.year} Q{number}",
        "half": f"{first.year} H{number}",
        "year": f"{first.year}",
    }[width]
    return Period(first, shift_month(first, size - 1), label)


def periods(customers: Customers, width: Width) -> tuple[Period, ...]:
    """Start periods that hold customers, oldest first."""
    if not len(customers):
        return ()
    return tuple(dict.fromkeys(period_of(customers.month(int(column)), width) for column in np.unique(customers.start)))


def fitting_width(customers: Customers) -> Width:
    """The shortest period whose typical cohort is large enough for rates, at least a quarter; else a year."""
    for width in ("quarter", "half"):
        sizes = np.unique(_cohort_codes(customers, width), return_counts=True)[1]
        if len(sizes) and np.median(sizes) >= cohort_rules().cohort.typical_customers:
            return width
    return "year"


def ages_reached(customers: Customers, *, monthly: bool = False) -> tuple[int, ...]:
    """Ages of the triangle's columns that somebody reached; the first one where nobody has.

    Args:
        customers: The customers.
        monthly: Every month of the first year in place of the columns of cohorts.toml.
    """
    rules = cohort_rules().ages
    columns = tuple(range(1, rules.monthly_until + 1)) if monthly else rules.columns
    return tuple(age for age in columns if age <= customers.last_age) or columns[:1]


def triangle(
    measure: Measured, width: Width, ages: tuple[int, ...], within: NDArray[np.bool_] | None = None
) -> Triangle:
    """A measure by start period and age.

    A cell is ripe when every customer of the cohort reached the age by the month looked at; before that it has no
    figure. The row of all customers takes those who reached each age; its shares are Kaplan-Meier, as on the curves,
    since a share of those who reached an age would rise where the older cohorts are the better ones.

    Args:
        measure: A measure of customers.
        width: Length of a start period.
        ages: Columns, months since the start.
        within: Which of the customers to take; None for all.
    """
    customers = measure.customers
    chosen = np.ones(len(customers), dtype=bool) if within is None else within
    codes = np.where(chosen, _cohort_codes(customers, width), -1)
    named = periods(customers, width)
    rows = [np.flatnonzero(codes == code) for code in range(len(named))]
    every = np.flatnonzero(chosen)
    together = pooled(measure, ages, every)
    columns = [_column(measure, age, rows, every, whole) for age, whole in zip(ages, together, strict=True)]
    cohorts = tuple(
        Cohort(period, len(rows[code]), tuple(column[code] for column in columns if column[code].reached))
        for code, period in enumerate(named)
        if len(rows[code])
    )
    return Triangle(ages, cohorts, Cohort(None, int(chosen.sum()), tuple(column[-1] for column in columns)))


def of_group(grouping: Grouping, name: str) -> NDArray[np.bool_]:
    """Which customers belong to a group."""
    return np.asarray(grouping.codes == grouping.names.index(name))


def at_age(measure: Measured, age: int, rows: NDArray[np.intp]) -> Figure:
    """The figure of some customers at an age, of those who reached it."""
    found = measure.at(age)
    used = rows[found.counted[rows]]
    return figure(measure.measure.kind, found.numerator[used], found.denominator[used])


def _column(
    measure: Measured, age: int, rows: list[NDArray[np.intp]], every: NDArray[np.intp], whole: Figure
) -> list[Cell]:
    """The cells of one age: a cell a cohort, then all customers who reached it."""
    reached = measure.customers.reached >= age
    kept = measure.customers.lost > age
    cells = []
    for place, own in enumerate([*rows, every]):
        there = own[reached[own]]
        if place == len(rows):
            found = whole
        elif len(there) == len(own):
            found = at_age(measure, age, there)
        else:
            found = _unripe(measure, age, there, len(own))
        cells.append(Cell(age, len(own), len(there), int(kept[there].sum()), found))
    return cells


def _unripe(measure: Measured, age: int, there: NDArray[np.intp], size: int) -> Figure:
    found = measure.at(age)
    used = there[found.counted[there]]
    sums = float(found.numerator[used].sum()), float(found.denominator[used].sum())
    reason = f"not ripe: {len(there)} of {size} customers have come to this age"
    return Figure(None, None, None, len(used), "unripe", reason, *sums)


def _cohort_codes(customers: Customers, width: Width) -> Codes:
    """Place of each customer's start period among those that hold customers."""
    if not len(customers):
        return np.zeros(0, dtype=np.int64)
    month = customers.first_month.year * 12 + customers.first_month.month - 1 + customers.start
    return np.unique(month // WIDTHS[width], return_inverse=True)[1].astype(np.int64)
