"""Recurring revenue as a matrix of accounts and months: what retention, cohorts and per-account figures read."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from core.stats.ids import coded, numbered, places, ranked


@dataclass(frozen=True)
class Revenue:
    """MRR of every counted account at every month end.

    Attributes:
        wide: MRR in cents, accounts (parents) x months without a gap, 0 where nothing was paid.
        open_subscriptions: Number of paid subscriptions, in the rows and columns of `wide`.
        accounts: account_id (parents only), name, segment, channel, channel_class.
        segments: account_id, valid_from, segment: every version, oldest first, to read a segment as of an earlier day.
    """

    wide: pd.DataFrame
    open_subscriptions: np.ndarray
    accounts: pd.DataFrame
    segments: pd.DataFrame
    _segments: dict[dt.date, pd.Categorical] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, mrr: pd.DataFrame, accounts: pd.DataFrame, segments: pd.DataFrame) -> Revenue:
        """The matrix of rows of revenue.

        Args:
            mrr: account_id (parent), month, mrr_cents, open_subscriptions: one row per account and month with revenue.
            accounts: As `Revenue` has them.
            segments: As `Revenue` has them.
        """
        if mrr.empty:
            none = pd.DataFrame(index=pd.Index([], name="account_id", dtype="str"))
            return cls(none, np.zeros((0, 0), dtype=np.int32), accounts, segments)
        rows, ids = ranked(mrr["account_id"])
        months = mrr["month"].to_numpy().astype("datetime64[M]").astype(np.int64)
        first = int(months.min())
        tables = [np.zeros((len(ids), int(months.max()) - first + 1), kind, order="F") for kind in (np.int64, np.int32)]
        for table, name in zip(tables, ("mrr_cents", "open_subscriptions"), strict=True):
            np.add.at(table, (rows, months - first), mrr[name].to_numpy())
        start = np.datetime64(first, "M")
        columns = pd.date_range(start, periods=tables[0].shape[1], freq="MS", unit="us")
        wide = pd.DataFrame(tables[0], index=ids.rename("account_id"), columns=columns)
        open_subscriptions = tables[1].astype(np.min_scalar_type(tables[1].max()))
        return cls(wide, open_subscriptions, accounts, segments)

    @cached_property
    def first_month(self) -> dt.date | None:
        """First month of the matrix; None without revenue."""
        return None if self.wide.empty else pd.DatetimeIndex(self.wide.columns)[0].date()

    @cached_property
    def matrix(self) -> np.ndarray:
        """`wide` as numbers, one column of memory per month."""
        return np.asfortranarray(self.wide.to_numpy())

    def place(self, month: dt.date) -> int:
        """Column of a month; negative before the data, past the last column after them."""
        first = self.first_month
        return -1 if first is None else (month.year - first.year) * 12 + month.month - first.month

    def mrr_at(self, month: dt.date) -> np.ndarray:
        """MRR of every account of `wide` at the end of a month; zeros outside the data, in cents."""
        place = self.place(month)
        if 0 <= place < self.matrix.shape[1]:
            return self.matrix[:, place]
        return np.zeros(len(self.wide), dtype="int64")

    @cached_property
    def first_paid(self) -> np.ndarray:
        """Column of each account's first month with revenue; the number of columns when there is none."""
        paying = self.matrix > 0
        return np.where(paying.any(axis=1), paying.argmax(axis=1), paying.shape[1]) if paying.size else np.zeros(0, int)

    @cached_property
    def first_mrr(self) -> np.ndarray:
        """MRR of each account at its first month end with revenue; 0 when there is none, in cents."""
        places = np.minimum(self.first_paid, max(self.matrix.shape[1] - 1, 0))
        return self.matrix[np.arange(len(places)), places] if self.matrix.size else np.zeros(len(places), "int64")

    def had_revenue_before(self, month: dt.date) -> np.ndarray:
        """Whether each account of `wide` had revenue at any month end before `month`."""
        return np.asarray(self.first_paid < self.place(month))

    @cached_property
    def units(self) -> pd.DataFrame:
        """Accounts in the order of `wide`: account_id, name, segment, channel, channel_class, first_month."""
        known = self.accounts.drop_duplicates("account_id").set_index("account_id").reindex(self.wide.index)
        months = pd.DatetimeIndex(self.wide.columns)
        first = months[np.minimum(self.first_paid, len(months) - 1)] if len(self.wide) else months[:0]
        return known.assign(name=known["name"].fillna(known.index.to_series()), first_month=first).reset_index()

    @cached_property
    def labels(self) -> dict[str, pd.Categorical]:
        """Columns account_id and account_name of the accounts of `wide`, kept as numbers."""
        codes, names = numbered(self.units["name"])
        return {
            "account_id": coded(np.arange(len(self.wide)), self.wide.index),
            "account_name": coded(codes, names),
        }

    def segment_at(self, day: dt.date) -> pd.Categorical:
        """Segment of every account of `wide` in the version valid on `day`; the first known one for earlier days."""
        if day not in self._segments:
            rows, days, codes, segments = self._versions
            valid = days <= np.datetime64(day)
            found = np.full(len(self.wide), -1)
            found[rows[valid]] = codes[valid]  # oldest first: the last one stays
            self._segments[day] = pd.Categorical.from_codes(
                np.where(found >= 0, found, self._first_segment), categories=segments
            )
        return self._segments[day]

    @cached_property
    def _versions(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, pd.Index]:
        """Place in `wide`, first day and segment of every version of an account that ever paid, and the segments."""
        rows = places(self.segments["account_id"], self.wide.index)
        codes, segments = pd.factorize(self.segments["segment"], sort=True)
        days = self.segments["valid_from"].to_numpy().astype("datetime64[D]")
        return rows[rows >= 0], days[rows >= 0], codes[rows >= 0], pd.Index(segments)

    @cached_property
    def _first_segment(self) -> np.ndarray:
        rows, _, codes, _ = self._versions
        found = np.full(len(self.wide), -1)
        found[rows[::-1]] = codes[::-1]
        return found
