"""Satisfaction and usage of every account over time, before anything reacts to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.demo.customers import Accounts, Contacts
from core.demo.world import Array, World


@dataclass(frozen=True)
class Signals:
    """Paths that nobody's advocacy changes. Arrays are [account, month], standard-normal in scale.

    Attributes:
        satisfaction: What NPS and CSAT answers and tickets reflect.
        usage: What the share of active seats reflects; correlated with satisfaction.
    """

    satisfaction: Array
    usage: Array


@dataclass(frozen=True)
class Answers:
    """NPS answers that contacts would give, one cell each, ordered by month."""

    contact: Array
    month: Array
    day: Array
    score: Array


def draw_signals(world: World, accounts: Accounts) -> Signals:
    """Satisfaction and usage: an own level of each account, and a slow wander around it."""
    rng = world.rng("signals")
    level = 0.75 * rng.normal(size=len(accounts)) + 1.2 * (accounts.fit - 0.58)
    usage_level = 0.50 * level + 0.65 * rng.normal(size=len(accounts))
    return Signals(
        _wander(rng, level, world.total, persistence=0.93, scale=0.22),
        _wander(rng, usage_level, world.total, persistence=0.90, scale=0.16),
    )


def _wander(rng: np.random.Generator, level: Array, months: int, persistence: float, scale: float) -> Array:
    path = np.empty((len(level), months), dtype=np.float32)
    away = rng.normal(0, scale / np.sqrt(1 - persistence**2), len(level))
    for month in range(months):
        path[:, month] = level + away
        away = persistence * away + rng.normal(0, scale, len(level))
    return path


def active_share(signals: Signals, account: Array, month: Array) -> Array:
    """Share of seats in use, before season and noise: 1 / (1 + exp(-(0.35 + 0.85 u)))."""
    share: Array = 1 / (1 + np.exp(-(0.35 + 0.85 * signals.usage[account, month])))
    return share


def draw_answers(world: World, contacts: Contacts, signals: Signals) -> Answers:
    """NPS: everybody is asked every six months, two in three answer.

    score = 7.9 + 1.25 (satisfaction of the account + warmth of the person) + noise, cut to 0..10.
    """
    rng = world.rng("nps")
    phase = rng.integers(0, 6, len(contacts))
    parts: list[tuple[Array, Array]] = []
    for number in range(max(world.first - world.model.deal_lead_months, 0), world.total):
        asked = np.flatnonzero((number + phase) % 6 == 0)
        contact = asked[rng.random(len(asked)) < 0.66]
        parts.append((contact, np.full(len(contact), number)))
    contact = np.concatenate([part[0] for part in parts])
    month = np.concatenate([part[1] for part in parts])
    day = world.day(month, rng.integers(1, 29, len(contact)))
    latent = signals.satisfaction[contacts.account[contact], month] + contacts.warmth[contact]
    score = np.clip(np.rint(7.9 + 1.25 * latent + rng.normal(0, 0.8, len(contact))), 0, 10).astype(np.int64)
    left = contacts.left[contact]
    here = (contacts.joined[contact] <= day) & (np.isnat(left) | (left > day)) & (day <= world.as_of)
    return Answers(contact[here], month[here], day[here], score[here])
