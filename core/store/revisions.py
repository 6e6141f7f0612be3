"""A counter per record table: a Month is cached by the revisions of the tables it reads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, Protocol

from sqlalchemy import Connection, Date, Integer, String, text
from sqlalchemy.orm import Session as OrmSession
from sqlmodel import Field, Session, SQLModel


class Readable(Protocol):
    """A database that gives plain connections."""

    def connect(self) -> Connection:
        """A connection for reading."""


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


_CURRENT = text(
    "SELECT 'manifest' AS kind, hash AS name, 0 AS number, known_until "
    "FROM (SELECT hash, known_until FROM manifests ORDER BY id DESC LIMIT 1) AS newest "
    "UNION ALL SELECT 'table', table_name, number, CAST(NULL AS DATE) FROM revisions"
).columns(kind=String, name=String, number=Integer, known_until=Date)


def current(database: Readable) -> tuple[str, dt.date | None, dict[str, int]]:
    """What everybody reads at this moment; asked on every run of every screen, so one statement without a session.

    Returns:
        Hash of the newest manifest (empty before the first import), the day up to which it says the revenue is
        complete, and the revision of every table that was ever written.
    """
    with database.connect() as connection:
        rows = connection.execute(_CURRENT).all()
    newest, until = next(((row.name, row.known_until) for row in rows if row.kind == "manifest"), ("", None))
    return newest, until, {row.name: row.number for row in rows if row.kind == "table"}
