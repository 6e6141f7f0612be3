"""Everything known about every contact on one day, from rollups and records: the input of scores and guardrails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from core.advocacy.inputs import AdvocacyInput
from core.model.advocacy import AdvocacyRules
from core.stats.ids import beside, places

if TYPE_CHECKING:
    from core.month.facts import FactMonth
    from core.month.month import Month

RESPONSE_NO = "no"
ASK_DAYS = ("asked_on", "responded_on", "completed_on", "used_on", "thanked_on", "told_outcome_on")


def advocacy_input(month: Month) -> AdvocacyInput:
    """One row per contact as of the month's last day.

    What facts say of contacts is kept with the facts, so that a new record costs no rollup. Of the records asks,
    consents, interests and outcomes are read.
    """
    facts, records = month.facts, month.records
    today = pd.Timestamp(facts.as_of)
    asks = visible_asks(records["asks"], today, newest=facts.newest)
    contacts = month.contact_facts
    outcomes = _outcomes(visible_outcomes(records["outcomes"], today, newest=facts.newest))
    by_account = beside(contacts["account_id"], outcomes.reset_index(), "account_id")
    by_contact = _ask_counts(asks, contacts["contact_id"], today)
    frame = pd.concat([contacts, by_account, by_contact], axis=1)
    counts = ["asks_90d", "asks_365d", "answered_365d", "completed_365d", "outcomes_verified"]
    frame[counts] = frame[counts].fillna(0)
    return AdvocacyInput(
        as_of=facts.as_of,
        loaded=month.loaded - month.stated,
        contacts=frame,
        consents=visible_consents(records["consents"], today, newest=facts.newest),
        interests=records["interests"],
        asks=asks,
        overrides=visible_overrides(month.overrides, today, newest=facts.newest),
        stated=month.stated,
    )


def facts_by_rules(facts: FactMonth, rules: AdvocacyRules) -> pd.DataFrame:
    """What facts say of every contact; who is a detractor may differ by segment."""
    whole = facts.contact_facts(rules.stops.detractor.score_at_most)
    days = whole["last_detractor_on"]
    for segment in rules.segments:
        own = facts.contact_facts(rules.of(segment).stops.detractor.score_at_most)["last_detractor_on"]
        days = days.where(whole["segment"] != segment, own)
    return whole.assign(last_detractor_on=days) if rules.segments else whole


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


def visible_overrides(overrides: pd.DataFrame, today: pd.Timestamp, *, newest: bool) -> pd.DataFrame:
    """Scores set by hand that are in force on a day, one row per contact and score: the latest.

    In the newest month what was set or ended since the data end counts; in an earlier month it is invisible.
    """
    held = overrides["expires_on"] >= today
    if newest:
        rows = overrides[held & overrides["ended_on"].isna()]
    else:
        ended = overrides["ended_on"] <= today
        rows = overrides[held & ~ended & (overrides["set_on"] <= today)]
    return rows.drop_duplicates(["contact_id", "score"], keep="last")


def _outcomes(outcomes: pd.DataFrame) -> pd.DataFrame:
    """By account: outcomes_verified and last_outcome_on."""
    verified = outcomes.groupby("account_id")["verified_on"].agg(["count", "max"])
    return verified.rename(columns={"count": "outcomes_verified", "max": "last_outcome_on"})


def _ask_counts(asks: pd.DataFrame, contacts: pd.Series, today: pd.Timestamp) -> pd.DataFrame:
    """Of each contact: asks sent, answered and done; a standing never, and until when the contact is deferred."""
    asks = asks.assign(of=places(asks["contact_id"], contacts))
    asks = asks[asks["of"] >= 0]
    sent = asks[asks["state"] == "sent"].sort_values(["asked_on", "ask_id"])
    year = (today - sent["asked_on"]).dt.days < 365
    flags = {
        "asks_90d": (today - sent["asked_on"]).dt.days < 90,
        "asks_365d": year,
        "answered_365d": year & sent["responded_on"].notna(),
        "completed_365d": (today - sent["completed_on"]).dt.days < 365,
    }
    refused = sent["responded_on"].fillna(sent["asked_on"]).where(sent["response"] == RESPONSE_NO)
    days = {"last_ask_on": sent["asked_on"], "last_completed_on": sent["completed_on"], "last_no_on": refused}
    by = sent["of"]
    never, deferred = asks["state"] == "never", asks["deferred_until"].where(asks["state"] == "deferred")
    standing = pd.DataFrame({"never": never, "deferred_until": deferred})
    last = sent.drop_duplicates("of", keep="last").set_index("of")["activity"].rename("last_ask_activity")
    parts = [
        pd.DataFrame(flags).groupby(by).sum(),
        pd.DataFrame(days).groupby(by).max(),
        last.to_frame(),
        standing.groupby(asks["of"]).max(),
    ]
    return pd.concat([part.reindex(range(len(contacts))) for part in parts], axis=1)
