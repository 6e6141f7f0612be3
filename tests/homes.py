"""Homes for tests: an empty one, and ones with a company imported, built once and copied."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.settings import settings

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
    """A home with a company imported: `demo` or `ravenstack`."""
    from core.services.access import LOCAL_USER
    from core.services.importing import ensure_demo, run_import

    with using(folder):
        if company == "demo":
            ensure_demo(LOCAL_USER, NOW)
        else:
            run_import(LOCAL_USER, [RAVENSTACK], NOW, preset="ravenstack")
    return folder


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo company; for reading only."""
    return built(tmp_path_factory.mktemp("demo"), "demo")


@pytest.fixture(scope="session")
def ravenstack_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """RavenStack; for reading only."""
    if not RAVENSTACK.exists():
        pytest.skip("the shared reference data are not beside the project")
    return built(tmp_path_factory.mktemp("ravenstack"), "ravenstack")


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
    with using(Path(shutil.copytree(demo_home, tmp_path / "home"))) as home:
        yield home
