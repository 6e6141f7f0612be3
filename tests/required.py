"""Where a kind of test is required, a skip is a failure: COUNCIL_REQUIRE=browser,postgres.

A pytest plugin, loaded by pyproject.toml. On a developer's machine a browser or PostgreSQL test may be
skipped because the program is absent; under CI that would be a green run that checked nothing.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest

VARIABLE = "COUNCIL_REQUIRE"
KINDS = ("browser", "postgres")
REQUIRED = pytest.StashKey[frozenset[str]]()


def pytest_configure(config: pytest.Config) -> None:
    required = {part.strip() for part in os.environ.get(VARIABLE, "").split(",")} - {""}
    if unknown := required - set(KINDS):
        raise pytest.UsageError(f"{VARIABLE}: expected a list of {', '.join(KINDS)}; found {', '.join(unknown)}")
    config.stash[REQUIRED] = frozenset(required)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    kinds = sorted(kind for kind in item.config.stash[REQUIRED] if item.get_closest_marker(kind))
    if report.skipped and kinds and not hasattr(report, "wasxfail"):
        _refuse(report, kinds)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """A whole module skipped while it is collected carries no marker: its folder says what it is."""
    report = yield
    kinds = sorted(collector.config.stash[REQUIRED].intersection(Path(collector.nodeid).parts[:-1]))
    if report.skipped and kinds:
        _refuse(report, kinds)
    return report


def _refuse(report: pytest.TestReport | pytest.CollectReport, kinds: list[str]) -> None:
    why = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
    report.outcome = "failed"
    report.longrepr = f"{why}\n{VARIABLE} names {', '.join(kinds)}: here such a test may not be skipped."
