"""The pilot plan: the steps of the first three months, and what candidates still lack."""

from functools import partial

import streamlit as st

from core.model.requests import StepId
from core.services.home import Month
from core.services.pilot import PilotView
from core.services.pilot_rows import pilot_rows
from pages._app.requests_acting import download
from pages._app.starting import ways_to_start
from pages._app.tables import height_of, open_table
from pages._app.widgets import empty_state, md

CLICKS, OPENED = "pilot_clicks", "pilot_opened"
"""Where a session keeps how often a step was opened, and which one is to be."""


def pilot_part(month: Month, view: PilotView) -> None:
    """The part Pilot plan of the screen."""
    if view.missing:
        names = ", ".join(name.replace("_", " ") for name in view.missing)
        empty_state(f"Not loaded: {names}. Steps that rest on them count nothing.", ways_to_start)
    opened: StepId | None = st.session_state.pop(OPENED, None)
    if opened is not None:
        counted = pilot_rows(month, opened)
        open_table(counted.title, counted.tie, counted.frame, "pilot_rows")
    with st.grid(2, gap="small", min_column_width=520):
        with st.container(border=True, height="stretch", gap="xsmall"):
            words = "What a programme has by the end of its first, second and third month; a row opens what it counts"
            st.markdown(f"## Steps\n\n:small[{md(words)}]", anchors=False)
            text = st.column_config.TextColumn
            columns = {
                "Month": st.column_config.NumberColumn("Month", width=52),
                "Step": text("Step", width=210),
                "There is": st.column_config.NumberColumn("There is", format="%,d", width=64),
                "Goal": text("Goal", width=84),
                "State": text("State", width=106),
                "What to do": text("What to do", width=230),
            }
            done = view.steps["What to do"].eq("").all()
            shown = view.steps.drop(columns="What to do") if done else view.steps
            key = f"pilot_steps_{st.session_state.get(CLICKS, 0)}"
            st.dataframe(
                shown,
                hide_index=True,
                key=key,
                alt="Steps of the pilot",
                column_config=columns,
                on_select=partial(_take_step, key, view.ids),
                selection_mode="single-row",
            )
        with st.container(border=True, height="stretch", gap="xsmall"):
            words = "Candidates by how little they lack: a story, the consent to tell it, a low-barrier act, thanks"
            st.markdown(f"## What is missing\n\n:small[{md(words)}]", anchors=False)
            rows = view.candidates.drop(columns="contact_id")
            if rows.empty:
                st.markdown(":small[No candidate lacks anything.]")
                return
            progress = st.column_config.ProgressColumn("Readiness", min_value=0, max_value=100, format="%d", width=92)
            st.dataframe(
                rows,
                hide_index=True,
                key="pilot_people",
                alt="What candidates lack",
                height=height_of(len(rows), 430),
                column_config={"Readiness": progress},
            )
            download(rows, "pilot candidates")


def _take_step(key: str, ids: tuple[StepId, ...]) -> None:
    """Remember whose rows are wanted; under another key the table forgets the click and takes the same one again."""
    rows = st.session_state[key]["selection"]["rows"]
    if rows:
        st.session_state[OPENED] = ids[rows[0]]
        st.session_state[CLICKS] = st.session_state.get(CLICKS, 0) + 1
