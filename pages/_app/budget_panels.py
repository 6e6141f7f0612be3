"""The parts of the Budget around its table: buttons, effect, what to know, saved scenarios."""

from collections.abc import Sequence
from uuid import uuid4

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.charts.base import CONFIG
from core.errors import CouncilError
from core.services.access import LOCAL_USER
from core.services.budget import Budget, Optimum
from core.services.budget_view import BudgetView, Proposal
from core.services.clock import now
from core.services.home import Month
from core.services.scenarios import LONGEST_NAME, SavedScenario, ScenarioDraft, load_scenario, save_scenario
from pages._app.budget_table import Editing, put
from pages._app.widgets import md, problem_banner


def told() -> None:
    """What became of the last click."""
    if message := st.session_state.pop("budget_done", None):
        st.toast(md(message), icon=":material/check:")
        st.session_state["budget_token"] = uuid4().hex
    if problem := st.session_state.pop("budget_problem", None):
        problem_banner(problem)
    st.session_state.setdefault("budget_token", uuid4().hex)


def plan_buttons(budget: Budget, state: Editing, best: Optimum, view: BudgetView) -> None:
    """The best split, today's split, and whether the money adds up."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        cap = f"±{budget.exact.change_cap * 100:.0f} %"
        st.button(
            "Optimise",
            type="primary",
            key="budget_optimise",
            help=f"The split with the greatest expected margin, each line within {cap} and above signed money.",
            on_click=_optimise,
            args=(best, state),
        )
        st.button(
            "Reset to today",
            key="budget_reset",
            on_click=put,
            args=(Proposal(dict(budget.anchors), state.now.locked),),
        )
        tone = (
            ":green-badge[:material/check: {}]" if view.left_steps == 0 else ":red-badge[:material/priority_high: {}]"
        )
        st.markdown(tone.format(md(view.balance)), width="content")


def save_row(month: Month, budget: Budget, state: Editing, view: BudgetView) -> None:
    """A name and the button that saves; what stands against it, in words."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.text_input(
            "Name of the scenario",
            key="budget_name",
            max_chars=LONGEST_NAME,
            placeholder="Name of the scenario",
            label_visibility="collapsed",
        )
        st.button(
            "Save scenario",
            key="budget_save",
            disabled=not view.can_save,
            on_click=_save,
            args=(month, budget, state),
        )
    if view.problems:
        st.error(md("Not saved yet, because the plan breaks a rule:"), icon=":material/rule:")
        st.code("\n".join(view.problems), language=None, wrap_lines=True)


def effect_card(view: BudgetView, figure: go.Figure | None) -> None:
    """What the plan should bring, and how sure that is."""
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"## {md(view.effect_title)}", anchors=False)
        st.markdown(f":small[{md(view.effect_subtitle)}]")
        if figure is not None:
            words = f"{view.effect_title}. {view.effect_subtitle}"
            st.plotly_chart(figure, key="budget_gain", alt=words, config=CONFIG)
        if view.facts:
            parts = [f"{md(head)} **{md(value)}**" for head, value in view.facts]
            st.markdown(" · ".join(parts))


def points_card(view: BudgetView, context: str) -> None:
    """What to know before deciding."""
    with st.container(border=True, gap="xsmall", height="stretch"):
        st.markdown("## Before you decide", anchors=False)
        lines = [f"- **{md(head)}:** {md(sentence)}" for head, sentence in view.points]
        st.markdown("\n".join([*lines, f"- **Journey:** {md(context)}"]))


def saved_list(saved: Sequence[SavedScenario], budget: Budget) -> None:
    """Saved scenarios, newest first, and the way back into the table."""
    st.header("Saved scenarios", anchor=False)
    if not saved:
        st.markdown(":small[None yet. Name the plan above and save it; the meeting can then decide on it.]")
        return
    frame = pd.DataFrame(
        {
            "Scenario": [item.name for item in saved],
            "Status": [item.status for item in saved],
            "Moves": [item.moved for item in saved],
            "Expected gain (90 %)": [item.gain for item in saved],
            "Beats today": [item.chance for item in saved],
            "Evidence": [item.evidence for item in saved],
            "Made on": [item.month for item in saved],
            "Author": [item.author for item in saved],
            "Saved": [item.saved_on for item in saved],
        }
    )
    st.dataframe(frame, hide_index=True, height=min(260, 37 + 35 * len(frame)), alt="Saved scenarios")
    names = {item.id: f"{item.name} ({item.saved_on})" for item in saved}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        chosen = st.selectbox("Scenario", list(names), format_func=names.__getitem__, key="budget_scenario", width=320)
        origins = {item.id: f"Scenario “{item.name}”, {item.status} by {item.author}" for item in saved}
        st.button(
            "Load into the table",
            key="budget_load",
            on_click=_load,
            args=(budget, chosen, origins.get(chosen, "")),
        )


def _optimise(best: Optimum, state: Editing) -> None:
    if state.now.plan == best.plan:
        st.session_state["budget_done"] = "This already is the best split found within the caps"
    put(Proposal(dict(best.plan), state.now.locked))


def _save(month: Month, budget: Budget, state: Editing) -> None:
    name = str(st.session_state.get("budget_name", ""))
    draft = ScenarioDraft(name, budget.current, state.now.complete or {}, state.now.locked)
    try:
        save_scenario(LOCAL_USER, month, draft, st.session_state["budget_token"], now())
    except CouncilError as error:
        st.session_state["budget_problem"] = error
        return
    st.session_state["budget_name"] = ""
    st.session_state["budget_done"] = f"{name.strip()} is saved"
    put(state.now, f"Scenario “{name.strip()}”, draft by {LOCAL_USER.name}")


def _load(budget: Budget, scenario_id: int, origin: str) -> None:
    try:
        put(load_scenario(budget, scenario_id), origin)
    except CouncilError as error:
        st.session_state["budget_problem"] = error
