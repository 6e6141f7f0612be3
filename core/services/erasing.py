"""A request to be forgotten: name and addresses of a person go for good, the sums stay."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlmodel import Session, col, select

from core.errors import RuleBroken
from core.month import Month
from core.services.access import Actor, require
from core.services.erased_cells import ERASED, TABLE
from core.services.home import records_database
from core.services.staying_erased import REFERRALS, erase_nameless, masked_address
from core.store import records
from core.store.audit import audit
from core.store.record_undo import forget
from core.store.revisions import serialise
from core.store.tables import Person, Referral


def erase_person(actor: Actor, month: Month, contact_id: str, at: dt.datetime) -> int:
    """Erase a person who asked to be forgotten; nobody can take it back.

    Every row of the contact in `people`, and rows of the same addresses that no contact owns, lose name and address; a
    colleague who shares a mailbox stays. Of an address its domain and a digest are kept, so that a later import does
    not bring the person back. Referrals that went by the address go by the id. Copies kept for undo and open conflicts
    of these rows are dropped. What the person did stays counted. It asks for no version: it holds whatever somebody has
    changed in the row since. The same again changes nothing but that no undo of an import brings
    the contact back.

    Args:
        actor: Who erases; needs the role customer marketing.
        month: The month the screen was drawn from; a contact without a row of `people` gets an erased one.
        contact_id: Who asked to be forgotten.
        at: Time of the act, UTC.

    Returns:
        How many rows lost a name or an address; 0 when the person was erased before.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: The contact is not known; nothing was erased.
    """
    require(actor, "erase a person", "customer_marketing")
    with records_database().write() as session:
        # Acts on referrals and imports write the same rows; in the order of a match, which asks inside its request.
        for name in ("requests", "asks"):
            serialise(session, name)
        own = session.exec(select(Person).where(col(Person.contact_id) == contact_id)).all()
        if not own and not (month.advocacy_input.ids == contact_id).any():
            raise RuleBroken("Nothing was erased: this contact is not known.")
        masks = {masked_address(row.email) for row in own}
        nobodys = select(Person.person_id, Person.email).where(col(Person.contact_id).is_(None))
        same = [person for person, email in session.exec(nobodys).all() if masked_address(email) in masks]
        same += [row.person_id for row in own]
        rows = session.exec(select(Person).where(col(Person.person_id).in_(same)).order_by(Person.person_id)).all()
        named = [row for row in rows if row.full_name != ERASED]
        if rows and not named:
            for row in rows:
                forget(session, TABLE, {"person_id": row.person_id})
            return 0
        person = rows[0].person_id if rows else erase_nameless(session, contact_id, at)
        done = _blank(session, named, at) + _referrals(session, masks, person)
        audit(session, at, actor.name, "erase person", f"contacts/{contact_id}", rows=done or 1)
        return done or 1


def _blank(session: Session, rows: Sequence[Person], at: dt.datetime) -> int:
    for row in rows:
        key = {"person_id": row.person_id}
        values = {"full_name": ERASED, "email": masked_address(row.email), "erased_at": row.erased_at or at}
        records.save(session, Person, key, row.version, values)
        forget(session, TABLE, key)
    return len(rows)


def _referrals(session: Session, masks: set[str], person: str) -> int:
    """Let referrals that name one of the addresses name the person's id; no column people work on changes."""
    done = 0
    for row in session.exec(select(Referral).where(col(Referral.prospect_id).contains("@"))).all():
        if masked_address(row.prospect_id) in masks:
            row.prospect_id, row.version = person, row.version + 1
            forget(session, REFERRALS, {"referral_id": row.referral_id})
            done += 1
    return done
