"""The table of nominations: whom a colleague proposes for the programme, and what customer marketing answered."""

from __future__ import annotations

import datetime as dt

from sqlmodel import Field, SQLModel


class Nomination(SQLModel, table=True):
    """One person proposed once; a returned one may be proposed again, as another row.

    Attributes:
        contact_id: Who is proposed.
        reason: Why, in the words of who proposes.
        nominated_by: Who proposes.
        state: open, approved or returned.
        decided_by: Who answered; empty while it is open.
        answer: The reason of a return, or what was said with the approval.
    """

    __tablename__ = "nominations"
    id: int | None = Field(default=None, primary_key=True)
    token: str = Field(unique=True)
    contact_id: str = Field(index=True)
    reason: str
    nominated_by: str
    nominated_at: dt.datetime
    state: str = "open"
    decided_by: str = ""
    decided_at: dt.datetime | None = None
    answer: str = ""
    version: int = 1
