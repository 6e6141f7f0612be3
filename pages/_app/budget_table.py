"""The editable table of the Budget: what is typed lives in the session, every other column follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import streamlit as st

from core.services.budget import Budget, Optimum
from core.services.budget_view import BudgetView, Proposal

STATE = "budget_state"
ROW_PX, HEAD_PX = 28, 36


@dataclass(frozen=True, slots=True)
class Editing:
    """What the session keeps of the table.

    Attributes:
        key: Of the budget it was made on.
        version: Names the widget; a new plan gets a new one, so that no edit of the old plan survives.
        base: The plan the widget started from.
        now: The plan with the edits.
        origin: Where the base came from, in words; empty when nothing was loaded or saved.
    """

    key: str
    version: int
    base: Proposal
    now: Proposal
    origin: str = ""

    @property
    def widget(self) -> str:
        """Key of the widget."""
        return f"budget_editor_{self.version}"


def editing(budget: Budget, best: Optimum) -> Editing:
    """The table as it stands; it starts with the best split found."""
    state: Editing | None = st.session_state.get(STATE)
    if state is None or state.key != budget.key:
        start = Proposal(best.plan)
        state = Editing(budget.key, 0 if state is None else state.version + 1, start, start)
    if state.widget not in st.session_state:
        # Coming back from another screen: the widget is gone, what was typed is not.
        state = replace(state, base=state.now)
    edits = st.session_state.get(state.widget, {}).get("edited_rows", {})
    state = replace(state, now=edited(budget, state.base, edits))
    st.session_state[STATE] = state
    return state


def put(plan: Proposal, origin: str = "") -> None:
    """Put another plan into the table; for callbacks, before the table is drawn."""
    state: Editing = st.session_state[STATE]
    st.session_state[STATE] = Editing(state.key, state.version + 1, plan, plan, origin)


def edited(budget: Budget, base: Proposal, edits: Mapping[int, Mapping[str, Any]]) -> Proposal:
    """A plan with the edits of the widget, which counts rows."""
    plan, locked = dict(base.plan), set(base.locked)
    for row, changes in edits.items():
        line = budget.lines[int(row)].line
        if "proposed" in changes:
            typed = changes["proposed"]
            plan[line] = None if typed is None else budget.cents(line, round(typed))
        if "lock" in changes:
            (locked.add if changes["lock"] else locked.discard)(line)
    return Proposal(plan, frozenset(locked))


def state_words(state: Editing, budget: Budget, best: Optimum) -> str:
    """Where the plan in the table comes from."""
    if state.origin and state.now == state.base:
        return state.origin
    if state.now.plan == best.plan and best.plan != budget.current:
        return "Best split found, not saved"
    return "Today's split" if state.now.plan == budget.current else "Edited, not saved"


def table(state: Editing, budget: Budget, view: BudgetView) -> None:
    """Draw the table: amounts and locks of the base plan, under the edits the widget itself carries."""
    base = {line: None if cents is None else budget.steps(line, cents) for line, cents in state.base.plan.items()}
    frame = pd.DataFrame(
        {
            "label": [row.label for row in view.rows],
            "now": [row.now for row in view.rows],
            "proposed": pd.array([base[row.line] for row in view.rows], dtype="Int64"),
            "change": [row.change for row in view.rows],
            "allowed": [row.allowed for row in view.rows],
            "earns": [row.earns for row in view.rows],
            "evidence": [row.evidence for row in view.rows],
            "lock": [row.line in state.base.locked for row in view.rows],
        }
    )
    st.data_editor(
        frame,
        key=state.widget,
        hide_index=True,
        num_rows="fixed",
        row_height=ROW_PX,
        height=HEAD_PX + ROW_PX * len(frame),
        disabled=["label", "now", "change", "allowed", "earns", "evidence"],
        column_config=_columns(view.unit, view.next_unit),
        alt="Budget lines: spend now and proposed, change, allowed range, return of the next unit, evidence, lock",
    )


def _columns(unit: str, next_unit: str) -> dict[str, Any]:
    column = st.column_config
    return {
        "label": column.TextColumn(f"Line, {unit} a year", width=140),
        "now": column.NumberColumn("Now", format="localized", width=56, help="Spend of the last 12 months."),
        "proposed": column.NumberColumn(
            "Proposed", format="localized", step=1, width=98, help="Type the spend of the next 12 months."
        ),
        "change": column.TextColumn("Change", alignment="right", width=76),
        "allowed": column.TextColumn(
            "Allowed",
            alignment="right",
            width=84,
            help="Within the largest change of one plan; never below signed money.",
        ),
        "earns": column.TextColumn(
            f"{next_unit} earns",
            alignment="right",
            width=94,
            help="12-month gross margin of the next unit of money, today → as proposed. At 1.00 it pays back.",
        ),
        "evidence": column.TextColumn(
            "Evidence", width=74, help="Opinion: a prior. Model: fitted to our data. Experiment: a registered test."
        ),
        "lock": column.CheckboxColumn("Lock", width=68, help="A locked line stays at today's spend."),
    }
