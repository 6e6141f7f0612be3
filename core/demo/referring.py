"""Who referred whom, how far each referral came, and what the referrer was told."""

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
from core.demo.people import stranger_ids
from core.demo.world import NEVER, Array, World


@dataclass(frozen=True)
class Leads:
    """Referred companies, one cell each, in order of submission.

    Attributes:
        deal: Position of the deal that came of it; -1 for none.
        submitted: Day it was handed in.
        ask: Position of the ask that led to it; -1 for none.
        contact: Position of the contact who referred.
        step: Position in the model's running referrals; -1 for one whose course is drawn.
    """

    deal: Array
    submitted: Array
    ask: Array
    contact: Array
    step: Array


SETTLED_DAYS = 20
"""Age from which a referral that brought no deal is decided; younger ones are the model's running referrals."""


def working_day(world: World, before: Array) -> Array:
    """The day as many working days before the last working day of the window."""
    days: Array = np.busday_offset(world.as_of, -np.asarray(before), roll="backward")
    return days


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
    """Referrals behind the referred deals, half as many again that came to nothing, and those running at the end.

    Most are laid to a referral ask completed in the 75 days before; the others to somebody who advocated before, else
    to any contact there at the time.
    """
    rng, asks = world.rng("referrals"), history.asks
    channel = np.array([line.channel == "referral" for line in world.model.acquisition])
    deal = np.flatnonzero(channel[deals.line])
    submitted = deals.created[deal] - rng.integers(1, 13, len(deal))
    extra = rng.choice(len(deal), len(deal) // 2) if len(deal) else np.zeros(0, dtype=np.int64)
    nothing = submitted[extra] + rng.integers(0, 20, len(extra))
    nothing = nothing[nothing < world.as_of - SETTLED_DAYS]
    step = np.tile(np.arange(len(world.model.running_referral)), world.handful)
    ahead = np.array([item.submitted for item in world.model.running_referral])[step]
    days = np.r_[submitted, nothing, working_day(world, ahead)]
    deal = np.r_[deal, np.full(len(nothing) + len(step), -1)]
    step = np.r_[np.full(len(days) - len(step), -1), step]
    order = np.argsort(days, kind="stable")
    deal, days, step = deal[order], days[order], step[order]
    rows, acts = completed(world, asks, "referral"), completed(world, asks, None)
    ask = np.where(rng.random(len(days)) < 0.85, lookup(rows, recent(asks.completed[rows], days, 75, rng)), -1)
    act = lookup(acts, recent(asks.completed[acts], days, 540, rng))
    contact = np.where(ask >= 0, lookup(asks.contact, ask), lookup(asks.contact, act))
    contact = np.where(contact >= 0, contact, anybody(world, accounts, contacts, history, days, rng))
    return Leads(deal, days, ask, contact, step)


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


def told_days(world: World, deals: Deals, leads: Leads, asks: int) -> Array:
    """Day on which the referrer was told what became of the referral, empty where nobody was told, by ask."""
    rng, count = world.rng("told"), len(leads.deal)
    became = leads.deal >= 0
    closed, created = deals.closed[leads.deal], deals.created[leads.deal]
    reached = np.where(became, np.where(closed <= world.as_of, closed, created), leads.submitted + SETTLED_DAYS)
    told = world.until_today(reached + rng.integers(1, 14, count))
    said = (leads.ask >= 0) & (leads.step < 0) & (rng.random(count) < 0.7)
    days = np.full(asks, NEVER)
    days[leads.ask[said]] = told[said]
    return days


@dataclass(frozen=True)
class _Course:
    """When each referral was submitted, contacted, accepted (instants, or empty), and whether it was rejected."""

    submitted: Array
    contacted: Array
    qualified: Array
    rejected: Array


def _course(world: World, leads: Leads, rng: np.random.Generator) -> _Course:
    count, became, never = len(leads.deal), leads.deal >= 0, np.datetime64("NaT", "s")
    submitted = instants(leads.submitted, rng.integers(7 * 60, 18 * 60, count))
    reply = (np.exp(rng.normal(np.log(14 * 60), 0.9, count)) * 60).astype("timedelta64[s]")
    today = world.as_of.astype("datetime64[s]") + np.timedelta64(24 * 3600 - 1, "s")
    forgotten = ~became & (rng.random(count) < 0.08) & (leads.submitted < world.as_of - 200)
    contacted = np.where((submitted + reply <= today) & ~forgotten, submitted + reply, never)
    accepted = submitted + reply + (rng.random(count) * 8 * 86400).astype("timedelta64[s]")
    qualified = np.where(became & (accepted <= today), accepted, never)
    return _running(world, leads, _Course(submitted, contacted, qualified, ~became & ~forgotten & (leads.step < 0)))


def _running(world: World, leads: Leads, course: _Course) -> _Course:
    """The same, with the running referrals where the model says they are: each act an hour after the one before."""
    entries, runs = world.model.running_referral, leads.step >= 0
    if not runs.any():
        return course
    hour = np.array([item.hour for item in entries])[leads.step]

    def at(days: list[int | None], later: int) -> Array:
        back = np.array([-1 if day is None else day for day in days])[leads.step]
        moment = instants(working_day(world, np.maximum(back, 0)), (hour + later) * 60)
        return np.where(back >= 0, moment, np.datetime64("NaT", "s"))

    return _Course(
        np.where(runs, at([item.submitted for item in entries], 0), course.submitted),
        np.where(runs, at([item.contacted for item in entries], 1), course.contacted),
        np.where(runs, at([item.accepted for item in entries], 2), course.qualified),
        course.rejected,
    )


def referrals_table(world: World, contacts: Contacts, leads: Leads, names: Names) -> pd.DataFrame:
    """The table `referrals`; a company goes by its name, by its person where no deal came of it, or by its account."""
    rng, count = world.rng("leads"), len(leads.deal)
    course = _course(world, leads, rng)
    became = leads.deal >= 0
    own = np.r_[[item.own_company for item in world.model.running_referral], False][leads.step]
    stranger = stranger_ids(names, np.where(became, -1, np.cumsum(~became) - 1))
    prospect = pc.if_else(pa.array(became), take(names.buyer, leads.deal), stranger)
    home = take(names.account, contacts.account[leads.contact])
    reasons = ["too small", "no need", "already known", "no reply"]
    return contract_frame(
        "referrals",
        count,
        referral_id=ids("F", np.arange(1, count + 1), 6),
        contact_id=take(names.contact, leads.contact),
        ask_id=ids("K", np.where(leads.ask >= 0, leads.ask + 1, -1), 6),
        referral_code=blank(join("VIA-", take(names.contact, leads.contact)), rng.random(count) < 0.25),
        prospect_id=pc.if_else(pa.array(own), home, prospect),
        submitted_at=course.submitted,
        first_contact_at=course.contacted,
        qualified_at=course.qualified,
        opportunity_id=take(names.deal, leads.deal),
        rejected_reason=pick(reasons, np.where(course.rejected, rng.integers(0, 4, count), -1)),
    )
