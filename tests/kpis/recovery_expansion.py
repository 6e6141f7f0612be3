"""Companies whose attach rate and whose share of second purchases are planted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from tests.companies import account, subscription

ACCOUNTS = 150
ATTACHED = 0.35
AGAIN = 0.25


def world(rng: np.random.Generator) -> tuple[Mapping[str, Iterable[Mapping[str, Any]]], dict[str, float]]:
    """Accounts with a core product, some with an add-on; each bought once in 2025 and some a second time.

    Returns:
        Rows by table as of December 2025, and the true shares.
    """
    names = [f"a{place}" for place in range(ACCOUNTS)]
    rows = [subscription(name, "2024-01-01", None, 100, product="core") for name in names]
    deals = []
    for name in names:
        if rng.random() < ATTACHED:
            rows.append(subscription(name, "2025-02-01", None, 20, product="add-on", subscription_id=f"{name}-x"))
        for number in range(1 + (rng.random() < AGAIN)):
            deals.append(_won(name, number, dt.date(2025, 1 + 6 * number, int(rng.integers(1, 28)))))
    return {
        "accounts": [account(name) for name in names],
        "subscriptions": rows,
        "opportunities": deals,
    }, {"attach_rate": ATTACHED, "repeat_purchase_rate": AGAIN}


def _won(name: str, number: int, day: dt.date) -> dict[str, Any]:
    return {
        "opportunity_id": f"{name}-{number}",
        "account_id": name,
        "name": name,
        "kind": "expansion" if number else "new",
        "amount_cents": 100_00,
        "currency": "EUR",
        "created_on": dt.date(2024, 12, 1),
        "closed_on": day,
        "outcome": "won",
    }
