"""What the forms of Maturity share: who acts, the version a form was opened with, and what became of a save."""

from collections.abc import Callable
from hashlib import sha256
from uuid import uuid4

import streamlit as st

from core.errors import CouncilError, StaleRecord
from core.services.maturity_saving import NAME_LENGTH
from pages._app.texts import text_line
from pages._app.widgets import md, problem_banner

CHOSEN, RATER, LAST_ROLE = "capability", "mat_rater", "mat_last_role"
DONE = "mat_done"


def rater_field() -> None:
    """Who acts on the screen, asked at its head."""
    help_text = "Who rates, agrees or decides."
    text_line("Your name", key=RATER, persist_state="session", limit=NAME_LENGTH, width=140, help=help_text)


def rater_name() -> str:
    """The name typed at the head of the screen; empty before there is one."""
    return str(st.session_state.get(RATER) or "").strip()


def say_done() -> None:
    """Confirm what the run before has saved."""
    if done := st.session_state.pop(DONE, None):
        st.toast(md(done), icon=":material/check:")


def rerun_when_done() -> None:
    """Draw the whole screen anew after a save inside a fragment."""
    if DONE in st.session_state:
        st.rerun()


def attempt(form: str, opened: str, save: Callable[[], str]) -> bool:
    """Run a save; a refusal is kept for `outcome` and leaves every field as it is."""
    try:
        st.session_state[DONE] = save()
    except CouncilError as problem:
        st.session_state[f"mat_problem_{form}"] = (problem, opened)
        st.session_state.pop(DONE, None)
        return False
    return True


def outcome(form: str, before_loading: Callable[[], None] | None = None) -> None:
    """What became of the last save of a form: nothing to say, or why it was refused."""
    refused = st.session_state.pop(f"mat_problem_{form}", None)
    if refused is None:
        return
    problem, opened = refused
    problem_banner(problem)
    if isinstance(problem, StaleRecord):
        st.button(
            "Load what is saved now", key=f"mat_load_{form}", on_click=_forget, args=(form, opened, before_loading)
        )


def _forget(form: str, opened: str, before: Callable[[], None] | None) -> None:
    """Let a form start again from what is saved."""
    if before is not None:
        before()
    st.session_state.pop(opened, None)
    st.session_state[f"mat_again_{form}"] = st.session_state.get(f"mat_again_{form}", 0) + 1


def opened_with(form: str, of: str, version: int | None) -> str:
    """Key of the version a form was opened with; the form's fields are named after it."""
    again = st.session_state.get(f"mat_again_{form}", 0)
    key = f"mat_{form}_{sha256(f'{of}|{again}'.encode()).hexdigest()[:10]}"
    st.session_state.setdefault(key, version)
    return key


def form_token(form: str) -> str:
    """Token of an opened form: the same until `next_token`, so that three fast clicks save once."""
    token: str = st.session_state.setdefault(f"mat_token_{form}", uuid4().hex)
    return token


def next_token(form: str) -> None:
    """Let the next save of a form be another one, with empty fields."""
    st.session_state[f"mat_token_{form}"] = uuid4().hex


def who_acts() -> None:
    """Says in whose name a form is saved."""
    name = rater_name()
    said = f"Saved as {name}." if name else "Type your name at the head of the screen; until then nothing can be saved."
    st.markdown(f":small[{md(said)}]")
