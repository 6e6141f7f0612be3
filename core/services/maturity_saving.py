"""What every save of the assessment has in common: whose name it is in, which row it changes, what it refuses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, TypeVar

from sqlmodel import Session, SQLModel, select

from core.errors import NotAllowed, RuleBroken, StaleRecord, check_length, length_faults
from core.glossary import display_day, display_month
from core.model.capabilities import Capability
from core.model.maturity import LEVELS
from core.services.access import Actor
from core.services.maturity_evidence import maturity_model
from core.services.maturity_view import same_name
from core.store import records
from core.store.tables import AssessmentRound

T = TypeVar("T", bound=SQLModel)
NAME_LENGTH, LINE_LENGTH, TEXT_LENGTH = 80, 160, 400
"""Most characters of the name of who acts, of a title, and of a reason; a form says so, a save refuses more."""


def capability_of(capability_id: str) -> Capability:
    """A capability by its id; RuleBroken names all there are."""
    capabilities = maturity_model()[1]
    if capability_id not in capabilities:
        raise RuleBroken(f'Capability: expected one of {", ".join(capabilities)}; found "{capability_id}".')
    return capabilities[capability_id]


def name_of(actor: Actor, author: str, act: str) -> str:
    """The name an act is recorded in: the actor's, or the given one where an admin acts for somebody.

    Raises:
        NotAllowed: Somebody else's name, and the actor is no admin.
        RuleBroken: The name is too long.
    """
    name = " ".join(author.split()) or actor.name
    check_length("your name", name, NAME_LENGTH)
    if "admin" not in actor.roles and not same_name(name, actor.name):
        raise NotAllowed(f"{actor.name} may not {act} in the name of {name or 'nobody'}. Nothing was saved.")
    return name


def level_fault(level: int) -> list[str]:
    """Says that a level lies outside the scale; empty where it does not."""
    return [] if level in LEVELS else [f"the level is a whole number from 1 to 5; found {level}"]


def text_faults(*fields: tuple[str, str, int]) -> list[str]:
    """Texts that are empty or too long, each as name, text and most characters."""
    empty = [f"{name} is missing" for name, text, _ in fields if not text.strip()]
    return empty + length_faults(*fields)


def open_round_only(session: Session, matrix: str, quarter: dt.date, act: str) -> None:
    """Refuse an act in a quarter whose round of the matrix is closed; without a round everything is open.

    Raises:
        RuleBroken: The round is closed.
    """
    found = session.exec(
        select(AssessmentRound).where(AssessmentRound.matrix == matrix, AssessmentRound.quarter == quarter)
    ).first()
    if found is not None and found.state == "closed":
        day = "" if found.closed_on is None else f" on {display_day(found.closed_on)}"
        raise RuleBroken(f"{act}: the round was closed{day} by {found.closed_by}; nothing was saved.")


def put(
    session: Session, model: type[T], key: Mapping[str, Any], version: int | None, values: Mapping[str, Any], what: str
) -> tuple[T, bool]:
    """Insert or change one row by its natural key; a second identical click finds its own row and changes nothing.

    Args:
        session: The unit of work.
        model: Table with a `version`.
        key: Natural key.
        version: Version of the row when it was opened; None for the first.
        values: What it is to hold.
        what: The row in words, for a refusal.

    Returns:
        The row, and whether anything was changed.

    Raises:
        StaleRecord: The row has another version now, or is gone.
    """
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
        theirs = "nothing any more" if row is None else in_words(row.model_dump())
        raise StaleRecord(what, in_words(values), theirs)
    records.save(session, model, key, version, values)
    session.refresh(row)
    return row, True


def in_words(values: Mapping[str, Any]) -> str:
    """A row in words, for showing both sides of a refused save."""
    parts = [f"level {values['level']}"] if "level" in values else []
    if "answers" in values:
        given = list(values["answers"].values())
        parts.append(f"{given.count('most')} criteria in most or all cases, {given.count('half')} in at least half")
    if "due" in values:
        parts.append(f"by {display_month(values['due'])}, {values['owner']}")
    if "accepted" in values:
        parts.append("accepted" if values["accepted"] else "sent back")
    if "active" in values:
        parts.append("does not apply" if values["active"] else "applies")
    parts += [str(values[name]) for name in ("state", "answer") if name in values]
    said = next((str(values[name]) for name in ("reason", "note", "remark") if values.get(name)), "")
    if said:
        parts.append(f'because "{said}"')
    return ", ".join(parts)
