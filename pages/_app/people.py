"""Choosing a person on Today: the lists of the day, a search, a filter. The choice stays with the person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd
import pyarrow as pa
import streamlit as st

from core.services.advocates import Advocates, activity_labels
from core.services.asking import acted_on
from core.services.home import Month
from core.services.list_cells import in_short
from core.services.list_words import answer_words, order_words
from core.services.profile import ActivityId
from core.services.worklists import STOP, Worklists
from pages._app.advocates_views import LIST, POOL, SHOW, TODAY, pick_list
from pages._app.cached_advocates import gives_of, to_send_of, worklists_of
from pages._app.memory import recall
from pages._app.this_run import working_day
from pages._app.unwritten import not_written_to
from pages._app.widgets import md

ASK, SEND, ANSWER, THANK, TELL, GIVE = "To ask", "To send", "Answers", "To thank", "To tell", "To give"
LISTS = (ASK, SEND, ANSWER, THANK, TELL, GIVE)
HELP = {
    SEND: "Accepted asks; those that must not be sent now stand below: settle what stops them, or withdraw.",
    ANSWER: answer_words(),
    THANK: "Acts nobody said thank you for, late ones first; Pool health counts only those that are late.",
    TELL: "Acts used without a word to the person, late ones first; Pool health also counts those nobody used.",
    GIVE: "Readiness is too low for the next ask: give something first. Who was given something lately is not listed.",
}
ROW = 61
"""Height of a row in px, three lines: Streamlit wraps text only in rows of over four times the base font size."""
HIDDEN = ("contact_id", "ask_id", "activity", "Asker", "Accepted by")
"""Columns of a list that its table leaves out."""

KEPT = 32
"""Lists kept between runs, for all sessions together."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen row: a person and the list; of a list of asks also the ask, who accepted it, and what stops it.

    `after` takes the place once this one is acted on: a contact, and the activity of a waiting ask.
    """

    contact_id: str
    which: str = ASK
    ask_id: str | None = None
    activity: ActivityId | None = None
    label: str = ""
    accepted_by: str = ""
    stops: str = ""
    after: tuple[str, ActivityId | None] | None = None


@dataclass(frozen=True)
class Listed:
    """A list put together: its rows, what names each, and the table as it is sent.

    Attributes:
        rows: The rows with all they know.
        own: Column that names a row.
        ids: That column.
        contacts: Everybody on it.
        asks: Next asks on it.
        table: The columns a reader sees.
    """

    rows: pd.DataFrame
    own: str
    ids: tuple[str, ...]
    contacts: frozenset[str]
    asks: frozenset[str]
    table: pa.Table


def listed(rows: pd.DataFrame) -> Listed:
    """A list from its rows."""
    own = "ask_id" if "ask_id" in rows else "contact_id"
    shown = in_short(rows.drop(columns=[name for name in HIDDEN if name in rows]))
    return Listed(
        rows=rows,
        own=own,
        ids=tuple(rows[own].tolist()),
        contacts=frozenset(rows["contact_id"].tolist()),
        asks=frozenset(rows["Next ask"].unique().tolist() if "Next ask" in rows else ()),
        table=pa.Table.from_pandas(shown, preserve_index=False),
    )


def pick_person(month: Month, view: Advocates) -> Choice | None:
    """Draw the lists; returns the chosen row, None where the list is empty."""
    lists = worklists_of(month)
    counts = _counts(view, lists)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        which = pick_list(LISTS, counts)
        search = st.text_input(
            "Search",
            key="adv_search",
            type="search",
            placeholder="Account, person or role",
            label_visibility="collapsed",
            persist_state="page",
            on_change=_from_the_top,
        )
    every = _listed(month, view, lists, which)
    _say_who_left(every, which)
    found = _listed(month, view, lists, which, _pick_ask(every) if which == ASK else None, search)
    if which in (THANK, TELL):
        not_written_to(lists.unthanked if which == THANK else lists.untold, which)
    if not found.ids:
        st.markdown(f":small[{md(_nobody(view, which, search))}]")
        return None
    said, in_full = order_words(month.propensity) if which == ASK else (HELP[which], None)
    st.markdown(f":small[{md(said)}]", help=in_full and md(in_full))
    return _choice(found, _table(found, which), which)


def _listed(
    month: Month, view: Advocates, lists: Worklists, which: str, ask: str | None = None, search: str = ""
) -> Listed:
    """A list, of one next ask and a search where they are given; put together once for all sessions."""

    def build() -> Listed:
        rows = _rows(month, view, lists, which)
        if ask is not None:
            rows = rows[rows["Next ask"] == ask].reset_index(drop=True)
        return listed(_found(rows, search))

    return recall("advocates list", (month.key, working_day(), which, ask, search), KEPT, build)


def _counts(view: Advocates, lists: Worklists) -> dict[str, int]:
    return {
        ASK: len(view.ask),
        SEND: len(lists.send),
        ANSWER: len(lists.answer),
        THANK: len(lists.thank),
        TELL: len(lists.tell),
        GIVE: len(lists.give),
    }


def _rows(month: Month, view: Advocates, lists: Worklists, which: str) -> pd.DataFrame:
    if which == SEND:
        return to_send_of(month)
    if which == GIVE:
        return gives_of(month)
    return {ASK: view.ask, ANSWER: lists.answer, THANK: lists.thank, TELL: lists.tell}[which]


def _choice(found: Listed, place: int, which: str) -> Choice:
    row = found.rows.iloc[place]
    contact, ask_id = str(row["contact_id"]), str(row["ask_id"]) if "ask_id" in row else None
    below = found.rows.iloc[place + 1 : place + 2].to_dict("records")
    after = next(((str(one["contact_id"]), one.get("activity")) for one in below), None)
    if which != SEND:
        return Choice(contact, which, ask_id, after=after)
    before = str(row["Before sending"])
    return Choice(
        contact_id=contact,
        which=which,
        ask_id=ask_id,
        activity=row["activity"],
        label=str(row["Ask"]),
        accepted_by=str(row["Accepted by"]),
        stops=before.removeprefix(STOP) if before.startswith(STOP) else "",
        after=after,
    )


def land(view: Advocates) -> None:
    """Who comes for the contacts of one account starts where they are: on the list to ask, else in the whole pool."""
    name = st.session_state.pop("adv_land", None)
    if name is None:
        return
    if _found(view.ask, name).empty:
        st.session_state["pool_find"] = name
        st.query_params[SHOW] = POOL
        return
    st.query_params[SHOW] = TODAY
    st.query_params[LIST] = ASK
    st.session_state["ask"] = None
    _from_the_top()


def _forget_problem() -> None:
    st.session_state.pop("adv_problem", None)


def _from_the_top() -> None:
    """Another search or filter starts at its first row: the chosen row must not end up out of sight."""
    _forget_problem()
    for which in LISTS:
        st.session_state.pop(f"adv_picked_{which}", None)


def _say_who_left(every: Listed, which: str) -> None:
    """The chosen person was acted on elsewhere since the list was drawn: say so, somebody else takes the place."""
    before = st.session_state.get(f"adv_picked_{which}")
    if which != ASK or before is None or "adv_problem" in st.session_state:
        return
    contact = before[0]
    if contact in every.contacts or contact == st.session_state.get("adv_own"):
        return
    if text := acted_on(contact, working_day()):
        st.session_state["adv_problem"] = f"{text}. The next person is shown."
        st.rerun()  # it is said above the list, which is drawn already


def _pick_ask(every: Listed) -> str | None:
    """Let the reader choose one next ask; the address carries which. None is all of them."""
    present, asked = every.asks, st.session_state.get("ask")
    options = [name for name in activity_labels().values() if name in present or name == asked]
    if not options:
        return None
    return st.pills(
        "Next ask", options, key="ask", bind="query-params", label_visibility="collapsed", on_change=_from_the_top
    )


def _found(rows: pd.DataFrame, search: str) -> pd.DataFrame:
    if not search:
        return rows
    text = rows["Account"] + "\n" + rows["Person"]
    return rows[text.str.contains(search, case=False, regex=False, na=False)].reset_index(drop=True)


def _nobody(view: Advocates, which: str, search: str) -> str:
    if search:
        return f"Nobody here matches “{search}”: the Pool has everybody, also who rests or was asked."
    return {
        ASK: view.answer + ".",
        SEND: "No accepted ask waits.",
        ANSWER: "Every ask of the last weeks is answered.",
        THANK: "Everybody who may be written to was thanked.",
        TELL: "Everybody who may be written to knows what came of it.",
        GIVE: "Nobody waits for a give.",
    }[which]


def _table(found: Listed, which: str) -> int:
    """The list; returns the place of the chosen row, the next one when the chosen person left the list."""
    ids, key, picked = found.ids, f"adv_table_{found.own}_{which}", f"adv_picked_{which}"
    place = _place(ids, st.session_state.get(picked))
    st.session_state[picked] = (ids[place], place)
    st.session_state[key] = {"selection": {"rows": [place], "columns": [], "cells": []}}

    def remember() -> None:
        chosen = st.session_state[key]["selection"]["rows"]
        if chosen:
            _forget_problem()
            st.session_state[picked] = (ids[chosen[0]], chosen[0])

    st.dataframe(
        found.table,
        key=key,
        on_select=remember,
        selection_mode="single-row",
        hide_index=True,
        height="stretch",
        row_height=ROW,
        alt=f"People: {which}",
        column_config=_columns("Ask" in found.rows),
    )
    return place


def _place(ids: Sequence[str], before: tuple[str, int] | None) -> int:
    """Row of the person chosen before; the same place in the list where the person is no longer in it."""
    if before is None:
        return 0
    return ids.index(before[0]) if before[0] in ids else min(before[1], len(ids) - 1)


@cache
def _columns(has_ask: bool) -> dict[str, Any]:
    """Widths in px: all fit beside the card in a window of 1024 px, the first two or three on a phone (292 px)."""
    text = st.column_config.TextColumn
    return {
        "Person": text("Person", width=188 if has_ask else 156),
        "Next ask": text("Next ask", width=88),
        "Ask": text("Ask", width=104),
        "Readiness": st.column_config.NumberColumn("Ready", format="%d", width=48, help="Readiness, 0 to 100"),
        "Asked": st.column_config.NumberColumn("Asked", format="%d", width=48, help="Asks of the last year"),
        "Why now": text("Why now", width=120),
        "Give": text("Give", width=136),
        "Why": text("Why", width=160),
        "What": text("What", width=136),
        "Due": text("Due", width=104),
        "Sent on": text("Sent on", width=84),
        "Before sending": text("Before sending", width=170),
    }
