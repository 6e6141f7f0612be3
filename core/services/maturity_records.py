"""Ratings, agreed levels and targets: checked, saved once, and never over somebody else's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, select

from core.errors import RuleBroken
from core.glossary import display_day
from core.maturity.assess import assess
from core.maturity.scoring import level_reached
from core.model.capabilities import Capability
from core.month import Month
from core.services.access import Actor, require
from core.services.home import records_database
from core.services.maturity_evidence import capability_evidence, maturity_model
from core.services.maturity_saving import (
    NAME_LENGTH,
    TEXT_LENGTH,
    capability_of,
    level_fault,
    name_of,
    open_round_only,
    put,
    text_faults,
)
from core.services.maturity_view import RATER_ROLES, AgreedLevel, RaterLine, TargetLine, quarter_of, same_name
from core.services.targets import Targets, read_targets
from core.stats.months import month_end, shift_month
from core.store.audit import audit
from core.store.tables import Agreement, MaturityTarget, Rating, RatingDraft


def rate(
    actor: Actor,
    quarter: dt.date,
    capability_id: str,
    rater: str,
    role: str,
    answers: Mapping[str, str],
    version: int | None,
    at: dt.datetime,
) -> RaterLine:
    """Hand in one rater's answers on one capability; the same answers again save nothing. Their draft is done with.

    Args:
        actor: Who saves; an assessor in their own name, an admin in anybody's.
        quarter: Any day of the quarter.
        capability_id: What is rated.
        rater: Whose answers these are.
        role: Key of `RATER_ROLES`.
        answers: no, some, half or most by criterion id; one left out counts as no.
        version: Version of the rater's own answers when they were opened; None for the first time.
        at: Time of the act, UTC.

    Returns:
        The answers as they now stand, with the level they reach.

    Raises:
        NotAllowed: The role is missing, or the rating is in another's name.
        RuleBroken: Listing everything that is missing or unknown, or the round is closed; nothing was saved.
        StaleRecord: The rater's answers were changed since, by another window or person.
    """
    require(actor, "rate a capability", "assessor")
    capability, name = capability_of(capability_id), " ".join(rater.split())
    if name:
        name_of(actor, name, "rate")
    wrong = [
        words
        for words, applies in (
            ("your name is missing", not name),
            (f"your role: expected one of {', '.join(RATER_ROLES.values())}", role not in RATER_ROLES),
            ("answer at least one criterion", not answers),
        )
        if applies
    ]
    if wrong:
        raise RuleBroken(f"{capability.label} was not rated: {'; '.join(wrong)}.")
    level = level_reached(answers, capability, maturity_model()[0])
    start = quarter_of(quarter)
    with records_database().write() as session:
        open_round_only(session, capability.matrix, start, f"{capability.label} was not rated")
        key = rater_key(session, Rating, start, capability_id, name)
        values = {"role": role, "answers": dict(answers), "level": level}
        what = f"{key['rater']}'s rating of {capability.label}"
        row, is_new = put(session, Rating, key, version, values, what)
        draft = rater_key(session, RatingDraft, start, capability_id, name)
        for kept in session.exec(select(RatingDraft).filter_by(**draft)).all():
            session.delete(kept)
        if is_new:
            detail = {"capability": capability_id, "quarter": str(row.quarter), "rater": row.rater, "level": level}
            audit(session, at, actor.name, "rate", f"ratings/{row.id}", **detail)
        return rater_line(row)


def agree(
    actor: Actor,
    quarter: dt.date,
    capability_id: str,
    level: int,
    reason: str,
    version: int | None,
    at: dt.datetime,
    author: str = "",
    month: Month | None = None,
) -> AgreedLevel:
    """Set the level the group agreed on, and keep what measurement says that day; the same again saves nothing.

    Args:
        actor: Who records it; needs the role validator.
        quarter: Any day of the quarter.
        capability_id: Which capability.
        level: 1 to 5.
        reason: Why this level, in a sentence.
        version: Version of the agreement when it was opened; None for the first.
        at: Time of the act, UTC.
        author: Who says so; empty takes the actor. Only an admin records it in another's name.
        month: The month whose figures the level is held against; None keeps none.

    Raises:
        NotAllowed: The role is missing, or the agreement is in another's name.
        RuleBroken: No reason, a level outside 1 to 5, or the round is closed.
        StaleRecord: Somebody agreed on another level since.
    """
    require(actor, "agree on a level", "validator")
    capability, name = capability_of(capability_id), name_of(actor, author, "agree on a level")
    wrong = [*level_fault(level), *text_faults(("the reason", reason, TEXT_LENGTH))]
    if wrong:
        raise RuleBroken(f"The level of {capability.label} was not agreed: {'; '.join(wrong)}.")
    start, found = quarter_of(quarter), _held_against(capability, level, month, read_targets())
    with records_database().write() as session:
        open_round_only(session, capability.matrix, start, f"The level of {capability.label} was not agreed")
        key = {"quarter": start, "capability_id": capability_id}
        values = {"level": level, "reason": reason.strip(), "author": name}
        row, is_new = put(session, Agreement, key, version, values, f"The agreed level of {capability.label}")
        if is_new:
            row.sqlmodel_update(found)
            seen = {**found, "month": str(found["month"] or "")}
            audit(session, at, actor.name, "agree", f"agreements/{row.id}", capability=capability_id, **values, **seen)
        return agreed_level(row)


def _held_against(capability: Capability, level: int, month: Month | None, targets: Targets) -> dict[str, Any]:
    """What measurement says of a level on the day it is agreed; computed before the save, which may not wait."""
    if month is None:
        return {"measured": None, "reported": None, "month": None}
    evidence = capability_evidence(capability, month, targets)
    found = assess(capability, level, evidence, maturity_model()[0])
    measured = found.support.level if found.support.testable else None
    return {"measured": measured, "reported": found.reported, "month": month.month}


def set_target(
    actor: Actor,
    quarter: dt.date,
    capability_id: str,
    level: int,
    due: dt.date,
    owner: str,
    reason: str,
    version: int | None,
    at: dt.datetime,
    reported: int | None = None,
) -> TargetLine:
    """Set the level a capability is to reach; the same again saves nothing.

    Args:
        actor: Who sets it; needs the role validator.
        quarter: Any day of the quarter it is set in.
        capability_id: Which capability.
        level: 1 to 5; it need not be 5.
        due: Day by which it is reached, after the quarter: levels are rated once a quarter.
        owner: The one person who answers for it.
        reason: Why this level by then.
        version: Version of the target when it was opened; None for the first.
        at: Time of the act, UTC.
        reported: Level that counts today, below which no target is set; None while there is none.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: Listing everything that is missing or out of range.
        StaleRecord: Somebody set another target since.
    """
    require(actor, "set a target", "validator")
    capability, end = capability_of(capability_id), month_end(shift_month(quarter_of(quarter), 2))
    wrong = level_fault(level)
    if not wrong and reported is not None and level < reported:
        wrong.append(f"a target is not below the level that counts today, {reported}; found {level}")
    if due <= end:
        wrong.append(f"it must be due after {display_day(end)}, when the quarter ends; found {display_day(due)}")
    wrong += text_faults(("the owner", owner, NAME_LENGTH), ("the reason", reason, TEXT_LENGTH))
    if wrong:
        raise RuleBroken(f"The target of {capability.label} was not set: {'; '.join(wrong)}.")
    with records_database().write() as session:
        key = {"capability_id": capability_id}
        values = {"level": level, "due": due, "owner": owner.strip(), "reason": reason.strip()}
        row, is_new = put(session, MaturityTarget, key, version, values, f"The target of {capability.label}")
        if is_new:
            record = f"maturity_targets/{capability_id}"
            audit(session, at, actor.name, "set target", record, **{**values, "due": str(due)})
        return target_line(row)


def rater_line(row: Rating) -> RaterLine:
    """A stored rating as screens read it."""
    return RaterLine(row.rater, row.role, row.level, dict(row.answers), row.version)


def agreed_level(row: Agreement) -> AgreedLevel:
    """A stored agreement as screens read it."""
    return AgreedLevel(row.level, row.reason, row.author, row.version)


def target_line(row: MaturityTarget) -> TargetLine:
    """A stored target as screens read it."""
    return TargetLine(row.level, row.due, row.owner, row.reason, row.version)


def rater_key(
    session: Session, model: type[Rating] | type[RatingDraft], quarter: dt.date, capability_id: str, name: str
) -> dict[str, Any]:
    """Key of a rater's row; a name typed with other capitals is the same rater."""
    here = select(model.rater).where(model.quarter == quarter, model.capability_id == capability_id)
    known = next((rater for rater in session.exec(here).all() if same_name(rater, name)), name)
    return {"quarter": quarter, "capability_id": capability_id, "rater": known}
