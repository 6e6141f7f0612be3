"""A throw-away PostgreSQL for tests: `postgres_url` gives each test an empty database of its own.

A pytest plugin, loaded by pyproject.toml; a test that asks for a fixture of this module is marked `postgres`.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

START_SECONDS = 30
SETTINGS = {
    "fsync": "off",  # the data outlive no test: speed instead of safety
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "listen_addresses": "127.0.0.1",
    "max_connections": "60",
    "timezone": "UTC",
}


class ClusterUnavailable(Exception):
    """There is no PostgreSQL to start here; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running server.

    Attributes:
        port: Loopback port it listens on.
        password: Of the superuser `council`.
        directory: Holds the data, the socket and `server.log`.
        process: The server, for tests that kill or pause it.
    """

    port: int
    password: str
    directory: Path
    process: subprocess.Popen[bytes]

    def url(self, database: str = "postgres") -> str:
        """SQLAlchemy URL of a database of this server."""
        return f"postgresql+psycopg://council:{self.password}@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str) -> None:
        """Run one statement outside a transaction, as the superuser."""
        import psycopg

        with psycopg.connect(self.url().replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(statement)

    @contextmanager
    def new_database(self, like: str = "template1") -> Iterator[str]:
        """A database, empty or a copy of another one nobody is connected to; dropped at the end; yields its URL."""
        name = f"test_{secrets.token_hex(6)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {like}")
        try:
            yield self.url(name)
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")


def find_binaries() -> Path:
    """Folder of `initdb` and `postgres`: the newest of Debian's, else the one on PATH.

    Raises:
        ClusterUnavailable: Neither has them.
    """
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = str(debian[-1]) if debian else shutil.which("initdb")
    if found is None:
        raise ClusterUnavailable("PostgreSQL is not installed: no initdb in /usr/lib/postgresql/*/bin or on PATH")
    return Path(found).resolve().parent


def unprivileged() -> dict[str, object]:
    """Arguments for `subprocess` that step down from root, which PostgreSQL refuses to run as."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    name = next((name for name in ("postgres", "nobody") if name in names), None)
    if name is None:
        raise ClusterUnavailable("running as root, and there is no user postgres or nobody to run the server as")
    account = pwd.getpwnam(name)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """Make, start and at the end remove a cluster.

    Raises:
        ClusterUnavailable: There are no binaries, or nobody to run them.
        RuntimeError: The server did not start; carries the end of its log.
    """
    binaries, account = find_binaries(), unprivileged()
    # Not pytest's tmp_path: the server's user may not pass through it, and a socket's path is at most 107 bytes.
    directory = Path(tempfile.mkdtemp(prefix="council-pg-"))
    process: subprocess.Popen[bytes] | None = None
    try:
        password = _initialise(binaries, directory, account)
        port = _free_port()
        process = _start(binaries, directory, port, account)
        cluster = Cluster(port, password, directory, process)
        _wait_until_ready(cluster)
        yield cluster
    finally:
        if process is not None:
            _stop(process)
        shutil.rmtree(directory, ignore_errors=True)


def _initialise(binaries: Path, directory: Path, account: dict[str, object]) -> str:
    password = secrets.token_hex(16)
    secret = directory / "password"
    secret.write_text(password, encoding="ascii")
    if account:
        for path in (directory, secret):
            os.chown(path, account["user"], account["group"])  # type: ignore[call-overload]
    made = subprocess.run(
        [
            *(str(binaries / "initdb"), "--pgdata", str(directory / "data"), "--username", "council"),
            *("--pwfile", str(secret), "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync"),
        ],
        cwd=directory,
        env=_environment(),
        capture_output=True,
        text=True,
        check=False,
        **account,  # type: ignore[call-overload]
    )
    secret.unlink()
    if made.returncode:
        raise RuntimeError(f"initdb failed: {made.stderr.strip()}")
    return password


def _start(binaries: Path, directory: Path, port: int, account: dict[str, object]) -> subprocess.Popen[bytes]:
    options = [f"{name}={value}" for name, value in {**SETTINGS, "unix_socket_directories": str(directory)}.items()]
    arguments = [part for option in options for part in ("-c", option)]
    with (directory / "server.log").open("wb") as log:
        return subprocess.Popen(
            [str(binaries / "postgres"), "-D", str(directory / "data"), "-p", str(port), *arguments],
            cwd=directory,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches pytest alone, which then stops the server in order
            **account,  # type: ignore[call-overload]
        )


def _wait_until_ready(cluster: Cluster) -> None:
    import psycopg

    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            cluster.execute("SELECT 1")
            return
        except psycopg.OperationalError as error:
            if cluster.process.poll() is not None or time.monotonic() > deadline:
                log = (cluster.directory / "server.log").read_text(encoding="utf-8", errors="replace")
                raise RuntimeError(f"PostgreSQL did not start: {error}\n{log[-2000:]}") from error
            time.sleep(0.05)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Fast shutdown; after ten seconds an immediate one."""
    for request, seconds in ((signal.SIGINT, 10), (signal.SIGQUIT, 5)):
        if process.poll() is not None:
            return
        process.send_signal(request)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
    if process.poll() is None:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment() -> dict[str, str]:
    """The server's environment, without PGHOST and the like of the developer's shell."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Cluster]:
    """One server for the whole run; skips with the reason where PostgreSQL is absent."""
    try:
        find_binaries()
        unprivileged()
    except ClusterUnavailable as error:
        pytest.skip(str(error))
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture
def postgres_url(postgres_server: Cluster) -> Iterator[str]:
    """SQLAlchemy URL of an empty database that lives as long as the test."""
    with postgres_server.new_database() as url:
        yield url


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "postgres_server" in getattr(item, "fixturenames", ()):
            item.add_marker("postgres")
