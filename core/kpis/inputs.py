"""What the KPIs are computed from: the revenue matrix and small frames of one company as of one date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from core.kpis.recent import Recent
from core.stats.months import month_end, shift_month
from core.stats.revenue import Revenue

Kept = TypeVar("Kept")


@dataclass(frozen=True)
class KpiInput:
    """What the KPI frames are built from. Money is in cents of `currency`, months are datetime64 month starts.

    Attributes:
        revenue: MRR of every account and month.
        tables: Reads a frame by name, as of the newest visible day; `core.month.tables` lists them.
        loaded: Tables of the contract that hold rows.
        currency: Reporting currency; empty when a rate for one of the subscriptions' currencies is missing.
        unpriced: Tables with money in a currency for which there is no rate.
        facts: The same company without its records, where this one has them: what rests on facts is built there once.
    """

    revenue: Revenue
    tables: Mapping[str, Callable[[], pd.DataFrame]]
    loaded: frozenset[str]
    currency: str
    unpriced: frozenset[str] = frozenset()
    facts: KpiInput | None = None
    _kept: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)
    _frames: Recent = field(default_factory=Recent, repr=False, compare=False)

    def with_records(self, tables: Mapping[str, Callable[[], pd.DataFrame]], loaded: frozenset[str]) -> KpiInput:
        """The same company with its records; nothing that was kept without them is taken over."""
        return replace(self, tables=tables, loaded=loaded, facts=self, _kept={}, _frames=Recent())

    def table(self, name: str) -> pd.DataFrame:
        """A frame by name, read once."""
        return self.kept(("table", name), self.tables[name])

    def kept(self, key: Hashable, make: Callable[[], Kept]) -> Kept:
        """What `make` gives, computed once for this input."""
        if key not in self._kept:
            self._kept[key] = make()
        found: Kept = self._kept[key]
        return found

    def kept_of_facts(self, key: Hashable, make: Callable[[KpiInput], Kept]) -> Kept:
        """What `make` gives of the facts alone, computed once for all inputs of these facts."""
        whole = self.facts or self
        return whole.kept(key, lambda: make(whole))

    def frame(self, name: str, month: dt.date) -> pd.DataFrame:
        """A KPI frame of one month; built again when too many others were asked for since."""
        return self._shown(name, month).frame

    def columns(self, name: str, month: dt.date, segment: str | None = None) -> Columns:
        """The numbers of a KPI frame, of one segment or of all."""
        shown = self._shown(name, month)
        if segment not in shown.columns:
            shown.columns[segment] = Columns(shown.frame, segment)
        return shown.columns[segment]

    def recent(self, key: Hashable, make: Callable[[], Kept], cells: Callable[[Kept], int]) -> Kept:
        """What `make` gives for one month; computed again when too much else was asked for since.

        Args:
            key: What it is, with its month.
            make: Computes it.
            cells: How many numbers it holds.
        """
        return self._frames.get(key, make, cells)

    def _shown(self, name: str, month: dt.date) -> _Shown:
        return self._frames.get((name, month), lambda: _Shown(FRAMES[name](self, month), {}), _cells)


@dataclass(frozen=True)
class _Shown:
    """A frame of one month with what was taken out of it."""

    frame: pd.DataFrame
    columns: dict[str | None, Columns]


def _cells(shown: _Shown) -> int:
    return shown.frame.size


class Columns(Mapping[str, np.ndarray]):
    """Columns of a frame as arrays, taken out when first asked for; with a segment its rows alone."""

    def __init__(self, frame: pd.DataFrame, segment: str | None = None) -> None:
        self._frame = frame
        self._rows = None if segment is None else (frame["segment"] == segment).to_numpy()
        self._arrays: dict[str, np.ndarray] = {}

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self._arrays:
            whole = self._frame[name].to_numpy()
            self._arrays[name] = whole if self._rows is None else whole[self._rows]
        return self._arrays[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._frame.columns)

    def __len__(self) -> int:
        return len(self._frame.columns)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self._frame) if self._rows is None else int(self._rows.sum())


FrameBuilder = Callable[[KpiInput, dt.date], pd.DataFrame]
WholeBuilder = Callable[[KpiInput], pd.DataFrame]

FRAMES: dict[str, FrameBuilder] = {}
"""Builders of KPI frames by name: one row per unit; what KPIs compute on are sums, or rows, of its columns."""


def frame(builder: FrameBuilder) -> FrameBuilder:
    """Register a frame that differs from month to month, under the builder's name."""
    FRAMES[builder.__name__] = builder
    return builder


def windowed(*, by: str, months: int, lag: int = 0) -> Callable[[WholeBuilder], WholeBuilder]:
    """Register a frame whose rows are the same in every month and of which a month sees a window.

    Built and sorted once, cut by binary search: the cost of a month does not grow with the history. Use it
    only where no column of a row depends on the month it is looked at from.

    Args:
        by: Column with the day that decides; rows without one are in no window.
        months: Length of the window in calendar months.
        lag: Whole months between the end of the window and the month looked at.
    """

    def register(builder: WholeBuilder) -> WholeBuilder:
        def whole(data: KpiInput) -> tuple[pd.DataFrame, np.ndarray]:
            rows = builder(data).dropna(subset=[by]).sort_values(by, kind="stable").reset_index(drop=True)
            return rows, rows[by].to_numpy().astype("datetime64[us]")

        def of_month(data: KpiInput, month: dt.date) -> pd.DataFrame:
            rows, days = data.kept(("whole", builder.__name__), lambda: whole(data))
            last = shift_month(month, -lag)
            first, after = shift_month(last, 1 - months), month_end(last) + dt.timedelta(days=1)
            start, stop = np.searchsorted(days, np.array([first, after], "datetime64[us]"))
            return rows.iloc[start:stop]

        FRAMES[builder.__name__] = of_month
        return builder

    return register
