"""What the three scores of 100,000 contacts cost beside the rollups they rest on.

Thirteen months of a generated company: scores look a year back. Only the tables they read are imported, once a machine,
into the folder for temporary files.
"""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path

from tests.benchmarks.registry import REGISTRY, Goal
from tests.benchmarks.scratch import scratch

ACCOUNTS, MONTHS, SEED = 31_500, 13, 20_262
AS_OF = dt.date(2026, 10, 31)
READ = (
    "accounts", "contacts", "subscriptions", "survey_responses", "usage", "milestones", "tickets", "renewals",
    "interactions", "people", "consents", "interests", "outcomes", "asks",
)  # fmt: skip
"""Tables that scores read, and those their import needs."""
ROLLUPS = "rollups that scores need, 100,000 contacts"


@lru_cache(maxsize=1)
def contacts_home() -> Path:
    """A home with the generated company; a half-made one is never left under its name."""
    from core.demo import generate, write
    from core.services.access import LOCAL_USER
    from core.services.importing import run_import
    from tests.homes import NOW, using

    home = Path(tempfile.gettempdir()) / f"council-bench-scores-{ACCOUNTS}-{MONTHS}-{SEED}"
    if home.exists():
        return home
    fresh = scratch(f"{home.name}-")
    files = fresh / "files"
    write(generate(ACCOUNTS, MONTHS, SEED), files, "parquet")
    with using(fresh):
        run_import(LOCAL_USER, [files / f"{name}.parquet" for name in READ], NOW, source="benchmark")
    shutil.rmtree(files)
    return fresh.rename(home)


def company():
    """The month of the company, nothing of it computed yet; its records are read."""
    from core.month import build_month
    from core.services.home import current_state, open_engine, open_source
    from tests.homes import using

    with using(contacts_home()):
        state = current_state()
        month = build_month(AS_OF, open_source(state, open_engine(state)))
    month.facts.accounts  # noqa: B018 - both runs start from known accounts
    return month


@REGISTRY.benchmark(ROLLUPS, repeats=3, own_process=True)
def rollups():
    month = company()
    return lambda: month.contact_facts


@REGISTRY.benchmark(
    "scores of 100,000 contacts, their rollups included",
    beside=ROLLUPS,
    goal=Goal(ratio=2.0),
    repeats=3,
    own_process=True,
)
def scores():
    month = company()

    def run():
        scored = month.scores.contacts
        assert len(scored) >= 100_000
        return scored

    return run
