"""Time and memory of one call, in this process or in one of its own."""

from __future__ import annotations

import gc
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.benchmarks.registry import Benchmark

ROOT = Path(__file__).resolve().parents[2]
CHILD_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Run:
    """One timed call: elapsed and CPU seconds, and the peak memory in MB where it had a process of its own."""

    wall: float
    cpu: float
    peak_mb: float | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """Medians over the runs of one benchmark; `ratio` is CPU against its baseline's."""

    benchmark: Benchmark
    wall: float
    cpu: float
    peak_mb: float | None
    ratio: float | None

    @property
    def missed(self) -> list[str]:
        """Which bounds of the goal are exceeded; empty when it is reached."""
        goal = self.benchmark.goal
        pairs = (
            ("ratio", self.ratio, goal.ratio),
            ("CPU", self.cpu * 1000, goal.cpu_ms),
            ("wall", self.wall * 1000, goal.wall_ms),
            ("peak", self.peak_mb, goal.peak_mb),
        )
        return [name for name, value, bound in pairs if bound is not None and (value is None or value > bound)]


def time_call(call: Callable[[], object]) -> Run:
    """Time one call; garbage of earlier runs is collected before, and left alone during it."""
    gc.collect()
    gc.disable()
    try:
        children = _children_cpu()
        cpu, wall = time.process_time(), time.perf_counter()
        call()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        return Run(wall, cpu + _children_cpu() - children)
    finally:
        gc.enable()


def measure_group(group: list[Benchmark], in_child: Callable[[Benchmark], Run] | None = None) -> list[Outcome]:
    """Measure a baseline and those beside it in turns, so that a busy minute of the machine meets all of them.

    Args:
        group: As `Registry.groups` gives it: the baseline first.
        in_child: Runs a benchmark in a process of its own; `run_in_child` unless a test says otherwise.
    """
    child = in_child or run_in_child
    calls = {one.name: one.prepare() for one in group if not one.own_process}
    for call in calls.values():
        call()  # warm: the first call pays for imports and caches, and is not counted
    runs: dict[str, list[Run]] = {one.name: [] for one in group}
    for turn in range(max(one.repeats for one in group)):
        for one in group:
            if turn < one.repeats:
                runs[one.name].append(child(one) if one.own_process else time_call(calls[one.name]))
    base = median(run.cpu for run in runs[group[0].name])
    return [_outcome(one, runs[one.name], base) for one in group]


def run_in_child(benchmark: Benchmark) -> Run:
    """Prepare and time one call in a fresh interpreter; no other benchmark is loaded, so that its peak is its own.

    Raises:
        RuntimeError: The child failed; carries the end of its error output.
    """
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", "--child", benchmark.prepare.__module__, benchmark.name],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=CHILD_SECONDS,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{benchmark.name}: {done.stderr[-2000:]}")
    return Run(**json.loads(done.stdout.splitlines()[-1]))


def child_report(benchmark: Benchmark) -> str:
    """What the child prints: its run as one line of JSON, with the peak of the whole process."""
    run = time_call(benchmark.prepare())
    own, children = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    unit = 1024 if sys.platform == "linux" else 1024 * 1024
    return json.dumps({"wall": run.wall, "cpu": run.cpu, "peak_mb": max(own, children) / unit})


def _outcome(benchmark: Benchmark, runs: list[Run], base: float) -> Outcome:
    cpu = median(run.cpu for run in runs)
    peaks = _known(run.peak_mb for run in runs)
    ratio = cpu / base if benchmark.beside is not None and base > 0 else None
    return Outcome(benchmark, median(run.wall for run in runs), cpu, median(peaks) if peaks else None, ratio)


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _children_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
