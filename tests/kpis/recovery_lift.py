"""Companies with a play that works: large accounts stay more and are enrolled more, so the plain gap says too much."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from tests.companies import account, subscription

SEGMENTS = ("SMB", "Mid-market", "Enterprise")
LEAVES = (0.30, 0.15, 0.05)
ENROLLED = (0.15, 0.35, 0.65)
PRICE = (200.0, 700.0, 2_500.0)
GROWTH = 0.06
ACCOUNTS = 500
MARGIN = 0.8
SPEND = 2_000.0
MONTHS = 6


def world(
    rng: np.random.Generator, lift: float = GROWTH
) -> tuple[Mapping[str, Iterable[Mapping[str, Any]]], dict[str, float]]:
    """Accounts since 2022; some enter a play in the second half of 2024; in the middle of 2025 some leave, all
    others grow at random, enrolled ones by `lift` of their starting revenue more, whether they would have left or not.

    Returns:
        Rows by table as of December 2025, the true lift of net revenue retention, and the return on the play, whose
        margin is that lift in the six month ends after the change, of the accounts that were enrolled.
    """
    segment = rng.integers(0, 3, ACCOUNTS)
    start = np.round(np.array(PRICE)[segment] * rng.lognormal(0, 0.4, ACCOUNTS), 2)
    treated = rng.random(ACCOUNTS) < np.array(ENROLLED)[segment]
    stays = rng.random(ACCOUNTS) >= np.array(LEAVES)[segment]
    end = np.round(start * (stays * (1 + rng.gamma(1.0, 0.05, ACCOUNTS)) + lift * treated), 2)
    names = [f"a{place:03d}" for place in range(ACCOUNTS)]
    rows = []
    for place, name in enumerate(names):
        rows.append(subscription(name, "2022-02-01", "2025-07-01", float(start[place])))
        if end[place] > 0:
            rows.append(subscription(name, "2025-07-01", None, float(end[place])))
    rows.append(subscription("old", "2021-01-01", "2022-01-15", 1.0))
    return {
        "accounts": [
            *(account(name, segment=SEGMENTS[segment[place]]) for place, name in enumerate(names)),
            account("old"),
        ],
        "subscriptions": rows,
        "interactions": [_entry(name, place, rng) for place, name in enumerate(names) if treated[place]]
        + [_entry("old", 9_999, rng, dt.datetime(2023, 1, 5, tzinfo=dt.UTC))],
        "spend": [_cost(month) for month in range(7, 13)],
        "gross_margin": [{"month": dt.date(2025, month, 1), "rate": MARGIN} for month in range(1, 13)],
    }, {"nrr_lift_pp": lift, "return_on_marketing_investment": _return(lift, float(start[treated].sum()))}


def _return(lift: float, enrolled_mrr: float) -> float:
    return MARGIN * lift * enrolled_mrr * MONTHS / (SPEND * MONTHS) - 1


def _entry(name: str, place: int, rng: np.random.Generator, at: dt.datetime | None = None) -> dict[str, Any]:
    day = dt.datetime(2024, 7, 1, 9, tzinfo=dt.UTC) + dt.timedelta(days=int(rng.integers(0, 180)))
    return {
        "interaction_id": f"i{place}",
        "account_id": name,
        "at": at or day,
        "channel": "email",
        "kind": "enrolment",
        "direction": "give",
        "started_by": "lifecycle_event",
        "play": "customer_education",
    }


def _cost(month: int) -> dict[str, Any]:
    return {
        "month": dt.date(2024, month, 1),
        "line": "customer_education",
        "kind": "post_sale",
        "play": "Customer Education",
        "journey_stage": "post_purchase",
        "planned_cents": 0,
        "committed_cents": 0,
        "media_cents": round(SPEND * 100),
        "people_cents": 0,
        "platform_cents": 0,
        "rewards_cents": 0,
        "currency": "EUR",
    }
