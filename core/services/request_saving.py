"""The one shape of an act on a request or a referral: once for each token, on the record as it was drawn, its step and
its row of the audit log in one transaction.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlmodel import Session, col, select

from core.errors import RuleBroken, StaleRecord, check_length, same_subject
from core.services.access import Actor, Role, require
from core.services.home import records_database
from core.store import records
from core.store.audit import audit
from core.store.revisions import serialise
from core.store.tables import ReferenceRequest, Referral, ReferralEvent, RequestEvent

ROLES: tuple[Role, ...] = ("customer_marketing", "contributor")
NAME_LENGTH, TEXT_LENGTH = 120, 500
"""Most characters of who calls, and of a reason, a proof or a word; a form says so, a save refuses more."""

Row = TypeVar("Row", ReferenceRequest, Referral)


@dataclass(frozen=True)
class Subject(Generic[Row]):
    """What acts are about: its table, that of its steps, its key, and its name at the start of a refusal."""

    record: type[Row]
    event: type[RequestEvent] | type[ReferralEvent]
    key: str
    name: str


REQUEST = Subject(ReferenceRequest, RequestEvent, "request_id", "This request")
REFERRAL = Subject(Referral, ReferralEvent, "referral_id", "This referral")


@dataclass(frozen=True)
class Act(Generic[Row]):
    """One act inside the transaction that saves it."""

    session: Session
    subject: Subject[Row]
    actor: Actor
    token: str
    at: dt.datetime

    def drawn(self, key: str, version: int, wanted: str, now: Callable[[Row], str | None]) -> Row:
        """The record, which must be as it was drawn.

        Args:
            key: Its id.
            version: Its version when it was drawn.
            wanted: What the act wants of it, for a refusal.
            now: What it says now, for a refusal; None where nothing stands against the act but another version.

        Raises:
            StaleRecord: It is gone or was changed since; nothing was saved.
        """
        row = self.session.get(self.subject.record, key)
        if row is None:
            raise StaleRecord(self.subject.name, wanted, "it is gone")
        says = now(row)
        if row.version != version or says is not None:
            raise StaleRecord(self.subject.name, wanted, says or "another version, with other dates")
        return row

    def change(self, row: Row, **values: object) -> None:
        """Change the record that was drawn, as `core.store.records.save` does."""
        own = {self.subject.key: getattr(row, self.subject.key)}
        records.save(self.session, self.subject.record, own, row.version, values)

    def claim(self, row: Row) -> None:
        """Raise the version of the record that was drawn, for an act whose step says all: only one of two goes ahead.

        Raises:
            StaleRecord: Somebody was faster; nothing was saved.
        """
        own = {self.subject.key: getattr(row, self.subject.key)}
        if not records.touch(self.session, self.subject.record, own, row.version):
            raise StaleRecord(self.subject.name, "this", "another version")

    def step(self, key: str, kind: str, audited: str, detail: Mapping[str, object], **values: object) -> str:
        """Add the step, and its row of the audit log.

        Args:
            key: Id of the request or referral.
            kind: Kind of the step.
            audited: What the audit log calls the act.
            detail: What the audit log keeps of it.
            values: Further columns of the step.

        Returns:
            The id.
        """
        author, at = self.actor.name, self.at
        own: dict[str, Any] = {self.subject.key: key, "token": self.token, "kind": kind, "author": author, "at": at}
        self.session.add(self.subject.event.model_validate({**own, **values}))
        audit(self.session, at, author, audited, f"{self.subject.record.__tablename__}/{key}", **detail)
        return key


def save_once(
    actor: Actor,
    what: str,
    subject: Subject[Row],
    about: Mapping[str, str],
    token: str,
    at: dt.datetime,
    act: Callable[[Act[Row]], str],
) -> str:
    """Do one act in one transaction, once for each token.

    Args:
        actor: Who acts; needs the role customer marketing or contributor.
        what: The act, for the refusal of somebody who lacks the role.
        subject: Its kind.
        about: Columns of the record that say which one it is about.
        token: One per opened form.
        at: Time of the act, UTC.
        act: Saves the step and all that goes with it; returns the id of what it was about.

    Returns:
        Id of the request or referral.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: The token was used for another record.
    """
    require(actor, what, *ROLES)
    with records_database().write() as session:
        serialise(session, "requests")
        before = session.exec(select(subject.event).where(col(subject.event.token) == token)).first()
        if before is not None:
            key = str(getattr(before, subject.key))
            row = session.get(subject.record, key)
            same_subject({name: getattr(row, name, None) for name in about}, dict(about))
            return key
        return act(Act(session, subject, actor, token, at))


def worded_text(name: str, text: str, most: int = TEXT_LENGTH) -> str:
    """A text somebody entered, without outer spaces.

    Raises:
        RuleBroken: It is empty or too long; nothing was saved.
    """
    found = text.strip()
    if not found:
        raise RuleBroken(f"Nothing was saved: {name} is missing.")
    check_length(name, found, most)
    return found
