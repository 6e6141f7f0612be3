"""Agreeing on a level, a second person's word on it, what does not apply, and the target. Saves run as callbacks: they
always finish, and the same save twice changes nothing, since each of them has one row a capability.
"""

import datetime as dt

import streamlit as st

from core.glossary import display_month
from core.month import Month
from core.services.access import LOCAL_USER
from core.services.clock import local_day, now
from core.services.maturity import CapabilityRow, MaturityView, agree, due_months, set_target
from core.services.maturity_checks import set_not_applicable, validate_level
from core.services.maturity_rounds import RoundLine
from core.services.maturity_saving import NAME_LENGTH, TEXT_LENGTH
from pages._app.maturity_saving import attempt, opened_with, outcome, rater_name, who_acts
from pages._app.texts import text_line
from pages._app.widgets import md

ACCEPTED, BACK = "Accept it", "Send it back"


def agree_form(view: MaturityView, row: CapabilityRow, month: Month | None, line: RoundLine | None) -> None:
    """The level the group agrees on, with its reason."""
    outcome("agree")
    now_agreed = row.agreed
    opened = opened_with("agree", f"{view.quarter}|{row.capability.id}", now_agreed.version if now_agreed else None)
    with st.form("mat_agree", border=False, enter_to_submit=False):
        start = now_agreed.level if now_agreed else row.claimed
        level = _level("Agreed level", f"mat_agree_level_{opened}", start, view)
        reason = f"mat_agree_reason_{opened}"
        text_line("Reason", now_agreed.reason if now_agreed else "", key=reason, limit=TEXT_LENGTH)
        closed = line is not None and not line.is_open
        if closed:
            st.markdown(":small[The round is closed and takes no level; it can be opened again under Round.]")
        else:
            who_acts()
        st.form_submit_button(
            "Agree",
            key="mat_agree_save",
            disabled=closed or not rater_name(),
            on_click=_save_agreed,
            args=(view, row, month, level, reason, opened),
        )


def validation_form(view: MaturityView, row: CapabilityRow) -> None:
    """A second person's word on the agreed level; whoever rated or agreed cannot give it."""
    outcome("validate")
    if row.agreed is None:
        st.markdown(":small[There is nothing to validate before a level is agreed.]")
        return
    word = row.validation
    st.markdown(f":small[{md(f'Level {row.agreed.level}: {row.validation_words}')}]")
    if word is not None and word.note:
        st.markdown(f":small[{md(word.note)}]")
    opened = opened_with("validate", f"{view.quarter}|{row.capability.id}", word.version if word else None)
    with st.form("mat_validate", border=False, enter_to_submit=False):
        choice, note = f"mat_validate_word_{opened}", f"mat_validate_note_{opened}"
        st.segmented_control("Your word", (ACCEPTED, BACK), default=ACCEPTED, required=True, key=choice)
        text_line("What you looked at", key=note, limit=TEXT_LENGTH)
        who_acts()
        st.form_submit_button(
            "Save your word",
            key="mat_validate_save",
            disabled=not rater_name(),
            on_click=_save_word,
            args=(view, row, choice, note, opened),
        )


def exempt_form(view: MaturityView, row: CapabilityRow) -> None:
    """Say that a capability does not apply, or does after all."""
    outcome("exempt")
    line = row.exempt
    opened = opened_with("exempt", f"{view.quarter}|{row.capability.id}", line.version if line else None)
    with st.form("mat_exempt", border=False, enter_to_submit=False):
        st.markdown(
            ":small[Very rarely true: not having a capability is no reason. It keeps its row, counts as 1 and has "
            "target 1.]"
        )
        reason = f"mat_exempt_reason_{opened}"
        text_line("Reason", line.reason if line and line.active else "", key=reason, limit=TEXT_LENGTH)
        label = "It does not apply" if row.applies else "It applies after all"
        st.form_submit_button(
            label, key="mat_exempt_save", on_click=_save_exempt, args=(view, row, row.applies, reason, opened)
        )


def target_form(view: MaturityView, row: CapabilityRow) -> None:
    """The level to reach, by when, who answers for it, and why."""
    outcome("target")
    target = row.target
    opened = opened_with("target", f"{view.quarter}|{row.capability.id}", target.version if target else None)
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
            text_line("Owner", target.owner if target else "", key=fields["owner"], limit=NAME_LENGTH)
        text_line("Reason", target.reason if target else "", key=fields["reason"], limit=TEXT_LENGTH)
        st.form_submit_button(
            "Set target", key="mat_target_save", on_click=_save_target, args=(view, row, fields, opened)
        )


def _level(label: str, key: str, start: int | None, view: MaturityView) -> str:
    words = {item.level: f"{item.level} {item.label}" for item in view.scale}
    st.segmented_control(label, list(words), default=start, format_func=words.__getitem__, key=key)
    return key


def _save_agreed(
    view: MaturityView, row: CapabilityRow, month: Month | None, level: str, reason: str, opened: str
) -> None:
    state = st.session_state

    def save() -> str:
        number, why = state.get(level) or 0, state.get(reason) or ""
        name = rater_name()
        saved = agree(LOCAL_USER, view.quarter, row.capability.id, number, why, state[opened], now(), name, month)
        state[opened] = saved.version
        return f"{row.capability.label}: level {saved.level} agreed"

    attempt("agree", opened, save)


def _save_word(view: MaturityView, row: CapabilityRow, choice: str, note: str, opened: str) -> None:
    state, at = st.session_state, now()

    def save() -> str:
        accepted, said = state.get(choice) == ACCEPTED, state.get(note) or ""
        name = row.capability.id
        saved = validate_level(
            LOCAL_USER, view.quarter, name, accepted, said, state[opened], local_day(at), at, rater_name()
        )
        state[opened] = saved.version
        return f"{row.capability.label}: level {saved.level} {'accepted' if saved.accepted else 'sent back'}"

    attempt("validate", opened, save)


def _save_exempt(view: MaturityView, row: CapabilityRow, active: bool, reason: str, opened: str) -> None:
    state = st.session_state

    def save() -> str:
        why, name = state.get(reason) or "", row.capability.id
        saved = set_not_applicable(LOCAL_USER, view.quarter, name, active, why, state[opened], now(), rater_name())
        state[opened] = saved.version
        return f"{row.capability.label} {'does not apply' if saved.active else 'applies'}"

    attempt("exempt", opened, save)


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

    attempt("target", opened, save)
