"""What a new customer costs, by the channel that brought it."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from core.kpis.inputs import KpiInput, frame
from core.kpis.judging import cost_per_unit
from core.kpis.registry import kpi
from core.stats.months import month_end, shift_month

DAYS_PER_MONTH = 30.4375
MONTHS_OF_SPEND = 12
COLUMNS = ["kind", "name", "segment", "channel", "channel_class", "month", "cost_cents"]


def median_cycle_months(data: KpiInput, month: dt.date) -> int:
    """Median sales cycle of new business won in the twelve months to month end, in whole months.

    0 when no deal with both dates was won: the spend is then of the same months as the customers.
    """
    deals = data.deals
    first, last = pd.Timestamp(shift_month(month, -11)), pd.Timestamp(month_end(month))
    won = deals[
        (deals["kind"] == "new")
        & (deals["outcome"] == "won")
        & (deals["closed_on"] >= first)
        & (deals["closed_on"] <= last)
    ]
    if won.empty:
        return 0
    return int(float((won["closed_on"] - won["created_on"]).dt.days.median()) / DAYS_PER_MONTH + 0.5)


def spend_window(data: KpiInput, month: dt.date) -> tuple[dt.date, dt.date]:
    """First and last month of the spend that brought the customers of the twelve months to month end."""
    lag = median_cycle_months(data, month)
    return shift_month(month, -11 - lag), shift_month(month, -lag)


def spend_gap(data: KpiInput, month: dt.date) -> str | None:
    """Why the cost of a year of customers is not known: months of the window without any spend in the data."""
    first, last = spend_window(data, month)
    known = data.spend["month"].drop_duplicates()
    found = int(((known >= pd.Timestamp(first)) & (known <= pd.Timestamp(last))).sum())
    if found >= MONTHS_OF_SPEND:
        return None
    return f"spend is known for {found} of the {MONTHS_OF_SPEND} months from {first:%Y-%m} to {last:%Y-%m}"


@frame
def acquisition_year(data: KpiInput, month: dt.date) -> pd.DataFrame:
    """New customers of twelve months, and the spend of the twelve months that brought them.

    A customer is new in the month of its first revenue ever. Spend is taken earlier by the median sales
    cycle, so that money meets the customers it won.

    Returns:
        kind (customer or spend), name, segment, channel, channel_class, month and referral_spend, paid_spend
        [cents], referral_customers, paid_customers (0 or 1).
    """
    customers, spend = new_customers(data, month), channel_spend(data, month)
    rows = pd.concat([customers, spend], ignore_index=True)
    for name in ("referral", "paid"):
        own = rows["channel_class"] == name
        rows[f"{name}_spend"] = rows["cost_cents"].where(own & (rows["kind"] == "spend"), 0).astype("int64")
        rows[f"{name}_customers"] = (own & (rows["kind"] == "customer")).astype("int64")
    return rows.drop(columns="cost_cents")


def new_customers(data: KpiInput, month: dt.date) -> pd.DataFrame:
    """Accounts whose first revenue ever fell into the twelve months to month end."""
    units = data.units.rename(columns={"first_month": "month"})
    first, last = pd.Timestamp(shift_month(month, -11)), pd.Timestamp(month)
    new = units[(units["month"] >= first) & (units["month"] <= last)]
    return new.assign(kind="customer", cost_cents=0)[COLUMNS]


def channel_spend(data: KpiInput, month: dt.date) -> pd.DataFrame:
    """Acquisition spend per line of the twelve months that end one median sales cycle before month end."""
    first, last = (pd.Timestamp(day) for day in spend_window(data, month))
    spend = data.spend
    spend = spend[(spend["kind"] == "acquisition") & (spend["month"] >= first) & (spend["month"] <= last)]
    rows = spend.assign(kind="spend", name=spend["line"].str.replace("_", " ").str.capitalize(), segment=None)
    return rows[COLUMNS]


@kpi(
    label="CAC, referral",
    unit="money",
    better="lower",
    frame="acquisition_year",
    needs=("subscriptions", "spend"),
    interval=cost_per_unit("referral_spend", "referral_customers", "new customers"),
    version=1,
    by_segment=False,
    covered=spend_gap,
)
def cac_referral(*, referral_spend: float, referral_customers: float) -> float | None:
    """Full cost of referral lines per new customer who came by referral.

    CAC = rewards, people, tools and media of referral lines / new customers by referral

    Args:
        referral_spend: Cost of referral lines, fully loaded. [cents]
        referral_customers: New customers whose frozen first source is a referral.

    Returns:
        Cents per customer. None when nobody came by referral.

    Source:
        Fully loaded on both sides; calling referrals free is a fault of the cost basis.
    """
    if referral_customers == 0:
        return None
    return referral_spend / referral_customers


@kpi(
    label="CAC, paid",
    unit="money",
    better="lower",
    frame="acquisition_year",
    needs=("subscriptions", "spend"),
    interval=cost_per_unit("paid_spend", "paid_customers", "new customers"),
    version=1,
    by_segment=False,
    covered=spend_gap,
)
def cac_paid(*, paid_spend: float, paid_customers: float) -> float | None:
    """Full cost of paid lines per new customer who came from them.

    CAC = media, agencies, people and tools of paid lines / new customers from paid channels

    Args:
        paid_spend: Cost of paid lines, fully loaded. [cents]
        paid_customers: New customers whose frozen first source is a paid channel.

    Returns:
        Cents per customer. None when nobody came from paid channels.

    Source:
        Paid cost over paid customers, lag = median cycle.
    """
    if paid_customers == 0:
        return None
    return paid_spend / paid_customers
