"""Frames in the form of the contract, and the text columns in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.demo.world import Array
from core.schema import TABLES, Column, Kind

Text: TypeAlias = Any
"""A pyarrow array of text; pyarrow has no types of its own."""
_STR: Any = pd.StringDtype("pyarrow", na_value=np.nan)


def ids(prefix: str, numbers: Array, width: int) -> Text:
    """Ids such as `A-00042`. Negative numbers give empty cells."""
    digits = pc.utf8_lpad(pa.array(numbers, mask=numbers < 0).cast(pa.string()), width=width, padding="0")
    return pc.binary_join_element_wise(prefix, digits, "-")


def pick(words: Sequence[str | None], codes: Array) -> Text:
    """The word of each code; a negative code is an empty cell."""
    return pa.array(words, pa.string()).take(pa.array(codes, mask=codes < 0))


def take(text: Text, index: Array) -> Text:
    """Cells of a text column by position; a negative position is an empty cell."""
    return text.take(pa.array(index, mask=index < 0))


def join(*parts: Text | str, sep: str = "") -> Text:
    """Text columns glued cell by cell."""
    return pc.binary_join_element_wise(*parts, sep)


def blank(text: Text, empty: Array) -> Text:
    """The text with some cells emptied."""
    return pc.if_else(pa.array(empty), pa.scalar(None, text.type), text)


def optional_int(values: Array, present: Array) -> pd.arrays.IntegerArray:
    """Whole numbers of which some are empty."""
    return pd.arrays.IntegerArray(np.where(present, values, 0).astype(np.int64), ~present)


def instants(days: Array, minutes: Array) -> Array:
    """Instants from days and minutes after midnight UTC. An empty day stays empty."""
    moments: Array = days.astype("datetime64[s]") + (np.asarray(minutes) * 60).astype("timedelta64[s]")
    return moments


def contract_frame(table: str, rows: int, **columns: Any) -> pd.DataFrame:
    """A frame with exactly the contract's columns in their order; columns not given are empty.

    Dates and months are datetime64[us], instants datetime64[us, UTC], text `str`, whole numbers int64
    (Int64 where the column may be empty), flags bool (boolean where it may be empty).

    Args:
        table: Name of a table of the contract.
        rows: Number of rows.
        columns: Values by column name, each an array of `rows` cells or one value for all.
    """
    contract = TABLES[table]
    unknown = set(columns) - set(contract.by_name)
    if unknown:
        raise KeyError(f"{table} has no column {', '.join(sorted(unknown))}")
    return pd.DataFrame(
        {column.name: _series(column, columns.get(column.name), rows) for column in contract.columns},
        index=pd.RangeIndex(rows),
    )


def _series(column: Column, values: Any, rows: int) -> Any:
    if column.kind in (Kind.ID, Kind.TEXT, Kind.CHOICE, Kind.CURRENCY):
        if values is None or isinstance(values, str):
            values = pa.array([values], pa.string()).take(pa.array(np.zeros(rows, np.int64)))
        return _STR.__from_arrow__(values.cast(pa.large_string()))
    if column.kind in (Kind.DATE, Kind.MONTH, Kind.INSTANT):
        empty = np.full(rows, np.datetime64("NaT", "us"))
        days = empty if values is None else np.broadcast_to(values, rows).astype("datetime64[us]")
        return pd.DatetimeIndex(days, tz="UTC" if column.kind is Kind.INSTANT else None)
    kinds: dict[Kind, tuple[str, str]] = {
        Kind.INTEGER: ("int64", "Int64"),
        Kind.CENTS: ("int64", "Int64"),
        Kind.FLAG: ("bool", "boolean"),
        Kind.FRACTION: ("float64", "float64"),
    }
    dtype = kinds[column.kind][0 if column.required else 1]
    if values is None:
        return pd.Series(np.nan, index=pd.RangeIndex(rows), dtype=dtype)
    if np.isscalar(values):
        values = np.full(rows, values)
    return pd.Series(values, dtype=dtype)
