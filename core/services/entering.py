"""What every entry of the meeting has in common: all that is missing is said at once, and a token saves one row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from core.errors import RuleBroken
from core.glossary import display_day
from core.services.home import records_database
from core.store.tables import Action, Decision, Review

TITLE_LENGTH = 160
TEXT_LENGTH = 2_000
"""Most characters of a line and of a paragraph; a form offers no more, a save refuses more."""

Entry = type[Decision] | type[Action] | type[Review]


def once(model: Entry, token: str, insert: Callable[[Session], int]) -> int:
    """Insert the row of a token, or return the id of the one that is there."""
    try:
        with records_database().write() as session:
            there = id_of(session, model, token)
            return there if there is not None else insert(session)
    except IntegrityError:
        # PostgreSQL lets two clicks pass the look above at once; the unique token stops the second.
        with records_database().read() as session:
            there = id_of(session, model, token)
        if there is None:
            raise
        return there


def id_of(session: Session, model: Entry, token: str) -> int | None:
    """Id of the row a token has saved; None when there is none yet."""
    return session.exec(select(model.id).where(model.token == token)).first()


def missing(*fields: tuple[str, str, int]) -> list[str]:
    """Texts that are empty or longer than their field holds.

    Args:
        fields: Name, text and most characters of each.
    """
    empty = [f"{name} is missing" for name, value, _ in fields if not value.strip()]
    return empty + [f"{name} is longer than {most:,} characters" for name, value, most in fields if len(value) > most]


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
