"""New-business deals as columns, cut by month, and the weights that make others comparable with referred ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.kpis.columns import Late
from core.kpis.inputs import KpiInput
from core.kpis.packed import day_number, day_numbers
from core.model.kpi_rules import kpi_rules
from core.stats.months import month_end, shift_month
from core.stats.ordering import in_order
from core.stats.stratified import Ranked, comparison_weights, strata

Positions = NDArray[np.intp]
Days = NDArray[np.datetime64]
LABELS = ("opportunity_id", "name", "segment", "channel_class", "created_on")
OUTCOMES = ("open", "lost", "won")
REPEATED = ("segment", "channel_class")
"""Labels with few different values, kept as numbers."""


@dataclass(frozen=True, eq=False)
class NewBusiness:
    """Every new-business deal, by position, oldest creation first.

    Attributes:
        labels: Columns of LABELS.
        created: Day created.
        closed: Day closed; missing while open.
        referred: Whether the first source is a referral.
        won: Whether it was won.
        entry_cents: Amount as settled, in the reporting currency.
        deal_cents: Amount as closed.
        segments: Number of its segment.
        alike: Number of what it is matched on, size aside.
        by_close: Positions of closed deals, oldest close first.
    """

    labels: Mapping[str, Any]
    created: Days
    closed: Days
    referred: NDArray[np.bool_]
    won: NDArray[np.bool_]
    entry_cents: NDArray[np.int64]
    deal_cents: NDArray[np.int64]
    segments: NDArray[np.int64]
    alike: NDArray[np.int64]
    by_close: Positions

    def created_in(self, month: dt.date, months: int) -> Positions:
        """Deals created in the months that end with `month`."""
        start, stop = np.searchsorted(self.created, _ends(month, months))
        return np.arange(start, stop, dtype=np.intp)

    def closed_in(self, month: dt.date, months: int) -> Positions:
        """Deals closed in the months that end with `month`."""
        start, stop = np.searchsorted(self._closes, _ends(month, months))
        return self.by_close[start:stop]

    @cached_property
    def _closes(self) -> Days:
        """Day of each deal of `by_close`."""
        return self.closed[self.by_close]

    @cached_property
    def _by_size(self) -> Ranked:
        return Ranked(self.entry_cents, self.segments)

    @cached_property
    def days(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """`created` and `closed` as days since 1970; `packed.NEVER` while open."""
        return day_numbers(self.created), day_numbers(self.closed)

    def closed_by(self, month: dt.date, rows: Positions) -> NDArray[np.bool_]:
        """Whether deals were closed by the end of `month`."""
        return np.asarray(self.days[1][rows] <= day_number(month_end(month)))

    def as_of(self, month: dt.date, rows: Positions) -> dict[str, Late]:
        """Columns of LABELS, outcome and closed_on as they stood at the end of `month`."""

        def outcome() -> Any:
            places = np.where(self.closed_by(month, rows), np.where(self.won[rows], 2, 1), 0)
            return pd.Categorical.from_codes(places, pd.Index(OUTCOMES))

        def closed_on() -> Days:
            known = np.where(self.closed_by(month, rows), self.closed[rows], np.datetime64("NaT"))
            return known.astype("datetime64[us]")

        return {
            **{name: Late(partial(column.take, rows)) for name, column in self.labels.items()},
            "outcome": Late(outcome),
            "closed_on": Late(closed_on),
        }

    def weights(self, rows: Positions) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Weights that give deals not referred the make-up of the referred ones among `rows`.

        Returns:
            Per deal its weight (1 for a referred deal with comparable ones, 0 for what is compared with nothing), and
            whether it is referred and has no comparable ones.

        Source:
            `core.stats.stratified.comparison_weights`; matched on: data/model/kpi_rules.toml, table deals
        """
        rules = kpi_rules().deals
        stratum = self.alike[rows]
        if "size_band" in rules.match_on:
            stratum = stratum * (rules.size_bands + 1) + self._by_size.bands(rows, rules.size_bands)
        return comparison_weights(None, self.referred[rows], stratum)


def new_business(data: KpiInput) -> NewBusiness:
    """The new-business deals of a company, put together once."""
    return data.kept("new business", lambda: _new_business(data))


def _new_business(data: KpiInput) -> NewBusiness:
    deals = data.table("new_deals")
    order = in_order(deals["opportunity_id"].array.codes)  # as numbers, in alphabetical order
    order = order[in_order(deals["created_on"].to_numpy()[order])]
    deals = deals.drop(columns=["unit_id", "priced"]).take(order)
    closed = deals["closed_on"].to_numpy().astype("datetime64[D]")
    known = np.flatnonzero(~np.isnat(closed))
    codes = {
        name: pd.factorize(deals[name])[0].astype(np.int64) + 1
        for name in ("segment", "industry", "region", "entry_stage")
    }
    on = [codes[name] for name in kpi_rules().deals.match_on if name != "size_band"]
    return NewBusiness(
        labels={
            name: deals[name].astype("category").array if name in REPEATED else deals[name].array for name in LABELS
        },
        created=deals["created_on"].to_numpy().astype("datetime64[D]"),
        closed=closed,
        referred=(deals["channel_class"] == "referral").to_numpy(),
        won=(deals["outcome"] == "won").to_numpy(),
        entry_cents=deals["entry_cents"].to_numpy(),
        deal_cents=deals["deal_cents"].to_numpy(),
        segments=codes["segment"],
        alike=strata(*on) if on else np.zeros(len(deals), dtype=np.int64),
        by_close=known[in_order(closed[known])],
    )


def _ends(month: dt.date, months: int) -> Days:
    return np.array([shift_month(month, 1 - months), shift_month(month, 1)], "datetime64[D]")
