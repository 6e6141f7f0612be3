"""The list of screens: one row is all a new screen needs beside its file."""

from dataclasses import dataclass
from pathlib import Path

PAGES = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Screen:
    """One screen: its file in pages/ without suffix, its name, the question it answers."""

    file: str
    title: str
    question: str


SCREENS: dict[str, tuple[Screen, ...]] = {
    "Council": (
        Screen("overview", "Overview", "Does advocacy earn its money?"),
        Screen("meeting", "Meeting", "What do we decide this month, and what became of what we decided?"),
    ),
    "Customers": (Screen("advocates", "Advocates", "Whom do we ask, whom do we thank, whom do we leave in peace?"),),
    "Money": (Screen("budget", "Budget", "Where does the next unit of money earn most, and how sure are we?"),),
    "Capability": (Screen("maturity", "Maturity", "What can we do, and what is the next step?"),),
    "Reference": (
        Screen("data", "Data", "What do we know, how fresh is it, and does it tie to finance?"),
        Screen("definitions", "Definitions", "What exactly does each figure mean, and who answers for it?"),
    ),
}
"""The screens by section; the first is where everybody lands."""
