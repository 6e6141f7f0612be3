"""Companies with planted retention, acquisition cost, win rates and response to invitations."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from tests.companies import account, subscription

ACCOUNTS = 600
LEAVES, GROWS, SHRINKS = 0.12, 0.3, 0.15
GROWTH, SHRINKAGE = 0.4, 0.3
DEALS, REFERRED = 900, 0.3
WINS = {True: 0.35, False: 0.22}
INVITED, ACTS = 200, 0.3
MONTHLY_SPEND_CENTS = {"referral": 400_000, "paid": 3_000_000}
CUSTOMERS_A_YEAR = {"referral": 40, "paid": 60}

Rows = dict[str, list[dict[str, Any]]]


def world(rng: np.random.Generator) -> tuple[Rows, dict[str, float]]:
    """A company of 2025: every account leaves, shrinks, grows or stays by chance, whatever it pays.

    Returns:
        Rows by table as of December 2025, and the true value of each figure: the one of infinitely many such accounts.
    """
    rows: Rows = {"accounts": [], "subscriptions": [], "opportunities": [], "spend": [], "contacts": [], "asks": []}
    _customers(rows, rng)
    _won_accounts(rows, rng)
    _deals(rows, rng)
    _asks(rows, rng)
    stays = 1 - LEAVES
    kept = stays - SHRINKS * SHRINKAGE
    truth = {
        "net_revenue_retention": kept + GROWS * GROWTH,
        "gross_revenue_retention": kept,
        "churn_revenue_rate": 1 - kept,
        "churn_logo_rate": LEAVES,
        "win_rate_referred": WINS[True],
        "win_rate_baseline": WINS[False],
        "win_rate_gap": WINS[True] - WINS[False],
        "invite_to_action_rate": ACTS,
    }
    for name, cents in MONTHLY_SPEND_CENTS.items():
        truth[f"cac_{name}"] = 12 * cents / 100 / CUSTOMERS_A_YEAR[name]
    return rows, truth


def _customers(rows: Rows, rng: np.random.Generator) -> None:
    """Accounts since 2023 with one change in the middle of 2025."""
    fates = rng.choice(4, ACCOUNTS, p=[LEAVES, SHRINKS, GROWS, 1 - LEAVES - SHRINKS - GROWS])
    factor = np.array([0.0, 1 - SHRINKAGE, 1 + GROWTH, 1.0])
    for place, (fate, price) in enumerate(zip(fates, rng.lognormal(6, 0.8, ACCOUNTS), strict=True)):
        name = f"a{place:03d}"
        rows["accounts"].append(account(name, acquisition_channel="organic"))
        rows["subscriptions"].append(subscription(name, "2023-01-01", "2025-07-01", float(price)))
        if factor[fate]:
            rows["subscriptions"].append(subscription(name, "2025-07-01", None, float(price * factor[fate])))


def _won_accounts(rows: Rows, rng: np.random.Generator) -> None:
    """New customers of 2025 by channel, their number by chance; spend of the same months: deals close in days."""
    for channel, source in (("referral", "referral"), ("paid", "paid_search")):
        for place in range(rng.poisson(CUSTOMERS_A_YEAR[channel])):
            name = f"{channel}{place:03d}"
            rows["accounts"].append(account(name, acquisition_channel=source))
            month = int(rng.integers(1, 13))
            rows["subscriptions"].append(subscription(name, f"2025-{month:02d}-01", None, 100.0))
        for month in range(1, 13):
            rows["spend"].append(_spend(channel, source, month))


def _spend(channel: str, source: str, month: int) -> dict[str, Any]:
    return {
        "month": dt.date(2025, month, 1),
        "line": channel,
        "kind": "acquisition",
        "channel": source,
        "journey_stage": "conversion",
        "media_cents": MONTHLY_SPEND_CENTS[channel],
        "people_cents": 0,
        "platform_cents": 0,
        "rewards_cents": 0,
        "planned_cents": 0,
        "committed_cents": 0,
        "currency": "EUR",
    }


def _deals(rows: Rows, rng: np.random.Generator) -> None:
    for place in range(DEALS):
        referred = bool(rng.random() < REFERRED)
        won = rng.random() < WINS[referred]
        closed = dt.date(2025, 1, 10) + dt.timedelta(days=int(rng.integers(0, 340)))
        rows["opportunities"].append(
            {
                "opportunity_id": f"d{place:04d}",
                "name": f"Deal {place}",
                "kind": "new",
                "source": "referral" if referred else "events",
                "amount_cents": 100_000,
                "currency": "EUR",
                "created_on": closed - dt.timedelta(days=9),
                "closed_on": closed,
                "outcome": "won" if won else "lost",
            }
        )


def _asks(rows: Rows, rng: np.random.Generator) -> None:
    for place in range(INVITED):
        name, asked = f"p{place:03d}", dt.date(2025, 11, int(rng.integers(1, 29)))
        rows["contacts"].append({"contact_id": name, "account_id": f"a{place:03d}"})
        acts = rng.random() < ACTS
        rows["asks"].append(
            {
                "ask_id": name,
                "contact_id": name,
                "activity": "review",
                "state": "sent",
                "asked_on": asked,
                "delivered": True,
                "completed_on": asked + dt.timedelta(days=int(rng.integers(1, 30))) if acts else None,
            }
        )
