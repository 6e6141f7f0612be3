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
from core.services.access import Actor
from core.services.erased_cells import ERASED, TABLE
from core.store.audit import audit
from core.store.cells import row_key
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
    """Everybody who was erased: their ids, their contacts, the person of each masked address, and when they were.

    `marked` are the contacts an import erased, with the id of the row that says so.
    """

    people: frozenset[str]
    contacts: frozenset[str]
    addresses: Mapping[str, str]
    erased_at: Mapping[str, dt.datetime]
    marked: Mapping[str, str]

    def named(self, cells: pd.Series) -> pd.Series:
        """The person_id of the erased person whose address each cell is; missing where it is none."""
        addresses = {text: self.addresses.get(masked_address(text)) for text in map(str, cells.dropna().unique())}
        return cells.map({text: person for text, person in addresses.items() if person})


def left_out_of_people(
    session: Session, actor: Actor, incoming: Mapping[str, pd.DataFrame], at: dt.datetime
) -> tuple[dict[str, pd.DataFrame], tuple[Problem, ...], tuple[str, ...]]:
    """Rows of an import without those of people who were erased here, and a note of how many those were.

    A row of `people` goes by its id, its contact or its address, so that somebody who comes again under other ids stays
    erased; by the address not where it is the mailbox of several: the contact is known here and was not erased, or
    somebody else who was not has the same address. The contact such a row names is erased with it, unless somebody who
    was not is known here under it: in its place comes a row that says so, which the import's undo takes away again, and
    a line in the audit log. A referral that names an erased person by the address names the id instead. What the file
    itself says was erased is no news and is not counted.

    Args:
        session: The unit of work in which the rows are merged.
        actor: Who imports.
        incoming: Record table -> rows to upsert, as Python values.
        at: Time of the import, UTC.

    Returns:
        The rows to upsert, the very same frames where nobody was erased; the note, if there is anything to say; and the
        keys of rows by which another import erased a contact that this one would have: they stay while either stands.
    """
    found = dict(incoming)
    gone = _gone(session) if TABLE in found or REFERRALS in found else None
    if gone is None or not gone.people:
        return found, (), ()
    if REFERRALS in found:
        rows = found[REFERRALS]
        ids = gone.named(rows["prospect_id"])
        found[REFERRALS] = rows.assign(prospect_id=ids.where(ids.notna(), rows["prospect_id"])) if ids.any() else rows
    if TABLE not in found:
        return found, (), ()
    rows = found[TABLE]
    by_address = gone.named(rows["email"])
    by_id = rows["person_id"].isin(gone.people)
    fresh = rows["contact_id"].notna() & ~rows["contact_id"].isin(gone.contacts)
    marks_again = rows["contact_id"].isin(gone.marked)
    here, shared = _staying(session, gone, rows, (fresh | marks_again) & (by_id | by_address.notna()))
    out = by_id | rows["contact_id"].isin(gone.contacts) | (by_address.notna() & ~(fresh & (here | shared)))
    marked = out & fresh & ~here
    out |= rows["contact_id"].isin(rows["contact_id"][marked])
    persons = rows["person_id"].where(by_id, by_address)[marked]
    marks = dict(zip(rows["contact_id"][marked], persons, strict=True))
    for contact, person in marks.items():
        audit(session, at, actor.name, "erase person", f"contacts/{contact}", rows=1, same_as=person)
    again = [_nameless(str(contact), gone.erased_at[person]) for contact, person in marks.items()]
    kept = pd.DataFrame(again, columns=rows.columns, dtype=object)
    found[TABLE] = pd.concat([rows[~out], kept], ignore_index=True) if marks else rows[~out]
    same = rows["contact_id"][marks_again & (by_id | (by_address.notna() & ~shared)) & ~here]
    claims = tuple(row_key([gone.marked[contact]]) for contact in sorted(set(same)))
    return found, _note(int((out & rows["erased_at"].isna()).sum())), claims


def erase_nameless(session: Session, contact_id: str, at: dt.datetime) -> str:
    """Give a contact nobody has named a row that says it was erased; returns its id. The same again changes nothing.

    Args:
        session: The unit of work.
        contact_id: The contact.
        at: When the person was erased.
    """
    own = _nameless(contact_id, at)
    person = str(own["person_id"])
    if session.get(Person, person) is None:
        session.add(Person.model_validate({**own, "edited": True}))
    return person


def _nameless(contact_id: str, at: dt.datetime) -> dict[str, object]:
    person = f"P-{uuid5(NAMESPACE_URL, contact_id).hex[:12]}"
    return {"person_id": person, "contact_id": contact_id, "full_name": ERASED, "email": ERASED, "erased_at": at}


def _staying(session: Session, gone: _Gone, rows: pd.DataFrame, asked: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Of the rows asked about: whose contact, and whose address, is that of somebody here who was not erased."""
    if not asked.any():
        return asked, asked
    query = select(Person.contact_id, Person.email).where(
        col(Person.erased_at).is_(None), col(Person.contact_id).is_not(None)
    )
    stay = [(contact, email) for contact, email in session.exec(query).all() if contact not in gone.contacts]
    masks = {masked_address(email) for _, email in stay}
    shared = rows["email"].where(asked).map(lambda text: masked_address(str(text)) in masks, na_action="ignore")
    return asked & rows["contact_id"].isin({contact for contact, _ in stay}), asked & shared.eq(True)


def _gone(session: Session) -> _Gone:
    query = select(Person).where(col(Person.erased_at).is_not(None)).order_by(col(Person.person_id).desc())
    rows = session.exec(query).all()
    return _Gone(
        frozenset(row.person_id for row in rows),
        frozenset(row.contact_id for row in rows if row.contact_id),
        # the first id where two share an address; who had none has nothing to be known again by
        {masked_address(row.email): row.person_id for row in rows if row.email != ERASED},
        {row.person_id: row.erased_at for row in rows if row.erased_at is not None},
        {row.contact_id: row.person_id for row in rows if row.contact_id and row.email == ERASED and not row.edited},
    )


def _note(count: int) -> tuple[Problem, ...]:
    if not count:
        return ()
    who = "1 row names somebody who was" if count == 1 else f"{count:,} rows name people who were"
    words = f"{who} erased here; nothing of that is taken over. Erase them at the source too."
    return (Problem(TABLE, words, rule="erased"),)
