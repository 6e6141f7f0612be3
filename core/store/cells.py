"""Cells of records as text, and back: how keys, conflicts and values before an import are kept."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from typing import Any

from core.schema import Kind, Table

_encoded = json.JSONEncoder(ensure_ascii=False).encode  # one for all: making it takes longer than a key


def cell_text(value: object) -> str | None:
    """A cell as text; None when it is empty. Dates and instants as ISO 8601, flags as true or false."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat() if value.tzinfo else value.isoformat()
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def cell_value(text: str | None, kind: Kind) -> Any:
    """What `cell_text` wrote, as the value a record holds."""
    if text is None:
        return None
    if kind is Kind.INSTANT:
        instant = dt.datetime.fromisoformat(text)
        return instant if instant.tzinfo else instant.replace(tzinfo=dt.UTC)
    if kind in (Kind.DATE, Kind.MONTH):
        return dt.date.fromisoformat(text)
    if kind is Kind.FLAG:
        return text == "true"
    if kind in (Kind.INTEGER, Kind.CENTS):
        return int(text)
    return float(text) if kind is Kind.FRACTION else text


def row_key(values: Iterable[object]) -> str:
    """The key of a row as one text: its cells as a JSON list."""
    return _encoded([cell_text(value) for value in values])


def key_of(text: str, table: Table) -> dict[str, Any]:
    """Key columns and values of what `row_key` wrote."""
    cells = json.loads(text)
    kinds = [table.by_name[name].kind for name in table.key]
    return {name: cell_value(cell, kind) for name, cell, kind in zip(table.key, cells, kinds, strict=True)}


def key_label(text: str) -> str:
    """What `row_key` wrote, for people."""
    return " · ".join(str(cell) for cell in json.loads(text))


def values_text(row: object, table: Table) -> dict[str, str | None]:
    """All contract columns of a record as text."""
    return {column.name: cell_text(getattr(row, column.name)) for column in table.columns}


def values_of(texts: Mapping[str, Any], table: Table) -> dict[str, Any]:
    """What `values_text` wrote, as values."""
    return {name: cell_value(text, table.by_name[name].kind) for name, text in texts.items()}
