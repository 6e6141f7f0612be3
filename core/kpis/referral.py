"""Referrals: how many, how good they are, how many become customers, and how soon they are called."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from core.kpis.asked import days_of
from core.kpis.columns import Columns
from core.kpis.inputs import KpiInput, windowed
from core.kpis.judging import event_count, proportion
from core.kpis.leads import COUNTED, counted, lead_wins, referred
from core.kpis.packed import looked_up
from core.kpis.registry import kpi
from core.kpis.result import Part
from core.model.kpi_rules import kpi_rules
from core.schema.zones import TOLD, local_days
from core.stats.ids import Positions
from core.stats.months import month_end, month_of, shift_month
from core.stats.survival import kaplan_meier, survival_at
from core.stats.working_hours import due_by, local_time, utc_time

YEAR = 12
LABELS = ("contact_id", "opportunity_id", "account_name", "segment", "company")


def _labelled(rows: pd.DataFrame, of: Positions, **more: Any) -> Columns:
    """LABELS and submitted_on of some rows of `referred`, and more columns of theirs."""
    labels = looked_up(of, {name: rows[name].array for name in LABELS})
    return Columns({**labels, "submitted_on": days_of(rows["submitted_on"])[of], **more}, len(of))


@windowed(by="submitted_on", months=1)
def leads_month(data: KpiInput) -> Columns:
    """One row per referral; a month sees those submitted in it.

    Returns:
        LABELS, submitted_on, standing and counted_leads (0 or 1).
    """
    rows = referred(data)
    leads = (rows["standing"] == COUNTED).to_numpy().astype("int64")
    return _labelled(rows, np.arange(len(rows)), standing=rows["standing"].array, counted_leads=leads)


@windowed(by="decided_on", months=YEAR)
def leads_accepted_year(data: KpiInput) -> Columns:
    """One row per lead; a month sees those whose days to be accepted ended in the twelve months to its end.

    Returns:
        LABELS, submitted_on, qualified_at, decided_on, counted_leads (1) and accepted_leads (0 or 1).
    """
    rows, of = referred(data), counted(data)
    days = np.timedelta64(kpi_rules().referral.accepted_within_days, "D")
    submitted_at, qualified_at = (days_of(rows[name])[of] for name in ("submitted_at", "qualified_at"))
    decided_on = days_of(rows["submitted_on"])[of] + days
    qualified_on = days_of(local_days(rows["qualified_at"], data.zone))[of]
    by_day = submitted_at == submitted_at.astype("datetime64[D]")  # no hour: in order with every hour of the last day
    in_time = np.where(by_day, qualified_on <= decided_on, qualified_at <= submitted_at + days)
    return _labelled(
        rows,
        of,
        qualified_at=qualified_at,
        counted_leads=1,
        decided_on=decided_on,
        accepted_leads=in_time.astype("int64"),
    )


@windowed(by="matured_on", months=YEAR)
def leads_won_year(data: KpiInput) -> Columns:
    """One row per lead; a month sees those whose days to become a customer ended in the twelve months to its end.

    Returns:
        LABELS, submitted_on, won_on (missing when not in time), matured_on, counted_leads (1) and converted_leads (0
        or 1).
    """
    rows, of, won_on = referred(data), counted(data), days_of(lead_wins(data)["won_on"])
    matured_on = days_of(rows["submitted_on"])[of] + np.timedelta64(kpi_rules().referral.won_within_days, "D")
    in_time = won_on <= matured_on
    return _labelled(
        rows,
        of,
        counted_leads=1,
        won_on=np.where(in_time, won_on, np.datetime64("NaT")),
        matured_on=matured_on,
        converted_leads=in_time.astype("int64"),
    )


@windowed(by="settled_on", months=YEAR)
def leads_called_year(data: KpiInput) -> Columns:
    """One row per lead; a month sees those called in time, or past the time, in the twelve months to its end.

    Returns:
        LABELS, submitted_on, called_at, call_due_at (time of the team's zone), settled_on (the company's day),
        counted_leads (1) and prompt_leads (0 or 1).
    """
    rows, of, rules = referred(data), counted(data), kpi_rules().fast_lane
    contact_at = rows["first_contact_at"].take(of)
    called_at = local_time(contact_at, rules)
    due_at = due_by(rows["submitted_at"].take(of), rules)
    prompt = called_at <= due_at + TOLD
    return _labelled(
        rows,
        of,
        counted_leads=1,
        called_at=called_at.to_numpy(),
        call_due_at=due_at.to_numpy(),
        settled_on=local_days(contact_at.where(prompt, utc_time(due_at, rules) + TOLD), data.zone).to_numpy(),
        prompt_leads=prompt.to_numpy().astype("int64"),
    )


def leads_known(data: KpiInput, month: dt.date) -> str | None:
    """Why the referrals of a month are not known: the first one in the data is later."""
    first = data.kept("first referral", lambda: data.table("referrals")["submitted_on"].min())
    if pd.isna(first) or month_of(first.date()) <= month:
        return None
    return f"referrals are known from {first:%Y-%m}"


def leads_parts(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """Leads per 100 customers, of twelve months, and those that did not count."""
    columns = data.columns("leads_month", month, segment)
    leads, others = int(columns["counted_leads"].sum()), int((columns["counted_leads"] == 0).sum())
    revenue = data.revenue
    paying = revenue.mrr_at(month) > 0
    if segment is not None:
        paying = paying & (np.asarray(revenue.segment_at(month_end(month))) == segment)
    customers = int(paying.sum())
    year = sum(
        int(data.columns("leads_month", shift_month(month, -back), segment)["counted_leads"].sum())
        for back in range(YEAR)
    )
    return (
        Part("Per 100 customers", 100 * leads / customers if customers else None, "count", customers),
        Part("In twelve months", float(year), "count", year),
        Part("Not counted: customer, open deal, referred before, referrer not known", float(others), "count", others),
    )


@kpi(
    label="Referral leads",
    unit="count",
    better="higher",
    frame="leads_month",
    needs=("referrals", "contacts"),
    interval=event_count("leads"),
    version=2,
    covered=leads_known,
    parts=leads_parts,
)
def referral_leads(*, counted_leads: float) -> float | None:
    """Companies that customers referred in the month.

    leads = referred companies with a known referrer, each once in 180 days

    Args:
        counted_leads: Referred companies that were neither customers nor in talks, nor referred by another before.

    Returns:
        A count.

    Source:
        Companies, not people or clicks; the first referrer keeps the credit for 180 days.
    """
    return counted_leads


@kpi(
    label="Referral quality",
    unit="ratio",
    better="higher",
    frame="leads_accepted_year",
    needs=("referrals", "contacts"),
    interval=proportion("accepted_leads", "counted_leads", "leads"),
    version=2,
)
def referral_quality_rate(*, accepted_leads: float, counted_leads: float) -> float | None:
    """Share of referred companies that sales accepted within 14 days of the submission.

    quality = leads accepted within 14 days / leads whose 14 days have passed

    Calendar days, whoever took the time. The fast lane's clock of sales is another one: working days from the first
    contact on.

    Args:
        accepted_leads: Leads accepted in time; a later change of mind does not take it back.
        counted_leads: Leads whose days to be accepted ended in the last twelve months.

    Returns:
        A ratio between 0 and 1. None when no lead's days have passed.

    Source:
        Acceptance against written criteria; not decided in time is not accepted.
    """
    if counted_leads == 0:
        return None
    return accepted_leads / counted_leads


def conversion_parts(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """Share won after each number of days, of all leads so far, those still young followed up to month end."""
    rows, last = lead_wins(data), pd.Timestamp(month_end(month))
    rows = rows[rows["submitted_on"] <= last]
    rows = rows if segment is None else rows[rows["segment"] == segment]
    won_on = rows["won_on"].where(rows["won_on"] <= last)
    days = (won_on.fillna(last) - rows["submitted_on"]).dt.days
    curve = kaplan_meier(days.to_numpy(), won_on.notna().to_numpy())
    parts = []
    for after in kpi_rules().referral.curve_days:
        found = survival_at(curve, after)
        followed = int((days >= after).sum() + ((days < after) & won_on.notna()).sum())
        parts.append(Part(f"Won within {after} days", None if found is None else 1 - found.survival, "ratio", followed))
    return tuple(parts)


@kpi(
    label="Referral conversion",
    unit="ratio",
    better="higher",
    frame="leads_won_year",
    needs=("referrals", "contacts", "opportunities"),
    interval=proportion("converted_leads", "counted_leads", "leads"),
    version=2,
    parts=conversion_parts,
)
def referral_conversion_rate(*, converted_leads: float, counted_leads: float) -> float | None:
    """Share of referred companies that became customers within 180 days.

    conversion = leads won within 180 days / leads whose 180 days have passed

    Args:
        converted_leads: Leads whose deal was won in time.
        counted_leads: Leads whose days to be won ended in the last twelve months.

    Returns:
        A ratio between 0 and 1. None when no lead's days have passed.

    Source:
        Lead to customer, by cohort of submission; wins of a month over leads of a month mix cohorts.
    """
    if counted_leads == 0:
        return None
    return converted_leads / counted_leads


@kpi(
    label="Referrals called in time",
    unit="ratio",
    better="higher",
    frame="leads_called_year",
    needs=("referrals", "contacts"),
    interval=proportion("prompt_leads", "counted_leads", "leads"),
    version=3,
)
def fast_lane_sla_rate(*, prompt_leads: float, counted_leads: float) -> float | None:
    """Share of referred companies that heard from a person within one working day.

    in time = leads contacted within the working hours allowed / leads contacted in time or past their time

    Args:
        prompt_leads: Leads with a first human contact in time.
        counted_leads: Leads contacted in time, or whose time ran out, in the last twelve months.

    Returns:
        A ratio between 0 and 1. None when no lead was due.

    Source:
        Hours and days of the receiving team: data/model/kpi_rules.toml, table fast_lane; an automatic reply is none.
    """
    if counted_leads == 0:
        return None
    return prompt_leads / counted_leads
