"""What every test would make anew and is the same for all of them: made once a worker.

A pytest plugin, loaded by pyproject.toml. Each part serves the tests at hand only where they import what it is about.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from uuid import uuid4

import pytest


@pytest.fixture(scope="session")
def _migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database that every migration made."""
    from core.store.database import Database

    path = tmp_path_factory.mktemp("migrated") / "council.db"
    made = Database(f"sqlite:///{path}")
    made.migrate()
    made.close()
    return path


@pytest.fixture(autouse=True, scope="module")
def _migrations_run_once(request: pytest.FixtureRequest) -> Iterator[None]:
    """A new SQLite database begins as a copy of one that was migrated; tests of the migrations replace this fixture."""
    if "core.store.database" not in sys.modules:
        yield
        return
    from core.store.database import Database

    template = request.getfixturevalue("_migrated")
    real = Database.migrate

    def migrate(self: Database) -> None:
        path = Path(str(self.engine.url.database))
        if self.is_sqlite and not path.exists():
            own = shutil.copyfile(template, path.with_name(f"{uuid4()}.db"))
            with suppress(FileExistsError):  # another thread was first
                os.link(own, path)
            own.unlink()
        else:
            real(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "migrate", migrate)
        yield


@pytest.fixture(autouse=True, scope="session")
def _one_calendar() -> Iterator[None]:
    """Every engine begins with the same sixty years of days: they are counted once, which is a quarter of its start."""
    if "core.rollups.engine" not in sys.modules:
        yield
        return
    from core.rollups import engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "calendar", cache(engine.calendar))
        yield


@pytest.fixture(autouse=True, scope="session")
def _one_search_for_components() -> Iterator[None]:
    """Each AppTest reads the metadata of every installed package to find components; they do not change meanwhile."""
    if "streamlit.testing.v1" not in sys.modules:
        yield
        return
    from streamlit.components.v2 import manifest_scanner

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield
