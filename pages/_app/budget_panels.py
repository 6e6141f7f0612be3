"""The parts of the Budget around its table: buttons, effect, what to know, saved scenarios."""

from collections.abc import Sequence
from uuid import uuid4

import plotly.graph_objects as go
import streamlit as st

from core.charts.base import CONFIG
from core.charts.lists import listing_html
from core.errors import CouncilError
from core.services.access import LOCAL_USER
from core.services.budget import Budget, Optimum
from core.services.budget_rows import MONEY, line_rows
from core.services.budget_view import BudgetView, Proposal
from core.services.budget_words import promise_words
from core.services.clock import now
from core.services.home import Month
from core.services.scenarios import LONGEST_NAME, SavedScenario, ScenarioDraft, load_scenario, save_scenario
from pages._app import cached
from pages._app.budget_table import Editing, put
from pages._app.tables import open_table
from pages._app.texts import text_line
from pages._app.widgets import md, nothing, piece, problem_banner

EFFECT_PX = 158


def told() -> None:
    """What became of the last click."""
    if message := st.session_state.pop("budget_done", None):
        st.toast(md(message), icon=":material/check:")
        st.session_state["budget_token"] = uuid4().hex
    if problem := st.session_state.pop("budget_problem", None):
        problem_banner(problem)
    st.session_state.setdefault("budget_token", uuid4().hex)


def plan_buttons(month: Month, budget: Budget, state: Editing, best: Optimum, view: BudgetView) -> None:
    """The best split, today's split, saving, and whether the money adds up."""
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
        today = Proposal(dict(budget.anchors), state.now.locked)
        st.button("Reset to today", key="budget_reset", on_click=put, args=(today,))
        with st.popover(
            "Save scenario", key=f"budget_box_{state.version}", disabled=not view.can_save, help=_why_not(view)
        ):
            text_line("Name of the scenario", key="budget_name", limit=LONGEST_NAME)
            st.button(
                "Save",
                type="primary",
                key="budget_save",
                on_click=_save,
                args=(month, budget, state),
                disabled=not view.can_save,
            )
        tone = (
            ":green-badge[:material/check: {}]" if view.left_steps == 0 else ":red-badge[:material/priority_high: {}]"
        )
        st.markdown(tone.format(md(view.balance)), width="content")
        labels = {line.line: line.label for line in budget.lines}
        line = st.menu_button(
            "Rows behind", list(labels), format_func=lambda name: md(labels[name]), key="budget_rows", type="tertiary",
            icon=":material/table_rows:", help="The months of spend behind Now, line by line",
        )  # fmt: skip
    if line is not None:
        rows = line_rows(month, budget, line)
        open_table(rows.title, rows.tie, rows.frame, "budget_line", MONEY)


def problems(view: BudgetView) -> None:
    """Which line breaks which rule, in words."""
    if view.broken:
        st.error("  \n".join(md(text) for text in view.broken), icon=":material/rule:")


def effect_card(view: BudgetView, figure: go.Figure | None) -> None:
    """What the plan should bring, and how sure that is."""
    with st.container(border=True, gap="xxsmall"):
        _title(view.effect_title, view.effect_subtitle)
        if figure is not None:
            _plot(figure, "budget_gain")
        else:
            # As tall as the plot, so that nothing jumps while amounts are typed.
            with st.container(height=EFFECT_PX, border=False):
                nothing("It is shown as soon as the amounts add up to the total again.")
        if view.facts:
            st.markdown(" · ".join(f"{md(head)} **{md(value)}**" for head, value in view.facts))


def points_card(view: BudgetView, context: str) -> None:
    """What to know before deciding."""
    with st.container(border=True, gap="xxsmall", height="stretch"):
        st.markdown("## Before you decide", anchors=False)
        points = [*view.points, ("Journey", context)]
        st.markdown("  \n".join(f":small[**{md(head)}:** {md(sentence)}]" for head, sentence in points))


def curves_card(budget: Budget, view: BudgetView, now: Proposal) -> None:
    """Response curves of chosen lines; at first of who gets and who gives most."""
    labels = {line.line: line.label for line in budget.lines}
    with st.container(border=True, gap="xxsmall", height="stretch"):
        words, plot = st.container(gap="xxsmall"), st.container(height="stretch")
        chosen = st.multiselect(
            "Lines shown",
            list(labels),
            default=list(view.pair),
            format_func=labels.__getitem__,
            key=f"budget_curves_{'_'.join(view.pair)}",
            max_selections=5,
            label_visibility="collapsed",
            placeholder="Choose lines",
        )
        figure = cached.curves_figure(budget, now, tuple(chosen))
        with words:
            if figure is None:
                _title("What more or less spend should bring", "Choose a line with spend to see its curve.")
                return
            _title(figure.layout.meta["title"], figure.layout.meta["subtitle"])
        with plot:
            _plot(figure, "budget_curves", fill=True)


def _title(title: str, subtitle: str) -> None:
    st.markdown(f"## {md(title)}", anchors=False)
    st.markdown(f":small[{md(subtitle)}]")


def _plot(figure: go.Figure, key: str, *, fill: bool = False) -> None:
    words = figure.layout.meta
    st.plotly_chart(
        figure,
        key=key,
        height="stretch" if fill else "content",
        alt=f"{words['title']}. {words['subtitle']}",
        config=CONFIG,
    )


def _why_not(view: BudgetView) -> str | None:
    return None if view.can_save else "All money must be placed, and every line must lie in its allowed range."


def saved_list(saved: Sequence[SavedScenario], budget: Budget) -> None:
    """Saved scenarios, newest first, and the way back into the table."""
    st.header("Saved scenarios", anchor=False)
    if not saved:
        nothing("None yet. Name the plan above and save it; the meeting can then decide on it.")
        return
    heads = ("Scenario", "Status", "Moves", "Promised gain", "Chance of a gain", "Evidence", "Made on",
             "Author", "Saved")  # fmt: skip
    rows = [
        (
            item.name, item.status, item.moved, item.gain, item.chance, item.evidence, item.month, item.author,
            item.saved_on,
        )
        for item in saved
    ]  # fmt: skip
    piece(listing_html(heads, rows, "Saved scenarios, the newest first"))
    names = {item.id: f"{item.name} ({item.saved_on})" for item in saved}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        chosen = st.selectbox("Scenario", list(names), format_func=names.__getitem__, key="budget_scenario", width=320)
        st.button(
            "Load into the table",
            key="budget_load",
            on_click=_load,
            args=(budget, chosen),
            help="Its moves, laid on today's spend",
        )
    st.caption(md(promise_words()))


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


def _load(budget: Budget, scenario_id: int) -> None:
    try:
        loaded = load_scenario(budget, scenario_id)
        put(loaded.proposal, loaded.origin)
    except CouncilError as error:
        st.session_state["budget_problem"] = error
