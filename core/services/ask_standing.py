"""What people have recorded about asking somebody: accepted, deferred or left in peace, by whom and since when."""

from __future__ import annotations

import datetime as dt

from sqlmodel import Session, col, or_, select

from core.errors import RuleBroken
from core.glossary import display_day
from core.model.activities import load_activities
from core.services.clock import local_day, moment_words
from core.store.tables import Ask, AuditEntry, Person


def standing(session: Session, contact_id: str, today: dt.date) -> str | None:
    """An erasure, a never, an accepted ask or a deferral that holds, in this order, with who and when; else None."""
    if text := left_in_peace(session, contact_id):
        return text
    own = select(Ask).where(col(Ask.contact_id) == contact_id)
    if row := session.exec(own.where(col(Ask.state) == "accepted")).first():
        what = load_activities().activities[row.activity].label.lower()
        who = by_whom(session, row.ask_id, "accept ask", row.asked_by)
        return f"{_name(session, contact_id)} was already accepted ({what}) by {who}; the ask waits to be sent"
    until = col(Ask.deferred_until)
    deferred = own.where(col(Ask.state) == "deferred", or_(until.is_(None), until > today))
    if row := session.exec(deferred.order_by(until.desc())).first():
        who = by_whom(session, row.ask_id, "defer ask", row.asked_by)
        day = f" until {display_day(row.deferred_until)}" if row.deferred_until else ""
        return f"{_name(session, contact_id)} was already deferred{day} by {who}"
    return None


def erased(session: Session, contact_id: str) -> str | None:
    """That the contact was erased and on which day, in words without the name; None when that did not happen."""
    query = select(Person.erased_at).where(col(Person.contact_id) == contact_id, col(Person.erased_at).is_not(None))
    at = session.exec(query).first()
    return f"This person was erased on {display_day(local_day(at))}" if at else None


def refuse_erased(session: Session, contact_id: str) -> None:
    """Let nothing be saved that asks, thanks, rates or enrols somebody who was erased.

    Raises:
        RuleBroken: The contact was erased, and on which day.
    """
    if text := erased(session, contact_id):
        raise RuleBroken(f"{text}. Nothing was saved.")


def left_in_peace(session: Session, contact_id: str) -> str | None:
    """That the contact was erased, or who set it aside for good, and when; None when neither is so."""
    if text := erased(session, contact_id):
        return text
    row = session.exec(select(Ask).where(col(Ask.contact_id) == contact_id, col(Ask.state) == "never")).first()
    if row is None:
        return None
    who = by_whom(session, row.ask_id, "never ask", row.asked_by)
    return f"{_name(session, contact_id)} was already set aside for good by {who}"


def _name(session: Session, contact_id: str) -> str:
    names = select(Person.full_name).where(col(Person.contact_id) == contact_id)
    return session.exec(names).first() or "This person"


def by_whom(session: Session, ask_id: str, act: str, known: str | None) -> str:
    """Who did an act to an ask and when, as far as the audit log or the record says."""
    query = select(AuditEntry).where(col(AuditEntry.record) == f"asks/{ask_id}", col(AuditEntry.act) == act)
    entry = session.exec(query.order_by(col(AuditEntry.id).desc())).first()
    if entry is None:
        return known or "somebody else"
    return f"{entry.actor} on {moment_words(entry.at)}"
