"""For what share of cases a thing is done, by account: expansions, renewals at risk, community, the whole lifecycle.

Evidence measures of the maturity matrices; none of them is a KPI of its own.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.kpis.acts import acts_known
from core.kpis.asked import days_of
from core.kpis.columns import Columns
from core.kpis.coverage import share, touches_known
from core.kpis.inputs import KpiInput, frame, windowed
from core.kpis.judging import proportion
from core.kpis.load import touches_of
from core.kpis.packed import day_numbers
from core.kpis.paying import unit_labels, units_at
from core.kpis.registry import measure
from core.model.kpi_rules import kpi_rules
from core.stats.months import month_end, shift_month
from core.stats.owner_days import pairs


@windowed(by="created_on", months=12)
def expansions_year(data: KpiInput) -> pd.DataFrame:
    """One row per expansion opportunity, with expansions (1) and signalled (0 or 1): what started it is recorded."""
    deals = data.table("deals")
    rows = deals[deals["kind"] == "expansion"]
    return rows.assign(expansions=1, signalled=rows["trigger"].notna().astype("int64"))


@measure(
    label="Expansions started by a signal",
    frame="expansions_year",
    needs=("opportunities",),
    interval=proportion("signalled", "expansions", "expansions"),
)
def cov_signal_started_expansion(*, signalled: float, expansions: float) -> float | None:
    """Share of expansion opportunities of which it is recorded what started them.

    coverage = expansions with a recorded signal / expansions created in twelve months

    Args:
        signalled: Expansion opportunities with a trigger.
        expansions: Expansion opportunities created in the twelve months.

    Returns:
        A ratio between 0 and 1. None without one.

    Source:
        Maturity matrices, expansion.
    """
    return share(signalled, expansions)


@windowed(by="due_on", months=12)
def risks_year(data: KpiInput) -> pd.DataFrame:
    """One row per renewal of a customer who had said to be unsure, with at_risk (1) and played (0 or 1)."""
    rows = data.table("risk_plays")
    unsure = (rows["stated_intent"] <= kpi_rules().coverage.risk_intent_at_most).fillna(False).astype(bool)
    own = rows[unsure & (rows["intent_on"] <= rows["due_on"])]
    return own.assign(at_risk=1, played=own["play_on"].notna().astype("int64"))


@measure(
    label="Risk plays opened in time",
    frame="risks_year",
    needs=("renewals", "interactions"),
    interval=proportion("played", "at_risk", "renewals at risk"),
    covered=touches_known(12),
)
def cov_risk_play_90d(*, played: float, at_risk: float) -> float | None:
    """Share of renewals at risk for which a play was open 90 days before.

    coverage = renewals at risk with a play at least 90 days before / renewals at risk, twelve months

    Args:
        played: Renewals at risk with a play opened 90 days to a year before they fell due.
        at_risk: Renewals due in the twelve months of customers who had stated an intent of 1 or 2.

    Returns:
        A ratio between 0 and 1. None when no renewal was at risk.

    Source:
        Maturity matrices, retention.
    """
    return share(played, at_risk)


@frame
def customers_month(data: KpiInput, month: dt.date) -> Columns:
    """One row per paying account, with paying_accounts (1), member_accounts and met_accounts (0 or 1).

    A member is a known person, still there, who took part in the community by then; an account was met when advocacy
    touched it in twelve months outside its renewal stage.
    """
    pays = data.revenue.mrr_at(month) > 0
    units, days, outside = data.kept("touches outside renewal", lambda: _outside_renewal(data))
    first, after = np.array([shift_month(month, -11), shift_month(month, 1)], "datetime64[us]")
    met = np.zeros(len(pays), dtype=bool)
    met[units[(days >= first) & (days < after) & outside]] = True
    rows = np.flatnonzero(pays)
    numbers = {
        "paying_accounts": 1,
        "member_accounts": _with_member(data, month)[rows].astype(np.int64),
        "met_accounts": met[rows].astype(np.int64),
    }
    return Columns({**unit_labels(data, rows, month_end(month)), **numbers}, len(rows))


def _with_member(data: KpiInput, month: dt.date) -> NDArray[np.bool_]:
    end = pd.Timestamp(month_end(month))
    rows = data.table("community_members").merge(data.table("people"), on="contact_id")
    there = rows[(rows["first_on"] <= end) & ~(rows["left_on"] <= end)]
    place = units_at(data, there["account_id"])
    found = np.zeros(len(data.revenue.wide), dtype=bool)
    found[place[place >= 0]] = True
    return found


def _outside_renewal(data: KpiInput) -> tuple[NDArray[np.intp], NDArray[np.datetime64], NDArray[np.bool_]]:
    """Account and day of every advocacy touch, and whether no renewal of the account fell due soon after."""
    sides, days = touches_of(data)
    units = sides // 2
    due = data.table("renewal_days")
    place = units_at(data, due["account_id"])
    keys = np.sort(pairs(place, day_numbers(days_of(due["due_on"])))[place >= 0])
    own = pairs(units, day_numbers(days))
    following = np.append(keys, np.iinfo(np.int64).max)[np.searchsorted(keys, own)]
    return units, days, following - own > kpi_rules().coverage.renewal_days


@measure(
    label="Accounts with a community member",
    frame="customers_month",
    needs=("subscriptions", "contacts", "interactions"),
    interval=proportion("member_accounts", "paying_accounts", "accounts"),
)
def cov_accounts_with_member(*, member_accounts: float, paying_accounts: float) -> float | None:
    """Share of paying accounts with a known person in the community.

    coverage = paying accounts with a member / paying accounts, at month end

    Args:
        member_accounts: Paying accounts of which a known person, still there, has taken part.
        paying_accounts: Accounts that pay at month end.

    Returns:
        A ratio between 0 and 1. None without a paying account.

    Source:
        Maturity matrices, community programmes.
    """
    return share(member_accounts, paying_accounts)


@measure(
    label="Customers met outside renewal",
    frame="customers_month",
    needs=("subscriptions", "contacts", "asks", "renewals"),
    also=("interactions",),
    interval=proportion("met_accounts", "paying_accounts", "accounts"),
    covered=acts_known(12),
)
def cov_touch_outside_renewal(*, met_accounts: float, paying_accounts: float) -> float | None:
    """Share of paying accounts that met advocacy in a year outside the quarter before a renewal.

    coverage = paying accounts touched outside their renewal stage / paying accounts

    Args:
        met_accounts: Paying accounts with an advocacy touch of twelve months with no renewal due within 90 days.
        paying_accounts: Accounts that pay at month end.

    Returns:
        A ratio between 0 and 1. None without a paying account.

    Source:
        Maturity matrices, lifecycle integration.
    """
    return share(met_accounts, paying_accounts)
