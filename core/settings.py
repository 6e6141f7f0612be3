"""Where things lie and how the company counts; the only place that reads the environment."""

from __future__ import annotations

from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parents[1]
MODEL_DIR = ROOT / "data" / "model"
DEMO_DIR = ROOT / "data" / "demo"


class Settings(BaseSettings):
    """Settings of one process, read from environment variables.

    Attributes:
        council_home: Folder of `council.db`, `facts/` and `snapshots/` (COUNCIL_HOME).
        database_url: SQLAlchemy URL of the records; empty means SQLite in the home (DATABASE_URL).
        council_zone: IANA zone whose calendar decides what a month is (COUNCIL_ZONE).
        council_currency: ISO 4217 code figures are reported in; empty means the only currency of
            the subscriptions (COUNCIL_CURRENCY).
        malloc_arena_max: What glibc's malloc reads from the same variable; empty means nobody set it
            (MALLOC_ARENA_MAX).
    """

    model_config = SettingsConfigDict(frozen=True)

    council_home: Path = ROOT / "data" / "local"
    database_url: str = ""
    council_zone: str = "UTC"
    council_currency: Annotated[str, Field(pattern="^([A-Z]{3})?$")] = ""
    malloc_arena_max: str = ""

    @cached_property
    def records_url(self) -> str:
        """URL of the record database."""
        return self.database_url or f"sqlite:///{self.council_home.resolve() / 'council.db'}"

    @property
    def facts_dir(self) -> Path:
        """Folder of the fact parts."""
        return self.council_home / "facts"


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read once. Tests call `settings.cache_clear()`."""
    return Settings()
