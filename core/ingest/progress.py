"""How far an import has come, told to whoever waits for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an import, told when it begins.

    Attributes:
        label: What is done now, as a sentence begins: "Reading accounts.csv".
        done: Bytes of the files that were read before it.
        total: Bytes of all files to read; a file that fills two tables is read twice.
        rows: Rows read before it.
    """

    label: str
    done: int
    total: int
    rows: int = 0


Progress = Callable[[Step], None]
"""Told each step. What it raises ends the import: nothing is kept then, for nothing was written yet."""


def silent(_: Step) -> None:
    """Tell nobody."""
