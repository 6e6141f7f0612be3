"""The list of screens: one row is all a new screen needs beside its file."""

from collections.abc import Set as AbstractSet
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
    "Customers": (
        Screen("path", "Path", "Where do customers stand on the way to referrer, and where do they get stuck?"),
        Screen("cohorts", "Cohorts", "Which customers stay and grow, and does how we won them matter?"),
        Screen("advocates", "Advocates", "Whom do we ask, whom do we thank, whom do we leave in peace?"),
        Screen("requests", "Requests", "Who can give what sales needs, and who waits for an answer?"),
    ),
    "Money": (Screen("budget", "Budget", "Where does the next unit of money earn most, and how sure are we?"),),
    "Capability": (Screen("maturity", "Maturity", "What can we do, and what is the next step?"),),
    "Reference": (
        Screen("data", "Data", "What do we know, how fresh is it, and does it tie to finance?"),
        Screen("definitions", "Definitions", "What exactly does each figure mean, and who answers for it?"),
    ),
}
"""The screens by section, in the order of the navigation."""

LANDINGS: tuple[tuple[str, str], ...] = (
    ("admin", "overview"),
    ("approver", "overview"),
    ("customer_marketing", "advocates"),
    ("contributor", "advocates"),
    ("finance", "data"),
    ("assessor", "maturity"),
    ("validator", "maturity"),
)
"""Where each role lands, the first that a person has; everybody else lands on the first screen."""


def landing(roles: AbstractSet[str]) -> Screen:
    """The screen somebody with these roles sees first."""
    every = {screen.file: screen for screens in SCREENS.values() for screen in screens}
    wanted = next((file for role, file in LANDINGS if role in roles), next(iter(every)))
    return every[wanted]
