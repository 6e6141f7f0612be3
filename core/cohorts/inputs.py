"""What cohorts are computed from: the revenue matrix and small frames of one company as of one month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.cohorts.customers import Customers, customers
from core.stats.ids import places
from core.stats.revenue import Revenue

Kept = TypeVar("Kept")
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class CohortInput:
    """Frames about counted (parent) accounts; `account_id` is always the parent's. Money is in cents.

    Attributes:
        revenue: MRR of every account and month.
        month: The month looked at, first day.
        tables: Reads a frame by name: tiers (account_id, valid_from, product_tier; oldest first), products
            (account_id, product, start_date, end_date, mrr_cents), contacts (account_id, joined_on, persona; who
            joined first leads), acts (account_id, day: the first act),
            outcomes (account_id, day: the first verified outcome), usage (account_id, month, users, seats),
            margins (month, rate).
        known_from: First month in which something of a frame's kind is on record (acts, outcomes), by frame; customers
            who started before it cannot be judged by it. None where nothing is.
        loaded: Tables of the contract that hold rows.
        currency: Reporting currency; empty when a rate is missing.
    """

    revenue: Revenue
    month: dt.date
    tables: Mapping[str, Callable[[], pd.DataFrame]]
    known_from: Mapping[str, Callable[[], dt.date | None]]
    loaded: frozenset[str]
    currency: str
    _kept: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    def kept(self, key: Hashable, make: Callable[[], Kept]) -> Kept:
        """What `make` gives, computed once for this input."""
        if key not in self._kept:
            self._kept[key] = make()
        found: Kept = self._kept[key]
        return found

    def table(self, name: str) -> pd.DataFrame:
        """A frame by name, read once."""
        return self.kept(("table", name), self.tables[name])

    @cached_property
    def customers(self) -> Customers:
        """Every customer whose start is known, followed to the month looked at."""
        return customers(self.revenue, self.month)

    def column_known(self, name: str) -> int | None:
        """Column of the revenue matrix from which on a frame's kind is on record; None where nothing is."""
        since = self.known_from[name]()
        return None if since is None or self.revenue.first_month is None else self.revenue.place(since)

    def months_of(self, name: str) -> NDArray[np.int64]:
        """Column of the revenue matrix in which the day of a frame lies, by row of the matrix; -1 where it has none.

        A day before the first column counts as that column.
        """
        return self.kept(("months", name), lambda: self._months(name))

    def _months(self, name: str) -> NDArray[np.int64]:
        rows = self.table(name)
        out = np.full(len(self.revenue.wide), -1, dtype=np.int64)
        if rows.empty or self.revenue.first_month is None:
            return out
        at = places(rows["account_id"], self.revenue.wide.index)
        months = rows["day"].to_numpy().astype("datetime64[M]").astype(np.int64)
        first = np.datetime64(self.revenue.first_month, "M").astype(np.int64)
        out[at[at >= 0]] = np.maximum(months[at >= 0] - first, 0)
        return out

    @cached_property
    def use(self) -> tuple[Floats, Floats]:
        """Users and seats by row and column of the revenue matrix, 0 where they are not known."""
        shape = self.revenue.matrix.shape
        rows = self.table("usage")
        if rows.empty or self.revenue.first_month is None:
            return np.zeros(shape, order="F"), np.zeros(shape, order="F")
        at = places(rows["account_id"], self.revenue.wide.index)
        months = rows["month"].to_numpy().astype("datetime64[M]").astype(np.int64)
        column = months - int(np.datetime64(self.revenue.first_month, "M").astype(np.int64))
        inside = (at >= 0) & (column >= 0) & (column < shape[1])
        cell = column[inside] * shape[0] + at[inside]
        sums: list[Floats] = []
        for name in ("users", "seats"):
            own = rows[name].to_numpy(dtype=np.float64)[inside]
            flat = np.bincount(cell, weights=np.nan_to_num(own), minlength=shape[0] * shape[1])
            sums.append(np.asarray(flat.reshape(shape, order="F"), dtype=np.float64))
        return sums[0], sums[1]

    @cached_property
    def margin(self) -> Floats:
        """Gross margin by column of the revenue matrix: of the month, else the last one known; NaN before the first."""
        columns = pd.DatetimeIndex(self.revenue.wide.columns)
        rates = self.table("margins").dropna().sort_values("month").drop_duplicates("month", keep="last")
        if rates.empty:
            return np.full(len(columns), np.nan)
        at = np.searchsorted(rates["month"].to_numpy(), columns.to_numpy(), side="right") - 1
        known = rates["rate"].to_numpy(dtype=np.float64)
        return np.where(at >= 0, known[np.maximum(at, 0)], np.nan)
