"""The roadmap: which step, by whom, until when, and the level it is to bring; few gaps at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, select

from core.errors import RuleBroken
from core.glossary import display_day
from core.services.access import Actor, require
from core.services.entering import once
from core.services.home import records_database
from core.services.maturity_evidence import maturity_model
from core.services.maturity_saving import (
    LINE_LENGTH,
    TEXT_LENGTH,
    capability_of,
    level_fault,
    name_of,
    put,
    text_faults,
)
from core.store.audit import audit
from core.store.tables import RoadmapStep

EFFORTS = {"small": "small", "medium": "medium", "large": "large"}
STATES = {"open": "open", "done": "done", "dropped": "dropped"}


@dataclass(frozen=True)
class StepDraft:
    """A step as it is entered."""

    step: str
    owner: str
    due: dt.date | None
    projected: int
    effort: str


@dataclass(frozen=True)
class StepLine:
    """One step of the roadmap.

    Attributes:
        projected: Level the capability is to stand at once it is done.
        late: Whether it is open after its day.
    """

    id: int
    capability_id: str
    capability: str
    step: str
    owner: str
    due: dt.date
    projected: int
    effort: str
    state: str
    closed_on: dt.date | None
    late: bool
    version: int


def plan_step(
    actor: Actor, capability_id: str, draft: StepDraft, token: str, on: dt.date, at: dt.datetime, author: str = ""
) -> int:
    """Put a step on the roadmap.

    Args:
        actor: Who plans it; needs the role validator or assessor.
        capability_id: What it lifts.
        draft: The step.
        token: One per opened form; the same token again records nothing and returns the first id.
        on: Day it is planned; it is due after that.
        at: Time of the act, UTC.
        author: Who plans it; empty takes the actor.

    Raises:
        NotAllowed: The role is missing, or it is done in another's name.
        RuleBroken: Listing everything that is missing, or as many capabilities of the matrix have open steps as a
            roadmap holds.
    """
    require(actor, "plan a step", "validator", "assessor")
    capability, name = capability_of(capability_id), name_of(actor, author, "plan a step")
    wrong = _faults(draft, on)

    def insert(session: Session) -> int:
        every = [*wrong, *_too_many(session, capability_id)]
        if every:
            raise RuleBroken(f"The step of {capability.label} was not planned: {'; '.join(every)}.")
        values = {
            "step": draft.step.strip(),
            "owner": draft.owner.strip(),
            "due": draft.due,
            "projected": draft.projected,
            "effort": draft.effort,
            "author": name,
        }
        row = RoadmapStep.model_validate({"token": token, "capability_id": capability_id, **values})
        session.add(row)
        session.flush()
        assert row.id is not None
        detail = {"capability": capability_id, "due": str(draft.due), "projected": draft.projected}
        audit(session, at, actor.name, "plan step", f"roadmap_steps/{row.id}", **detail)
        return row.id

    return once(RoadmapStep, token, {"capability_id": capability_id, "step": draft.step.strip()}, insert)


def close_step(
    actor: Actor, step_id: int, done: bool, version: int, on: dt.date, at: dt.datetime, author: str = ""
) -> None:
    """Say that a step is done, or dropped; the same again saves nothing. Its level is still to be rated.

    Raises:
        NotAllowed: The role is missing, or it is done in another's name.
        RuleBroken: There is no such step.
        StaleRecord: Somebody closed it since.
    """
    require(actor, "close a step", "validator", "assessor")
    name = name_of(actor, author, "close a step")
    with records_database().write() as session:
        row = session.get(RoadmapStep, step_id)
        if row is None:
            raise RuleBroken("The step is gone; reload the page.")
        values = {"state": "done" if done else "dropped", "closed_on": on}
        _, is_new = put(session, RoadmapStep, {"id": step_id}, version, values, f'The step "{row.step}"')
        if is_new:
            audit(session, at, actor.name, "close step", f"roadmap_steps/{step_id}", state=values["state"], by=name)


def steps_of(capability_ids: Sequence[str], as_of: dt.date) -> tuple[StepLine, ...]:
    """Steps of some capabilities: the open ones by day, then the closed ones, latest first.

    Args:
        capability_ids: Which.
        as_of: Day at which an open step is late.
    """
    capabilities = maturity_model()[1]
    with records_database().read() as session:
        rows = session.exec(select(RoadmapStep).order_by("due", "id")).all()
    lines = [
        _line(row, capabilities[row.capability_id].label, as_of) for row in rows if row.capability_id in capability_ids
    ]
    opened = [line for line in lines if line.state == "open"]
    closed = sorted((line for line in lines if line.state != "open"), key=lambda line: line.closed_on or as_of)
    return (*opened, *reversed(closed))


def _line(row: RoadmapStep, label: str, as_of: dt.date) -> StepLine:
    assert row.id is not None
    return StepLine(
        id=row.id,
        capability_id=row.capability_id,
        capability=label,
        step=row.step,
        owner=row.owner,
        due=row.due,
        projected=row.projected,
        effort=row.effort,
        state=row.state,
        closed_on=row.closed_on,
        late=row.state == "open" and row.due < as_of,
        version=row.version,
    )


def _faults(draft: StepDraft, on: dt.date) -> list[str]:
    wrong = text_faults(("the step", draft.step, TEXT_LENGTH), ("the owner, one person,", draft.owner, LINE_LENGTH))
    wrong += level_fault(draft.projected)
    if draft.effort not in EFFORTS:
        wrong.append(f"the effort: expected one of {', '.join(EFFORTS)}")
    if draft.due is None:
        wrong.append("the day it is due is missing")
    elif draft.due <= on:
        wrong.append(f"it must be due after {display_day(on)}; found {display_day(draft.due)}")
    return wrong


def _too_many(session: Session, capability_id: str) -> list[str]:
    """Says that the roadmap of a matrix is full; a further step of a capability on it is welcome."""
    rules, capabilities = maturity_model()
    matrix = capabilities[capability_id].matrix
    names = session.exec(select(RoadmapStep.capability_id).where(RoadmapStep.state == "open")).all()
    on_it = sorted({name for name in names if name in capabilities and capabilities[name].matrix == matrix})
    if capability_id in on_it or len(on_it) < rules.priority.open_gaps:
        return []
    labels = ", ".join(capabilities[name].label for name in on_it)
    return [
        f"the roadmap of a matrix holds {rules.priority.open_gaps} capabilities at a time, now {labels}: finish one"
    ]
