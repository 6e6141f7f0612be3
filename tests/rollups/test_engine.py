"""What an engine keeps of a statement once its rows are let go."""

import resource
from pathlib import Path

import pytest

from core.rollups import engine as module
from core.rollups.engine import LEAST_THREADS, Engine

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


def test_what_a_statement_took_is_given_back_before_a_frame_is_made(monkeypatch):
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
