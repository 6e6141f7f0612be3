"""Companies whose community engagement is planted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from tests.companies import account, subscription

MEMBERS = 200
ENGAGED = 0.3


def world(rng: np.random.Generator) -> tuple[Mapping[str, Iterable[Mapping[str, Any]]], dict[str, float]]:
    """Members seen over the years; in the last 28 days of December some contribute, once or more.

    Returns:
        Rows by table as of December 2025, and the true share.
    """
    touches = []
    for place in range(MEMBERS):
        days = [dt.date(2023, 1, 1) + dt.timedelta(days=int(rng.integers(0, 1_000)))]
        if rng.random() < ENGAGED:
            acts = 1 + rng.poisson(1)
            days += [dt.date(2025, 12, 4) + dt.timedelta(days=int(by)) for by in rng.integers(0, 28, acts)]
        touches += [_touch(f"{place}-{number}", f"k{place}", on) for number, on in enumerate(days)]
    rows = {
        "accounts": [account("a")],
        "subscriptions": [subscription("a", "2024-01-01", None, 10)],
        "contacts": [{"contact_id": f"k{place}", "account_id": "a"} for place in range(MEMBERS)],
        "interactions": touches,
    }
    return rows, {"community_engagement_rate": ENGAGED}


def _touch(name: str, who: str, on: dt.date) -> dict[str, Any]:
    return {
        "interaction_id": name,
        "account_id": "a",
        "contact_id": who,
        "at": dt.datetime.combine(on, dt.time.min),
        "channel": "community",
        "kind": "community",
        "direction": "neutral",
        "started_by": "person",
    }
