"""What a measure counts of every customer at an age: a numerator, a denominator, and who is counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.cohorts.customers import Customers
from core.cohorts.inputs import CohortInput
from core.model.cohorts import Measure, MeasureId, cohort_rules

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]
NEVER = 2**31
"""Age of what has not happened."""


@dataclass(frozen=True, eq=False)
class AtAge:
    """A measure of every customer at one age: the figure of a group is the ratio of its sums.

    Attributes:
        numerator: Per customer; money in cents.
        denominator: Per customer; 1 for shares and means.
        counted: Whether the customer counts: it reached the age and what is measured is known of it.
    """

    numerator: Floats
    denominator: Floats
    counted: Flags


@dataclass(frozen=True, eq=False)
class Measured:
    """A measure over customers.

    Attributes:
        measure: The measure.
        customers: The customers.
        gap: Why it cannot be computed at all, in words; None when it can.
        at: Its numbers at an age.
        event: First age at which a share's event is there (lost, or reached), `NEVER` where it is not; None for other
            kinds. A share counts those without the event, or with it, as `rising` says.
        rising: Whether the share counts those with the event.
        known: Customers the measure can be taken of, of those who reached the age.
    """

    measure: Measure
    customers: Customers
    gap: str | None
    at: Callable[[int], AtAge]
    event: Ints | None
    rising: bool
    known: Flags


def measured(data: CohortInput, customers: Customers, measure: MeasureId) -> Measured:
    """A measure of some customers.

    Args:
        data: The company.
        customers: Customers, as `grouping` gives them.
        measure: Id of the measure.
    """
    rule = cohort_rules().by_id[measure]
    every = np.ones(len(customers), dtype=bool)
    event: Ints | None = None
    if measure == "logo":
        event = np.where(customers.lost < customers.mrr.shape[1], customers.lost, NEVER)
    elif measure == "value":
        event, every = _value_age(data, customers)
    elif measure == "margin":
        every = _margin_known(data, customers)
    rising = measure == "value"
    at = _AT[measure](data, customers) if event is None else _by_event(customers, event, rising)
    return Measured(rule, customers, _gap(data, rule, every), at, event, rising, every)


def _gap(data: CohortInput, rule: Measure, known: Flags) -> str | None:
    missing = [table.replace("_", " ") for table in rule.needs if table not in data.loaded]
    if missing:
        return f"not loaded: {', '.join(missing)}"
    if rule.unit == "money" and not data.currency:
        return "customers pay in several currencies: set COUNCIL_CURRENCY to the one to report in, and import fx rates"
    if known.any() or not len(known):
        return None
    what = "gross margin" if rule.id == "margin" else "verified outcome"
    return f"these customers started before any {what} is on record"


def _by_event(customers: Customers, event: Ints, rising: bool) -> Callable[[int], AtAge]:
    def at(age: int) -> AtAge:
        there = event <= age
        value = there if rising else ~there
        # an event before age 0 takes the customer out at every age
        counted = (customers.reached >= age) & (event >= 0)
        return AtAge(value.astype(np.float64), np.ones(len(customers)), counted)

    return at


def _gross(_: CohortInput, customers: Customers) -> Callable[[int], AtAge]:
    base = customers.mrr_at(0).astype(np.float64)

    def at(age: int) -> AtAge:
        return AtAge(
            np.asarray(np.minimum(customers.mrr_at(age), base), dtype=np.float64), base, customers.reached >= age
        )

    return at


def _net(_: CohortInput, customers: Customers) -> Callable[[int], AtAge]:
    base = customers.mrr_at(0).astype(np.float64)

    def at(age: int) -> AtAge:
        return AtAge(customers.mrr_at(age).astype(np.float64), base, customers.reached >= age)

    return at


def _arr(_: CohortInput, customers: Customers) -> Callable[[int], AtAge]:
    def at(age: int) -> AtAge:
        return AtAge((12 * customers.mrr_at(age)).astype(np.float64), np.ones(len(customers)), customers.reached >= age)

    return at


def _margin_known(data: CohortInput, customers: Customers) -> Flags:
    columns = customers.start + customers.offset
    rates = data.margin
    if not len(rates):
        return np.zeros(len(customers), dtype=bool)
    return np.asarray(np.isfinite(rates[np.minimum(columns, len(rates) - 1)]))


def _margin(data: CohortInput, customers: Customers) -> Callable[[int], AtAge]:
    """Margin of the months before the age: month ends 0 to age - 1."""
    known, rates = _margin_known(data, customers), np.nan_to_num(data.margin)
    sums: list[Floats] = [np.zeros(len(customers))]

    def earned(months: int) -> Floats:
        while len(sums) <= months:
            age = len(sums) - 1
            column = np.minimum(customers.start + customers.offset + age, len(rates) - 1)
            rate = rates[column] if len(rates) else 0.0
            sums.append(sums[-1] + customers.mrr_at(age) * rate)
        return sums[months]

    def at(age: int) -> AtAge:
        return AtAge(earned(age), np.ones(len(customers)), (customers.reached >= age) & known)

    return at


def _adoption(data: CohortInput, customers: Customers) -> Callable[[int], AtAge]:
    users, seats = data.use

    def at(age: int) -> AtAge:
        column = customers.start + customers.offset + age
        inside = (column < seats.shape[1]) & (customers.reached >= age)
        where = np.minimum(column, max(seats.shape[1] - 1, 0))
        own_seats = seats[customers.place, where] if seats.size else np.zeros(len(customers))
        own_users = users[customers.place, where] if seats.size else np.zeros(len(customers))
        return AtAge(own_users, own_seats, inside & (own_seats > 0))

    return at


def _value_age(data: CohortInput, customers: Customers) -> tuple[Ints, Flags]:
    """Age of the first verified outcome, and who is counted.

    Before the start it is age 0; where groups are decided at a later age, those who had one before it are not counted.
    Nor are customers who started before outcomes are on record.
    """
    since = data.column_known("outcomes")
    month = data.months_of("outcomes")[customers.place]
    age = np.where(month >= 0, month - customers.start - customers.offset, NEVER)
    known = customers.start >= since if since is not None else np.zeros(len(customers), dtype=bool)
    if customers.offset:
        known &= age > 0
    return np.where(known, np.maximum(age, 0), -1), known


_AT: dict[str, Callable[[CohortInput, Customers], Callable[[int], AtAge]]] = {
    "gross": _gross,
    "net": _net,
    "arr": _arr,
    "margin": _margin,
    "adoption": _adoption,
}
