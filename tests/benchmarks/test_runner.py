"""The benchmark runner measures what it says."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.benchmarks.__main__ import load
from tests.benchmarks.measure import ROOT, Run, child_report, measure_group, run_in_child, time_call
from tests.benchmarks.registry import REGISTRY, Figure, Goal, Registry
from tests.benchmarks.report import render, table


def busy(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def test_waiting_costs_wall_time_and_no_cpu():
    run = time_call(lambda: time.sleep(0.05))
    assert run.wall >= 0.05
    assert run.cpu < 0.02


def test_work_costs_cpu_time():
    assert time_call(lambda: busy(0.03)).cpu >= 0.03


def test_the_ratio_is_to_the_baseline_of_the_same_run():
    registry = Registry()
    registry.benchmark("small", repeats=3)(lambda: lambda: busy(0.01))
    registry.benchmark("large", beside="small", goal=Goal(ratio=2), repeats=3)(lambda: lambda: busy(0.04))
    small, large = measure_group(registry.groups()[0])
    assert small.ratio is None
    assert large.ratio == pytest.approx(4, rel=0.3)
    assert large.missed == ["ratio"]
    assert small.missed == []


def test_runs_are_taken_in_turns_after_one_that_is_not_counted():
    order = []
    registry = Registry()
    registry.benchmark("a", repeats=2)(lambda: lambda: order.append("a"))
    registry.benchmark("b", beside="a", repeats=3)(lambda: lambda: order.append("b"))
    measure_group(registry.groups()[0])
    assert "".join(order) == "ab" + "abab" + "b"


def test_the_median_ignores_one_slow_run():
    walls = iter([1.0, 9.0, 1.2])
    registry = Registry()
    registry.benchmark("a", own_process=True, repeats=3)(lambda: None)
    (outcome,) = measure_group(registry.groups()[0], in_child=lambda _: Run(next(walls), 0.5, 300.0))
    assert (outcome.wall, outcome.cpu, outcome.peak_mb) == (1.2, 0.5, 300.0)


def test_a_peak_that_was_asked_for_and_not_measured_is_missed():
    registry = Registry()
    registry.benchmark("a", goal=Goal(peak_mb=100), repeats=1)(lambda: lambda: None)
    (outcome,) = measure_group(registry.groups()[0])
    assert outcome.missed == ["peak"]


def test_a_child_reports_its_own_peak():
    registry = Registry()
    registry.benchmark("a")(lambda: lambda: bytes(1))
    assert '"peak_mb"' in child_report(registry.benchmarks["a"])


def test_a_registered_benchmark_runs_in_a_process_of_its_own():
    load()
    run = run_in_child(REGISTRY.benchmarks["import the contract"])
    assert run.cpu > 0
    assert run.peak_mb > 20


def test_what_a_benchmark_wrote_is_gone_with_its_process():
    code = (
        "from tests.benchmarks.scratch import scratch\n"
        "folder = scratch()\n(folder / 'facts').write_text('x')\nprint(folder)\nraise SystemExit('failed')"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr == "failed\n"
    assert Path(done.stdout.strip()).name.startswith("council-bench-")
    assert not Path(done.stdout.strip()).exists()


def test_a_chosen_benchmark_brings_its_baseline():
    registry = Registry()
    for name, beside in (("base", None), ("one", "base"), ("two", "base"), ("alone", None)):
        registry.benchmark(name, beside=beside)(lambda: lambda: None)
    chosen = registry.groups(("TWO",))
    assert [[one.name for one in group] for group in chosen] == [["base", "two"]]
    assert [[one.name for one in group] for group in registry.groups()] == [["base", "one", "two"], ["alone"]]


@pytest.mark.parametrize("beside", ["absent", "one"])
def test_a_baseline_must_exist_and_have_none_itself(beside):
    registry = Registry()
    registry.benchmark("base")(lambda: lambda: None)
    registry.benchmark("one", beside="base")(lambda: lambda: None)
    registry.benchmark("two", beside=beside)(lambda: lambda: None)
    with pytest.raises(ValueError, match="two: expected a baseline"):
        registry.groups()


def test_a_name_is_registered_once():
    registry = Registry()
    registry.figure("error")(lambda: 0.0)
    with pytest.raises(ValueError, match="two measurements are called error"):
        registry.benchmark("error")(lambda: lambda: None)


def test_the_page_says_what_was_reached_and_what_was_missed():
    registry = Registry()
    registry.benchmark("empty page", repeats=1)(lambda: lambda: None)
    registry.benchmark("overview", beside="empty page", goal=Goal(wall_ms=1e6), repeats=1)(lambda: lambda: busy(0.001))
    figures = [
        (Figure("coverage", lambda: 0.0, unit="%", at_least=90, peer="DoubleML 92 %"), 88.0),
        (Figure("error", lambda: 0.0, at_most=1e-10), 3e-12),
    ]
    page = render(measure_group(registry.groups()[0]), figures)
    rows = {line.split("|")[1].strip(): line for line in page.splitlines() if line.startswith("| ")}
    assert "reached" in rows["overview"]
    assert "missed" in rows["coverage"]
    assert "DoubleML 92 %" in rows["coverage"]
    assert "reached" in rows["error"]
    assert "3.0e-12" in rows["error"]


def test_a_table_keeps_its_columns_aligned():
    lines = table(("what", "ms"), [("a longer name", "1"), ("b", "12.5")]).splitlines()
    assert len({len(line) for line in lines}) == 1
