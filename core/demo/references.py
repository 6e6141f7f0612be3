"""References that sales wanted for deals: who gave one, and which requests still wait."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.demo.customers import Accounts, Contacts
from core.demo.deals import Deals
from core.demo.frames import Text, contract_frame, ids, pick, take
from core.demo.life import History
from core.demo.names import Names
from core.demo.referring import anybody, completed, lookup, recent
from core.demo.world import Array, World

STATES = ("open", "matched", "done", "withdrawn", "missed")
PENDING_DAYS = 14


@dataclass(frozen=True)
class Helped:
    """References behind deals, one cell each for the deals of the proposal stage that wanted one.

    Attributes:
        deal: Position of the deal; `given` whether a reference took place.
        day: Day of the reference, or the day it was asked for.
        contact: Contact who gave it, or was asked for a request that still waits; -1 for none.
        ask: The ask it was: completed where given, unanswered where it still waits; -1 where none is on record.
        wait: Position in the model's waiting requests; -1 for a request that is closed.
    """

    deal: Array
    given: Array
    day: Array
    contact: Array
    ask: Array
    wait: Array


def draw_helped(world: World, deals: Deals, accounts: Accounts, contacts: Contacts, history: History) -> Helped:
    """Lay each reference that was given to a reference ask completed shortly before, each ask to one deal.

    Of the deals still open the largest wait for a reference, as many as the model says.
    """
    rng, asks = world.rng("references"), history.asks
    visible = ~np.isnat(deals.proposal) & (deals.proposal <= world.as_of)
    running = visible & (deals.closed > world.as_of) & ~deals.reference
    waiting = _waiting(world, deals, running)
    wanted = visible & (deals.reference | ((rng.random(len(deals)) < 0.3) & ~running) | (waiting >= 0))
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
    contact = np.where(given, np.where(ask >= 0, lookup(asks.contact, ask), known), -1)
    pending = _pending(world, contacts, history, waiting[deal])
    ask, contact = np.where(pending >= 0, pending, ask), np.where(pending >= 0, lookup(asks.contact, pending), contact)
    return Helped(deal, given, day, contact, ask, waiting[deal])


def _waiting(world: World, deals: Deals, running: Array) -> Array:
    """Position in the model's waiting requests of each of the largest running deals; -1 for all others, by deal."""
    entries = len(world.model.waiting_request)
    rows = np.flatnonzero(running)
    largest = rows[np.argsort(-deals.amount[rows], kind="stable")][: entries * world.handful]
    place = np.full(len(deals), -1)
    place[largest] = np.arange(len(largest)) % entries
    return place


def _pending(world: World, contacts: Contacts, history: History, wait: Array) -> Array:
    """An unanswered reference ask of the last days for each waiting request whose person was asked; else -1."""
    asks, kinds = history.asks, [item.id for item in world.model.activity]
    there = history.active[contacts.account, -1] & np.isnat(contacts.left)
    fits = (asks.activity == kinds.index("reference")) & (asks.response < 0) & asks.delivered
    fits &= there[asks.contact] & (asks.asked > world.as_of - PENDING_DAYS)
    rows = np.flatnonzero(fits)
    slots = np.flatnonzero(np.r_[[item.asked for item in world.model.waiting_request], False][wait])[: len(rows)]
    found = np.full(len(wait), -1)
    found[slots] = rows[: len(slots)]
    return found


def requests_table(world: World, deals: Deals, helped: Helped, names: Names) -> pd.DataFrame:
    """The table `reference_requests`: what sales wanted, and whether it came in time."""
    rng, count = world.rng("requests"), len(helped.deal)
    closed = helped.day + np.where(rng.random(count) < 0.8, rng.integers(2, 18, count), -rng.integers(1, 5, count))
    due = np.array([item.due_in_days for item in world.model.waiting_request])[helped.wait]
    live = helped.wait >= 0
    over = np.where(helped.given, 2, np.where(rng.random(count) < 0.3, 3, 4))
    state = np.where(live, np.where(helped.ask >= 0, 1, 0), over)
    return contract_frame(
        "reference_requests",
        count,
        request_id=ids("Q", np.arange(1, count + 1), 6),
        opportunity_id=take(names.deal, helped.deal),
        **_wanted(world, deals, helped, rng),
        needed_by=np.where(live, world.as_of + due, closed),
        state=pick(STATES, state),
        contact_id=take(names.contact, np.where((state == 1) | (state == 2), helped.contact, -1)),
        proof=pick(["call held"], np.where(state == 2, 0, -1)),
    )


def _wanted(world: World, deals: Deals, helped: Helped, rng: np.random.Generator) -> dict[str, Text]:
    """What the reference should have in common with the buyer; a rare wish stands alone, so that nobody meets it."""
    model, count, deal = world.model, len(helped.deal), helped.deal
    rare = np.r_[[item.rare for item in model.waiting_request], False][helped.wait]
    said = (rng.random((4, count)) < 0.8) & ~rare
    persona = rng.integers(-4, len(model.words.personas), count)
    use_cases = [*(item.use_case for item in model.industry), model.words.rare_use_case]
    use_case = np.where(rare, len(model.industry), np.where(said[3], deals.industry[deal], -1))
    return {
        "wanted_industry": pick([i.name for i in model.industry], np.where(said[0], deals.industry[deal], -1)),
        "wanted_size": pick([s.name for s in model.segment], np.where(said[1], deals.segment[deal], -1)),
        "wanted_region": pick([r.name for r in model.region], np.where(said[2], deals.region[deal], -1)),
        "wanted_use_case": pick(use_cases, use_case),
        "wanted_persona": pick(model.words.personas, np.where(rare, 0, persona)),
    }
