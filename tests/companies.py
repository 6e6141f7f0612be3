"""Small companies for tests, written as the facts they are: no fixture hides a number."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.month import Source, complete_months
from core.rollups.engine import Engine
from core.schema import TABLES, Kind
from core.store.records import frame_of
from core.store.tables import RECORDS

ARROW = {
    Kind.INTEGER: pa.int64(),
    Kind.CENTS: pa.int64(),
    Kind.FRACTION: pa.float64(),
    Kind.FLAG: pa.bool_(),
    Kind.DATE: pa.date32(),
    Kind.MONTH: pa.date32(),
    Kind.INSTANT: pa.timestamp("us"),
}


def day(text: str) -> dt.date:
    """A date written YYYY-MM-DD."""
    return dt.date.fromisoformat(text)


def subscription(account: str, start: str, end: str | None, mrr: float, **other: Any) -> dict[str, Any]:
    """One period of one subscription; `mrr` in units of the currency."""
    return {
        "subscription_id": f"{account}-{start}",
        "account_id": account,
        "product": "base",
        "quantity": 1,
        "mrr_cents": round(mrr * 100),
        "currency": "EUR",
        "start_date": day(start),
        "end_date": day(end) if end else None,
        "is_trial": False,
        **other,
    }


def account(name: str, **other: Any) -> dict[str, Any]:
    """One account, back-filled from the beginning."""
    return {"account_id": name, "name": name.title(), "start_date": dt.date(2015, 1, 1), **other}


def source(
    folder: Path, rows: Mapping[str, Iterable[Mapping[str, Any]]], reporting: str = "", zone: str = "UTC"
) -> Source:
    """A company from rows of facts and records, by table."""
    parts: dict[str, list[Path]] = {}
    records = {name: frame_of(name, []) for name in RECORDS}
    for name, items in rows.items():
        table, listed = TABLES[name], list(items)
        if table.group == "record":
            records[name] = frame_of(name, listed)
            continue
        schema = pa.schema([(column.name, ARROW.get(column.kind, pa.string())) for column in table.columns])
        path = folder / f"{name}.parquet"
        pq.write_table(pa.Table.from_pylist([dict(item) for item in listed], schema=schema), path)
        parts[name] = [path]
    engine = Engine(parts, zone=zone)
    return Source(engine, records, frozenset(rows), reporting, "facts", "records", complete_months(engine))


def plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dicts, for comparing."""
    return frame.to_dict("records")
