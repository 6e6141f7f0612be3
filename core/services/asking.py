"""What people do with a next ask: accept, defer, never; accepted ones are sent or withdrawn.

The rules are checked again at save.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from uuid import NAMESPACE_URL, uuid5

from sqlmodel import Session, col, or_, select

from core.advocacy.check import Objection, check_ask
from core.advocacy.inputs import AdvocacyInput
from core.errors import RuleBroken
from core.glossary import display_day
from core.model.activities import ActivityId, load_activities
from core.model.advocacy import load_advocacy_rules
from core.month import Month
from core.services.access import Actor, Role, require
from core.services.home import current_state, month_of_source, open_engine, open_source, records_database
from core.store import records
from core.store.audit import audit
from core.store.revisions import serialise
from core.store.tables import Ask, AuditEntry, Person

ROLES: tuple[Role, ...] = ("customer_marketing", "contributor")


def accept_ask(
    actor: Actor, month: Month, contact_id: str, activity: ActivityId, why: str, token: str, at: dt.datetime
) -> str:
    """Take over a proposed ask: it waits to be sent, and the contact is proposed nothing else.

    The rules are checked again on the data as they are now, inside the transaction that saves: a ticket opened or an
    ask accepted by somebody else since the list was drawn is caught.

    Args:
        actor: Who accepts; needs the role customer marketing or contributor.
        month: The month the list was drawn from.
        contact_id: Whom to ask.
        activity: What for.
        why: Why now, as the list said; kept as the ask's trigger.
        token: One per opened list; the same token again logs nothing and returns the first id.
        at: Time of the act, UTC.

    Returns:
        Id of the ask.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: Naming everything that stands against the ask now, or who accepted one for this person and when;
            nothing was saved.
    """
    require(actor, "accept an ask", *ROLES)
    with records_database().write() as session:
        serialise(session, "asks")
        if before := _logged(session, token):
            return before
        if text := _standing(session, contact_id, at.date()):
            raise RuleBroken(f"{text}. Nothing was saved.")
        objections = _objections(month, contact_id, activity)
        if objections:
            raise RuleBroken(_refusal("This person cannot be asked now", objections))
        row = Ask(
            ask_id=_ask_id(token),
            contact_id=contact_id,
            activity=activity,
            trigger=why or None,
            state="accepted",
            asked_by=actor.name,
            token=token,
        )
        session.add(row)
        audit(session, at, actor.name, "accept ask", f"asks/{row.ask_id}", contact=contact_id, activity=activity)
        return row.ask_id


def set_aside(
    actor: Actor, contact_id: str, activity: ActivityId, reason: str, token: str, at: dt.datetime, until: dt.date | None
) -> str:
    """Defer a contact until a day, or leave it in peace for good.

    Args:
        actor: Who decides; needs the role customer marketing or contributor.
        contact_id: Whom not to ask.
        activity: What was proposed.
        reason: Why; required.
        token: As in `accept_ask`.
        at: Time of the act, UTC.
        until: First day the contact may be proposed again, after the day of the act; None means never.

    Returns:
        Id of the record.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: No reason was given, the day is not ahead, or somebody has said never before; nothing was saved.
    """
    require(actor, "defer or refuse an ask", *ROLES)
    if not reason.strip():
        raise RuleBroken("Nothing was saved: say why, so that the next person knows.")
    if until is not None and until <= at.date():
        raise RuleBroken(f"Nothing was saved: defer until a day after {display_day(at.date())}.")
    with records_database().write() as session:
        serialise(session, "asks")
        if before := _logged(session, token):
            return before
        if text := _left_in_peace(session, contact_id):
            raise RuleBroken(f"{text}. Nothing was saved.")
        row = Ask(
            ask_id=_ask_id(token),
            contact_id=contact_id,
            activity=activity,
            state="deferred" if until else "never",
            asked_by=actor.name,
            deferred_until=until,
            note=reason.strip(),
            token=token,
        )
        session.add(row)
        act = "defer ask" if until else "never ask"
        audit(session, at, actor.name, act, f"asks/{row.ask_id}", contact=contact_id, reason=reason.strip())
        return row.ask_id


def mark_sent(actor: Actor, month: Month, ask_id: str, sent_on: dt.date, at: dt.datetime) -> None:
    """An accepted ask was sent: from now on it counts as an ask.

    What stands against sending it is looked up again on the data as they are now, as in `accept_ask`.

    Args:
        actor: Who sent it; needs the role customer marketing or contributor.
        month: The month the list was drawn from.
        ask_id: The accepted ask.
        sent_on: Day it was sent, not after the day of the act.
        at: Time of the act, UTC.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: The ask is gone, was sent or withdrawn before, the day lies ahead, or something stands against
            sending it (all of it is named); nothing was saved.
    """
    require(actor, "mark an ask as sent", *ROLES)
    if sent_on > at.date():
        raise RuleBroken(f"Nothing was saved: {display_day(sent_on)} lies ahead; give the day it was sent.")
    with records_database().write() as session:
        serialise(session, "asks")
        row = _accepted(session, ask_id)
        now = _as_things_are(month).advocacy_input
        if stops := stops_of(against_sending(now, row.contact_id, row.activity)):
            raise RuleBroken(_refusal("This ask cannot be sent now", stops))
        values = {"state": "sent", "asked_on": sent_on, "delivered": True}
        records.save(session, Ask, {"ask_id": ask_id}, row.version, values)
        audit(session, at, actor.name, "send ask", f"asks/{ask_id}", sent_on=str(sent_on))


def withdraw_ask(actor: Actor, ask_id: str, reason: str, at: dt.datetime) -> None:
    """Take an accepted ask back before it was sent: it counts nowhere, and the person may be proposed again.

    The record stays, in state proposed with the reason as its note.

    Args:
        actor: Who withdraws; needs the role customer marketing or contributor.
        ask_id: The accepted ask.
        reason: Why; required.
        at: Time of the act, UTC.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: No reason was given, or the ask is gone, was sent or withdrawn before; nothing was saved.
    """
    require(actor, "withdraw an ask", *ROLES)
    if not reason.strip():
        raise RuleBroken("Nothing was saved: say why, so that the next person knows.")
    with records_database().write() as session:
        serialise(session, "asks")
        row = _accepted(session, ask_id)
        records.save(session, Ask, {"ask_id": ask_id}, row.version, {"state": "proposed", "note": reason.strip()})
        audit(session, at, actor.name, "withdraw ask", f"asks/{ask_id}", reason=reason.strip())


def against_sending(inputs: AdvocacyInput, contact_id: str, activity: ActivityId) -> list[Objection]:
    """Everything that stands against sending an ask that was accepted, the wait for sending itself left out.

    Args:
        inputs: As of the day of sending.
        contact_id: Whom it goes to.
        activity: What for.

    Raises:
        RuleBroken: The contact is not visible on that day.
    """
    for account in inputs.contacts.loc[inputs.ids == contact_id, "account_id"]:
        inputs = inputs.of_account(str(account))
    asks = inputs.asks
    own = (asks["state"] == "accepted") & (asks["contact_id"] == contact_id) & (asks["activity"] == activity)
    others = replace(inputs, asks=asks.drop(index=asks.index[own][:1]))
    return check_ask(others, contact_id, activity, load_advocacy_rules(), load_activities())


def stops_of(objections: list[Objection]) -> list[Objection]:
    """Those that forbid sending: all but readiness, which was enough when the ask was accepted."""
    return [item for item in objections if item.kind != "not_ready"]


def acted_on(contact_id: str, today: dt.date) -> str | None:
    """What stands recorded for a contact, by whom and since when, as one sentence; None when nothing does."""
    with records_database().read() as session:
        return _standing(session, contact_id, today)


def _logged(session: Session, token: str) -> str | None:
    """The record this token made before."""
    return session.exec(select(Ask.ask_id).where(col(Ask.token) == token)).first()


def _accepted(session: Session, ask_id: str) -> Ask:
    """The ask, which must still wait to be sent; else who did what to it is named."""
    row = session.get(Ask, ask_id)
    if row is None or row.state != "accepted":
        acts = {"proposed": ("withdrawn", "withdraw ask"), "sent": ("marked as sent", "send ask")}
        what, act = acts.get(row.state if row else "", ("sent or withdrawn", ""))
        raise RuleBroken(f"Nothing was saved: this ask was {what} by {_by_whom(session, ask_id, act, None)}.")
    return row


def _standing(session: Session, contact_id: str, today: dt.date) -> str | None:
    """A never, an accepted ask or a deferral that holds, in this order, with who and when; None without one."""
    if text := _left_in_peace(session, contact_id):
        return text
    own = select(Ask).where(col(Ask.contact_id) == contact_id)
    if row := session.exec(own.where(col(Ask.state) == "accepted")).first():
        what = load_activities().activities[row.activity].label.lower()
        who = _by_whom(session, row.ask_id, "accept ask", row.asked_by)
        return f"{_name(session, contact_id)} was already accepted ({what}) by {who}; the ask waits to be sent"
    until = col(Ask.deferred_until)
    deferred = own.where(col(Ask.state) == "deferred", or_(until.is_(None), until > today))
    if row := session.exec(deferred.order_by(until.desc())).first():
        who = _by_whom(session, row.ask_id, "defer ask", row.asked_by)
        day = f" until {display_day(row.deferred_until)}" if row.deferred_until else ""
        return f"{_name(session, contact_id)} was already deferred{day} by {who}"
    return None


def _left_in_peace(session: Session, contact_id: str) -> str | None:
    """Who set the contact aside for good and when; None when nobody did."""
    row = session.exec(select(Ask).where(col(Ask.contact_id) == contact_id, col(Ask.state) == "never")).first()
    if row is None:
        return None
    who = _by_whom(session, row.ask_id, "never ask", row.asked_by)
    return f"{_name(session, contact_id)} was already set aside for good by {who}"


def _name(session: Session, contact_id: str) -> str:
    names = select(Person.full_name).where(col(Person.contact_id) == contact_id)
    return session.exec(names).first() or "This person"


def _by_whom(session: Session, ask_id: str, act: str, known: str | None) -> str:
    """Who did an act to an ask and when, as far as the audit log or the record says."""
    query = select(AuditEntry).where(col(AuditEntry.record) == f"asks/{ask_id}", col(AuditEntry.act) == act)
    entry = session.exec(query.order_by(col(AuditEntry.id).desc())).first()
    if entry is None:
        return known or "somebody else"
    return f"{entry.actor} on {display_day(entry.at.date())} at {entry.at:%H:%M} UTC"


def _objections(month: Month, contact_id: str, activity: ActivityId) -> list[Objection]:
    """What stands against the ask on the data as they are now; called while the write lock is held.

    The month in hand answers at once when nothing has changed since it was built: the rows of `next_asks` in state ask
    are exactly those `check_ask` finds nothing against. Everything else is worked out afresh.
    """
    now = _as_things_are(month)
    if now is month:
        proposed = month.next_asks
        if (proposed.loc[proposed["contact_id"] == contact_id, "activity"] == activity).any():
            return []
    return check_ask(now.advocacy_input, contact_id, activity, load_advocacy_rules(), load_activities())


def _as_things_are(month: Month) -> Month:
    """The newest month on the newest data; what has not changed of the one in hand is kept."""
    state = current_state()
    facts = month.facts if month.facts.key == state.facts_key and month.facts.newest else None
    if facts is not None and month.key == f"{state.facts_key}:{state.records_key}:{month.as_of}":
        return month
    engine = facts.engine if facts is not None else open_engine(state)
    return month_of_source(open_source(state, engine), None, facts)


def _refusal(what: str, objections: list[Objection]) -> str:
    lines = [f"- {item.text}" + (f" (until {display_day(item.until)})" if item.until else "") for item in objections]
    return f"{what}; nothing was saved:\n" + "\n".join(lines)


def _ask_id(token: str) -> str:
    return f"P-{uuid5(NAMESPACE_URL, token).hex[:12]}"
