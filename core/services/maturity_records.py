"""Ratings, agreed levels and targets: checked, saved once, and never over somebody else's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, TypeVar

from sqlmodel import Session, SQLModel, select

from core.errors import NotAllowed, RuleBroken, StaleRecord
from core.glossary import display_day, display_month
from core.maturity.scoring import level_reached
from core.model.capabilities import Capability
from core.model.maturity import LEVELS
from core.services.access import Actor, require
from core.services.home import records_database
from core.services.maturity_evidence import maturity_model
from core.services.maturity_view import RATER_ROLES, AgreedLevel, RaterLine, TargetLine, quarter_of, same_name
from core.stats.months import month_end, shift_month
from core.store import records
from core.store.audit import audit
from core.store.tables import Agreement, MaturityTarget, Rating

T = TypeVar("T", bound=SQLModel)


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
    """Save one rater's answers on one capability; the same answers again save nothing.

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
        RuleBroken: Listing everything that is missing or unknown; nothing was saved.
        StaleRecord: The rater's answers were changed since, by another window or person.
    """
    require(actor, "rate a capability", "assessor")
    capability, name = _capability(capability_id), " ".join(rater.split())
    _own_name(actor, name, "rate")
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
    with records_database().write() as session:
        key = _rating_key(session, quarter_of(quarter), capability_id, name)
        values = {"role": role, "answers": dict(answers), "level": level}
        what = f"{key['rater']}'s rating of {capability.label}"
        row, is_new = _put(session, Rating, key, version, values, what)
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
) -> AgreedLevel:
    """Set the level the group agreed on; the same again saves nothing.

    Args:
        actor: Who records it; needs the role validator.
        quarter: Any day of the quarter.
        capability_id: Which capability.
        level: 1 to 5.
        reason: Why this level, in a sentence.
        version: Version of the agreement when it was opened; None for the first.
        at: Time of the act, UTC.
        author: Who says so; empty takes the actor. Only an admin records it in another's name.

    Raises:
        NotAllowed: The role is missing, or the agreement is in another's name.
        RuleBroken: No reason, or a level outside 1 to 5.
        StaleRecord: Somebody agreed on another level since.
    """
    require(actor, "agree on a level", "validator")
    capability, name = _capability(capability_id), " ".join(author.split()) or actor.name
    _own_name(actor, name, "agree on a level")
    wrong = [*_level_fault(level), *(["the reason is missing"] if not reason.strip() else [])]
    if wrong:
        raise RuleBroken(f"The level of {capability.label} was not agreed: {'; '.join(wrong)}.")
    with records_database().write() as session:
        key = {"quarter": quarter_of(quarter), "capability_id": capability_id}
        values = {"level": level, "reason": reason.strip(), "author": name}
        row, is_new = _put(session, Agreement, key, version, values, f"The agreed level of {capability.label}")
        if is_new:
            audit(session, at, actor.name, "agree", f"agreements/{row.id}", capability=capability_id, **values)
        return agreed_level(row)


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
    capability, end = _capability(capability_id), month_end(shift_month(quarter_of(quarter), 2))
    wrong = _level_fault(level)
    if not wrong and reported is not None and level < reported:
        wrong.append(f"a target is not below the level that counts today, {reported}; found {level}")
    if due <= end:
        wrong.append(f"it must be due after {display_day(end)}, when the quarter ends; found {display_day(due)}")
    wrong += [f"{name} is missing" for name, text in (("the owner", owner), ("the reason", reason)) if not text.strip()]
    if wrong:
        raise RuleBroken(f"The target of {capability.label} was not set: {'; '.join(wrong)}.")
    with records_database().write() as session:
        key = {"capability_id": capability_id}
        values = {"level": level, "due": due, "owner": owner.strip(), "reason": reason.strip()}
        row, is_new = _put(session, MaturityTarget, key, version, values, f"The target of {capability.label}")
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


def _capability(capability_id: str) -> Capability:
    capabilities = maturity_model()[1]
    if capability_id not in capabilities:
        raise RuleBroken(f'Capability: expected one of {", ".join(capabilities)}; found "{capability_id}".')
    return capabilities[capability_id]


def _own_name(actor: Actor, name: str, act: str) -> None:
    if "admin" not in actor.roles and not same_name(name, actor.name):
        raise NotAllowed(f"{actor.name} may not {act} in the name of {name or 'nobody'}. Nothing was saved.")


def _level_fault(level: int) -> list[str]:
    return [] if level in LEVELS else [f"the level is a whole number from 1 to 5; found {level}"]


def _rating_key(session: Session, quarter: dt.date, capability_id: str, name: str) -> dict[str, Any]:
    """Key of a rater's row; a name typed with other capitals is the same rater."""
    here = select(Rating.rater).where(Rating.quarter == quarter, Rating.capability_id == capability_id)
    known = next((rater for rater in session.exec(here).all() if same_name(rater, name)), name)
    return {"quarter": quarter, "capability_id": capability_id, "rater": known}


def _put(
    session: Session, model: type[T], key: Mapping[str, Any], version: int | None, values: Mapping[str, Any], what: str
) -> tuple[T, bool]:
    """Insert or change one row by its natural key; a second identical click finds its own row and changes nothing."""
    query = select(model).where(*(getattr(model, name) == value for name, value in key.items()))
    row = session.exec(query.with_for_update()).first()
    if row is not None and all(getattr(row, name) == value for name, value in values.items()):
        return row, False
    if row is None and version is None:
        row = model.model_validate({**key, **values})
        session.add(row)
        session.flush()
        return row, True
    if row is None or getattr(row, "version", None) != version or version is None:
        theirs = "nothing any more" if row is None else _words(row.model_dump())
        raise StaleRecord(what, _words(values), theirs)
    records.save(session, model, key, version, values)
    session.refresh(row)
    return row, True


def _words(values: Mapping[str, Any]) -> str:
    """A row in words, for showing both sides of a refused save."""
    parts = [f"level {values['level']}"]
    if "answers" in values:
        given = list(values["answers"].values())
        parts.append(f"{given.count('most')} criteria in most or all cases, {given.count('half')} in at least half")
    if "due" in values:
        parts.append(f"by {display_month(values['due'])}, {values['owner']}")
    if "reason" in values:
        parts.append(f'because "{values["reason"]}"')
    return ", ".join(parts)
