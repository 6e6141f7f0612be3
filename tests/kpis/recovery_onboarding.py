"""Companies whose time to value and activation are planted: customers start, wait, leave, as chance decides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from tests.companies import account, subscription

LAST = dt.date(2025, 12, 31)
CUSTOMERS = 320
ACTIVATED = 0.6


def world(rng: np.random.Generator) -> tuple[Mapping[str, Iterable[Mapping[str, Any]]], dict[str, float]]:
    """Customers that start over a year, half of them in November; waits are log-normal, leaving is at random.

    Returns:
        Rows by table as of the end of December 2025 and beyond, and the true figures: the medians in whole days and the
        share that is activated within 30 days.
    """
    rows: dict[str, list[dict[str, Any]]] = {"accounts": [], "subscriptions": [], "milestones": [], "outcomes": []}
    _customer(rows, "old", dt.date(2024, 3, 1), (20, 30, 60), 3_000)
    waits = rng.lognormal(0, 0.55, (CUSTOMERS, 2)) * np.array([49.5, 119.5])
    stays = rng.exponential(500, CUSTOMERS)
    in_time = rng.random(CUSTOMERS) < ACTIVATED
    for place in range(CUSTOMERS):
        november = place < CUSTOMERS // 2
        start = dt.date(2025, 11, 1) if november else dt.date(2025, 1, 1)
        start += dt.timedelta(days=int(rng.integers(0, 30 if november else 365)))
        activated = int(rng.integers(1, 31) if in_time[place] else rng.integers(31, 90))
        days = (activated, int(np.ceil(waits[place, 0])), int(np.ceil(waits[place, 1])))
        _customer(rows, f"a{place}", start, days, int(stays[place]) + 1)
    return rows, {"time_to_first_value": 50.0, "time_to_value": 120.0, "activation_rate": ACTIVATED}


def _customer(
    rows: dict[str, list[dict[str, Any]]], name: str, start: dt.date, days: tuple[int, int, int], stays: int
) -> None:
    activated, value, outcome = (start + dt.timedelta(days=by) for by in days)
    rows["accounts"].append(account(name, start_date=start))
    rows["subscriptions"].append(
        subscription(name, start.isoformat(), (start + dt.timedelta(days=stays)).isoformat(), 10)
    )
    rows["milestones"] += [
        {"account_id": name, "kind": kind, "reached_on": on}
        for kind, on in (("activation", activated), ("first_value", value))
    ]
    rows["outcomes"].append({"outcome_id": name, "account_id": name, "agreed_on": start, "verified_on": outcome})
