"""What to close first and the roadmap: gaps in their order, steps with owner and day, and the forms for them."""

import datetime as dt

import streamlit as st

from core.glossary import display_day
from core.services.access import LOCAL_USER
from core.services.clock import local_day, now
from core.services.maturity import CapabilityRow, MaturityView
from core.services.maturity_gaps import Gaps
from core.services.maturity_roadmap import EFFORTS, StepDraft, StepLine, close_step, plan_step
from core.services.maturity_saving import LINE_LENGTH, TEXT_LENGTH
from pages._app.maturity_saving import attempt, form_token, next_token, opened_with, outcome, rater_name, who_acts
from pages._app.texts import text_line
from pages._app.widgets import md

DONE, DROPPED = "It is done", "It is dropped"


def gaps_panel(gaps: Gaps) -> None:
    """The gaps of a matrix, first to close on top."""
    st.markdown(f"## {md(gaps.finding)}", anchors=False)
    st.markdown(f":small[{md(gaps.note)}]")
    if gaps.lines:
        st.dataframe(
            [
                {
                    "Rank": line.rank,
                    "Capability": line.label,
                    "Levels": f"{line.current} to {line.target}",
                    "By": line.due,
                    "Money a year": line.money,
                    "Because": line.why_money,
                    "Evidence": line.status,
                    "Effort": line.effort,
                }
                for line in gaps.lines
            ],
            hide_index=True,
            alt="Gaps of the matrix in the order they are to be closed",
        )
    if gaps.claimed_only:
        st.markdown(f":small[At the target by claim only: {md('; '.join(gaps.claimed_only))}.]")
    if gaps.untargeted:
        st.markdown(f":small[Without a target: {md(', '.join(gaps.untargeted))}.]")


def roadmap_panel(steps: tuple[StepLine, ...]) -> None:
    """Steps with owner, day and the level each is to bring."""
    late = sum(step.late for step in steps)
    opened = sum(step.state == "open" for step in steps)
    said = f"{opened} open step{'' if opened == 1 else 's'}" + (f", {late} late" if late else "")
    st.markdown(f"## Roadmap: {said if steps else 'no step is planned'}", anchors=False)
    if steps:
        st.dataframe(
            [_shown(step) for step in steps],
            hide_index=True,
            alt="Roadmap: steps with owner, day and projected level",
            column_config={"Step": st.column_config.TextColumn("Step", width=360)},
        )


def _shown(step: StepLine) -> dict[str, object]:
    state = "late" if step.late else step.state
    if step.closed_on is not None:
        state += f" {display_day(step.closed_on)}"
    return {
        "Step": step.step,
        "Capability": step.capability,
        "Owner": step.owner,
        "Due": display_day(step.due),
        "Then level": step.projected,
        "Effort": step.effort,
        "State": state,
    }


def step_forms(view: MaturityView, row: CapabilityRow, steps: tuple[StepLine, ...], today: dt.date) -> None:
    """Plan a step of the chosen capability, and close one."""
    with st.expander(md(f"Plan a step for {row.capability.label}"), icon=":material/add:"):
        outcome("step")
        token = form_token("step")
        with st.form("mat_step", border=False, enter_to_submit=False):
            keys = {name: f"mat_step_{name}_{token}" for name in ("step", "owner", "due", "projected", "effort")}
            text_line("Step", key=keys["step"], limit=TEXT_LENGTH)
            with st.container(horizontal=True):
                text_line("Owner, one person", key=keys["owner"], limit=LINE_LENGTH)
                st.date_input("Due", None, key=keys["due"], format="YYYY-MM-DD", width=160)
            words = {item.level: f"{item.level} {item.label}" for item in view.scale}
            start = min((row.claimed or 1) + 1, 5)
            st.segmented_control("Then it stands at", list(words), default=start, key=keys["projected"],
                                 format_func=words.__getitem__, required=True)  # fmt: skip
            st.segmented_control("Effort", list(EFFORTS), default="medium", required=True, key=keys["effort"])
            who_acts()
            st.form_submit_button(
                "Plan it",
                key="mat_step_save",
                disabled=not rater_name(),
                on_click=_save,
                args=(row, keys, token, today),
            )
    _close_form([step for step in steps if step.state == "open"])


def _close_form(steps: list[StepLine]) -> None:
    if not steps:
        return
    texts = {step.id: f"{step.step} ({step.owner})" for step in steps}
    versions = {step.id: step.version for step in steps}
    with st.expander("Close a step", icon=":material/check:"):
        outcome("close_step")
        opened = opened_with("close_step", str(sorted(versions.items())), None)
        with st.form("mat_close_step", border=False, enter_to_submit=False):
            which, word = f"mat_close_which_{opened}", f"mat_close_word_{opened}"
            st.selectbox("Step", list(texts), format_func=texts.__getitem__, key=which)
            st.segmented_control("What became of it", (DONE, DROPPED), default=DONE, required=True, key=word)
            who_acts()
            st.form_submit_button(
                "Close it",
                key="mat_close_save",
                disabled=not rater_name(),
                on_click=_close,
                args=(which, word, versions, opened),
            )


def _save(row: CapabilityRow, keys: dict[str, str], token: str, today: dt.date) -> None:
    state = st.session_state

    def save() -> str:
        draft = StepDraft(
            step=str(state.get(keys["step"]) or ""),
            owner=str(state.get(keys["owner"]) or ""),
            due=state.get(keys["due"]),
            projected=int(state.get(keys["projected"]) or 0),
            effort=str(state.get(keys["effort"]) or ""),
        )
        plan_step(LOCAL_USER, row.capability.id, draft, token, today, now(), rater_name())
        return f"{row.capability.label}: step planned"

    if attempt("step", token, save):
        next_token("step")


def _close(which: str, word: str, versions: dict[int, int], opened: str) -> None:
    state, at = st.session_state, now()

    def save() -> str:
        step, done = int(state[which]), state.get(word) == DONE
        close_step(LOCAL_USER, step, done, versions[step], local_day(at), at, rater_name())
        return f"Step {'done: rate the level it brought' if done else 'dropped'}"

    attempt("close_step", opened, save)
