"""What a person permits and likes, editable where it is read; a check that is lacking is settled on the spot."""

from __future__ import annotations

import datetime as dt
from typing import get_args

import streamlit as st

from core.glossary import display_day
from core.services.access import LOCAL_USER
from core.services.clock import now, today
from core.services.home import Month
from core.services.permissions import (
    NOTE_LENGTH,
    OUTCOME_LENGTH,
    STANCE_WORDS,
    VALUE_WORDS,
    ConsentLine,
    InterestLine,
    Status,
    save_consent,
    save_interest,
    verify_outcome,
)
from core.services.profile import GuardLine, Profile
from pages._app.acting import act, token_of
from pages._app.cached_advocates import permissions_of
from pages._app.texts import text_block, text_line
from pages._app.widgets import md

HOW = ("by phone", "by e-mail", "in a meeting", "in writing")
STATUSES: tuple[Status, ...] = get_args(Status)


def settle(month: Month, person: Profile, guard: GuardLine) -> None:
    """The form that settles a guardrail on the spot, where a word of the person does; nothing else."""
    if guard.use is not None:
        with st.popover("Record consent", type="tertiary", key=f"adv_settle_{guard.guard}_{person.contact_id}"):
            held = next(line for line in permissions_of(month, person.contact_id).consents if line.use == guard.use)
            _consent_form(person, held, f"settle_{guard.guard}")
    elif guard.wants_outcome:
        with st.popover("Record an outcome", type="tertiary", key=f"adv_settle_{guard.guard}_{person.contact_id}"):
            _outcome_form(month, person)


def _consent_form(person: Profile, held: ConsentLine, place: str) -> None:
    key = f"adv_{place}_{person.contact_id}_{held.use}"
    this_day = today()
    with st.form(key, border=False):
        st.markdown(f"**{md(held.label)}** · {md(person.name)}")
        st.selectbox("Said", STATUSES, key=f"{key}_status")
        st.selectbox("Asked", HOW, key=f"{key}_how")
        st.date_input(
            "Holds until",
            None,
            min_value=this_day,
            format="YYYY-MM-DD",
            key=f"{key}_until",
            help="Leave empty for no end.",
        )
        st.form_submit_button("Save", on_click=_save_consent, args=(person, held, key))


def _save_consent(person: Profile, held: ConsentLine, key: str) -> None:
    status, how, until = (st.session_state[f"{key}_{name}"] for name in ("status", "how", "until"))
    act(
        f"{held.label}: {status}, for {person.name}",
        lambda: save_consent(
            LOCAL_USER,
            person.contact_id,
            held.use,
            status,
            until if status == "granted" else None,
            how,
            held.version,
            now(),
        ),
        about=person.contact_id,
    )


def _outcome_form(month: Month, person: Profile) -> None:
    key, this_day = f"adv_outcome_{person.contact_id}", today()
    token = token_of(key)
    with st.form(key, border=False):
        text_block("What did the customer achieve?", key=f"{key}_said", limit=OUTCOME_LENGTH)
        st.date_input("Confirmed on", this_day, max_value=this_day, format="YYYY-MM-DD", key=f"{key}_day")
        st.form_submit_button("Save", on_click=_save_outcome, args=(month, person, key, token))


def _save_outcome(month: Month, person: Profile, key: str, token: str) -> None:
    said, day = st.session_state[f"{key}_said"], st.session_state[f"{key}_day"]
    if day is None:
        st.session_state["adv_problem"] = "Nothing was saved: give the day it was confirmed."
        return
    act(
        f"An outcome of {person.name} is recorded",
        lambda: verify_outcome(LOCAL_USER, month, person.contact_id, said, day, token, now()),
        about=person.contact_id,
        form=key,
    )


def permissions_panel(month: Month, person: Profile) -> None:
    """Consent per use and stance per activity, each with the form that changes it."""
    held, this_day = permissions_of(month, person.contact_id), today()
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("### Permissions", anchors=False)
        for line in held.consents:
            _permission(person, line, this_day)
    with right:
        st.markdown("### Interests", anchors=False)
        for stance in held.interests:
            _interest(person, stance)


def _permission(person: Profile, line: ConsentLine, today: dt.date) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        by = f" · {line.author}, {display_day(line.granted_on)}" if line.granted_on else ""
        words = line.words(today)
        mark = ":material/check_circle:" if words.startswith("granted") else ":material/remove_circle:"
        st.markdown(f":small[{mark} **{md(line.label)}** · {md(words + by)}]", width="stretch")
        with st.popover("Change", type="tertiary", key=f"adv_consent_{line.use}_{person.contact_id}"):
            _consent_form(person, line, "consent")


def _interest(person: Profile, line: InterestLine) -> None:
    key = f"adv_interest_{line.activity}_{person.contact_id}"
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        stands = STANCE_WORDS[line.stance] if line.stance else "not stated"
        values = f" · values {VALUE_WORDS[line.values]}" if line.values != "none" else ""
        note = f" · {line.note}" if line.note else ""
        st.markdown(f":small[**{md(line.label)}** · {md(stands + values + note)}]", width="stretch")
        with st.popover("Change", type="tertiary", key=f"{key}_open"), st.form(key, border=False):
            stances, worth = list(STANCE_WORDS), list(VALUE_WORDS)
            st.selectbox(
                line.label,
                stances,
                stances.index(line.stance) if line.stance else 1,
                format_func=STANCE_WORDS.__getitem__,
                key=f"{key}_stance",
            )
            st.selectbox(
                "Values", worth, worth.index(line.values), format_func=VALUE_WORDS.__getitem__, key=f"{key}_values"
            )
            text_line("Note", line.note, limit=NOTE_LENGTH, key=f"{key}_note")
            st.form_submit_button("Save", on_click=_save_interest, args=(person, line, key))


def _save_interest(person: Profile, line: InterestLine, key: str) -> None:
    stance, values, note = (st.session_state[f"{key}_{name}"] for name in ("stance", "values", "note"))
    act(
        f"{line.label}: saved what {person.name} said",
        lambda: save_interest(LOCAL_USER, person.contact_id, line.activity, stance, values, note, line.version, now()),
        about=person.contact_id,
    )
