"""What the demo company says of its own maturity, in rounds, answers and evidence."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from pydantic.dataclasses import dataclass

from core.model.toml import STRICT, load


@dataclass(frozen=True, config=STRICT)
class DemoRespondent:
    """Somebody who is asked to rate."""

    name: str
    role: str


@dataclass(frozen=True, config=STRICT)
class DemoAgreed:
    """The level agreed for a capability, with its reason; `validated` says what the second person looked at."""

    level: int
    reason: str
    validated: str = ""


@dataclass(frozen=True, config=STRICT)
class DemoRound:
    """One round of one matrix.

    Attributes:
        quarter: First day of the quarter.
        month: Month whose figures the agreed levels were held against; None before anybody did.
        closed_on: Day it was closed; None while it is open.
        agreed_by: Who recorded the agreed levels.
        validator: The second person.
        levels: Level each respondent's answers reach, in their order, by capability; 0 for one who has not answered.
        drafts: Level of answers the last respondent has not handed in yet, by capability.
        agreed: Agreed level by capability.
    """

    matrix: str
    quarter: dt.date
    opened_on: dt.date
    closes_on: dt.date
    agreed_by: str
    validator: str
    respondent: tuple[DemoRespondent, ...]
    levels: dict[str, tuple[int, ...]]
    month: dt.date | None = None
    closed_on: dt.date | None = None
    drafts: dict[str, int] | None = None
    agreed: dict[str, DemoAgreed] | None = None


@dataclass(frozen=True, config=STRICT)
class DemoProof:
    """A piece of evidence; `reviewer` accepted it, or retracted it with a remark."""

    capability: str
    title: str
    note: str
    dated: dt.date
    author: str
    reviewer: str = ""
    accepted: bool = True
    remark: str = ""


@dataclass(frozen=True, config=STRICT)
class DemoTarget:
    """Where a capability is to be."""

    capability: str
    level: int
    due: dt.date
    owner: str
    reason: str


@dataclass(frozen=True, config=STRICT)
class DemoStep:
    """One step of the roadmap; `done_on` once it is done."""

    capability: str
    step: str
    owner: str
    planned_on: dt.date
    due: dt.date
    projected: int
    effort: str
    done_on: dt.date | None = None


@dataclass(frozen=True, config=STRICT)
class DemoAssessment:
    """All of data/model/demo_assessment.toml; `checklist` holds the answers of the newest quarter."""

    source: str
    checklist_by: str
    checklist: dict[str, str]
    round: tuple[DemoRound, ...]
    proof: tuple[DemoProof, ...]
    target: tuple[DemoTarget, ...]
    step: tuple[DemoStep, ...]


@lru_cache(maxsize=1)
def demo_assessment() -> DemoAssessment:
    """The assessment of the demo company, read once."""
    return load("demo_assessment.toml", DemoAssessment)
