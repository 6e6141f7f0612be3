"""The frame of every screen: page settings, the list of screens, then the screen that was asked for."""

import streamlit as st

from core.services.access import LOCAL_USER
from pages._app.screens import PAGES, SCREENS, Screen, landing
from pages._app.this_run import begin

LOGO = "/app/static/logo.svg"
"""Served by pages._app.server; an address is sent in place of the drawing."""
KEPT = "_screens"
"""Where a session keeps its screens."""


def run() -> None:
    """Draw the frame and the screen that was asked for."""
    begin()
    page = st.navigation(_pages(), position="top")
    st.set_page_config(page_title=f"{page.title} · Revenue Council", layout="wide")
    st.logo(LOGO, size="large")
    page.run()


def _pages() -> list[st.Page]:
    """The screens as Streamlit wants them, made once a session: making them looks into the file system."""
    first = landing(LOCAL_USER.roles)
    kept: tuple[str, list[st.Page]] | None = st.session_state.get(KEPT)
    if kept is None or kept[0] != first.file:
        kept = first.file, [_page(screen, first) for screens in SCREENS.values() for screen in screens]
        st.session_state[KEPT] = kept
    return kept[1]


def _page(screen: Screen, first: Screen) -> st.Page:
    return st.Page(
        PAGES / f"{screen.file}.py",
        title=screen.title,
        url_path=screen.file,
        help=screen.question,
        default=screen is first,
    )


if __name__ == "__main__":
    run()
