"""The records behind the acts on a request: the request as it was drawn, and its ask."""

from __future__ import annotations

import datetime as dt

from sqlmodel import Session, col, select

from core.services.clock import moment_words
from core.services.request_saving import Act
from core.store.tables import Ask, AuditEntry, ReferenceRequest

OPEN = ("open", "matched")
"""States in which something is still to be done."""


def current_request(act: Act[ReferenceRequest], request_id: str, version: int, wanted: str) -> ReferenceRequest:
    """The request as it was drawn, which must still be open; else who did what to it is named."""

    def now(row: ReferenceRequest) -> str | None:
        held = row.version == version and row.state in OPEN
        return None if held else f"{row.state}{_by_whom(act.session, request_id)}"

    return act.drawn(request_id, version, wanted, now)


def _by_whom(session: Session, request_id: str) -> str:
    query = select(AuditEntry).where(col(AuditEntry.record) == f"reference_requests/{request_id}")
    entry = session.exec(query.order_by(col(AuditEntry.id).desc())).first()
    return f", by {entry.actor} on {moment_words(entry.at)}" if entry else ""


def ask_of(session: Session, row: ReferenceRequest) -> Ask | None:
    """The newest ask made of the person on the request for its deal."""
    if row.contact_id is None:
        return None
    query = select(Ask).where(col(Ask.contact_id) == row.contact_id, col(Ask.activity) == "reference")
    found = session.exec(query.where(col(Ask.opportunity_id) == row.opportunity_id)).all()
    return max(found, key=_newest, default=None)


def _newest(ask: Ask) -> tuple[bool, bool, dt.date, str]:
    """Asks in their order: one that was withdrawn first, one that waits to be sent last."""
    return ask.state != "proposed", ask.asked_on is None, ask.asked_on or dt.date.min, ask.ask_id
