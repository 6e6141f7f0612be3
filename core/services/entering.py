"""What every entry of the meeting and the assessment shares: all that is missing is said at once, one row per token."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from core.errors import RuleBroken, length_faults, same_subject
from core.glossary import display_day
from core.services.home import records_database
from core.store.tables import Action, Decision, EvidenceItem, Review, RoadmapStep

TITLE_LENGTH = 160
TEXT_LENGTH = 2_000
"""Most characters of a line and of a paragraph; a form says so, a save refuses more."""

Entry = type[Decision] | type[Action] | type[Review] | type[EvidenceItem] | type[RoadmapStep]


def once(model: Entry, token: str, about: Mapping[str, object], insert: Callable[[Session], int]) -> int:
    """Insert the row of a token, or return the id of the one that is there.

    Args:
        model: Its table.
        token: One per opened form.
        about: Columns that say what the row is about, as they are to be saved.
        insert: Inserts the row and returns its id.

    Raises:
        RuleBroken: The token has saved a row about something else.
    """
    try:
        with records_database().write() as session:
            there = id_of(session, model, token, about)
            return there if there is not None else insert(session)
    except IntegrityError:
        # PostgreSQL lets two clicks pass the look above at once; the unique token stops the second.
        with records_database().read() as session:
            there = id_of(session, model, token, about)
        if there is None:
            raise
        return there


def id_of(session: Session, model: Entry, token: str, about: Mapping[str, object]) -> int | None:
    """Id of the row a token has saved about this; None when there is none yet, RuleBroken when it is about another."""
    there = session.exec(select(model.id).where(col(model.token) == token)).first()
    if there is None:
        return None
    row = session.get_one(model, there)
    same_subject({name: getattr(row, name) for name in about}, dict(about))
    return there


def missing(*fields: tuple[str, str, int]) -> list[str]:
    """Texts that are empty or longer than their field holds.

    Args:
        fields: Name, text and most characters of each.
    """
    empty = [f"{name} is missing" for name, value, _ in fields if not value.strip()]
    return empty + length_faults(*fields)


def after(name: str, earliest: dt.date, found: dt.date) -> str:
    """Says that a day lies too early."""
    return f"the {name} must be after {display_day(earliest)}; found {display_day(found)}"


def refuse(what: str, wrong: Sequence[str]) -> None:
    """Stop a save that lacks something.

    Raises:
        RuleBroken: Listing everything in `wrong`; nothing happens when that is empty.
    """
    if wrong:
        raise RuleBroken(f"{what}; please complete it:\n" + "\n".join(f"- {line}" for line in wrong))
