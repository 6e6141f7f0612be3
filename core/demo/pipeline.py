"""Opportunities of all kinds, the stages they went through, and what was booked."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.demo.contracts import Renewals
from core.demo.customers import Accounts
from core.demo.deals import STAGES, Deals
from core.demo.frames import Text, contract_frame, ids, join, pick, take
from core.demo.life import History
from core.demo.names import Names
from core.demo.references import Helped
from core.demo.world import NEVER, Array, World


def opportunities_table(
    world: World,
    accounts: Accounts,
    deals: Deals,
    helped: Helped,
    history: History,
    renewals: Renewals,
    names: Names,
) -> pd.DataFrame:
    """The table `opportunities`: new business, expansions, renewals."""
    parts = [
        _new(world, accounts, deals, helped, names),
        _expansions(world, accounts, history, names),
        _renewals(world, accounts, renewals, names),
    ]
    return pd.concat(parts, ignore_index=True)


def _new(world: World, accounts: Accounts, deals: Deals, helped: Helped, names: Names) -> pd.DataFrame:
    rng, count = world.rng("sellers"), len(deals)
    account = np.full(count, -1)
    won = accounts.deal >= 0
    account[accounts.deal[won]] = np.flatnonzero(won)
    closed = world.until_today(deals.closed)
    required = np.isin(np.arange(count), helped.deal)
    ended = ~np.isnat(closed)
    return contract_frame(
        "opportunities",
        count,
        opportunity_id=names.deal,
        account_id=take(names.account, account),
        name=join(names.buyer, ", new business"),
        kind="new",
        source=pick([line.channel for line in world.model.acquisition], deals.line),
        amount_cents=deals.amount,
        created_on=deals.created,
        closed_on=closed,
        outcome=pick(["open", "lost", "won"], np.where(ended, 1 + deals.won, 0)),
        reference_required=required,
        owner_id=pick(world.model.words.sellers, rng.integers(0, 6, count)),
        currency=world.model.currency,
        **_buyer(world, deals.segment, deals.industry, deals.region),
    )


def _buyer(world: World, segment: Array, industry: Array, region: Array) -> dict[str, Text]:
    return {
        "segment": pick([s.name for s in world.model.segment], segment),
        "industry": pick([i.name for i in world.model.industry], industry),
        "region": pick([r.name for r in world.model.region], region),
    }


def growth_of(world: World, history: History) -> Array:
    """MRR gained by more seats or an add-on in each month of the window, in cents; price changes alone are none.

    Returns:
        [account, month] over all simulated months.
    """
    mrr, seats = history.mrr.sum(axis=0), history.seats
    gain = np.zeros_like(mrr)
    stays = history.active[:, 1:] & history.active[:, :-1]
    bought = (seats[:, 1:] > seats[:, :-1]) | ((history.mrr[1:, :, 1:] > 0) & (history.mrr[1:, :, :-1] == 0)).any(
        axis=0
    )
    gain[:, 1:] = np.where(stays & bought, np.maximum(mrr[:, 1:] - mrr[:, :-1], 0), 0)
    gain[:, : world.first] = 0
    grown: Array = gain
    return grown


def bookings_of(world: World, accounts: Accounts, deals: Deals, history: History) -> Array:
    """First-year amounts won, in cents, dated at the close, by account and month."""
    booked = 12 * growth_of(world, history)
    won = np.flatnonzero(accounts.deal >= 0)
    month = world.month_of(deals.closed[accounts.deal[won]])
    booked[won, month] += deals.amount[accounts.deal[won]]
    return booked


def _chances(
    world: World, accounts: Accounts, history: History, rng: np.random.Generator
) -> tuple[Array, Array, Array, Array, Array]:
    """Expansions that came about, and about half as many again that did not: account, created, closed, amount, won."""
    gain = growth_of(world, history)
    account, month = np.nonzero(gain)
    lost = rng.random(len(account)) < 0.55
    who = np.r_[account, account[lost]]
    closed = np.r_[
        world.day(month, accounts.bill_day[account]), world.begin + rng.integers(0, 30 * world.months, int(lost.sum()))
    ]
    amount = 12 * np.r_[gain[account, month], gain[account, month][lost]]
    won = np.arange(len(who)) < len(account)
    created = closed - rng.integers(12, 75, len(who))
    alive = (created > accounts.start[who]) & (created <= world.as_of)
    alive |= won
    created = np.where(won, np.maximum(created, accounts.start[who]), created)
    active = history.active[who, np.clip(world.month_of(created), 0, world.total - 1)]
    keep = alive & (won | active)
    who, closed, amount, created, won = who[keep], closed[keep], amount[keep], created[keep], won[keep]
    order = np.argsort(created, kind="stable")
    return who[order], created[order], world.until_today(closed)[order], amount[order], won[order]


def _expansions(world: World, accounts: Accounts, history: History, names: Names) -> pd.DataFrame:
    rng = world.rng("expansions")
    who, created, closed, amount, won = _chances(world, accounts, history, rng)
    return contract_frame(
        "opportunities",
        len(who),
        opportunity_id=ids("OX", np.arange(1, len(who) + 1), 6),
        account_id=take(names.account, who),
        name=join(take(names.company, who), ", expansion"),
        kind="expansion",
        trigger=pick(["seats used up", "new site", "add-on tried"], rng.integers(-1, 3, len(who))),
        amount_cents=amount,
        created_on=created,
        closed_on=closed,
        outcome=pick(["open", "lost", "won"], np.where(np.isnat(closed), 0, 1 + won)),
        owner_id=pick(world.model.words.sellers, rng.integers(0, 6, len(who))),
        currency=world.model.currency,
        **_buyer(world, accounts.segment[who], accounts.industry[who], accounts.region[who]),
    )


def _renewals(world: World, accounts: Accounts, renewals: Renewals, names: Names) -> pd.DataFrame:
    opened = renewals.due - 90
    rows = np.flatnonzero(opened <= world.as_of)
    who, closed = renewals.account[rows], renewals.closed[rows]
    numbers = ids("OR", np.arange(1, len(renewals.due) + 1), 6)
    outcome = np.where(np.isnat(closed), 0, 1 + (renewals.after[rows] > 0))
    return contract_frame(
        "opportunities",
        len(rows),
        opportunity_id=take(numbers, rows),
        account_id=take(names.account, who),
        name=join(take(names.company, who), ", renewal"),
        kind="renewal",
        amount_cents=12 * renewals.before[rows],
        created_on=opened[rows],
        closed_on=np.where(np.isnat(closed), NEVER, np.maximum(closed, opened[rows])),
        outcome=pick(["open", "lost", "won"], outcome),
        owner_id=pick(world.model.words.managers, np.arange(len(rows)) % 5),
        currency=world.model.currency,
        **_buyer(world, accounts.segment[who], accounts.industry[who], accounts.region[who]),
    )


def stages_table(world: World, deals: Deals, names: Names) -> pd.DataFrame:
    """The table `stage_history` of new-business deals; those never proposed end in discovery."""
    rng, count = world.rng("stages"), len(deals)
    days = (deals.closed - deals.created).astype(np.int64)
    proposed = ~np.isnat(deals.proposal)
    wait = np.where(proposed, (deals.proposal - deals.created).astype(np.int64), np.rint(days * 0.7).astype(np.int64))
    discovery = deals.created + np.floor(wait * (0.3 + 0.3 * rng.random(count))).astype(np.int64)
    left = days - wait
    talks = deals.proposal + np.floor(left * (0.3 + 0.4 * rng.random(count))).astype(np.int64)
    reached = np.stack([deals.created, discovery, deals.proposal, talks])
    stage, deal = np.nonzero(~np.isnat(reached) & (reached <= world.as_of))
    entered = reached[stage, deal]
    order = np.lexsort((stage, deal))
    return contract_frame(
        "stage_history",
        len(order),
        opportunity_id=take(names.deal, deal[order]),
        stage=pick(STAGES, stage[order]),
        entered_on=entered[order],
    )
