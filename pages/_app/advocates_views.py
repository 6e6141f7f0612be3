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


def go_to(view: str, **named: str) -> None:
    """Change the view, as one step of the back button; to be called from a callback.

    What the filters of the view that is left wrote into the address goes in the same step, and what those of the view
    wrote comes back in it: Streamlit would do either after the run, a filter at a time, each a step of its own.

    Args:
        view: The view.
        named: What else the address names from now on; what is empty it forgets.
    """
    st.session_state.pop("adv_problem", None)
    address = {name: st.query_params.get_all(name) for name in st.query_params}
    kept = {name: values for name, values in address.items() if name in (SHOW, CONTACT, LIST, OF)}
    filters = st.session_state.setdefault("adv_filters", {})
    filters[current_view()] = {name: values for name, values in address.items() if name not in kept}
    wanted = {**kept, SHOW: view, **named, **(filters.get(view, {}) if view != current_view() else {})}
    st.query_params.from_dict({name: value for name, value in wanted.items() if value})


def ways_back() -> None:
    """From a profile of nobody: the address forgets whom it named."""

    def leave(view: str) -> None:
        go_to(view, contact="")

    with st.container(horizontal=True, horizontal_alignment="center", gap="small"):
        st.button("Look in the Pool", key="adv_to_pool", on_click=leave, args=(POOL,))
        st.button("Whom to ask today", key="adv_to_today", on_click=leave, args=(TODAY,))


def open_profile(contact_id: str) -> None:
    """Show somebody's profile; to be called from a callback."""
    go_to(PROFILE, contact=contact_id)


def profile_button(contact_id: str, key: str) -> None:
    """The button that opens somebody's profile."""
    st.button(
        "Open profile", key=key, icon=":material/person:", type="tertiary", on_click=open_profile, args=(contact_id,)
    )
