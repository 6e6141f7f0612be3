"""The frame of every screen: page settings, the list of screens, then the screen that was asked for."""

import streamlit as st

from pages._app.screens import PAGES, SCREENS


def run() -> None:
    """Draw the frame and the screen that was asked for."""
    st.set_page_config(page_title="Revenue Council", layout="wide")
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
