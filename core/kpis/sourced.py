"""What referrals brought in: opportunities, pipeline and first-year revenue; sourced, never called incremental."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from core.kpis.columns import Columns
from core.kpis.deals import deals_known, deals_priced
from core.kpis.inputs import KpiInput, windowed
from core.kpis.judging import census, event_count
from core.kpis.registry import kpi
from core.kpis.result import Part
from core.stats.ids import places
from core.stats.months import shift_month

YEAR = 12


@windowed(by="created_on", months=1)
def deals_created(data: KpiInput) -> Columns:
    """One row per new-business deal; a month sees those created in it.

    Returns:
        opportunity_id, name, segment, channel_class, created_on, new_deals (1), referral_deals (0 or 1),
        created_pipeline and referral_pipeline [cents]: the amount 14 days after the creation, at the latest at the end
        of its month.
    """
    deals = data.table("new_deals")
    referred = (deals["channel_class"] == "referral").to_numpy().astype("int64")
    columns, cents = (
        ["opportunity_id", "name", "segment", "channel_class", "created_on"],
        deals["entry_cents"].to_numpy(),
    )
    return Columns.rows_of(deals[columns], np.arange(len(deals))).also(
        new_deals=1, referral_deals=referred, created_pipeline=cents, referral_pipeline=cents * referred
    )


@windowed(by="billed_on", months=1)
def deals_billed(data: KpiInput) -> pd.DataFrame:
    """One row per deal won with a new customer that pays; a month sees those for which both came true in it.

    Returns:
        opportunity_id, name, segment, channel_class, closed_on, billed_on (day won, or the first month end with
        revenue where that is later), won_value, referral_won_value and billed_value (12 x the first MRR) [cents].
    """
    won = won_deals(data)
    referred = (won["channel_class"] == "referral").astype("int64")
    return won[["opportunity_id", "name", "segment", "channel_class", "closed_on", "billed_on"]].assign(
        won_value=won["deal_cents"],
        referral_won_value=won["deal_cents"] * referred,
        billed_value=won["first_mrr"] * 12,
    )


def won_deals(data: KpiInput) -> pd.DataFrame:
    """New-business deals won with new customers: those of accounts that had not paid when the deal was created.

    Returns:
        The columns of `new_deals`, billed_on (missing while nothing is paid) and first_mrr [cents/month].
    """
    return data.kept("won deals", lambda: _won_deals(data))


def _won_deals(data: KpiInput) -> pd.DataFrame:
    deals = data.table("new_deals")
    won = deals[deals["outcome"] == "won"]
    revenue = data.revenue
    place = places(won["unit_id"], revenue.wide.index)
    paid = place >= 0
    column = revenue.first_paid[place[paid]]
    first_end = pd.DatetimeIndex(revenue.wide.columns)[column] + pd.offsets.MonthEnd(0)
    billed_on = pd.Series(pd.NaT, index=won.index, dtype="datetime64[us]")
    billed_on[paid] = first_end.to_numpy().astype("datetime64[us]")
    first_mrr = np.zeros(len(won), dtype="int64")
    first_mrr[paid] = revenue.matrix[place[paid], column]
    later = billed_on.isna() | (billed_on > won["closed_on"])
    found = won.assign(billed_on=billed_on.where(later, won["closed_on"]), first_mrr=first_mrr)
    return found[~(billed_on < won["created_on"])]


def over_year(data: KpiInput, frame: str, name: str, month: dt.date, segment: str | None) -> float:
    """Sum of a column over the twelve months that end with `month`."""
    months = (shift_month(month, -back) for back in range(YEAR))
    return float(sum(data.columns(frame, each, segment)[name].sum() for each in months))


def share_part(label: str, own: float, whole: float, n: int) -> Part:
    """A share of a total as a part; none of nothing."""
    return Part(label, own / whole if whole else None, "ratio", n)


def opportunity_parts(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """Share of all new-business opportunities, and the count of twelve months beside the twelve before."""
    columns = data.columns("deals_created", month, segment)
    own, whole = float(columns["referral_deals"].sum()), float(columns["new_deals"].sum())
    year = over_year(data, "deals_created", "referral_deals", month, segment)
    known = deals_known(2 * YEAR)(data, month) is None
    before = over_year(data, "deals_created", "referral_deals", shift_month(month, -YEAR), segment) if known else None
    return (
        share_part("Share of all new opportunities", own, whole, int(whole)),
        Part("In twelve months", year if deals_known(YEAR)(data, month) is None else None, "count", int(year)),
        Part("In the twelve months before", before, "count", int(before or 0)),
    )


@kpi(
    label="Referral opportunities",
    unit="count",
    better="higher",
    frame="deals_created",
    needs=("opportunities",),
    interval=event_count("opportunities"),
    version=1,
    covered=deals_known(1),
    parts=opportunity_parts,
)
def referral_opportunities(*, referral_deals: float) -> float | None:
    """New-business opportunities of the month whose first source is a referral.

    opportunities = new-business opportunities created in the month with a referral as frozen first source

    Args:
        referral_deals: Opportunities with a referral as first source.

    Returns:
        A count; 0 where others were created and none by referral. None when no opportunity was created at all.

    Source:
        Sourced, first touch: the first source that was told.
    """
    return referral_deals


def pipeline_parts(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """Share of all pipeline created, and the sum of twelve months."""
    columns = data.columns("deals_created", month, segment)
    own, whole = float(columns["referral_pipeline"].sum()), float(columns["created_pipeline"].sum())
    known = deals_known(YEAR)(data, month) is None
    year = over_year(data, "deals_created", "referral_pipeline", month, segment) / 100
    return (
        share_part("Share of all pipeline created", own, whole, columns.rows),
        Part("In twelve months", year if known else None, "money", columns.rows),
    )


@kpi(
    label="Referral pipeline",
    unit="money",
    better="higher",
    frame="deals_created",
    needs=("opportunities",),
    interval=census("opportunities", "referral_pipeline"),
    version=1,
    covered=deals_priced(1),
    parts=pipeline_parts,
)
def referral_sourced_pipeline(*, referral_pipeline: float) -> float | None:
    """First-year value of the new-business opportunities of the month that came by referral.

    pipeline = sum of first-year values, 14 days after creation, of opportunities with a referral as first source

    Args:
        referral_pipeline: Value of opportunities with a referral as first source. [cents]

    Returns:
        Cents; 0 where others were created and none by referral. None when no opportunity was created at all.

    Source:
        Created pipeline, sourced by first touch, frozen; what is disqualified later stays in it.
    """
    return referral_pipeline


def payers_gap(data: KpiInput, month: dt.date) -> str | None:
    """Why it is not known who began to pay in the month, and on which deals, in words; None when it is."""
    first = data.revenue.first_month
    if first is not None and first >= month:
        return f"who began to pay in {month:%Y-%m} is not known: revenue starts {'then' if first == month else 'later'}"
    return deals_priced(1)(data, month)


def revenue_parts(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """Share of all new revenue, 12 x first MRR of the same customers, and what is won and not yet paid for."""
    columns = data.columns("deals_billed", month, segment)
    own, whole, referred = columns["referral_won_value"], columns["won_value"], columns["channel_class"] == "referral"
    last = pd.Timestamp(shift_month(month, 1))
    won = won_deals(data)
    won = won if segment is None else won[won["segment"] == segment]
    waiting = won[(won["channel_class"] == "referral") & (won["closed_on"] < last) & ~(won["billed_on"] < last)]
    waiting = waiting[waiting["closed_on"] >= pd.Timestamp(shift_month(month, 1 - YEAR))]
    billed = float(columns["billed_value"][referred].sum()) / 100
    return (
        share_part("Share of all new revenue", float(own.sum()), float(whole.sum()), columns.rows),
        Part("Twelve times the first MRR of the same customers", billed, "money", int(referred.sum())),
        Part("Won in twelve months, not paid for yet", float(waiting["deal_cents"].sum()) / 100, "money", len(waiting)),
    )


@kpi(
    label="Referral revenue",
    unit="money",
    better="higher",
    frame="deals_billed",
    needs=("opportunities", "subscriptions"),
    interval=census("customers", "referral_won_value"),
    version=2,
    covered=payers_gap,
    parts=revenue_parts,
)
def referral_revenue(*, referral_won_value: float) -> float | None:
    """First-year value of customers won by referral who began to pay in the month.

    referral revenue = sum of first-year values of referred deals won whose account has its first revenue by month end

    Args:
        referral_won_value: First-year value of those deals. [cents]

    Returns:
        Cents; 0 where others began to pay and none by referral. None when no new customer began to pay at all.

    Source:
        Booked first-year value matched to billing; bookings without revenue are shown apart.
    """
    return referral_won_value
