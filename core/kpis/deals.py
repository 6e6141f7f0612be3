"""Deals: do referred ones close more often, how large they are, how long they take."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from core.kpis.columns import Columns
from core.kpis.inputs import KpiInput, windowed
from core.kpis.judging import difference, median_over_rows, proportion
from core.kpis.registry import Diagnosis, kpi
from core.kpis.result import Part, Unit
from core.model.small_samples import small_samples
from core.stats.ids import Places, Positions
from core.stats.months import month_of, shift_month
from core.stats.survival import kaplan_meier, median_time

YEAR = 12


def deals_known(months: int) -> Diagnosis:
    """Why deals are not known for a window of `months` months: the data begin within it."""

    def gap(data: KpiInput, month: dt.date) -> str | None:
        first = data.kept("first deal", lambda: data.table("deals")["created_on"].min())
        start = shift_month(month, 1 - months)
        if pd.isna(first) or month_of(first.date()) <= start:
            return None
        return f"deals are known from {first:%Y-%m}, the window begins {start:%Y-%m}"

    return gap


def deals_priced(months: int) -> Diagnosis:
    """Why the money of deals is not known: the data begin within the window, or a currency has no rate."""
    known = deals_known(months)

    def gap(data: KpiInput, month: dt.date) -> str | None:
        priced = data.kept("deals priced", lambda: bool(data.table("new_deals")["priced"].all()))
        return known(data, month) if priced else "a currency of opportunities has no rate: import fx rates"

    return gap


def among_deals(data: KpiInput) -> Places:
    """Says where an opportunity stands in the table `deals`."""
    return data.kept_of_facts("places of deals", lambda facts: Places(facts.table("deals")["opportunity_id"]))


@windowed(by="closed_on", months=12)
def deals_year(data: KpiInput) -> Columns:
    """One row per new-business deal won or lost; a month sees those closed in the twelve months to its end.

    Returns:
        opportunity_id, name, segment, source, channel_class, outcome, created_on, closed_on, amount_cents and
        referred_won, referred_closed, baseline_won, baseline_closed (0 or 1).
    """
    deals = data.table("deals")
    rows = np.flatnonzero((deals["kind"] == "new") & deals["outcome"].isin(["won", "lost"]))
    won, referred = (
        (deals[name] == of).to_numpy()[rows] for name, of in (("outcome", "won"), ("channel_class", "referral"))
    )
    return Columns.rows_of(deals, rows).also(
        referred_won=(referred & won).astype(np.int64),
        referred_closed=referred.astype(np.int64),
        baseline_won=(~referred & won).astype(np.int64),
        baseline_closed=(~referred).astype(np.int64),
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


@windowed(by="closed_on", months=YEAR)
def won_deals_year(data: KpiInput) -> Columns:
    """One row per new-business deal won; a month sees those won in the twelve months to its end.

    Returns:
        opportunity_id, name, segment, channel_class, created_on, closed_on, cycle_days (from creation to the win) and
        first_year_value [cents].
    """
    deals = data.table("new_deals")
    columns = ["opportunity_id", "name", "segment", "channel_class", "created_on", "closed_on"]
    won = np.flatnonzero(deals["outcome"] == "won")
    return Columns.rows_of(deals[columns], won).also(
        cycle_days=cycle_days(deals, won), first_year_value=deals["deal_cents"].to_numpy()[won]
    )


def cycle_days(deals: pd.DataFrame, rows: Positions) -> np.ndarray:
    """Days from creation to the close of some deals; NaN where one is missing."""
    return (deals["closed_on"].take(rows) - deals["created_on"].take(rows)).dt.days.to_numpy()


def median_part(label: str, values: np.ndarray, unit: Unit, share: float = 0.5) -> Part:
    """A percentile of the values above 0 as a part; money from cents; not shown with too few of them."""
    values = values[values > 0]
    enough = len(values) >= small_samples().money_average.least_deals
    scale = 100 if unit == "money" else 1
    return Part(label, float(np.quantile(values, share)) / scale if enough else None, unit, len(values))


def cycle_parts(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """Upper quarter, referred and other deals, the wait of all deals with those still open, and what is left out."""
    columns = data.columns("won_deals_year", month, segment)
    days, referred = columns["cycle_days"], columns["channel_class"] == "referral"
    waits = data.columns("deal_waits", month, segment)
    decided = median_time(kaplan_meier(waits["deal_days"], waits["decided_deals"] > 0)).time
    return (
        median_part("Three of four deals are won within", days, "days", 0.75),
        median_part("Referred deals", days[referred], "days"),
        median_part("All other deals", days[~referred], "days"),
        Part("Median to a decision, open and lost deals counted", decided, "days", waits.rows),
        Part("Won on the day they were created or before, left out", float((days <= 0).sum()), "count", len(days)),
    )


@kpi(
    label="Sales cycle",
    unit="days",
    better="lower",
    frame="won_deals_year",
    needs=("opportunities",),
    interval=median_over_rows("cycle_days", "won deals"),
    version=1,
    covered=deals_known(YEAR),
    of="rows",
    parts=cycle_parts,
)
def sales_cycle(*, cycle_days: np.ndarray) -> float | None:
    """Days from the creation of a new-business deal to its win, in the middle of those won in twelve months.

    sales cycle = median of (day won - day created)

    Args:
        cycle_days: Days of each deal won; a deal won on the day it was created or before has no cycle.

    Returns:
        Days. None when no deal was won after the day it was created.

    Source:
        Median by close date, from the opportunity, not the lead; a mean follows the longest deals.
    """
    days = cycle_days[cycle_days > 0]
    return float(np.median(days)) if len(days) else None


def size_parts(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """Mean, referred and other deals, the largest, and what is left out."""
    columns = data.columns("won_deals_year", month, segment)
    value, referred = columns["first_year_value"], columns["channel_class"] == "referral"
    known = value[value > 0]
    enough = len(known) >= small_samples().money_average.least_deals
    return (
        Part("Mean", float(known.mean()) / 100 if enough else None, "money", len(known)),
        median_part("Referred deals", value[referred], "money"),
        median_part("All other deals", value[~referred], "money"),
        Part("Largest", float(known.max()) / 100 if len(known) else None, "money", len(known)),
        Part("Won without an amount, left out", float((value <= 0).sum()), "count", len(value)),
    )


@kpi(
    label="Deal size",
    unit="money",
    better="higher",
    frame="won_deals_year",
    needs=("opportunities",),
    interval=median_over_rows("first_year_value", "won deals"),
    version=1,
    covered=deals_priced(YEAR),
    of="rows",
    parts=size_parts,
)
def deal_size_median(*, first_year_value: np.ndarray) -> float | None:
    """First-year value of a new-business deal, in the middle of those won in twelve months.

    deal size = median of first-year values

    Args:
        first_year_value: First-year recurring value of each deal won; 0 is not known. [cents]

    Returns:
        Cents. None when no deal with an amount was won.

    Source:
        Median against mean: one very large deal moves a mean, not a median.
    """
    values = first_year_value[first_year_value > 0]
    return float(np.median(values)) if len(values) else None
