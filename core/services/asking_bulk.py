"""Acting on many people at once: every one is checked again in the transaction that saves, and told one by one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from core.errors import RuleBroken
from core.glossary import display_day
from core.model.activities import ActivityId
from core.month import Month
from core.services.access import Actor, require
from core.services.ask_checks import against_asking
from core.services.ask_standing import left_in_peace, standing
from core.services.asking import ROLES, check_reason, new_ask
from core.services.clock import local_day
from core.services.home import records_database
from core.store.audit import audit
from core.store.revisions import serialise
from core.store.tables import Ask

MOST = 500
"""People acted on at once; more are no decision any more."""


@dataclass(frozen=True, slots=True)
class Pick:
    """One chosen person of a list.

    Attributes:
        contact_id: Who.
        name: What the person is called on the screen.
        activity: What for.
        why: Why now, as the list said.
    """

    contact_id: str
    name: str
    activity: ActivityId
    why: str = ""


@dataclass(frozen=True)
class BulkReport:
    """What became of each of the people.

    Attributes:
        done: Names of those it was saved for, in the order given.
        refused: Name and reason of each of the others.
        contacts: Ids of those it was saved for, in the same order as `done`.
    """

    done: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]
    contacts: tuple[str, ...] = ()


def accept_many(actor: Actor, month: Month, picks: Sequence[Pick], token: str, at: dt.datetime) -> BulkReport:
    """Accept the proposed asks of many people; who cannot be asked now is left out and told with the reason.

    Of several people of one account the first is accepted: each is judged as things stand after those before it.

    Args:
        actor: Who accepts; needs the role customer marketing or contributor.
        month: The month the list was drawn from.
        picks: Whom to ask for what, each person once.
        token: One per opened list; with the same token again nothing is logged twice.
        at: Time of the act, UTC.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: Nobody, somebody twice, or more than 500 people are chosen; nothing was saved.
    """
    require(actor, "accept asks", *ROLES)
    _countable(picks)

    def save(session: Session) -> BulkReport:
        found = against_asking(month, [(pick.contact_id, pick.activity) for pick in picks], local_day(at))
        against = {pick.contact_id: stops for pick, stops in zip(picks, found, strict=True)}
        colleagues, accepted = _accounts(month, picks), dict[str, Pick]()

        def refused(pick: Pick) -> str | None:
            text = standing(session, pick.contact_id, local_day(at))
            if reason := text or "; ".join(stop.text for stop in against[pick.contact_id]):
                return reason
            first = accepted.setdefault(colleagues.get(pick.contact_id, pick.contact_id), pick)
            return None if first is pick else f"{first.name}, a colleague, was accepted just before"

        def row(pick: Pick, own: str) -> Ask:
            return new_ask(actor, own, pick.contact_id, pick.activity, "accepted", trigger=pick.why or None)

        return _each(session, actor, at, picks, token, "accept ask", refused, row)

    return _saved(save)


def defer_many(
    actor: Actor, picks: Sequence[Pick], until: dt.date, reason: str, token: str, at: dt.datetime
) -> BulkReport:
    """Defer many people until a day; who was set aside for good before is left out and told.

    Args:
        actor: Who decides; needs the role customer marketing or contributor.
        picks: Whom not to ask, each person once.
        until: First day they may be proposed again, after the day of the act.
        reason: Why; required.
        token: As in `accept_many`.
        at: Time of the act, UTC.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: No reason was given, the day is not ahead, or as in `accept_many`; nothing was saved.
    """
    require(actor, "defer asks", *ROLES)
    _countable(picks)
    check_reason(reason)
    if until <= local_day(at):
        raise RuleBroken(f"Nothing was saved: defer until a day after {display_day(local_day(at))}.")

    def save(session: Session) -> BulkReport:
        def row(pick: Pick, own: str) -> Ask:
            return new_ask(
                actor, own, pick.contact_id, pick.activity, "deferred", deferred_until=until, note=reason.strip()
            )

        return _each(
            session, actor, at, picks, token, "defer ask", lambda pick: left_in_peace(session, pick.contact_id), row
        )

    return _saved(save)


def _accounts(month: Month, picks: Sequence[Pick]) -> dict[str, str]:
    """Account of each of the people who have one."""
    rows = month.advocacy_input.contacts[["contact_id", "account_id"]].dropna()
    rows = rows[rows["contact_id"].isin([pick.contact_id for pick in picks])]
    return dict(zip(rows["contact_id"], rows["account_id"], strict=True))


def _countable(picks: Sequence[Pick]) -> None:
    if not picks:
        raise RuleBroken("Nothing was saved: choose at least one person.")
    if len(picks) > MOST:
        raise RuleBroken(f"Nothing was saved: {len(picks):,} people are chosen; choose {MOST} at most.")
    if len({pick.contact_id for pick in picks}) < len(picks):
        raise RuleBroken("Nothing was saved: somebody is chosen twice.")


def _saved(save: Callable[[Session], BulkReport]) -> BulkReport:
    with records_database().write() as session:
        serialise(session, "asks")
        return save(session)


def _each(
    session: Session,
    actor: Actor,
    at: dt.datetime,
    picks: Sequence[Pick],
    token: str,
    act: str,
    refused: Callable[[Pick], str | None],
    row: Callable[[Pick, str], Ask],
) -> BulkReport:
    """Save the row of each person whom nothing stands against; one logged before under the token counts as done."""
    tokens = {pick.contact_id: f"{token}/{pick.contact_id}" for pick in picks}
    before = set(session.exec(select(Ask.token).where(col(Ask.token).in_(list(tokens.values())))))
    done, left = list[Pick](), []
    for pick in picks:
        own = tokens[pick.contact_id]
        if own in before:
            done.append(pick)
        elif reason := refused(pick):
            left.append((pick.name, reason))
        else:
            ask = row(pick, own)
            session.add(ask)
            detail = {"contact": pick.contact_id, "activity": pick.activity} | (
                {"reason": ask.note} if ask.note else {}
            )
            audit(session, at, actor.name, act, f"asks/{ask.ask_id}", **detail)
            done.append(pick)
    return BulkReport(tuple(pick.name for pick in done), tuple(left), tuple(pick.contact_id for pick in done))
