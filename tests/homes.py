"""Homes for tests: an empty one, and ones with a company imported, built once and copied."""

from __future__ import annotations

import datetime as dt
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.settings import settings

if TYPE_CHECKING:
    from core.month import Month

SHARED = Path(__file__).resolve().parents[1].parent / "shared"
"""Public data sets beside the project; tests that need them skip where it is absent."""

NOW = dt.datetime(2026, 11, 4, 9, 0, tzinfo=dt.UTC)
RAVENSTACK = SHARED / "data" / "ravenstack"


@contextmanager
def using(home: Path) -> Iterator[Path]:
    """Make `home` the home of this process."""
    from core.store.database import database

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COUNCIL_HOME", str(home))
        patch.delenv("DATABASE_URL", raising=False)
        settings.cache_clear()
        yield home
        database(settings().records_url).close()
        database.cache_clear()
        settings.cache_clear()


def built(folder: Path, company: str) -> Path:
    """A home with a company imported: `demo`, where it is the day after its data end, or `ravenstack`."""
    from core.services.access import LOCAL_USER
    from core.services.clock import real_now
    from core.services.importing import ensure_demo, run_import

    with using(folder):
        if company == "demo":
            ensure_demo(LOCAL_USER, real_now())
        else:
            run_import(LOCAL_USER, [RAVENSTACK], NOW, preset="ravenstack")
    return folder


def built_once(folders: pytest.TempPathFactory, company: str) -> Path:
    """A home as `built` gives it, a copy of the one that the first worker of this run made."""
    base = folders.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / f"{company}-of-all"
    with shared.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not shared.exists():
            built(folders.mktemp(company), company).rename(shared)
    return copied(shared, folders.mktemp(company) / "home")


def copied(home: Path, target: Path) -> Path:
    """A copy of a home; parts of facts, which nobody ever changes once they are written, are links."""

    def copy(source: str, goal: str) -> None:
        (os.link if source.endswith(".parquet") else shutil.copy2)(source, goal)

    return Path(shutil.copytree(home, target, copy_function=copy))


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo company; for reading only."""
    return built_once(tmp_path_factory, "demo")


@pytest.fixture(scope="session")
def demo_months(demo_home: Path) -> Callable[..., Month]:
    """A month of the demo company by its first day, the newest without one; opened once, and for reading only.

    For tests that ask what a month says. One of how months are opened or built opens its own.
    """
    from core.services.home import open_month

    @cache
    def opened(month: dt.date | None = None) -> Month:
        with using(demo_home):
            return open_month(month)

    return lambda month=None: opened(month or opened().month)


@pytest.fixture(scope="session")
def ravenstack_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """RavenStack; for reading only."""
    if not RAVENSTACK.exists():
        pytest.skip("the shared reference data are not beside the project")
    return built_once(tmp_path_factory, "ravenstack")


@pytest.fixture
def in_demo(demo_home: Path) -> Iterator[Path]:
    """This process reads the demo company; nothing may be written."""
    with using(demo_home) as home:
        yield home


@pytest.fixture
def in_ravenstack(ravenstack_home: Path) -> Iterator[Path]:
    """This process reads RavenStack; nothing may be written."""
    with using(ravenstack_home) as home:
        yield home


@pytest.fixture
def in_empty(tmp_path: Path) -> Iterator[Path]:
    """This process has an empty home of its own."""
    with using(tmp_path / "home") as home:
        yield home


@pytest.fixture
def in_demo_copy(demo_home: Path, tmp_path: Path) -> Iterator[Path]:
    """This process has the demo company to itself and may write."""
    with using(copied(demo_home, tmp_path / "home")) as home:
        yield home
