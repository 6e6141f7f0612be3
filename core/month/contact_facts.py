"""What the facts say of every contact on one day: the person, the account, the latest answers and touches."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pandas as pd

from core.stats.ids import beside, known, numbered, places

if TYPE_CHECKING:
    from core.month.facts import FactMonth


def contact_facts(facts: FactMonth, detractor_at_most: int) -> pd.DataFrame:
    """One row per contact: the person, the account, the latest answers and touches; nothing from records.

    Args:
        facts: The fact part of a month.
        detractor_at_most: Highest NPS answer of a detractor.
    """
    contacts = facts.contacts.reset_index(drop=True)
    parts = [
        beside(contacts["account_id"], _accounts(facts), "account_id"),
        beside(contacts["contact_id"], _answers(facts, detractor_at_most), "contact_id"),
        beside(contacts["contact_id"], _touches(facts), "contact_id"),
    ]
    frame = pd.concat([contacts, *parts], axis=1)
    active = frame["account_active"].eq(True)
    return frame.assign(account_active=active, gives_90d=frame["gives_90d"].fillna(0), sponsor_known=None)


def _accounts(facts: FactMonth) -> pd.DataFrame:
    """Accounts with usage, tickets and dates of their own; revenue is that of the parent that is counted."""
    accounts = facts.accounts[["account_id", "unit_id", "name", "segment", "icp_fit"]].rename(
        columns={"name": "account_name"}
    )
    accounts = accounts.reset_index(drop=True)
    paying = facts.paying_accounts
    units = beside(paying, facts.accounts[["account_id", "unit_id"]], "account_id")["unit_id"]
    accounts["account_active"] = known(accounts["unit_id"], units.fillna(paying))
    revenue = facts.revenue
    now = pd.Series(revenue.mrr_at(facts.month))
    mrr = now.reindex(places(accounts["unit_id"], revenue.wide.index)).set_axis(accounts.index)
    accounts["mrr_cents"] = mrr.where(accounts["account_active"], 0)
    parts = [beside(accounts["account_id"], part, "account_id") for part in _of_account(facts)]
    accounts = pd.concat([accounts, *parts], axis=1)
    for name in ("open_severe_tickets", "open_escalations"):
        accounts[name] = accounts[name].fillna(0)
    return accounts


def _of_account(facts: FactMonth) -> tuple[pd.DataFrame, ...]:
    return _usage(facts), _tickets(facts), _dates(facts)


def _usage(facts: FactMonth) -> pd.DataFrame:
    """Mean weekly users and events of the last 4 complete weeks, events of the 12 before.

    A week without a row is unknown; four of them in a row after a known one are a customer that has stopped.
    """
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
            "events_4w": usage["events_recent"] / usage["weeks_with_events"].clip(lower=1),
            "events_prior_12w": usage["events_prior"] / prior,
        }
    )


def _tickets(facts: FactMonth) -> pd.DataFrame:
    tickets = facts.rollup("account_tickets")
    return tickets.rename(columns={"open_severe": "open_severe_tickets"})


def _dates(facts: FactMonth) -> pd.DataFrame:
    return facts.kpi_input.table("milestones")[["account_id", "first_value_on", "next_renewal_on"]]


def _answers(facts: FactMonth, detractor_at_most: int) -> pd.DataFrame:
    """The latest NPS and CSAT answer of each contact, and the day of its latest answer as a detractor."""
    latest = facts.rollup("survey_latest", detractor_at_most=detractor_at_most)
    people = pd.DataFrame({"contact_id": numbered(latest["contact_id"])[1]})
    for survey in ("nps", "csat"):
        own = latest.loc[latest["survey"] == survey, ["contact_id", "score", "answered_on", "last_detractor_on"]]
        found = beside(people["contact_id"], own, "contact_id")
        people = people.assign(**{f"{survey}_score": found["score"], f"{survey}_on": found["answered_on"]})
        if survey == "nps":
            detractor = found["last_detractor_on"]
    return people.assign(last_detractor_on=detractor)


def _touches(facts: FactMonth) -> pd.DataFrame:
    touches = facts.rollup("contact_touches", gives_after=facts.as_of - dt.timedelta(days=90))
    return touches.rename(columns={"last_on": "last_interaction_on"})
