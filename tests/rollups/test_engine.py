"""What an engine keeps of a statement once its rows are let go."""

import resource
from pathlib import Path

import pytest

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
def test_what_a_statement_took_is_given_back_with_its_rows():
    engine = Engine({})
    engine.query("SELECT 1 AS one")
    before = resident_mb()
    assert len(engine.query(GROUPED)) == 400_000
    assert resident_mb() - before < 70
    engine.close()


def test_groups_stay_within_caches_on_however_few_cores():
    engine = Engine({})
    threads = engine.query("SELECT CAST(current_setting('threads') AS BIGINT) AS threads")["threads"][0]
    assert threads >= LEAST_THREADS > 2, "two threads or one let their tables of groups grow without end"
    engine.close()
