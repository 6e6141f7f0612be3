"""Tables of the maturity assessment: rounds, answers, agreed levels, evidence, validation, targets and the roadmap."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field, SQLModel


def _json() -> object:
    return Field(sa_column=Column(JSON, nullable=False))


class AssessmentRound(SQLModel, table=True):
    """One round: who rates a matrix in a quarter, from when to when.

    Attributes:
        quarter: First day of the quarter.
        respondents: Name and role of everybody who is asked.
        state: open or closed; a closed round takes no answers.
    """

    __tablename__ = "rounds"
    __table_args__ = (UniqueConstraint("matrix", "quarter"),)
    id: int | None = Field(default=None, primary_key=True)
    matrix: str
    quarter: dt.date
    opened_on: dt.date
    closes_on: dt.date
    respondents: list[dict[str, str]] = _json()  # type: ignore[assignment]
    state: str = "open"
    opened_by: str
    closed_by: str = ""
    closed_on: dt.date | None = None
    version: int = 1


class RatingDraft(SQLModel, table=True):
    """Answers a rater has given and not handed in yet; nobody else sees them."""

    __tablename__ = "rating_drafts"
    __table_args__ = (UniqueConstraint("quarter", "capability_id", "rater"),)
    id: int | None = Field(default=None, primary_key=True)
    quarter: dt.date
    capability_id: str
    rater: str
    role: str
    answers: dict[str, str] = _json()  # type: ignore[assignment]
    at: dt.datetime
    version: int = 1


class Rating(SQLModel, table=True):
    """One rater's answers on one capability in one quarter."""

    __tablename__ = "ratings"
    __table_args__ = (UniqueConstraint("quarter", "capability_id", "rater"),)
    id: int | None = Field(default=None, primary_key=True)
    quarter: dt.date
    capability_id: str
    rater: str
    role: str
    answers: dict[str, str] = _json()  # type: ignore[assignment]
    level: int
    version: int = 1


class Agreement(SQLModel, table=True):
    """The level agreed for a capability in one quarter, with the reason and what measurement said on that day.

    Attributes:
        measured: Level that measurement supported; None where no rule could be tested.
        reported: Level that counted then; None where the agreement was recorded without figures.
        month: First day of the month the figures were of.
    """

    __tablename__ = "agreements"
    __table_args__ = (UniqueConstraint("quarter", "capability_id"),)
    id: int | None = Field(default=None, primary_key=True)
    quarter: dt.date
    capability_id: str
    level: int
    reason: str
    author: str
    measured: int | None = None
    reported: int | None = None
    month: dt.date | None = None
    version: int = 1


class LevelValidation(SQLModel, table=True):
    """A second person's word on an agreed level.

    Attributes:
        level: The agreed level that was looked at; another one since makes the word void.
        accepted: Whether it stands, or goes back to the raters.
    """

    __tablename__ = "validations"
    __table_args__ = (UniqueConstraint("quarter", "capability_id"),)
    id: int | None = Field(default=None, primary_key=True)
    quarter: dt.date
    capability_id: str
    level: int
    accepted: bool
    note: str
    validator: str
    on_day: dt.date
    version: int = 1


class NotApplicable(SQLModel, table=True):
    """Why a capability does not apply in a quarter; `active` is taken off when it does after all."""

    __tablename__ = "not_applicable"
    __table_args__ = (UniqueConstraint("quarter", "capability_id"),)
    id: int | None = Field(default=None, primary_key=True)
    quarter: dt.date
    capability_id: str
    reason: str
    author: str
    active: bool = True
    version: int = 1


class EvidenceItem(SQLModel, table=True):
    """Something that shows what a capability can do: a document, a report, a note.

    Attributes:
        dated: Day the evidence is of.
        state: proposed, accepted or retracted.
        reviewer: The second person who accepted or retracted it.
        remark: What they said.
    """

    __tablename__ = "evidence"
    id: int | None = Field(default=None, primary_key=True)
    token: str = Field(unique=True)
    capability_id: str = Field(index=True)
    title: str
    link: str = ""
    note: str = ""
    dated: dt.date
    author: str
    at: dt.datetime
    state: str = "proposed"
    reviewer: str = ""
    reviewed_on: dt.date | None = None
    remark: str = ""
    version: int = 1


class MaturityTarget(SQLModel, table=True):
    """The level a capability is to reach, by when, and who answers for it."""

    __tablename__ = "maturity_targets"
    capability_id: str = Field(primary_key=True)
    level: int
    due: dt.date
    owner: str
    reason: str
    version: int = 1


class RoadmapStep(SQLModel, table=True):
    """One step of the roadmap.

    Attributes:
        projected: Level the capability is to stand at once the step is done.
        effort: small, medium or large.
        state: open, done or dropped.
    """

    __tablename__ = "roadmap_steps"
    id: int | None = Field(default=None, primary_key=True)
    token: str = Field(unique=True)
    capability_id: str = Field(index=True)
    step: str
    owner: str
    due: dt.date
    projected: int
    effort: str
    state: str = "open"
    closed_on: dt.date | None = None
    author: str
    version: int = 1


class ChecklistAnswer(SQLModel, table=True):
    """One line of the checklist of money after the sale, answered for a quarter."""

    __tablename__ = "checklist_answers"
    __table_args__ = (UniqueConstraint("quarter", "item"),)
    id: int | None = Field(default=None, primary_key=True)
    quarter: dt.date
    item: str
    answer: str
    note: str = ""
    author: str
    version: int = 1
