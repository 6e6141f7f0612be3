"""Companies whose customers leave at a planted chance and bring a planted margin: value, payback and referral."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from tests.companies import account, subscription

A_MONTH = 12
MONTHS = 40
LEAVES = 0.03
LEAVES_REFERRED = 0.015
REFERRED = 0.4
PRICE, SPREAD = 500.0, 0.5
MARGIN = 0.8
SPEND = 30_000.0
DISCOUNT, HORIZON = 0.10, 36


def world(rng: np.random.Generator) -> tuple[Mapping[str, Iterable[Mapping[str, Any]]], dict[str, float]]:
    """About twelve customers a month for forty months, two fifths of them referred; these leave half as often.

    Returns:
        Rows by table as of December 2025, and the true values: of a customer over 36 months in units of the
        currency, months of payback, and the difference of both kinds' survival to twelve months.
    """
    accounts, subscriptions = [account("old")], [subscription("old", "2022-01-01", None, 1.0)]
    for back in range(MONTHS):
        number = 2025 * 12 + 11 - back
        first = dt.date(number // 12, number % 12 + 1, 5)
        for place in range(int(rng.poisson(A_MONTH))):
            name, referred = f"c{back}-{place}", rng.random() < REFERRED
            stays = int(rng.geometric(LEAVES_REFERRED if referred else LEAVES))
            last = number + stays
            end = dt.date(last // 12, last % 12 + 1, 4)
            accounts.append(account(name, acquisition_channel="referral" if referred else "paid_search"))
            price = PRICE * rng.lognormal(0, SPREAD)
            ends = end if end <= dt.date(2025, 12, 31) else None
            subscriptions.append(subscription(name, first.isoformat(), ends and ends.isoformat(), price))
    months = [dt.date(2024 + place // 12, place % 12 + 1, 1) for place in range(24)]
    rows = {
        "accounts": accounts,
        "subscriptions": subscriptions,
        "gross_margin": [{"month": month, "rate": MARGIN} for month in months],
        "spend": [cost_row(month, SPEND) for month in months],
    }
    return rows, truth()


def truth() -> dict[str, float]:
    """The planted values."""
    k = np.arange(HORIZON)
    survival = REFERRED * (1 - LEAVES_REFERRED) ** k + (1 - REFERRED) * (1 - LEAVES) ** k
    months = float((survival * (1 + DISCOUNT) ** (-k / 12)).sum())
    margin = PRICE * np.exp(SPREAD**2 / 2) * MARGIN
    return {
        "customer_lifetime_value": margin * months,
        "payback_months": SPEND / (A_MONTH * margin),
        "ltv_to_cac": margin * months * A_MONTH / SPEND,
        "retention_referred_vs_other": (1 - LEAVES_REFERRED) ** 12 - (1 - LEAVES) ** 12,
    }


def cost_row(month: dt.date, amount: float) -> dict[str, Any]:
    """A line of spend on acquisition, in units of the currency."""
    return {
        "month": month,
        "line": "search",
        "kind": "acquisition",
        "channel": "paid_search",
        "journey_stage": "conversion",
        "planned_cents": 0,
        "committed_cents": 0,
        "media_cents": round(amount * 100),
        "people_cents": 0,
        "platform_cents": 0,
        "rewards_cents": 0,
        "currency": "EUR",
    }
