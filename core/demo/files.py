"""A company as files: one per table, in the form of the contract, replaced as a whole."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import tempfile
from pathlib import Path
from typing import Literal

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from core.demo.company import Company
from core.schema import TABLES, Kind

ARROW = {
    Kind.INTEGER: pa.int64(),
    Kind.CENTS: pa.int64(),
    Kind.FRACTION: pa.float64(),
    Kind.FLAG: pa.bool_(),
    Kind.DATE: pa.date32(),
    Kind.MONTH: pa.date32(),
    Kind.INSTANT: pa.timestamp("us", "UTC"),
}
"""Type of each kind of column; every other kind is text."""


def write(company: Company, out: Path, format: Literal["csv", "parquet"]) -> None:
    """Write every table as `<table>.<format>`, and `truth.json` beside them.

    All files are written to a folder beside `out` first, which then takes its place, so no reader ever sees half of
    them; files of an earlier company do not stay behind. The same company gives the same bytes.

    Args:
        company: What to write.
        out: Folder to create or replace.
        format: `csv` (dates and instants ISO 8601, flags true/false, money in cents) or `parquet` (zstd).
    """
    out = out.resolve()
    out.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        for name, frame in company.tables.items():
            _write_table(arrow_table(name, frame), fresh / f"{name}.{format}", format)
        text = json.dumps(company.truth, indent=2, sort_keys=True, allow_nan=False)
        (fresh / "truth.json").write_text(text + "\n", encoding="utf-8")
        fresh.chmod(0o755)
        _swap(fresh, out)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def last_day(folder: Path) -> dt.date:
    """Last day of the company whose files `write` left in a folder."""
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    return dt.date.fromisoformat(truth["arguments"]["as_of"])


def _swap(fresh: Path, out: Path) -> None:
    if not out.exists():
        fresh.rename(out)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    out.rename(old / "old")
    try:
        fresh.rename(out)
    except OSError:
        (old / "old").rename(out)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


def arrow_table(name: str, frame: pd.DataFrame) -> pa.Table:
    """A table of the contract as Arrow, with the contract's types and nothing of pandas in its metadata."""
    columns = {}
    for column in TABLES[name].columns:
        wanted = ARROW.get(column.kind, pa.string())
        values = pa.array(frame[column.name], from_pandas=True)
        columns[column.name] = values.cast(wanted)
    schema = pa.schema([pa.field(c.name, ARROW.get(c.kind, pa.string())) for c in TABLES[name].columns])
    return pa.table(columns, schema=schema)


def _write_table(table: pa.Table, path: Path, format: str) -> None:
    if format == "csv":
        pyarrow.csv.write_csv(_readable(table), path)
        return
    ordered = [field.name for field in table.schema if pa.types.is_string(field.type) and field.name.endswith("_id")]
    unique = ordered[:1] if ordered and table.num_rows and _distinct(table, ordered[0]) else []
    pyarrow.parquet.write_table(
        table,
        path,
        compression="zstd",
        compression_level=6,
        use_dictionary=[name for name in table.column_names if name not in unique],
        column_encoding=dict.fromkeys(unique, "DELTA_BYTE_ARRAY") or None,
        write_statistics=True,
    )


def _distinct(table: pa.Table, column: str) -> bool:
    return bool(pc.count_distinct(table[column]).as_py() == table.num_rows)


def _readable(table: pa.Table) -> pa.Table:
    """Instants as text with seconds and Z; Arrow writes everything else as the contract wants it."""
    for position, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            seconds = table.column(position).cast(pa.timestamp("s", "UTC"))
            text = pc.strftime(seconds, format="%Y-%m-%dT%H:%M:%SZ")
            table = table.set_column(position, field.name, text)
    return table
