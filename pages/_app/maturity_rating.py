"""Rating one capability after another: every click is kept at once, nothing is seen by others before it is handed in.

A fragment: a click draws the form alone. Saves run as callbacks, which always finish.
"""

from collections.abc import Mapping

import streamlit as st

from core.errors import CouncilError
from core.services.access import LOCAL_USER
from core.services.clock import now
from core.services.maturity import RATER_ROLES, CapabilityRow, MaturityView, RaterLine, rate
from core.services.maturity_drafts import Draft, drop_draft, level_of_answers, save_draft
from core.services.maturity_rounds import RoundLine
from pages._app.maturity_saving import CHOSEN, LAST_ROLE, attempt, opened_with, outcome, rater_name, rerun_when_done
from pages._app.widgets import md

SHORT = {"no": "No", "some": "Some", "half": "At least half", "most": "Most or all"}


@st.fragment
def rating_form(
    view: MaturityView,
    row: CapabilityRow,
    own: RaterLine | None,
    drafts: Mapping[str, Draft],
    line: RoundLine | None,
) -> None:
    """Every criterion of the capability with one click each, kept as it is clicked, and one button to hand it in."""
    rater, draft = rater_name(), drafts.get(row.capability.id)
    rerun_when_done()
    outcome("rating", lambda: drop_draft(LOCAL_USER, view.quarter, row.capability.id, rater, now()))
    opened = opened_with("rating", f"{view.quarter}|{row.capability.id}|{rater}", own.version if own else None)
    if line is not None and not line.is_open:
        st.markdown(":material/lock: The round is closed and takes no answers; it can be opened again under Round.")
        return
    with st.container(border=True, gap="xsmall"):
        shown = draft.answers if draft else own.answers if own else {}
        standing = st.container()
        role = _role(row.capability.label, opened, draft.role if draft else own.role if own else "", rater, line)
        keys = _criteria(view, row, shown, opened, role, own)
        given = {name: st.session_state[key] for name, key in keys.items() if st.session_state.get(key) is not None}
        standing.markdown(f":small[{md(_standing(row, own, given, rater))}]")
        st.markdown(
            f":small[{len(given)} of {len(keys)} answered, kept as you click. What you leave open counts as no. Others "
            "see your answers only after you handed them in, and they theirs.]"
        )
        _buttons(view, row, own, (given, role, opened), rater)


def _buttons(
    view: MaturityView, row: CapabilityRow, own: RaterLine | None, form: tuple[Mapping[str, str], str, str], rater: str
) -> None:
    """Hand in, and go on while something is left to rate; nothing where all is rated and nothing was changed."""
    given, role, opened = form
    more = next_unrated(view, row, rater) != row.capability.id
    changed = own is None or own.answers != given or own.role != st.session_state.get(role)
    if not more and own is not None:
        st.markdown("**All rated.** :small[You have handed in every capability of this matrix.]")
    if not more and not changed:
        return
    with st.container(horizontal=True):
        for label, key, onward in (("Hand in and next", "mat_save_next", True), ("Hand in", "mat_save", False)):
            if more or not onward:
                st.button(
                    label,
                    key=key,
                    type="primary" if onward or not more else "secondary",
                    disabled=not rater,
                    on_click=_hand_in,
                    args=(view, row, rater, role, opened, onward),
                )


def _criteria(
    view: MaturityView,
    row: CapabilityRow,
    shown: Mapping[str, str],
    opened: str,
    role: str,
    own: RaterLine | None,
) -> dict[str, str]:
    """One line a criterion, level by level; level 1 has signs to recognise and nothing to answer."""
    keys: dict[str, str] = {}
    rater = rater_name()
    for level in row.capability.levels:
        signs = f": {' '.join(level.signs)} Not scored." if level.signs else ""
        st.markdown(f"**{level.level}  {md(level.label)}**{md(signs)}")
        for criterion in level.criteria:
            keys[criterion.id] = key = _answer_key(criterion.id, opened)
            # a row that wraps: a column too narrow for the answers would cut the last of them off
            line = st.container(horizontal=True, vertical_alignment="center", gap="small")
            line.markdown(md(criterion.text), width="stretch")
            line.segmented_control(
                criterion.text,
                list(SHORT),
                default=shown.get(criterion.id),
                format_func=SHORT.__getitem__,
                key=key,
                disabled=not rater,
                label_visibility="collapsed",
                width="content",
                persist_state="session",
                on_change=_keep,
                args=(view, row, rater, role, criterion.id, key, opened, dict(own.answers) if own else {}),
            )
    return keys


def _role(label: str, opened: str, kept: str, rater: str, line: RoundLine | None) -> str:
    key = f"mat_role_{opened}"
    asked = {item.name.casefold(): item.role for item in line.respondents} if line else {}
    start = kept or asked.get(rater.casefold()) or st.session_state.get(LAST_ROLE, "user")
    st.segmented_control(
        f"What you are to {md(label)}",
        list(RATER_ROLES),
        default=start,
        required=True,
        format_func=RATER_ROLES.__getitem__,
        key=key,
        disabled=not rater,
        persist_state="session",
    )
    return key


def _standing(row: CapabilityRow, own: RaterLine | None, given: Mapping[str, str], rater: str) -> str:
    if not rater:
        return "Type your name at the head of the screen to start; it is kept while this window is open."
    others = row.rater_count - (own is not None)
    count = "Nobody else has rated" if others == 0 else f"{others} other{'s' if others > 1 else ''} rated"
    if own is not None and own.answers == given:
        return f"Your answers reach level {own.level}. {count} it."
    if given:
        level = level_of_answers(row.capability.id, given)
        before = "" if own is None else f"; those handed in reach {own.level}"
        kept = f"You have {len(given)} answers that are not handed in. They reach level {level}{before}."
        return f"{kept} {count} {row.capability.label}."
    return f"{count} {row.capability.label}. Their levels open once you have handed in yours."


def _keep(
    view: MaturityView,
    row: CapabilityRow,
    rater: str,
    role: str,
    criterion: str,
    key: str,
    opened: str,
    start: dict[str, str],
) -> None:
    """Keep one click."""
    state, capability = st.session_state, row.capability.id
    given, at = {criterion: state.get(key)}, now()
    try:
        save_draft(LOCAL_USER, view.quarter, capability, rater, state.get(role) or "", given, at, start)
    except CouncilError as problem:
        state["mat_problem_rating"] = (problem, opened)


def _hand_in(view: MaturityView, row: CapabilityRow, rater: str, role: str, opened: str, onward: bool) -> None:
    state, capability = st.session_state, row.capability
    keys = {criterion.id: _answer_key(criterion.id, opened) for criterion in capability.criteria}
    answers = {name: state[key] for name, key in keys.items() if state.get(key) is not None}

    def save() -> str:
        chosen = state.get(role) or ""
        saved = rate(LOCAL_USER, view.quarter, capability.id, rater, chosen, answers, state[opened], now())
        state[opened], state[LAST_ROLE] = saved.version, "user" if saved.role == "owner" else saved.role
        return f"{capability.label}: your answers reach level {saved.level}"

    if attempt("rating", opened, save) and onward:
        state[CHOSEN] = next_unrated(view, row, rater)


def next_unrated(view: MaturityView, row: CapabilityRow, rater: str) -> str:
    """The following capability this rater has not rated, round to the start; the same one when all are done."""
    names = [item.capability.id for item in view.rows]
    place = names.index(row.capability.id)
    rated = {item.capability.id for item in view.rows if own_line(item, rater)}
    return next((name for name in names[place + 1 :] + names[:place] if name not in rated), row.capability.id)


def own_line(row: CapabilityRow, rater: str) -> RaterLine | None:
    """The rater's own answers on a capability; None before they handed in any."""
    wanted = " ".join(rater.split()).casefold()
    return next((line for line in row.raters if line.rater.casefold() == wanted), None)


def _answer_key(criterion: str, opened: str) -> str:
    return f"mat_answer_{criterion}_{opened}"
