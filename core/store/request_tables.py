"""What the contract's records of requests and referrals lack: when each step was taken, by whom, with which words."""

from __future__ import annotations

import datetime as dt

from sqlmodel import Field, SQLModel


class RequestEvent(SQLModel, table=True):
    """One step of a reference request. Steps are added, never changed: the state of the request is in its own record.

    Attributes:
        kind: opened, relaxed, matched, sent, done, withdrawn, missed.
        contact_id: Who gives the reference, for matched.
        ask_id: The ask that was made for it, for matched.
        note: Why, in the author's words; for opened what it is to help
            with, for relaxed what was given up.
        proof: Text or link that shows the reference took place, for done.
        day: Day it happened, where it is not the day it was recorded: sent, done.
    """

    __tablename__ = "request_events"
    id: int | None = Field(default=None, primary_key=True)
    token: str = Field(unique=True)
    request_id: str = Field(index=True)
    kind: str
    contact_id: str | None = None
    ask_id: str | None = None
    note: str | None = None
    proof: str | None = None
    day: dt.date | None = None
    author: str
    at: dt.datetime


class ReferralEvent(SQLModel, table=True):
    """One step of a referral: given to somebody, contacted, told to the referrer, judged. Added, never changed.

    Attributes:
        kind: routed, contacted, not contacted (a contact taken back), told, approved, denied.
        milestone: What the referrer was told, for told.
        given_to: Who is to call, for routed.
        note: The words to the referrer; the reason of a judgement.
    """

    __tablename__ = "referral_events"
    id: int | None = Field(default=None, primary_key=True)
    token: str = Field(unique=True)
    referral_id: str = Field(index=True)
    kind: str
    milestone: str | None = None
    given_to: str | None = None
    note: str | None = None
    author: str
    at: dt.datetime
