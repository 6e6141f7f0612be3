"""Everything known about every contact on one day, from rollups and records: the input of scores and guardrails."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pandas as pd

from core.advocacy.inputs import AdvocacyInput
from core.month.facts import FactMonth

RESPONSE_NO = "no"


def advocacy_input(facts: FactMonth, records: Mapping[str, pd.DataFrame], loaded: frozenset[str]) -> AdvocacyInput:
    """One row per contact as of the month's last day."""
    today = pd.Timestamp(facts.as_of)
    asks = visible_asks(records["asks"], today, newest=facts.newest)
    contacts = facts.contacts
    frame = contacts.merge(_accounts(facts), on="account_id", how="left")
    frame["account_active"] = frame["account_active"].eq(True)
    for part in (_answers(facts), _touches(facts), _outcomes(contacts, records["outcomes"], today)):
        frame = frame.merge(part, on="contact_id", how="left")
    frame = frame.merge(_ask_counts(asks, today), on="contact_id", how="left")
    counts = ["asks_90d", "asks_365d", "answered_365d", "completed_365d", "gives_90d", "outcomes_verified"]
    frame[counts] = frame[counts].fillna(0)
    consents = records["consents"]
    return AdvocacyInput(
        as_of=facts.as_of,
        loaded=loaded,
        contacts=frame,
        consents=consents[consents["granted_on"] <= today],
        interests=records["interests"],
        asks=asks,
    )


def visible_asks(asks: pd.DataFrame, today: pd.Timestamp, *, newest: bool) -> pd.DataFrame:
    """Asks as they stood on a day.

    In the newest month what people recorded since the data end counts as done by its last day: nobody is
    asked twice because the data are older than the click. In an earlier month a later ask is invisible and a
    later answer empty.
    """
    days = ["asked_on", "responded_on", "completed_on", "used_on", "thanked_on", "told_outcome_on"]
    if newest:
        return asks.assign(**{name: asks[name].where(~(asks[name] > today), today) for name in days})
    seen = asks[asks["asked_on"].isna() | (asks["asked_on"] <= today)]
    answered = seen["responded_on"].isna() | (seen["responded_on"] <= today)
    return seen.assign(
        response=seen["response"].where(answered), **{name: seen[name].where(seen[name] <= today) for name in days}
    )


def _accounts(facts: FactMonth) -> pd.DataFrame:
    accounts = facts.accounts[["account_id", "unit_id", "name", "segment", "icp_fit"]].rename(
        columns={"name": "account_name"}
    )
    now = facts.mrr[facts.mrr["month"] == pd.Timestamp(facts.month)].set_index("account_id")["mrr_cents"]
    accounts["mrr_cents"] = accounts["unit_id"].map(now).fillna(0)
    accounts["account_active"] = accounts["mrr_cents"] > 0
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
    latest = facts.rollup("survey_latest").set_index("contact_id")
    parts: dict[str, pd.Series] = {}
    for survey in ("nps", "csat"):
        own = latest[latest["survey"] == survey]
        parts |= {f"{survey}_score": own["score"], f"{survey}_on": own["answered_on"]}
    return pd.DataFrame(parts).rename_axis("contact_id").reset_index()


def _touches(facts: FactMonth) -> pd.DataFrame:
    touches = facts.rollup("contact_touches", gives_after=facts.as_of - dt.timedelta(days=90))
    return touches.rename(columns={"last_at": "last_interaction_on"}).assign(sponsor_known=None)


def _outcomes(contacts: pd.DataFrame, outcomes: pd.DataFrame, today: pd.Timestamp) -> pd.DataFrame:
    verified = outcomes[outcomes["verified_on"] <= today].groupby("account_id")["verified_on"].agg(["count", "max"])
    mapped = contacts[["contact_id", "account_id"]].merge(verified, left_on="account_id", right_index=True, how="left")
    return mapped.rename(columns={"count": "outcomes_verified", "max": "last_outcome_on"}).drop(columns="account_id")


def _ask_counts(asks: pd.DataFrame, today: pd.Timestamp) -> pd.DataFrame:
    """Asks sent, answered and done by contact; a standing never, and until when the contact is deferred."""
    sent = asks[asks["state"] == "sent"].sort_values(["asked_on", "ask_id"])
    age = (today - sent["asked_on"]).dt.days
    by = sent["contact_id"]
    year = age < 365
    refused = sent[sent["response"] == RESPONSE_NO]
    return (
        pd.DataFrame(
            {
                "asks_90d": (age < 90).groupby(by).sum(),
                "asks_365d": year.groupby(by).sum(),
                "answered_365d": (year & sent["responded_on"].notna()).groupby(by).sum(),
                "completed_365d": ((today - sent["completed_on"]).dt.days < 365).groupby(by).sum(),
                "last_ask_on": sent["asked_on"].groupby(by).max(),
                "last_ask_activity": sent["activity"].groupby(by).last(),
                "last_completed_on": sent["completed_on"].groupby(by).max(),
                "last_no_on": refused["responded_on"].fillna(refused["asked_on"]).groupby(refused["contact_id"]).max(),
                "never": asks["state"].eq("never").groupby(asks["contact_id"]).any(),
                "deferred_until": asks.loc[asks["state"] == "deferred", "deferred_until"]
                .groupby(asks["contact_id"])
                .max(),
            }
        )
        .rename_axis("contact_id")
        .reset_index()
    )
