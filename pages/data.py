"""Data: what do we know, how fresh is it, and does it tie to finance?"""

import streamlit as st

from pages._app import data_conflicts, data_finance, data_import, data_runs, data_sources

VIEWS = {
    "Import": data_import.show,
    "Sources": data_sources.show,
    "Tie-out": data_finance.show,
    "Conflicts": data_conflicts.show,
    "Runs": data_runs.show,
}
view = st.segmented_control(
    "View", list(VIEWS), default="Import", required=True, key="view", bind="query-params", label_visibility="collapsed"
)
VIEWS[view]()
