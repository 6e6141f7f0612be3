"""Records about people and what was agreed with them: names, consents, interests, outcomes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from core.demo.customers import CHANNELS, Accounts, Contacts
from core.demo.frames import Text, contract_frame, ids, optional_int, pick, take
from core.demo.life import History
from core.demo.names import Names
from core.demo.observed import first_end
from core.demo.signals import Signals
from core.demo.world import NEVER, Array, World

USES = ("name", "logo", "quote", "call", "recording", "email")
HELD = (0.78, 0.45, 0.62, 0.60, 0.30, 0.86)
STANCES = ("likes", "willing", "no")
VALUES = ("influence", "visibility", "network", "perks", "none")


def contacts_table(world: World, contacts: Contacts, names: Names) -> pd.DataFrame:
    """The table `contacts`."""
    return contract_frame(
        "contacts",
        len(contacts),
        contact_id=names.contact,
        account_id=take(names.account, contacts.account),
        persona=pick(world.model.words.personas, contacts.persona),
        joined_on=contacts.joined,
        left_on=contacts.left,
    )


def stranger_ids(names: Names, number: Array) -> Text:
    """Ids in the table `people` of those referred without a deal, numbered from 0; a negative number is empty."""
    return ids("H", np.where(number < 0, -1, len(names.contact) + len(names.sponsor) + 1 + number), 6)


def people_table(names: Names, referred: int) -> pd.DataFrame:
    """The table `people`: every contact, then who is no contact yet: buyers of open deals and people who were referred.

    Args:
        names: All names.
        referred: How many were referred without a deal that came of it.
    """
    count = len(names.contact) + len(names.sponsor) + referred
    nobody = pa.nulls(count - len(names.contact), pa.string())
    return contract_frame(
        "people",
        count,
        person_id=ids("H", np.arange(1, count + 1), 6),
        contact_id=pa.concat_arrays([names.contact, nobody]),
        full_name=pa.concat_arrays([names.person, names.sponsor, names.stranger.slice(0, referred)]),
        email=pa.concat_arrays([names.email, names.sponsor_email, names.stranger_email.slice(0, referred)]),
    )


def consents_table(world: World, contacts: Contacts, names: Names) -> pd.DataFrame:
    """The table `consents`: some refused, some withdrawn, some run out, some never asked for."""
    rng = world.rng("consents")
    known = rng.random((len(contacts), 1)) < 0.88
    contact, use = np.nonzero(known & (rng.random((len(contacts), len(USES))) < np.array(HELD)))
    count = len(contact)
    span = (world.as_of - contacts.joined[contact]).astype(np.int64)
    granted = contacts.joined[contact] + np.floor(rng.random(count) ** 1.5 * (span + 1)).astype(np.int64)
    status = (rng.random(count)[:, None] > np.array([0.88, 0.96])).sum(axis=1)
    expires = (status == 0) & (rng.random(count) < 0.3)
    return contract_frame(
        "consents",
        count,
        contact_id=take(names.contact, contact),
        use=pick(USES, use),
        status=pick(["granted", "refused", "withdrawn"], status),
        granted_on=granted,
        expires_on=np.where(expires, granted + rng.choice([365, 730], count), NEVER),
        author=pick(world.model.words.managers, rng.integers(0, 5, count)),
    )


def interests_table(world: World, contacts: Contacts, names: Names) -> pd.DataFrame:
    """The table `interests`: what a person says follows how willing the person is."""
    rng, kinds = world.rng("interests"), [item.id for item in world.model.activity]
    known = rng.random((len(contacts), 1)) < 0.5
    contact, activity = np.nonzero(known & (rng.random((len(contacts), len(kinds))) < 0.4))
    count = len(contact)
    barrier = np.array([item.accept for item in world.model.activity])[activity]
    latent = contacts.willingness[contact] + 2 * (barrier - 0.85) + rng.normal(0, 0.6, count)
    stance = np.select([latent > 0.7, latent > -0.9], [0, 1], 2)
    person = rng.integers(0, len(VALUES), len(contacts))
    return contract_frame(
        "interests",
        count,
        contact_id=take(names.contact, contact),
        activity=pick(kinds, activity),
        stance=pick(STANCES, stance),
        values=pick(VALUES, person[contact]),
    )


def outcomes_table(
    world: World, accounts: Accounts, history: History, signals: Signals, first_value: Array, names: Names
) -> pd.DataFrame:
    """The table `outcomes`: agreed soon after the start and each year after; the satisfied confirm more, sooner.

    Nothing is verified before the first value.
    """
    rng = world.rng("outcomes")
    account = np.repeat(np.arange(len(accounts)), 3)
    year = np.tile(np.arange(3), len(accounts))
    agreed = accounts.start[account] + year * 365 + rng.integers(8, 55, len(account))
    end = first_end(world, accounts, history)[account]
    held = (agreed <= world.as_of) & (np.isnat(end) | (agreed < end)) & (rng.random(len(account)) < 0.86)
    account, agreed, end = account[held], agreed[held], end[held]
    count = len(account)
    due = agreed + rng.choice([75, 105, 150], count)
    month = np.clip(world.month_of(agreed) + 2, 0, world.total - 1)
    chance = 1 / (1 + np.exp(-(1.9 + 0.8 * signals.satisfaction[account, month])))
    verified = agreed + np.maximum(
        np.rint((due - agreed).astype(np.int64) * np.exp(rng.normal(-0.2, 0.35, count))), 5
    ).astype(np.int64)
    verified = np.maximum(verified, first_value[account] + 7)
    fits = (rng.random(count) < chance) & (np.isnat(end) | (verified < end)) & (verified <= world.as_of)
    value = np.rint(accounts.amount[account] * np.exp(rng.normal(0.3, 0.6, count)) / 100_000) * 100_000
    return contract_frame(
        "outcomes",
        count,
        outcome_id=ids("G", np.arange(1, count + 1), 6),
        account_id=take(names.account, account),
        agreed_on=agreed,
        due_on=due,
        verified_on=np.where(fits, verified, NEVER),
        verified_by=pick(["customer sponsor"], np.where(fits, 0, -1)),
        value_cents=optional_int(value.astype(np.int64), fits & (rng.random(count) < 0.85)),
    )


def accounts_table(world: World, accounts: Accounts, referrer: Array, go_live: Array, names: Names) -> pd.DataFrame:
    """The table `accounts`: one row each, and a second version for the few that grew into another segment."""
    rng, model, count = world.rng("versions"), world.model, len(accounts)
    grown = (accounts.segment == 0) & (accounts.start < world.as_of - 500) & (rng.random(count) < 0.05)
    moved = np.flatnonzero(grown & (accounts.start > world.begin - 365))
    rows = np.r_[np.arange(count), moved]
    valid = np.r_[np.full(count, NEVER), np.maximum(accounts.start[moved] + 400, world.begin + 30)]
    segment = np.r_[accounts.segment, np.ones(len(moved), int)]
    order = np.lexsort((valid.astype(np.int64), rows))
    rows, valid, segment = rows[order], valid[order], segment[order]
    tier = np.clip(accounts.segment + rng.integers(-1, 2, count), 0, 2)
    owner = rng.integers(0, len(model.words.managers), count)
    return contract_frame(
        "accounts",
        len(rows),
        account_id=take(names.account, rows),
        valid_from=valid,
        parent_id=take(names.account, accounts.parent[rows]),
        name=take(names.company, rows),
        segment=pick([s.name for s in model.segment], segment),
        industry=pick([i.name for i in model.industry], accounts.industry[rows]),
        region=pick([r.name for r in model.region], accounts.region[rows]),
        product_tier=pick(model.words.tiers, tier[rows]),
        use_case=pick([i.use_case for i in model.industry], accounts.industry[rows]),
        employees=optional_int(accounts.employees[rows], np.ones(len(rows), bool)),
        start_date=accounts.start[rows],
        go_live_on=go_live[rows],
        acquisition_channel=pick(CHANNELS, accounts.channel[rows]),
        referrer_contact_id=take(names.contact, referrer[rows]),
        icp_fit=accounts.fit[rows],
        owner_id=pick(model.words.managers, owner[rows]),
    )
