"""Reruns of the screens, server side, beside an empty page served with the same settings in the same run."""

from __future__ import annotations

import time
from contextlib import ExitStack
from functools import lru_cache

from tests.app.server import served
from tests.benchmarks.bench_month import demo_home
from tests.benchmarks.registry import REGISTRY
from tests.benchmarks.streamlit_client import Tab, cpu_seconds, p50, p95, rerun_times, settle

RUNS, ROUNDS = 20, 3
"""Reruns of each screen in a round, and rounds."""
MONTHS = (
    "month=October+2026",
    "month=September+2026",
    "month=October+2026&segment=SMB",
    "month=October+2026&segment=Enterprise",
)
"""Addresses gone through in turn, as a reader changes filters; each is warm after the first round."""

PATHS = (*MONTHS[:3], "month=October+2026&stage=First+value&accounts=Late")
"""Addresses of Path gone through in turn."""
COHORTS = (
    "month=October+2026",
    "month=October+2026&split=Segment+at+start",
    "month=October+2026&measure=Net+revenue+retention",
    "month=October+2026&cohort=2022&after=12+months",
)
"""Addresses of Cohorts gone through in turn."""

ADVOCATES = ("list=To+ask", "show=Pool", "show=Pool&pool_sort=Account")
"""Addresses of Advocates gone through in turn."""


SCREENS = {"Overview": ("", MONTHS), "Path": ("path", PATHS), "Cohorts": ("cohorts", COHORTS),
           "Advocates": ("advocates", ADVOCATES)}  # fmt: skip
"""Address and queries of each screen that has a budget."""


@lru_cache(maxsize=1)
def measured() -> dict[str, float]:
    """All servers run side by side and are asked in turn, so that a busy machine slows each of them."""
    with ExitStack() as stack:
        home = demo_home()
        empty = stack.enter_context(served(home, "tests/benchmarks/empty_app.py"))
        frame = stack.enter_context(served(home, "tests/benchmarks/frame_app.py"))
        app = stack.enter_context(served(home))
        figures = {"first visitor": _first_visit(app.port)}
        for page, queries in SCREENS.values():
            rerun_times(app.port, page, queries, runs=len(queries))
        settle(app.pid)
        times: dict[str, list[float]] = {}
        for _ in range(ROUNDS):
            times.setdefault("empty", []).extend(rerun_times(empty.port, runs=RUNS))
            times.setdefault("frame", []).extend(rerun_times(frame.port, "", MONTHS, runs=RUNS))
            for name, (page, queries) in SCREENS.items():
                before = cpu_seconds(app.pid)
                times.setdefault(name, []).extend(rerun_times(app.port, page, queries, runs=RUNS))
                cpu = (cpu_seconds(app.pid) - before) / (ROUNDS * RUNS) * 1000
                figures[f"{name} cpu"] = figures.get(f"{name} cpu", 0.0) + cpu
        figures |= {f"{name} p50": p50(taken) for name, taken in times.items()}
        return figures | {f"{name} p95": p95(taken) for name, taken in times.items()}


def _first_visit(port: int) -> float:
    started = time.perf_counter()
    with Tab(port) as tab:
        tab.rerun()
    return (time.perf_counter() - started) * 1000


def _figures(name: str) -> None:
    """Register what a rerun of one screen costs."""
    figure = REGISTRY.figure
    figure(f"{name} rerun after a filter change, p50", unit="ms", at_most=24)(lambda: measured()[f"{name} p50"])
    figure(f"{name} rerun, p50 over the empty page's", unit="times", at_most=3)(
        lambda: measured()[f"{name} p50"] / measured()["empty p50"]
    )
    figure(f"{name} rerun, CPU a run", unit="ms", at_most=25)(lambda: measured()[f"{name} cpu"])
    figure(f"{name} rerun, p95", unit="ms")(lambda: measured()[f"{name} p95"])


REGISTRY.figure("first visitor after start, server side", unit="ms", at_most=400)(lambda: measured()["first visitor"])
REGISTRY.figure("empty page rerun, p50", unit="ms")(lambda: measured()["empty p50"])
REGISTRY.figure("navigation, two filters and a title rerun, p50", unit="ms")(lambda: measured()["frame p50"])
for _name in SCREENS:
    _figures(_name)
