"""Several people at once: reruns of a screen by 1, 25 and 50 sessions that think two seconds between two of them."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.app.server import Served, served
from tests.benchmarks.bench_month import demo_home
from tests.benchmarks.bench_screens import SCREENS
from tests.benchmarks.registry import REGISTRY
from tests.benchmarks.streamlit_client import Tab, p50, p95, settle

THINK = 2.0
"""Mean seconds between two reruns of a session; each waits half to one and a half times that."""
RERUNS = 8
CROWDS = (1, 25, 50)


@dataclass(frozen=True, slots=True)
class Crowd:
    """What a number of sessions met: ms at the median and the 95th percentile, failed runs, MB a session."""

    median: float
    slow: float
    errors: int
    megabytes: float


@cache
def measured(name: str) -> dict[int, Crowd]:
    """One server, one screen of it asked by one, then 25, then 50 sessions."""
    page, queries = SCREENS[name]
    with served(demo_home()) as app:
        with Tab(app.port, page, queries[0]) as tab:
            for query in queries * 2:
                tab.rerun(query=query)
        settle(app.pid)
        return {size: _meet(app, name, size) for size in CROWDS}


def _meet(app: Served, name: str, size: int) -> Crowd:
    before = _resident(app.pid)
    with ThreadPoolExecutor(size) as pool:
        told = list(pool.map(_visit, [app.port] * size, [name] * size, range(size)))
    times = [ms for session, _ in told for ms in session]
    return Crowd(p50(times), p95(times), sum(errors for _, errors in told), (_resident(app.pid) - before) / size)


def _visit(port: int, name: str, number: int) -> tuple[list[float], int]:
    """Milliseconds of each rerun of one session, and how many runs showed an error."""
    page, queries = SCREENS[name]
    chance = random.Random(number)
    times, errors = [], 0
    with Tab(port, page, queries[0]) as tab:
        errors += _failed(tab.rerun())
        for index in range(RERUNS):
            time.sleep(THINK * chance.uniform(0.5, 1.5))
            run = tab.rerun(query=queries[(number + index) % len(queries)])
            times.append(run.ms)
            errors += _failed(run)
    return times, errors


def _failed(run: object) -> int:
    return int(any(kind in ("exception", "alert") and _is_error(kind, part) for kind, part in run.elements))


def _is_error(kind: str, part: object) -> bool:
    return kind == "exception" or part.format == part.ERROR


def _resident(pid: int) -> float:
    """Resident memory of a process in MB; Linux only."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096 / 2**20


def _figures(name: str) -> None:
    """Register what a crowd meets on one screen."""
    figure = REGISTRY.figure
    figure(f"{name} rerun, 1 session, p95", unit="ms")(lambda: measured(name)[1].slow)
    figure(f"{name} rerun, 25 sessions, p50", unit="ms")(lambda: measured(name)[25].median)
    figure(f"{name} rerun, 25 sessions, p95", unit="ms", at_most=100)(lambda: measured(name)[25].slow)
    figure(f"{name} rerun, 50 sessions, p95", unit="ms", at_most=250)(lambda: measured(name)[50].slow)
    figure(f"{name}: failed runs of 76 sessions", unit="runs", at_most=0)(
        lambda: float(sum(crowd.errors for crowd in measured(name).values()))
    )
    figure(f"{name}: memory a session, 50 sessions", unit="MB", at_most=0.3)(lambda: measured(name)[50].megabytes)


for _name in SCREENS:
    _figures(_name)
