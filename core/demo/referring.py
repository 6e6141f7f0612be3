"""Who referred whom, and which customer helped which deal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.demo.asking import Asks
from core.demo.customers import Accounts, Contacts
from core.demo.deals import Deals
from core.demo.frames import blank, contract_frame, ids, instants, join, pick, take
from core.demo.life import History
from core.demo.names import Names
from core.demo.world import Array, World


@dataclass(frozen=True)
class Leads:
    """Referred companies, one cell each, in order of submission.

    Attributes:
        deal: Position of the deal that came of it; -1 for none.
        submitted: Day it was handed in.
        ask: Position of the ask that led to it; -1 for none.
        contact: Position of the contact who referred.
    """

    deal: Array
    submitted: Array
    ask: Array
    contact: Array


def recent(days: Array, targets: Array, within: int, rng: np.random.Generator) -> Array:
    """Position of one of the sorted `days` at most `within` days before each target, at random; -1 for none."""
    low = np.searchsorted(days, targets - within)
    high = np.searchsorted(days, targets, side="right")
    drawn = low + np.floor(rng.random(len(targets)) * (high - low)).astype(np.int64)
    return np.where(high > low, drawn, -1)


def lookup(values: Array, index: Array) -> Array:
    """The value at each position; -1 for a negative position."""
    return np.where(index >= 0, np.r_[values, -1][index], -1)


def completed(world: World, asks: Asks, activity: str | None) -> Array:
    """Positions of completed asks of one activity (or all), by day of completion."""
    kinds = [item.id for item in world.model.activity]
    done = ~np.isnat(asks.completed)
    if activity is not None:
        done &= asks.activity == kinds.index(activity)
    rows = np.flatnonzero(done)
    return rows[np.argsort(asks.completed[rows], kind="stable")]


def draw_leads(world: World, deals: Deals, accounts: Accounts, contacts: Contacts, history: History) -> Leads:
    """Referrals behind the referred deals, and half as many again that came to nothing.

    Most are laid to a referral ask completed in the 75 days before; the others to somebody who advocated before, else
    to any contact there at the time.
    """
    rng, asks = world.rng("referrals"), history.asks
    channel = np.array([line.channel == "referral" for line in world.model.acquisition])
    deal = np.flatnonzero(channel[deals.line])
    submitted = deals.created[deal] - rng.integers(1, 13, len(deal))
    extra = rng.choice(len(deal), len(deal) // 2) if len(deal) else np.zeros(0, dtype=np.int64)
    days = np.r_[submitted, world.until_today(submitted[extra] + rng.integers(0, 20, len(extra)))]
    deal = np.r_[deal, np.full(len(extra), -1)]
    order = np.argsort(days, kind="stable")[: len(days) - int(np.isnat(days).sum())]
    deal, days = deal[order], days[order]
    rows, acts = completed(world, asks, "referral"), completed(world, asks, None)
    ask = np.where(rng.random(len(days)) < 0.85, lookup(rows, recent(asks.completed[rows], days, 75, rng)), -1)
    act = lookup(acts, recent(asks.completed[acts], days, 540, rng))
    contact = np.where(ask >= 0, lookup(asks.contact, ask), lookup(asks.contact, act))
    contact = np.where(contact >= 0, contact, anybody(world, accounts, contacts, history, days, rng))
    return Leads(deal, days, ask, contact)


def anybody(
    world: World, accounts: Accounts, contacts: Contacts, history: History, days: Array, rng: np.random.Generator
) -> Array:
    """A contact of a paying account for each day; the oldest contact where a few tries find nobody."""
    by_day = np.argsort(contacts.joined, kind="stable")
    room = np.maximum(np.searchsorted(contacts.joined[by_day], days), 1)
    chosen = np.full(len(days), int(by_day[0]))
    month = np.clip(world.month_of(days), 0, world.total - 1)
    for _ in range(12):
        drawn = by_day[np.floor(rng.random(len(days)) * room).astype(np.int64)]
        left = contacts.left[drawn]
        fits = (np.isnat(left) | (left > days)) & history.active[contacts.account[drawn], month]
        open_ = chosen == by_day[0]
        chosen = np.where(open_ & fits, drawn, chosen)
    return chosen


def referrers(
    world: World, accounts: Accounts, contacts: Contacts, deals: Deals, leads: Leads, history: History
) -> Array:
    """Contact who referred each account; -1 for accounts won otherwise and for the very first, by account."""
    rng = world.rng("referrers")
    by_deal = np.full(len(deals) + 1, -1)
    by_deal[leads.deal[leads.deal >= 0]] = leads.contact[leads.deal >= 0]
    early = anybody(world, accounts, contacts, history, accounts.start - 40, rng)
    early = np.where(contacts.joined[early] < accounts.start - 40, early, -1)
    referred = accounts.channel == 0
    return np.where(referred, np.where(accounts.deal >= 0, by_deal[accounts.deal], early), -1)


def referrals_table(world: World, leads: Leads, names: Names) -> pd.DataFrame:
    """The table `referrals`."""
    rng, count = world.rng("leads"), len(leads.deal)
    became = leads.deal >= 0
    minutes = rng.integers(7 * 60, 18 * 60, count)
    submitted = instants(leads.submitted, minutes)
    reply = (np.exp(rng.normal(np.log(14 * 60), 0.9, count)) * 60).astype("timedelta64[s]")
    today = world.as_of.astype("datetime64[s]") + np.timedelta64(24 * 3600 - 1, "s")
    never = np.datetime64("NaT", "s")
    contacted = np.where((submitted + reply <= today) & (became | (rng.random(count) < 0.85)), submitted + reply, never)
    accepted = submitted + reply + (rng.random(count) * 8 * 86400).astype("timedelta64[s]")
    qualified = np.where(became & (accepted <= today), accepted, never)
    rejected = ~became & ~np.isnat(contacted) & (leads.submitted < world.as_of - 20)
    reasons = ["too small", "no need", "already known", "no reply"]
    fresh = ids("PX", np.arange(1, count + 1), 6)
    prospect = take(names.prospect, leads.deal)
    return contract_frame(
        "referrals",
        count,
        referral_id=ids("F", np.arange(1, count + 1), 6),
        contact_id=take(names.contact, leads.contact),
        ask_id=ids("K", np.where(leads.ask >= 0, leads.ask + 1, -1), 6),
        referral_code=blank(join("VIA-", take(names.contact, leads.contact)), rng.random(count) < 0.25),
        prospect_id=pc.if_else(pa.array(became), prospect, fresh),
        submitted_at=submitted,
        first_contact_at=contacted,
        qualified_at=qualified,
        opportunity_id=take(names.deal, leads.deal),
        rejected_reason=pick(reasons, np.where(rejected, rng.integers(0, 4, count), -1)),
    )


@dataclass(frozen=True)
class Helped:
    """References behind deals, one cell for each deal of the proposal stage that wanted one.

    Attributes:
        deal: Position of the deal; `given` whether a reference took place.
        day: Day of the reference, or the day it was asked for.
        contact: Contact who gave it; -1 for none.
        ask: Completed ask it was; -1 where none is on record.
    """

    deal: Array
    given: Array
    day: Array
    contact: Array
    ask: Array


def draw_helped(world: World, deals: Deals, accounts: Accounts, contacts: Contacts, history: History) -> Helped:
    """Lay each reference that was given to a reference ask completed shortly before, each ask to one deal."""
    rng, asks = world.rng("references"), history.asks
    visible = ~np.isnat(deals.proposal) & (deals.proposal <= world.as_of)
    wanted = visible & (deals.reference | (rng.random(len(deals)) < 0.3))
    deal = np.flatnonzero(wanted)
    span = (np.minimum(deals.closed[deal], world.as_of) - deals.proposal[deal]).astype(np.int64)
    day = deals.proposal[deal] + np.floor(rng.random(len(deal)) * np.maximum(span, 1)).astype(np.int64)
    given = deals.reference[deal]
    rows = completed(world, asks, "reference")
    ask = np.where(given, lookup(rows, recent(asks.completed[rows], day, 45, rng)), -1)
    first = np.zeros(len(deal), dtype=bool)
    first[np.unique(ask, return_index=True)[1]] = True
    ask = np.where(first, ask, -1)
    ask = np.where((ask >= 0) & (asks.completed[ask] > deals.created[deal]), ask, -1)
    other = anybody(world, accounts, contacts, history, day, rng)
    acts = completed(world, asks, None)
    known = lookup(asks.contact, lookup(acts, recent(asks.completed[acts], day, 540, rng)))
    known = np.where(known >= 0, known, other)
    return Helped(deal, given, day, np.where(given, np.where(ask >= 0, lookup(asks.contact, ask), known), -1), ask)


def requests_table(world: World, deals: Deals, helped: Helped, names: Names) -> pd.DataFrame:
    """The table `reference_requests`: what sales wanted, and whether it came in time."""
    rng, count = world.rng("requests"), len(helped.deal)
    needed = helped.day + np.where(rng.random(count) < 0.8, rng.integers(2, 18, count), -rng.integers(1, 5, count))
    ended = deals.closed[helped.deal] <= world.as_of
    waiting = ~helped.given & ~ended & (needed > world.as_of)
    other = np.where(rng.random(count) < 0.3, 3, 4)
    state = np.where(helped.given, 2, np.where(waiting, np.where(rng.random(count) < 0.3, 1, 0), other))
    states = ["open", "matched", "done", "withdrawn", "missed"]
    model = world.model
    cell = np.where(rng.random((4, count)) < 0.8, 1, 0)
    return contract_frame(
        "reference_requests",
        count,
        request_id=ids("Q", np.arange(1, count + 1), 6),
        opportunity_id=take(names.deal, helped.deal),
        wanted_industry=pick([i.name for i in model.industry], np.where(cell[0], deals.industry[helped.deal], -1)),
        wanted_size=pick([s.name for s in model.segment], np.where(cell[1], deals.segment[helped.deal], -1)),
        wanted_region=pick([r.name for r in model.region], np.where(cell[2], deals.region[helped.deal], -1)),
        wanted_use_case=pick([i.use_case for i in model.industry], np.where(cell[3], deals.industry[helped.deal], -1)),
        wanted_persona=pick(model.words.personas, rng.integers(-4, len(model.words.personas), count)),
        needed_by=needed,
        state=pick(states, state),
        contact_id=take(names.contact, np.where(state == 2, helped.contact, -1)),
        proof=pick(["call held"], np.where(state == 2, 0, -1)),
    )
