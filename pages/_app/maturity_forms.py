"""Rating a capability, agreeing on its level and setting its target. Saves run as callbacks: they always finish, and
the same save twice changes nothing, since a rater, an agreement and a target each have one row.
"""

import datetime as dt
from collections.abc import Callable
from hashlib import sha256

import streamlit as st

from core.errors import CouncilError, StaleRecord
from core.glossary import display_month
from core.services.access import LOCAL_USER
from core.services.clock import now
from core.services.maturity import (
    RATER_ROLES,
    CapabilityRow,
    MaturityView,
    RaterLine,
    agree,
    due_months,
    rate,
    set_target,
)
from pages._app.widgets import md, problem_banner

SHORT = {"no": "No", "some": "Some", "half": "At least half", "most": "Most or all"}
CHOSEN, RATER, LAST_ROLE = "capability", "mat_rater", "mat_last_role"


def rating_tab(view: MaturityView, row: CapabilityRow, own: RaterLine | None) -> None:
    """Who rates, then every criterion of the capability with one click each, and one save for all."""
    rater = str(st.session_state.get(RATER) or "").strip()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.text_input("Your name", key=RATER, persist_state="session", max_chars=80, width=260)
        st.markdown(f":small[{md(_standing(row, own, rater))}]")
    _outcome("rating")
    opened = _opened("rating", f"{view.quarter}|{row.capability.id}|{rater}", own.version if own else None)
    with st.form("mat_rating", border=True, enter_to_submit=False), st.container(gap="xsmall"):
        role = _role(row.capability.label, opened, own, rater)
        _criteria(row, own, opened, rater)
        st.markdown(":small[What you leave open counts as no. Others see your answers only after they saved theirs.]")
        with st.container(horizontal=True):
            for label, key, onward in (("Save and next", "mat_save_next", True), ("Save", "mat_save", False)):
                st.form_submit_button(
                    label,
                    key=key,
                    type="primary" if onward else "secondary",
                    disabled=not rater,
                    on_click=_save_rating,
                    args=(view, row, rater, role, opened, onward),
                )


def agree_form(view: MaturityView, row: CapabilityRow) -> None:
    """The level the group agrees on, with its reason."""
    _outcome("agree")
    now_agreed = row.agreed
    opened = _opened("agree", f"{view.quarter}|{row.capability.id}", now_agreed.version if now_agreed else None)
    with st.form("mat_agree", border=False, enter_to_submit=False):
        start = now_agreed.level if now_agreed else row.claimed
        level = _level("Agreed level", f"mat_agree_level_{opened}", start, view)
        reason = f"mat_agree_reason_{opened}"
        st.text_input("Reason", now_agreed.reason if now_agreed else "", key=reason, max_chars=400)
        st.form_submit_button(
            "Agree", key="mat_agree_save", on_click=_save_agreed, args=(view, row, level, reason, opened)
        )


def target_form(view: MaturityView, row: CapabilityRow) -> None:
    """The level to reach, by when, who answers for it, and why."""
    _outcome("target")
    target = row.target
    opened = _opened("target", f"{view.quarter}|{row.capability.id}", target.version if target else None)
    months = due_months(view.quarter)
    if target and target.due not in months:
        months = (target.due, *months)
    with st.form("mat_target", border=False, enter_to_submit=False):
        start = target.level if target else min((row.claimed or 1) + 1, 5)
        fields = {"level": _level("Target level", f"mat_target_level_{opened}", start, view)}
        fields |= {name: f"mat_target_{name}_{opened}" for name in ("due", "owner", "reason")}
        with st.container(horizontal=True):
            place = months.index(target.due) if target else min(1, len(months) - 1)
            st.selectbox("By the end of", months, place, display_month, key=fields["due"], width=180)
            st.text_input("Owner", target.owner if target else "", key=fields["owner"], max_chars=80)
        st.text_input("Reason", target.reason if target else "", key=fields["reason"], max_chars=400)
        st.form_submit_button(
            "Set target", key="mat_target_save", on_click=_save_target, args=(view, row, fields, opened)
        )


def _criteria(row: CapabilityRow, own: RaterLine | None, opened: str, rater: str) -> None:
    """One line a criterion, level by level; level 1 has signs to recognise and nothing to answer."""
    for level in row.capability.levels:
        signs = f": {' '.join(level.signs)} Not scored." if level.signs else ""
        st.markdown(f"**{level.level}  {md(level.label)}**{md(signs)}")
        for criterion in level.criteria:
            # a row that wraps: a column too narrow for the answers would cut the last of them off
            line = st.container(horizontal=True, vertical_alignment="center", gap="small")
            line.markdown(md(criterion.text), width="stretch")
            line.segmented_control(
                criterion.text,
                list(SHORT),
                default=own.answers.get(criterion.id) if own else None,
                format_func=SHORT.__getitem__,
                key=_answer_key(criterion.id, opened),
                disabled=not rater,
                label_visibility="collapsed",
                width="content",
                persist_state="session",
            )


def _role(label: str, opened: str, own: RaterLine | None, rater: str) -> str:
    key = f"mat_role_{opened}"
    st.segmented_control(
        f"What you are to {md(label)}",
        list(RATER_ROLES),
        default=own.role if own else st.session_state.get(LAST_ROLE, "user"),
        required=True,
        format_func=RATER_ROLES.__getitem__,
        key=key,
        disabled=not rater,
        persist_state="session",
    )
    return key


def _level(label: str, key: str, start: int | None, view: MaturityView) -> str:
    words = {item.level: f"{item.level} {item.label}" for item in view.scale}
    st.segmented_control(label, list(words), default=start, format_func=words.__getitem__, key=key)
    return key


def _standing(row: CapabilityRow, own: RaterLine | None, rater: str) -> str:
    if not rater:
        return "Type your name to start; it is kept while this window is open."
    others = row.rater_count - (own is not None)
    count = "Nobody else has rated" if others == 0 else f"{others} other{'s' if others > 1 else ''} rated"
    if own is None:
        return f"{count} {row.capability.label}. Their levels open once you have saved yours."
    return f"Your answers reach level {own.level}. {count} it."


def _save_rating(view: MaturityView, row: CapabilityRow, rater: str, role: str, opened: str, onward: bool) -> None:
    state, capability = st.session_state, row.capability
    keys = {criterion.id: _answer_key(criterion.id, opened) for criterion in capability.criteria}
    answers = {name: state[key] for name, key in keys.items() if state.get(key) is not None}

    def save() -> str:
        chosen = state.get(role) or ""
        saved = rate(LOCAL_USER, view.quarter, capability.id, rater, chosen, answers, state[opened], now())
        state[opened], state[LAST_ROLE] = saved.version, "user" if saved.role == "owner" else saved.role
        return f"{capability.label}: your answers reach level {saved.level}"

    if _attempt("rating", opened, save) and onward:
        state[CHOSEN] = next_unrated(view, row, rater)


def next_unrated(view: MaturityView, row: CapabilityRow, rater: str) -> str:
    """The following capability this rater has not rated, round to the start; the same one when all are done."""
    names = [item.capability.id for item in view.rows]
    place = names.index(row.capability.id)
    rated = {item.capability.id for item in view.rows if own_line(item, rater)}
    return next((name for name in names[place + 1 :] + names[:place] if name not in rated), row.capability.id)


def own_line(row: CapabilityRow, rater: str) -> RaterLine | None:
    """The rater's own answers on a capability; None before they saved any."""
    wanted = " ".join(rater.split()).casefold()
    return next((line for line in row.raters if line.rater.casefold() == wanted), None)


def _save_agreed(view: MaturityView, row: CapabilityRow, level: str, reason: str, opened: str) -> None:
    state = st.session_state

    def save() -> str:
        number, why = state.get(level) or 0, state.get(reason) or ""
        name = str(state.get(RATER) or "")
        saved = agree(LOCAL_USER, view.quarter, row.capability.id, number, why, state[opened], now(), name)
        state[opened] = saved.version
        return f"{row.capability.label}: level {saved.level} agreed"

    _attempt("agree", opened, save)


def _save_target(view: MaturityView, row: CapabilityRow, fields: dict[str, str], opened: str) -> None:
    state = st.session_state

    def save() -> str:
        level, due = state.get(fields["level"]) or 0, state.get(fields["due"]) or dt.date.min
        owner, reason = state.get(fields["owner"]) or "", state.get(fields["reason"]) or ""
        name = row.capability.id
        saved = set_target(
            LOCAL_USER, view.quarter, name, level, due, owner, reason, state[opened], now(), row.reported
        )
        state[opened] = saved.version
        return f"{row.capability.label}: level {saved.level} by {display_month(saved.due)}"

    _attempt("target", opened, save)


def _attempt(form: str, opened: str, save: Callable[[], str]) -> bool:
    """Run a save; a refusal is kept for `_outcome` and leaves every field as it is."""
    try:
        st.session_state["mat_done"] = save()
    except CouncilError as problem:
        st.session_state[f"mat_problem_{form}"] = (problem, opened)
        return False
    return True


def _outcome(form: str) -> None:
    """What became of the last save of a form: nothing to say, or why it was refused."""
    refused = st.session_state.pop(f"mat_problem_{form}", None)
    if refused is None:
        return
    problem, opened = refused
    problem_banner(problem)
    if isinstance(problem, StaleRecord):
        st.button("Load what is saved now", key=f"mat_load_{form}", on_click=_forget, args=(form, opened))


def _forget(form: str, opened: str) -> None:
    """Let a form start again from what is saved."""
    st.session_state.pop(opened, None)
    st.session_state[f"mat_again_{form}"] = st.session_state.get(f"mat_again_{form}", 0) + 1


def _opened(form: str, of: str, version: int | None) -> str:
    """Key of the version a form was opened with; the form's fields are named after it."""
    again = st.session_state.get(f"mat_again_{form}", 0)
    key = f"mat_{form}_{sha256(f'{of}|{again}'.encode()).hexdigest()[:10]}"
    st.session_state.setdefault(key, version)
    return key


def _answer_key(criterion: str, opened: str) -> str:
    return f"mat_answer_{criterion}_{opened}"
