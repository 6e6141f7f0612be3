"""Choosing a person on Advocates: three lists, a search, a filter. The choice stays with the person, not the row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from core.services.advocates import STATE_WORDS, STOP, Advocates, activity_labels
from core.services.asking import acted_on
from core.services.clock import now
from core.services.profile import ActivityId
from pages._app.widgets import md

ASK, OTHERS, WAITING = "To ask", "Not now", "To be sent"
ROW = 61
"""Height of a row in px: Streamlit wraps text only in rows of more than four times the base font size."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen row: a person, and on the list of asks to be sent also the ask, who accepted it, and what stops it."""

    contact_id: str
    ask_id: str | None = None
    activity: ActivityId | None = None
    label: str = ""
    accepted_by: str = ""
    stops: str = ""


def pick_person(view: Advocates) -> Choice | None:
    """Draw the lists; returns the chosen row, None where the list is empty."""
    landed = _land(view)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        which = st.segmented_control(
            "List",
            [ASK, OTHERS, WAITING],
            default=None if landed else ASK,  # Streamlit warns where a default meets a value set before
            required=True,
            key="list",
            bind="query-params",
            label_visibility="collapsed",
            on_change=_forget_problem,
        )
        search = st.text_input(
            "Search",
            key="adv_search",
            type="search",
            placeholder="Account, person or role",
            label_visibility="collapsed",
            persist_state="page",
            on_change=_from_the_top,
        )
    rows = {ASK: view.ask, OTHERS: view.rest, WAITING: view.accepted}[which]
    _say_who_left(rows, which)
    rows = _found(_filtered(rows, which), search)
    if rows.empty:
        st.markdown(f":small[{md(_nobody(view, which, search))}]")
        return None
    row = _table(rows, which)
    if which != WAITING:
        return Choice(str(row["contact_id"]))
    before = str(row["Before sending"])
    return Choice(
        contact_id=str(row["contact_id"]),
        ask_id=str(row["ask_id"]),
        activity=row["activity"],
        label=str(row["Ask"]),
        accepted_by=str(row["Accepted by"]),
        stops=before.removeprefix(STOP) if before.startswith(STOP) else "",
    )


def _land(view: Advocates) -> bool:
    """Who comes for the contacts of one account starts on the first list that has them, with no other filter.

    Returns:
        Whether somebody came so in this run.
    """
    name = st.session_state.pop("adv_land", None)
    if name is None:
        return False
    has_them = (which for which, rows in ((ASK, view.ask), (OTHERS, view.rest)) if not _found(rows, name).empty)
    st.session_state["list"] = next(has_them, ASK)
    st.session_state["ask"] = st.session_state["todo"] = None
    _from_the_top()
    return True


def _forget_problem() -> None:
    st.session_state.pop("adv_problem", None)


def _from_the_top() -> None:
    """Another search or filter starts at its first row: the chosen row must not end up out of sight."""
    _forget_problem()
    for which in (ASK, OTHERS, WAITING):
        st.session_state.pop(f"adv_picked_{which}", None)


def _say_who_left(rows: pd.DataFrame, which: str) -> None:
    """The chosen person was acted on elsewhere since the list was drawn: say so, somebody else takes the place."""
    before = st.session_state.get(f"adv_picked_{which}")
    if which != ASK or before is None or "adv_problem" in st.session_state:
        return
    contact = before[0]
    if contact in set(rows["contact_id"]) or contact == st.session_state.get("adv_own"):
        return
    if text := acted_on(contact, now().date()):
        st.session_state["adv_problem"] = f"{text}. The next person is shown."


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
    chosen = st.pills(
        column, options, key=key, bind="query-params", label_visibility="collapsed", on_change=_from_the_top
    )
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
            _forget_problem()
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
