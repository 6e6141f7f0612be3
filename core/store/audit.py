"""The audit log: who did what, in the transaction that did it."""

from __future__ import annotations

import datetime as dt

from sqlmodel import Session

from core.store.tables import AuditEntry


def audit(session: Session, at: dt.datetime, actor: str, act: str, record: str, **detail: object) -> None:
    """Append one line; it is committed or rolled back with what it tells of.

    Args:
        session: The unit of work that does the act.
        at: When, UTC.
        actor: Who.
        act: What, a verb: import, accept, save, decide.
        record: What it was done to, for example `asks/12`.
        detail: Figures and values worth keeping.
    """
    session.add(AuditEntry(at=at, actor=actor, act=act, record=record, detail=detail))
