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
        segments: account_id, valid_from, segment: every version, oldest first, to read a segment as of an earlier day.
        deals: opportunity_id, name, kind, source, channel_class, segment, amount_cents, created_on, closed_on, outcome.
        spend: month, line, kind, channel, channel_class, cost_cents.
        asks: contact_id, account_name, segment, activity, state, asked_on, delivered, completed_on.
        loaded: Tables of the contract that hold rows.
        currency: Reporting currency; empty when a rate for one of the subscriptions' currencies is missing.
        unpriced: Tables with money in a currency for which there is no rate.
    """

    mrr: pd.DataFrame
    accounts: pd.DataFrame
    segments: pd.DataFrame
    deals: pd.DataFrame
    spend: pd.DataFrame
    asks: pd.DataFrame
    loaded: frozenset[str]
    currency: str
    unpriced: frozenset[str] = frozenset()
    _frames: dict[tuple[str, dt.date], pd.DataFrame] = field(default_factory=dict, repr=False, compare=False)
    _numbers: dict[tuple[str, dt.date, str | None], dict[str, np.ndarray]] = field(
        default_factory=dict, repr=False, compare=False
    )
    _segments: dict[dt.date, pd.Categorical] = field(default_factory=dict, repr=False, compare=False)

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

    @cached_property
    def units(self) -> pd.DataFrame:
        """Accounts in the order of `wide`: account_id, name, segment, channel, channel_class, first_month."""
        known = self.accounts.drop_duplicates("account_id").set_index("account_id").reindex(self.wide.index)
        paying = self.wide.to_numpy() > 0
        months = pd.DatetimeIndex(self.wide.columns)
        first = months[paying.argmax(axis=1)] if paying.size else months[:0]
        return known.assign(name=known["name"].fillna(known.index.to_series()), first_month=first).reset_index()

    def segment_at(self, day: dt.date) -> pd.Categorical:
        """Segment of every account of `wide` in the version valid on `day`; the first known one for earlier days."""
        if day not in self._segments:
            valid = self.segments[self.segments["valid_from"] <= pd.Timestamp(day)]
            last = valid.drop_duplicates("account_id", keep="last").set_index("account_id")["segment"]
            found = last.reindex(self.wide.index)
            self._segments[day] = pd.Categorical(found.where(found.notna(), self._first_segment))
        return self._segments[day]

    @cached_property
    def _first_segment(self) -> pd.Series:
        first = self.segments.drop_duplicates("account_id", keep="first").set_index("account_id")["segment"]
        return first.reindex(self.wide.index)

    def frame(self, name: str, month: dt.date) -> pd.DataFrame:
        """A KPI frame of one month, built once."""
        key = (name, month)
        if key not in self._frames:
            self._frames[key] = FRAMES[name](self, month)
        return self._frames[key]

    def numbers(self, name: str, month: dt.date, segment: str | None = None) -> dict[str, np.ndarray]:
        """The numeric columns of a KPI frame, of one segment or of all."""
        frame = self.frame(name, month)
        kept = slice(None) if segment is None else (frame["segment"] == segment).to_numpy()
        return {column: frame[column].to_numpy()[kept] for column in frame.columns if frame[column].dtype.kind in "iuf"}


FrameBuilder = Callable[[KpiInput, dt.date], pd.DataFrame]

FRAMES: dict[str, FrameBuilder] = {}
"""Builders of KPI frames by name: one row per unit, whose columns sum to the arguments of the KPIs on it."""


def frame(builder: FrameBuilder) -> FrameBuilder:
    """Register a frame builder under its own name."""
    FRAMES[builder.__name__] = builder
    return builder
