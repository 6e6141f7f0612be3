"""Companies whose outcome attainment and healthy revenue are planted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from tests.companies import account, subscription

ACCOUNTS = 120
HEALTHY = 0.6
IN_TIME = 0.55
LAST_WEEK = dt.date(2025, 12, 22)
WEEKS = 16


def world(rng: np.random.Generator) -> tuple[Mapping[str, Iterable[Mapping[str, Any]]], dict[str, float]]:
    """Healthy accounts use nine of ten seats and have a verified outcome, the others one of ten and none.

    Amounts are gamma and know nothing of health. Outcomes fall due over the year; late ones are confirmed later.

    Returns:
        Rows by table as of December 2025, and the true shares.
    """
    names = [f"a{place}" for place in range(ACCOUNTS)]
    healthy = rng.random(ACCOUNTS) < HEALTHY
    amounts = rng.gamma(2, 500, ACCOUNTS) + 10
    usage = [
        {
            "account_id": name,
            "week_start": LAST_WEEK - dt.timedelta(weeks=back),
            "active_users": 9 if good else 1,
            "licensed_seats": 10,
            "core_events": 50,
        }
        for name, good in zip(names, healthy, strict=True)
        for back in range(WEEKS)
    ]
    outcomes = [
        _outcome(f"{name}-old", name, dt.date(2024, 11, 1), dt.date(2025, 11, 1))
        for name, good in zip(names, healthy, strict=True)
        if good
    ]
    for place in range(ACCOUNTS):
        due = dt.date(2025, 1, 1) + dt.timedelta(days=int(rng.integers(0, 365)))
        late = -int(rng.integers(0, 60)) if rng.random() < IN_TIME else int(rng.integers(1, 200))
        outcomes.append(_outcome(f"x{place}", "elsewhere", due, due + dt.timedelta(days=late)))
    rows = {
        "accounts": [account(name) for name in [*names, "elsewhere"]],
        "subscriptions": [
            subscription(name, "2024-01-01", None, float(amount)) for name, amount in zip(names, amounts, strict=True)
        ],
        "contacts": [{"contact_id": name, "account_id": name} for name in names],
        "usage": usage,
        "outcomes": outcomes,
    }
    return rows, {"healthy_arr_share": HEALTHY, "outcome_attainment_rate": IN_TIME}


def _outcome(name: str, who: str, due: dt.date, verified: dt.date) -> dict[str, Any]:
    agreed = dt.date(2024, 1, 2)
    return {"outcome_id": name, "account_id": who, "agreed_on": agreed, "due_on": due, "verified_on": verified}
