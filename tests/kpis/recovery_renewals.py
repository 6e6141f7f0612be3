"""Companies whose renewal rate and whose customers' stated intent are planted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from tests.companies import account, subscription

ACCOUNTS = 240
RENEWED = 0.82
LIKELY = 0.6


def world(rng: np.random.Generator) -> tuple[Mapping[str, Iterable[Mapping[str, Any]]], dict[str, float]]:
    """Half of the accounts fell due in 2025 and renewed by chance, half are due in spring 2026 and state an intent.

    Returns:
        Rows by table as of December 2025, and the true shares.
    """
    renewals = []
    for place in range(ACCOUNTS):
        past = place % 2 == 0
        due = dt.date(2025, 2, 1) + dt.timedelta(days=int(rng.integers(0, 270)) + (0 if past else 365))
        due = due if past else dt.date(2026, 1, 10) + dt.timedelta(days=int(rng.integers(0, 150)))
        renewed, likely = rng.random() < RENEWED, rng.random() < LIKELY
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
        "renewals": renewals,
    }
    return rows, {"renewal_rate": RENEWED, "renewal_intent_rate": LIKELY}
