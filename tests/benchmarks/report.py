"""Measurements as Markdown tables: for the terminal and for docs/benchmarks.md."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from importlib.metadata import version

from tests.benchmarks.measure import Outcome
from tests.benchmarks.registry import Figure

LIBRARIES = ("streamlit", "pandas", "plotly", "duckdb", "pyarrow", "scikit-learn")
TIMED = ("what", "beside", "ratio", "CPU ms", "wall ms", "peak MB", "goal", "")
QUALITY = ("what", "value", "goal", "", "peer (quoted)")


def render(outcomes: Sequence[Outcome], figures: Sequence[tuple[Figure, float]]) -> str:
    """The whole page."""
    parts = [
        "# Benchmarks",
        "Written by `make bench`; medians of runs taken in turns with the baseline, warm, in one go.\n"
        "*Ratio* is CPU time against the baseline's; CPU counts all threads and child processes.",
        f"Measured with Python {platform.python_version()} on {platform.system()}, {os.cpu_count()} cores: "
        + ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
        + ".",
    ]
    if outcomes:
        parts += ["## Time and memory", table(TIMED, (_timed(outcome) for outcome in outcomes))]
    if figures:
        parts += ["## Quality", table(QUALITY, (_quality(figure, value) for figure, value in figures))]
    return "\n\n".join(parts) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table with padded columns, so that it reads in a terminal too."""
    cells = [list(head), *(list(row) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    lines = [
        "| " + " | ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) + " |" for row in cells
    ]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])


def _timed(outcome: Outcome) -> tuple[str, ...]:
    benchmark, goal = outcome.benchmark, outcome.benchmark.goal
    bounds = ((goal.ratio, "×"), (goal.cpu_ms, " ms CPU"), (goal.wall_ms, " ms"), (goal.peak_mb, " MB"))
    asked = ", ".join(f"≤ {bound:g}{unit}" for bound, unit in bounds if bound is not None)
    return (
        benchmark.name,
        benchmark.beside or "–",
        "–" if outcome.ratio is None else f"{outcome.ratio:.2f}",
        _significant(outcome.cpu * 1000),
        _significant(outcome.wall * 1000),
        "–" if outcome.peak_mb is None else f"{outcome.peak_mb:.0f}",
        asked or "–",
        _verdict(bool(asked), outcome.missed),
    )


def _quality(figure: Figure, value: float) -> tuple[str, ...]:
    unit = f" {figure.unit}" if figure.unit else ""
    asked = [f"≥ {figure.at_least:g}{unit}"] if figure.at_least is not None else []
    asked += [f"≤ {figure.at_most:g}{unit}"] if figure.at_most is not None else []
    held = (figure.at_least is None or value >= figure.at_least) and (figure.at_most is None or value <= figure.at_most)
    return (
        figure.name,
        f"{_significant(value)}{unit}",
        ", ".join(asked) or "–",
        _verdict(bool(asked), [] if held else ["value"]),
        figure.peer or "–",
    )


def _verdict(asked: bool, missed: list[str]) -> str:
    if not asked:
        return ""
    return f"missed: {', '.join(missed)}" if missed else "reached"


def _significant(value: float) -> str:
    """Three digits that mean something, never an exponent."""
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    digits = 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3
    return f"{value:.{digits}f}" if abs(value) >= 0.001 else f"{value:.1e}"
