"""What the KPIs are computed from: small frames of one company as of one date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class KpiInput:
    """Frames the KPI frames are built from. Money is in cents of `currency`, months are datetime64 month starts.

    Attributes:
        mrr: account_id (parent), month, mrr_cents, open_subscriptions: one row per account and month with revenue.
        accounts: account_id (parents only), name, segment, channel, channel_class, known_from.
        segments: account_id, valid_from, segment: every version, to read a segment as of an earlier day.
        deals: opportunity_id, name, kind, source, channel_class, segment, amount_cents, created_on, closed_on, outcome.
        spend: month, line, kind, channel, channel_class, cost_cents.
        asks: contact_id, account_name, segment, activity, state, asked_on, delivered, completed_on.
        loaded: Tables of the contract that hold rows.
        currency: Reporting currency; empty when there is no money yet.
    """

    mrr: pd.DataFrame
    accounts: pd.DataFrame
    segments: pd.DataFrame
    deals: pd.DataFrame
    spend: pd.DataFrame
    asks: pd.DataFrame
    loaded: frozenset[str]
    currency: str
    _frames: dict[tuple[str, dt.date], pd.DataFrame] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def wide(self) -> pd.DataFrame:
        """MRR in cents, accounts x months without a gap, 0 where nothing was paid."""
        if self.mrr.empty:
            return pd.DataFrame(index=pd.Index([], name="account_id", dtype="str"))
        table = self.mrr.pivot_table(
            index="account_id", columns="month", values="mrr_cents", aggfunc="sum", fill_value=0
        )
        months = pd.date_range(table.columns.min(), table.columns.max(), freq="MS", unit="us")
        return table.reindex(columns=months, fill_value=0).astype("int64")

    def mrr_at(self, month: dt.date) -> np.ndarray:
        """MRR of every account of `wide` at the end of a month; zeros outside the data, in cents."""
        stamp = pd.Timestamp(month)
        if stamp in self.wide.columns:
            return self.wide[stamp].to_numpy()
        return np.zeros(len(self.wide), dtype="int64")

    def had_revenue_before(self, month: dt.date) -> np.ndarray:
        """Whether each account of `wide` had revenue at any month end before `month`."""
        earlier = pd.DatetimeIndex(self.wide.columns) < pd.Timestamp(month)
        return np.asarray((self.wide.to_numpy()[:, earlier] > 0).any(axis=1))

    def segment_at(self, day: dt.date) -> pd.Series:
        """Segment of every account in the version valid on `day`; the first known one for earlier days."""
        ordered = self.segments.sort_values(["account_id", "valid_from"])
        first = ordered.groupby("account_id")["segment"].first()
        valid = ordered[ordered["valid_from"] <= pd.Timestamp(day)].groupby("account_id")["segment"].last()
        return valid.reindex(first.index).where(first.index.isin(valid.index), first)

    def frame(self, name: str, month: dt.date) -> pd.DataFrame:
        """A KPI frame of one month, built once."""
        key = (name, month)
        if key not in self._frames:
            self._frames[key] = FRAMES[name](self, month)
        return self._frames[key]


FrameBuilder = Callable[[KpiInput, dt.date], pd.DataFrame]

FRAMES: dict[str, FrameBuilder] = {}
"""Builders of KPI frames by name: one row per unit, whose columns sum to the arguments of the KPIs on it."""


def frame(builder: FrameBuilder) -> FrameBuilder:
    """Register a frame builder under its own name."""
    FRAMES[builder.__name__] = builder
    return builder
