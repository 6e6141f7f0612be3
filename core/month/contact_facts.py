"""What the facts say of every contact on one day: the person, the account, the latest answers and touches."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pandas as pd

from core.model.advocacy import load_advocacy_rules

if TYPE_CHECKING:
    from core.month.facts import FactMonth


def contact_facts(facts: FactMonth) -> pd.DataFrame:
    """One row per contact: the person, the account, the latest answers and touches; nothing from records."""
    frame = facts.contacts.merge(_accounts(facts), on="account_id", how="left")
    frame["account_active"] = frame["account_active"].eq(True)
    for part in (_answers(facts), _touches(facts)):
        frame = frame.merge(part, on="contact_id", how="left")
    return frame.assign(gives_90d=frame["gives_90d"].fillna(0), sponsor_known=None)


def _accounts(facts: FactMonth) -> pd.DataFrame:
    """Accounts with usage, tickets and dates of their own; revenue is that of the parent that is counted."""
    accounts = facts.accounts[["account_id", "unit_id", "name", "segment", "icp_fit"]].rename(
        columns={"name": "account_name"}
    )
    paying = facts.mrr_native[facts.mrr_native["month"] == pd.Timestamp(facts.month)]["account_id"]
    units = facts.accounts.set_index("account_id")["unit_id"]
    accounts["account_active"] = accounts["unit_id"].isin(paying.map(units).fillna(paying))
    now = facts.mrr[facts.mrr["month"] == pd.Timestamp(facts.month)].set_index("account_id")["mrr_cents"]
    accounts["mrr_cents"] = accounts["unit_id"].map(now).where(accounts["account_active"], 0)
    for part in (_usage(facts), _tickets(facts), _dates(facts)):
        accounts = accounts.merge(part, on="account_id", how="left")
    for name in ("open_severe_tickets", "open_escalations"):
        accounts[name] = accounts[name].fillna(0)
    return accounts


def _usage(facts: FactMonth) -> pd.DataFrame:
    """Mean weekly users and events of the last 4 complete weeks, events of the 12 before."""
    monday = facts.as_of - dt.timedelta(days=(facts.as_of.weekday() + 1) % 7 + 6)
    usage = facts.rollup(
        "account_usage",
        recent_from=monday - dt.timedelta(weeks=3),
        prior_from=monday - dt.timedelta(weeks=15),
        weeks_before=monday + dt.timedelta(weeks=1),
    )
    weeks = usage["weeks_with_users"].where(usage["weeks_with_users"] > 0)
    prior = usage["weeks_prior"].where(usage["weeks_prior"] > 0)
    return pd.DataFrame(
        {
            "account_id": usage["account_id"],
            "users_4w": usage["users_recent"] / weeks,
            "seats": usage["seats"],
            "events_4w": usage["events_recent"] / 4,
            "events_prior_12w": usage["events_prior"] / prior,
        }
    )


def _tickets(facts: FactMonth) -> pd.DataFrame:
    tickets = facts.rollup("account_tickets")
    return tickets.rename(
        columns={"open_severe": "open_severe_tickets", "last_escalation_closed_at": "last_escalation_closed_on"}
    )


def _dates(facts: FactMonth) -> pd.DataFrame:
    dates = facts.rollup("account_dates")
    wide = dates[dates["kind"].isin(["first_value", "next_renewal"])].pivot_table(
        index="account_id", columns="kind", values="day", aggfunc="min"
    )
    wide = wide.reindex(columns=["first_value", "next_renewal"])
    return wide.rename(columns={"first_value": "first_value_on", "next_renewal": "next_renewal_on"}).reset_index()


def _answers(facts: FactMonth) -> pd.DataFrame:
    """The latest NPS and CSAT answer of each contact, and the day of its latest answer as a detractor."""
    threshold = load_advocacy_rules().stops.detractor.score_at_most
    latest = facts.rollup("survey_latest", detractor_at_most=threshold).set_index("contact_id")
    parts: dict[str, pd.Series] = {}
    for survey in ("nps", "csat"):
        own = latest[latest["survey"] == survey]
        parts |= {f"{survey}_score": own["score"], f"{survey}_on": own["answered_on"]}
    parts["last_detractor_on"] = latest.loc[latest["survey"] == "nps", "last_detractor_on"]
    return pd.DataFrame(parts).rename_axis("contact_id").reset_index()


def _touches(facts: FactMonth) -> pd.DataFrame:
    touches = facts.rollup("contact_touches", gives_after=facts.as_of - dt.timedelta(days=90))
    return touches.rename(columns={"last_at": "last_interaction_on"})
