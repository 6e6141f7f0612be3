"""The target of a figure: its history, and setting it. A save runs as a callback, so it always finishes; the same save
twice changes nothing, since a figure has one target a month and segment.
"""

import datetime as dt
from dataclasses import dataclass
from hashlib import sha256

import streamlit as st

from core.errors import CouncilError, RuleBroken, StaleRecord
from core.glossary import display_month
from core.services.access import LOCAL_USER
from core.services.clock import now
from core.services.definitions_view import Entry, target_words
from core.services.overview import segments
from core.services.targets import NAME_LENGTH, TEXT_LENGTH, Targets, set_target, standing_words
from core.stats.months import shift_month
from pages._app.cached import Company
from pages._app.texts import text_line
from pages._app.widgets import md, problem_banner

WHOLE = "Whole company"
AHEAD = 13
"""Months on offer, from the last complete one on."""
UNITS = {"ratio": "%", "pp": "percentage points", "money": "", "days": "days", "months": "months", "count": "number"}
DONE = "def_done"
"""Where a session keeps what its last save did, until a run ends that no other follows at once."""
PROBLEM = "def_problem"
"""Where a session keeps why its last save was refused, beside the fields it was refused for."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The target a form was opened for.

    Attributes:
        kpi: The figure.
        segment: Segment; None for the whole company.
        month: First month it is to hold for.
        scale: What one unit of the figure is in the form: 100 for per cent.
        fields: Start of the keys of the form's fields, and key of the version it was opened with.
        newest: Last complete month.
        currency: Reporting currency.
    """

    kpi: str
    segment: str | None
    month: dt.date
    scale: int
    fields: str
    newest: dt.date
    currency: str


def target_tab(entry: Entry, company: Company | None, targets: Targets) -> None:
    """What the figure is to reach: the lines set so far, newest first, and the form to set one."""
    item = entry.definition.item
    _told()
    every = [line for line in targets.lines if line.kpi == item.id and line.segment]
    history = [*targets.history(item.id), *every]
    for line in reversed(history):
        st.markdown(f"- {md(target_words(item, line))}")
    if not history:
        st.markdown("No target is set. A target is the council's own; what others publish is none.")
    st.markdown(f":small[{md(standing_words())}]")
    if company is None:
        st.markdown(":small[Import data first: a target is set against figures.]")
        return
    _form(entry, company, targets)


def _form(entry: Entry, company: Company, targets: Targets) -> None:
    item, newest = entry.definition.item, company.months[0]
    currency = company.load(newest).currency
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        months = [shift_month(newest, ahead) for ahead in range(AHEAD)]
        month = st.selectbox("Holds from", months, format_func=display_month, key="def_month", width=170)
        names = [WHOLE, *(segments(company.load(newest)) if item.by_segment else ())]
        place = st.selectbox("For", names, key=f"def_for_{item.by_segment}", width=190)
    segment = None if place == WHOLE else place
    line = targets.line(item.id, month, segment)
    same = next((each for each in targets.history(item.id, segment) if each.month_from == month), None)
    fields = _opened(f"{item.id}|{month}|{segment}", same.version if same else None)
    _refusal(fields)
    scale = 100 if item.unit in ("ratio", "pp") else 1
    with st.form("def_target", border=False, enter_to_submit=False):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            unit = UNITS.get(item.unit, "") or currency
            value = None if line is None or line.value is None else round(line.value * scale, 6)
            st.number_input(f"Target, {md(unit)}", value=value, key=f"{fields}_value", width=170, format="%.10g")
            text_line("Owner", line.owner if line else item.text.owner, key=f"{fields}_owner", limit=NAME_LENGTH)
        text_line("Reason", key=f"{fields}_reason", limit=TEXT_LENGTH)
        about = Opened(item.id, segment, month, scale, fields, newest, currency)
        with st.container(horizontal=True, gap="small"):
            st.form_submit_button("Set target", key="def_set", type="primary", on_click=_save, args=(about, False))
            if line is not None:
                st.form_submit_button("Take it back", key="def_take_back", on_click=_save, args=(about, True))
    st.markdown(":small[Finance, approvers and admins may set targets. Months that are over are not judged anew.]")


def _save(about: Opened, take_back: bool) -> None:
    state = st.session_state
    state.pop(PROBLEM, None)
    entered = state.get(f"{about.fields}_value")
    owner, reason = (str(state.get(f"{about.fields}_{name}") or "") for name in ("owner", "reason"))
    try:
        if entered is None and not take_back:
            raise RuleBroken("The target was not set: the figure is missing.")
        value = None if take_back or entered is None else entered / about.scale
        saved = set_target(
            LOCAL_USER, about.kpi, about.segment, about.month, value, owner, reason, state[about.fields], now(),
            newest=about.newest, currency=about.currency,
        )  # fmt: skip
    except CouncilError as problem:
        state[PROBLEM] = (problem, about.fields)
        return
    state[about.fields] = saved.version
    state[DONE] = (f"Target saved, from {display_month(about.month)} on", about.fields)


def _told() -> None:
    """Say what the last save did, as long as its form stands there: whoever was elsewhere meanwhile has been told."""
    done = st.session_state.get(DONE)
    if done is None:
        return
    words, of = done
    if f"{of}_value" not in st.session_state:
        del st.session_state[DONE]
        return
    st.toast(md(words), icon=":material/check:")


def _refusal(fields: str) -> None:
    """Why the last save was refused, as long as its form stands there; a stale one offers to start again from what is
    saved. Kept over runs: another may follow the one that draws it at once.
    """
    refused = st.session_state.get(PROBLEM)
    if refused is None:
        return
    problem, of = refused
    if of != fields or f"{fields}_value" not in st.session_state:
        del st.session_state[PROBLEM]
        return
    problem_banner(problem)
    if isinstance(problem, StaleRecord):
        st.button("Load what is saved now", key="def_load", on_click=_forget, args=(fields,))


def _forget(fields: str) -> None:
    for key in (fields, PROBLEM):
        st.session_state.pop(key, None)
    st.session_state["def_again"] = st.session_state.get("def_again", 0) + 1


def _opened(of: str, version: int | None) -> str:
    """Key of the version the form was opened with; its fields are named after it."""
    again = st.session_state.get("def_again", 0)
    key = f"def_target_{sha256(f'{of}|{again}'.encode()).hexdigest()[:10]}"
    st.session_state.setdefault(key, version)
    return key
