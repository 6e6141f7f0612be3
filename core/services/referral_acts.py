"""What people do with a referral: give it to somebody, contact it, tell the referrer, approve or deny it."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from sqlmodel import Session, col, select

from core.errors import RuleBroken, StaleRecord
from core.glossary import display_day
from core.model.requests import Milestone
from core.services.access import Actor
from core.services.request_log import save_once, worded_text
from core.store import records
from core.store.audit import audit
from core.store.tables import Referral, ReferralEvent

Verdict = Literal["approved", "denied"]


def route_referral(actor: Actor, referral_id: str, version: int, given_to: str, token: str, at: dt.datetime) -> str:
    """Give a referral to the person who calls: from now on the human clock runs.

    Args:
        actor: Who gives it; role customer marketing or contributor.
        referral_id: The referral.
        version: Its version when it was drawn.
        given_to: Who calls.
        token: One per opened form; the same token again saves nothing.
        at: Time of the act, UTC.

    Returns:
        Id of the referral.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: Nobody is named, or the company was contacted already; nothing was saved.
        StaleRecord: The referral was changed since; nothing was saved.
    """

    def act(session: Session) -> str:
        row, name = _current(session, referral_id, version, f"given to {given_to}"), worded_text("who calls", given_to)
        if row.first_contact_at is not None:
            raise RuleBroken(f"Nothing was saved: the company was contacted on {_day(row.first_contact_at)}.")
        _event(session, actor, at, referral_id, "routed", token, given_to=name)
        audit(session, at, actor.name, "give referral", f"referrals/{referral_id}", to=name)
        return referral_id

    return save_once(actor, "give a referral to somebody", ReferralEvent, token, act)


def contact_referral(
    actor: Actor, referral_id: str, version: int, contacted_at: dt.datetime, token: str, at: dt.datetime
) -> str:
    """The referred company was contacted for the first time: its clock for that ends.

    Args:
        actor: Who records it; role customer marketing or contributor.
        referral_id: The referral.
        version: Its version when it was drawn.
        contacted_at: When it was contacted, with a zone; not before the submission and not after the act.
        token: As in `route_referral`.
        at: Time of the act, UTC.

    Returns:
        Id of the referral.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: It was contacted or rejected already, or the time is wrong; nothing was saved.
        StaleRecord: The referral was changed since; nothing was saved.
    """

    def act(session: Session) -> str:
        row, moment = _current(session, referral_id, version, "contacted"), contacted_at.astimezone(dt.UTC)
        _contactable(row, moment, at)
        values = {"first_contact_at": moment}
        records.save(session, Referral, {"referral_id": referral_id}, version, values)
        _event(session, actor, at, referral_id, "contacted", token)
        audit(session, at, actor.name, "contact referral", f"referrals/{referral_id}", contacted_at=moment.isoformat())
        return referral_id

    return save_once(actor, "record a first contact", ReferralEvent, token, act)


def tell_referrer(
    actor: Actor, referral_id: str, version: int, milestone: Milestone, text: str, token: str, at: dt.datetime
) -> str:
    """The referrer was told what became of the referral; raises as `route_referral` does.

    Args:
        actor: Who told it.
        referral_id: The referral.
        version: Its version when it was drawn.
        milestone: What was reached.
        text: The words.
        token: As in `route_referral`.
        at: Time of the act, UTC.
    """

    def act(session: Session) -> str:
        row, words = _current(session, referral_id, version, f"told: {milestone}"), worded_text("what was said", text)
        if not _reached(row, milestone):
            raise RuleBroken(f"Nothing was saved: this referral is not {milestone} yet.")
        if before := _event_of(session, referral_id, "told", milestone):
            raise RuleBroken(f"Nothing was saved: {before.author} told it on {_day(before.at)}: {before.note}")
        _event(session, actor, at, referral_id, "told", token, milestone=milestone, note=words)
        audit(session, at, actor.name, "tell referrer", f"referrals/{referral_id}", milestone=milestone, text=words)
        return referral_id

    return save_once(actor, "tell a referrer", ReferralEvent, token, act)


def judge_referral(
    actor: Actor, referral_id: str, version: int, verdict: Verdict, reason: str, token: str, at: dt.datetime
) -> str:
    """Approve a referral that something stands against, or deny it: a denied one is rejected with the reason.

    Args:
        actor: Who judges.
        referral_id: The referral.
        version: Its version when it was drawn.
        verdict: approved or denied.
        reason: Why; required.
        token: As in `route_referral`.
        at: Time of the act, UTC.

    Returns:
        Id of the referral.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: There is no reason, or somebody has judged it already; nothing was saved.
        StaleRecord: The referral was changed since; nothing was saved.
    """

    def act(session: Session) -> str:
        row, why = _current(session, referral_id, version, verdict), worded_text("the reason", reason)
        if before := _event_of(session, referral_id, "approved") or _event_of(session, referral_id, "denied"):
            raise RuleBroken(f"Nothing was saved: {before.author} {before.kind} it on {_day(before.at)}: {before.note}")
        if verdict == "denied" and row.rejected_reason is None:
            values = {"rejected_reason": f"denied: {why}"}
            records.save(session, Referral, {"referral_id": referral_id}, version, values)
        _event(session, actor, at, referral_id, verdict, token, note=why)
        audit(session, at, actor.name, f"{verdict} referral", f"referrals/{referral_id}", reason=why)
        return referral_id

    return save_once(actor, "judge a referral", ReferralEvent, token, act)


def _current(session: Session, referral_id: str, version: int, wanted: str) -> Referral:
    row = session.get(Referral, referral_id)
    if row is None:
        raise StaleRecord("This referral", wanted, "it is gone")
    if row.version != version:
        raise StaleRecord("This referral", wanted, row.rejected_reason or "another version, with other dates")
    return row


def _contactable(row: Referral, moment: dt.datetime, at: dt.datetime) -> None:
    """Refuse a contact of what needs none, or at a time that cannot be."""
    if row.first_contact_at is not None:
        raise RuleBroken(f"Nothing was saved: the company was contacted on {_day(row.first_contact_at)}.")
    if row.rejected_reason is not None:
        raise RuleBroken("Nothing was saved: this referral is rejected.")
    submitted = row.submitted_at.replace(tzinfo=dt.UTC) if row.submitted_at.tzinfo is None else row.submitted_at
    if not submitted <= moment <= at:
        raise RuleBroken(
            f"Nothing was saved: give a time from {submitted:%Y-%m-%d %H:%M} UTC, when it was submitted, to "
            f"{at:%Y-%m-%d %H:%M} UTC; found {moment:%Y-%m-%d %H:%M} UTC."
        )


def _reached(row: Referral, milestone: Milestone) -> bool:
    """Whether the record says so; what became of the deal stands in the facts, so a deal is enough for its outcome."""
    return {
        "contacted": row.first_contact_at is not None,
        "qualified": row.qualified_at is not None,
        "rejected": row.rejected_reason is not None,
    }.get(milestone, row.opportunity_id is not None)


def _event_of(session: Session, referral_id: str, kind: str, milestone: str | None = None) -> ReferralEvent | None:
    query = select(ReferralEvent).where(col(ReferralEvent.referral_id) == referral_id, col(ReferralEvent.kind) == kind)
    if milestone is not None:
        query = query.where(col(ReferralEvent.milestone) == milestone)
    return session.exec(query).first()


def _event(
    session: Session, actor: Actor, at: dt.datetime, referral_id: str, kind: str, token: str, **more: object
) -> None:
    values = {"token": token, "referral_id": referral_id, "kind": kind, "author": actor.name, "at": at, **more}
    session.add(ReferralEvent.model_validate(values))


def _day(at: dt.datetime) -> str:
    return display_day(at.date())
