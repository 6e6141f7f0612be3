"""Rows in order of their day, of which a month sees those of the calendar months up to it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.kpis.columns import Columns


@dataclass(frozen=True)
class Windows:
    """Rows of all months, oldest first.

    Attributes:
        rows: The rows.
        first: Month of the first row, as months since 1970.
        edges: Place of the first row of that month, of the next one, ..., and behind the last row.
        months: Length of a window in calendar months.
        lag: Whole months between the end of a window and the month looked at.
    """

    rows: Columns
    first: int
    edges: NDArray[np.intp]
    months: int
    lag: int
    _totals: dict[str, NDArray[np.int64] | None] = field(default_factory=dict, repr=False, compare=False)

    def seen(self, month: dt.date) -> Columns:
        """The rows of the window of a month."""
        start, stop = self._ends(month)
        return self.rows.cut(int(self.edges[start]), int(self.edges[stop]), partial(self._sum, start=start, stop=stop))

    def places(self, month: dt.date) -> slice:
        """Places among all rows of those that a month sees."""
        start, stop = self._ends(month)
        return slice(int(self.edges[start]), int(self.edges[stop]))

    def _ends(self, month: dt.date) -> tuple[int, int]:
        """Places in `edges` of the first row of a window and of the first one behind it."""
        after = (month.year - 1970) * 12 + month.month - self.lag - self.first
        last = len(self.edges) - 1
        return min(max(after - self.months, 0), last), min(max(after, 0), last)

    def _sum(self, name: str, start: int, stop: int) -> float | None:
        """Sum of a column of whole numbers from one edge to another: the difference of what was added up by then."""
        if name not in self._totals:
            self._totals[name] = self._by_edge(self.rows.part(name))
        totals = self._totals[name]
        return None if totals is None else float(totals[stop] - totals[start])

    def _by_edge(self, column: Any) -> NDArray[np.int64] | None:
        """Sum of a column up to each edge; None where it does not hold whole numbers, whose sums are exact."""
        if not (isinstance(column, np.ndarray) and column.dtype.kind in "iub"):
            return None
        totals = np.zeros(len(self.edges), dtype=np.int64)
        if len(column):
            of_month = np.add.reduceat(column, self.edges[:-1], dtype=np.int64)
            np.cumsum(of_month * (self.edges[1:] > self.edges[:-1]), out=totals[1:])
        return totals


def windows(rows: Columns, days: NDArray[np.datetime64], months: int, lag: int) -> Windows:
    """The windows of rows in order of their days; the arguments are as in `Windows`."""
    if not len(days):
        return Windows(rows, 0, np.zeros(1, dtype=np.intp), months, lag)
    first, last = days[[0, -1]].astype("datetime64[M]").astype(np.int64)
    edges = np.searchsorted(days, np.arange(first, last + 2).astype("datetime64[M]").astype(days.dtype))
    return Windows(rows, int(first), edges, months, lag)
