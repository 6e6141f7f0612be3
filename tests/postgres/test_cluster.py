import os
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from tests import postgres_cluster


def test_a_test_gets_an_empty_database_of_its_own(postgres_server):
    with postgres_server.new_database() as first, postgres_server.new_database() as second:
        engine = create_engine(first)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE mark (n BIGINT)"))
        engine.dispose()
        other = create_engine(second)
        with other.connect() as connection:
            tables = connection.execute(text("SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public'")).scalar()
        other.dispose()
    assert tables == 0


def test_a_database_is_dropped_with_a_connection_still_open(postgres_server):
    with postgres_server.new_database() as url:
        engine = create_engine(url)
        connection = engine.connect()
        connection.execute(text("SELECT 1"))
    with pytest.raises(OperationalError):
        connection.execute(text("SELECT 1"))
    connection.close()
    engine.dispose()


def test_postgres_url_answers_in_utc(postgres_url):
    engine = create_engine(postgres_url)
    with engine.connect() as connection:
        assert connection.execute(text("SHOW timezone")).scalar() == "UTC"
    engine.dispose()


def test_the_server_does_not_run_as_root(postgres_server):
    owner = Path(f"/proc/{postgres_server.process.pid}").stat().st_uid
    assert owner == (os.geteuid() or postgres_cluster.unprivileged()["user"])
    assert owner != 0


def test_a_wrong_password_is_refused(postgres_server):
    engine = create_engine(postgres_server.url().replace(postgres_server.password, "guess"))
    with pytest.raises(OperationalError, match="password authentication failed"):
        engine.connect()
    engine.dispose()


@pytest.mark.postgres
def test_nothing_is_left_of_a_cluster(postgres_server):
    with postgres_cluster.running_cluster() as cluster:
        assert cluster.port != postgres_server.port
        assert cluster.process.poll() is None
    assert cluster.process.poll() == 0
    assert not cluster.directory.exists()


def test_absent_binaries_are_named(monkeypatch):
    monkeypatch.setattr(Path, "glob", lambda *_: iter(()))
    monkeypatch.setattr(postgres_cluster.shutil, "which", lambda _: None)
    with pytest.raises(postgres_cluster.ClusterUnavailable, match="no initdb"):
        postgres_cluster.find_binaries()


def test_a_failed_initdb_says_why_and_leaves_nothing(monkeypatch, tmp_path):
    def refuse(command, **_):
        return subprocess.CompletedProcess(command, 1, "", "initdb: no space left")

    home = tmp_path / "cluster"
    home.mkdir()
    monkeypatch.setattr(postgres_cluster, "find_binaries", lambda: Path("/nowhere"))
    monkeypatch.setattr(postgres_cluster.subprocess, "run", refuse)
    monkeypatch.setattr(postgres_cluster.tempfile, "mkdtemp", lambda **_: str(home))
    with pytest.raises(RuntimeError, match="no space left"), postgres_cluster.running_cluster():
        pass
    assert not home.exists()
