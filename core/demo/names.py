"""Ids and names of everything: unique, and unmistakably invented."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc

from core.demo.customers import Accounts, Contacts
from core.demo.deals import Deals
from core.demo.frames import Text, ids, join, pick, take
from core.demo.world import Array, World


@dataclass(frozen=True)
class Names:
    """Text of the things that several tables mention, by position.

    Attributes:
        account: Account ids; `company` the companies' names.
        contact: Contact ids; `person` full names, `email` addresses.
        deal: Opportunity ids of new-business deals; `prospect` ids of the companies they are with.
        buyer: Names of those companies; a won deal's is the account's name.
    """

    account: Text
    company: Text
    contact: Text
    person: Text
    email: Text
    deal: Text
    prospect: Text
    buyer: Text


def name_everything(world: World, accounts: Accounts, contacts: Contacts, deals: Deals) -> Names:
    """Give ids and names to customers, people and deals."""
    rng = world.rng("names")
    companies = _companies(world, len(accounts) + len(deals), int(rng.integers(1 << 30)))
    company = companies.slice(0, len(accounts))
    person = _people(world, len(contacts), int(rng.integers(1 << 30)))
    domain = join(_slug(take(company, contacts.account)), ".example")
    winner = np.arange(len(deals)) + len(accounts)
    won = accounts.deal >= 0
    winner[accounts.deal[won]] = np.flatnonzero(won)
    return Names(
        ids("A", np.arange(1, len(accounts) + 1), 5),
        company,
        ids("C", np.arange(1, len(contacts) + 1), 6),
        person,
        join(_slug(person), "@", domain),
        ids("ON", np.arange(1, len(deals) + 1), 6),
        ids("P", np.arange(1, len(deals) + 1), 6),
        take(companies, winner),
    )


def _slug(text: Text) -> Text:
    return pc.replace_substring(pc.utf8_lower(text), " ", ".")


def _scattered(count: int, room: int, offset: int) -> Array:
    """Distinct numbers below `room` that look unordered: an affine map whose step has no factor in common with it."""
    step = int(room * 0.618) | 1
    while np.gcd(step, room) != 1:
        step += 2
    return (np.arange(count, dtype=np.int64) * step + offset) % room


def _companies(world: World, count: int, offset: int) -> Text:
    words = world.model.words
    start, end, kind = words.company_start, words.company_end, words.company_kind
    short = len(start) * len(end) * len(kind)
    numbers = _scattered(count, short * (1 if count <= short else 26 * 26), offset)
    rest, first = np.divmod(numbers, len(start))
    rest, last = np.divmod(rest, len(end))
    series, trade = np.divmod(rest, len(kind))
    names = join(pick(start, first), pick(end, last), " ", pick(kind, trade))
    if count <= short:
        return names
    letters = [chr(65 + code // 26) + chr(65 + code % 26) for code in range(26 * 26)]
    return join(names, " ", pick(letters, series))


def _people(world: World, count: int, offset: int) -> Text:
    words = world.model.words
    room = len(words.first_names) * len(words.last_start) * len(words.last_end)
    numbers = _scattered(count, room * (1 if count <= room else 26), offset)
    rest, first = np.divmod(numbers, len(words.first_names))
    rest, start = np.divmod(rest, len(words.last_start))
    middle, end = np.divmod(rest, len(words.last_end))
    last = join(pick(words.last_start, start), pick(words.last_end, end))
    if count <= room:
        return join(pick(words.first_names, first), " ", last)
    return join(pick(words.first_names, first), " ", pick([chr(65 + code) for code in range(26)], middle), " ", last)
