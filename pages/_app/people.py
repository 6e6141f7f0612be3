"""Choosing a person on Advocates: three lists, a search, a filter. The choice stays with the person, not the row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from core.services.advocates import STATE_WORDS, Advocates, activity_labels
from core.services.profile import ActivityId
from pages._app.widgets import md

ASK, OTHERS, WAITING = "To ask", "Not now", "To be sent"
ROW = 61
"""Height of a row in px: Streamlit wraps text only in rows of more than four times the base font size."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen row: a person, and on the list of asks to be sent also the ask."""

    contact_id: str
    ask_id: str | None = None
    activity: ActivityId | None = None
    label: str = ""


def pick_person(view: Advocates) -> Choice | None:
    """Draw the lists; returns the chosen row, None where the list is empty."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        which = st.segmented_control(
            "List",
            [ASK, OTHERS, WAITING],
            default=ASK,
            required=True,
            key="list",
            bind="query-params",
            label_visibility="collapsed",
        )
        search = st.text_input(
            "Search",
            key="adv_search",
            type="search",
            placeholder="Account, person or role",
            label_visibility="collapsed",
            persist_state="page",
        )
    rows = {ASK: view.ask, OTHERS: view.rest, WAITING: view.accepted}[which]
    rows = _found(_filtered(rows, which), search)
    if rows.empty:
        st.markdown(f":small[{md(_nobody(view, which, search))}]")
        return None
    row = _table(rows, which)
    if which != WAITING:
        return Choice(str(row["contact_id"]))
    return Choice(str(row["contact_id"]), str(row["ask_id"]), row["activity"], str(row["Ask"]))


def _filtered(rows: pd.DataFrame, which: str) -> pd.DataFrame:
    """The rows of one next ask, or of one thing to do; the address carries which."""
    if which == WAITING:
        return rows
    column, key, order = (
        ("Next ask", "ask", tuple(activity_labels().values()))
        if which == ASK
        else ("What to do", "todo", tuple(word.capitalize() for word in STATE_WORDS.values()))
    )
    present = set(rows[column])
    options = [name for name in order if name in present or name == st.session_state.get(key)]
    if not options:
        return rows
    chosen = st.pills(column, options, key=key, bind="query-params", label_visibility="collapsed")
    return rows[rows[column] == chosen].reset_index(drop=True) if chosen else rows


def _found(rows: pd.DataFrame, search: str) -> pd.DataFrame:
    if not search:
        return rows
    text = rows["Account"] + "\n" + rows["Person"]
    return rows[text.str.contains(search, case=False, regex=False, na=False)].reset_index(drop=True)


def _nobody(view: Advocates, which: str, search: str) -> str:
    if search:
        return f"Nobody here matches “{search}”."
    return {ASK: view.answer + ".", OTHERS: "Everybody can be asked.", WAITING: "No accepted ask waits."}[which]


def _table(rows: pd.DataFrame, which: str) -> pd.Series:
    """The list; returns the chosen row, the next one when the chosen person left the list."""
    own = "ask_id" if which == WAITING else "contact_id"
    ids = [str(item) for item in rows[own]]
    key, picked = f"adv_table_{own}_{which}", f"adv_picked_{which}"
    place = _place(ids, st.session_state.get(picked))
    st.session_state[picked] = (ids[place], place)
    st.session_state[key] = {"selection": {"rows": [place], "columns": [], "cells": []}}

    def remember() -> None:
        chosen = st.session_state[key]["selection"]["rows"]
        if chosen:
            st.session_state[picked] = (ids[chosen[0]], chosen[0])

    st.dataframe(
        rows.drop(columns=[name for name in ("contact_id", "ask_id", "activity") if name in rows]),
        key=key,
        on_select=remember,
        selection_mode="single-row",
        hide_index=True,
        height="stretch",
        row_height=ROW,
        alt=f"People: {which}",
        column_config=_columns(),
    )
    return rows.iloc[place]


def _place(ids: Sequence[str], before: tuple[str, int] | None) -> int:
    """Row of the person chosen before; the same place in the list where the person is no longer in it."""
    if before is None:
        return 0
    return ids.index(before[0]) if before[0] in ids else min(before[1], len(ids) - 1)


def _columns() -> dict[str, Any]:
    text = st.column_config.TextColumn
    return {
        "Account": text("Account", width=104),
        "Person": text("Person", width=164),
        "Next ask": text("Next ask", width=92),
        "Ask": text("Ask", width=92),
        "Readiness": st.column_config.ProgressColumn("Readiness", min_value=0, max_value=100, format="%d", width=88),
        "Why now": text("Why now", width=156),
        "Asker": text("Asker", width=88),
        "What to do": text("What to do", width=96),
        "Why": text("Why", width=240),
        "Earliest": text("Earliest", width=92),
        "Accepted by": text("Accepted by", width=100),
        "Before sending": text("Before sending", width=230),
    }
