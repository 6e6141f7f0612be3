"""Customers followed from their first month end with revenue: the revenue matrix, lined up by age."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.stats.months import shift_month
from core.stats.revenue import Revenue

Ints = NDArray[np.int64]
Places = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Customers:
    """Customers in the order of their start, each row from its first month end with revenue on.

    Attributes:
        place: Row of each customer in `Revenue.wide`.
        start: Column of `Revenue.wide` of its first month end with revenue; ascending.
        reached: Last age that has come by the month looked at. [months]
        mrr: Customers x ages, cents a month; 0 beyond `reached`.
        lost: First age without revenue again; the number of ages where that has not come.
        first_month: Month of column 0 of `Revenue.wide`.
        offset: Months after the start at which age 0 lies; 0 but for groups decided at a later age.
        left_out: Customers with revenue at the very first month end of the data: nobody knows when they started.
    """

    place: Places
    start: Ints
    reached: Ints
    mrr: Ints
    lost: Ints
    first_month: dt.date
    offset: int = 0
    left_out: int = 0

    def __len__(self) -> int:
        return len(self.place)

    @property
    def last_age(self) -> int:
        """Greatest age any customer reached; -1 without customers."""
        return int(self.reached.max(initial=-1))

    def month(self, column: int) -> dt.date:
        """Month of a column of the revenue matrix."""
        return shift_month(self.first_month, column)

    def mrr_at(self, age: int) -> Ints:
        """MRR of every customer at an age; 0 where it has not come."""
        return self.mrr[:, age] if 0 <= age < self.mrr.shape[1] else np.zeros(len(self), dtype=np.int64)

    def between(self, since: dt.date | None, until: dt.date | None) -> Customers:
        """Customers who started from one month to another, both included; None leaves an end open."""
        first = 0 if since is None else int(np.searchsorted(self.start, self.column(since)))
        last = len(self) if until is None else int(np.searchsorted(self.start, self.column(until), side="right"))
        return self._rows(slice(first, max(first, last)))

    def column(self, month: dt.date) -> int:
        """Column of a month in the revenue matrix."""
        return (month.year - self.first_month.year) * 12 + month.month - self.first_month.month

    def after(self, months: int) -> Customers:
        """Customers with revenue at an age, followed from that age on; it becomes their age 0."""
        rows = np.flatnonzero((self.reached >= months) & (self.mrr_at(months) > 0))
        mrr = np.asfortranarray(self.mrr[rows][:, months:])
        reached = self.reached[rows] - months
        return replace(
            self,
            place=self.place[rows],
            start=self.start[rows],
            reached=reached,
            mrr=mrr,
            lost=_first_lost(mrr, reached),
            offset=self.offset + months,
        )

    def _rows(self, rows: slice) -> Customers:
        return replace(
            self,
            place=self.place[rows],
            start=self.start[rows],
            reached=self.reached[rows],
            mrr=self.mrr[rows],
            lost=self.lost[rows],
        )


def customers(revenue: Revenue, month: dt.date) -> Customers:
    """Customers won after the first month end of the data and by the end of `month`.

    Args:
        revenue: MRR of every account and month.
        month: The month looked at; later revenue is not seen.

    Returns:
        The customers. Those with revenue at the very first month end are left out and counted in `left_out`.
    """
    place = revenue.place(month)
    first = np.asarray(revenue.first_paid, dtype=np.int64)
    rows = np.flatnonzero((first > 0) & (first <= place) & (first < _columns(revenue)))
    rows = rows[np.argsort(first[rows], kind="stable")]
    start = first[rows]
    mrr = _lined_up(revenue.matrix, rows, start, place)
    reached = place - start
    return Customers(
        place=rows,
        start=start,
        reached=reached,
        mrr=mrr,
        lost=_first_lost(mrr, reached),
        first_month=revenue.first_month or month,
        left_out=int((first == 0).sum()) if _columns(revenue) else 0,
    )


def _columns(revenue: Revenue) -> int:
    return int(revenue.matrix.shape[1]) if revenue.matrix.ndim == 2 else 0


def _lined_up(matrix: Ints, rows: Places, start: Ints, place: int) -> Ints:
    """Rows shifted so that column 0 is each customer's start, cut after the month looked at."""
    ages = int(place - start[0]) + 1 if len(rows) else 0
    out = np.zeros((len(rows), ages), dtype=np.int64, order="F")
    first = np.searchsorted(start, np.arange(place + 2))
    for column in range(place + 1):
        block = slice(int(first[column]), int(first[column + 1]))
        if block.start < block.stop:
            seen = matrix[rows[block], column : place + 1]
            out[block, : seen.shape[1]] = seen
    return out


def _first_lost(mrr: Ints, reached: Ints) -> Ints:
    """First age after 0 without revenue, of those that have come; the number of ages where there is none."""
    lost = np.full(len(reached), mrr.shape[1], dtype=np.int64)
    for age in range(mrr.shape[1] - 1, 0, -1):
        lost[(mrr[:, age] == 0) & (reached >= age)] = age
    return lost
