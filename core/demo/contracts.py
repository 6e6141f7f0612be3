"""What customers pay: subscriptions, renewals, and finance's totals of the same."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from core.demo.customers import Accounts
from core.demo.frames import Text, blank, contract_frame, ids, join, optional_int, pick, take
from core.demo.life import History, leave_probability
from core.demo.names import Names
from core.demo.world import NEVER, Array, World


@dataclass(frozen=True)
class Renewals:
    """Yearly renewals due in the window or within a year after it, one cell each, by due day.

    Attributes:
        account: Position of the account.
        due: Day it falls due; `closed` the day it was decided, or empty.
        before, after: MRR in cents; `after` counts only where decided.
        leaving: Whether notice was given for a day that still lies ahead.
    """

    account: Array
    due: Array
    closed: Array
    before: Array
    after: Array
    leaving: Array


def list_renewals(world: World, accounts: Accounts, history: History) -> Renewals:
    """Find every yearly renewal and when it was decided."""
    rng = world.rng("renewals")
    total = history.mrr.sum(axis=0)
    account, month = np.nonzero(history.renewal[:, world.first :])
    month = month + world.first
    kept = history.active[account, month]
    due = world.day(month, accounts.bill_day[account])
    late = rng.random(len(account)) < 0.06
    delay = np.where(kept & late, rng.integers(3, 26, len(account)), -rng.integers(0, 45, len(account)))
    current = np.flatnonzero(history.active[:, -1] & ~accounts.monthly)
    ahead = world.total - (world.total - history.contract_month[current]) % 12
    ahead = np.where(ahead < world.total, ahead + 12, ahead)
    ahead_due = world.day(ahead, accounts.bill_day[current])
    risk = leave_probability(history.churn_logit[current, -1], accounts.monthly[current])
    near = (ahead_due - world.as_of).astype(np.int64) <= 95
    leaving = near & (rng.random(len(current)) < 0.6 * risk)
    renewals = Renewals(
        np.r_[account, current],
        np.r_[due, ahead_due],
        np.r_[world.until_today(due + delay), np.full(len(current), NEVER)],
        np.r_[total[account, month - 1], total[current, -1]],
        np.r_[np.where(kept, total[account, month], 0), np.zeros(len(current), dtype=np.int64)],
        np.r_[np.zeros(len(account), dtype=bool), leaving],
    )
    order = np.argsort(renewals.due, kind="stable")
    return Renewals(**{name: values[order] for name, values in vars(renewals).items()})


def renewals_table(
    world: World, accounts: Accounts, history: History, renewals: Renewals, names: Names
) -> pd.DataFrame:
    """The table `renewals`."""
    rng, count = world.rng("intent"), len(renewals.account)
    decided = ~np.isnat(renewals.closed)
    stays = np.where(decided, renewals.after > 0, ~renewals.leaving)
    intent = np.clip(np.rint(np.where(stays, 4.1, 2.2) + rng.normal(0, 0.9, count)), 1, 5).astype(np.int64)
    asked_on = renewals.due - rng.integers(50, 170, count)
    asked_on = np.where(decided & (asked_on > renewals.closed), renewals.closed, asked_on)
    asked = (asked_on <= world.as_of) & (rng.random(count) < 0.85) & (asked_on > accounts.start[renewals.account])
    stay = history.generation[renewals.account, -1]
    return contract_frame(
        "renewals",
        count,
        renewal_id=ids("R", np.arange(1, count + 1), 6),
        account_id=take(names.account, renewals.account),
        subscription_id=blank(subscription_ids(names, renewals.account, np.zeros(count, int), stay), stay > 0),
        opportunity_id=ids("OR", np.arange(1, count + 1), 6).take(_opened(world, renewals)),
        due_on=renewals.due,
        mrr_due_cents=renewals.before,
        mrr_renewed_cents=optional_int(renewals.after, decided),
        currency=world.model.currency,
        closed_on=renewals.closed,
        stated_intent=optional_int(intent, asked),
        intent_on=np.where(asked, asked_on, NEVER),
        intent_by=pick(["customer"], np.where(asked, 0, -1)),
    )


def _opened(world: World, renewals: Renewals) -> Text:
    """Positions of the renewals sales already works on: 90 days before they are due."""
    opened = renewals.due - 90 <= world.as_of
    return pa.array(np.arange(len(opened)), mask=~opened)


def subscription_ids(names: Names, account: Array, product: Array, stay: Array) -> Text:
    """Ids such as `S-A-00042-B1`: account, product, number of the stay."""
    letter = pick(["B", "F", "I"], product)
    return join("S-", take(names.account, account), "-", letter, pick(["1", "2", "3", "4", "5"], stay.astype(np.int64)))


def subscriptions_table(
    world: World, accounts: Accounts, history: History, renewals: Renewals, names: Names
) -> pd.DataFrame:
    """The table `subscriptions`: one row per period of unchanged terms, and the trials of add-ons."""
    ends = np.full(len(accounts), NEVER)
    ends[renewals.account[renewals.leaving]] = renewals.due[renewals.leaving]
    parts = [_periods(world, accounts, history, product, ends) for product in range(3)]
    parts += [_trials(world, accounts, history, product) for product in (1, 2)]
    rows = pd.concat(parts, ignore_index=True).sort_values(["account", "product", "start"], kind="stable")
    account, product = rows["account"].to_numpy(), rows["product"].to_numpy()
    return contract_frame(
        "subscriptions",
        len(rows),
        subscription_id=subscription_ids(names, account, product, rows["stay"].to_numpy()),
        account_id=take(names.account, account),
        product=pick(world.model.words.products, product),
        quantity=rows["seats"].to_numpy(),
        mrr_cents=rows["mrr"].to_numpy(),
        currency=world.model.currency,
        start_date=rows["start"].to_numpy(),
        end_date=rows["end"].to_numpy(),
        is_trial=rows["trial"].to_numpy(),
    )


def _periods(world: World, accounts: Accounts, history: History, product: int, ends: Array) -> pd.DataFrame:
    mrr, seats, stay = history.mrr[product], history.seats, history.generation
    change = np.ones(mrr.shape, dtype=bool)
    change[:, 1:] = (mrr[:, 1:] != mrr[:, :-1]) | (stay[:, 1:] != stay[:, :-1])
    change[:, 1:] |= (seats[:, 1:] != seats[:, :-1]) & (mrr[:, 1:] > 0)
    account, month = np.nonzero(change)
    day = world.day(month, accounts.bill_day[account])
    begin = month == accounts.start_month[account]
    day = np.where(begin, accounts.start[account], day)
    same = np.r_[account[1:] == account[:-1], False]
    end = np.where(same, np.r_[day[1:], NEVER], ends[account])
    paid = mrr[account, month] > 0
    frame = {"account": account, "product": product, "stay": stay[account, month], "seats": seats[account, month]}
    frame |= {"mrr": mrr[account, month], "start": _us(day), "end": _us(end), "trial": False}
    periods: pd.DataFrame = pd.DataFrame(frame).loc[paid].reset_index(drop=True)
    return periods


def _trials(world: World, accounts: Accounts, history: History, product: int) -> pd.DataFrame:
    """Half of the add-ons are tried for 30 days before they are bought; some are tried and not bought."""
    rng = world.rng(f"trials{product}")
    has = history.mrr[product] > 0
    bought = has[:, 1:] & ~has[:, :-1] & history.active[:, :-1]
    account, before = np.nonzero(bought)
    first = np.r_[True, account[1:] != account[:-1]]
    keep = first & (rng.random(len(account)) < 0.5)
    account, month = account[keep], before[keep] + 1
    none = np.flatnonzero(history.active[:, -1] & ~has.any(axis=1) & (accounts.start_month < world.total - 4))
    none = none[rng.random(len(none)) < 0.08]
    when = np.r_[month, np.full(len(none), world.total - 1)]
    who = np.r_[account, none]
    end = world.day(when, accounts.bill_day[who])
    start = end - 30
    fits = start > accounts.start[who]
    share = world.model.growth.attach_share[product - 1]
    price = np.rint(history.mrr[0][who, when - 1] * share).astype(np.int64)
    frame = {"account": who, "product": product, "stay": history.generation[who, when], "mrr": price}
    frame |= {"seats": history.seats[who, when - 1], "start": _us(start), "end": _us(end), "trial": True}
    trials: pd.DataFrame = pd.DataFrame(frame).loc[fits].reset_index(drop=True)
    return trials


def _us(days: Array) -> Array:
    return days.astype("datetime64[us]")
