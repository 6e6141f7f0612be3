"""Companies with planted values of the advocacy figures: what a recovery test runs many times and counts hits of."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from tests.companies import account, subscription

MONTH = dt.date(2025, 12, 1)
ACCOUNTS = 400
STARTED = dt.date(2023, 1, 1)

PLANTED = {
    "promoter_rate": 0.4,
    "programme_participation_rate": 0.3,
    "repeat_advocacy_rate": 0.35,
    "advocate_retention_rate": 0.45,
    "advocacy_rate": 0.42,
    "reference_review_rate": 0.25,
    "contribution_unused_rate": 0.3,
    "activities_per_advocate": 1.2,
}
"""True value of each figure; the first seven are chances of a unit, the last a mean."""

Rows = dict[str, list[dict[str, Any]]]


def world_of(rng: np.random.Generator, kpi: str) -> tuple[Rows, dict[str, float]]:
    """A company in which every unit has the planted chance of being what one figure counts.

    Args:
        rng: Source of chance.
        kpi: Figure that is planted; the others are whatever comes of it.

    Returns:
        Rows by table, and the true value of the figure by its id.
    """
    names = [f"p{place:03d}" for place in range(ACCOUNTS)]
    rows: Rows = {
        "accounts": [account(f"a{name}", go_live_on=STARTED) for name in names],
        "subscriptions": [subscription(f"a{name}", "2023-01-01", None, 10) for name in names],
        "contacts": [{"contact_id": name, "account_id": f"a{name}"} for name in names],
        "asks": [_ask("nobody", STARTED, None)],
        "tickets": [],
        "enrolments": [{"contact_id": name, "enrolled_on": STARTED} for name in names],
    }
    hits = rng.random(ACCOUNTS) < PLANTED[kpi]
    for name, hit in zip(names, hits, strict=True):
        WORLDS[kpi](rows, rng, name, bool(hit))
    return rows, {kpi: PLANTED[kpi]}


def _ask(name: str, asked: dt.date, done: dt.date | None, activity: str = "review", **other: Any) -> dict[str, Any]:
    return {
        "ask_id": f"{name}{asked}{activity}{done}",
        "contact_id": name,
        "activity": activity,
        "state": "sent",
        "asked_on": asked,
        "completed_on": done,
        **other,
    }


def _act(rows: Rows, name: str, day: dt.date, activity: str = "review", **other: Any) -> None:
    rows["asks"].append(_ask(name, day - dt.timedelta(days=2), day, activity, **other))


def _some_day(rng: np.random.Generator, first: dt.date, days: int) -> dt.date:
    return first + dt.timedelta(days=int(rng.integers(days)))


def _answer(rows: Rows, rng: np.random.Generator, name: str, hit: bool) -> None:
    score = int(rng.integers(9, 11)) if hit else int(rng.integers(0, 9))
    at = dt.datetime.combine(_some_day(rng, dt.date(2025, 1, 1), 365), dt.time(9), dt.UTC)
    rows.setdefault("survey_responses", []).append(
        {"response_id": name, "account_id": f"a{name}", "contact_id": name, "survey": "nps", "score": score}
        | {"answered_at": at}
    )


def _participant(rows: Rows, rng: np.random.Generator, name: str, hit: bool) -> None:
    first = dt.date(2025, 10, 3) if hit else dt.date(2025, 7, 1)
    _act(rows, name, _some_day(rng, first, 90))


def _repeater(rows: Rows, rng: np.random.Generator, name: str, hit: bool) -> None:
    _act(rows, name, _some_day(rng, dt.date(2025, 1, 1), 180))
    if hit:
        _act(rows, name, _some_day(rng, dt.date(2025, 7, 1), 180))


def _returner(rows: Rows, rng: np.random.Generator, name: str, hit: bool) -> None:
    _act(rows, name, _some_day(rng, dt.date(2024, 1, 1), 366))
    if hit:
        _act(rows, name, _some_day(rng, dt.date(2025, 1, 1), 365))


def _advocate(rows: Rows, rng: np.random.Generator, name: str, hit: bool) -> None:
    if hit:
        _act(rows, name, _some_day(rng, dt.date(2025, 1, 1), 365), str(rng.choice(["review", "video", "referral"])))


def _speaker(rows: Rows, rng: np.random.Generator, name: str, hit: bool) -> None:
    activity = str(rng.choice(["review", "reference"])) if hit else "referral"
    _act(rows, name, _some_day(rng, dt.date(2025, 1, 1), 365), activity)


def _unused(rows: Rows, rng: np.random.Generator, name: str, hit: bool) -> None:
    day = _some_day(rng, dt.date(2024, 7, 5), 365)
    used = None if hit else day + dt.timedelta(days=int(rng.integers(181)))
    _act(rows, name, day, used_on=used)


def _busy(rows: Rows, rng: np.random.Generator, name: str, _hit: bool) -> None:
    """A number of acts that differs between people as much as between years: Poisson with a mean that varies."""
    mean = rng.gamma(2.0, PLANTED["activities_per_advocate"] / 2.0)
    for place in range(int(rng.poisson(mean))):
        _act(rows, name, dt.date(2025, 1, 1) + dt.timedelta(days=3 * place))


WORLDS = {
    "promoter_rate": _answer,
    "programme_participation_rate": _participant,
    "repeat_advocacy_rate": _repeater,
    "advocate_retention_rate": _returner,
    "advocacy_rate": _advocate,
    "reference_review_rate": _speaker,
    "contribution_unused_rate": _unused,
    "activities_per_advocate": _busy,
}
"""What makes one person of each world."""
