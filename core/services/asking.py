"""What people do with a next ask: accept, defer, never; accepted ones are sent or withdrawn.

The rules are checked again at save.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from uuid import NAMESPACE_URL, uuid5

import pandas as pd
from sqlmodel import Session, col, select

from core.errors import RuleBroken, check_length, same_subject
from core.glossary import display, display_day
from core.model.activities import ActivityId
from core.model.advocacy import AdvocacyRules
from core.month import Month
from core.services.access import Actor, Role, require
from core.services.ask_checks import against_asking, against_sending, as_things_are, refusal, stops_of
from core.services.ask_standing import by_whom, left_in_peace, refuse_erased, standing
from core.services.clock import local_day
from core.services.home import records_database
from core.store import records
from core.store.audit import audit
from core.store.revisions import serialise
from core.store.tables import Ask

ROLES: tuple[Role, ...] = ("customer_marketing", "contributor")
SET_ASIDE = ("deferred", "never")
REASON_LENGTH = 300
"""Most characters of a reason; a form says so, a save refuses more."""


def check_reason(reason: str) -> None:
    """Refuse an act on an ask without a reason, or with one longer than its field.

    Raises:
        RuleBroken: The reason is missing or too long; nothing was saved.
    """
    if not reason.strip():
        raise RuleBroken("Nothing was saved: say why, so that the next person knows.")
    check_length("the reason", reason, REASON_LENGTH)


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
        return accept_within(session, actor, month, contact_id, activity, why, token, at)


def accept_within(
    session: Session, actor: Actor, month: Month, contact_id: str, activity: ActivityId, why: str, token: str,
    at: dt.datetime, opportunity_id: str | None = None,
) -> str:  # fmt: skip
    """`accept_ask` inside a unit of work that saves more with it; the caller checks the role.

    `opportunity_id` is the deal the ask is to help.
    """
    serialise(session, "asks")
    if before := _logged(session, token, contact_id, activity, to_ask=True):
        return before
    if text := standing(session, contact_id, local_day(at)):
        raise RuleBroken(f"{text}. Nothing was saved.")
    (objections,) = against_asking(month, [(contact_id, activity)], local_day(at))
    if objections:
        raise RuleBroken(refusal("This person cannot be asked now", objections))
    row = new_ask(actor, token, contact_id, activity, "accepted", trigger=why or None, opportunity_id=opportunity_id)
    session.add(row)
    audit(session, at, actor.name, "accept ask", f"asks/{row.ask_id}", contact=contact_id, activity=activity)
    return row.ask_id


def accepted_words(people: pd.DataFrame, contact_id: str, label: str, name: str, rules: AdvocacyRules) -> str:
    """What accepting an ask did, in words: who else of the account could have been asked, and until when they rest.

    Args:
        people: Contacts as `core.services.advocates.pool` returns them, before the ask was accepted.
        contact_id: Who is asked.
        label: What for.
        name: Who that is, in words.
        rules: How long colleagues rest once the ask is sent, by segment.
    """
    return f"{label} accepted for {name}; it waits to be sent{colleague_words(people, contact_id, rules)}"


def colleague_words(people: pd.DataFrame, contact_id: str, rules: AdvocacyRules) -> str:
    """The sentence about who else of the account rests, as `accepted_words` ends with it; empty where nobody does."""
    rest = _askable_beside(people, [contact_id])
    if rest.empty:
        return ""
    first, more = rest["name"].iloc[0], len(rest) - 1
    others = f" and {more} {'colleague' if more == 1 else 'colleagues'}" if more else ""
    segment = rest["segment"].iloc[0]
    days = rules.of(None if pd.isna(segment) else str(segment)).limits.between_colleagues.days
    until = f"until {display(days, 'days')} after it is sent"
    return f". {first}{others} of the same account {'rest' if more else 'rests'} {until}"


def colleagues_count(people: pd.DataFrame, contact_ids: Collection[str]) -> int:
    """How many others could have been asked at the accounts of those who are asked; as `colleague_words` otherwise."""
    return len(_askable_beside(people, contact_ids))


def _askable_beside(people: pd.DataFrame, contact_ids: Collection[str]) -> pd.DataFrame:
    asked = people["contact_id"].isin(contact_ids)
    return people[people["account_id"].isin(people.loc[asked, "account_id"]) & ~asked & (people["state"] == "ask")]


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
    check_reason(reason)
    if until is not None and until <= local_day(at):
        raise RuleBroken(f"Nothing was saved: defer until a day after {display_day(local_day(at))}.")
    with records_database().write() as session:
        serialise(session, "asks")
        if before := _logged(session, token, contact_id, activity, to_ask=False):
            return before
        if text := left_in_peace(session, contact_id):
            raise RuleBroken(f"{text}. Nothing was saved.")
        state = "deferred" if until else "never"
        row = new_ask(actor, token, contact_id, activity, state, deferred_until=until, note=reason.strip())
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
    with records_database().write() as session:
        send_within(session, actor, month, ask_id, sent_on, at)


def send_within(session: Session, actor: Actor, month: Month, ask_id: str, sent_on: dt.date, at: dt.datetime) -> None:
    """`mark_sent` inside a unit of work that saves more with it; the caller checks the role."""
    if sent_on > local_day(at):
        raise RuleBroken(f"Nothing was saved: {display_day(sent_on)} lies ahead; give the day it was sent.")
    serialise(session, "asks")
    row = _accepted(session, ask_id)
    refuse_erased(session, row.contact_id)
    (found,) = against_sending(as_things_are(month), [(row.contact_id, row.activity)], sent_on)
    if stops := stops_of(found):
        raise RuleBroken(refusal("This ask cannot be sent now", stops))
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
    check_reason(reason)
    with records_database().write() as session:
        withdraw_within(session, actor, ask_id, reason, at)


def withdraw_within(session: Session, actor: Actor, ask_id: str, reason: str, at: dt.datetime) -> None:
    """`withdraw_ask` inside a unit of work that saves more with it; the caller checks role and reason."""
    serialise(session, "asks")
    row = _accepted(session, ask_id)
    records.save(session, Ask, {"ask_id": ask_id}, row.version, {"state": "proposed", "note": reason.strip()})
    audit(session, at, actor.name, "withdraw ask", f"asks/{ask_id}", reason=reason.strip())


def acted_on(contact_id: str, today: dt.date) -> str | None:
    """What stands recorded for a contact, by whom and since when, as one sentence; None when nothing does."""
    with records_database().read() as session:
        return standing(session, contact_id, today)


def _logged(session: Session, token: str, contact_id: str, activity: str, *, to_ask: bool) -> str | None:
    """The record this token made before, which must be about the same person, activity and choice."""
    row = session.exec(select(Ask).where(col(Ask.token) == token)).first()
    if row is None:
        return None
    same_subject((row.contact_id, row.activity, row.state not in SET_ASIDE), (contact_id, activity, to_ask))
    return row.ask_id


def _accepted(session: Session, ask_id: str) -> Ask:
    """The ask, which must still wait to be sent; else who did what to it is named."""
    row = session.get(Ask, ask_id)
    if row is None or row.state != "accepted":
        acts = {"proposed": ("withdrawn", "withdraw ask"), "sent": ("marked as sent", "send ask")}
        what, act = acts.get(row.state if row else "", ("sent or withdrawn", ""))
        raise RuleBroken(f"Nothing was saved: this ask was {what} by {by_whom(session, ask_id, act, None)}.")
    return row


def new_ask(actor: Actor, token: str, contact_id: str, activity: ActivityId, state: str, **other: object) -> Ask:
    """A record of an ask that a person makes here; its id comes from the token, so that one token makes one ask.

    Args:
        actor: Who makes it.
        token: One per opened form or list, and person where there are several.
        contact_id: Whom it is about.
        activity: What for.
        state: accepted, deferred or never.
        **other: Further columns.
    """
    own = {"ask_id": f"P-{uuid5(NAMESPACE_URL, token).hex[:12]}", "contact_id": contact_id, "activity": activity}
    return Ask.model_validate({**own, "state": state, "asked_by": actor.name, "token": token, **other})
