"""The pool and its tiers: how many people could be asked, and how much those in the programme give."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.kpis.acts import KINDS, Acts, acts_known, acts_of
from core.kpis.columns import Columns, Late
from core.kpis.inputs import KpiInput, frame
from core.kpis.judging import census
from core.kpis.packed import day_number
from core.kpis.programme import TIER_LABELS, TIERS, participation
from core.kpis.registry import kpi
from core.kpis.result import Part
from core.model.kpi_rules import kpi_rules
from core.stats.ids import known
from core.stats.months import month_end, month_of, shift_month

UPPER = 2
"""The first two tiers are the upper ones."""


@frame
def tiers_month(data: KpiInput, month: dt.date) -> Columns:
    """One row per person who ever acted or was enrolled, with the tier reached at month end.

    Returns:
        contact_id, account_name, segment; tier and tier_before (places in TIERS, at month end and when the window of
        participation began); enrolled_advocates, upper_tier_advocates, enrolled_before, participants (0 or 1).
    """
    acts = acts_of(data)
    now = month_end(month)
    before = now - dt.timedelta(days=kpi_rules().programme.participation_days)
    enrolled = acts.enrolled_at(now)
    recent, opened = participation(acts, month)
    tier = tier_at(acts, now)
    return acts.rows.also(
        tier=tier,
        tier_before=Late(lambda: tier_at(acts, before)),
        enrolled_advocates=enrolled.astype(np.int64),
        upper_tier_advocates=(enrolled & (tier < UPPER)).astype(np.int64),
        enrolled_before=Late(lambda: opened.astype(np.int64)),
        participants=Late(lambda: (opened & recent).astype(np.int64)),
    )


def tier_at(acts: Acts, day: dt.date) -> NDArray[np.int64]:
    """Tier of each person by the acts of the year to a day, as a place in TIERS.

    In the first days of a stay the tier recorded with it is a floor: joining is never followed by a fall.
    """
    rules = kpi_rules().programme
    first = pd.Timestamp(day) + pd.Timedelta(days=1) - pd.DateOffset(years=1)
    year = acts.between(first.date(), day)
    place = np.full(len(acts.people), len(TIERS) - 1, dtype=np.int64)
    person, kind = acts.person[year], acts.kind[year]
    for rule in reversed(rules.tiers):
        counts = np.array([name in rule.activities for name in KINDS] + [False])  # the last one: of no kind
        done = np.bincount(person[np.flatnonzero(counts[kind])], minlength=len(acts.people))
        np.putmask(place, done >= rule.acts, TIERS.index(rule.tier))
    last = day_number(day)
    begun, (codes, names) = acts.stay_days[0], acts.tier_codes
    fresh = np.flatnonzero((begun > last - rules.settled_days) & (begun <= last))
    fresh = fresh[(names != "")[codes[fresh]]]
    recorded = np.array([TIERS.index(tier) if tier in TIERS else len(TIERS) - 1 for tier in names], dtype=np.int64)
    np.minimum.at(place, acts.member[fresh], recorded[codes[fresh]])
    return place


def mix_parts(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """Share of each tier, and how many people are in another one than a quarter before."""
    columns = data.columns("tiers_month", month, segment)
    inside = columns["enrolled_advocates"] > 0
    n = int(inside.sum())
    shares = [
        Part(TIER_LABELS[name], float((columns["tier"][inside] == place).mean()) if n else None, "ratio", n)
        for place, name in enumerate(TIERS)
    ]
    stayed = inside & (columns["enrolled_before"] > 0)
    change = columns["tier_before"] - columns["tier"]
    moves = (("Moved up in 90 days", change > 0), ("Moved down in 90 days", change < 0))
    return (
        *shares,
        *(Part(label, float((stayed & moved).sum()), "count", int(stayed.sum())) for label, moved in moves),
    )


@kpi(
    label="Advocates at VIP or Gold",
    unit="ratio",
    better="neither",
    frame="tiers_month",
    needs=("asks", "enrolments"),
    also=("referrals", "assets"),
    interval=census("advocates", "enrolled_advocates"),
    version=1,
    covered=acts_known(12),
    parts=mix_parts,
)
def tier_mix(*, upper_tier_advocates: float, enrolled_advocates: float) -> float | None:
    """Share of the people in the programme whose acts of a year reach one of the two upper tiers.

    tier mix = people in the programme at VIP or Gold / people in the programme

    Args:
        upper_tier_advocates: People in the programme at month end whose acts reach VIP or Gold.
        enrolled_advocates: People in the programme at month end.

    Returns:
        A ratio between 0 and 1; the four tiers are its parts. None when nobody is in the programme.

    Source:
        By written thresholds on acts, never by what the account pays: data/model/kpi_rules.toml, programme.tiers.
    """
    if enrolled_advocates == 0:
        return None
    return upper_tier_advocates / enrolled_advocates


def last_month(data: KpiInput) -> dt.date:
    """The month of the last visible day."""
    return data.kept("last month", lambda: month_of(data.table("last_day")["as_of"].iloc[0].date()))


def earlier_pool(data: KpiInput, month: dt.date) -> str | None:
    """Why the pool of a month is not known: wishes and guards carry no history."""
    return None if month == last_month(data) else "who could be asked then was not kept: open that month itself"


@frame
def pool_month(data: KpiInput, month: dt.date) -> pd.DataFrame:
    """One row per contact as the last visible day sees it; empty for any other month.

    Returns:
        contact_id, account_id, account_name, segment; active_people, scored_people, eligible_people, offerable_people,
        enrolled_people, acting_people (an act in twelve months), offered_people (offerable and asked in twelve
        months): 0 or 1.
    """
    rows = data.table("pool").drop(columns="account_id").rename(columns={"unit_id": "account_id"})
    if month != last_month(data):
        rows = rows.iloc[:0]
    acts, asks = acts_of(data), data.table("asks")
    enrolled = acts.people["contact_id"][acts.enrolled_at(month_end(month))]
    acting = acts.people["contact_id"][acts.counted(acts.in_months(month, 12)) > 0]
    since = pd.Timestamp(shift_month(month, -11))
    asked = asks.loc[(asks["state"] == "sent") & (asks["asked_on"] >= since), "contact_id"]
    return rows.assign(
        enrolled_people=known(rows["contact_id"], enrolled).astype("int64"),
        acting_people=known(rows["contact_id"], acting).astype("int64"),
        offered_people=(known(rows["contact_id"], asked) & (rows["offerable_people"] > 0)).astype("int64"),
    )


def pool_parts(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """The funnel from the scored to the active, and how many accounts the pool reaches."""
    rows = data.frame("pool_month", month)
    rows = rows if segment is None else rows[rows["segment"] == segment]
    active = int(rows["active_people"].sum())
    reached = rows.loc[rows["eligible_people"] > 0, "account_id"].nunique()
    accounts = rows.loc[rows["active_people"] > 0, "account_id"].nunique()
    steps = (
        ("Scored", "scored_people"),
        ("Eligible", "eligible_people"),
        ("In the programme", "enrolled_people"),
        ("Acted in twelve months", "acting_people"),
    )
    funnel = tuple(Part(label, float(rows[name].sum()), "count", active) for label, name in steps)
    return (*funnel, Part("Accounts covered", reached / accounts if accounts else None, "ratio", accounts))


@kpi(
    label="Advocate pool",
    unit="count",
    better="higher",
    frame="pool_month",
    needs=("contacts", "subscriptions", "consents", "asks"),
    also=(
        "interests",
        "milestones",
        "outcomes",
        "renewals",
        "survey_responses",
        "tickets",
        "usage",
        "referrals",
        "assets",
        "enrolments",
    ),
    interval=census("people", "eligible_people"),
    version=3,
    covered=earlier_pool,
    parts=pool_parts,
)
def advocate_pool_size(*, eligible_people: float) -> float | None:
    """People who could be asked for something today.

    pool = people with an ask open to them: ready, consent given, no stop, not resting

    Args:
        eligible_people: Contacts at active accounts whom no stop, missing consent, rest or low readiness protects.

    Returns:
        A number of people; 0 when every one of them is protected.

    Source:
        Eligible is the pool; scored, enrolled and active people are named beside it, never called the pool.
    """
    return eligible_people
