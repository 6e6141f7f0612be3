"""The table of look-backs: what became of a decision, what was learned, what is done next."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel


class Review(SQLModel, table=True):
    """One look-back of a decision. What was decided stays as it was written; a later look-back is another row.

    Attributes:
        month: First day of the month whose figure was looked at.
        due_on: Day the look-back was due when it was held.
        actual: That figure as it was shown, with interval, sample and what identifies data and definition; a reason
            instead where there was none.
        got: Change from the figure seen to the actual one, in the unit decisions are kept in; None where the two
            cannot be compared.
        verdict: What the intervals allowed to say of the promise.
        inside: Whether the promise was kept; None where it cannot be said.
        lesson: What was learned.
        next_step: What is done next: scale, keep, stop, reverse, look_again.
        again_on: Day of the next look-back, for look_again alone.
    """

    __tablename__ = "reviews"
    id: int | None = Field(default=None, primary_key=True)
    token: str = Field(unique=True)
    decision_id: int = Field(foreign_key="decisions.id", index=True)
    month: dt.date
    due_on: dt.date
    actual: dict[str, object] = Field(sa_column=Column(JSON, nullable=False))
    got: float | None = None
    verdict: str
    inside: bool | None = None
    lesson: str
    next_step: str
    again_on: dt.date | None = None
    reviewed_by: str
    reviewed_at: dt.datetime
    version: int = 1
