"""The one shape in which the advocacy calculations hold their frames."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

ColumnKind = Literal["text", "day", "number", "flag", "maybe"]
A_DAY = 86_400_000_000
"""Microseconds."""
_SHAPE: dict[ColumnKind, str] = {
    "text": "str",
    "day": "datetime64[us]",
    "number": "float64",
    "flag": "bool",
    "maybe": "float64",
}


def shaped(name: str, frame: pd.DataFrame, columns: Mapping[str, ColumnKind]) -> pd.DataFrame:
    """A frame in one shape: text as `str`, days as `datetime64[us]` at midnight, numbers as `float64`, flags as `bool`.

    Args:
        name: What the frame is called in the words of an error.
        frame: The frame; columns beyond those named are dropped.
        columns: Kind of each column, in the order wanted; of kind maybe are flags that may be missing, held as 1, 0
            or NaN.

    Returns:
        The very object where it has this shape already, so that what was worked out on it can be kept.

    Raises:
        ValueError: A column is missing.
    """
    absent = [column for column in columns if column not in frame.columns]
    if absent:
        raise ValueError(f"{name}: columns {', '.join(absent)} are missing")
    cast = {column: _cast(frame[column], kind) for column, kind in columns.items()}
    plain = isinstance(frame.index, pd.RangeIndex) and frame.index.equals(pd.RangeIndex(len(frame)))
    if plain and list(frame.columns) == list(columns) and all(made for _, made in cast.values()):
        return frame
    return pd.DataFrame({column: values for column, (values, _) in cast.items()}, copy=False).reset_index(drop=True)


def _cast(values: pd.Series, kind: ColumnKind) -> tuple[pd.Series, bool]:
    """The column in its shape, and whether it had that: pandas takes long to find out that there is nothing to do."""
    fits = str(values.dtype) == _SHAPE[kind]
    if kind == "day":
        days = values if fits else pd.to_datetime(values).astype("datetime64[us]")
        hours = _with_hours(days.to_numpy())
        return (days.dt.normalize() if hours else days), fits and not hours  # held twice only where it must be
    return (values, True) if fits else (_of_kind(values, kind), False)


def _with_hours(instants: NDArray[np.datetime64]) -> bool:
    passed = instants.astype("datetime64[us]", copy=False).view(np.int64)
    return bool(((passed != passed // A_DAY * A_DAY) & ~np.isnat(instants)).any())


def _of_kind(values: pd.Series, kind: ColumnKind) -> pd.Series:
    if kind == "text":
        return values.astype("str")
    if kind == "flag":
        return values.astype("boolean").fillna(False).astype(bool)
    if kind == "maybe":
        return values.astype("boolean").astype("Float64").astype("float64")
    return pd.to_numeric(values).astype("float64")


def ages(today: pd.Timestamp, days: pd.Series) -> NDArray[np.float64]:
    """Whole days from each day to `today`, 0 for a later one; NaN where empty."""
    since = np.datetime64(today, "D") - days.to_numpy(dtype="datetime64[D]")
    return np.where(np.isnat(since), np.nan, np.maximum(since.astype(np.int64), 0))
