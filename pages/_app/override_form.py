"""A score set by hand: what holds now, setting it with reason and last day, ending it. Saves run as callbacks."""

import datetime as dt
from uuid import uuid4

import streamlit as st

from core.errors import CouncilError
from core.services.access import LOCAL_USER
from core.services.clock import now, today
from core.services.home import Month
from core.services.score_overrides import (
    REASON_LENGTH,
    OverrideLine,
    end_override,
    longest_until,
    overrides_of,
    set_override,
)
from pages._app.texts import text_line
from pages._app.widgets import md, problem_banner


def override_form(month: Month, contact_id: str) -> None:
    """Both scores of a person that can be set by hand; it never lifts a hard stop."""
    if problem := st.session_state.pop("ovr_problem", None):
        problem_banner(problem)
    lines = {line.score: line for line in overrides_of(month, contact_id)}
    if not lines:
        return
    which = st.segmented_control(
        "Score", list(lines), default="readiness", required=True, key=f"ovr_score_{contact_id}",
        format_func=str.capitalize,
    )  # fmt: skip
    line = lines[which]
    if line.words:
        st.markdown(f":material/pan_tool: {md(line.words)}")
    _form(month, contact_id, line)


def _form(month: Month, contact_id: str, line: OverrideLine) -> None:
    fields = f"ovr_{contact_id}_{line.score}_{line.override_id}"
    st.session_state.setdefault(f"{fields}_token", uuid4().hex)
    this_day = today()
    last = longest_until(this_day)
    start = line.value if line.value is not None else line.computed
    with st.form(fields, border=False, enter_to_submit=False):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            st.number_input("Score", 0, 100, round(start or 0), key=f"{fields}_value", width=120)
            tomorrow = this_day + dt.timedelta(days=1)
            st.date_input(
                "Until", last, min_value=tomorrow, max_value=last, format="YYYY-MM-DD", key=f"{fields}_until", width=150
            )
        text_line("Why", key=f"{fields}_why", limit=REASON_LENGTH)
        with st.container(horizontal=True, gap="small"):
            st.form_submit_button("Set by hand", type="primary", on_click=_set, args=(month, contact_id, line, fields))
            if line.override_id is not None:
                st.form_submit_button("End it", on_click=_end, args=(line, fields))
    st.markdown(":small[A score set by hand changes who is proposed; a hard stop stays. It ends by itself.]")


def _set(month: Month, contact_id: str, line: OverrideLine, fields: str) -> None:
    state = st.session_state
    try:
        set_override(
            LOCAL_USER, month, contact_id, line.score, float(state[f"{fields}_value"]), state[f"{fields}_why"],
            state[f"{fields}_until"], line.version, state[f"{fields}_token"], now(),
        )  # fmt: skip
    except CouncilError as problem:
        state["ovr_problem"] = problem
        return
    state["adv_done"] = f"{line.score.capitalize()} set by hand"


def _end(line: OverrideLine, fields: str) -> None:
    if line.override_id is None or line.version is None:
        return
    try:
        end_override(LOCAL_USER, line.override_id, st.session_state[f"{fields}_why"], line.version, now())
    except CouncilError as problem:
        st.session_state["ovr_problem"] = problem
        return
    st.session_state["adv_done"] = "The computed score holds again"
