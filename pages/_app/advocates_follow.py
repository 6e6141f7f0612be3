"""What follows an ask that was sent, noted on the spot: the answer, done, used, thanked, told what came of it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.services.access import LOCAL_USER
from core.services.ask_lines import AskLine
from core.services.clock import now, today
from core.services.follow_up import STEPS, Response, Step, mark_step, record_response, take_back_answer
from core.services.home import Month
from core.services.profile import Profile
from pages._app.acting import act, behind
from pages._app.cached_advocates import story_of
from pages._app.people import THANK, Choice
from pages._app.widgets import md

BUTTONS: dict[Step, str] = {
    "completed_on": "Done",
    "used_on": "Used",
    "thanked_on": "Thanked",
    "told_outcome_on": "Told",
}
ANSWERS: dict[Response, str] = {"yes": "Yes", "no": "No", "later": "Later"}
BACK: dict[Response, str] = {"no": "No after all", "later": "Later after all"}
"""What may become of a yes: while it stands, the person is asked for nothing else."""
BACK_HELP: dict[Response, str] = {
    "no": "Counts as a No: the person rests as after every No and is not asked for this again.",
    "later": "The promise no longer holds the next ask; what was asked stays on record.",
}
OVER_HELP = "The time of this ask is over: nothing is expected of it any more. What came later can still be noted."


def follow_up(month: Month, person: Profile, choice: Choice) -> None:
    """The ask of the chosen row, and what can be noted of it now."""
    lines = story_of(month, person.contact_id).asks
    line = next((line for line in lines if line.ask_id == choice.ask_id), None)
    if line is None:
        st.markdown(":small[This ask is no longer open.]")
        return
    first: Step = "thanked_on" if choice.which == THANK else "told_outcome_on"
    st.markdown(f"**{md(line.label)}** · {md(line.words)}")
    note_buttons(person, line, primary=first)


def note_buttons(person: Profile, line: AskLine, primary: Step | None = None) -> None:
    """Buttons for the answer and for each step that comes next, and the day they happened on.

    An ask nothing is expected of any more has them behind one, to correct it.
    """
    key, this_day = f"adv_note_{line.ask_id}", today()
    if line.noted_on == this_day:
        _take_back(person, line, key)
    if line.is_over:
        draw = partial(_buttons, person, line, primary, key)
        behind("Correct", f"{key}_correct", draw, help=OVER_HELP, type="tertiary")
    elif line.next_steps or not line.answered:
        _buttons(person, line, primary, key)


def _buttons(person: Profile, line: AskLine, primary: Step | None, key: str) -> None:
    this_day = today()
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        st.date_input(
            "On",
            this_day,
            min_value=line.asked_on,
            max_value=this_day,
            format="YYYY-MM-DD",
            key=f"{key}_day",
            width=140,
        )
        if not line.answered or line.is_promise:
            for response, words in (BACK if line.is_promise else ANSWERS).items():
                st.button(
                    words,
                    key=f"{key}_{response}",
                    help=BACK_HELP[response] if line.is_promise else None,
                    on_click=_answer,
                    args=(person, line, response, f"{key}_day"),
                )
        steps = sorted(line.next_steps, key=lambda step: step != primary)
        for step in steps:
            st.button(
                BUTTONS[step],
                key=f"{key}_{step}",
                type="primary" if step == primary else "secondary",
                on_click=_step,
                args=(person, line, step, f"{key}_day"),
            )


def _answer(person: Profile, line: AskLine, response: Response, day: str) -> None:
    act(
        f"Answer of {person.name} noted: {response}",
        lambda: record_response(LOCAL_USER, line.ask_id, response, st.session_state[day], line.version, now()),
        about=person.contact_id,
    )


def _take_back(person: Profile, line: AskLine, key: str) -> None:
    """The way back for an answer that was noted today by mistake."""

    def save() -> None:
        act(
            f"The answer of {person.name} is taken back; the ask waits for it again",
            lambda: take_back_answer(LOCAL_USER, line.ask_id, line.version, now()),
            about=person.contact_id,
        )

    st.button(
        "Take the answer back",
        key=f"{key}_undo",
        icon=":material/undo:",
        type="tertiary",
        help="Noted by mistake: on the day it was noted, the ask can wait for its answer again. Both stay in the log.",
        on_click=save,
    )


def _step(person: Profile, line: AskLine, step: Step, day: str) -> None:
    act(
        f"{line.label} of {person.name}: {STEPS[step]}",
        lambda: mark_step(LOCAL_USER, line.ask_id, step, st.session_state[day], line.version, now()),
        about=person.contact_id,
    )
