"""Random and hand-made histories of contacts, as the calculations are told them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from core.advocacy.inputs import AdvocacyInput
from core.advocacy.shape import ASK_COLUMNS, CONSENT_COLUMNS, CONTACT_COLUMNS, INTEREST_COLUMNS
from core.model.activities import load_activities
from core.model.pool import pool_rules

AS_OF = dt.date(2026, 11, 21)
GUARD_TABLES = (
    "contacts",
    "subscriptions",
    "consents",
    "asks",
    "tickets",
    "survey_responses",
    "renewals",
    "milestones",
    "outcomes",
)
EVERY_TABLE = frozenset({*GUARD_TABLES, "accounts", "usage", "interactions", "interests"})
LADDER = load_activities().ladder
USES = ("name", "logo", "quote", "call", "recording", "email")


def day(text: str | None) -> pd.Timestamp | None:
    return None if text is None else pd.Timestamp(text)


def ideal(**changed: Any) -> dict[str, Any]:
    """A contact whom everything speaks for; override what the case is about."""
    return {
        "contact_id": "c1",
        "account_id": "a1",
        "account_name": "Northwind",
        "segment": "Mid-market",
        "persona": "Head of Operations",
        "joined_on": day("2024-01-10"),
        "left_on": None,
        "nps_score": 10,
        "nps_on": day("2026-11-01"),
        "last_detractor_on": None,
        "csat_score": 5,
        "csat_on": day("2026-10-01"),
        "outcomes_verified": 3,
        "last_outcome_on": day("2026-11-12"),
        "first_value_on": day("2024-03-01"),
        "users_4w": 80,
        "seats": 100,
        "events_4w": 120,
        "events_prior_12w": 100,
        "last_interaction_on": day("2026-11-10"),
        "gives_90d": 2,
        "icp_fit": 1.0,
        "sponsor_known": True,
        "asks_90d": 0,
        "asks_365d": 0,
        "last_ask_on": None,
        "last_ask_activity": None,
        "last_no_on": None,
        "answered_365d": 0,
        "asks_told_365d": 0,
        "asks_tried_365d": 0,
        "completed_365d": 0,
        "last_completed_on": None,
        "never": False,
        "deferred_until": None,
        "open_severe_tickets": 0,
        "open_escalations": 0,
        "last_escalation_closed_on": None,
        "next_renewal_on": None,
        "account_active": True,
        "mrr_cents": 100_000,
    } | changed


def case(
    *contacts: Mapping[str, Any],
    consents: pd.DataFrame | None = None,
    interests: list[tuple[str, str, str]] = [],  # noqa: B006
    asks: list[dict[str, Any]] = [],  # noqa: B006
    loaded: frozenset[str] = EVERY_TABLE,
) -> AdvocacyInput:
    """Hand-made contacts; every use is granted without end unless consents are given."""
    rows = [dict(contact) for contact in contacts] or [ideal()]
    given = [
        {"contact_id": row["contact_id"], "use": use, "status": "granted", "expires_on": None}
        for row in rows
        for use in USES
    ]
    return with_asks(
        AdvocacyInput(
            as_of=AS_OF,
            loaded=loaded,
            contacts=pd.DataFrame(rows, columns=list(CONTACT_COLUMNS)),
            consents=pd.DataFrame(given) if consents is None else consents,
            interests=pd.DataFrame(
                [(*row, "none") for row in interests], columns=["contact_id", "activity", "stance", "values"]
            ),
            asks=pd.DataFrame([], columns=list(ASK_COLUMNS)),
        ),
        asks,
    )


def ask(activity: str, asked_on: str | dt.date | None, **changed: Any) -> dict[str, Any]:
    sent = {"contact_id": "c1", "activity": activity, "asked_on": asked_on, "response": None, "completed_on": None}
    return sent | {"state": "sent", "deferred_until": None} | changed


def with_asks(inputs: AdvocacyInput, more: list[dict[str, Any]]) -> AdvocacyInput:
    """The input with further asks, the columns of contacts that count asks brought in line."""
    added = pd.DataFrame(more, columns=list(ASK_COLUMNS))
    asks = added if inputs.asks.empty else pd.concat([inputs.asks, added.astype(inputs.asks.dtypes)], ignore_index=True)
    asks = asks.assign(asked_on=pd.to_datetime(asks["asked_on"]), completed_on=pd.to_datetime(asks["completed_on"]))
    return replace(inputs, asks=asks, contacts=_counted(inputs.contacts, asks, inputs.today))


def _counted(contacts: pd.DataFrame, asks: pd.DataFrame, today: pd.Timestamp) -> pd.DataFrame:
    sent = asks[asks["state"] == "sent"].sort_values("asked_on")
    age = (today - sent["asked_on"]).dt.days
    done_age = (today - sent["completed_on"]).dt.days
    by = sent["contact_id"]
    refused = sent[sent["response"] == "no"]
    over = age >= pool_rules().propensity.completed_within_days
    tried = over | (sent["response"] == "no") | sent["completed_on"].notna()
    figures = {
        "asks_90d": (age < 90).groupby(by).sum(),
        "asks_365d": (age < 365).groupby(by).sum(),
        "answered_365d": ((age < 365) & sent["response"].notna()).groupby(by).sum(),
        "asks_told_365d": ((age < 365) & (over | sent["response"].notna())).groupby(by).sum(),
        "asks_tried_365d": ((age < 365) & tried).groupby(by).sum(),
        "completed_365d": (done_age < 365).groupby(by).sum(),
        "last_ask_on": sent.groupby("contact_id")["asked_on"].max(),
        "last_ask_activity": sent.groupby("contact_id")["activity"].last(),
        "last_no_on": refused.groupby("contact_id")["asked_on"].max(),
        "last_completed_on": sent.groupby("contact_id")["completed_on"].max(),
    }
    aligned = {name: figure.reindex(contacts["contact_id"]).to_numpy() for name, figure in figures.items()}
    for count in ("asks_90d", "asks_365d", "answered_365d", "asks_told_365d", "asks_tried_365d", "completed_365d"):
        aligned[count] = np.nan_to_num(aligned[count].astype(float))
    return contacts.assign(**aligned)


def random_input(
    rng: np.random.Generator, n: int = 40, *, good: float = 0.85, loaded: frozenset[str] = EVERY_TABLE
) -> AdvocacyInput:
    """A random history of n contacts.

    Args:
        rng: Where the chance comes from.
        n: Number of contacts.
        good: Chance that one thing about a contact speaks for an ask; the higher, the more proposals there are.
        loaded: Tables that are loaded; the frames hold values either way.
    """
    ids = pd.Series([f"c{number}" for number in rng.permutation(n)])
    contacts = _random_contacts(rng, ids, good)
    asks = _random_asks(rng, ids)
    today = pd.Timestamp(AS_OF)
    return AdvocacyInput(
        as_of=AS_OF,
        loaded=loaded,
        contacts=_counted(contacts, asks, today),
        consents=_random_consents(rng, ids, good),
        interests=_random_interests(rng, ids),
        asks=asks,
    )


def _maybe(rng: np.random.Generator, values: Any, present: float) -> pd.Series:
    series = pd.Series(values)
    return series.where(rng.random(len(series)) < present)


def _past(rng: np.random.Generator, n: int, most: int) -> pd.Series:
    return pd.Series(pd.Timestamp(AS_OF) - pd.to_timedelta(rng.integers(0, most, n), unit="D")).astype("datetime64[us]")


def _random_contacts(rng: np.random.Generator, ids: pd.Series, good: float) -> pd.DataFrame:
    n = len(ids)
    account = rng.integers(0, max(n // 3, 1), n)
    of_account = {
        name: values[account]
        for name, values in _random_accounts(rng, int(account.max()) + 1 if n else 0, good).items()
    }
    bad = 1 - good
    own = {
        "contact_id": ids,
        "account_id": [f"a{number}" for number in account],
        "account_name": [f"Account {number}" for number in account],
        "persona": _maybe(rng, rng.choice(["CFO", "Head of Operations"], n), 0.8),
        "joined_on": _maybe(rng, _past(rng, n, 1500), 0.9),
        "left_on": _maybe(rng, _past(rng, n, 500), bad / 2),
        "nps_score": (
            nps := _maybe(rng, np.where(rng.random(n) < good, rng.integers(8, 11, n), rng.integers(0, 8, n)), 0.8)
        ),
        "nps_on": _past(rng, n, 500).where(nps.notna()),
        "last_detractor_on": _maybe(rng, _past(rng, n, 500), bad),
        "csat_score": (csat := _maybe(rng, rng.integers(1, 6, n), 0.6)),
        "csat_on": _past(rng, n, 500).where(csat.notna()),
        "last_interaction_on": _maybe(rng, _past(rng, n, 200), 0.8),
        "gives_90d": rng.integers(0, 4, n),
        "never": rng.random(n) < bad / 2,
        "deferred_until": _maybe(rng, _past(rng, n, 100) + pd.Timedelta(days=50), bad),
        **of_account,
    }
    frame = pd.DataFrame(own)
    return frame.reindex(columns=list(CONTACT_COLUMNS))


def _random_accounts(rng: np.random.Generator, n: int, good: float) -> dict[str, np.ndarray]:
    bad = 1 - good
    outcomes = np.where(rng.random(n) < good, rng.integers(1, 4, n), 0)
    return {
        "segment": _maybe(rng, rng.choice(["Enterprise", "Mid-market", "SMB"], n), 0.9).to_numpy(),
        "outcomes_verified": outcomes,
        "last_outcome_on": _past(rng, n, 600).where(outcomes > 0).to_numpy(),
        "first_value_on": _maybe(rng, _past(rng, n, 900), good).to_numpy(),
        "users_4w": _maybe(rng, rng.uniform(0, 100, n), 0.9).to_numpy(),
        "seats": _maybe(rng, rng.integers(0, 120, n), 0.9).to_numpy(),
        "events_4w": _maybe(rng, rng.uniform(0, 1000, n), 0.9).to_numpy(),
        "events_prior_12w": _maybe(rng, rng.uniform(0, 1000, n), 0.9).to_numpy(),
        "icp_fit": _maybe(rng, rng.random(n), 0.8).to_numpy(),
        "sponsor_known": np.where(rng.random(n) < 0.7, rng.random(n) < 0.5, None),
        "open_severe_tickets": np.where(rng.random(n) < bad, rng.integers(1, 3, n), 0),
        "open_escalations": np.where(rng.random(n) < bad / 2, 1, 0),
        "last_escalation_closed_on": _maybe(rng, _past(rng, n, 120), bad).to_numpy(),
        "next_renewal_on": _maybe(rng, _past(rng, n, 400) + pd.Timedelta(days=380), 0.7).to_numpy(),
        "account_active": rng.random(n) < 1 - bad / 2,
        "mrr_cents": rng.integers(1_000, 1_000_000, n),
    }


def _random_asks(rng: np.random.Generator, ids: pd.Series) -> pd.DataFrame:
    count = len(ids)
    of = rng.choice(ids, count) if count else []
    asked = _past(rng, count, 800)
    state = rng.choice(["sent"] * 12 + ["proposed", "accepted", "deferred", "never"], count)
    sent = state == "sent"
    response = _maybe(rng, rng.choice(["yes", "yes", "yes", "no", "later"], count), 0.7).where(sent)
    done = (response == "yes").to_numpy(dtype=bool) & (rng.random(count) < 0.6)
    completed = (asked + pd.Timedelta(days=10)).where(done)
    return pd.DataFrame(
        {
            "contact_id": of,
            "activity": rng.choice(LADDER, count),
            "asked_on": asked.where(sent),
            "response": response,
            "completed_on": completed.where(completed <= pd.Timestamp(AS_OF)),
            "state": state,
            "deferred_until": asked.where((state == "deferred") & (rng.random(count) < 0.7)),
        }
    )


def _random_consents(rng: np.random.Generator, ids: pd.Series, good: float) -> pd.DataFrame:
    pairs = pd.MultiIndex.from_product([ids, USES], names=["contact_id", "use"]).to_frame(index=False)
    pairs = pairs[rng.random(len(pairs)) < 0.5 + good / 2].reset_index(drop=True)
    n = len(pairs)
    pairs["status"] = np.where(rng.random(n) < 0.5 + good / 2, "granted", rng.choice(["refused", "withdrawn"], n))
    pairs["expires_on"] = _maybe(rng, _past(rng, n, 800) + pd.Timedelta(days=600), 0.5)
    return pairs[list(CONSENT_COLUMNS)]


def _random_interests(rng: np.random.Generator, ids: pd.Series) -> pd.DataFrame:
    pairs = pd.MultiIndex.from_product([ids, LADDER], names=["contact_id", "activity"]).to_frame(index=False)
    pairs = pairs[rng.random(len(pairs)) < 0.3].reset_index(drop=True)
    n = len(pairs)
    pairs["stance"] = rng.choice(["likes", "willing", "willing", "no"], n)
    pairs["values"] = rng.choice(["influence", "visibility", "network", "perks", "none"], n)
    return pairs[list(INTEREST_COLUMNS)]
