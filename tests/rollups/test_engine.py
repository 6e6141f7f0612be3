"""What an engine keeps of a statement once its rows are let go."""

import resource
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.rollups import engine as module
from core.rollups.engine import BATCH, LEAST_THREADS, Engine
from core.settings import settings

STATM = Path("/proc/self/statm")
GROUPED = """
SELECT k % 400000 AS key, SUM(k) AS total, MAX(CAST(k AS VARCHAR)) AS name
FROM (SELECT UNNEST(RANGE(1500000)) AS k) AS numbers
GROUP BY 1
"""
"""Takes about 110 MB beside its result, of which DuckDB would keep 90 for some seconds."""


def resident_mb() -> float:
    return int(STATM.read_text().split()[1]) * resource.getpagesize() / 2**20


@pytest.mark.skipif(not STATM.exists(), reason="the memory of a process is read as Linux tells it")
@pytest.mark.parametrize(("above", "given_back"), [(0, True), (1e9, False)], ids=["large", "small"])
def test_a_small_process_keeps_what_the_next_statement_takes_again(monkeypatch, above, given_back):
    monkeypatch.setattr("core.rollups.engine.GIVE_BACK_ABOVE_MB", above)
    engine, told = Engine({}), "SELECT current_setting('memory_limit') AS limit_set"
    usual = engine.query(told)["limit_set"][0]
    engine._connection.execute("SET memory_limit = '123 MB'")  # giving back sets it to what it was
    assert (engine.query(told)["limit_set"][0] == usual) is given_back
    engine.close()


@pytest.mark.skipif(not STATM.exists(), reason="the memory of a process is read as Linux tells it")
def test_what_a_statement_took_is_given_back_with_its_rows_in_a_large_process(monkeypatch):
    monkeypatch.setattr("core.rollups.engine.GIVE_BACK_ABOVE_MB", 0)
    engine = Engine({})
    engine.query("SELECT 1 AS one")
    before = resident_mb()
    assert len(engine.query(GROUPED)) == 400_000
    assert resident_mb() - before < 70
    engine.close()


@pytest.mark.skipif(not STATM.exists(), reason="the memory of a process is read as Linux tells it")
def test_the_columns_of_a_large_frame_are_given_back_with_it(monkeypatch):
    monkeypatch.setattr("core.rollups.engine.GIVE_BACK_ABOVE_MB", 0)
    engine = Engine({})
    rows = engine.query("SELECT 'account-' || range AS name, range % 7 AS number FROM range(1500000)")
    after = resident_mb()
    engine.query("SELECT 1 AS one")  # gives back whatever is free
    assert len(rows) == 1_500_000
    assert after - resident_mb() < 15
    engine.close()


@pytest.mark.parametrize("rows", [1, BATCH + 1])
def test_columns_can_be_written_to(rows):
    engine = Engine({})
    frame = engine.query("SELECT range AS number, CAST(range AS DOUBLE) AS share FROM range(:rows)", {"rows": rows})
    frame.loc[0, ["number", "share"]] = 9
    assert (frame["number"][0], frame["share"][0]) == (9, 9.0)
    engine.close()


@pytest.mark.parametrize(("told", "made"), [("", [(-8, 1)]), ("3", [])], ids=["nobody set it", "set"])
def test_how_many_arenas_somebody_set_for_malloc_holds(monkeypatch, told, made):
    monkeypatch.setenv("MALLOC_ARENA_MAX", told)
    settings.cache_clear()
    found = []
    monkeypatch.setattr(module.ctypes, "pythonapi", SimpleNamespace(mallopt=lambda *setting: found.append(setting)))
    Engine({}).close()
    settings.cache_clear()
    assert found == made


def test_memory_is_given_back_before_a_statement_and_between_its_columns_and_their_frame(monkeypatch):
    engine, done, made = Engine({}), [], module._series

    def series(column):
        done.append("made")
        return made(column)

    monkeypatch.setattr(module, "_series", series)
    monkeypatch.setattr(module, "_give_back", lambda cursor: done.append("given back"))
    engine.query("SELECT 1 AS one")
    assert done == ["given back", "given back", "made"]
    engine.close()


def test_groups_stay_within_caches_on_however_few_cores():
    engine = Engine({})
    threads = engine.query("SELECT CAST(current_setting('threads') AS BIGINT) AS threads")["threads"][0]
    assert threads >= LEAST_THREADS > 2, "two threads or one let their tables of groups grow without end"
    engine.close()
