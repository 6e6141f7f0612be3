"""The five views of Data, in whose order they stand and which one is open; the address names it, as on Advocates."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages._app import cached
from pages._app.filters import pick_place
from pages._app.widgets import heading

SOURCES, TIE_OUT, CONFLICTS, IMPORT, RUNS = "Sources", "Tie-out", "Conflicts", "Import", "Runs"
VIEWS = (SOURCES, TIE_OUT, CONFLICTS, IMPORT, RUNS)
"""First what is known, then how it comes in."""
VIEW = "view"
"""Name of the view in the address."""
DRAFT = "imp_draft"
"""Where a session keeps the import somebody is at."""


def views() -> tuple[str, ...]:
    """The views in their order: Import first until there is revenue to show."""
    return VIEWS if cached.company() else (IMPORT, *(name for name in VIEWS if name != IMPORT))


def current_view() -> str:
    """The view the address names; else the first one, or the import somebody has begun."""
    asked = st.query_params.get(VIEW, IMPORT if DRAFT in st.session_state else "").capitalize()
    return asked if asked in VIEWS else views()[0]


def head(question: str, answer: str, note: str, place: DeltaGenerator | None = None) -> None:
    """The heading of a view and, below it as on every screen, the choice among the views.

    Args:
        question: What the view answers.
        answer: The answer.
        note: Period, as-of date, currency.
        place: The left place of `heading_row`; None for a place of its own.
    """
    heading(question, answer, note, place)
    pick_place("View", views(), current_view(), _go_to, key="data_view")


def _go_to(view: str) -> None:
    st.query_params[VIEW] = view
