"""A counter per record table: a Month is cached by the revisions of the tables it reads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from sqlalchemy import text
from sqlalchemy.orm import Session as OrmSession
from sqlmodel import Field, Session, SQLModel


class Readable(Protocol):
    """A database that answers one statement."""

    def rows(self, statement: str) -> Sequence[tuple[Any, ...]]:
        """Every row of one statement that reads."""


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


def serialise(session: Session, *names: str) -> None:
    """Let one unit of work at a time pass that decides by what a table holds now, each table in the order given.

    SQLite's write transactions queue by themselves; PostgreSQL takes a lock that ends with the transaction.
    """
    if session.get_bind().dialect.name == "postgresql":
        for name in names:
            session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": name})


_CURRENT = (
    "SELECT 'manifest', hash, 0, CAST(known_until AS TEXT) "
    "FROM (SELECT hash, known_until FROM manifests ORDER BY id DESC LIMIT 1) AS newest "
    "UNION ALL SELECT 'table', table_name, number, NULL FROM revisions"
)


def current(database: Readable) -> tuple[str, dt.date | None, dict[str, int]]:
    """What everybody reads at this moment; asked on every run of every screen, so one bare statement.

    Returns:
        Hash of the newest manifest (empty before the first import), the day up to which it says the revenue is
        complete, and the revision of every table that was ever written.
    """
    rows = database.rows(_CURRENT)
    newest, day = next(((name, day) for kind, name, _, day in rows if kind == "manifest"), ("", None))
    until = dt.date.fromisoformat(day) if day else None
    return newest, until, {name: number for kind, name, number, _ in rows if kind == "table"}
