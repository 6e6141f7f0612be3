"""The second person's word on an agreed level, and capabilities that do not apply."""

from __future__ import annotations

import datetime as dt

from sqlmodel import Session, select

from core.errors import RuleBroken
from core.services.access import Actor, require
from core.services.home import records_database
from core.services.maturity_evidence import maturity_model
from core.services.maturity_saving import TEXT_LENGTH, capability_of, name_of, open_round_only, put, text_faults
from core.services.maturity_view import ExemptLine, ValidationLine, quarter_of, same_name
from core.store.audit import audit
from core.store.tables import Agreement, LevelValidation, NotApplicable, Rating


def validate_level(
    actor: Actor,
    quarter: dt.date,
    capability_id: str,
    accepted: bool,
    note: str,
    version: int | None,
    on: dt.date,
    at: dt.datetime,
    author: str = "",
) -> ValidationLine:
    """Let a second person accept an agreed level, or send it back; the same again saves nothing.

    Args:
        actor: Who does it; needs the role validator.
        quarter: Any day of the quarter.
        capability_id: Which capability.
        accepted: Whether the level stands.
        note: What was looked at, or what is missing.
        version: Version of their word when it was opened; None for the first.
        on: Day it was given.
        at: Time of the act, UTC.
        author: Whose word it is; empty takes the actor. Only an admin records it in another's name.

    Raises:
        NotAllowed: The role is missing, or it is given in another's name.
        RuleBroken: No level is agreed, the note is missing, or the person rated or agreed themselves.
        StaleRecord: Somebody changed the word since.
    """
    require(actor, "validate a level", "validator")
    capability, name = capability_of(capability_id), name_of(actor, author, "validate a level")
    start = quarter_of(quarter)
    with records_database().write() as session:
        key = {"quarter": start, "capability_id": capability_id}
        agreed = session.exec(select(Agreement).filter_by(**key)).first()
        wrong = [*_not_a_second_person(session, start, capability_id, agreed, name)]
        wrong += text_faults(("what you looked at", note, TEXT_LENGTH))
        if wrong or agreed is None:
            raise RuleBroken(f"The level of {capability.label} was not validated: {'; '.join(wrong)}.")
        values = {"level": agreed.level, "accepted": accepted, "note": note.strip(), "validator": name, "on_day": on}
        row, is_new = put(session, LevelValidation, key, version, values, f"The word on {capability.label}")
        if is_new:
            detail = {"capability": capability_id, "level": agreed.level, "accepted": accepted, "by": name}
            audit(session, at, actor.name, "validate", f"validations/{row.id}", **detail)
        return validation_line(row, agreed.level)


def set_not_applicable(
    actor: Actor,
    quarter: dt.date,
    capability_id: str,
    active: bool,
    reason: str,
    version: int | None,
    at: dt.datetime,
    author: str = "",
) -> ExemptLine:
    """Say that a capability does not apply, or does after all; the same again saves nothing.

    It keeps its row with level 1 and target 1, so that nothing is gained by leaving it out. Not having it is no reason.

    Args:
        actor: Who says so; needs the role validator.
        quarter: Any day of the quarter.
        capability_id: Which capability.
        active: True when it does not apply.
        reason: Why.
        version: Version of the line when it was opened; None for the first.
        at: Time of the act, UTC.
        author: Who says so; empty takes the actor.

    Raises:
        NotAllowed: The role is missing, or it is said in another's name.
        RuleBroken: The reason is missing, or the round is closed.
        StaleRecord: Somebody changed the line since.
    """
    require(actor, "say that a capability does not apply", "validator")
    capability, name = capability_of(capability_id), name_of(actor, author, "say that a capability does not apply")
    wrong, start = text_faults(("the reason", reason, TEXT_LENGTH)), quarter_of(quarter)
    if wrong:
        raise RuleBroken(f"{capability.label} stays as it is: {'; '.join(wrong)}.")
    with records_database().write() as session:
        open_round_only(session, capability.matrix, start, f"{capability.label} stays as it is")
        key = {"quarter": start, "capability_id": capability_id}
        values = {"active": active, "reason": reason.strip(), "author": name}
        row, is_new = put(session, NotApplicable, key, version, values, f"Whether {capability.label} applies")
        if is_new:
            act = "set not applicable" if active else "set applicable"
            audit(session, at, actor.name, act, f"not_applicable/{row.id}", capability=capability_id, reason=reason)
        return exempt_line(row)


def needs_validation(level: int) -> bool:
    """Whether an agreed level waits for a second person's word; a low one stands without."""
    return level >= maturity_model()[0].validation.needed_from


def validation_line(row: LevelValidation, agreed: int | None) -> ValidationLine:
    """A stored word as screens read it."""
    stands = agreed == row.level
    return ValidationLine(row.level, row.accepted, row.note, row.validator, row.on_day, stands, row.version)


def exempt_line(row: NotApplicable) -> ExemptLine:
    """A stored line as screens read it."""
    return ExemptLine(row.reason, row.author, row.active, row.version)


def _not_a_second_person(
    session: Session, quarter: dt.date, capability_id: str, agreed: Agreement | None, name: str
) -> list[str]:
    """Why somebody is not the second person for a level."""
    if agreed is None:
        return ["no level is agreed yet"]
    if same_name(agreed.author, name):
        return [f"{name} agreed on it; it takes a second person"]
    raters = session.exec(select(Rating.rater).filter_by(quarter=quarter, capability_id=capability_id)).all()
    return [f"{name} rated it; it takes a second person"] if any(same_name(item, name) for item in raters) else []
