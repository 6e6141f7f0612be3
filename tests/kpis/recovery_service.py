"""Companies whose CSAT, first answers and value reviews are planted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from tests.companies import account, subscription

SATISFIED = 0.8
IN_TIME = 0.75
HELD, STATED = 0.8, 0.75
MIDNIGHT = dt.time.min
HOURS = {1: 1, 2: 4, 3: 8, 4: 24}


def world(rng: np.random.Generator) -> tuple[Mapping[str, Iterable[Mapping[str, Any]]], dict[str, float]]:
    """Answers and tickets of December, reviews planned from September to November; a third of the late is never
    answered.

    Returns:
        Rows by table as of December 2025, and the true shares.
    """
    rows = {
        "accounts": [account("a")],
        "subscriptions": [subscription("a", "2024-01-01", None, 10)],
        "survey_responses": [_answer(rng, place) for place in range(180)],
        "tickets": [_ticket(rng, place) for place in range(200)],
        "interactions": [_review(rng, place) for place in range(150)],
    }
    truth = {"csat_rate": SATISFIED, "first_response_sla_rate": IN_TIME, "exec_reviews_held_rate": HELD * STATED}
    return rows, truth


def _moment(rng: np.random.Generator) -> dt.datetime:
    begin = dt.datetime.combine(dt.date(2025, 12, 1), MIDNIGHT)
    return begin + dt.timedelta(minutes=int(rng.integers(0, 31 * 24 * 60)))


def _answer(rng: np.random.Generator, place: int) -> dict[str, Any]:
    score = int(rng.integers(4, 6) if rng.random() < SATISFIED else rng.integers(1, 4))
    return {
        "response_id": str(place),
        "account_id": "a",
        "contact_id": f"k{place}",
        "survey": "csat",
        "score": score,
        "answered_at": _moment(rng),
    }


def _ticket(rng: np.random.Generator, place: int) -> dict[str, Any]:
    opened, severity = _moment(rng), int(rng.choice([1, 2, 3], p=[0.1, 0.3, 0.6]))
    share = rng.uniform(0, 1) if rng.random() < IN_TIME else rng.uniform(1.01, 3)
    answered = opened + dt.timedelta(hours=HOURS[severity] * share)
    return {
        "ticket_id": str(place),
        "account_id": "a",
        "severity": severity,
        "opened_at": opened,
        "first_response_at": None if share > 2.3 else answered,
        "escalated": False,
    }


def _review(rng: np.random.Generator, place: int) -> dict[str, Any]:
    planned = dt.date(2025, 9, 1) + dt.timedelta(days=int(rng.integers(0, 91)))
    late = int(rng.integers(-14, 15) if rng.random() < HELD else rng.integers(15, 31))
    return {
        "interaction_id": str(place),
        "account_id": "a",
        "at": dt.datetime.combine(planned + dt.timedelta(days=late), MIDNIGHT),
        "channel": "call",
        "kind": "review",
        "direction": "give",
        "started_by": "calendar",
        "planned_on": planned,
        "value_stated": bool(rng.random() < STATED),
    }
