"""The record database: one engine per process, short write transactions, migrations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from core.errors import CouncilError
from core.store.revisions import bump_touched

MIGRATIONS = Path(__file__).parent / "migrations"
NEWER = (
    "The record database was last opened by a newer version of this product, and nothing was changed. "
    "Start that version again, or point COUNCIL_HOME (DATABASE_URL for a server) at another place."
)

BUSY = (
    "Records: this save waited too long for another one to end, most likely an import that is being written. "
    "Nothing was saved; try again in a moment."
)
CROSSED = (
    "Records: this save and another one met on the same rows, and the database let the other one go first. "
    "Nothing was saved; try again in a moment."
)

_PRAGMAS = (
    "foreign_keys=ON",
    "journal_mode=WAL",
    "synchronous=FULL",
    "busy_timeout=10000",
    "recursive_triggers=ON",
    "secure_delete=ON",
    "trusted_schema=OFF",
)

_MIGRATING = Lock()
_ALONE = "SELECT pg_advisory_xact_lock(hashtext('council migrations'))"

_POSTGRES_OPTIONS = (
    "-c statement_timeout=15000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=30000 -c timezone=UTC"
)


class Database:
    """Sessions over one record database.

    Every write is one transaction that starts at once (SQLite: BEGIN IMMEDIATE), so two writers queue
    instead of losing an update, and that is rolled back on any exception, a stopped script included.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(url) if self.is_sqlite else _server_engine(url)
        self._reader = self.engine.execution_options(council_read=True)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for reading; nothing is committed."""
        with Session(self._reader, expire_on_commit=False) as session:
            yield session

    def rows(self, statement: str) -> Sequence[tuple[Any, ...]]:
        """Every row of one statement that reads, as the driver gives them.

        What every run of every screen asks takes this way: a session would cost six times the statement.
        """
        connection = self.engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(statement)
            return cursor.fetchall()
        finally:
            connection.close()

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One unit of work: committed whole when the block ends, rolled back whole when it raises.

        Raising the revision of every record table that was touched is part of the same transaction.

        Raises:
            CouncilError: Another writer, as a rule an import, did not end in the time a writer waits, or the database
                ended this save because another one was in its way.
        """
        with Session(self.engine, expire_on_commit=False) as session:
            event.listen(session, "before_flush", bump_touched)
            try:
                with session.begin():
                    yield session
            except OperationalError as error:
                if words := _in_the_way(error):
                    raise CouncilError(words) from error
                raise

    def migrate(self) -> None:
        """Bring the schema to the newest revision.

        SQLite rebuilds a table to change it and would cascade deletes into its children, so foreign keys
        are off while a migration runs and are checked after it. Whoever comes second waits and finds nothing to do:
        threads because Alembic keeps its state in the process, processes by a lock of the database.

        Raises:
            CouncilError: The schema has a revision this version does not know.
        """
        with _MIGRATING, self.engine.connect() as connection:
            raw: Any = connection.connection.driver_connection
            if self.is_sqlite:
                raw.execute("PRAGMA foreign_keys=OFF")  # ignored inside a transaction, so before one begins
            # SQLite's transaction takes the lock as it begins, which any statement makes it do.
            connection.exec_driver_sql("SELECT 1" if self.is_sqlite else _ALONE)
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS))
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CommandError as error:
                raise CouncilError(NEWER) from error
            connection.commit()
            if self.is_sqlite:
                broken = raw.execute("PRAGMA foreign_key_check").fetchall()
                raw.execute("PRAGMA foreign_keys=ON")
                if broken:
                    raise RuntimeError(f"the migration left {len(broken)} rows without the row they refer to")

    def check(self) -> None:
        """Raise when the database does not answer."""
        with self._reader.connect() as connection:
            connection.exec_driver_sql("SELECT 1")

    def close(self) -> None:
        """Return every connection; used by tests and by the command line."""
        self.engine.dispose()


@lru_cache(maxsize=8)
def database(url: str) -> Database:
    """The database of this process at `url`, migrated on first use."""
    if make_url(url).get_backend_name() == "sqlite":
        Path(str(make_url(url).database)).parent.mkdir(parents=True, exist_ok=True)
    opened = Database(url)
    opened.migrate()
    return opened


def _in_the_way(error: OperationalError) -> str | None:
    """What to say of a statement that was given up because of another writer; None where it failed otherwise."""
    state = getattr(error.orig, "sqlstate", None)
    if state in ("40P01", "40001"):  # a deadlock; transactions that cannot be put in an order
        return CROSSED
    name = getattr(error.orig, "sqlite_errorname", "")
    return BUSY if state == "55P03" or str(name).startswith("SQLITE_BUSY") else None


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(
        url,
        connect_args={"timeout": 10, "check_same_thread": False},
        pool_size=5,
        max_overflow=5,
        pool_timeout=10,
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy sends BEGIN itself
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("council_read", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _server_engine(url: str) -> Engine:
    return create_engine(
        url,
        pool_size=10,
        max_overflow=5,
        pool_timeout=10,
        pool_pre_ping=True,
        pool_recycle=1800,
        hide_parameters=True,
        connect_args={"connect_timeout": 3, "application_name": "council", "options": _POSTGRES_OPTIONS},
    )


__all__ = ["Database", "database"]
