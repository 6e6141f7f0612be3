"""What people do with a next ask: accept, defer, never; accepted ones are sent. Rules are checked again at save."""

from __future__ import annotations

import datetime as dt
from uuid import NAMESPACE_URL, uuid5

from sqlmodel import Session, col, select

from core.advocacy.check import Objection, check_ask
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
from core.store.tables import Ask, AuditEntry

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
        _refuse_standing(session, contact_id, "accepted")
        objections = _objections(month, contact_id, activity)
        if objections:
            raise RuleBroken(_refusal(objections))
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
        _refuse_standing(session, contact_id, "never")
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


def mark_sent(actor: Actor, ask_id: str, sent_on: dt.date, at: dt.datetime) -> None:
    """An accepted ask was sent: from now on it counts as an ask.

    Args:
        actor: Who sent it; needs the role customer marketing or contributor.
        ask_id: The accepted ask.
        sent_on: Day it was sent, not after the day of the act.
        at: Time of the act, UTC.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: The ask is gone, was sent before, or the day lies ahead; nothing was saved.
    """
    require(actor, "mark an ask as sent", *ROLES)
    if sent_on > at.date():
        raise RuleBroken(f"Nothing was saved: {display_day(sent_on)} lies ahead; give the day it was sent.")
    with records_database().write() as session:
        serialise(session, "asks")
        row = session.get(Ask, ask_id)
        if row is None or row.state != "accepted":
            who = _by_whom(session, ask_id, "send ask", None)
            raise RuleBroken(f"Nothing was saved: this ask was marked as sent or withdrawn by {who}.")
        values = {"state": "sent", "asked_on": sent_on, "delivered": True}
        records.save(session, Ask, {"ask_id": ask_id}, row.version, values)
        audit(session, at, actor.name, "send ask", f"asks/{ask_id}", sent_on=str(sent_on))


def _logged(session: Session, token: str) -> str | None:
    """The record this token made before."""
    return session.exec(select(Ask.ask_id).where(col(Ask.token) == token)).first()


def _refuse_standing(session: Session, contact_id: str, state: str) -> None:
    """Refuse when the contact has an ask in that state, naming who put it there and when."""
    row = session.exec(select(Ask).where(col(Ask.contact_id) == contact_id, col(Ask.state) == state)).first()
    if row is None:
        return
    if state == "never":
        who = _by_whom(session, row.ask_id, "never ask", row.asked_by)
        raise RuleBroken(f"Nothing was saved: this person is left in peace for good, decided by {who}.")
    what = load_activities().activities[row.activity].label.lower()
    who = _by_whom(session, row.ask_id, "accept ask", row.asked_by)
    raise RuleBroken(
        f"This person cannot be asked now; nothing was saved: a {what} was accepted by {who} and waits to be sent."
    )


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


def _refusal(objections: list[Objection]) -> str:
    lines = [f"- {item.text}" + (f" (until {display_day(item.until)})" if item.until else "") for item in objections]
    return "This person cannot be asked now; nothing was saved:\n" + "\n".join(lines)


def _ask_id(token: str) -> str:
    return f"P-{uuid5(NAMESPACE_URL, token).hex[:12]}"
