"""Acting on Requests: every act runs in a callback with what was on the screen when its button was drawn."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.errors import CouncilError
from core.services.export import csv_bytes, file_name
from pages._app.widgets import problem_banner, toast

ROW = 61
"""Height of a row in px: Streamlit wraps text only in rows of more than four times the base font size."""
REFERENCES, LANE, PILOT = "Reference requests", "Referral fast lane", "Pilot plan"
"""The parts of the screen."""
PARAMS = {REFERENCES: ("queue", "request", "deal"), LANE: ("lane", "referral"), PILOT: ()}
"""Names in the address that each part knows: its list, and the rows that are chosen."""
FITTING = 6
"""Rows a list shows before it scrolls."""


def say_done() -> None:
    """Say once what the last act did; what stood against it stays until the next act or choice."""
    if message := st.session_state.pop("req_done", None):
        toast(message)
    if problem := st.session_state.get("req_problem"):
        problem_banner(problem)


def token_of(place: str) -> str:
    """The token of one opened form: the same until something was saved with it."""
    token: str = st.session_state.setdefault(f"req_token_{place}", uuid4().hex)
    return token


def fresh(name: str) -> str:
    """Key of a popover: another one after every act that saved, so that no form stays open over what comes next."""
    return f"{name}_{st.session_state.get('req_acts', 0)}"


@contextmanager
def form_behind(label: str, kind: str, subject: str, **button: Any) -> Iterator[None]:
    """A form behind a button, shut again once something was saved.

    Args:
        label: What stands on the button.
        kind: Permanent name of the form.
        subject: Id of what it is about.
        button: What else `st.popover` takes.
    """
    place = st.popover(label, key=fresh(f"{kind}_{subject}"), **button)
    with place, st.form(f"{kind}_form_{subject}", border=False):
        yield


def card_place(param: str, chosen: str) -> DeltaGenerator:
    """The place of the card of a chosen row: where list and card stand below one another, it comes first once the
    address names it (see app.css).

    Args:
        param: Name in the address, as `pick` knows it.
        chosen: Id of the row the card is about.
    """
    named = st.query_params.get(param) == chosen
    return st.container(border=True, gap="xsmall", key=f"{'req_read_first' if named else 'req_card'}_{param}")


def act(place: str, message: str, save: Callable[[], str]) -> str | None:
    """Save, and leave for the run that follows what was done or what stands against it.

    Args:
        place: The form, as `token_of` knows it.
        message: What is said once it is saved.
        save: Saves, and returns the id of what it was about.

    Returns:
        That id; None where nothing was saved.
    """
    forget_problem()
    try:
        saved = save()
    except CouncilError as error:
        st.session_state["req_problem"] = str(error)
        return None
    st.session_state.pop(f"req_token_{place}", None)
    st.session_state["req_done"] = message
    st.session_state["req_acts"] = st.session_state.get("req_acts", 0) + 1
    return saved


def forget_problem() -> None:
    """Another choice was made: what stood against the last act is no longer of interest."""
    st.session_state.pop("req_problem", None)


def keep_params(params: Sequence[str]) -> None:
    """Let the address name nothing that this part of the screen does not show.

    Args:
        params: Names in the address that the part knows.
    """
    for name in {name for names in PARAMS.values() for name in names} - set(params):
        forget_param(name)


def forget_param(param: str) -> None:
    """Take a name out of the address: what it named is not shown."""
    if param in st.query_params:
        del st.query_params[param]


def _named(param: str, known: Collection[str]) -> str:
    """What the address names, where there is such a thing; the name of what is gone leaves the address."""
    asked = st.query_params.get(param, "")
    if asked in known:
        return asked
    forget_param(param)
    return ""


def choose(param: str, labels: Mapping[str, str]) -> str:
    """One of several lists; the address carries its name, whatever its label counts.

    Args:
        param: Name in the address.
        labels: Name and label of each; the first is the default.
    """
    st.session_state[f"req_{param}"] = _named(param, labels) or next(iter(labels))

    def remember() -> None:
        forget_problem()
        st.query_params[param] = st.session_state[f"req_{param}"]

    chosen = st.segmented_control(
        "List",
        list(labels),
        format_func=labels.__getitem__,
        required=True,
        key=f"req_{param}",
        label_visibility="collapsed",
        on_change=remember,
    )
    return chosen or next(iter(labels))


def pick(frame: pd.DataFrame, param: str, alt: str, columns: Mapping[str, Any]) -> str | None:
    """A list of which one row is chosen; the address carries which.

    Args:
        frame: Its first column is the id, which is not shown.
        param: Name in the address.
        alt: What the list is.
        columns: Column configuration of Streamlit.

    Returns:
        Id of the chosen row, the first where the address names none; None where the list is empty.
    """
    ids: Sequence[str] = [str(item) for item in frame.iloc[:, 0]]
    chosen = _named(param, ids) or next(iter(ids), None)
    if chosen is None:
        return None
    key = f"req_table_{param}"
    st.session_state[key] = {"selection": {"rows": [ids.index(chosen)], "columns": [], "cells": []}}

    def remember() -> None:
        rows = st.session_state[key]["selection"]["rows"]
        if rows:
            forget_problem()
            st.query_params[param] = ids[rows[0]]

    st.dataframe(
        frame.iloc[:, 1:],
        key=key,
        on_select=remember,
        selection_mode="single-row",
        hide_index=True,
        height="content" if len(ids) <= FITTING else 40 + ROW * FITTING,
        row_height=ROW,
        alt=alt,
        placeholder="",
        column_config=dict(columns),
    )
    return chosen


def download(frame: pd.DataFrame, stem: str) -> None:
    """The list as a CSV file."""
    content = csv_bytes(frame)
    st.download_button(
        "CSV",
        content,
        file_name(stem, content, "csv"),
        "text/csv",
        on_click="ignore",
        key=f"req_csv_{stem}",
        type="tertiary",
        icon=":material/download:",
    )
