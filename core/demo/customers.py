"""Who the customers and their people are: attributes drawn once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.demo.deals import Deals
from core.demo.world import Array, World

CHANNELS = ("referral", "paid_search", "paid_social", "events", "outbound", "partner", "organic")
EARLY_SHARES = (0.12, 0.21, 0.11, 0.17, 0.19, 0.09, 0.11)


@dataclass(frozen=True)
class Accounts:
    """Customers in order of their first day, one cell each.

    Attributes:
        deal: Position of the deal that won the account; -1 for those who came before the window.
        segment, industry, region: Positions in the model's lists.
        channel: Position in CHANNELS.
        start: First day of the first contract; `start_month` its month, `bill_day` its day, at most 28.
        amount: First-year amount in cents.
        fit: Fit with the ideal customer, 0 to 1.
        monthly: Whether the contract can be left every month, not once a year.
        parent: Position of the parent account; -1 for none.
        price: Price of a seat a month, in cents.
        seats: Seats at the start.
    """

    deal: Array
    segment: Array
    industry: Array
    region: Array
    channel: Array
    start: Array
    start_month: Array
    bill_day: Array
    amount: Array
    fit: Array
    monthly: Array
    parent: Array
    employees: Array
    price: Array
    seats: Array

    def __len__(self) -> int:
        return len(self.deal)


@dataclass(frozen=True)
class Contacts:
    """People at customers, ordered by account, one cell each.

    Attributes:
        account: Position of the account.
        persona: Position in the model's list.
        joined, left: Days; `left` empty for those still there.
        warmth: The person's own satisfaction beside the account's.
        willingness: How readily the person acts, independent of everything else.
    """

    account: Array
    persona: Array
    joined: Array
    left: Array
    warmth: Array
    willingness: Array

    def __len__(self) -> int:
        return len(self.account)


def draw_accounts(world: World, deals: Deals) -> Accounts:
    """The customers: one for each deal won in the window, the rest from before it."""
    rng = world.rng("accounts")
    wins = np.flatnonzero(deals.won & (deals.closed <= world.as_of))
    early = world.accounts - len(wins)
    model = world.model
    weight = 1 + np.arange(world.first) / 6
    month = rng.choice(world.first, early, p=weight / weight.sum())
    early_start = world.day(month, rng.integers(1, 29, early))
    channel_of_line = np.array([CHANNELS.index(str(line.channel)) for line in model.acquisition])
    early_segment = rng.choice(len(model.segment), early, p=[s.share for s in model.segment])
    segment = np.concatenate([early_segment, deals.segment[wins]])
    median = np.array([s.amount_median for s in model.segment])[early_segment]
    sigma = np.array([s.amount_sigma for s in model.segment])[early_segment]
    early_amount = np.rint(median * np.exp(rng.normal(0, 1, early) * sigma) / 12).astype(np.int64) * 1200
    start = np.concatenate([early_start, deals.start[wins]])
    order = np.argsort(start, kind="stable")
    industries = rng.choice(len(model.industry), early, p=[i.share for i in model.industry])
    regions = rng.choice(len(model.region), early, p=[r.share for r in model.region])
    channels = rng.choice(len(CHANNELS), early, p=EARLY_SHARES)
    return _complete(
        world,
        rng,
        np.concatenate([np.full(early, -1), wins])[order],
        segment[order],
        np.concatenate([industries, deals.industry[wins]])[order],
        np.concatenate([regions, deals.region[wins]])[order],
        np.concatenate([channels, channel_of_line[deals.line[wins]]])[order],
        start[order],
        np.concatenate([early_amount, deals.amount[wins]])[order],
    )


def _complete(
    world: World,
    rng: np.random.Generator,
    deal: Array,
    segment: Array,
    industry: Array,
    region: Array,
    channel: Array,
    start: Array,
    amount: Array,
) -> Accounts:
    count, segments = len(deal), world.model.segment
    month = world.month_of(start)
    day = (start - world.day(month, np.array(1))).astype(np.int64) + 1
    fit = np.where(channel == 0, rng.beta(6, 2.6, count), rng.beta(4, 3.2, count))
    monthly = rng.random(count) < np.array([s.monthly_contract_share for s in segments])[segment]
    per_1000 = np.array([s.seats_per_1000 for s in segments])[segment]
    seats = np.maximum(np.rint(amount / 100_000 * per_1000 * np.exp(rng.normal(0, 0.15, count))), 3).astype(np.int64)
    price = np.maximum(np.rint(amount / 12 / seats), 100)
    employees = np.array([s.employees_median for s in segments])[segment] * np.exp(rng.normal(0, 0.5, count))
    return Accounts(
        deal,
        segment,
        industry,
        region,
        channel,
        start,
        month,
        np.minimum(day, 28),
        amount,
        np.round(fit, 3),
        monthly,
        _parents(rng, start),
        np.maximum(np.rint(employees), seats).astype(np.int64),
        price,
        seats,
    )


def _parents(rng: np.random.Generator, start: Array) -> Array:
    """One account in 25 belongs to an older one; no parent is itself a child."""
    count = len(start)
    child = rng.random(count) < 0.04
    child[: max(count // 5, 1)] = False
    older = np.flatnonzero(~child)
    room = np.searchsorted(older, np.arange(count))
    chosen = older[np.floor(rng.random(count) * np.maximum(room, 1)).astype(np.int64)]
    return np.where(child & (room > 0), chosen, -1)


def draw_contacts(world: World, accounts: Accounts) -> Contacts:
    """The people: one known from the first day at every account, others join later, some leave."""
    rng = world.rng("contacts")
    mean = np.array([s.contacts for s in world.model.segment])[accounts.segment]
    account = np.repeat(np.arange(len(accounts)), 1 + rng.poisson(mean - 0.9))
    count = len(account)
    first = np.r_[True, account[1:] != account[:-1]]
    delay = np.where(first, 0, np.floor(rng.exponential(260, count)))
    joined = accounts.start[account] + delay.astype(np.int64)
    keep = joined <= world.as_of
    account, joined, count = account[keep], joined[keep], int(keep.sum())
    left = world.until_today(joined + 60 + np.floor(rng.exponential(3650, count)).astype(np.int64))
    return Contacts(
        account,
        rng.integers(0, len(world.model.words.personas), count),
        joined,
        left,
        rng.normal(0, 0.6, count),
        rng.normal(0, 1, count),
    )
