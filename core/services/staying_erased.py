"""Who was erased here stays erased: what a later import says of them is left out, and the report says how much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b

import pandas as pd
from sqlmodel import Session, col, select

from core.errors import Problem
from core.services.erased_cells import ERASED, TABLE
from core.store.tables import Person

REFERRALS = "referrals"


def compared(address: str) -> str:
    """An address as it is compared: without spaces around it, in one case."""
    return address.strip().casefold()


def masked_address(address: str) -> str:
    """What is kept of an erased address: its digest, by which a later file is recognised, and its domain.

    The domain names nobody; it goes on telling a referral of one's own company.

    Args:
        address: An e-mail address, or what this function made of one, which stays as it is.
    """
    own = compared(address)
    name, at, domain = own.rpartition("@")
    if own.startswith(f"{ERASED}-"):
        return own
    digest = blake2b(own.encode(), digest_size=12, person=b"council-erased").hexdigest()
    return f"{ERASED}-{digest}@{domain}" if at and name else f"{ERASED}-{digest}"


@dataclass(frozen=True)
class _Gone:
    """Everybody who was erased: their ids, their contacts, and the person of each masked address."""

    people: frozenset[str]
    contacts: frozenset[str]
    addresses: Mapping[str, str]
    owned: frozenset[str]
    """The people of `addresses` whose address is that of an erased contact: another contact there is a colleague."""

    def named(self, cells: pd.Series) -> pd.Series:
        """The person_id of the erased person whose address each cell is; missing where it is none."""
        addresses = {text: self.addresses.get(masked_address(text)) for text in map(str, cells.dropna().unique())}
        return cells.map({text: person for text, person in addresses.items() if person})


def left_out_of_people(
    session: Session, incoming: Mapping[str, pd.DataFrame]
) -> tuple[dict[str, pd.DataFrame], tuple[Problem, ...]]:
    """Rows of an import without those of people who were erased here, and a note of how many those were.

    A row of `people` goes by its id, its contact or its address; by the address not where it belongs to another contact
    than the erased one, who is a colleague with the same mailbox. A referral that names an erased person by the address
    names the id instead. What the file itself says was erased is no news and is not counted.

    Args:
        session: The unit of work in which the rows are merged.
        incoming: Record table -> rows to upsert, as Python values.

    Returns:
        The rows to upsert, the very same frames where nobody was erased; and the note, if there is anything to say.
    """
    found = dict(incoming)
    gone = _gone(session) if TABLE in found or REFERRALS in found else None
    if gone is None or not gone.people:
        return found, ()
    if REFERRALS in found:
        rows = found[REFERRALS]
        ids = gone.named(rows["prospect_id"])
        found[REFERRALS] = rows.assign(prospect_id=ids.where(ids.notna(), rows["prospect_id"])) if ids.any() else rows
    if TABLE not in found:
        return found, ()
    rows = found[TABLE]
    by_address = gone.named(rows["email"])
    colleague = rows["contact_id"].notna() & by_address.isin(gone.owned)
    same = rows["person_id"].isin(gone.people) | rows["contact_id"].isin(gone.contacts)
    out = same | (by_address.notna() & ~colleague)
    found[TABLE] = rows[~out]
    return found, _note(int((out & rows["erased_at"].isna()).sum()))


def _gone(session: Session) -> _Gone:
    query = select(Person.person_id, Person.contact_id, Person.email).where(col(Person.erased_at).is_not(None))
    rows = session.exec(query.order_by(col(Person.person_id).desc())).all()
    addresses = {masked_address(email): person for person, _, email in rows}  # the first id where two share an address
    return _Gone(
        frozenset(person for person, _, _ in rows),
        frozenset(contact for _, contact, _ in rows if contact),
        addresses,
        frozenset(addresses[masked_address(email)] for _, contact, email in rows if contact),
    )


def _note(count: int) -> tuple[Problem, ...]:
    if not count:
        return ()
    who = "1 row names somebody who was" if count == 1 else f"{count:,} rows name people who were"
    words = f"{who} erased here; nothing of that is taken over. Erase them at the source too."
    return (Problem(TABLE, words, rule="erased"),)
