"""Budget lines of a month: what each cost in twelve months, what is committed, what was ever spent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from core.stats.months import shift_month

if TYPE_CHECKING:
    from core.month.facts import FactMonth

YEAR = 12
"""Months whose spend makes the current spend of a line."""


def known_months(facts: FactMonth) -> int:
    """Months of the twelve to month end with any row of spend."""
    months = facts.spend["month"]
    after, until = pd.Timestamp(shift_month(facts.month, -YEAR)), pd.Timestamp(facts.month)
    return int(months[(months > after) & (months <= until)].dt.to_period("M").nunique())


def budget_lines(facts: FactMonth) -> pd.DataFrame:
    """One row per line with spend in the twelve months to month end, or money committed after it.

    Returns:
        line, label, kind, channel, play, current_cents (actual cost of the trailing twelve months),
        committed_cents (of the next twelve), observed_low_cents and observed_high_cents (least and largest
        month ever, times twelve), owner_role (None: the play's own).
    """
    spend, month = facts.spend, pd.Timestamp(facts.month)
    past = spend[spend["month"] <= month]
    year = past[past["month"] > pd.Timestamp(shift_month(facts.month, -YEAR))]
    ahead = spend[(spend["month"] > month) & (spend["month"] <= pd.Timestamp(shift_month(facts.month, 12)))]
    newest = spend.sort_values("month").groupby("line")[["kind", "channel", "play"]].last()  # as last told
    monthly = past.groupby("line")["cost_cents"]
    frame = newest.assign(
        current_cents=year.groupby("line")["cost_cents"].sum(),
        committed_cents=ahead.groupby("line")["committed_cents"].sum(),
        observed_low_cents=monthly.min() * 12,
        observed_high_cents=monthly.max() * 12,
    ).reset_index()
    for name in ("current_cents", "committed_cents"):
        frame[name] = frame[name].fillna(0).astype("int64")
    frame = frame[(frame["current_cents"] > 0) | (frame["committed_cents"] > 0)]
    label = frame["line"].str.replace("_", " ").str.capitalize()
    return frame.assign(label=label, owner_role=None).reset_index(drop=True)
