"""Who was erased here stays erased: what a later import says of them is left out, and the report says how much.

What is kept of an address is a digest without a key: in the same records a key would protect nothing, and one that lies
elsewhere would let everybody back in once it is lost in a restore.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from uuid import NAMESPACE_URL, uuid5

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
    """Everybody who was erased: their ids, their contacts, the person of each masked address, and when they were."""

    people: frozenset[str]
    contacts: frozenset[str]
    addresses: Mapping[str, str]
    erased_at: Mapping[str, dt.datetime]

    def named(self, cells: pd.Series) -> pd.Series:
        """The person_id of the erased person whose address each cell is; missing where it is none."""
        addresses = {text: self.addresses.get(masked_address(text)) for text in map(str, cells.dropna().unique())}
        return cells.map({text: person for text, person in addresses.items() if person})


def left_out_of_people(
    session: Session, incoming: Mapping[str, pd.DataFrame]
) -> tuple[dict[str, pd.DataFrame], tuple[Problem, ...]]:
    """Rows of an import without those of people who were erased here, and a note of how many those were.

    A row of `people` goes by its id, its contact or its address, so that somebody who comes again under other ids stays
    erased, and the contact of the row with them; by the address not where it is the mailbox of several: the contact is
    known here and was not erased, or somebody else who was not has the same address. A referral that names an erased
    person by the address names the id instead. What the file itself says was erased is no news and is not counted.

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
    same = rows["person_id"].isin(gone.people) | rows["contact_id"].isin(gone.contacts)
    others = by_address.notna() & ~same & rows["contact_id"].notna()
    colleagues = others & _colleagues(session, gone, rows[others]).reindex(rows.index, fill_value=False)
    out = same | (by_address.notna() & ~colleagues)
    for contact, person in zip(rows["contact_id"][others & out], by_address[others & out], strict=True):
        erase_nameless(session, str(contact), gone.erased_at[person])
    found[TABLE] = rows[~out]
    return found, _note(int((out & rows["erased_at"].isna()).sum()))


def erase_nameless(session: Session, contact_id: str, at: dt.datetime) -> str:
    """Give a contact nobody has named a row that says it was erased; returns its id. The same again changes nothing.

    Args:
        session: The unit of work.
        contact_id: The contact.
        at: When the person was erased.
    """
    person = f"P-{uuid5(NAMESPACE_URL, contact_id).hex[:12]}"
    if session.get(Person, person) is None:
        own = {"person_id": person, "contact_id": contact_id, "full_name": ERASED, "email": ERASED, "erased_at": at}
        session.add(Person.model_validate({**own, "edited": True}))
    return person


def _colleagues(session: Session, gone: _Gone, rows: pd.DataFrame) -> pd.Series:
    """Rows with the address of an erased person that are of somebody else."""
    if rows.empty:
        return pd.Series(False, index=rows.index)
    query = select(Person.contact_id, Person.email).where(
        col(Person.erased_at).is_(None), col(Person.contact_id).is_not(None)
    )
    stay = {
        contact: masked_address(email) for contact, email in session.exec(query).all() if contact not in gone.contacts
    }
    masks = rows["email"].astype("str").map(masked_address)
    return rows["contact_id"].isin(list(stay)) | masks.isin(list(stay.values()))


def _gone(session: Session) -> _Gone:
    query = select(Person.person_id, Person.contact_id, Person.email, Person.erased_at).where(
        col(Person.erased_at).is_not(None)
    )
    rows = session.exec(query.order_by(col(Person.person_id).desc())).all()
    return _Gone(
        frozenset(person for person, *_ in rows),
        frozenset(contact for _, contact, *_ in rows if contact),
        # the first id where two share an address; who had none has nothing to be known again by
        {masked_address(email): person for person, _, email, _ in rows if email != ERASED},
        {person: at for person, *_, at in rows if at is not None},
    )


def _note(count: int) -> tuple[Problem, ...]:
    if not count:
        return ()
    who = "1 row names somebody who was" if count == 1 else f"{count:,} rows name people who were"
    words = f"{who} erased here; nothing of that is taken over. Erase them at the source too."
    return (Problem(TABLE, words, rule="erased"),)
