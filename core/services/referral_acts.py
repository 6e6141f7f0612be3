"""What people do with a referral: give it to somebody, contact it, take that back, tell the referrer, judge it."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from sqlmodel import Session, col, select

from core.errors import RuleBroken
from core.glossary import display_day
from core.model.requests import Milestone
from core.schema.zones import told
from core.services.access import Actor
from core.services.ask_standing import refuse_erased
from core.services.clock import local_day, moment_words
from core.services.request_log import UNDONE
from core.services.request_saving import NAME_LENGTH, REFERRAL, Act, save_once, worded_text
from core.settings import settings
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

    def act(on: Act[Referral]) -> str:
        name = worded_text("who calls", given_to, NAME_LENGTH)
        row = _current(on, referral_id, version, f"given to {name}")
        if row.first_contact_at is not None and _instant(row.first_contact_at) <= at:
            raise RuleBroken(f"Nothing was saved: the company was contacted on {_day(row.first_contact_at)}.")
        on.claim(row)
        return on.step(referral_id, "routed", "give referral", {"to": name}, given_to=name)

    return save_once(actor, "give a referral to somebody", REFERRAL, {"referral_id": referral_id}, token, at, act)


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

    def act(on: Act[Referral]) -> str:
        row, moment = _current(on, referral_id, version, "contacted"), told(contacted_at, settings().council_zone)
        _contactable(row, contacted_at, moment, at)
        on.change(row, first_contact_at=moment)
        return on.step(referral_id, "contacted", "contact referral", {"contacted_at": moment.isoformat()})

    return save_once(actor, "record a first contact", REFERRAL, {"referral_id": referral_id}, token, at, act)


def undo_contact(actor: Actor, referral_id: str, version: int, token: str, at: dt.datetime) -> str:
    """Take back a first contact that was recorded here by mistake: the company waits again, its clock as it was.

    Only on the day it was recorded (in the company's zone), and only while nothing rests on it. Both steps stay on
    record.

    Args:
        actor: Who takes it back; role customer marketing or contributor.
        referral_id: The referral.
        version: Its version when it was drawn.
        token: As in `route_referral`.
        at: Time of the act, UTC.

    Returns:
        Id of the referral.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: It was not recorded here, not today, or something rests on it; nothing was saved.
        StaleRecord: The referral was changed since; nothing was saved.
    """

    def act(on: Act[Referral]) -> str:
        row = _current(on, referral_id, version, "not contacted")
        recorded = _instant(_undoable(on.session, row, at))
        on.change(row, first_contact_at=None)
        return on.step(referral_id, UNDONE, "undo contact", {"contacted_at": recorded.isoformat()})

    return save_once(actor, "take back a first contact", REFERRAL, {"referral_id": referral_id}, token, at, act)


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

    def act(on: Act[Referral]) -> str:
        words, row = worded_text("what was said", text), _current(on, referral_id, version, f"told: {milestone}")
        refuse_erased(on.session, row.contact_id)
        if not _reached(row, milestone):
            raise RuleBroken(f"Nothing was saved: this referral is not {milestone} yet.")
        if before := _event_of(on.session, referral_id, "told", milestone):
            raise RuleBroken(f"Nothing was saved: {before.author} told it on {_day(before.at)}: {before.note}")
        told = {"milestone": milestone, "text": words}
        return on.step(referral_id, "told", "tell referrer", told, milestone=milestone, note=words)

    return save_once(actor, "tell a referrer", REFERRAL, {"referral_id": referral_id}, token, at, act)


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

    def act(on: Act[Referral]) -> str:
        why, row = worded_text("the reason", reason), _current(on, referral_id, version, verdict)
        if before := _event_of(on.session, referral_id, "approved") or _event_of(on.session, referral_id, "denied"):
            raise RuleBroken(f"Nothing was saved: {before.author} {before.kind} it on {_day(before.at)}: {before.note}")
        if verdict == "denied" and row.rejected_reason is None:
            on.change(row, rejected_reason=f"denied: {why}")
        return on.step(referral_id, verdict, f"{verdict} referral", {"reason": why}, note=why)

    return save_once(actor, "judge a referral", REFERRAL, {"referral_id": referral_id}, token, at, act)


def _current(act: Act[Referral], referral_id: str, version: int, wanted: str) -> Referral:
    """The referral as it was drawn; one that was rejected or given away since says so."""

    def now(row: Referral) -> str | None:
        if row.version == version:
            return None
        given = _event_of(act.session, referral_id, "routed")
        return row.rejected_reason or (f"given to {given.given_to} by {given.author}" if given else None)

    return act.drawn(referral_id, version, wanted, now)


def _contactable(row: Referral, given: dt.datetime, kept: dt.datetime, at: dt.datetime) -> None:
    """Refuse a contact of what needs none, or at a time that cannot be, `given`, or `kept` as the submission is."""
    if row.first_contact_at is not None:
        raise RuleBroken(f"Nothing was saved: the company was contacted on {_day(row.first_contact_at)}.")
    if row.rejected_reason is not None:
        raise RuleBroken("Nothing was saved: this referral is rejected.")
    submitted = _instant(row.submitted_at)
    # A day without an hour is in order with every moment of that day.
    is_day = submitted.time() == dt.time()
    too_early = local_day(given) < submitted.date() if is_day else submitted > kept
    if too_early or given > at:
        since = display_day(submitted.date()) if is_day else moment_words(submitted)
        raise RuleBroken(
            f"Nothing was saved: give a time from {since}, when it was submitted, to "
            f"{moment_words(at)}; found {moment_words(given)}."
        )


def _undoable(session: Session, row: Referral, at: dt.datetime) -> dt.datetime:
    """The contact on record, refused where it may not be taken back."""
    last = _event_of(session, row.referral_id, "contacted")
    if row.first_contact_at is None or last is None:
        raise RuleBroken("Nothing was saved: no first contact was recorded here; what an import brought, it corrects.")
    if local_day(last.at) != local_day(at):
        raise RuleBroken(
            f"Nothing was saved: it was recorded on {_day(last.at)}; it can be taken back on that day only."
        )
    if row.qualified_at is not None or row.opportunity_id is not None or row.rejected_reason is not None:
        raise RuleBroken("Nothing was saved: the referral has moved on since it was contacted.")
    told = _event_of(session, row.referral_id, "told", "contacted")
    if told is not None and told.at >= last.at:
        raise RuleBroken(f"Nothing was saved: {told.author} told the referrer of it on {_day(told.at)}.")
    return row.first_contact_at


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
    return session.exec(query.order_by(col(ReferralEvent.id).desc())).first()


def _instant(at: dt.datetime) -> dt.datetime:
    """A moment as read from the database, in UTC."""
    return at.replace(tzinfo=dt.UTC) if at.tzinfo is None else at


def _day(at: dt.datetime) -> str:
    return display_day(local_day(at))
