"""Homes whose records are in PostgreSQL: built once, copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.settings import settings
from core.store.database import database
from tests.postgres_cluster import Cluster


@contextmanager
def using_postgres(home: Path, url: str) -> Iterator[Path]:
    """Make `home`, with its records at `url`, the home of this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COUNCIL_HOME", str(home))
        patch.setenv("DATABASE_URL", url)
        settings.cache_clear()
        try:
            yield home
        finally:
            database(settings().records_url).close()
            database.cache_clear()
    settings.cache_clear()


@dataclass(frozen=True, slots=True)
class Built:
    """A home to copy; nobody is connected to its database."""

    server: Cluster
    home: Path
    database: str

    @contextmanager
    def copied(self, folder: Path) -> Iterator[Path]:
        """A home of one's own with the same content."""
        own = Path(shutil.copytree(self.home, folder / "home"))
        with self.server.new_database(self.database) as url, using_postgres(own, url) as home:
            yield home


@contextmanager
def built(server: Cluster, folder: Path, load: Callable[[], None]) -> Iterator[Built]:
    """A home in which `load` ran once."""
    with server.new_database() as url:
        (folder / "home").mkdir(parents=True)
        with using_postgres(folder / "home", url):
            load()
        yield Built(server, folder / "home", url.rsplit("/", 1)[1])
