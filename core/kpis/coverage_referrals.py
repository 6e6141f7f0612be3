"""For what share of cases a thing is done, with referrals: speed, origin, unbroken link, agreement with finance.

Evidence measures of the maturity matrices; none of them is a KPI of its own.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from core.kpis.asked import days_of, given_days
from core.kpis.coverage import share
from core.kpis.inputs import KpiInput, frame, windowed
from core.kpis.judging import census, proportion
from core.kpis.paying import units_at
from core.kpis.registry import measure
from core.model.kpi_rules import kpi_rules
from core.schema.zones import local_days
from core.stats.months import month_end, shift_month


@windowed(by="due_on", months=12)
def fast_lane_year(data: KpiInput) -> pd.DataFrame:
    """One row per reference request and per referral whose time to be handled is over; withdrawn requests left out.

    A request is in time when it is done with a named person, unless the reference on record took place later.

    Returns:
        kind (request or referral), contact_id, due_on, handled_cases (1) and handled_in_time (0 or 1).
    """
    requests, referrals = data.table("reference_requests"), data.table("referrals")
    asked = requests[requests["state"] != "withdrawn"]
    late = given_days(data, asked) > days_of(asked["needed_by"])
    given = (asked["state"] == "done") & asked["contact_id"].notna() & ~late
    hours = kpi_rules().coverage.first_contact_hours
    met = referrals["first_contact_at"] <= referrals["submitted_at"] + pd.Timedelta(hours=hours)
    due_on = local_days(referrals["submitted_at"], data.zone, hours)
    parts = (
        pd.DataFrame({"contact_id": asked["contact_id"], "due_on": asked["needed_by"], "in_time": given}),
        pd.DataFrame({"contact_id": referrals["contact_id"], "due_on": due_on, "in_time": met}),
    )
    rows = pd.concat([part.assign(kind=kind) for part, kind in zip(parts, ("request", "referral"), strict=True)])
    return rows.assign(handled_cases=1, handled_in_time=rows["in_time"].astype("int64")).drop(columns="in_time")


@measure(
    label="Handled in the fast lane",
    frame="fast_lane_year",
    needs=("reference_requests", "referrals"),
    interval=proportion("handled_in_time", "handled_cases", "requests and leads"),
)
def cov_fast_lane_sla(*, handled_in_time: float, handled_cases: float) -> float | None:
    """Share of reference requests and referred leads that were handled in time, with the advocate on file.

    coverage = requests done by their day and leads contacted within 24 hours / requests and leads, twelve months

    Args:
        handled_in_time: Requests done by their day with a named person, and leads contacted within 24 hours.
        handled_cases: Requests and leads whose time was over in the twelve months; withdrawn requests left out.

    Returns:
        A ratio between 0 and 1. None without a request or a lead.

    Source:
        Maturity matrices, sales integration.
    """
    return share(handled_in_time, handled_cases)


@windowed(by="submitted_on", months=12)
def leads_year(data: KpiInput) -> pd.DataFrame:
    """One row per referral with submitted_on, leads (1) and flow_leads (0 or 1): an ask led to it."""
    rows = data.table("referrals")
    return rows.assign(leads=1, flow_leads=rows["ask_id"].notna().astype("int64"))


@measure(
    label="Leads from a flow",
    frame="leads_year",
    needs=("referrals",),
    interval=proportion("flow_leads", "leads", "referral leads"),
)
def cov_leads_from_flow(*, flow_leads: float, leads: float) -> float | None:
    """Share of referral leads that came from an ask of ours, with the referrer known.

    coverage = referral leads with an ask behind them / referral leads, twelve months

    Args:
        flow_leads: Referrals that name the ask that led to them.
        leads: All referrals handed in.

    Returns:
        A ratio between 0 and 1. None without a lead.

    Source:
        Maturity matrices, referral journeys.
    """
    return share(flow_leads, leads)


@frame
def referral_deals_year(data: KpiInput, month: dt.date) -> pd.DataFrame:
    """One row per new-business deal marked as a referral and created in twelve months.

    Returns:
        opportunity_id, name, account_id, created_on, outcome, marked_deals (1) and linked_deals (0 or 1): a known
        person referred it, and a deal won by then has an account that pays or has paid.
    """
    deals, referrals = data.table("deals"), data.table("referrals")
    first, end = pd.Timestamp(shift_month(month, -11)), pd.Timestamp(month_end(month))
    own = (deals["kind"] == "new") & (deals["channel_class"] == "referral") & deals["created_on"].between(first, end)
    rows = deals.loc[own, ["opportunity_id", "name", "account_id", "created_on", "closed_on", "outcome"]]
    known = referrals[(referrals["submitted_on"] <= end) & referrals["contact_id"].notna()]["opportunity_id"]
    place = units_at(data, rows["account_id"])
    contract = np.append(data.revenue.had_revenue_before(shift_month(month, 1)), False)[place]
    won = ((rows["outcome"] == "won") & (rows["closed_on"] <= end)).to_numpy()
    linked = rows["opportunity_id"].isin(known).to_numpy() & (~won | contract)
    return rows.assign(marked_deals=1, linked_deals=linked.astype("int64"))


@measure(
    label="Referral link kept",
    frame="referral_deals_year",
    needs=("opportunities", "referrals", "subscriptions"),
    interval=proportion("linked_deals", "marked_deals", "referral deals"),
)
def cov_referral_link_kept(*, linked_deals: float, marked_deals: float) -> float | None:
    """Share of deals marked as referrals whose line from the advocate to the contract is unbroken.

    coverage = referral deals with a referrer, and a contract once won / referral deals, created in twelve months

    Args:
        linked_deals: Deals with a referral by a known person; a deal won also with an account that has paid.
        marked_deals: New-business deals whose first source is a referral.

    Returns:
        A ratio between 0 and 1. None without a referral deal.

    Source:
        Maturity matrices, tracking and attribution.
    """
    return share(linked_deals, marked_deals)


@frame
def referral_arr_year(data: KpiInput, month: dt.date) -> pd.DataFrame:
    """One row per account won by a referral in twelve months and paying by then.

    Returns:
        account_id, closed_on, finance_month, tagged_arr (twelve times the MRR of its first month) and matched_arr
        (the same where finance shows it in that month within the tolerance, else 0), in cents.
    """
    deals, revenue = data.table("deals"), data.revenue
    first, end = pd.Timestamp(shift_month(month, -11)), pd.Timestamp(month_end(month))
    own = (deals["kind"] == "new") & (deals["channel_class"] == "referral") & (deals["outcome"] == "won")
    won = deals[own & deals["closed_on"].between(first, end)].drop_duplicates("account_id")
    place = units_at(data, won["account_id"])
    begun = np.append(revenue.first_paid <= revenue.place(month), False)[place]
    won, place = won[begun], place[begun]
    start = revenue.first_paid[place].astype(np.intp)
    arr = 12 * revenue.matrix[place, start]
    rows = won[["account_id", "closed_on"]].merge(data.table("finance_first"), on="account_id", how="left")
    same = rows["finance_month"].to_numpy().astype("datetime64[us]") == revenue.wide.columns.to_numpy()[start]
    off = np.abs(rows["finance_arr_cents"].to_numpy(dtype=np.float64, na_value=np.nan) - arr)
    matched = same & (off <= kpi_rules().coverage.finance_tolerance * arr)
    return rows.assign(tagged_arr=arr, matched_arr=np.where(matched, arr, 0))


@measure(
    label="Advocacy ARR agreed with finance",
    frame="referral_arr_year",
    needs=("opportunities", "subscriptions", "finance_totals"),
    interval=census("accounts", "tagged_arr"),
)
def cov_arr_reconciled(*, matched_arr: float, tagged_arr: float) -> float | None:
    """Share of the ARR won by referrals that finance's own records confirm.

    coverage = first-month ARR that finance shows within 1 % / first-month ARR of accounts won by referral

    Args:
        matched_arr: ARR of accounts for which finance shows the same in the same month. [cents]
        tagged_arr: ARR in the first month of accounts won by a referral in twelve months. [cents]

    Returns:
        A ratio between 0 and 1. None when no referral was won.

    Source:
        Maturity matrices, attribution and finance tie-out.
    """
    return share(matched_arr, tagged_arr)
