"""Rows of a KPI frame as columns: numbers at hand, labels made only when somebody looks at the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

from core.kpis.packed import Packed, pack

Positions = np.ndarray


@dataclass(frozen=True)
class Late:
    """A column that is made when it is asked for."""

    make: Callable[[], Any]


def made(columns: Mapping[str, Any]) -> dict[str, Any]:
    """The columns, late ones made."""
    return {name: column.make() if isinstance(column, Late) else column for name, column in columns.items()}


class Columns(Mapping[str, np.ndarray]):
    """Columns of rows, one number or label per row; as arrays for who computes, as a frame for who reads.

    Args:
        columns: Arrays, single numbers that hold for every row, and late columns, in the order they are read.
        rows: Number of rows.
        shared: Whether the arrays are parts of others that are kept anyway.
    """

    def __init__(self, columns: Mapping[str, Any], rows: int, *, shared: bool = False) -> None:
        self._columns = dict(columns)
        self._arrays: dict[str, np.ndarray] = {}
        self._sums: dict[str, float] = {}
        self._frame: pd.DataFrame | None = None
        self._shared = shared
        self.rows = rows

    @classmethod
    def of(cls, frame: Columns | pd.DataFrame) -> Columns:
        """The columns of a frame; columns as they are."""
        if isinstance(frame, Columns):
            return frame
        found = cls({name: Late(partial(_array, frame[name])) for name in frame.columns}, len(frame))
        found._frame = frame
        return found

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self._arrays:
            column = self.column(name)
            self._arrays[name] = column if isinstance(column, np.ndarray) else column.to_numpy()
        return self._arrays[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def sum(self, name: str) -> float:
        """Sum of a column, told once for all figures that are made of it."""
        if name not in self._sums:
            whole = self._columns[name]  # a single number stands for every row
            self._sums[name] = float(whole * self.rows if isinstance(whole, int) else self[name].sum())
        return self._sums[name]

    @property
    def cells(self) -> int:
        """How many numbers are held, about."""
        return len(self._columns) * (1 if self._shared else max(self.rows, 1))

    def column(self, name: str) -> Any:
        """One column as it is kept: an array of numbers or of days, or labels as pandas holds them."""
        found = self._columns[name]
        if isinstance(found, Packed):
            return found.part(slice(None))
        if isinstance(found, Late):
            found = found.make()
        if isinstance(found, (int, float)):
            found = np.full(self.rows, found)
        elif isinstance(found, str):
            found = pd.array([found], dtype="str").repeat(self.rows)
        elif isinstance(found, pd.Series):
            found = _array(found)
        self._columns[name] = found
        return found

    @property
    def frame(self) -> pd.DataFrame:
        """The rows as a frame."""
        if self._frame is None:
            self._frame = pd.DataFrame({name: self.column(name) for name in self._columns})
        return self._frame

    def named(self, *names: str) -> dict[str, Late]:
        """Some columns, each made when it is asked for."""
        return {name: Late(partial(self.column, name)) for name in names}

    def only(self, *names: str) -> Columns:
        """These rows with some of their columns."""
        return Columns(self.named(*names), self.rows)

    def also(self, **columns: Any) -> Columns:
        """These rows with more columns, or with other ones of a name."""
        return Columns({**self.named(*self._columns), **columns}, self.rows)

    def take(self, places: Positions) -> Columns:
        """Some of the rows, in the order of `places`."""
        return Columns({name: Late(partial(self._part, name, places)) for name in self._columns}, len(places))

    def cut(self, start: int, stop: int) -> Columns:
        """The rows from one place up to another; their arrays are parts of these."""
        late = {name: Late(partial(self._part, name, slice(start, stop))) for name in self._columns}
        packed = any(isinstance(column, Packed) for column in self._columns.values())
        return Columns(late, stop - start, shared=not packed)

    def packed(self, places: Positions | slice = slice(None)) -> Columns:
        """Some of the rows as columns of their own, in few bytes: for what is kept of all months."""
        columns = {name: pack(self._part(name, places)) for name in self._columns}
        return Columns(columns, self.rows if isinstance(places, slice) else len(places))

    def of_segment(self, segment: str) -> Columns:
        """The rows of one segment."""
        return self.take(np.flatnonzero(np.asarray(pd.Series(self.column("segment")) == segment)))

    def below(self, more: Columns) -> Columns:
        """These rows with others below them that have some of their columns.

        0 stands for a missing number, nothing for a missing day or label.
        """
        return Columns(
            {name: Late(partial(_stacked, self, more, name)) for name in self._columns}, self.rows + more.rows
        )

    def _part(self, name: str, of: Positions | slice) -> Any:
        found = self._columns[name]
        return found.part(of) if isinstance(found, Packed) else self.column(name)[of]


def _array(column: pd.Series) -> Any:
    return column.to_numpy() if isinstance(column.dtype, np.dtype) else column.array


def _stacked(upper: Columns, lower: Columns, name: str) -> Any:
    above = upper.column(name)
    below = lower.column(name) if name in lower else None
    of = _labels if isinstance(above, pd.api.extensions.ExtensionArray) else _numbers
    return of(above, below, lower.rows)


def _labels(upper: Any, lower: Any, rows: int) -> Any:
    """Labels of both; those that stand for numbers stay so."""
    if not isinstance(upper.dtype, pd.CategoricalDtype):
        lower = pd.array([None] * rows, dtype=upper.dtype) if lower is None else pd.array(lower, dtype=upper.dtype)
        return upper._concat_same_type([upper, lower])
    if lower is None:
        return union_categoricals([upper, pd.Categorical.from_codes(np.full(rows, -1), dtype=upper.dtype)])
    return union_categoricals([upper, pd.Categorical(lower)])


def _numbers(upper: Any, lower: Any, rows: int) -> np.ndarray:
    values = np.asarray(upper)
    if lower is None:
        lower = np.full(rows, np.datetime64("NaT") if values.dtype.kind == "M" else 0).astype(values.dtype)
    return np.concatenate([values, np.asarray(lower)])
