"""Companies with planted values of the KPIs of referrals and deals, to see how often their intervals hold them."""

import datetime as dt

import numpy as np
from scipy.optimize import brentq

from tests.companies import account, subscription
from tests.kpis.dealing import OLD, at

MONTH = dt.date(2025, 12, 1)
"""The month in which the planted values hold."""

SEGMENTS = ("SMB", "Enterprise")
LIFT, OTHERS = 0.12, np.array([0.42, 0.22])
REFERRED_SHARE = np.array([0.45, 0.15])
CYCLE = {True: 42.0, False: 60.0}
SHAPE, SIZE = 1.5, 20_000_00
QUALITY, CONVERSION, PROMPT, FILLED = 0.65, 0.30, 0.70, 0.75
FIRST, LAST = dt.date(2023, 6, 1), dt.date(2025, 12, 31)


def world(rng):
    """A small company and its truth.

    Referrals add `LIFT` to the win rate of every segment and go to the segment that wins more often; they shorten
    the wait for a decision in the ratio of `CYCLE`.

    Args:
        rng: Source of chance.

    Returns:
        Rows by table, and the planted value of each KPI by its id, money in units of the currency, in `MONTH`.
    """
    deals, truth = _deals(rng)
    leads, lead_deals = _leads(rng)
    rows = {
        "accounts": [account("a", segment="SMB")],
        "subscriptions": [subscription("a", "2023-01-01", None, 10)],
        "contacts": [{"contact_id": "c", "account_id": "a"}],
        "opportunities": [OLD, *deals, *lead_deals],
        "referrals": leads,
        "reference_requests": _requests(rng),
    }
    shares = {
        "referral_quality_rate": QUALITY,
        "referral_conversion_rate": CONVERSION,
        "fast_lane_sla_rate": PROMPT,
        "reference_fill_rate": FILLED,
    }
    return rows, truth | shares


def _deals(rng, count=900):
    segment = rng.integers(0, 2, count)
    referred = rng.random(count) < REFERRED_SHARE[segment]
    won = rng.random(count) < OTHERS[segment] + LIFT * referred
    median = np.where(referred, CYCLE[True], CYCLE[False])
    days = 1 + np.floor(median * (rng.weibull(SHAPE, count) / np.log(2) ** (1 / SHAPE))).astype(int)
    cents = np.round(SIZE * np.exp(rng.normal(0, 0.8, count))).astype(int)
    created = rng.integers(0, (LAST - FIRST).days + 1, count)
    rows = []
    for place in range(count):
        start = FIRST + dt.timedelta(days=int(created[place]))
        end = start + dt.timedelta(days=int(days[place]))
        done = end <= LAST
        rows.append(
            {
                "opportunity_id": f"d{place}",
                "name": f"Deal {place}",
                "kind": "new",
                "source": "referral" if referred[place] else "events",
                "segment": SEGMENTS[segment[place]],
                "amount_cents": int(cents[place]),
                "currency": "EUR",
                "created_on": start,
                "closed_on": end if done else None,
                "outcome": ("won" if won[place] else "lost") if done else "open",
            }
        )
    return rows, _deal_truth(rows)


def _deal_truth(rows):
    ours = [row for row in rows if row["source"] == "referral"]
    closed = [row for row in ours if row["closed_on"] and row["closed_on"].year == 2025]
    base = np.mean([OTHERS[SEGMENTS.index(row["segment"])] for row in closed])
    pipeline = sum(row["amount_cents"] for row in ours if row["created_on"].year == 2025) / 100
    value = sum(row["amount_cents"] for row in closed) / 100
    by_source = [REFERRED_SHARE @ (OTHERS + LIFT), (1 - REFERRED_SHARE) @ OTHERS]
    weights = np.array(by_source) / sum(by_source)

    def won_by(day):
        late = [2.0 ** -((max(day - 0.5, 0) / CYCLE[kind]) ** SHAPE) for kind in (True, False)]
        return 1 - weights @ late - 0.5

    return {
        "win_rate_lift_pp": LIFT,
        "incremental_arr": LIFT * value,
        "incremental_pipeline": pipeline * LIFT / (base + LIFT),
        "stage_acceleration_rate": 1 - CYCLE[True] / CYCLE[False],
        "sales_cycle": brentq(won_by, 1, 200),
        "deal_size_median": SIZE / 100,
    }


def _leads(rng, count=150):
    leads, deals = [], []
    for place in range(count):
        monday = at("2024-06-03 10:00") + dt.timedelta(weeks=int(rng.integers(0, 80)))
        submitted = monday + dt.timedelta(days=int(rng.integers(0, 4)))
        accepted, prompt = rng.random() < QUALITY, rng.random() < PROMPT
        luck = rng.random()
        if luck < CONVERSION + 0.1:
            wait = int(rng.integers(20, 181) if luck < CONVERSION else rng.integers(181, 300))
            deals.append(
                {
                    **OLD,
                    "opportunity_id": f"l{place}",
                    "created_on": submitted.date(),
                    "closed_on": submitted.date() + dt.timedelta(days=wait),
                    "outcome": "won",
                }
            )
        leads.append(
            {
                "referral_id": f"r{place}",
                "contact_id": "c",
                "prospect_id": f"p{place}",
                "submitted_at": submitted,
                "first_contact_at": submitted + (dt.timedelta(hours=5) if prompt else dt.timedelta(days=5)),
                "qualified_at": submitted + dt.timedelta(days=int(rng.integers(0, 14))) if accepted else None,
                "opportunity_id": f"l{place}" if luck < CONVERSION + 0.1 else None,
            }
        )
    return leads, deals


def _requests(rng, count=80):
    return [
        {
            "request_id": f"q{place}",
            "opportunity_id": f"d{place}",
            "needed_by": dt.date(2025, 1, 1) + dt.timedelta(days=int(rng.integers(0, 365))),
            "state": "done" if rng.random() < FILLED else "missed",
            "contact_id": "c",
        }
        for place in range(count)
    ]
