"""Slow work asked for by a click: kept by its callback, done in the run after it under a name."""

from collections.abc import Callable

import streamlit as st

from core.services.import_draft import Draft


def later(label: str, act: Callable[[], Draft]) -> None:
    """Have the draft changed in the run that follows.

    Args:
        label: What is being done, for whoever waits.
        act: Gives the changed draft.
    """
    st.session_state["imp_later"] = (label, act)
