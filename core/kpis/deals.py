"""Deals: do referred ones close more often."""

from __future__ import annotations

import pandas as pd

from core.kpis.inputs import KpiInput, windowed
from core.kpis.judging import difference, proportion
from core.kpis.registry import kpi


@windowed(by="closed_on", months=12)
def deals_year(data: KpiInput) -> pd.DataFrame:
    """One row per new-business deal won or lost; a month sees those closed in the twelve months to its end.

    Returns:
        opportunity_id, name, segment, source, channel_class, outcome, created_on, closed_on, amount_cents and
        referred_won, referred_closed, baseline_won, baseline_closed (0 or 1).
    """
    deals = data.table("deals")
    closed = deals[(deals["kind"] == "new") & deals["outcome"].isin(["won", "lost"])]
    won, referred = closed["outcome"] == "won", closed["channel_class"] == "referral"
    return closed.assign(
        referred_won=(referred & won).astype("int64"),
        referred_closed=referred.astype("int64"),
        baseline_won=(~referred & won).astype("int64"),
        baseline_closed=(~referred).astype("int64"),
    )


@kpi(
    label="Win rate, referred",
    unit="ratio",
    better="higher",
    frame="deals_year",
    needs=("opportunities",),
    interval=proportion("referred_won", "referred_closed", "closed deals"),
    version=1,
)
def win_rate_referred(*, referred_won: float, referred_closed: float) -> float | None:
    """Share of closed referred new-business deals that were won.

    win rate = referred won / referred closed, by close date in the last twelve months

    Args:
        referred_won: Referred deals won.
        referred_closed: Referred deals won or lost.

    Returns:
        A ratio between 0 and 1. None when no referred deal was closed.

    Source:
        Win rate by close date; frozen first source.
    """
    if referred_closed == 0:
        return None
    return referred_won / referred_closed


@kpi(
    label="Win rate, all other",
    unit="ratio",
    better="higher",
    frame="deals_year",
    needs=("opportunities",),
    interval=proportion("baseline_won", "baseline_closed", "closed deals"),
    version=1,
)
def win_rate_baseline(*, baseline_won: float, baseline_closed: float) -> float | None:
    """Share of all other closed new-business deals that were won.

    win rate = other won / other closed, by close date in the last twelve months

    Args:
        baseline_won: Deals won that were not referred.
        baseline_closed: Deals won or lost that were not referred.

    Returns:
        A ratio between 0 and 1. None when no other deal was closed.

    Source:
        Win rate by close date.
    """
    if baseline_closed == 0:
        return None
    return baseline_won / baseline_closed


@kpi(
    label="Win rate gap, not adjusted",
    unit="pp",
    better="higher",
    frame="deals_year",
    needs=("opportunities",),
    interval=difference(
        ("referred_won", "referred_closed"), ("baseline_won", "baseline_closed"), "closed deals", "won deals"
    ),
    version=1,
)
def win_rate_gap(
    *, referred_won: float, referred_closed: float, baseline_won: float, baseline_closed: float
) -> float | None:
    """Difference of the two win rates as they stand, without regard to which deals get referred.

    gap = referred won / referred closed - other won / other closed

    Args:
        referred_won: Referred deals won.
        referred_closed: Referred deals won or lost.
        baseline_won: Other deals won.
        baseline_closed: Other deals won or lost.

    Returns:
        A difference of fractions. None when either side closed no deal.

    Source:
        Naive comparison; shown as such, never as an effect.
    """
    if referred_closed == 0 or baseline_closed == 0:
        return None
    return referred_won / referred_closed - baseline_won / baseline_closed
