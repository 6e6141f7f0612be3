"""What people do with a next ask: accept, defer, never; accepted ones are sent. Rules are checked again at save."""

from __future__ import annotations

import datetime as dt
from uuid import NAMESPACE_URL, uuid5

import pandas as pd
from sqlmodel import col, select

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
from core.store.tables import Ask

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
        RuleBroken: Naming everything that stands against the ask now; nothing was saved.
    """
    require(actor, "accept an ask", *ROLES)
    with records_database().write() as session:
        serialise(session, "asks")
        before = session.exec(select(Ask).where(col(Ask.token) == token)).first()
        if before is not None:
            return before.ask_id
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
        actor: Who decides.
        contact_id: Whom not to ask.
        activity: What was proposed.
        reason: Why; required.
        token: As in `accept_ask`.
        at: Time of the act, UTC.
        until: First day the contact may be proposed again; None means never.

    Returns:
        Id of the record.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: No reason was given.
    """
    require(actor, "defer or refuse an ask", *ROLES)
    if not reason.strip():
        raise RuleBroken("Nothing was saved: say why, so that the next person knows.")
    with records_database().write() as session:
        before = session.exec(select(Ask).where(col(Ask.token) == token)).first()
        if before is not None:
            return before.ask_id
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

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: The ask is gone or was sent before.
    """
    require(actor, "mark an ask as sent", *ROLES)
    with records_database().write() as session:
        row = session.get(Ask, ask_id)
        if row is None or row.state != "accepted":
            raise RuleBroken("Nothing was saved: this ask was sent or withdrawn by somebody else.")
        values = {"state": "sent", "asked_on": sent_on, "delivered": True}
        records.save(session, Ask, {"ask_id": ask_id}, row.version, values)
        audit(session, at, actor.name, "send ask", f"asks/{ask_id}", sent_on=str(sent_on))


def _objections(month: Month, contact_id: str, activity: ActivityId) -> list[Objection]:
    """What stands against the ask on the data as they are now; called while the write lock is held."""
    state = current_state()
    fresh = month
    if month.key != f"{state.facts_key}:{state.records_key}:{month.as_of}":
        fresh = month_of_source(open_source(state, open_engine(state)), month.month)
    return check_ask(fresh.advocacy_input, contact_id, activity, load_advocacy_rules(), load_activities())


def _refusal(objections: list[Objection]) -> str:
    lines = [
        f"- {item.text}" + (f" (until {display_day(item.until)})" if item.until and pd.notna(item.until) else "")
        for item in objections
    ]
    return "This person cannot be asked now; nothing was saved:\n" + "\n".join(lines)


def _ask_id(token: str) -> str:
    return f"P-{uuid5(NAMESPACE_URL, token).hex[:12]}"
