"""An act on Advocates from click to word: saved in a callback, told once in the run that follows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import streamlit as st

from core.errors import CouncilError
from core.services.clock import real_now
from pages._app.widgets import problem_banner, toast


def say_done() -> None:
    """Say once what the last act did; what stood against it stays until the next act or choice."""
    if message := st.session_state.pop("adv_done", None):
        toast(message)
    if problem := st.session_state.get("adv_problem"):
        problem_banner(problem)


def token_of(name: str) -> str:
    """The token of a form or list: one for as long as its act was not saved, so that fast clicks save once."""
    token: str = st.session_state.setdefault(f"adv_token_{name}", uuid4().hex)
    return token


def behind(label: str, key: str, draw: Callable[[], object], **button: Any) -> None:
    """A form behind a button, drawn and paid for only while it is open.

    Args:
        label: What stands on the button.
        key: Permanent name of the place.
        draw: Draws the form.
        button: What else `st.popover` takes.
    """
    place = st.popover(label, key=key, on_change="rerun", **button)
    if place.open:
        with place:
            draw()


def act(message: str, save: Callable[[], object], *, about: str, form: str | None = None) -> bool:
    """Save, and leave for the run that follows what was done or what stands against it.

    Args:
        message: What was done, in words.
        save: Does it.
        about: Contact it is about.
        form: Name of the form or list whose token is used up by it; that of the contact where none is given.

    Returns:
        Whether it was saved.
    """
    st.session_state.pop("adv_problem", None)
    try:
        save()
    except CouncilError as error:
        st.session_state["adv_problem"] = str(error)
        return False
    st.session_state.pop(f"adv_token_{form or about}", None)
    st.session_state["adv_done"] = message
    st.session_state["adv_own"] = about
    st.session_state["adv_last"] = real_now()
    return True
