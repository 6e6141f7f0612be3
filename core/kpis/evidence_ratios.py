"""Evidence measures of the maturity matrices that are no coverage: use of seats, foresight, agreement with the bill.

None of them is a KPI of its own.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from core.kpis.adoption import weeks_gap
from core.kpis.columns import made
from core.kpis.inputs import KpiInput, frame, windowed
from core.kpis.judging import census, mean_per_unit, ratio_over_accounts
from core.kpis.registry import measure
from core.kpis.renewals import by_customer
from core.kpis.units import units_of
from core.model.kpi_rules import kpi_rules

DAY = np.timedelta64(1, "D")


@measure(
    label="Weekly active users per licensed seat",
    frame="usage_weeks",
    needs=("accounts", "usage"),
    interval=ratio_over_accounts("weekly_seats"),
    covered=weeks_gap,
)
def wau_per_licensed_seat(*, weekly_seated_users: float, weekly_seats: float) -> float | None:
    """Share of the seats paid for that somebody works with in a week.

    users per seat = weekly active users where seats are known / licensed seats

    Args:
        weekly_seated_users: Mean weekly active users of accounts in the weeks whose seats are known.
        weekly_seats: Mean licensed seats in those weeks.

    Returns:
        A ratio, above 1 where more people work than seats are paid for. None when no seats are known.

    Source:
        Maturity matrices, adoption nurture.
    """
    return weekly_seated_users / weekly_seats if weekly_seats > 0 else None


@windowed(by="decided_on", months=12)
def renewals_foretold(data: KpiInput) -> pd.DataFrame:
    """One row per renewal whose customer said beforehand how likely it was; a month sees those decided in its year.

    Returns:
        account_id, account_name, segment (on the due day), decided_on, stated_chance [ratio], renewed_accounts
        (0 or 1), squared_miss, foretold_accounts (1).
    """
    renewals, units, rules = data.table("renewals"), units_of(data), kpi_rules().renewal
    places = units.positions(renewals["account_id"])
    stated = renewals["stated_intent"].to_numpy(dtype="float64", na_value=np.nan)
    due, closed, asked = (
        renewals[name].to_numpy().astype("datetime64[D]") for name in ("due_on", "closed_on", "intent_on")
    )
    before = (asked <= due) & ~(closed < asked)
    told = (places >= 0) & ~np.isnan(stated) & before & by_customer(data, renewals["intent_by"])
    last = due + rules.grace_days * DAY
    renewed = (closed <= last) & (renewals["native_renewed_cents"].to_numpy() > 0)
    chance = np.array(rules.intent_chance)[np.where(told, stated, 1).astype(np.intp) - 1]
    return pd.DataFrame(
        {
            **made(units.labels(places[told], due[told])),
            "decided_on": last[told].astype("datetime64[us]"),
            "stated_chance": chance[told],
            "renewed_accounts": renewed[told].astype("int64"),
            "squared_miss": np.square(chance - renewed)[told],
            "foretold_accounts": 1,
        }
    )


@measure(
    label="Miss of stated renewal intent (Brier score)",
    frame="renewals_foretold",
    needs=("renewals",),
    interval=mean_per_unit("foretold_accounts", "renewals foretold"),
    better="lower",
)
def renewal_intent_brier(*, squared_miss: float, foretold_accounts: float) -> float | None:
    """How far what customers said of their renewal lay from what they did.

    Brier score = sum of (stated chance - renewed)² / renewals whose chance was stated

    Args:
        squared_miss: Squared distances of the stated chance (answers 1 to 5 stand for 0 to 1) from 0 or 1.
        foretold_accounts: Renewals decided in twelve months of which the customer spoke before the due day.

    Returns:
        Between 0 (all foretold rightly) and 1; always saying one half gives 0.25. None without a foretold renewal.

    Source:
        Brier, Monthly Weather Review 78, 1950.
    """
    return squared_miss / foretold_accounts if foretold_accounts else None


@frame
def referral_bill_year(data: KpiInput, month: dt.date) -> pd.DataFrame:
    """The rows of `referral_arr_year` with what finance bills the same accounts in the first month it shows them.

    Returns:
        Its columns, and billed_arr. [cents]; 0 where finance does not know the account.
    """
    rows, billed = data.frame("referral_arr_year", month), data.table("finance_first")
    found = rows[["account_id"]].merge(billed[["account_id", "finance_arr_cents"]], on="account_id", how="left")
    return rows.assign(billed_arr=found["finance_arr_cents"].to_numpy(dtype=np.float64, na_value=0.0))


@measure(
    label="Referral revenue against the bill",
    frame="referral_bill_year",
    needs=("opportunities", "subscriptions", "finance_totals"),
    interval=census("accounts", "tagged_arr"),
    better="lower",
)
def referral_revenue_vs_billing(*, tagged_arr: float, billed_arr: float) -> float | None:
    """How far the first-month ARR credited to referrals lies from what finance bills the same accounts.

    difference = |ARR credited to referrals - ARR finance shows| / ARR finance shows

    Args:
        tagged_arr: ARR in the first month of accounts won by a referral in twelve months. [cents]
        billed_arr: ARR of the same accounts in the first month finance shows them. [cents]

    Returns:
        A ratio from 0. None when finance shows none of these accounts.

    Source:
        Maturity matrices, tracking and attribution.
    """
    return abs(tagged_arr - billed_arr) / billed_arr if billed_arr > 0 else None
