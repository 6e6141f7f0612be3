"""What the planted effects really were on this company's customers: expected with the effect minus without."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.demo.customers import Accounts, Contacts
from core.demo.life import History, expansion_probability, leave_probability
from core.demo.signals import Signals
from core.demo.world import Array, World

HORIZON = 12


@dataclass(frozen=True)
class Expected:
    """Expectation of one group over twelve months, averaged over its accounts.

    Attributes:
        retained: Share still paying.
        arr_ratio: ARR after twelve months over ARR before.
    """

    retained: Array
    arr_ratio: Array


def first_act(world: World, contacts: Contacts, history: History, accounts: int) -> Array:
    """Month of each account's first completed act; a month past the end for none, by account."""
    asks = history.asks
    done = ~np.isnat(asks.completed)
    first = np.full(accounts, 10**6)
    np.minimum.at(first, contacts.account[asks.contact[done]], world.month_of(asks.completed[done]))
    return first


def plays_at_work(world: World, history: History) -> Array:
    """Whether each play works on each account in each month, by play, account and month."""
    begun = history.play_from.astype(np.int16).cumsum(axis=2)
    works = np.zeros(history.play_from.shape, dtype=bool)
    months = world.model.effects.play_months
    works[:, :, 1:] = begun[:, :, :-1] > 0
    works[:, :, months + 1 :] = begun[:, :, months:-1] - begun[:, :, : -months - 1] > 0
    return works


def expect(
    world: World,
    accounts: Accounts,
    history: History,
    signals: Signals,
    works: Array,
    who: Array,
    month: Array,
    *,
    advocacy: Array,
    plays: Array | None = None,
) -> Expected:
    """Expected retention and ARR ratio over the twelve months after `month`.

    retained = product over months of (1 - probability of leaving)
    ARR ratio = retained x product over months of (1 + expected growth)

    Args:
        world: The frame of the company.
        accounts: All accounts.
        history: What happened.
        signals: Satisfaction and usage.
        works: Plays at work, as `plays_at_work` gives them.
        who: Positions of accounts.
        month: The month after which the clock starts, one cell each.
        advocacy: Whether an act works, one cell each.
        plays: Plays at work instead of the real ones. [play, cell]
    """
    model = world.model
    logits = np.array([play.churn_logit for play in model.account_plays])
    ratios = np.log([play.expansion_ratio for play in model.account_plays])
    stay, grown = np.ones(len(who)), np.ones(len(who))
    growth = model.growth
    size = (growth.expansion_low + growth.expansion_high) / 2
    loss = growth.contraction * (growth.contraction_low + growth.contraction_high) / 2
    attached = float(np.dot(growth.attach, growth.attach_share))
    for ahead in range(1, HORIZON + 1):
        when = month + ahead
        at_work = works[:, who, when] if plays is None else plays
        logit = history.churn_logit[who, when] + model.effects.advocacy_churn_logit * advocacy + logits @ at_work
        due = accounts.monthly[who] | ((when - accounts.start_month[who]) % 12 == 0)
        stay *= 1 - due * leave_probability(logit, accounts.monthly[who])
        lift = model.effects.advocacy_expansion_ratio**advocacy * np.exp(ratios @ at_work)
        gain = (expansion_probability(world, signals, who, when) * size + attached) * lift
        grown *= 1 + gain - loss
    return Expected(stay, stay * grown)


def followed(world: World, history: History, month: Array, who: Array) -> Array:
    """Cells whose account pays in the month and whose next twelve months lie inside the data."""
    inside = (month >= world.first) & (month + HORIZON < world.total)
    safe = np.clip(month, 0, world.total - 1)
    kept: Array = inside & history.active[who, safe]
    return kept


@dataclass(frozen=True)
class Naive:
    """The comparison a careless reader would make: pooled over months, first-time advocates against all others.

    Attributes:
        treated, others: Account-months compared.
        retention_gap: Difference in the share retained after twelve months.
        arr_gap: Difference in the ARR ratio after twelve months.
    """

    treated: int
    others: int
    retention_gap: float | None
    arr_gap: float | None


def naive_gap(world: World, history: History, first: Array) -> Naive:
    """First completed act in a month against paying accounts that have not advocated by its end."""
    arr = history.mrr.sum(axis=0)
    sums = np.zeros((2, 4))
    for month in range(world.first, world.total - HORIZON):
        active = history.active[:, month]
        for arm, group in enumerate((active & (first > month), active & (first == month))):
            later = history.active[group, month + HORIZON].sum()
            sums[arm] += [group.sum(), later, arr[group, month].sum(), arr[group, month + HORIZON].sum()]
    if (sums[:, 0] == 0).any():
        return Naive(int(sums[1, 0]), int(sums[0, 0]), None, None)
    retained, ratio = sums[:, 1] / sums[:, 0], sums[:, 3] / sums[:, 2]
    return Naive(int(sums[1, 0]), int(sums[0, 0]), float(retained[1] - retained[0]), float(ratio[1] - ratio[0]))
