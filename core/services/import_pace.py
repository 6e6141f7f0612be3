"""The pace of an import: how much is done, how fast it goes, how long it may still take."""

from __future__ import annotations

import time
from collections.abc import Callable

from core.ingest.progress import Progress, Step
from core.services.import_files import size_words

__all__ = ["Pace", "Progress"]

SHARES = {"Reading": 0.7, "Checking": 0.75, "Comparing": 0.9}
"""Where the bar stands once steps of a kind are done; only reading is measured, by bytes, the rest is a guess."""
SLOW = 1.0
"""Seconds after which a rate means something."""


class Pace:
    """How far an import has come, how fast it goes and how long it may still take.

    Args:
        clock: Seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._start = clock, clock()

    def told(self, step: Step) -> tuple[float, str]:
        """Share that is done, 0 to 1, and the step in words with rows, rate and time left."""
        kind = step.label.partition(" ")[0]
        share = SHARES.get(kind, 0.95)
        if kind == "Reading":
            share *= step.done / step.total if step.total else 0.0
        parts = [step.label]
        if step.rows:
            parts.append(f"{step.rows:,} rows")
        seconds = self._clock() - self._start
        if kind == "Reading" and step.done and seconds >= SLOW:
            parts.append(
                f"{size_words(step.done)} of {size_words(step.total)}, {size_words(step.done / seconds)} a second"
            )
        if share and seconds >= SLOW:
            parts.append(f"about {seconds / share - seconds:.0f} s left")
        return share, " · ".join(parts)
