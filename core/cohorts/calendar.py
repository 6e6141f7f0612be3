"""A measure by calendar month instead of age: what all customers met at one moment stands in one column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.cohorts.customers import Customers, Ints
from core.cohorts.measures import AtAge, Flags, Floats, Measured
from core.model.cohorts import cohort_rules

Along = Literal["age", "quarter", "month"]
"""What columns are: ages, or ends of calendar quarters or months."""


@dataclass(frozen=True, eq=False)
class Calendar:
    """A measure of every customer at the ends of some months; each customer is there at an age of its own.

    Attributes:
        measured: The measure by age.
        columns: Places of the months in the revenue matrix, ascending.
        numerator: Customers x columns; money in cents.
        denominator: Customers x columns.
        counted: Whether the customer counts in the month.
        there: Whether its age 0 had come by then.
        kept: Whether it was never without revenue by then.
    """

    measured: Measured
    columns: tuple[int, ...]
    numerator: Floats
    denominator: Floats
    counted: Flags
    there: Flags
    kept: Flags

    def at(self, place: int) -> AtAge:
        """Every customer at the end of one of the months, by its place among `columns`."""
        return AtAge(self.numerator[:, place], self.denominator[:, place], self.counted[:, place])


def begun(customers: Customers) -> Ints:
    """Column of the revenue matrix at which each customer's age 0 lies."""
    return customers.start + customers.offset


def calendar_columns(customers: Customers, along: Along) -> tuple[int, ...]:
    """The newest ends of calendar quarters or months since anybody was there, as many as fit a screen.

    Args:
        customers: The customers.
        along: Quarters, of which only whole ones are taken, or months.

    Returns:
        Places in the revenue matrix; the month looked at where no quarter ended yet, nothing without customers.
    """
    if not len(customers):
        return ()
    first, last = int(begun(customers).min()), int((begun(customers) + customers.reached).max())
    months = range(first, last + 1)
    ends = [column for column in months if along == "month" or customers.month(column).month % 3 == 0]
    return tuple(ends[-cohort_rules().calendar.columns :]) or (last,)


def calendar(measure: Measured, columns: tuple[int, ...]) -> Calendar:
    """A measure of every customer at the ends of some months: what it counts at the age the customer has by then.

    Args:
        measure: A measure of customers.
        columns: Places of the months in the revenue matrix, ascending.
    """
    customers = measure.customers
    since, shape = begun(customers), (len(customers), len(columns))
    last = int((since + customers.reached).max(initial=-1))
    wanted = np.full(last + 1, -1, dtype=np.int64)
    for place, column in enumerate(columns):
        if 0 <= column <= last:
            wanted[column] = place
    above, below, counted = np.zeros(shape), np.zeros(shape), np.zeros(shape, dtype=bool)
    for age in range(customers.last_age + 1):
        rows = np.flatnonzero(customers.reached >= age)
        at = wanted[since[rows] + age]
        rows, at = rows[at >= 0], at[at >= 0]
        if len(rows):
            _fill(measure.at(age), rows, at, above, below, counted)
    ages = np.asarray(columns, dtype=np.int64)[None, :] - since[:, None]
    there = ages >= 0
    return Calendar(measure, columns, above, below, counted, there, there & (customers.lost[:, None] > ages))


def _fill(found: AtAge, rows: NDArray[np.intp], place: Ints, above: Floats, below: Floats, counted: Flags) -> None:
    """Write what customers have at one age into the month in which they have it."""
    above[rows, place] = found.numerator[rows]
    below[rows, place] = found.denominator[rows]
    counted[rows, place] = found.counted[rows]
