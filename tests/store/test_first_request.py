"""The first requests of a new home: several at once find one database."""

import threading

import pytest
from sqlalchemy.exc import SQLAlchemyError

from core.errors import CouncilError
from core.store.database import Database


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_first_requests_at_the_same_moment_migrate_once(kind, tmp_path, request):
    url = f"sqlite:///{tmp_path / 'council.db'}" if kind == "sqlite" else request.getfixturevalue("postgres_url")
    count, failed = 3, []
    start = threading.Barrier(count)

    def first_request():
        opened = Database(url)
        start.wait()
        try:
            opened.migrate()
            opened.check()
        except (CouncilError, SQLAlchemyError, KeyError) as error:
            failed.append(error)
        finally:
            opened.close()

    threads = [threading.Thread(target=first_request) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_database_of_a_newer_version_is_refused_in_words_and_left_as_it_is(kind, tmp_path, request):
    url = f"sqlite:///{tmp_path / 'council.db'}" if kind == "sqlite" else request.getfixturevalue("postgres_url")
    opened = Database(url)
    opened.migrate()
    with opened.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(CouncilError, match="newer version of this product, and nothing was changed"):
        opened.migrate()
    assert opened.rows("SELECT version_num FROM alembic_version") == [("9999",)]
    opened.close()
