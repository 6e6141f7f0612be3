"""What all KPIs of 36 months cost beside the rollups they rest on.

The company has 2,000 accounts, so that a whole run stays short; `BENCH_ACCOUNTS=50000 python -m tests.benchmarks KPIs`
measures the goal's size. It is generated and imported once a machine, into the folder for temporary files.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path

from tests.benchmarks.registry import REGISTRY, Goal
from tests.benchmarks.scratch import scratch

ACCOUNTS = int(os.environ.get("BENCH_ACCOUNTS", "2000"))
MONTHS, SEED = 36, 20_261
AS_OF = dt.date(2026, 10, 31)
PER_CONTACT = frozenset({"pool", "account_health"})
"""Frames made of the scores of every contact, which are no rollups; what facts say of the contacts is."""
OF_MEASURES = frozenset(
    {"touch_months", "community_members", "onboarding_steps", "executive_reviews", "risk_plays", "renewal_days",
     "finance_first", "scored_asks"}
)  # fmt: skip
"""Frames that only the measures of maturity read, no KPI."""

OF_COMPANY = f"{ACCOUNTS:,} accounts"
ROLLUPS = f"rollups alone, {OF_COMPANY}"


@lru_cache(maxsize=1)
def large_home() -> Path:
    """A home with the generated company; a half-made one is never left under its name.

    What only making it needs is imported for that alone: 40 MB that no KPI takes.
    """
    home = Path(tempfile.gettempdir()) / f"council-bench-{ACCOUNTS}-{MONTHS}-{SEED}"
    return home if home.exists() else _made(home)


def _made(home: Path) -> Path:
    from core.demo import generate, write
    from core.services.access import LOCAL_USER
    from core.services.importing import run_import
    from tests.homes import NOW, using

    fresh = scratch(f"{home.name}-")
    files = fresh / "files"
    write(generate(ACCOUNTS, MONTHS, SEED), files, "parquet")
    with using(fresh):
        run_import(LOCAL_USER, [files], NOW, source="benchmark")
    shutil.rmtree(files)
    return fresh.rename(home)


def company():
    """The month of the company, nothing of it computed yet; its records are read."""
    from core.month import build_month
    from core.services.home import current_state, open_engine, open_source
    from tests.homes import using

    with using(large_home()):
        state = current_state()
        return build_month(AS_OF, open_source(state, open_engine(state)))


def rolled_up(month):
    """Every frame that KPIs are made from."""
    data, others = month.kpi_input, PER_CONTACT | OF_MEASURES
    return data.revenue.wide, month.contact_facts, [data.table(name) for name in data.tables if name not in others]


@REGISTRY.benchmark(ROLLUPS, repeats=3, own_process=True)
def rollups():
    month = company()
    return lambda: rolled_up(month)


@REGISTRY.benchmark(
    f"all KPIs x {MONTHS} months, {OF_COMPANY}",
    beside=ROLLUPS,
    goal=Goal(ratio=1.5, peak_mb=1_000) if ACCOUNTS >= 50_000 else Goal(),
    repeats=3,
    own_process=True,
)
def kpis():
    from core.kpis import REGISTRY as KPIS
    from core.kpis.registry import histories

    month = company()

    def run():
        of_facts = [item for item in KPIS.values() if not item.from_records]
        of_records = [item for item in KPIS.values() if item.from_records]
        return (
            dict(month.kpis),
            histories(of_facts, month.facts.kpi_input, month.month, MONTHS),
            histories(of_records, month.kpi_input, month.month, MONTHS),
        )

    return run
