"""Nominations: a colleague proposes a person for the programme; customer marketing takes it in or says why not."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd
from sqlmodel import Session, col, select

from core.errors import RuleBroken, StaleRecord, check_length, same_subject
from core.glossary import display_day
from core.month import Month
from core.services.access import Actor, Role, require
from core.services.ask_standing import refuse_erased
from core.services.clock import local_day
from core.services.home import records_database
from core.store import records
from core.store.audit import audit
from core.store.revisions import serialise
from core.store.tables import Enrolment, Nomination

OPEN, APPROVED, RETURNED = "open", "approved", "returned"
MAY_NOMINATE: tuple[Role, ...] = ("contributor", "customer_marketing")
REASON_LENGTH, ANSWER_LENGTH = 500, 300
"""Most characters of why somebody is proposed, and of why not; a form says so, a save refuses more."""
FIRST_TIER: Literal["community"] = "community"
"""Tier a person starts in: acts raise it, nobody's word does."""


@dataclass(frozen=True)
class NominationLine:
    """One nomination on a screen.

    Attributes:
        id: Id of the record.
        contact_id: Who is proposed.
        person: Name with role.
        account: Name of the account.
        reason: Why, in the words of who proposed.
        by: Who proposed, and when.
        state: open, approved or returned.
        answer: What was answered, by whom and when; empty while open.
        version: Version a decision has to name.
    """

    id: int
    contact_id: str
    person: str
    account: str
    reason: str
    by: str
    state: str
    answer: str
    version: int


def nominate(actor: Actor, month: Month, contact_id: str, reason: str, token: str, at: dt.datetime) -> int:
    """Propose a person for the programme.

    Args:
        actor: Who proposes; needs the role contributor or customer marketing.
        month: The month the screen was drawn from.
        contact_id: Who is proposed.
        reason: Why; required.
        token: One per opened form; the same token again saves nothing and returns the first id.
        at: Time of the act, UTC.

    Returns:
        Id of the nomination.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: No reason was given, the person is not known, was erased, is in the programme, or is proposed
            already; nothing was saved.
    """
    require(actor, "nominate a person", *MAY_NOMINATE)
    if not reason.strip():
        raise RuleBroken("Nothing was saved: say why this person would speak for us.")
    check_length("the reason", reason, REASON_LENGTH)
    if not (month.advocacy_input.ids == contact_id).any():
        raise RuleBroken("Nothing was saved: this contact is not known.")
    with records_database().write() as session:
        serialise(session, "nominations")
        if before := session.exec(select(Nomination).where(col(Nomination.token) == token)).first():
            same_subject(before.contact_id, contact_id)
            return _id(before)
        refuse_erased(session, contact_id)
        own = select(Nomination).where(col(Nomination.contact_id) == contact_id, col(Nomination.state) == OPEN)
        if other := session.exec(own).first():
            when = display_day(local_day(other.nominated_at))
            raise RuleBroken(f"Nothing was saved: {other.nominated_by} nominated this person on {when}; it is open.")
        if _enrolled(session, contact_id, local_day(at)):
            raise RuleBroken("Nothing was saved: this person is in the programme already.")
        row = Nomination(
            token=token, contact_id=contact_id, reason=reason.strip(), nominated_by=actor.name, nominated_at=at
        )
        session.add(row)
        session.flush()
        audit(session, at, actor.name, "nominate", f"nominations/{row.id}", contact=contact_id, reason=row.reason)
        return _id(row)


def decide_nomination(
    actor: Actor, nomination_id: int, version: int, *, approve: bool, answer: str, at: dt.datetime
) -> None:
    """Take a nominated person into the programme, or return the nomination with the reason.

    An approval enrols the person in the lowest tier; nothing else changes: every guardrail holds as before.

    Args:
        actor: Who decides; needs the role customer marketing.
        nomination_id: The nomination.
        version: The version that was on the screen.
        approve: Whether the person is taken in.
        answer: Why not; required for a return, may be empty otherwise.
        at: Time of the act, UTC.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: A return without a reason, or a person who was erased is to be taken in; nothing was saved.
        StaleRecord: Somebody else decided otherwise since; nothing was saved.
    """
    require(actor, "decide on a nomination", "customer_marketing")
    if not approve and not answer.strip():
        raise RuleBroken("Nothing was saved: say why it is returned, so that the colleague knows.")
    check_length("the answer", answer, ANSWER_LENGTH)
    state = APPROVED if approve else RETURNED
    with records_database().write() as session:
        serialise(session, "nominations")
        row = session.get(Nomination, nomination_id)
        if row is not None and (row.state, row.decided_by, row.answer) == (state, actor.name, answer.strip()):
            return
        if row is None or row.version != version:
            theirs = "it is gone" if row is None else f"{row.state} by {row.decided_by or row.nominated_by}"
            raise StaleRecord("The nomination", state, theirs)
        values = {"state": state, "decided_by": actor.name, "decided_at": at, "answer": answer.strip()}
        contact_id = row.contact_id
        if approve:
            refuse_erased(session, contact_id)
        records.save(session, Nomination, {"id": nomination_id}, version, values)
        if approve and not _enrolled(session, contact_id, local_day(at)):
            session.add(Enrolment(contact_id=contact_id, enrolled_on=local_day(at), tier=FIRST_TIER, edited=True))
        act = "approve nomination" if approve else "return nomination"
        audit(session, at, actor.name, act, f"nominations/{nomination_id}", contact=contact_id, answer=answer.strip())


def nominations(
    people: pd.DataFrame, contact_id: str | None = None, *, only_open: bool = False
) -> tuple[NominationLine, ...]:
    """Nominations of known people, open ones first, the newest first.

    Args:
        people: As `core.services.advocates.pool` returns it.
        contact_id: Only those of this person.
        only_open: Only those nobody has decided on yet.
    """
    wanted = select(Nomination).order_by(col(Nomination.id).desc())
    if contact_id is not None:
        wanted = wanted.where(col(Nomination.contact_id) == contact_id)
    if only_open:
        wanted = wanted.where(col(Nomination.state) == OPEN)
    with records_database().read() as session:
        rows = session.exec(wanted).all()
    if not rows:
        return ()
    names = people[["contact_id", "person", "account_name"]]
    about = names[names["contact_id"].isin({row.contact_id for row in rows})]
    known = {row["contact_id"]: row for row in about.to_dict("records")}
    lines = [_line(row, known[row.contact_id]) for row in rows if row.contact_id in known]
    return tuple(sorted(lines, key=lambda line: line.state != OPEN))


def _line(row: Nomination, person: dict[Any, Any]) -> NominationLine:
    said = f"{row.state} by {row.decided_by} on {display_day(local_day(row.decided_at))}" if row.decided_at else ""
    return NominationLine(
        id=_id(row),
        contact_id=row.contact_id,
        person=str(person["person"]),
        account=str(person["account_name"]),
        reason=row.reason,
        by=f"{row.nominated_by}, {display_day(local_day(row.nominated_at))}",
        state=row.state,
        answer=": ".join(filter(None, (said, row.answer))),
        version=row.version,
    )


def _enrolled(session: Session, contact_id: str, day: dt.date) -> bool:
    rows = session.exec(select(Enrolment).where(col(Enrolment.contact_id) == contact_id)).all()
    return any(row.enrolled_on <= day and (row.left_on is None or row.left_on > day) for row in rows)


def _id(row: Nomination) -> int:
    return int(row.id or 0)
