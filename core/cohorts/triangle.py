"""Cohorts by period of start x age: every figure with its customers, unripe ones told apart from small ones."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.cohorts.calendar import Calendar
from core.cohorts.curves import pooled
from core.cohorts.customers import Customers
from core.cohorts.figures import Figure, figure
from core.cohorts.groups import Codes, Grouping
from core.cohorts.measures import AtAge, Measured
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
    """One cohort at one age, or at the end of one calendar month.

    Attributes:
        age: Months since the start; on the calendar, place of the month in the revenue matrix.
        customers: Customers of the cohort.
        reached: Those who reached the age; on the calendar, those who had started by the month.
        kept: Those of them never without revenue by then.
        figure: The figure; without a value while the age has not come for every customer, or not all have started.
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
        ages: Columns, months since the start; on the calendar, places of months in the revenue matrix.
        cohorts: Rows; a cell that nobody reached yet is not in its row.
        all: Every customer who reached each age, whatever the cohort; its figures are those of `pooled`. On the
            calendar, every customer who had started.
        months: On the calendar the month of each column; empty where columns are ages.
    """

    ages: tuple[int, ...]
    cohorts: tuple[Cohort, ...]
    all: Cohort
    months: tuple[dt.date, ...] = ()


@dataclass(frozen=True, eq=False)
class _Column:
    """What a column holds of every customer.

    Attributes:
        at: Age, or place of the month.
        found: What the measure counts.
        there: Who reached the age, or had started.
        kept: Who was never without revenue by then.
        whole: The figure of all of them; None takes that of who is there.
        ripens: What customers of an unripe cell have not done yet, after their numbers.
    """

    at: int
    found: AtAge
    there: NDArray[np.bool_]
    kept: NDArray[np.bool_]
    whole: Figure | None
    ripens: str


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
        sizes = np.unique(cohort_codes(customers, width), return_counts=True)[1]
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
    together = pooled(measure, ages, np.flatnonzero(chosen))
    come = "customers have come to this age"
    columns = [
        _Column(age, measure.at(age), customers.reached >= age, customers.lost > age, whole, come)
        for age, whole in zip(ages, together, strict=True)
    ]
    return Triangle(ages, *_rows(measure, width, columns, chosen))


def calendar_triangle(seen: Calendar, width: Width, within: NDArray[np.bool_] | None = None) -> Triangle:
    """A measure by start period and calendar month: what was a diagonal by age is a column here.

    A cell is ripe when every customer of the cohort has started; a month in which none has is no cell. The row of all
    customers takes those who have started, whatever their age, so new ones lift it.

    Args:
        seen: A measure at the ends of months.
        width: Length of a start period.
        within: Which of the customers to take; None for all.
    """
    customers = seen.measured.customers
    chosen = np.ones(len(customers), dtype=bool) if within is None else within
    begun = "customers had started by then"
    columns = [
        _Column(column, seen.at(place), seen.there[:, place], seen.kept[:, place], None, begun)
        for place, column in enumerate(seen.columns)
    ]
    rows, every = _rows(seen.measured, width, columns, chosen)
    return Triangle(seen.columns, rows, every, tuple(customers.month(column) for column in seen.columns))


def _rows(
    measure: Measured, width: Width, columns: list[_Column], chosen: NDArray[np.bool_]
) -> tuple[tuple[Cohort, ...], Cohort]:
    """The cohorts, and all customers together."""
    codes = np.where(chosen, cohort_codes(measure.customers, width), -1)
    named = periods(measure.customers, width)
    members = [np.flatnonzero(codes == code) for code in range(len(named))]
    every = np.flatnonzero(chosen)
    cells = [[_cell(measure, column, own, ripe=False) for own in members] for column in columns]
    cohorts = tuple(
        Cohort(period, len(members[code]), tuple(found[code] for found in cells if found[code].reached))
        for code, period in enumerate(named)
        if len(members[code])
    )
    return cohorts, Cohort(None, len(every), tuple(_cell(measure, column, every, ripe=True) for column in columns))


def of_group(grouping: Grouping, name: str) -> NDArray[np.bool_]:
    """Which customers belong to a group."""
    return np.asarray(grouping.codes == grouping.names.index(name))


def at_age(measure: Measured, age: int, rows: NDArray[np.intp]) -> Figure:
    """The figure of some customers at an age, of those who reached it."""
    found = measure.at(age)
    used = rows[found.counted[rows]]
    return figure(measure.measure.kind, found.numerator[used], found.denominator[used])


def _cell(measure: Measured, column: _Column, own: NDArray[np.intp], *, ripe: bool) -> Cell:
    """Some customers in a column; `ripe` where those who are not there yet are simply not counted."""
    there = own[column.there[own]]
    used = there[column.found.counted[there]]
    above, below = column.found.numerator[used], column.found.denominator[used]
    if ripe and column.whole is not None:
        found = column.whole
    elif ripe or len(there) == len(own):
        found = figure(measure.measure.kind, above, below)
    else:
        reason = f"not ripe: {len(there)} of {len(own)} {column.ripens}"
        found = Figure(None, None, None, len(used), "unripe", reason, float(above.sum()), float(below.sum()))
    return Cell(column.at, len(own), len(there), int(column.kept[there].sum()), found)


def cohort_codes(customers: Customers, width: Width) -> Codes:
    """Place of each customer's start period among those that hold customers."""
    if not len(customers):
        return np.zeros(0, dtype=np.int64)
    month = customers.first_month.year * 12 + customers.first_month.month - 1 + customers.start
    return np.unique(month // WIDTHS[width], return_inverse=True)[1].astype(np.int64)
