"""What people have recorded about asking somebody: accepted, deferred or left in peace, by whom and since when."""

from __future__ import annotations

import datetime as dt

from sqlmodel import Session, col, or_, select

from core.glossary import display_day
from core.model.activities import load_activities
from core.store.tables import Ask, AuditEntry, Person


def standing(session: Session, contact_id: str, today: dt.date) -> str | None:
    """A never, an accepted ask or a deferral that holds, in this order, with who and when; None without one."""
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


def left_in_peace(session: Session, contact_id: str) -> str | None:
    """Who set the contact aside for good and when; None when nobody did."""
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
    return f"{entry.actor} on {display_day(entry.at.date())} at {entry.at:%H:%M} UTC"
