"""What the company's systems record about its customers: usage, features, milestones."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.demo.contracts import Renewals
from core.demo.customers import Accounts
from core.demo.frames import contract_frame, optional_int, pick, take
from core.demo.life import History
from core.demo.names import Names
from core.demo.signals import Signals, active_share
from core.demo.world import NEVER, Array, World

MINIMUM_GAP = 2
"""Fewest days between two steps of which one follows the other."""
SLOW = 4.0
"""Factor on the days of those who do not take a step in the usual time."""
# kind, the step it follows, median days from the start, spread of their logarithm, share that takes the usual time
STEPS = (
    ("kickoff", "", 6, 0.4, 1.0),
    ("first_login", "kickoff", 9, 0.5, 1.0),
    ("activation", "first_login", 23, 0.5, 0.96),
    ("go_live", "first_login", 34, 0.35, 0.98),
    ("first_value", "activation", 43, 0.5, 0.96),
)


def first_end(world: World, accounts: Accounts, history: History) -> Array:
    """Day each account first stopped paying, or empty, by account."""
    ended = np.zeros_like(history.active)
    ended[:, 1:] = history.active[:, :-1] & ~history.active[:, 1:]
    month = ended.argmax(axis=1)
    return np.where(ended.any(axis=1), world.day(month, accounts.bill_day), NEVER)


def usage_table(world: World, accounts: Accounts, history: History, signals: Signals, names: Names) -> pd.DataFrame:
    """The table `usage`: complete ISO weeks of active accounts; one week in a hundred is missing."""
    rng = world.rng("usage")
    monday = world.begin + (-(world.begin.astype(np.int64) + 3) % 7)
    weeks = np.arange(monday, world.as_of - 5, 7)
    month = world.month_of(weeks)
    account, week = np.nonzero(history.active[:, month] & (accounts.start[:, None] <= weeks))
    seen = rng.random(len(account)) > 0.01
    account, week = account[seen], week[seen]
    when = month[week]
    seats = history.seats[account, when].astype(np.int64)
    season = world.calendar_factor(world.model.season.usage)[when]
    share = active_share(signals, account, when) * season * np.exp(rng.normal(0, 0.07, len(account)))
    users = np.minimum(np.rint(seats * share), seats).astype(np.int64)
    events = rng.poisson(users * np.exp(2.1 + 0.25 * signals.usage[account, when]))
    entitled = (8 + 4 * (history.mrr[1:, account, when] > 0).sum(axis=0)).astype(np.int64)
    used = np.minimum(rng.binomial(entitled, np.clip(share * 0.85, 0.05, 0.95)), entitled)
    return contract_frame(
        "usage",
        len(account),
        account_id=take(names.account, account),
        week_start=weeks[week],
        active_users=optional_int(users, np.ones(len(users), bool)),
        licensed_seats=optional_int(seats, np.ones(len(users), bool)),
        core_events=events,
        features_used=optional_int(np.where(users > 0, used, 0), np.ones(len(users), bool)),
        features_entitled=optional_int(entitled, np.ones(len(users), bool)),
    )


def feature_table(world: World, accounts: Accounts, history: History, signals: Signals, names: Names) -> pd.DataFrame:
    """The table `feature_usage`: one row per active account, feature it is entitled to, and month."""
    rng = world.rng("features")
    features = world.model.words.features
    base, month = np.nonzero(history.active[:, world.first :])
    month = month + world.first
    account = np.repeat(base, len(features))
    when = np.repeat(month, len(features))
    feature = np.tile(np.arange(len(features)), len(base))
    with_forecast = history.mrr[1, account, when] > 0
    keep = (feature < len(features) - 1) | with_forecast
    account, when, feature = account[keep], when[keep], feature[keep]
    seats = history.seats[account, when].astype(np.int64)
    season = world.calendar_factor(world.model.season.usage)[when]
    active = rng.binomial(seats, np.clip(active_share(signals, account, when) * season, 0.02, 0.98))
    depth = np.linspace(0.62, 0.28, len(features))[feature]
    adopting = rng.binomial(active, np.clip(depth + 0.08 * signals.usage[account, when], 0.03, 0.95))
    return contract_frame(
        "feature_usage",
        len(account),
        account_id=take(names.account, account),
        feature=pick(features, feature),
        month=world.starts[when],
        entitled_users=seats,
        active_users=active,
        adopting_users=adopting,
    )


def milestone_days(world: World, accounts: Accounts, history: History) -> dict[str, Array]:
    """Day of each first milestone by kind, empty where it was not reached (yet). Onboarded accounts are quicker.

    Login, activation and first value follow one another. Nobody stays for years without them: a few take far longer.
    """
    rng = world.rng("milestones")
    count, slow = len(accounts), np.array([0.8, 1.0, 1.35])[accounts.segment]
    plays = [play.id for play in world.model.account_plays]
    onboarded = history.play_from[plays.index("onboarding_path")].any(axis=1)
    pace = slow * np.where(onboarded, 0.72, 1.0)
    end = first_end(world, accounts, history)
    days: dict[str, Array] = {"contract": accounts.start}
    for kind, before, median, spread, share in STEPS:
        soonest = days[before] + MINIMUM_GAP if before else accounts.start + 1
        took = median * pace * np.exp(rng.normal(0, spread, count)) * np.where(rng.random(count) < share, 1.0, SLOW)
        day = world.until_today(np.maximum(accounts.start + np.rint(took).astype(np.int64), soonest))
        days[kind] = np.where(np.isnat(end) | (day < end), day, NEVER)
    return days


def milestones_table(
    world: World,
    accounts: Accounts,
    history: History,
    signals: Signals,
    renewals: Renewals,
    days: dict[str, Array],
    names: Names,
) -> pd.DataFrame:
    """The table `milestones`."""
    everyone = np.arange(len(accounts))
    opened = renewals.due - 90
    visible = (opened <= world.as_of) & (opened > accounts.start[renewals.account])
    low = signals.satisfaction < -0.9
    turned = history.active.copy()
    turned[:, 1:] &= low[:, 1:] & ~low[:, :-1] & history.active[:, :-1]
    turned[:, : world.first] = False
    who, when = np.nonzero(turned)
    kinds = [*days, "renewal_window", "health_change"]
    account = np.concatenate([*[everyone] * len(days), renewals.account[visible], who])
    kind = np.repeat(np.arange(len(kinds)), [*[len(accounts)] * len(days), int(visible.sum()), len(who)])
    reached = np.concatenate([*days.values(), opened[visible], world.day(when, np.array(15))])
    known = ~np.isnat(reached)
    account, kind, reached = account[known], kind[known], reached[known]
    order = np.lexsort((kind, reached, account))
    return contract_frame(
        "milestones",
        len(order),
        account_id=take(names.account, account[order]),
        kind=pick(kinds, kind[order]),
        reached_on=reached[order],
    )
