"""Answers that are not handed in yet: kept with every click, so that a closed browser loses none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlmodel import select

from core.errors import RuleBroken
from core.maturity.scoring import level_reached
from core.model.maturity import MaturityRules
from core.services.access import Actor, require
from core.services.home import records_database
from core.services.maturity_evidence import maturity_model
from core.services.maturity_records import rater_key
from core.services.maturity_saving import capability_of, name_of, open_round_only
from core.services.maturity_view import RATER_ROLES, quarter_of, same_name
from core.store.audit import audit
from core.store.tables import RatingDraft


@dataclass(frozen=True)
class Draft:
    """A rater's answers on one capability that nobody else sees; empty before the first."""

    role: str = ""
    answers: dict[str, str] = field(default_factory=dict)


def level_of_answers(capability_id: str, answers: Mapping[str, str]) -> int:
    """Whole level that answers reach, handed in or not; what is left open counts as no."""
    return level_reached(answers, capability_of(capability_id), maturity_model()[0])


def save_draft(
    actor: Actor,
    quarter: dt.date,
    capability_id: str,
    rater: str,
    role: str,
    changes: Mapping[str, str | None],
    at: dt.datetime,
    start: Mapping[str, str] | None = None,
) -> Draft:
    """Keep answers as they are clicked.

    Only what changed is written over what is kept, so that two windows of one rater never lose each other's clicks;
    a draft therefore needs no version. Beginning a draft is an act of the audit log, each click in it is not.

    Args:
        actor: Who answers; an assessor in their own name, an admin in anybody's.
        quarter: Any day of the quarter.
        capability_id: What is rated.
        rater: Whose answers these are.
        role: Key of `RATER_ROLES`, or empty while none is chosen.
        changes: New answer by criterion; None takes an answer back.
        at: Time of the act, UTC.
        start: Answers handed in before, on which a first draft builds.

    Returns:
        The draft as it now stands.

    Raises:
        NotAllowed: The role is missing, or the draft is in another's name.
        RuleBroken: No name, an unknown role, answer or criterion, or the round is closed.
    """
    require(actor, "rate a capability", "assessor")
    capability, name = capability_of(capability_id), " ".join(rater.split())
    if not name or (role and role not in RATER_ROLES):
        raise RuleBroken(f"The answers on {capability.label} were not kept: type your name and choose your role.")
    name_of(actor, name, "rate")
    level_reached({key: answer for key, answer in changes.items() if answer is not None}, capability, _rules())
    with records_database().write() as session:
        first = quarter_of(quarter)
        open_round_only(session, capability.matrix, first, f"The answers on {capability.label} were not kept")
        key = rater_key(session, RatingDraft, first, capability_id, name)
        row = session.exec(select(RatingDraft).filter_by(**key).with_for_update()).first()
        before = dict(row.answers) if row else dict(start or {})
        answers = {item: answer for item, answer in {**before, **changes}.items() if answer is not None}
        if row is None:
            row = RatingDraft.model_validate({**key, "role": role, "answers": answers, "at": at})
            session.add(row)
            session.flush()
            audit(session, at, actor.name, "start rating", f"rating_drafts/{row.id}", capability=capability_id)
        elif row.answers != answers or row.role != role:
            row.answers, row.role, row.at, row.version = answers, role, at, row.version + 1
            session.add(row)
        return Draft(role, answers)


def drop_draft(actor: Actor, quarter: dt.date, capability_id: str, rater: str, at: dt.datetime) -> None:
    """Forget a draft, to start again from what was handed in; nothing happens where there is none.

    Raises:
        NotAllowed: The role is missing, or the draft is another's.
    """
    require(actor, "rate a capability", "assessor")
    name_of(actor, rater, "rate")
    with records_database().write() as session:
        key = rater_key(session, RatingDraft, quarter_of(quarter), capability_id, " ".join(rater.split()))
        for row in session.exec(select(RatingDraft).filter_by(**key)).all():
            audit(session, at, actor.name, "drop draft", f"rating_drafts/{row.id}", capability=capability_id)
            session.delete(row)


def drafts_of(quarter: dt.date, rater: str) -> dict[str, Draft]:
    """The drafts of one rater in a quarter, by capability."""
    if not rater.strip():
        return {}
    with records_database().read() as session:
        rows = session.exec(select(RatingDraft).where(RatingDraft.quarter == quarter_of(quarter))).all()
    return {row.capability_id: Draft(row.role, dict(row.answers)) for row in rows if same_name(row.rater, rater)}


def _rules() -> MaturityRules:
    return maturity_model()[0]
