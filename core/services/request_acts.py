"""What people do with a reference request: open it, give it to a person, send, done with proof, withdraw, miss."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import NAMESPACE_URL, uuid5

from sqlmodel import Session, col, select

from core.advocacy.match_attributes import LABELS
from core.errors import RuleBroken, check_length
from core.glossary import display_day
from core.model.requests import ATTRIBUTES, Attribute
from core.month import Month
from core.services.access import Actor
from core.services.asking import accept_within, send_within, withdraw_within
from core.services.clock import local_day
from core.services.request_rows import ask_of, current_request
from core.services.request_saving import REQUEST, TEXT_LENGTH, Act, save_once, worded_text
from core.store import records
from core.store.tables import Ask, ReferenceRequest


@dataclass(frozen=True)
class RequestDraft:
    """A request as it is entered.

    Attributes:
        opportunity_id: The open deal that needs a reference.
        needed_by: Day it is needed.
        wanted: What the reference should have in common with the buyer, by attribute; what is empty is not wanted.
        note: What it is to help with; may be empty.
    """

    opportunity_id: str
    needed_by: dt.date | None
    wanted: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


def open_request(actor: Actor, month: Month, draft: RequestDraft, token: str, at: dt.datetime) -> str:
    """Ask for a reference for an open deal.

    Args:
        actor: Who needs it; role customer marketing or contributor.
        month: The month the deals were read from.
        draft: The request.
        token: One per opened form; the same token again opens nothing and returns the first id.
        at: Time of the act, UTC.

    Returns:
        Id of the request.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: The deal is not open, has an open request already, or the day is missing or past; nothing was saved.
    """

    def act(on: Act[ReferenceRequest]) -> str:
        note = draft.note.strip()
        check_length("what it is to help with", note, TEXT_LENGTH)
        _openable(on.session, month, draft, at)
        row = ReferenceRequest.model_validate(
            {
                "request_id": f"R-{uuid5(NAMESPACE_URL, token).hex[:12]}",
                "opportunity_id": draft.opportunity_id,
                "needed_by": draft.needed_by,
                "state": "open",
                **{f"wanted_{name}": draft.wanted.get(name, "").strip() or None for name in ATTRIBUTES},
            }
        )
        on.session.add(row)
        return on.step(row.request_id, "opened", "open request", {"deal": row.opportunity_id}, note=note or None)

    return save_once(actor, "ask for a reference", REQUEST, {"opportunity_id": draft.opportunity_id}, token, at, act)


def accept_match(
    actor: Actor, month: Month, request_id: str, version: int, contact_id: str, why: str, token: str, at: dt.datetime
) -> str:
    """Give a request to a person: the request is matched and an ask waits to be sent, in one transaction.

    Every rule that stands against an ask is looked up again on the data as they are now, as on Advocates.

    Args:
        actor: Who decides; role customer marketing or contributor.
        month: The month the matches were drawn from.
        request_id: The request.
        version: Its version when it was drawn.
        contact_id: Who is to give the reference.
        why: Why this person, as the match said; kept as the ask's trigger.
        token: As in `open_request`.
        at: Time of the act, UTC.

    Returns:
        Id of the request.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: The request has its person or is closed, its deal is closed, the person is of the company that buys,
            or anything stands against asking this person now; nothing was saved.
        StaleRecord: Somebody changed the request since; nothing was saved.
    """

    def act(on: Act[ReferenceRequest]) -> str:
        row = current_request(on, request_id, version, f"given to {contact_id}")
        _to_match(on.session, month, row, contact_id)
        deal, ask_token = row.opportunity_id, f"{token}:ask"
        ask_id = accept_within(on.session, actor, month, contact_id, "reference", why, ask_token, at, deal)
        on.change(row, state="matched", contact_id=contact_id)
        told, more = {"contact": contact_id}, {"contact_id": contact_id, "ask_id": ask_id}
        return on.step(request_id, "matched", "match request", told, **more, note=why[:500])

    return save_once(actor, "give a request to a person", REQUEST, {"request_id": request_id}, token, at, act)


def relax_request(
    actor: Actor, request_id: str, version: int, drop: Sequence[Attribute], token: str, at: dt.datetime
) -> str:
    """Give up what a request wants, so that more people fit; raises as `finish_request` does.

    Args:
        actor: Who decides; role customer marketing or contributor.
        request_id: The request, which still waits for a person.
        version: Its version when it was drawn.
        drop: What is not wanted any more.
        token: As in `open_request`.
        at: Time of the act, UTC.
    """

    def act(on: Act[ReferenceRequest]) -> str:
        row = current_request(on, request_id, version, "relaxed")
        words = " and ".join(LABELS[name] for name in drop)
        if not any(getattr(row, f"wanted_{name}") for name in drop):
            raise RuleBroken(f"Nothing was saved: no {words or 'attribute'} is wanted.")
        on.change(row, **{f"wanted_{name}": None for name in drop})
        return on.step(request_id, "relaxed", "relax request", {"dropped": words}, note=words)

    return save_once(actor, "relax a request", REQUEST, {"request_id": request_id}, token, at, act)


def send_request(
    actor: Actor, month: Month, request_id: str, version: int, sent_on: dt.date, token: str, at: dt.datetime
) -> str:
    """The person was asked: the accepted ask of the request is marked as sent; raises as `accept_match` does."""

    def act(on: Act[ReferenceRequest]) -> str:
        row = current_request(on, request_id, version, "sent")
        ask = ask_of(on.session, row)
        if ask is None:
            raise RuleBroken("Nothing was saved: this request has no ask yet; give it to a person first.")
        send_within(on.session, actor, month, ask.ask_id, sent_on, at)
        on.change(row, state="matched")
        told = {"sent_on": str(sent_on)}
        return on.step(request_id, "sent", "send request", told, ask_id=ask.ask_id, day=sent_on)

    return save_once(actor, "mark a request as sent", REQUEST, {"request_id": request_id}, token, at, act)


def finish_request(
    actor: Actor, request_id: str, version: int, proof: str, done_on: dt.date, token: str, at: dt.datetime
) -> str:
    """The reference took place: proof is required, and its ask is completed on that day.

    Args:
        actor: Who records it; role customer marketing or contributor.
        request_id: The request, with its person.
        version: Its version when it was drawn.
        proof: Text or link that shows it took place.
        done_on: Day it took place, not after the day of the act and not before the ask was sent.
        token: As in `open_request`.
        at: Time of the act, UTC.

    Returns:
        Id of the request.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: There is no proof, no person, the ask was not sent, or the day is wrong; nothing was saved.
        StaleRecord: Somebody changed the request since; nothing was saved.
    """

    def act(on: Act[ReferenceRequest]) -> str:
        row, shown = current_request(on, request_id, version, "done"), worded_text("the proof", proof)
        if row.contact_id is None:
            raise RuleBroken("Nothing was saved: nobody is on this request; give it to a person first.")
        ask = ask_of(on.session, row)
        if ask is not None:
            _complete(on.session, ask, done_on, local_day(at))
        elif done_on > local_day(at):
            raise RuleBroken(f"Nothing was saved: {display_day(done_on)} lies ahead.")
        on.change(row, state="done", proof=shown)
        told, more = {"done_on": str(done_on)}, {"contact_id": row.contact_id, "proof": shown}
        return on.step(request_id, "done", "finish request", told, **more, day=done_on)

    return save_once(actor, "close a request", REQUEST, {"request_id": request_id}, token, at, act)


def withdraw_request(actor: Actor, request_id: str, version: int, reason: str, token: str, at: dt.datetime) -> str:
    """The reference is not needed any more: counts nowhere; raises as `finish_request` does. A reason is required.

    Only until its day: a request not filled by then is missed, as it would be had nobody closed it.
    """
    return _end(actor, request_id, version, "withdrawn", reason, token, at)


def miss_request(actor: Actor, request_id: str, version: int, reason: str, token: str, at: dt.datetime) -> str:
    """The day passed without a reference: counts as missed; raises as `finish_request` does. A reason is required."""
    return _end(actor, request_id, version, "missed", reason, token, at)


def _end(actor: Actor, request_id: str, version: int, state: str, reason: str, token: str, at: dt.datetime) -> str:
    def act(on: Act[ReferenceRequest]) -> str:
        why, row = worded_text("the reason", reason), current_request(on, request_id, version, state)
        if (passed := row.needed_by < local_day(at)) != (state == "missed"):
            way = "has passed; mark it as missed" if passed else "has not passed; withdraw it if it is not needed"
            raise RuleBroken(f"Nothing was saved: its day is {display_day(row.needed_by)}, which {way}.")
        ask = ask_of(on.session, row)
        if ask is not None and ask.state == "accepted":
            withdraw_within(on.session, actor, ask.ask_id, f"request {state}: {why}", at)
        on.change(row, state=state)
        return on.step(request_id, state, f"{state} request", {"reason": why}, note=why)

    return save_once(actor, "close a request", REQUEST, {"request_id": request_id}, token, at, act)


def _openable(session: Session, month: Month, draft: RequestDraft, at: dt.datetime) -> None:
    if draft.opportunity_id not in set(month.open_deals["opportunity_id"]):
        raise RuleBroken("Nothing was saved: choose a deal that is open.")
    if draft.needed_by is None or draft.needed_by < local_day(at):
        raise RuleBroken(f"Nothing was saved: give the day it is needed, from {display_day(local_day(at))} on.")
    query = select(ReferenceRequest).where(col(ReferenceRequest.opportunity_id) == draft.opportunity_id)
    if session.exec(query.where(col(ReferenceRequest.state) == "open")).first() is not None:
        raise RuleBroken("Nothing was saved: this deal has a request already that waits for a person.")


def _to_match(session: Session, month: Month, row: ReferenceRequest, contact_id: str) -> None:
    ask = ask_of(session, row)
    if row.state == "matched" and ask is not None and ask.state != "proposed" and ask.response != "no":
        raise RuleBroken("Nothing was saved: this request has its person already.")
    deals, people = month.open_deals, month.facts.contacts
    deal = deals[deals["opportunity_id"] == row.opportunity_id]
    if deal.empty:
        raise RuleBroken("Nothing was saved: the deal is not open any more; close the request.")
    accounts = people.loc[people["contact_id"] == contact_id, "account_id"]
    units = month.facts.accounts.set_index("account_id")["unit_id"].reindex(accounts)
    if (units == deal["unit_id"].iloc[0]).any():
        raise RuleBroken("Nothing was saved: this person is of the company that buys.")


def _complete(session: Session, ask: Ask, done_on: dt.date, today: dt.date) -> None:
    if ask.state != "sent" or ask.asked_on is None:
        raise RuleBroken("Nothing was saved: the person was not asked yet; mark the ask as sent first.")
    if not ask.asked_on <= done_on <= today:
        span = f"{display_day(ask.asked_on)}, when the person was asked, to {display_day(today)}"
        raise RuleBroken(f"Nothing was saved: give a day from {span}; found {display_day(done_on)}.")
    values = {"response": "yes", "responded_on": ask.responded_on or done_on, "completed_on": done_on}
    records.save(session, Ask, {"ask_id": ask.ask_id}, ask.version, values)
