"""The list of definitions: which list, search and filters, and the figure that is shown in full."""

import time
from typing import TypedDict

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.glossary import NOTHING, display_month
from core.kpis import MEASURES, REGISTRY
from core.kpis.result import State
from core.services.definitions_view import FIRST, STATES, WITH, WITHOUT, Line, found, lines, result_of
from core.services.home import Month
from pages._app.cached_definitions import definition_lines
from pages._app.tables import row_table
from pages._app.widgets import md

KPIS, MATURITY = "KPIs", "Maturity measures"
PATIENCE = 0.3
"""Seconds the list waits for figures, and after which waiting is explained."""
HEIGHT = 660
"""Most px the list takes."""
SEEN_AT_ONCE = 10
"""Lines that a projector or a small laptop shows without scrolling."""
NARROWED = "def_narrowed"
SEEN, ON_TOP = "def_seen", "def_on_top"
"""The figure that was shown in full last, and the one that was reached by something else than a line of the list."""
LONGEST = 18
"""Letters of a figure that the column of figures has room for beside a state."""


class Filters(TypedDict):
    """What the list is narrowed to; None lets all pass."""

    search: str
    group: str | None
    state: str | None
    owner: str | None
    table: str | None


def chosen() -> str:
    """Id of the figure in the address; the first one where there is none or it is unknown."""
    wanted = st.query_params.get("kpi", "")
    if wanted in REGISTRY or wanted in MEASURES:
        return wanted
    if wanted:
        st.warning(md(f"The address asks for {wanted}, and no figure has that id. Choose one from the list."))
    return FIRST


def first_hit(month: Month | None, measures: bool, filters: Filters, name: str) -> str:
    """Id of the figure that is shown in full: the first of the list where a search or filter has taken it away.

    A link to a figure that the list leaves out still opens it: only narrowing the list moves on.
    """
    is_narrowed = st.session_state.pop(NARROWED, False)
    if ("kpi" in st.query_params and not is_narrowed) or not any(filters.values()):
        return name
    ids = [line.id for line in found(definition_lines(month if filters["state"] else None, measures), **filters)]
    if name in ids or not ids:
        return name
    st.query_params["kpi"] = ids[0]
    return ids[0]


def _narrowed() -> None:
    """Remember that the list was narrowed just now; for callbacks."""
    st.session_state[NARROWED] = True


def open_figure(name: str) -> None:
    """Show another figure in full; for callbacks."""
    st.query_params["kpi"] = name
    st.session_state.pop("def_list", None)


def choose_list(name: str) -> bool:
    """Which of the two lists is shown, at first the one of the figure in the address: True for maturity measures."""
    st.session_state.setdefault("def_list", MATURITY if name in MEASURES else KPIS)
    return bool(st.session_state["def_list"] == MATURITY)


def narrow(measures: bool) -> Filters:
    """Draw search and filters; the address carries them."""
    every = definition_lines(None, measures)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.segmented_control("List", [KPIS, MATURITY], key="def_list", required=True, width="content")
        search = st.text_input(
            "Search", key="find", type="search", placeholder="Word", bind="query-params", on_change=_narrowed
        )
        group = None if measures else _pick("Group", [line.group for line in every], "group", 135)
        state = _pick("State", [WITH, WITHOUT, *STATES.values()], "state", 105)
        owner = _pick("Owner", sorted(line.owner for line in every), "owner", 120)
        table = _pick("Needs", sorted(table for line in every for table in line.needs), "needs", 110)
    return {"search": search, "group": group, "state": state, "owner": owner, "table": table}


def known(month: Month, measures: bool) -> frozenset[str] | None:
    """Ids of the figures, from the top of the list, that are known or quickly computed; None once it is all of them."""
    began, ids = time.monotonic(), set[str]()
    for line in definition_lines(None, measures):
        if time.monotonic() - began > PATIENCE:
            return frozenset(ids)
        result_of(month, line.id)
        ids.add(line.id)
    return None


def compute(month: Month, measures: bool, place: DeltaGenerator) -> None:
    """Compute every figure of the list; where it takes long, a bar tells the time left."""
    every, began, bar = definition_lines(None, measures), time.monotonic(), None
    for at, line in enumerate(every, 1):
        result_of(month, line.id)
        spent = time.monotonic() - began
        if bar is None and spent > PATIENCE:
            bar = place.progress(0.0)
        if bar is not None:
            left = spent / at * (len(every) - at)
            bar.progress(at / len(every), md(f"{line.label}: about {left:.0f} seconds left"))
    if bar is not None:
        bar.empty()


def table(month: Month | None, measures: bool, filters: Filters, name: str, ready: frozenset[str] | None) -> None:
    """The list itself; choosing a line shows its figure in full.

    Args:
        month: The month whose figures stand beside the names.
        measures: Whether the maturity measures are listed, not the KPIs.
        filters: What the list is narrowed to.
        name: Id of the figure that is shown in full.
        ready: Ids of the figures that are known; None for all.
    """
    every = definition_lines(month, measures) if ready is None else lines(month, measures=measures, known=ready)
    rows = found(every, **filters)
    count = f"{len(rows)} of {len(every)}" if len(rows) < len(every) else f"{len(every)}"
    said = "figures follow" if ready is not None else "no data yet"
    if month is not None and ready is None:
        said = f"{sum(line.shown for line in every)} with a figure in {display_month(month.month)}"
    st.markdown(f":small[{md(f'{count} listed · {said}')}]")
    if not rows:
        st.markdown("Nothing matches. Take a word or a filter away.")
        return
    rows = _in_view(rows, name)
    ids = [line.id for line in rows]
    key = f"def_table_{measures}"
    selected = [ids.index(name)] if name in ids else []
    st.session_state[key] = {"selection": {"rows": selected, "columns": [], "cells": []}}

    def remember() -> None:
        picked = st.session_state[key]["selection"]["rows"]
        if picked:
            st.query_params["kpi"] = st.session_state[SEEN] = ids[picked[0]]

    row_table(
        _frame(rows),
        "Definitions",
        key=key,
        on_select=remember,
        most=HEIGHT,
        config={
            "Name": st.column_config.TextColumn("Name", width=237),
            "Figure": st.column_config.TextColumn("Figure", width=97, alignment="right"),
        },
    )


def _in_view(rows: tuple[Line, ...], name: str) -> tuple[Line, ...]:
    """The lines with the figure that a link or a search led to on top where it would stand below what is seen at first.

    The list cannot be told where to begin. A line that is chosen in the list stays where it is.
    """
    if st.session_state.get(SEEN) != name:
        st.session_state[SEEN] = st.session_state[ON_TOP] = name
    at = next((place for place, line in enumerate(rows) if line.id == st.session_state[ON_TOP]), 0)
    return rows if at < SEEN_AT_ONCE else (rows[at], *rows[:at], *rows[at + 1 :])


def _frame(rows: tuple[Line, ...]) -> pd.DataFrame:
    return pd.DataFrame([(line.label, _said(line)) for line in rows], columns=["Name", "Figure"])


def _said(line: Line) -> str:
    """The figure with its state, where that is worth a word; counts that are too long for the column are left out."""
    plain = line.state in (STATES[State.OK], "")
    if line.figure == NOTHING or (line.state == STATES[State.TOO_FEW] and len(line.figure) > LONGEST):
        return line.state
    return line.figure if plain else f"{line.figure}, {line.state}"


def _pick(label: str, options: list[str], key: str, width: int) -> str | None:
    """A filter over the values there are."""
    names = [f"Any {label.lower()}" if label != "Needs" else "Any table", *dict.fromkeys(options)]
    chosen_name = st.selectbox(
        label,
        names,
        key=key,
        bind="query-params",
        on_change=_narrowed,
        width=width,
        format_func=lambda text: text.replace("_", " "),
    )
    return None if chosen_name == names[0] else chosen_name
