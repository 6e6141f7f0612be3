"""The frame of every screen: page settings, the list of screens, then the screen that was asked for."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "pages"
STATIC = Path(__file__).resolve().parent / "static"


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
}
"""The screens by section; the first is where everybody lands."""


def run() -> None:
    """Draw the frame and the screen that was asked for."""
    st.set_page_config(page_title="Revenue Council", page_icon=str(STATIC / "favicon.png"), layout="wide")
    first = SCREENS["Council"][0]
    pages = {
        section: [
            st.Page(
                PAGES / f"{screen.file}.py",
                title=screen.title,
                url_path=screen.file,
                help=screen.question,
                default=screen is first,
            )
            for screen in screens
        ]
        for section, screens in SCREENS.items()
    }
    st.navigation(pages, position="top").run()


if __name__ == "__main__":
    run()
