"""What was known before a day: events of many owners, looked up for many owners and days at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.stats.ids import Positions
from core.stats.ordering import in_order
from core.stats.owner_days import DAY_RANGE, day_of_pair, pairs

Days = NDArray[np.int64]
"""Days since 1970, before it below 0."""
Floats = NDArray[np.float64]

OPEN = DAY_RANGE // 2
"""Days; a window this long reaches back to the beginning."""


@dataclass(frozen=True)
class Timeline:
    """Events in order of owner and day.

    Attributes:
        keys: Owner and day of each as `pairs` gives them, ascending.
        values: Value of each event; 1 where only their number matters.
        sums: Sum of the values before each event, and of all.
    """

    keys: Days
    values: Floats
    sums: Floats

    @classmethod
    def of(cls, owner: Positions, days: pd.Series, values: pd.Series | None = None) -> Self:
        """Events from columns; those without an owner (-1), a day or a value are left out.

        Args:
            owner: Position of the owner of each event.
            days: Day of each event.
            values: Value of each event; None counts events.
        """
        worth = np.ones(len(owner)) if values is None else np.asarray(values.astype("float64"), dtype=np.float64)
        kept = (owner >= 0) & days.notna().to_numpy() & ~np.isnan(worth)
        keys = pairs(owner[kept], day_numbers(days)[kept])
        order = in_order(keys)
        ordered = worth[kept][order]
        return cls(keys[order], ordered, np.concatenate([[0.0], np.cumsum(ordered)]))

    def count(self, owner: Positions, before: Days, within: int | Days = OPEN) -> Floats:
        """Events of each owner in the `within` days before a day, that day left out."""
        first, last = self._ends(owner, before, within)
        return (last - first).astype(np.float64)

    def total(self, owner: Positions, before: Days, within: int | Days = OPEN) -> Floats:
        """Sum of their values."""
        first, last = self._ends(owner, before, within)
        return self.sums[last] - self.sums[first]

    def mean(self, owner: Positions, before: Days, within: int | Days = OPEN) -> Floats:
        """Mean of their values; NaN where there is none."""
        number = self.count(owner, before, within)
        return np.where(number > 0, self.total(owner, before, within) / np.maximum(number, 1), np.nan)

    def last(self, owner: Positions, before: Days, within: int | Days = OPEN) -> tuple[Floats, Floats]:
        """Value of the latest of them and how many days it lay before the day; NaN where there is none."""
        first, last = self._ends(owner, before, within)
        there = last > first
        if not len(self.keys):
            return np.full(len(owner), np.nan), np.full(len(owner), np.nan)
        place = np.maximum(last - 1, 0)
        age = (before - day_of_pair(self.keys[place])).astype(np.float64)
        return np.where(there, self.values[place], np.nan), np.where(there, age, np.nan)

    def _ends(self, owner: Positions, before: Days, within: int | Days) -> tuple[Positions, Positions]:
        """First event of the window and the first after it; an owner that is not known (-1) has none."""
        first = np.searchsorted(self.keys, pairs(owner, before - within))
        last = np.searchsorted(self.keys, pairs(owner, before))
        return np.where(owner >= 0, first, 0), np.where(owner >= 0, last, 0)


def day_numbers(days: pd.Series) -> Days:
    """Days since 1970; what is missing reads as 0 and must be masked by the caller."""
    return np.where(days.isna(), 0, days.to_numpy().astype("datetime64[D]").astype(np.int64))
