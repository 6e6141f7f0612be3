"""What is measured: benchmarks of time and memory, and figures of quality, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

Prepare = Callable[[], Callable[[], object]]
"""Sets up what a run needs and returns the call that is timed."""


@dataclass(frozen=True, slots=True)
class Goal:
    """Upper bounds; what is None is not asked for.

    Attributes:
        ratio: CPU seconds against the baseline's, measured in the same run.
        cpu_ms: CPU time of one run, all threads and child processes.
        wall_ms: Elapsed time of one run.
        peak_mb: Largest resident memory of a run in a process of its own.
    """

    ratio: float | None = None
    cpu_ms: float | None = None
    wall_ms: float | None = None
    peak_mb: float | None = None


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One timed call.

    Attributes:
        name: Words of the table: "Overview rerun".
        prepare: See `Prepare`.
        beside: Name of the benchmark it is compared with, or None.
        goal: What it should reach.
        repeats: Timed runs; their median is reported.
        own_process: Whether each run has a process of its own, with its peak memory.
    """

    name: str
    prepare: Prepare
    beside: str | None = None
    goal: Goal = field(default_factory=Goal)
    repeats: int = 7
    own_process: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of quality: an error, a coverage, a share of the oracle's gain.

    Attributes:
        name: Words of the table.
        compute: Returns the figure.
        unit: "%", "points", "" …
        at_least: Goal from below, or None.
        at_most: Goal from above, or None.
        peer: What the best peer reaches and where that stands; quoted, not measured here.
    """

    name: str
    compute: Callable[[], float]
    unit: str = ""
    at_least: float | None = None
    at_most: float | None = None
    peer: str = ""


class Registry:
    """Benchmarks and figures in the order of their modules."""

    def __init__(self) -> None:
        self.benchmarks: dict[str, Benchmark] = {}
        self.figures: dict[str, Figure] = {}

    def benchmark(
        self,
        name: str,
        *,
        beside: str | None = None,
        goal: Goal | None = None,
        repeats: int = 7,
        own_process: bool = False,
    ) -> Callable[[Prepare], Prepare]:
        """Register a function that prepares one benchmark; the arguments are those of `Benchmark`."""

        def register(prepare: Prepare) -> Prepare:
            self._refuse_twice(name)
            self.benchmarks[name] = Benchmark(name, prepare, beside, goal or Goal(), repeats, own_process)
            return prepare

        return register

    def figure(
        self,
        name: str,
        *,
        unit: str = "",
        at_least: float | None = None,
        at_most: float | None = None,
        peer: str = "",
    ) -> Callable[[Callable[[], float]], Callable[[], float]]:
        """Register a function that computes one figure of quality; the arguments are those of `Figure`."""

        def register(compute: Callable[[], float]) -> Callable[[], float]:
            self._refuse_twice(name)
            self.figures[name] = Figure(name, compute, unit, at_least, at_most, peer)
            return compute

        return register

    def groups(self, wanted: tuple[str, ...] = ()) -> list[list[Benchmark]]:
        """Benchmarks that are measured in turns: each baseline with those that name it.

        Args:
            wanted: Parts of names; a benchmark that is chosen brings its baseline. Empty means all.

        Raises:
            ValueError: A benchmark names a baseline that is not registered, or itself has one.
        """
        by_root: dict[str, list[Benchmark]] = {}
        for benchmark in self.benchmarks.values():
            root = self._root(benchmark)
            members = by_root.setdefault(root.name, [root])
            if benchmark is not root and matches(benchmark.name, wanted):
                members.append(benchmark)
        return [group for group in by_root.values() if len(group) > 1 or matches(group[0].name, wanted)]

    def _root(self, benchmark: Benchmark) -> Benchmark:
        if benchmark.beside is None:
            return benchmark
        root = self.benchmarks.get(benchmark.beside)
        if root is None or root.beside is not None:
            raise ValueError(f"{benchmark.name}: expected a baseline without one of its own; found {benchmark.beside}")
        return root

    def _refuse_twice(self, name: str) -> None:
        if name in self.benchmarks or name in self.figures:
            raise ValueError(f"two measurements are called {name}")


def matches(name: str, wanted: tuple[str, ...]) -> bool:
    """Whether a name holds any of the wanted parts; with none wanted, always."""
    return not wanted or any(part.lower() in name.lower() for part in wanted)


REGISTRY = Registry()
"""Where the modules `bench_*.py` of this folder register."""
