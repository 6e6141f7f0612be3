"""What a month of the demo company costs, beside its rollups alone."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from pathlib import Path

from tests.benchmarks.registry import REGISTRY, Goal
from tests.benchmarks.scratch import scratch

ROLLUPS = "rollups of a month, demo company"


@lru_cache(maxsize=1)
def demo_home() -> Path:
    """A home with the demo company, imported once a process."""
    from tests.homes import built

    return built(scratch(), "demo")


def fresh_source():
    """The company read anew: nothing of an earlier run is kept."""
    from core.services.home import current_state, open_engine, open_source
    from tests.homes import using

    with using(demo_home()):
        state = current_state()
        return open_source(state, open_engine(state))


def build(source):
    from core.month import build_month

    return build_month(dt.date(2026, 10, 31), source)


@REGISTRY.benchmark(ROLLUPS)
def rollups():
    source = fresh_source()

    def run():
        facts = build(source).facts
        return facts.revenue, facts.deals, facts.spend, facts.contacts, facts.accounts

    return run


@REGISTRY.benchmark("build_month: Overview, Advocates and Budget", beside=ROLLUPS, goal=Goal(wall_ms=2_000))
def screens():
    from core.services.overview import overview
    from core.services.targets import Targets

    source = fresh_source()

    def run():
        built = build(source)
        return overview(built, None, Targets()), built.next_asks, built.responses

    return run


@REGISTRY.benchmark("build_month: every KPI with interval and 13 months", beside=ROLLUPS)
def month():
    source = fresh_source()

    def run():
        built = build(source)
        return dict(built.kpis), dict(built.history)

    return run


@REGISTRY.benchmark("build_month: scores, guardrails, next asks of every contact", beside=ROLLUPS)
def contacts():
    source = fresh_source()
    return lambda: build(source).next_asks


@REGISTRY.benchmark("build_month: all of it", beside=ROLLUPS)
def whole():
    source = fresh_source()

    def run():
        built = build(source)
        return dict(built.kpis), dict(built.history), built.next_asks, built.responses

    return run
