"""Ids and names of everything: unique, and unmistakably invented."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc

from core.demo.customers import Accounts, Contacts
from core.demo.deals import Deals
from core.demo.frames import Text, ids, join, pick, take
from core.demo.world import Array, World

STRANGERS = 40
"""Referred companies beyond half of the deals for which names are kept."""


@dataclass(frozen=True)
class Names:
    """Text of the things that several tables mention, by position.

    Attributes:
        account: Account ids; `company` the companies' names.
        contact: Contact ids; `person` full names, `email` addresses.
        deal: Opportunity ids of new-business deals.
        buyer: Names of the companies they are with; a won deal's is the account's name.
        sponsor: Full names of the buyers of deals still open, in their order; `sponsor_email` addresses.
        stranger: Full names of people at companies that never had a deal; `stranger_email` addresses.
    """

    account: Text
    company: Text
    contact: Text
    person: Text
    email: Text
    deal: Text
    buyer: Text
    sponsor: Text
    sponsor_email: Text
    stranger: Text
    stranger_email: Text


def name_everything(world: World, accounts: Accounts, contacts: Contacts, deals: Deals) -> Names:
    """Give ids and names to customers, people and deals."""
    rng = world.rng("names")
    open_ = np.flatnonzero(deals.closed > world.as_of)
    known, strangers = len(accounts) + len(deals), len(deals) // 2 + STRANGERS * world.handful
    companies = _companies(world, known + strangers, int(rng.integers(1 << 30)))
    company = companies.slice(0, len(accounts))
    people = _people(world, len(contacts) + len(open_) + strangers, int(rng.integers(1 << 30)))
    person, sponsor = people.slice(0, len(contacts)), people.slice(len(contacts), len(open_))
    stranger = people.slice(len(contacts) + len(open_))
    winner = np.arange(len(deals)) + len(accounts)
    won = accounts.deal >= 0
    winner[accounts.deal[won]] = np.flatnonzero(won)
    buyer = take(companies, winner)
    return Names(
        account=ids("A", np.arange(1, len(accounts) + 1), 5),
        company=company,
        contact=ids("C", np.arange(1, len(contacts) + 1), 6),
        person=person,
        email=_address(person, take(company, contacts.account)),
        deal=ids("ON", np.arange(1, len(deals) + 1), 6),
        buyer=buyer,
        sponsor=sponsor,
        sponsor_email=_address(sponsor, take(buyer, open_)),
        stranger=stranger,
        stranger_email=_address(stranger, companies.slice(known)),
    )


def _address(person: Text, company: Text) -> Text:
    return join(_slug(person), "@", _slug(company), ".example")


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
