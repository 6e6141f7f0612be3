"""A counter per record table: a Month is cached by the revisions of the tables it reads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session as OrmSession
from sqlmodel import Field, Session, SQLModel, select


class Revision(SQLModel, table=True):
    """How often a record table has changed."""

    __tablename__ = "revisions"

    table_name: str = Field(primary_key=True)
    number: int = 0


def bump(session: OrmSession, names: Iterable[str]) -> None:
    """Raise the revision of the named tables within the session's transaction."""
    for name in sorted(set(names)):
        row = session.get(Revision, name, with_for_update=True)
        if row is None:
            session.add(Revision(table_name=name, number=1))
        else:
            row.number += 1


def bump_touched(session: OrmSession, _context: Any, _instances: Any) -> None:
    """Flush hook: raise the revision of every table that has new, changed or deleted rows, once a transaction."""
    touched = {row.__tablename__ for rows in (session.new, session.dirty, session.deleted) for row in rows}
    done: set[str] = session.info.setdefault("bumped", set())
    fresh = touched - done - {"revisions"}
    done |= fresh
    with session.no_autoflush:
        bump(session, fresh)


def serialise(session: Session, name: str) -> None:
    """Let one unit of work at a time pass that decides by what a table holds now.

    SQLite's write transactions queue by themselves; PostgreSQL takes a lock that ends with the transaction.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": name})


def revisions(session: Session, names: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """The revisions of the named tables, in the order of their names; a table never written has 0."""
    known = dict(session.exec(select(Revision.table_name, Revision.number)).all())
    return tuple((name, known.get(name, 0)) for name in sorted(set(names)))
