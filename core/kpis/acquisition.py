"""What a new customer costs, by the channel that brought it."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from core.kpis.columns import Columns
from core.kpis.deals import cycle_days
from core.kpis.inputs import KpiInput, frame, windowed
from core.kpis.judging import cost_per_unit
from core.kpis.registry import kpi
from core.stats.months import shift_month

DAYS_PER_MONTH = 30.4375
MONTHS_OF_SPEND = 12
COLUMNS = ["kind", "name", "segment", "channel", "channel_class", "month"]


@windowed(by="closed_on", months=12)
def won_year(data: KpiInput) -> Columns:
    """One row per new-business deal won, with cycle_days from creation to close."""
    deals = data.table("deals")
    won = np.flatnonzero((deals["kind"] == "new") & (deals["outcome"] == "won"))
    return Columns.rows_of(deals, won).also(cycle_days=cycle_days(deals, won))


def median_cycle_months(data: KpiInput, month: dt.date) -> int:
    """Median sales cycle of new business won in the twelve months to month end, in whole months.

    0 when no deal with both dates was won: the spend is then of the same months as the customers.
    """
    days = data.columns("won_year", month)["cycle_days"]
    days = days[~np.isnan(days)] if len(days) else days
    return int(float(np.median(days)) / DAYS_PER_MONTH + 0.5) if len(days) else 0


def spend_window(data: KpiInput, month: dt.date) -> tuple[dt.date, dt.date]:
    """First and last month of the spend that brought the customers of the twelve months to month end."""
    lag = data.kept(("cycle", month), lambda: median_cycle_months(data, month))
    return shift_month(month, -11 - lag), shift_month(month, -lag)


def spend_gap(data: KpiInput, month: dt.date) -> str | None:
    """Why the cost of a year of customers is not known: months of the window without any spend in the data."""
    first, last = spend_window(data, month)
    known = data.kept("months of spend", lambda: set(data.table("spend")["month"].dt.date))
    found = sum(shift_month(first, by) in known for by in range(MONTHS_OF_SPEND))
    if found >= MONTHS_OF_SPEND:
        return None
    return f"spend is known for {found} of the {MONTHS_OF_SPEND} months from {first:%Y-%m} to {last:%Y-%m}"


def acquisition_gap(data: KpiInput, month: dt.date) -> str | None:
    """Why cost or number of the customers of the twelve months to month end is not known, in words.

    Where revenue starts inside them, customers who were there before cannot be told from those won.
    """
    gap, first = spend_gap(data, month), data.revenue.first_month
    if gap is None and (first is None or first > shift_month(month, -MONTHS_OF_SPEND)):
        return f"customers won in the twelve months to {month:%Y-%m} are not known: revenue starts too late"
    return gap


@frame
def acquisition_year(data: KpiInput, month: dt.date) -> Columns:
    """New customers of twelve months, and the spend of the twelve months that brought them.

    A customer is new in the month of its first revenue ever. Spend is taken earlier by the median sales
    cycle, so that money meets the customers it won.

    Returns:
        kind (customer or spend), name, segment, channel, channel_class, month and referral_spend, paid_spend
        [cents], referral_customers, paid_customers (0 or 1).
    """
    first, last = spend_window(data, month)
    customers = data.kept("customers", lambda: Columns.of(customers_won(data)))
    spend = data.kept("acquisition", lambda: Columns.of(acquisition_spend(data)))
    return months_of(customers, shift_month(month, -11), month).below(months_of(spend, first, last))


def months_of(rows: Columns, first: dt.date, last: dt.date) -> Columns:
    """The rows of some months, from rows sorted by their column month."""
    start, stop = np.searchsorted(rows["month"], np.array([first, shift_month(last, 1)], "datetime64[us]"))
    return rows.cut(int(start), int(stop))


def customers_won(data: KpiInput) -> pd.DataFrame:
    """Every account that ever paid, in the month of its first revenue; oldest first."""
    units = data.revenue.units.rename(columns={"first_month": "month"})
    return _classed(units.assign(kind="customer", cost_cents=0))


def acquisition_spend(data: KpiInput) -> pd.DataFrame:
    """Acquisition spend per line and month, oldest first."""
    spend = data.table("spend")
    spend = spend[spend["kind"] == "acquisition"]
    return _classed(spend.assign(kind="spend", name=spend["line"].str.replace("_", " ").str.capitalize(), segment=None))


def _classed(rows: pd.DataFrame) -> pd.DataFrame:
    """Cost and customers in one column per class of channel."""
    columns = {}
    for name in ("referral", "paid"):
        own = rows["channel_class"] == name
        columns[f"{name}_spend"] = rows["cost_cents"].where(own & (rows["kind"] == "spend"), 0).astype("int64")
        columns[f"{name}_customers"] = (own & (rows["kind"] == "customer")).astype("int64")
    return rows[COLUMNS].assign(**columns).sort_values("month", kind="stable")


@kpi(
    label="Acquisition cost, referral",
    unit="money",
    better="lower",
    frame="acquisition_year",
    needs=("subscriptions", "spend"),
    also=("opportunities",),
    interval=cost_per_unit("referral_spend", "referral_customers", "new customers"),
    version=2,
    by_segment=False,
    covered=acquisition_gap,
)
def cac_referral(*, referral_spend: float, referral_customers: float) -> float | None:
    """Full cost of referral lines per new customer who came by referral.

    acquisition cost (CAC) = rewards, people, tools and media of referral lines / new customers by referral

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
    label="Acquisition cost, paid",
    unit="money",
    better="lower",
    frame="acquisition_year",
    needs=("subscriptions", "spend"),
    also=("opportunities",),
    interval=cost_per_unit("paid_spend", "paid_customers", "new customers"),
    version=2,
    by_segment=False,
    covered=acquisition_gap,
)
def cac_paid(*, paid_spend: float, paid_customers: float) -> float | None:
    """Full cost of paid lines per new customer who came from them.

    acquisition cost (CAC) = media, agencies, people and tools of paid lines / new customers from paid channels

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
