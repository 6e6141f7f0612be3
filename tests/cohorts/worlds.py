"""Companies for tests of cohorts: small ones month by month, and large ones drawn from a planted truth."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from core.cohorts.inputs import CohortInput
from core.stats.months import shift_month
from core.stats.revenue import Revenue

FIRST = dt.date(2020, 1, 1)
EMPTY = {
    "tiers": ["account_id", "valid_from", "product_tier"],
    "products": ["account_id", "product", "start_date", "end_date", "mrr_cents"],
    "contacts": ["account_id", "joined_on", "persona"],
    "acts": ["account_id", "day"],
    "outcomes": ["account_id", "day"],
    "usage": ["account_id", "month", "users", "seats"],
    "margins": ["month", "rate"],
}


def company(
    rows, months=None, *, segments=None, channels=None, tables=None, known_from=None, loaded=("subscriptions",)
):
    """A company from MRR (cents) of each account, month by month from FIRST; a first account opens the data.

    The account "opener" pays in the first month only, so that everybody else's start is known.
    """
    table = {"opener": [1], **{name: [0, *values] for name, values in rows.items()}}
    size = max(len(values) for values in table.values()) if months is None else months + 1
    mrr = [
        (name, pd.Timestamp(shift_month(FIRST, place)), cents, 1)
        for name, values in table.items()
        for place, cents in enumerate(values)
        if cents
    ]
    frame = pd.DataFrame(mrr, columns=["account_id", "month", "mrr_cents", "open_subscriptions"])
    names = list(table)
    channel = channels or {}
    accounts = pd.DataFrame({"account_id": names, "name": [name.title() for name in names]}).assign(
        segment=[(segments or {}).get(name, "One") for name in names],
        channel=[channel.get(name, "direct") for name in names],
        channel_class=[channel.get(name, "other") for name in names],
    )
    versions = accounts[["account_id", "segment"]].assign(valid_from=pd.Timestamp(1900, 1, 1))
    return from_revenue(
        Revenue.of(frame, accounts, versions[["account_id", "valid_from", "segment"]]),
        shift_month(FIRST, size - 1),
        tables=tables,
        known_from=known_from,
        loaded=loaded,
    )


def from_revenue(revenue, month, *, tables=None, known_from=None, loaded=("subscriptions",)):
    """The cohort input of some revenue, with further tables where they are given."""
    given = {**{name: pd.DataFrame(columns=columns) for name, columns in EMPTY.items()}, **(tables or {})}
    since = {"acts": None, "outcomes": None, **(known_from or {})}
    return CohortInput(
        revenue=revenue,
        month=month,
        tables={name: lambda name=name: given[name] for name in given},
        known_from={name: lambda name=name: since[name] for name in since},
        loaded=frozenset(loaded),
        currency="EUR",
    )


def drawn(rng, customers, months, *, hazard, segment=None, channel=None, growth=0.0):
    """Customers drawn one by one: a monthly risk of leaving each, a log-normal MRR, and a start at random.

    Args:
        rng: Source of chance.
        customers: How many.
        months: Months of history.
        hazard: Risk of leaving a month, one per customer or one for all.
        segment: Segment of each; None for one segment.
        channel: Class of the channel of each; None for other.
        growth: Standard deviation of the monthly log growth.
    """
    start = rng.integers(1, months, customers)
    age = np.arange(months)[None, :] - start[:, None]
    lost = rng.random((customers, months)) < np.broadcast_to(np.asarray(hazard), customers)[:, None]
    gone = np.maximum.accumulate(lost & (age > 0), axis=1)
    size = np.exp(rng.normal(10, 1, customers))[:, None] * np.exp(np.cumsum(rng.normal(0, growth, gone.shape), axis=1))
    mrr = np.where((age >= 0) & ~gone, np.maximum(size, 100).astype(np.int64), 0)
    ids = np.array([f"c{number:06d}" for number in range(customers)])
    who, when = np.nonzero(mrr)
    stamps = pd.date_range(FIRST, periods=months, freq="MS", unit="us")
    rows = pd.DataFrame({"account_id": ids[who], "month": stamps[when], "mrr_cents": mrr[who, when]})
    opener = pd.DataFrame({"account_id": ["opener"], "month": stamps[:1], "mrr_cents": [1]})
    frame = pd.concat([rows, opener], ignore_index=True).assign(open_subscriptions=1)
    accounts = pd.DataFrame(
        {
            "account_id": ids,
            "name": ids,
            "segment": ["One"] * customers if segment is None else segment,
            "channel": ["direct"] * customers if channel is None else channel,
            "channel_class": ["other"] * customers if channel is None else channel,
        }
    )
    versions = accounts[["account_id", "segment"]].assign(valid_from=pd.Timestamp(1900, 1, 1))
    revenue = Revenue.of(frame, accounts, versions[["account_id", "valid_from", "segment"]])
    return from_revenue(revenue, shift_month(FIRST, months - 1))
