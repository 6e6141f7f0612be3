"""The frames that cohorts are computed from: facts and records of the month, by the account that is counted."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pandas as pd

from core.cohorts.inputs import CohortInput
from core.kpis.acts import acts_of, known_since
from core.month.contacts import by_last_day, visible_outcomes
from core.stats.months import month_of

if TYPE_CHECKING:
    from core.month.facts import FactMonth
    from core.month.month import Month


def cohort_input(month: Month) -> CohortInput:
    """What the cohorts of a month are computed from; every frame is read when first asked for."""
    facts = month.facts
    kept = facts.kpi_input.kept
    return CohortInput(
        revenue=facts.kpi_input.revenue,
        month=facts.month,
        tables={
            "tiers": lambda: _tiers(facts),
            "products": lambda: kept("products by counted account", lambda: _products(facts)),
            "contacts": lambda: _contacts(facts),
            "usage": lambda: kept("use by counted account", lambda: _usage(facts)),
            "margins": lambda: facts.kpi_input.table("gross_margin"),
            "acts": lambda: _first_acts(month),
            "outcomes": lambda: _first_outcomes(month),
        },
        known_from={
            "acts": lambda: known_since(month.kpi_input),
            "outcomes": lambda: _first_month(month.records["outcomes"]["agreed_on"]),
        },
        loaded=month.loaded,
        currency=month.currency,
    )


def _first_month(days: pd.Series) -> dt.date | None:
    first = days.min()
    return None if pd.isna(first) else month_of(first.date())


def _tiers(facts: FactMonth) -> pd.DataFrame:
    """account_id, valid_from, product_tier of counted accounts, oldest version first."""
    counted = facts.accounts.loc[facts.accounts["account_id"] == facts.accounts["unit_id"], "account_id"]
    versions = facts.account_versions
    return versions.loc[versions["account_id"].isin(counted), ["account_id", "valid_from", "product_tier"]]


def _products(facts: FactMonth) -> pd.DataFrame:
    """account_id (counted), product, start_date, end_date, mrr_cents of every paid period."""
    return _counted(facts, facts.kpi_input.table("paid_periods"))


def _contacts(facts: FactMonth) -> pd.DataFrame:
    """account_id (counted), joined_on, persona of everybody whose day of joining is known, the first one first.

    The persona is the one on record now: it is kept in versions only since imports began.
    """
    rows = facts.contacts.dropna(subset=["joined_on"]).sort_values(["joined_on", "contact_id"], kind="stable")
    return _counted(facts, rows[["account_id", "joined_on", "persona"]])


def _usage(facts: FactMonth) -> pd.DataFrame:
    """account_id (counted), month, users and seats: sums over the weeks of the month whose seats are known."""
    rows = facts.kpi_input.table("usage_month").rename(columns={"seated_user_weeks": "users", "seat_weeks": "seats"})
    return _counted(facts, rows[["account_id", "month", "users", "seats"]].astype({"account_id": "str"}))


def _counted(facts: FactMonth, rows: pd.DataFrame) -> pd.DataFrame:
    units = facts.accounts.set_index("account_id")["unit_id"]
    return rows.assign(account_id=rows["account_id"].map(units).fillna(rows["account_id"]))


def _first_acts(month: Month) -> pd.DataFrame:
    """account_id (counted) and day of the first completed act of anybody there, as of the month's last day."""
    acts = acts_of(month.kpi_input)
    people = acts.people["unit_id"].array.take(acts.person) if len(acts.person) else []
    rows = pd.DataFrame({"account_id": pd.Series(people, dtype="str"), "day": acts.day})
    return _first(rows[rows["day"] <= pd.Timestamp(month.as_of)])


def _first_outcomes(month: Month) -> pd.DataFrame:
    """account_id (counted) and day of the first outcome verified by the month's last day."""
    today = pd.Timestamp(month.as_of)
    verified = visible_outcomes(month.records["outcomes"], today, newest=month.facts.newest)
    rows = _counted(month.facts, verified[["account_id", "verified_on"]])
    return _first(rows.rename(columns={"verified_on": "day"}).assign(day=by_last_day(rows["verified_on"], today)))


def _first(rows: pd.DataFrame) -> pd.DataFrame:
    found = rows.dropna().sort_values("day", kind="stable").drop_duplicates("account_id")
    return found.reset_index(drop=True)
