"""What follows an ask that was sent: the answer, done, used, thanked, told what came of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Literal, get_args

from sqlmodel import Session, col, select

from core.errors import RuleBroken, StaleRecord
from core.glossary import display_day
from core.services.access import Actor, require
from core.services.ask_standing import refuse_erased
from core.services.asking import ROLES
from core.services.clock import local_day
from core.services.home import records_database
from core.store import records
from core.store.audit import audit
from core.store.revisions import serialise
from core.store.tables import Ask, AuditEntry

Step = Literal["completed_on", "used_on", "thanked_on", "told_outcome_on"]
Response = Literal["yes", "no", "later"]

STEPS: dict[Step, str] = {
    "completed_on": "done",
    "used_on": "used",
    "thanked_on": "thanked",
    "told_outcome_on": "told the outcome",
}
"""What each step is called, in the order they are taken."""

TO_THE_PERSON: tuple[Step, ...] = ("thanked_on", "told_outcome_on")
"""Steps for which somebody writes to the person."""

RECORDED = "record answer"
"""Act of the audit log that records an answer."""


def mark_step(actor: Actor, ask_id: str, step: Step, day: dt.date, version: int, at: dt.datetime) -> None:
    """Note that an ask was done, its result used, or the person thanked or told what came of it.

    Args:
        actor: Who notes it; needs the role customer marketing or contributor.
        ask_id: An ask that was sent.
        step: What happened.
        day: When, not after the day of the act nor before the ask, or before it was done.
        version: The version of the record that was on the screen.
        at: Time of the act, UTC.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: The ask was not sent, the day cannot be, the step comes before its turn, or the person to thank or
            tell was erased; nothing was saved.
        StaleRecord: Somebody else changed the ask since, and not to this; nothing was saved.
    """
    require(actor, f"mark an ask as {STEPS[step]}", *ROLES)
    with records_database().write() as session:
        serialise(session, "asks")
        row = _sent(session, ask_id)
        if getattr(row, step) == day:
            return
        if step in TO_THE_PERSON:
            refuse_erased(session, row.contact_id)
        _in_order(row, step, day, local_day(at))
        _save(session, actor, row, version, {step: day}, f"mark ask {STEPS[step]}", at)


def record_response(actor: Actor, ask_id: str, response: Response, day: dt.date, version: int, at: dt.datetime) -> None:
    """Note the answer to an ask that was sent.

    Args:
        actor: Who notes it; needs the role customer marketing or contributor.
        ask_id: An ask that was sent.
        response: yes, no or later.
        day: Day of the answer, not before the ask nor after the day of the act.
        version: The version of the record that was on the screen.
        at: Time of the act, UTC.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: The ask was not sent, the day cannot be, or there is no such answer; nothing was saved.
        StaleRecord: As in `mark_step`.
    """
    require(actor, "record the answer to an ask", *ROLES)
    if response not in get_args(Response):
        raise RuleBroken(f'Nothing was saved: expected yes, no or later, found "{response}".')
    with records_database().write() as session:
        serialise(session, "asks")
        row = _sent(session, ask_id)
        if (row.response, row.responded_on) == (response, day):
            return
        _possible(row, day, local_day(at))
        _save(session, actor, row, version, {"response": response, "responded_on": day}, RECORDED, at)


def take_back_answer(actor: Actor, ask_id: str, version: int, at: dt.datetime) -> None:
    """Take back an answer that was recorded here by mistake: the ask waits for its answer again.

    Only on the day it was recorded (in the company's zone), and only while nothing was done. Both stay in the audit
    log; an ask without an answer is left as it is, so that a second click saves nothing.

    Args:
        actor: Who takes it back; needs the role customer marketing or contributor.
        ask_id: An ask that was sent.
        version: The version of the record that was on the screen.
        at: Time of the act, UTC.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: The ask was not sent, the answer was not recorded here or not today, or the act is done; nothing
            was saved.
        StaleRecord: As in `mark_step`.
    """
    require(actor, "take back the answer to an ask", *ROLES)
    with records_database().write() as session:
        serialise(session, "asks")
        row = _sent(session, ask_id)
        if row.response is None:
            return
        before = {"answer": row.response, "answered_on": str(row.responded_on)}
        _undoable(session, row, at)
        values: dict[str, object] = {"response": None, "responded_on": None}
        _save(session, actor, row, version, values, "take back answer", at, before)


def recorded_answers(session: Session, ask_ids: Sequence[str]) -> dict[str, dt.datetime]:
    """When the latest answer to each ask was recorded here, UTC; an ask whose answer an import brought is missing."""
    keys = {f"asks/{ask_id}": ask_id for ask_id in ask_ids}
    query = select(AuditEntry).where(col(AuditEntry.record).in_(list(keys)), col(AuditEntry.act) == RECORDED)
    return {keys[entry.record]: entry.at for entry in session.exec(query.order_by(col(AuditEntry.id)))}


def _undoable(session: Session, row: Ask, at: dt.datetime) -> None:
    """Refuse where the answer may not be taken back."""
    recorded = recorded_answers(session, [row.ask_id]).get(row.ask_id)
    if recorded is None:
        raise RuleBroken("Nothing was saved: no answer was recorded here; what an import brought, it corrects.")
    if local_day(recorded) != local_day(at):
        day = display_day(local_day(recorded))
        raise RuleBroken(f"Nothing was saved: it was recorded on {day}; it can be taken back on that day only.")
    if row.completed_on is not None:
        raise RuleBroken(f"Nothing was saved: it was done on {display_day(row.completed_on)}.")


def _sent(session: Session, ask_id: str) -> Ask:
    row = session.get(Ask, ask_id)
    if row is None or row.state != "sent":
        raise RuleBroken("Nothing was saved: only what follows an ask that was sent can be noted.")
    return row


def _possible(row: Ask, day: dt.date, today: dt.date) -> None:
    if day > today:
        raise RuleBroken(f"Nothing was saved: {display_day(day)} lies ahead.")
    if row.asked_on is not None and day < row.asked_on:
        raise RuleBroken(f"Nothing was saved: it was asked on {display_day(row.asked_on)}, after {display_day(day)}.")


def _in_order(row: Ask, step: Step, day: dt.date, today: dt.date) -> None:
    """Thanks, use and news of the outcome follow what was done."""
    _possible(row, day, today)
    if step == "completed_on":
        return
    if row.completed_on is None:
        raise RuleBroken("Nothing was saved: note first that it was done.")
    if day < row.completed_on:
        raise RuleBroken(f"Nothing was saved: it was done on {display_day(row.completed_on)} only.")


def _save(
    session: Session, actor: Actor, row: Ask, version: int, values: dict[str, object], act: str, at: dt.datetime,
    told: dict[str, str] | None = None,
) -> None:  # fmt: skip
    """Save and audit: what was saved, or `told` instead."""
    if row.version != version:
        theirs = ", ".join(f"{name} = {getattr(row, name)}" for name in values)
        raise StaleRecord("asks", ", ".join(f"{name} = {value}" for name, value in values.items()), theirs)
    records.save(session, Ask, {"ask_id": row.ask_id}, version, values)
    detail = told or {name: str(value) for name, value in values.items()}
    audit(session, at, actor.name, act, f"asks/{row.ask_id}", contact=row.contact_id, **detail)
