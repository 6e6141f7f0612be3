"""Companies whose feature adoption is planted: each account has a share of its own around it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from tests.companies import account, subscription

ACCOUNTS = 120
ADOPTED = 0.45
MONTH = dt.date(2025, 12, 1)


def world(rng: np.random.Generator) -> tuple[Mapping[str, Iterable[Mapping[str, Any]]], dict[str, float]]:
    """Accounts of five to a hundred users with two features; users of one account behave alike (beta, 4.5 and 5.5).

    Returns:
        Rows by table as of December 2025, and the true share.
    """
    names = [f"a{place}" for place in range(ACCOUNTS)]
    shares = rng.beta(10 * ADOPTED, 10 * (1 - ADOPTED), ACCOUNTS)
    users = rng.integers(5, 100, (ACCOUNTS, 2))
    adopting = rng.binomial(users, shares[:, None])
    features = [
        {
            "account_id": name,
            "feature": ("plan", "mobile")[which],
            "month": MONTH,
            "entitled_users": 200,
            "active_users": int(users[place, which]),
            "adopting_users": int(adopting[place, which]),
        }
        for place, name in enumerate(names)
        for which in range(2)
    ]
    rows = {
        "accounts": [account(name) for name in names],
        "subscriptions": [subscription(name, "2024-01-01", None, 10) for name in names],
        "feature_usage": features,
    }
    return rows, {"feature_adoption_rate": ADOPTED}
