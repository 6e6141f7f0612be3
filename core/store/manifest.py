"""Which fact parts make up one state of the data; its hash names that state."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cached_property
from hashlib import sha256


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """One immutable Parquet file of facts.

    Attributes:
        table: Table of the contract (or `usage_days`, the days behind the weeks of `usage`).
        source: Where the rows came from; an import only touches parts of its own source.
        month: Calendar month of the event date as YYYY-MM; empty where a row has no event date.
        file: Path below the folder of the facts, with forward slashes.
        rows: Number of rows.
        sha: SHA-256 of the file, hexadecimal.
    """

    table: str
    source: str
    month: str
    file: str
    rows: int
    sha: str


@dataclass(frozen=True)
class Manifest:
    """The parts of one state of the facts, in canonical order.

    Attributes:
        parts: Sorted by table, source and month; at most one part of each.
    """

    parts: tuple[Part, ...] = ()

    def __post_init__(self) -> None:
        ordered = tuple(sorted(self.parts))
        places = [(part.table, part.source, part.month) for part in ordered]
        if len(set(places)) != len(places):
            raise ValueError("a manifest holds at most one part of a table, source and month")
        object.__setattr__(self, "parts", ordered)

    @cached_property
    def hash(self) -> str:
        """SHA-256 over the canonical text: equal if and only if the same files make up the data."""
        return sha256(self.to_json().encode()).hexdigest()

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables that have at least one row, sorted."""
        return tuple(dict.fromkeys(part.table for part in self.parts))

    def of(self, table: str, source: str | None = None) -> tuple[Part, ...]:
        """Parts of a table, of one source or of all."""
        return tuple(p for p in self.parts if p.table == table and source in (None, p.source))

    def files(self, table: str) -> tuple[str, ...]:
        """Files of a table, as paths below the folder of the facts."""
        return tuple(part.file for part in self.of(table))

    def rows(self, table: str) -> int:
        """Rows of a table."""
        return sum(part.rows for part in self.of(table))

    def replaced(self, gone: Iterable[Part], added: Iterable[Part]) -> Manifest:
        """The manifest after `gone` were taken out and `added` put in."""
        dropped = set(gone)
        return Manifest((*(part for part in self.parts if part not in dropped), *added))

    def to_json(self) -> str:
        """Canonical text: sorted parts, sorted keys, no spaces."""
        return json.dumps([asdict(part) for part in self.parts], sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Manifest:
        """Read back what `to_json` wrote.

        Raises:
            ValueError: When the text is not a manifest, or a path leaves the folder of the facts.
        """
        try:
            parts = tuple(Part(**item) for item in json.loads(text))
        except TypeError as error:
            raise ValueError(f"not a manifest: {error}") from error
        for part in parts:
            if part.file.startswith("/") or ".." in part.file.split("/"):
                raise ValueError(f"not a manifest: {part.file} lies outside the folder of the facts")
        return cls(parts)
