"""The round of a matrix and the checklist: who is asked, who has answered, and what there is after the sale."""

import datetime as dt

import streamlit as st

from core.glossary import NOTHING, display_day
from core.services.access import LOCAL_USER
from core.services.clock import local_day, now, today
from core.services.maturity import RATER_ROLES, MaturityView
from core.services.maturity_checklist import ChecklistLine, answer_item, checklist_view
from core.services.maturity_rounds import (
    NEEDED,
    Respondent,
    RoundLine,
    close_round,
    newest_respondents,
    open_round,
    turnout,
)
from pages._app.maturity_rating import SHORT
from pages._app.maturity_saving import attempt, opened_with, outcome, rater_name, who_acts
from pages._app.widgets import md

WEEKS = dt.timedelta(days=14)


def round_panel(view: MaturityView, line: RoundLine | None) -> None:
    """Who is asked, how far everybody is, and until when."""
    if line is None:
        st.markdown("## No round is open for this quarter", anchors=False)
        st.markdown(":small[Anybody may rate without one. A round names who is asked, by role, and until when.]")
        return
    state = f"open until {display_day(line.closes_on)}" if line.is_open else "closed"
    if line.closed_on is not None:
        state += f" on {display_day(line.closed_on)} by {line.closed_by}"
    st.markdown(f"## {md(view.matrix.label)}: the round is {md(state)}", anchors=False)
    st.dataframe(
        [
            {
                "Role": RATER_ROLES.get(item.role, item.role),
                "Respondent": item.name,
                "Rated": f"{item.rated} of {item.of}",
            }
            for item in turnout(line, view.matrix.id, view.quarter)
        ],
        hide_index=True,
        alt="Respondents of the round by role, with how many capabilities each has rated",
    )


def round_forms(view: MaturityView, line: RoundLine | None) -> None:
    """Open a round or change it, and close it."""
    outcome("round")
    label = "Open a round" if line is None else "Change who is asked" if line.is_open else "Open it again"
    with st.expander(label, icon=":material/group_add:", expanded=line is None):
        people = line.respondents if line else newest_respondents(view.matrix.id)
        opened = opened_with("round", f"{view.matrix.id}|{view.quarter}", line.version if line else None)
        with st.form("mat_round", border=False, enter_to_submit=False):
            keys = {role: f"mat_round_{role}_{opened}" for role in (*NEEDED, "other")}
            for role, key in keys.items():
                names = ", ".join(item.name for item in people if item.role == role)
                st.text_input(f"{RATER_ROLES[role]}: names, with commas between", names, key=key)
            days = {name: f"mat_round_{name}_{opened}" for name in ("from", "until")}
            this_day = today()
            first = line.opened_on if line else this_day
            with st.container(horizontal=True):
                st.date_input("From", first, key=days["from"], format="YYYY-MM-DD", width=160)
                goes_on = line is not None and line.is_open and line.closes_on >= this_day
                last = line.closes_on if line is not None and goes_on else this_day + WEEKS
                st.date_input("Until", last, key=days["until"], format="YYYY-MM-DD", width=160)
            who_acts()
            st.form_submit_button(
                label,
                key="mat_round_save",
                disabled=not rater_name(),
                on_click=_open,
                args=(view, keys, days, opened),
            )
    if line is not None and line.is_open:
        st.button(
            "Close the round",
            key="mat_round_close",
            disabled=not rater_name(),
            help="It then takes no more answers and no other agreed levels.",
            on_click=_close,
            args=(view, line, opened),
        )


def _open(view: MaturityView, keys: dict[str, str], days: dict[str, str], opened: str) -> None:
    state = st.session_state

    def save() -> str:
        people = [
            Respondent(name, role)
            for role, key in keys.items()
            for name in str(state.get(key) or "").split(",")
            if name.strip()
        ]
        first, last = state[days["from"]], state[days["until"]]
        version, at = state[opened], now()
        saved = open_round(LOCAL_USER, view.matrix.id, view.quarter, people, first, last, version, at, rater_name())
        state[opened] = saved.version
        return f"The round is open until {display_day(saved.closes_on)}"

    attempt("round", opened, save)


def _close(view: MaturityView, line: RoundLine, opened: str) -> None:
    at = now()

    def save() -> str:
        saved = close_round(LOCAL_USER, view.matrix.id, view.quarter, local_day(at), line.version, at, rater_name())
        st.session_state[opened] = saved.version
        return "The round is closed"

    attempt("round", opened, save)


@st.fragment
def checklist_panel(view: MaturityView) -> None:
    """What there is after the sale, answered line by line; each click is kept at once."""
    found = checklist_view(view.quarter)
    outcome("checklist")
    st.markdown(f"## {md(found.answer)}", anchors=False)
    for text, source in found.context:
        st.markdown(f":small[{md(text)} {md(source)}.]")
    who_acts()
    for group in dict.fromkeys(line.group for line in found.lines):
        st.markdown(f"**{md(group)}**")
        for line in (each for each in found.lines if each.group == group):
            _line(view, line)
    st.markdown(f":small[{md(found.source)}. Answers are counted, never added up to a score.]")


def _line(view: MaturityView, line: ChecklistLine) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        beside = "" if line.beside == NOTHING else f"  \n:small[{md(line.beside)}]"
        flag = " :orange-badge[says more than the agreed level]" if line.ahead else ""
        st.markdown(f"{md(line.text)}{flag}{beside}", width="stretch")
        # named after the version: an answer saved in another window starts the line again from what is saved
        key = f"mat_check_{line.id}_{view.quarter}_{line.version or 0}"
        st.segmented_control(
            line.text,
            list(SHORT),
            default=line.answer or None,
            required=bool(line.answer),
            format_func=SHORT.__getitem__,
            key=key,
            disabled=not rater_name(),
            label_visibility="collapsed",
            width="content",
            on_change=_answer,
            args=(view, line, key),
        )


def _answer(view: MaturityView, line: ChecklistLine, key: str) -> None:
    answer = st.session_state.get(key)
    if answer is None:
        return

    def save() -> str:
        answer_item(LOCAL_USER, view.quarter, line.id, str(answer), line.note, line.version, now(), rater_name())
        return "Kept"

    if attempt("checklist", key, save):
        st.session_state.pop("mat_done", None)
