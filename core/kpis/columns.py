"""Rows of a KPI frame as columns: numbers at hand, labels made only when somebody looks at the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

from core.kpis.packed import Packed, looked_up, pack
from core.stats.owner_days import Codes

Positions = np.ndarray
LABELS = ("str", "category")
"""Types of columns of labels."""


@dataclass(frozen=True)
class Late:
    """A column that is made when it is asked for."""

    make: Callable[[], Any]


def _untold(_name: str) -> None:
    """A sum that is not known without adding up."""


@dataclass(frozen=True)
class Each:
    """Columns that are made by name when they are asked for."""

    make: Callable[[str], Any]


def made(columns: Mapping[str, Any]) -> dict[str, Any]:
    """The columns, late ones made."""
    return {name: column.make() if isinstance(column, Late) else column for name, column in columns.items()}


class Columns(Mapping[str, np.ndarray]):
    """Columns of rows, one number or label per row; as arrays for who computes, as a frame for who reads.

    Args:
        columns: Arrays, single numbers that hold for every row, and late columns, in the order they are read.
        rows: Number of rows.
        shared: Whether the arrays are parts of others that are kept anyway.
        told: Gives the sum of a column where that is known without adding it up, else None.
    """

    def __init__(
        self,
        columns: Mapping[str, Any],
        rows: int,
        *,
        shared: bool = False,
        told: Callable[[str], float | None] = _untold,
    ) -> None:
        self._columns = dict(columns)
        self._arrays: dict[str, np.ndarray] = {}
        self._sums: dict[str, float] = {}
        self._frame: pd.DataFrame | None = None
        self._shared, self._told = shared, told
        self.rows = rows

    @classmethod
    def of(cls, frame: Columns | pd.DataFrame) -> Columns:
        """The columns of a frame; columns as they are."""
        if isinstance(frame, Columns):
            return frame
        found = cls({name: Late(partial(_array, frame[name])) for name in frame.columns}, len(frame))
        found._frame = frame
        return found

    @classmethod
    def rows_of(cls, table: pd.DataFrame, rows: Positions) -> Columns:
        """Some rows of a table that is kept anyway: its labels are looked up there when somebody looks."""
        names = [str(name) for name in table]
        labels = looked_up(rows, {name: table[name].array for name in names if table[name].dtype in LABELS})
        own = {name: labels[name] if name in labels else table[name].to_numpy()[rows] for name in names}
        return cls(own, len(rows))

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
            found = whole * self.rows if isinstance(whole, int) else self._told(name)
            self._sums[name] = float(self[name].sum() if found is None else found)
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
        elif isinstance(found, Each):
            found = found.make(name)
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

    def only(self, *names: str) -> Columns:
        """These rows with some of their columns."""
        return Columns(self._late(self.column, names, small=True), self.rows, told=self.sum)

    def also(self, **columns: Any) -> Columns:
        """These rows with more columns, or with other ones of a name."""
        late = self._late(self.column, self._columns, small=True)
        return Columns({**late, **columns}, self.rows, told=lambda name: None if name in columns else self.sum(name))

    def take(self, places: Positions) -> Columns:
        """Some of the rows, in the order of `places`."""
        return Columns(self._late(partial(self.part, of=places), self._columns), len(places))

    def cut(self, start: int, stop: int, told: Callable[[str], float | None] = _untold) -> Columns:
        """The rows from one place up to another; their arrays are parts of these. `told` is as above."""
        late = self._late(partial(self.part, of=slice(start, stop)), self._columns)
        packed = any(isinstance(column, Packed) for column in self._columns.values())
        return Columns(late, stop - start, shared=not packed, told=told)

    def _late(self, make: Callable[[str], Any], names: Iterable[str], *, small: bool = False) -> dict[str, Any]:
        """Columns made of these when they are asked for; a single number stays one, `small` ones stay small."""
        each, own = Each(make), self._columns
        kept = (int, float, Packed) if small else (int, float)
        return {name: own[name] if isinstance(own[name], kept) else each for name in names}

    def packed(self, places: Positions | slice = slice(None)) -> Columns:
        """Some of the rows as columns of their own, in few bytes: for what is kept of all months."""
        taken: dict[int, Codes] = {}  # numbers that several columns share are taken once
        columns = {name: self._packed(name, places, taken) for name in self._columns}
        return Columns(columns, self.rows if isinstance(places, slice) else len(places))

    def _packed(self, name: str, places: Positions | slice, taken: dict[int, Codes]) -> Any:
        found = self._columns[name]
        if not isinstance(found, Packed):
            return pack(self.part(name, places))
        if id(found.codes) not in taken:
            taken[id(found.codes)] = found.codes[places]
        return Packed(taken[id(found.codes)], found.unpack)

    def of_segment(self, segment: str) -> Columns:
        """The rows of one segment."""
        return self.take(np.flatnonzero(np.asarray(pd.Series(self.column("segment")) == segment)))

    def below(self, more: Columns) -> Columns:
        """These rows with others below them that have some of their columns.

        0 stands for a missing number, nothing for a missing day or label.
        """
        return Columns(dict.fromkeys(self._columns, Each(partial(_stacked, self, more))), self.rows + more.rows)

    def part(self, name: str, of: Positions | slice = slice(None)) -> Any:
        """One column of some of the rows; of a packed one nothing is kept, any other is made whole and kept."""
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
