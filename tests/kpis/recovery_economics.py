"""Companies whose change of acquisition cost and whose numbers of referrals are planted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from tests.companies import account, subscription
from tests.kpis.dealing import OLD
from tests.kpis.recovery_value import cost_row

CUSTOMERS = {2024: 60, 2025: 75}
MONTHLY_SPEND = {2024: 30_000.0, 2025: 33_000.0}
LEADS, OPPORTUNITIES = 25, 20
YEAR = range(1, 13)


def world(rng: np.random.Generator) -> tuple[Mapping[str, Iterable[Mapping[str, Any]]], dict[str, float]]:
    """Two years of new customers, their numbers by chance, and a December of referrals and of deals they bring.

    Returns:
        Rows by table as of December 2025, and the true figures: the change of the expected cost, expected counts.
    """
    accounts, subscriptions = [account("old")], [subscription("old", "2022-01-01", None, 1.0)]
    for year, expected in CUSTOMERS.items():
        for place in range(int(rng.poisson(expected))):
            name, start = f"c{year}-{place}", f"{year}-{int(rng.integers(1, 13)):02d}-03"
            accounts.append(account(name, acquisition_channel="paid_search"))
            subscriptions.append(subscription(name, start, None, 100.0))
    rows = {
        "accounts": accounts,
        "subscriptions": subscriptions,
        "spend": [
            cost_row(dt.date(year, month, 1), MONTHLY_SPEND[year]) for year in CUSTOMERS for month in range(1, 13)
        ],
        "contacts": [{"contact_id": "c", "account_id": "old"}],
        "referrals": [
            _lead(f"r{place}", day) for place, day in enumerate([dt.date(2024, 2, 1), *_december(rng, LEADS)])
        ],
        "opportunities": [OLD, *(_deal(f"d{place}", day) for place, day in enumerate(_december(rng, OPPORTUNITIES)))],
    }
    cost = {year: 12 * MONTHLY_SPEND[year] / CUSTOMERS[year] for year in CUSTOMERS}
    return rows, {
        "cac_shift": cost[2025] / cost[2024] - 1,
        "referral_leads": float(LEADS),
        "referral_opportunities": float(OPPORTUNITIES),
    }


def _december(rng: np.random.Generator, expected: float) -> list[dt.date]:
    return [dt.date(2025, 12, int(day)) for day in rng.integers(1, 31, int(rng.poisson(expected)))]


def _lead(name: str, day: dt.date) -> dict[str, Any]:
    submitted = dt.datetime.combine(day, dt.time(10))
    return {"referral_id": name, "contact_id": "c", "prospect_id": f"company of {name}", "submitted_at": submitted}


def _deal(name: str, day: dt.date) -> dict[str, Any]:
    own = {"opportunity_id": name, "kind": "new", "source": "referral", "created_on": day}
    return {**OLD, **own, "closed_on": None, "outcome": "open"}
