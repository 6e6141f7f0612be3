"""Record tables: the importable ones built on the contract, and those of the product itself."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import JSON, BigInteger, Column, UniqueConstraint
from sqlmodel import AutoString, Field, SQLModel

from core.schema import records
from core.store.assessment_tables import (
    Agreement,
    AssessmentRound,
    ChecklistAnswer,
    EvidenceItem,
    LevelValidation,
    MaturityTarget,
    NotApplicable,
    Rating,
    RatingDraft,
    RoadmapStep,
)
from core.store.import_tables import (
    Correction,
    ImportRecord,
    ImportRun,
    ManifestRow,
    RecordConflict,
    SavedMapping,
)
from core.store.nomination_tables import Nomination
from core.store.request_tables import ReferralEvent, RequestEvent
from core.store.review_tables import Review
from core.store.revisions import Revision
from core.store.setting_tables import ModelSetting, ScoreOverride


def _json(**options: object) -> object:
    return Field(sa_column=Column(JSON, nullable=False), **options)  # type: ignore[call-overload]


class Kept(SQLModel):
    """What every record carries beside its own columns.

    Attributes:
        source: Where an imported row came from; `product` for a row made here.
        version: Raised by every save; a save against an older one is refused.
        edited: Whether somebody changed the row in the product after it was imported.
    """

    source: str = "product"
    version: int = 1
    edited: bool = False


class Person(records.People, Kept, table=True):
    """The only table with the names and addresses of customers."""

    __tablename__ = "people"
    person_id: str = Field(primary_key=True)


class Consent(records.Consents, Kept, table=True):
    """What a contact agreed to."""

    __tablename__ = "consents"
    contact_id: str = Field(primary_key=True)
    use: records.Use = Field(primary_key=True, sa_type=AutoString)


class Interest(records.Interests, Kept, table=True):
    """What a contact is willing to do."""

    __tablename__ = "interests"
    contact_id: str = Field(primary_key=True)
    activity: records.Activity = Field(primary_key=True, sa_type=AutoString)


class Outcome(records.Outcomes, Kept, table=True):
    """An outcome agreed with a customer."""

    __tablename__ = "outcomes"
    outcome_id: str = Field(primary_key=True)
    value_cents: int | None = Field(default=None, sa_type=BigInteger)


class Ask(records.Asks, Kept, table=True):
    """One ask of one contact; `token` makes three fast clicks one ask."""

    __tablename__ = "asks"
    ask_id: str = Field(primary_key=True)
    contact_id: str = Field(index=True)
    deferred_until: dt.date | None = None
    note: str | None = None
    token: str | None = Field(default=None, unique=True)


class Asset(records.Assets, Kept, table=True):
    """A story, quote, review or other asset."""

    __tablename__ = "assets"
    asset_id: str = Field(primary_key=True)


class Referral(records.Referrals, Kept, table=True):
    """A referred company."""

    __tablename__ = "referrals"
    referral_id: str = Field(primary_key=True)


class Enrolment(records.Enrolments, Kept, table=True):
    """A stay in the programme."""

    __tablename__ = "enrolments"
    contact_id: str = Field(primary_key=True)
    enrolled_on: dt.date = Field(primary_key=True)


class Reward(records.Rewards, Kept, table=True):
    """A reward."""

    __tablename__ = "rewards"
    reward_id: str = Field(primary_key=True)
    value_cents: int = Field(sa_type=BigInteger)


class ReferenceRequest(records.ReferenceRequests, Kept, table=True):
    """A request of sales for a reference."""

    __tablename__ = "reference_requests"
    request_id: str = Field(primary_key=True)


class AuditEntry(SQLModel, table=True):
    """One line of the audit log; database triggers refuse to change or delete it."""

    __tablename__ = "audit_log"
    id: int | None = Field(default=None, primary_key=True)
    at: dt.datetime
    actor: str
    act: str
    record: str
    detail: dict[str, object] = _json()  # type: ignore[assignment]


class Target(SQLModel, table=True):
    """What a KPI is to reach from a month on; an empty value takes the target back from that month.

    Attributes:
        segment: Segment it is for; empty for the whole company.
        month_from: First day of the first month it holds for, until the next line of the same KPI and segment.
        value: In the KPI's unit; ratios and pp as fractions, money in units of `currency`.
        currency: ISO code of a target of money; empty otherwise.
    """

    __tablename__ = "targets"
    __table_args__ = (UniqueConstraint("kpi", "segment", "month_from"),)
    id: int | None = Field(default=None, primary_key=True)
    kpi: str
    segment: str = ""
    month_from: dt.date
    value: float | None = None
    currency: str = ""
    owner: str
    author: str
    reason: str
    at: dt.datetime
    version: int = 1


class Scenario(SQLModel, table=True):
    """A proposal to move money, with the effect promised when it was saved."""

    __tablename__ = "scenarios"
    id: int | None = Field(default=None, primary_key=True)
    token: str = Field(unique=True)
    name: str
    author: str
    month: dt.date
    manifest_hash: str
    model_hash: str
    currency: str
    total_cents: int = Field(sa_type=BigInteger)
    effect: dict[str, float] = _json()  # type: ignore[assignment]
    status: str = "draft"
    created_at: dt.datetime
    version: int = 1


class ScenarioLine(SQLModel, table=True):
    """One line of a scenario."""

    __tablename__ = "scenario_lines"
    scenario_id: int = Field(foreign_key="scenarios.id", primary_key=True)
    line: str = Field(primary_key=True)
    label: str
    owner_role: str
    current_cents: int = Field(sa_type=BigInteger)
    proposed_cents: int = Field(sa_type=BigInteger)
    low_cents: int = Field(sa_type=BigInteger)
    high_cents: int = Field(sa_type=BigInteger)
    committed_cents: int = Field(sa_type=BigInteger)
    evidence: str


class Decision(SQLModel, table=True):
    """What the council decided, the number it saw, what it expects and when it looks back."""

    __tablename__ = "decisions"
    id: int | None = Field(default=None, primary_key=True)
    token: str = Field(unique=True)
    month: dt.date
    title: str
    choice: str
    rejected: str
    owner: str
    kpi: str
    seen: dict[str, object] = _json()  # type: ignore[assignment]
    scenario_id: int | None = Field(default=None, foreign_key="scenarios.id")
    expected: float
    expected_low: float | None = None
    expected_high: float | None = None
    review_on: dt.date
    status: str = "decided"
    decided_by: str
    decided_at: dt.datetime
    version: int = 1


class Action(SQLModel, table=True):
    """Something somebody does by a date because of a decision."""

    __tablename__ = "actions"
    id: int | None = Field(default=None, primary_key=True)
    token: str = Field(unique=True)
    decision_id: int = Field(foreign_key="decisions.id", index=True)
    text: str
    owner: str
    due: dt.date
    status: str = "open"
    closed_on: dt.date | None = None
    evidence: str = ""
    version: int = 1


RECORDS: dict[str, type[Kept]] = {
    model.__tablename__: model
    for model in (Person, Consent, Interest, Outcome, Ask, Asset, Referral, Enrolment, Reward, ReferenceRequest)
}
"""Importable record tables by the contract's name."""

__all__ = [
    "RECORDS",
    "Agreement",
    "AssessmentRound",
    "ChecklistAnswer",
    "Correction",
    "EvidenceItem",
    "ImportRecord",
    "ImportRun",
    "LevelValidation",
    "ManifestRow",
    "MaturityTarget",
    "ModelSetting",
    "Nomination",
    "NotApplicable",
    "Rating",
    "RatingDraft",
    "RecordConflict",
    "ReferralEvent",
    "RequestEvent",
    "Review",
    "Revision",
    "RoadmapStep",
    "SavedMapping",
    "ScoreOverride",
]
