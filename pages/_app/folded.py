"""Choices behind a button: drawn only while it is open, since each costs every rerun; the address keeps them.

A widget bound to the address takes its part of it away when it is not drawn; these write it themselves.
"""

from collections.abc import Mapping, Sequence

import streamlit as st


def told(address: Mapping[str, str], key: str, options: Sequence[str]) -> str:
    """What the address says of a choice; the first option where it says nothing, or something that is not on offer.

    Args:
        address: What stands in the address, read once a run.
        key: Name of the choice in the address.
        options: What is on offer, at least one.
    """
    asked = address.get(key)
    return asked if asked is not None and asked in options else options[0]


def folded_choice(label: str, options: Sequence[str], key: str) -> None:
    """A choice of one of some texts; the first is what holds without a choice, and stands in no address.

    Args:
        label: What is chosen.
        options: What is on offer, at least one.
        key: Name of the choice in the address.
    """
    names, place = list(options), f"{key}_choice"

    def keep() -> None:
        tell(key, st.session_state[place], names)

    st.session_state[place] = told(st.query_params.to_dict(), key, names)
    st.selectbox(label, names, key=place, on_change=keep)


def tell(key: str, chosen: str, options: Sequence[str]) -> None:
    """Write a choice into the address, or out of it where it is the first option."""
    if chosen == options[0]:
        st.query_params.pop(key, None)
    else:
        st.query_params[key] = chosen
