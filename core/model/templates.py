"""Example cells of the import templates."""

from __future__ import annotations

from functools import lru_cache

from pydantic.dataclasses import dataclass

from core.model.toml import STRICT, load


@dataclass(frozen=True, config=STRICT)
class Examples:
    """What the two rows of a template hold.

    Attributes:
        source: Where the values come from.
        columns: Column -> its cell in the first and second row, in any table.
        tables: Table -> column -> cells, where a table needs its own.
    """

    source: str
    columns: dict[str, tuple[str, str]]
    tables: dict[str, dict[str, tuple[str, str]]]

    def of(self, table: str, column: str) -> tuple[str, str] | None:
        """Cells of a column; None when its kind decides."""
        return self.tables.get(table, {}).get(column, self.columns.get(column))


@lru_cache(maxsize=1)
def load_examples() -> Examples:
    """Read `data/model/templates.toml`. Raises ModelError naming each wrong key."""
    return load("templates.toml", Examples)
