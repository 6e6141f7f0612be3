"""Writing and sweeping the immutable Parquet files that hold the facts."""

from __future__ import annotations

import datetime as dt
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import file_digest
from itertools import pairwise
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.store.facts_shape import Shape
from core.store.manifest import Manifest, Part

GROUP_ROWS = 122_880
"""Rows of a row group: what DuckDB reads as one unit."""


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
        connection.complete()
        sorted_rows = connection.sql(f"SELECT {shape.columns} FROM ({rows}) ORDER BY {_by_key(shape)}")  # noqa: S608
        reader = sorted_rows.to_arrow_reader(GROUP_ROWS)
        return self._keep(shape, source, month, reader.schema, _groups(reader))

    def write_each_month(
        self, connection: duckdb.DuckDBPyConnection, shape: Shape, source: str, rows: str
    ) -> list[Part]:
        """Write all rows as one part a month, reading them once: the same files as a `write` of every month.

        For tables that fit into memory; arguments as of `write`.
        """
        connection.complete()
        everything = connection.sql(
            f"SELECT {shape.columns}, {shape.month('n')} AS _month FROM {rows} n "  # noqa: S608
            f"ORDER BY _month ASC NULLS FIRST, {_by_key(shape)}"
        ).to_arrow_table()
        months, table = everything.column("_month").combine_chunks(), everything.drop_columns(["_month"])
        # Empty months lie first; the encoding would part them wherever the bytes beneath them differ.
        empty = months.null_count
        runs = pc.run_end_encode(months.slice(empty))
        ends = [*([empty] if empty else []), *(empty + end for end in runs.run_ends.to_pylist())]
        names = [*([None] if empty else []), *runs.values.to_pylist()]
        parts = []
        for (start, end), first in zip(pairwise([0, *ends]), names, strict=True):
            own = table.slice(start, end - start).to_batches()
            month = f"{first:%Y-%m}" if first is not None else ""
            reader = pa.RecordBatchReader.from_batches(table.schema, own)
            part = self._keep(shape, source, month, table.schema, _groups(reader))
            parts += [part] if part is not None else []
        return parts

    def sync(self, table: str) -> None:
        """Make the names of a table's new files durable; call it before a manifest that lists them is committed."""
        folder = (self.overlay or self.folder) / table
        if folder.exists():
            _sync_folder(folder)

    def _keep(
        self, shape: Shape, source: str, month: str, schema: pa.Schema, groups: Iterable[pa.Table]
    ) -> Part | None:
        folder = (self.overlay or self.folder) / shape.name
        folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=folder, suffix=".tmp")
        os.close(handle)
        try:
            count = _fill(Path(temporary), shape, schema, groups)
            if count == 0:
                return None
            sha = _seal(Path(temporary))
            stem = "-".join(piece for piece in (_slug(source), month) if piece)
            final = folder / f"{stem}-{sha[:20]}.parquet"
            os.replace(temporary, final)
            return Part(shape.name, source, month, f"{shape.name}/{final.name}", count, sha)
        finally:
            Path(temporary).unlink(missing_ok=True)


def sweep(folder: Path, kept: Iterable[Manifest], until: dt.datetime | None = None) -> tuple[str, ...]:
    """Delete every file of the facts that no kept manifest lists, and what a broken import left behind.

    A part is written before the manifest that lists it is committed, and a screen may still read the state before:
    say `until` when an import may be under way.

    Args:
        folder: Folder of the facts.
        kept: The current manifest, those of pinned months and the one to go back to.
        until: Files written later than this instant stay; None spares none.

    Returns:
        The deleted paths below `folder`, sorted.
    """
    wanted = {part.file for manifest in kept for part in manifest.parts}
    removed = []
    for path in sorted(folder.glob("*/*")):
        unlisted = path.suffix in (".parquet", ".tmp") and path.relative_to(folder).as_posix() not in wanted
        if unlisted and (until is None or path.stat().st_mtime < until.timestamp()):
            path.unlink()
            removed.append(path.relative_to(folder).as_posix())
    return tuple(removed)


def _by_key(shape: Shape) -> str:
    return ", ".join(f"{name} ASC NULLS FIRST" for name in shape.key)


def _fill(path: Path, shape: Shape, schema: pa.Schema, groups: Iterable[pa.Table]) -> int:
    """Write groups of rows and count them.

    PyArrow writes, not DuckDB's COPY: what COPY puts into a column depends on where its rows came from, so the
    same rows could get another hash. The column the rows are sorted by has no dictionary, its equal values lie
    together and compress better as they are. Snappy costs a quarter more room than Zstandard over all tables, a
    third less time to write and a little less to read.
    """
    count = 0
    encoded = [_leaf(field) for field in schema if field.name != shape.key[0]]
    options = {"compression": "snappy", "use_dictionary": encoded, "store_schema": False}
    with pq.ParquetWriter(path, schema, **options) as writer:
        for group in groups:
            writer.write_table(group, row_group_size=GROUP_ROWS)
            count += group.num_rows
    return count


def _leaf(field: pa.Field) -> str:
    """Name of the column that holds the values, within a list its elements."""
    return f"{field.name}.list.element" if pa.types.is_list(field.type) else field.name


def _groups(reader: pa.RecordBatchReader) -> Iterator[pa.Table]:
    """The rows in tables of exactly GROUP_ROWS, the last one shorter, each in one piece."""
    waiting: list[pa.RecordBatch] = []
    for batch in reader:
        waiting.append(batch)
        while sum(each.num_rows for each in waiting) >= GROUP_ROWS:
            whole = pa.Table.from_batches(waiting)
            yield whole.slice(0, GROUP_ROWS).combine_chunks()
            waiting = whole.slice(GROUP_ROWS).to_batches()
    rest = pa.Table.from_batches(waiting, reader.schema)
    if rest.num_rows:
        yield rest.combine_chunks()


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
