"""The advocacy programme's records: asks, assets, enrolments, rewards."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from core.demo.asking import RESPONSES, Asks
from core.demo.customers import Contacts
from core.demo.frames import Text, contract_frame, ids, optional_int, pick, take
from core.demo.life import History
from core.demo.names import Names
from core.demo.references import Helped
from core.demo.world import NEVER, Array, World

PLANNED_STATES = ("proposed", "accepted", "deferred", "never")


@dataclass(frozen=True)
class Assets:
    """What completed asks left behind, one cell each, in order of the asks.

    Attributes:
        ask: Position of the ask; `published` the day it appeared, or empty.
        of_ask: Position of the asset of each ask; -1 for none. [ask]
    """

    ask: Array
    published: Array
    of_ask: Array


def draw_assets(world: World, asks: Asks) -> Assets:
    """One asset for each completed ask of a kind that leaves one."""
    rng = world.rng("assets")
    leaves = np.array([item.asset is not None for item in world.model.activity])
    rows = np.flatnonzero(~np.isnat(asks.completed) & leaves[asks.activity])
    published = world.until_today(asks.completed[rows] + rng.integers(0, 25, len(rows)))
    of_ask = np.full(len(asks.contact), -1)
    of_ask[rows] = np.arange(len(rows))
    return Assets(rows, published, of_ask)


def assets_table(world: World, asks: Asks, assets: Assets, contacts: Contacts, names: Names) -> pd.DataFrame:
    """The table `assets`."""
    rng, count = world.rng("asset uses"), len(assets.ask)
    contact = asks.contact[assets.ask]
    uses = ["name,quote", "name,logo,quote", "quote", "name,logo"]
    numbers = ids("M", np.arange(1, count + 1), 6)
    return contract_frame(
        "assets",
        count,
        asset_id=numbers,
        kind=pick([item.asset for item in world.model.activity], asks.activity[assets.ask]),
        account_id=take(names.account, contacts.account[contact]),
        contact_id=take(names.contact, contact),
        link=_links(numbers),
        permitted_uses=pick(uses, rng.integers(0, 4, count)),
        expires_on=np.where(rng.random(count) < 0.35, asks.completed[assets.ask] + 730, NEVER),
        published_on=assets.published,
    )


def _links(numbers: Text) -> Text:
    return pc.binary_join_element_wise("https://stories.example/", pc.utf8_lower(numbers), "")


def asks_table(
    world: World, history: History, assets: Assets, helped: Helped, told: Array, contacts: Contacts, names: Names
) -> pd.DataFrame:
    """The table `asks`: those sent, then a round of planned ones. Part of what was done was never used or thanked."""
    sent = _sent_asks(world, history.asks, assets, helped, told, names)
    planned = _planned_asks(world, history, contacts, names, len(sent))
    return pd.concat([sent, planned], ignore_index=True)


def _sent_asks(world: World, asks: Asks, assets: Assets, helped: Helped, told: Array, names: Names) -> pd.DataFrame:
    rng, count = world.rng("asks sent"), len(asks.contact)
    deal = np.full(count, -1)
    linked = helped.ask >= 0
    deal[helped.ask[linked]] = helped.deal[linked]
    done = ~np.isnat(asks.completed)
    kinds = [item.id for item in world.model.activity]
    play = np.select([asks.activity == kinds.index("reference"), asks.activity < 2], [1, 0], -1)
    triggers = ["first_value", "activation", "health_change", "go_live"]
    reach = np.rint(np.exp(rng.normal(6, 0.9, count))).astype(np.int64)
    return contract_frame(
        "asks",
        count,
        ask_id=ids("K", np.arange(1, count + 1), 6),
        contact_id=take(names.contact, asks.contact),
        activity=pick(kinds, asks.activity),
        play=pick(["customer_community", "reference_programme"], play),
        trigger=pick(triggers, np.where(rng.random(count) < 0.6, rng.integers(0, 4, count), -1)),
        state="sent",
        asked_on=asks.asked,
        delivered=asks.delivered,
        asked_by=pick(world.model.words.managers, rng.integers(0, 5, count)),
        responded_on=asks.responded,
        response=pick(RESPONSES, asks.response),
        completed_on=asks.completed,
        **_promises(world, asks, deal, told),
        opportunity_id=take(names.deal, deal),
        asset_id=ids("M", np.where(assets.of_ask >= 0, assets.of_ask + 1, -1), 6),
        reach=optional_int(reach, done & (assets.of_ask >= 0)),
    )


def _promises(world: World, asks: Asks, deal: Array, told: Array) -> dict[str, Array]:
    """Days on which what was done was used, thanked for, and its outcome told; each is missing now and then.

    The referrer is told when something became of the referral, on the days of `told`.
    """
    rng, done = world.rng("promises"), ~np.isnat(asks.completed)

    def after(share: float, low: int, high: int) -> Array:
        kept = done & (rng.random(len(done)) < share)
        return np.where(kept, world.until_today(asks.completed + rng.integers(low, high, len(done))), NEVER)

    return {
        "used_on": np.where((deal >= 0) & done, asks.completed, after(0.62, 1, 120)),
        "thanked_on": after(0.78, 1, 15),
        "told_outcome_on": np.where(np.isnat(told), after(0.45, 15, 90), told),
    }


def _planned_asks(world: World, history: History, contacts: Contacts, names: Names, before: int) -> pd.DataFrame:
    rng = world.rng("planned")
    here = history.active[contacts.account, -1] & np.isnat(contacts.left)
    chosen = np.flatnonzero(here & (rng.random(len(here)) < 0.05))
    return contract_frame(
        "asks",
        len(chosen),
        ask_id=ids("K", before + np.arange(1, len(chosen) + 1), 6),
        contact_id=take(names.contact, chosen),
        activity=pick([item.id for item in world.model.activity], rng.integers(0, 4, len(chosen))),
        state=pick(PLANNED_STATES, rng.choice(4, len(chosen), p=[0.55, 0.25, 0.12, 0.08])),
    )


def enrolments_table(world: World, history: History, contacts: Contacts, names: Names) -> pd.DataFrame:
    """The table `enrolments`: people join around their first completed act; a tenth of them never did one."""
    rng, asks, count = world.rng("enrolments"), history.asks, len(contacts)
    acts = np.bincount(asks.contact[~np.isnat(asks.completed)], minlength=count)
    first = np.full(count, np.datetime64("2200-01-01", "D"))
    np.minimum.at(first, asks.contact, np.where(np.isnat(asks.completed), first[0], asks.completed))
    early = np.maximum(first - rng.integers(0, 20, count), contacts.joined)
    asked = np.full(count, np.datetime64("2200-01-01", "D"))
    np.minimum.at(asked, asks.contact, asks.asked)
    idle = (acts == 0) & (asked <= world.as_of) & (rng.random(count) < 0.2)
    enrolled = np.where(acts > 0, early, np.where(idle, asked, NEVER))
    rows = np.flatnonzero(~np.isnat(enrolled))
    tier = np.select([acts >= 6, acts >= 4, acts >= 2], [0, 1, 2], 3)[rows]
    quits = (rng.random(len(rows)) < 0.06) & (enrolled[rows] < world.as_of - 200)
    left = np.where(quits, enrolled[rows] + 180, contacts.left[rows])
    return contract_frame(
        "enrolments",
        len(rows),
        contact_id=take(names.contact, rows),
        enrolled_on=enrolled[rows],
        left_on=np.where(left > enrolled[rows], left, NEVER),
        tier=pick(["vip", "gold", "silver", "community"], tier),
    )


def rewards_table(world: World, asks: Asks, names: Names) -> pd.DataFrame:
    """The table `rewards`: something for most referrals and a third of other acts."""
    rng = world.rng("rewards")
    kinds = [item.id for item in world.model.activity]
    done = ~np.isnat(asks.completed)
    chance = np.where(asks.activity == kinds.index("referral"), 0.75, 0.3)
    rows = np.flatnonzero(done & (rng.random(len(done)) < chance))
    rows = rows[np.argsort(asks.completed[rows], kind="stable")]
    referral = asks.activity[rows] == kinds.index("referral")
    value = np.where(referral, 25_000, rng.choice([2_500, 5_000, 7_500], len(rows)))
    fresh = asks.completed[rows] > world.as_of - 30
    return contract_frame(
        "rewards",
        len(rows),
        reward_id=ids("W", np.arange(1, len(rows) + 1), 6),
        contact_id=take(names.contact, asks.contact[rows]),
        ask_id=ids("K", rows + 1, 6),
        kind=pick(["donation", "gift", "credit"], np.where(referral, 2, rng.integers(0, 2, len(rows)))),
        value_cents=value,
        currency=world.model.currency,
        granted_on=asks.completed[rows],
        status=pick(["promised", "sent", "declined"], np.where(fresh, 0, np.where(rng.random(len(rows)) < 0.92, 1, 2))),
    )
