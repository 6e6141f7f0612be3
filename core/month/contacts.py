"""Everything known about every contact on one day, from rollups and records: the input of scores and guardrails."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pandas as pd

from core.advocacy.inputs import AdvocacyInput
from core.month.facts import FactMonth

RESPONSE_NO = "no"
ASK_DAYS = ("asked_on", "responded_on", "completed_on", "used_on", "thanked_on", "told_outcome_on")


def advocacy_input(facts: FactMonth, records: Mapping[str, pd.DataFrame], loaded: frozenset[str]) -> AdvocacyInput:
    """One row per contact as of the month's last day.

    Args:
        facts: The fact part of the month; what it says of contacts is kept with it, so that a new record costs no
            rollup.
        records: Record tables as frames, by name: asks, consents, interests and outcomes are read.
        loaded: Tables of the contract that hold rows.
    """
    today = pd.Timestamp(facts.as_of)
    asks = visible_asks(records["asks"], today, newest=facts.newest)
    contacts = _kept_facts(facts)
    outcomes = _outcomes(visible_outcomes(records["outcomes"], today, newest=facts.newest))
    by_account = outcomes.reindex(contacts["account_id"]).set_axis(contacts.index)
    by_contact = _ask_counts(asks, today).reindex(contacts["contact_id"]).set_axis(contacts.index)
    frame = pd.concat([contacts, by_account, by_contact], axis=1)
    counts = ["asks_90d", "asks_365d", "answered_365d", "completed_365d", "outcomes_verified"]
    frame[counts] = frame[counts].fillna(0)
    return AdvocacyInput(
        as_of=facts.as_of,
        loaded=loaded,
        contacts=frame,
        consents=visible_consents(records["consents"], today, newest=facts.newest),
        interests=records["interests"],
        asks=asks,
    )


def visible_asks(asks: pd.DataFrame, today: pd.Timestamp, *, newest: bool) -> pd.DataFrame:
    """Asks as they stood on a day.

    In the newest month what people recorded since the data end counts as done by its last day: nobody is
    asked twice because the data are older than the click. In an earlier month a later ask is invisible, a later answer
    empty, and what carries no day (accepted, deferred, never: they say how things stand now) is left out.
    """
    if newest:
        return asks.assign(**{name: asks[name].where(~(asks[name] > today), today) for name in ASK_DAYS})
    seen = asks[asks["asked_on"] <= today]
    answered = seen["responded_on"].isna() | (seen["responded_on"] <= today)
    return seen.assign(
        response=seen["response"].where(answered), **{name: seen[name].where(seen[name] <= today) for name in ASK_DAYS}
    )


def visible_consents(consents: pd.DataFrame, today: pd.Timestamp, *, newest: bool) -> pd.DataFrame:
    """Consents as they stood on a day; one that has expired stays, and the guardrail says since when.

    In the newest month a grant, and above all a withdrawal, recorded since the data end counts; in an earlier month it
    is invisible.
    """
    return consents if newest else consents[consents["granted_on"] <= today]


def visible_outcomes(outcomes: pd.DataFrame, today: pd.Timestamp, *, newest: bool) -> pd.DataFrame:
    """Outcomes verified by a day; in the newest month one verified since the data end counts on its last day."""
    if newest:
        verified = outcomes[outcomes["verified_on"].notna()]
        return verified.assign(verified_on=verified["verified_on"].where(verified["verified_on"] <= today, today))
    return outcomes[(outcomes["agreed_on"] <= today) & (outcomes["verified_on"] <= today)]


def _kept_facts(facts: FactMonth) -> pd.DataFrame:
    """`_contact_facts`, built once and kept on the month's fact part as its own cached properties are."""
    kept = vars(facts)
    if "contact_facts" not in kept:
        kept["contact_facts"] = _contact_facts(facts)
    frame: pd.DataFrame = kept["contact_facts"]
    return frame


def _contact_facts(facts: FactMonth) -> pd.DataFrame:
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
    latest = facts.rollup("survey_latest").set_index("contact_id")
    parts: dict[str, pd.Series] = {}
    for survey in ("nps", "csat"):
        own = latest[latest["survey"] == survey]
        parts |= {f"{survey}_score": own["score"], f"{survey}_on": own["answered_on"]}
    return pd.DataFrame(parts).rename_axis("contact_id").reset_index()


def _touches(facts: FactMonth) -> pd.DataFrame:
    touches = facts.rollup("contact_touches", gives_after=facts.as_of - dt.timedelta(days=90))
    return touches.rename(columns={"last_at": "last_interaction_on"})


def _outcomes(outcomes: pd.DataFrame) -> pd.DataFrame:
    """By account: outcomes_verified and last_outcome_on."""
    verified = outcomes.groupby("account_id")["verified_on"].agg(["count", "max"])
    return verified.rename(columns={"count": "outcomes_verified", "max": "last_outcome_on"})


def _ask_counts(asks: pd.DataFrame, today: pd.Timestamp) -> pd.DataFrame:
    """By contact: asks sent, answered and done; a standing never, and until when the contact is deferred."""
    sent = asks[asks["state"] == "sent"].sort_values(["asked_on", "ask_id"])
    year = (today - sent["asked_on"]).dt.days < 365
    flags = {
        "asks_90d": (today - sent["asked_on"]).dt.days < 90,
        "asks_365d": year,
        "answered_365d": year & sent["responded_on"].notna(),
        "completed_365d": (today - sent["completed_on"]).dt.days < 365,
    }
    refused = sent["responded_on"].fillna(sent["asked_on"]).where(sent["response"] == RESPONSE_NO)
    days = {
        "last_ask_on": sent["asked_on"],
        "last_completed_on": sent["completed_on"],
        "last_no_on": refused,
    }
    by = sent["contact_id"]
    standing = pd.DataFrame(
        {
            "never": asks["state"].eq("never"),
            "deferred_until": asks["deferred_until"].where(asks["state"] == "deferred"),
        }
    )
    return pd.concat(
        [
            pd.DataFrame(flags).groupby(by).sum(),
            pd.DataFrame(days).groupby(by).max(),
            sent.drop_duplicates("contact_id", keep="last").set_index("contact_id")[["activity"]],
            standing.groupby(asks["contact_id"]).max(),
        ],
        axis=1,
    ).rename(columns={"activity": "last_ask_activity"})
