"""The four views of Advocates and the person of the address: both stand in it, and the back button leads back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from pages._app.filters import pick_place

TODAY, POOL, PROFILE, HEALTH = "Today", "Pool", "Profile", "Pool health"
VIEWS = (TODAY, POOL, PROFILE, HEALTH)
SHOW, CONTACT, LIST, OF = "show", "contact", "list", "of"
"""Names in the address: the view, whose profile it is, the list of the day, and the account of a link."""


def current_view() -> str:
    """The view the address names; somebody's profile where it names a person alone."""
    asked = st.query_params.get(SHOW, PROFILE if CONTACT in st.query_params else TODAY)
    return asked if asked in VIEWS else TODAY


def pick_view() -> str:
    """Let the reader choose a view."""
    return pick_place("View", VIEWS, current_view(), go_to, key="adv_show")


def pick_list(names: Sequence[str], counts: Mapping[str, int]) -> str:
    """Let the reader choose a list of the day."""
    asked = st.query_params.get(LIST, names[0])
    current = asked if asked in names else names[0]
    return pick_place("List", names, current, _to_list, key="adv_list", says=lambda name: f"{name} {counts[name]:,}")


def _to_list(name: str) -> None:
    st.session_state.pop("adv_problem", None)
    st.query_params[LIST] = name


def go_to(view: str) -> None:
    """Change the view; to be called from a callback."""
    st.session_state.pop("adv_problem", None)
    st.query_params[SHOW] = view


def ways_back() -> None:
    """From a profile of nobody: the address forgets whom it named."""

    def leave(view: str) -> None:
        st.query_params.pop(CONTACT, None)
        go_to(view)

    with st.container(horizontal=True, horizontal_alignment="center", gap="small"):
        st.button("Look in the Pool", key="adv_to_pool", on_click=leave, args=(POOL,))
        st.button("Whom to ask today", key="adv_to_today", on_click=leave, args=(TODAY,))


def open_profile(contact_id: str) -> None:
    """Show somebody's profile; to be called from a callback."""
    st.session_state.pop("adv_problem", None)
    st.query_params.update({SHOW: PROFILE, CONTACT: contact_id})


def profile_button(contact_id: str, key: str) -> None:
    """The button that opens somebody's profile."""
    st.button(
        "Open profile", key=key, icon=":material/person:", type="tertiary", on_click=open_profile, args=(contact_id,)
    )
