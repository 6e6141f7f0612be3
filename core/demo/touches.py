"""Interactions: the touches behind deals, and what the company gave to and asked of its customers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.demo.customers import CHANNELS, Accounts, Contacts
from core.demo.deals import Deals
from core.demo.frames import contract_frame, ids, instants, pick, take
from core.demo.life import History
from core.demo.names import Names
from core.demo.programme import Assets
from core.demo.voices import active_days, someone
from core.demo.world import NEVER, Array, World

KINDS = (
    "marketing_touch",
    "send",
    "nudge",
    "task",
    "enrolment",
    "review",
    "community",
    "content_view",
    "play_opened",
    "recognition",
    "check_in",
)
DIRECTIONS = ("give", "ask", "neutral")
STARTERS = ("calendar", "product_event", "lifecycle_event", "person")
TOUCH_CHANNELS = (*CHANNELS, "webinar", "email", "in_app", "call", "community")
# kind, share, direction, starter, channel: positions in the lists above
CARE = (
    ("send", 0.27, "give", "lifecycle_event", "email"),
    ("nudge", 0.15, "neutral", "product_event", "in_app"),
    ("task", 0.08, "neutral", "person", "call"),
    ("community", 0.17, "neutral", "person", "community"),
    ("content_view", 0.10, "give", "person", "webinar"),
    ("recognition", 0.06, "give", "person", "email"),
    ("check_in", 0.12, "give", "calendar", "call"),
    ("send", 0.05, "ask", "calendar", "email"),
)


def interactions_table(
    world: World,
    accounts: Accounts,
    contacts: Contacts,
    deals: Deals,
    history: History,
    assets: Assets,
    names: Names,
) -> pd.DataFrame:
    """The table `interactions`, by time. One touch in fifty could not be laid to an account."""
    parts = [
        _before_deals(world, accounts, deals),
        _care(world, accounts, contacts, history),
        _reviews(world, accounts, contacts, history),
        _plays(world, accounts, history),
    ]
    rows = pd.concat([pd.DataFrame(part) for part in parts], ignore_index=True)
    rng = world.rng("minutes")
    rows["minute"] = rng.integers(6 * 60, 20 * 60, len(rows))
    lost = (rows["deal"].to_numpy() < 0) & (rng.random(len(rows)) < 0.02)
    rows.loc[lost, ["account", "contact"]] = -1
    rows["asset"] = _assets_seen(world, rows["kind"].to_numpy(), rows["day"].to_numpy(), assets)
    rows = rows.sort_values(["day", "minute"], kind="stable").reset_index(drop=True)
    return _table(rows, world, names)


def _table(rows: pd.DataFrame, world: World, names: Names) -> pd.DataFrame:
    cells = {name: rows[name].to_numpy() for name in rows.columns}
    planned = cells["planned"].astype("datetime64[D]")
    return contract_frame(
        "interactions",
        len(rows),
        interaction_id=ids("I", np.arange(1, len(rows) + 1), 8),
        account_id=take(names.account, cells["account"]),
        contact_id=take(names.contact, cells["contact"]),
        opportunity_id=take(names.deal, cells["deal"]),
        at=instants(cells["day"].astype("datetime64[D]"), cells["minute"]),
        channel=pick(TOUCH_CHANNELS, cells["channel"]),
        kind=pick(KINDS, cells["kind"]),
        direction=pick(DIRECTIONS, cells["direction"]),
        started_by=pick(STARTERS, cells["starter"]),
        play=pick([line.id for line in world.model.line], cells["play"]),
        planned_on=planned,
        value_stated=_flags(cells["stated"]),
        asset_id=ids("M", np.where(cells["asset"] >= 0, cells["asset"] + 1, -1), 6),
    )


def _flags(codes: Array) -> pd.arrays.BooleanArray:
    return pd.arrays.BooleanArray(codes == 1, codes < 0)


def _touches(count: int, **cells: Array | int) -> dict[str, Array]:
    empty: dict[str, Array | int] = {
        "account": -1,
        "contact": -1,
        "deal": -1,
        "play": -1,
        "stated": -1,
        "planned": np.full(count, NEVER),
    }
    full = {name: np.broadcast_to(value, count) for name, value in (empty | cells).items()}
    return {name: v.astype("datetime64[us]") if v.dtype.kind == "M" else v.astype(np.int64) for name, v in full.items()}


def _before_deals(world: World, accounts: Accounts, deals: Deals) -> dict[str, Array]:
    """Two to about seven touches a deal; the first is nine times in ten by the deal's own channel."""
    rng = world.rng("deal touches")
    counts = 2 + rng.poisson(2.6, len(deals))
    deal = np.repeat(np.arange(len(deals)), counts)
    place = np.arange(len(deal)) - np.repeat(np.cumsum(counts) - counts, counts)
    own = np.array([CHANNELS.index(str(line.channel)) for line in world.model.acquisition])[deals.line[deal]]
    other = rng.choice(9, len(deal), p=[0.07, 0.13, 0.12, 0.10, 0.12, 0.06, 0.12, 0.12, 0.16])
    share = np.where(place == 0, 0.9, 0.25)
    channel = np.where(rng.random(len(deal)) < share, own, other)
    begin = deals.created[deal] - np.where(place == 0, rng.integers(1, 50, len(deal)), 0)
    last = np.minimum(deals.closed[deal], world.as_of)
    span = (last - begin).astype(np.int64)
    day = np.where(place == 0, begin, begin + np.floor(rng.random(len(deal)) * np.maximum(span, 1)).astype(np.int64))
    account = np.full(len(deals), -1)
    won = accounts.deal >= 0
    account[accounts.deal[won]] = np.flatnonzero(won)
    content = (rng.random(len(deal)) < 0.12) & (place > 0)
    return _touches(
        len(deal),
        account=account[deal],
        deal=deal,
        day=day,
        channel=channel,
        kind=np.where(content, KINDS.index("content_view"), 0),
        direction=2,
        starter=np.where(rng.random(len(deal)) < 0.6, 0, 3),
    )


def _care(world: World, accounts: Accounts, contacts: Contacts, history: History) -> dict[str, Array]:
    rng = world.rng("care")
    rate = np.array([0.6, 1.0, 1.7])[accounts.segment][:, None]
    account, day = active_days(world, accounts, history, rate, rng)
    chosen = rng.choice(len(CARE), len(account), p=[row[1] for row in CARE])
    contact = someone(contacts, account, day, rng, len(accounts))
    codes = {
        "kind": [KINDS.index(row[0]) for row in CARE],
        "direction": [DIRECTIONS.index(row[2]) for row in CARE],
        "starter": [STARTERS.index(row[3]) for row in CARE],
        "channel": [TOUCH_CHANNELS.index(row[4]) for row in CARE],
    }
    return _touches(
        len(account),
        account=account,
        contact=contact,
        day=day,
        **{name: np.array(values)[chosen] for name, values in codes.items()},
    )


def _reviews(world: World, accounts: Accounts, contacts: Contacts, history: History) -> dict[str, Array]:
    """Value reviews: quarterly for the larger accounts, twice as likely where the value cadence runs."""
    rng = world.rng("reviews")
    plays = [play.id for play in world.model.account_plays]
    begun = history.play_from[plays.index("value_cadence")].astype(np.int64).cumsum(axis=1)
    before = np.zeros_like(begun)
    before[:, 12:] = begun[:, :-12]
    runs = (begun - before)[:, world.first :] > 0
    rate = np.array([0.04, 0.14, 0.2])[accounts.segment][:, None] * np.where(runs, 2.0, 1.0)
    account, day = active_days(world, accounts, history, rate, rng)
    delay = np.where(rng.random(len(day)) < 0.88, rng.integers(-5, 13, len(day)), rng.integers(15, 45, len(day)))
    return _touches(
        len(account),
        account=account,
        contact=someone(contacts, account, day, rng, len(accounts)),
        day=day,
        planned=day - delay,
        stated=(rng.random(len(day)) < 0.84).astype(np.int64),
        channel=TOUCH_CHANNELS.index("call"),
        kind=KINDS.index("review"),
        direction=DIRECTIONS.index("give"),
        starter=STARTERS.index("calendar"),
    )


def _plays(world: World, accounts: Accounts, history: History) -> dict[str, Array]:
    """One row when a play takes an account in: that is the record of who was treated."""
    rng = world.rng("play touches")
    lines = [line.id for line in world.model.line]
    code = np.array([lines.index(play.id) for play in world.model.account_plays])
    play, account, month = np.nonzero(history.play_from[:, :, world.first :])
    month = month + world.first
    begin = np.maximum(world.starts[month], accounts.start[account])
    length = (world.day(month + 1, np.array(1)) - begin).astype(np.int64)
    return _touches(
        len(account),
        account=account,
        day=begin + np.floor(rng.random(len(account)) * length).astype(np.int64),
        play=code[play],
        channel=TOUCH_CHANNELS.index("email"),
        kind=KINDS.index("enrolment"),
        direction=DIRECTIONS.index("give"),
        starter=STARTERS.index("lifecycle_event"),
    )


def _assets_seen(world: World, kind: Array, day: Array, assets: Assets) -> Array:
    """An asset published before for each content view; none while nothing is published."""
    rng = world.rng("seen")
    order = np.argsort(assets.published, kind="stable")
    days = assets.published[order]
    days = days[~np.isnat(days)]
    room = np.searchsorted(days, day.astype("datetime64[D]"))
    drawn = np.floor(rng.random(len(day)) * room).astype(np.int64)
    seen = (kind == KINDS.index("content_view")) & (room > 0)
    return np.where(seen, np.r_[order, -1][drawn], -1)
