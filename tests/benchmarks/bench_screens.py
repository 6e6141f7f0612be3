"""Reruns of the screens, server side, beside an empty page served with the same settings in the same run."""

from __future__ import annotations

import time
from contextlib import ExitStack
from functools import lru_cache

from tests.app.server import served
from tests.benchmarks.bench_month import demo_home
from tests.benchmarks.registry import REGISTRY
from tests.benchmarks.streamlit_client import Tab, cpu_seconds, p50, p95, rerun_times, settle

RUNS = 60
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


@lru_cache(maxsize=1)
def measured() -> dict[str, float]:
    """Both servers run side by side and are asked in turn, so that a busy machine slows both."""
    with ExitStack() as stack:
        home = demo_home()
        empty = stack.enter_context(served(home, "tests/benchmarks/empty_app.py"))
        frame = stack.enter_context(served(home, "tests/benchmarks/frame_app.py"))
        app = stack.enter_context(served(home))
        first = _first_visit(app.port)
        rerun_times(app.port, "", MONTHS, runs=len(MONTHS))
        settle(app.pid)
        figures = {"first visitor": first}
        before = cpu_seconds(app.pid)
        beside, framed, overview = [], [], []
        for _ in range(3):
            beside += rerun_times(empty.port, runs=RUNS // 3)
            framed += rerun_times(frame.port, "", MONTHS, runs=RUNS // 3)
            overview += rerun_times(app.port, "", MONTHS, runs=RUNS // 3)
        figures["cpu"] = (cpu_seconds(app.pid) - before) / RUNS * 1000
        figures["frame p50"] = p50(framed)
        figures["empty p50"], figures["p50"], figures["p95"] = p50(beside), p50(overview), p95(overview)
        rerun_times(app.port, "advocates", ADVOCATES, runs=len(ADVOCATES))
        before = cpu_seconds(app.pid)
        advocates = rerun_times(app.port, "advocates", ADVOCATES, runs=RUNS // 3)
        figures["advocates cpu"] = (cpu_seconds(app.pid) - before) / (RUNS // 3) * 1000
        figures["advocates p50"] = p50(advocates)
        rerun_times(app.port, "path", PATHS, runs=len(PATHS))
        before = cpu_seconds(app.pid)
        path = rerun_times(app.port, "path", PATHS, runs=RUNS // 3)
        figures["path cpu"] = (cpu_seconds(app.pid) - before) / (RUNS // 3) * 1000
        figures["path p50"] = p50(path)
        rerun_times(app.port, "cohorts", COHORTS, runs=len(COHORTS))
        before = cpu_seconds(app.pid)
        cohorts = rerun_times(app.port, "cohorts", COHORTS, runs=RUNS // 3)
        figures["cohorts cpu"] = (cpu_seconds(app.pid) - before) / (RUNS // 3) * 1000
        figures["cohorts p50"] = p50(cohorts)
        return figures


def _first_visit(port: int) -> float:
    started = time.perf_counter()
    with Tab(port) as tab:
        tab.rerun()
    return (time.perf_counter() - started) * 1000


@REGISTRY.figure("empty page rerun, p50", unit="ms")
def empty_page() -> float:
    return measured()["empty p50"]


@REGISTRY.figure("navigation, two filters and a title rerun, p50", unit="ms")
def frame_page() -> float:
    return measured()["frame p50"]


@REGISTRY.figure("Overview rerun after a filter change, p50", unit="ms")
def overview_p50() -> float:
    return measured()["p50"]


@REGISTRY.figure("Overview rerun, p50 over the empty page's", unit="times", at_most=3)
def overview_ratio() -> float:
    return measured()["p50"] / measured()["empty p50"]


@REGISTRY.figure("Overview rerun, p50 over the frame's", unit="times")
def overview_frame_ratio() -> float:
    return measured()["p50"] / measured()["frame p50"]


@REGISTRY.figure("Overview rerun, CPU a run", unit="ms", at_most=25)
def overview_cpu() -> float:
    return measured()["cpu"]


@REGISTRY.figure("Overview rerun, p95", unit="ms")
def overview_p95() -> float:
    return measured()["p95"]


@REGISTRY.figure("Advocates rerun after a filter change, CPU a run", unit="ms", at_most=25)
def advocates_cpu() -> float:
    return measured()["advocates cpu"]


@REGISTRY.figure("Advocates rerun, p50 over the empty page's", unit="times")
def advocates_ratio() -> float:
    return measured()["advocates p50"] / measured()["empty p50"]


@REGISTRY.figure("Path rerun after a filter change, CPU a run", unit="ms", at_most=25)
def path_cpu() -> float:
    return measured()["path cpu"]


@REGISTRY.figure("Path rerun, p50 over the empty page's", unit="times")
def path_ratio() -> float:
    return measured()["path p50"] / measured()["empty p50"]


@REGISTRY.figure("Cohorts rerun after a filter change, CPU a run", unit="ms", at_most=25)
def cohorts_cpu() -> float:
    return measured()["cohorts cpu"]


@REGISTRY.figure("Cohorts rerun, p50 over the empty page's", unit="times")
def cohorts_ratio() -> float:
    return measured()["cohorts p50"] / measured()["empty p50"]


@REGISTRY.figure("first visitor after start, server side", unit="ms", at_most=400)
def first_visitor() -> float:
    return measured()["first visitor"]
