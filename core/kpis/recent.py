"""What was asked for last, up to a size: months are looked at one after the other, and none needs the one before."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, TypeVar

Kept = TypeVar("Kept")

CELLS = 2_000_000
"""Numbers that are kept: about 16 MB. All months of a company of some thousand accounts, part of a month of 50,000."""


@dataclass
class Recent:
    """Values by key, the least recently asked for dropped first; a dropped one is computed anew when asked for.

    Attributes:
        most: Cells that are kept; the newest value is kept however large it is.
    """

    most: int = CELLS
    _values: OrderedDict[Hashable, tuple[Any, int]] = field(default_factory=OrderedDict)
    _cells: int = 0
    _lock: Lock = field(default_factory=Lock)

    def get(self, key: Hashable, make: Callable[[], Kept], size: Callable[[Kept], int]) -> Kept:
        """The value of a key.

        Args:
            key: Which one.
            make: Computes it; may ask for other values.
            size: Cells of a value.
        """
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                found: Kept = self._values[key][0]
                return found
        made = make()
        with self._lock:
            self._put(key, made, size(made))
        return made

    def _put(self, key: Hashable, value: object, cells: int) -> None:
        _, before = self._values.pop(key, (None, 0))
        self._values[key] = (value, cells)
        self._cells += cells - before
        while self._cells > self.most and len(self._values) > 1:
            _, (_, dropped) = self._values.popitem(last=False)
            self._cells -= dropped
