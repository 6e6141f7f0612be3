"""What a person permits and likes: consent per use, stance per activity, and checks settled on the spot."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast, get_args
from uuid import NAMESPACE_URL, uuid5

from sqlmodel import col, select

from core.advocacy.guardrails import USE_WORDS
from core.errors import RuleBroken, StaleRecord, check_length, same_subject
from core.glossary import display_day
from core.model.activities import ActivityId, Use, load_activities
from core.month import Month
from core.services.access import Actor, require
from core.services.ask_standing import refuse_erased
from core.services.asking import ROLES
from core.services.clock import local_day
from core.services.home import records_database
from core.store import records
from core.store.audit import audit
from core.store.revisions import serialise
from core.store.tables import Consent, Interest, Outcome

Status = Literal["granted", "refused", "withdrawn"]
Stance = Literal["likes", "willing", "no"]
Values = Literal["influence", "visibility", "network", "perks", "none"]
OUTCOME_LENGTH, NOTE_LENGTH = 500, 300
"""Most characters of what a customer achieved, and of a note; a form says so, a save refuses more."""
STATUS_WORDS: dict[Status, str] = {"granted": "granted", "refused": "refused", "withdrawn": "withdrawn"}
STANCE_WORDS: dict[Stance, str] = {"likes": "likes to", "willing": "is willing to", "no": "does not want to"}
VALUE_WORDS: dict[Values, str] = {
    "influence": "influence",
    "visibility": "visibility",
    "network": "network",
    "perks": "perks",
    "none": "nothing stated",
}


@dataclass(frozen=True)
class ConsentLine:
    """What is recorded of one use; `version` is None while nothing is.

    Attributes:
        use: What it is about.
        label: The use in words.
        status: granted, refused or withdrawn; None while nothing is recorded.
        granted_on: Day it was said.
        expires_on: Last day it holds; None when it has no end.
        author: Who recorded it, and how it was asked.
        version: Version of the record.
    """

    use: Use
    label: str
    status: Status | None = None
    granted_on: dt.date | None = None
    expires_on: dt.date | None = None
    author: str = ""
    version: int | None = None

    def words(self, today: dt.date) -> str:
        """What holds on a day, in words."""
        if self.status is None:
            return "not recorded"
        if self.status != "granted":
            return self.status
        if self.expires_on is None:
            return "granted"
        ended = self.expires_on < today
        return f"{'expired after' if ended else 'granted until'} {display_day(self.expires_on)}"


@dataclass(frozen=True)
class InterestLine:
    """How a person stands to one activity; `version` is None while nothing is recorded."""

    activity: ActivityId
    label: str
    stance: Stance | None = None
    values: Values = "none"
    note: str = ""
    version: int | None = None


@dataclass(frozen=True)
class Permissions:
    """Every use and every activity of one person, recorded or not."""

    consents: tuple[ConsentLine, ...]
    interests: tuple[InterestLine, ...]


def permissions(contact_id: str) -> Permissions:
    """What is recorded of one person, with the versions a save has to name."""
    with records_database().read() as session:
        consents = session.exec(select(Consent).where(col(Consent.contact_id) == contact_id)).all()
        interests = session.exec(select(Interest).where(col(Interest.contact_id) == contact_id)).all()
    held = {row.use: row for row in consents}
    stands = {row.activity: row for row in interests}
    activities = load_activities()
    return Permissions(
        tuple(_consent_line(use, held.get(use)) for use in get_args(Use)),
        tuple(_interest_line(name, activities.activities[name].label, stands.get(name)) for name in activities.ladder),
    )


def _consent_line(use: Use, row: Consent | None) -> ConsentLine:
    label = USE_WORDS[use].capitalize()
    if row is None:
        return ConsentLine(use, label)
    return ConsentLine(use, label, row.status, row.granted_on, row.expires_on, row.author or "", row.version)


def _interest_line(activity: ActivityId, label: str, row: Interest | None) -> InterestLine:
    if row is None:
        return InterestLine(activity, label)
    return InterestLine(activity, label, row.stance, row.values, row.note or "", row.version)


def save_consent(
    actor: Actor,
    contact_id: str,
    use: Use,
    status: Status,
    expires_on: dt.date | None,
    how: str,
    version: int | None,
    at: dt.datetime,
) -> None:
    """Record what a person permits for one use.

    Args:
        actor: Who records it; needs the role customer marketing or contributor.
        contact_id: Who said it.
        use: What it is about.
        status: granted, refused or withdrawn.
        expires_on: Last day it holds, of a grant alone, not before the day of the act; None for no end.
        how: How it was asked, for example "by phone"; kept with the author.
        version: The version that was on the screen; None when nothing was recorded.
        at: Time of the act, UTC.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: The use or the status is unknown, the last day lies behind, or the person was erased; nothing was
            saved.
        StaleRecord: Somebody else recorded something else since; nothing was saved.
    """
    require(actor, "record a consent", *ROLES)
    if use not in get_args(Use) or status not in get_args(Status):
        raise RuleBroken(f'Nothing was saved: "{use}" or "{status}" is not known.')
    if expires_on is not None and (status != "granted" or expires_on < local_day(at)):
        raise RuleBroken("Nothing was saved: only a consent that is granted has a last day, and it must lie ahead.")
    author = f"{actor.name}, asked {how.strip()}" if how.strip() else actor.name
    values = {"status": status, "granted_on": local_day(at), "expires_on": expires_on, "author": author}
    _said(actor, Consent, {"contact_id": contact_id, "use": use}, values, version, at, f"consent {status}")


def save_interest(
    actor: Actor,
    contact_id: str,
    activity: ActivityId,
    stance: Stance,
    values: Values,
    note: str,
    version: int | None,
    at: dt.datetime,
) -> None:
    """Record how a person stands to an activity and what it values.

    Args:
        actor: Who records it; needs the role customer marketing or contributor.
        contact_id: Who said it.
        activity: What it is about.
        stance: likes, willing or no; a no stops every ask for it.
        values: What the person would value in return.
        note: In the person's words; may be empty.
        version: The version that was on the screen; None when nothing was recorded.
        at: Time of the act, UTC.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: A value is unknown, or the person was erased; nothing was saved.
        StaleRecord: Somebody else recorded something else since; nothing was saved.
    """
    require(actor, "record an interest", *ROLES)
    known = load_activities().activities
    if activity not in known or stance not in get_args(Stance) or values not in get_args(Values):
        raise RuleBroken(f'Nothing was saved: "{activity}", "{stance}" or "{values}" is not known.')
    check_length("the note", note, NOTE_LENGTH)
    wanted = {"stance": stance, "values": values, "note": note.strip() or None}
    key: dict[str, str] = {"contact_id": contact_id, "activity": activity}
    _said(actor, Interest, key, wanted, version, at, "record interest")


def verify_outcome(
    actor: Actor, month: Month, contact_id: str, said: str, verified_on: dt.date, token: str, at: dt.datetime
) -> str:
    """Record an outcome that the customer confirmed, on the spot.

    Args:
        actor: Who was told; needs the role customer marketing or contributor.
        month: The month the screen was drawn from; says whose account it is.
        contact_id: Who confirmed it.
        said: What was achieved, in the customer's words; required, kept in the audit log.
        verified_on: Day it was confirmed, not after the day of the act.
        token: One per opened form; the same token again records nothing and returns the first id.
        at: Time of the act, UTC.

    Returns:
        Id of the outcome.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: Nothing is said, the day lies ahead, or the contact is not known or erased; nothing was saved.
    """
    require(actor, "verify an outcome", *ROLES)
    if not said.strip():
        raise RuleBroken("Nothing was saved: say what the customer achieved.")
    check_length("what was achieved", said, OUTCOME_LENGTH)
    if verified_on > local_day(at):
        raise RuleBroken(f"Nothing was saved: {display_day(verified_on)} lies ahead.")
    inputs = month.advocacy_input
    accounts = inputs.contacts.loc[inputs.ids == contact_id, "account_id"]
    if accounts.empty:
        raise RuleBroken("Nothing was saved: this contact is not known.")
    outcome_id = f"P-{uuid5(NAMESPACE_URL, token).hex[:12]}"
    with records_database().write() as session:
        serialise(session, "outcomes")
        if (before := session.get(Outcome, outcome_id)) is not None:
            same_subject(before.account_id, str(accounts.iloc[0]))
            return outcome_id
        refuse_erased(session, contact_id)
        row = Outcome(
            outcome_id=outcome_id,
            account_id=str(accounts.iloc[0]),
            agreed_on=verified_on,
            verified_on=verified_on,
            verified_by=f"the customer, told {actor.name}",
            edited=True,
        )
        session.add(row)
        audit(session, at, actor.name, "verify outcome", f"outcomes/{outcome_id}", said=said.strip())
    return outcome_id


def _said(
    actor: Actor,
    model: type[Consent] | type[Interest],
    key: Mapping[str, str],
    values: Mapping[str, object],
    version: int | None,
    at: dt.datetime,
    act: str,
) -> None:
    """Record what a person said, if it is new and the row is as it was on the screen.

    A row that did not exist counts as edited, so that no import undoes it.

    Raises:
        RuleBroken: The person was erased; nothing was saved.
        StaleRecord: The row is another one than was on the screen; nothing was saved.
    """
    table = str(model.__tablename__)
    with records_database().write() as session:
        serialise(session, table)
        row = cast(Consent | Interest | None, session.get(model, tuple(key.values())))
        refuse_erased(session, key["contact_id"])
        if row is not None and all(getattr(row, name) == value for name, value in values.items()):
            return
        if row is None and version is None:
            session.add(model.model_validate({**key, **values, "edited": True}))
        elif row is None or row.version != version:
            theirs = "it is gone" if row is None else ", ".join(f"{name} = {getattr(row, name)}" for name in values)
            raise StaleRecord(table, ", ".join(f"{name} = {value}" for name, value in values.items()), theirs)
        else:
            records.save(session, model, dict(key), row.version, dict(values))
        told = {name: str(value) for name, value in values.items() if value is not None}
        audit(session, at, actor.name, act, "/".join((table, *key.values())), **told)
