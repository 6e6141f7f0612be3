"""The way out of an empty product: import data, or look around in the demo company first."""

import streamlit as st

from core.errors import CouncilError
from core.services.access import LOCAL_USER
from core.services.clock import real_now
from core.services.home import current_state
from core.services.importing import ensure_demo
from pages._app.data_views import IMPORT, VIEW
from pages._app.screens import PAGES
from pages._app.widgets import problem_banner


def ways_to_start() -> None:
    """A button that leads to the import; while nothing at all is loaded, one that loads the demo company, too."""
    with st.container(horizontal=True, horizontal_alignment="center"):
        if st.button("Import data", key="start_import", type="primary", icon=":material/upload_file:"):
            st.switch_page(PAGES / "data.py", query_params={VIEW: IMPORT})
        if current_state().is_empty and st.button("Load the demo company", key="load_demo"):
            try:
                with st.spinner("Loading an invented company of 400 accounts and its council, some fifteen seconds"):
                    ensure_demo(LOCAL_USER, real_now())
            except CouncilError as error:
                problem_banner(error)
            else:
                st.rerun()
