"""Data: what do we know, how fresh is it, and does it tie to finance?"""

from importlib import import_module
from importlib.util import find_spec

import streamlit as st

VIEWS = {
    "Import": "data_import",
    "Sources": "data_sources",
    "Tie-out": "data_finance",
    "Conflicts": "data_conflicts",
    "Runs": "data_runs",
}
known = {label: name for label, name in VIEWS.items() if find_spec(f"pages._app.{name}")}
view = st.segmented_control(
    "View", list(known), default="Import", required=True, key="view", bind="query-params", label_visibility="collapsed"
)
import_module(f"pages._app.{known[view]}").show()
