"""Companies whose renewal rate, whose advocates' gap and whose customers' stated intent are planted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from tests.companies import account, subscription

ACCOUNTS = 360
ADVOCATES = 0.4
RENEWED = {True: 0.88, False: 0.78}
LIKELY = 0.6


def world(rng: np.random.Generator) -> tuple[Mapping[str, Iterable[Mapping[str, Any]]], dict[str, float]]:
    """Half of the accounts fell due in 2025 and renewed by chance, half are due in spring 2026 and state an intent.

    Some spoke for us ten months before their due day and renew more often.

    Returns:
        Rows by table as of December 2025, and the true shares.
    """
    renewals, asks = [], []
    for place in range(ACCOUNTS):
        past = place % 2 == 0
        due = dt.date(2025, 2, 1) + dt.timedelta(days=int(rng.integers(0, 270)) + (0 if past else 365))
        due = due if past else dt.date(2026, 1, 10) + dt.timedelta(days=int(rng.integers(0, 150)))
        advocate = bool(rng.random() < ADVOCATES)
        renewed, likely = rng.random() < RENEWED[advocate], rng.random() < LIKELY
        if advocate:
            asks.append(_act(f"c{place}", due - dt.timedelta(days=300)))
        renewals.append(
            {
                "renewal_id": f"r{place}",
                "account_id": f"a{place}",
                "due_on": due,
                "mrr_due_cents": 10_000,
                "mrr_renewed_cents": 10_000 * renewed if past else None,
                "currency": "EUR",
                "closed_on": due - dt.timedelta(days=5) if past else None,
                "stated_intent": None if past else (4 if likely else 2),
                "intent_on": None if past else dt.date(2025, 11, 20),
                "intent_by": "customer",
            }
        )
    rows = {
        "accounts": [account(f"a{place}") for place in range(ACCOUNTS)],
        "subscriptions": [subscription(f"a{place}", "2024-01-01", None, 100) for place in range(ACCOUNTS)],
        "contacts": [{"contact_id": f"c{place}", "account_id": f"a{place}"} for place in range(ACCOUNTS)],
        "renewals": renewals,
        "asks": asks,
    }
    return rows, {
        "renewal_rate": ADVOCATES * RENEWED[True] + (1 - ADVOCATES) * RENEWED[False],
        "renewal_rate_gap": RENEWED[True] - RENEWED[False],
        "renewal_intent_rate": LIKELY,
    }


def _act(who: str, day: dt.date) -> dict[str, Any]:
    asked = day - dt.timedelta(days=3)
    return {
        "ask_id": who,
        "contact_id": who,
        "activity": "review",
        "state": "sent",
        "asked_on": asked,
        "completed_on": day,
    }
