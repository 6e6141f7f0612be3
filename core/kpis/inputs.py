"""What the KPIs are computed from: the revenue matrix and small frames of one company as of one date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from core.kpis.columns import Columns
from core.kpis.recent import Recent
from core.kpis.windows import Windows, windows
from core.stats.ordering import in_order
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
        zone: IANA zone of the company, whose clocks say on which day an instant counts.
        facts: The same company without its records, where this one has them: what rests on facts is built there once.
    """

    revenue: Revenue
    tables: Mapping[str, Callable[[], pd.DataFrame]]
    loaded: frozenset[str]
    currency: str
    unpriced: frozenset[str] = frozenset()
    zone: str = "UTC"
    facts: KpiInput | None = None
    _kept: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)
    _frames: Recent = field(default_factory=Recent, repr=False, compare=False)

    def with_records(self, tables: Mapping[str, Callable[[], pd.DataFrame]], loaded: frozenset[str]) -> KpiInput:
        """The same company with its records; nothing that was kept without them is taken over."""
        return replace(self, tables=tables, loaded=loaded, facts=self, _kept={}, _frames=Recent())

    def table(self, name: str) -> pd.DataFrame:
        """A frame by name, read once; one of facts is held with the facts alone."""
        if self.facts is not None and name in self.facts.tables:
            return self.facts.table(name)
        return self.kept(("table", name), self.tables[name])

    def let_go(self, name: str) -> None:
        """Forget a frame whose columns were taken over by something kept; who asks again has it read again."""
        (self.facts or self)._kept.pop(("table", name), None)

    def once(self, name: str) -> pd.DataFrame:
        """A frame by name for the one who keeps what is made of it; let go, as `let_go` says."""
        rows = self.table(name)
        self.let_go(name)
        return rows

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
        """The rows of a KPI frame of one month, for who reads them."""
        return self.columns(name, month).frame

    def columns(self, name: str, month: dt.date, segment: str | None = None) -> Columns:
        """A KPI frame of one month, of one segment or of all; built again when too much else was asked for since."""
        if segment is None:
            return self.recent((name, month), lambda: Columns.of(FRAMES[name](self, month)), _cells)
        whole = self.columns(name, month)
        return self.recent((name, month, segment), lambda: whole.of_segment(segment), _cells)

    def recent(self, key: Hashable, make: Callable[[], Kept], cells: Callable[[Kept], int]) -> Kept:
        """What `make` gives for one month; computed again when too much else was asked for since.

        Args:
            key: What it is, with its month.
            make: Computes it.
            cells: How many numbers it holds.
        """
        return self._frames.get(key, make, cells)


def _cells(columns: Columns) -> int:
    return columns.cells


FrameBuilder = Callable[[KpiInput, dt.date], Columns | pd.DataFrame]
WholeBuilder = Callable[[KpiInput], Columns | pd.DataFrame]

FRAMES: dict[str, FrameBuilder] = {}
"""Builders of KPI frames by name: one row per unit; what KPIs compute on are sums, or rows, of its columns."""
MADE_OF: dict[str, str] = {}
"""By frame, the one whose rows of the same month it takes over, where that is too large to be kept for long."""


WINDOWS: dict[str, Callable[[KpiInput], Windows]] = {}
"""The rows of all months of a frame of which a month sees a window, by its name."""


def frame(builder: FrameBuilder) -> FrameBuilder:
    """Register a frame that differs from month to month, under the builder's name."""
    FRAMES[builder.__name__] = builder
    return builder


def made_of(name: str) -> Callable[[FrameBuilder], FrameBuilder]:
    """Register a frame of the rows of another one; who goes through months builds it right after that one."""

    def register(builder: FrameBuilder) -> FrameBuilder:
        MADE_OF[builder.__name__] = MADE_OF.get(name, name)
        return frame(builder)

    return register


def windowed(*, by: str, months: int, lag: int = 0) -> Callable[[WholeBuilder], WholeBuilder]:
    """Register a frame whose rows are the same in every month and of which a month sees a window.

    Built and sorted once, then cut: the cost of a month does not grow with the history. Use it only where no column
    of a row depends on the month it is looked at from.

    Args:
        by: Column with the day that decides; rows without one are in no window.
        months: Length of the window in calendar months.
        lag: Whole months between the end of the window and the month looked at.
    """

    def register(builder: WholeBuilder) -> WholeBuilder:
        def whole(data: KpiInput) -> Windows:
            rows = Columns.of(builder(data))
            days = rows[by].astype("datetime64[us]")
            known = np.flatnonzero(~np.isnat(days))
            order = known[in_order(days[known])]
            return windows(rows.packed(order), days[order], months, lag)

        def of(data: KpiInput) -> Windows:
            return data.kept(("whole", builder.__name__), lambda: whole(data))

        FRAMES[builder.__name__] = lambda data, month: of(data).seen(month)
        WINDOWS[builder.__name__] = of
        return builder

    return register
