"""Writing and sweeping the immutable Parquet files that hold the facts."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

import duckdb

from core.store.facts_shape import Shape, text
from core.store.manifest import Manifest, Part


@dataclass(frozen=True)
class PartFiles:
    """The folder of the facts, and for a dry run a second one that takes what would be written.

    Attributes:
        folder: Folder of the facts.
        overlay: Folder written to instead; None writes to `folder`.
    """

    folder: Path
    overlay: Path | None = None

    def paths(self, parts: Sequence[Part]) -> list[Path]:
        """Where the files of some parts lie."""
        return [self._path(part.file) for part in parts]

    def _path(self, file: str) -> Path:
        if self.overlay is not None and (self.overlay / file).exists():
            return self.overlay / file
        return self.folder / file

    def write(
        self, connection: duckdb.DuckDBPyConnection, shape: Shape, source: str, month: str, rows: str
    ) -> Part | None:
        """Write one part under the hash of its bytes, whole or not at all.

        The rows are sorted by key and the layout is fixed, so equal rows give equal bytes.

        Args:
            connection: Where `rows` can be read.
            shape: Shape of the table.
            source: Source of the rows.
            month: Month of the part, YYYY-MM or empty.
            rows: SQL of the rows, with the shape's columns.

        Returns:
            The part; None when there is no row, and then no file.
        """
        folder = (self.overlay or self.folder) / shape.name
        folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=folder, suffix=".tmp")
        os.close(handle)
        try:
            count = _copy(connection, shape, rows, Path(temporary))
            if count == 0:
                return None
            sha = _seal(Path(temporary))
            stem = "-".join(piece for piece in (_slug(source), month) if piece)
            final = folder / f"{stem}-{sha[:20]}.parquet"
            os.replace(temporary, final)
            _sync_folder(folder)
            return Part(shape.name, source, month, f"{shape.name}/{final.name}", count, sha)
        finally:
            Path(temporary).unlink(missing_ok=True)


def sweep(folder: Path, kept: Iterable[Manifest]) -> tuple[str, ...]:
    """Delete every file of the facts that no kept manifest lists, and what a broken import left behind.

    Call it while no import runs: a part is written before the manifest that lists it is committed.

    Args:
        folder: Folder of the facts.
        kept: The current manifest, those of pinned months and the one to go back to.

    Returns:
        The deleted paths below `folder`, sorted.
    """
    wanted = {part.file for manifest in kept for part in manifest.parts}
    removed = []
    for path in sorted(folder.glob("*/*")):
        if path.suffix in (".parquet", ".tmp") and path.relative_to(folder).as_posix() not in wanted:
            path.unlink()
            removed.append(path.relative_to(folder).as_posix())
    return tuple(removed)


def _copy(connection: duckdb.DuckDBPyConnection, shape: Shape, rows: str, path: Path) -> int:
    order = ", ".join(f"{name} ASC NULLS FIRST" for name in shape.key)
    options = "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880"
    answer = connection.execute(
        f"COPY (SELECT {shape.columns} FROM ({rows}) ORDER BY {order}) TO {text(path)} ({options})"  # noqa: S608
    ).fetchone()
    return int(answer[0]) if answer else 0


def _seal(path: Path) -> str:
    with path.open("rb") as file:
        sha = file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    path.chmod(0o644)
    return sha


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _slug(source: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", source.lower()).strip("_") or "source"
