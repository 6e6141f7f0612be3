"""The pilot plan: the steps of the first three months, and what candidates still lack."""

import streamlit as st

from core.services.pilot import PilotView
from pages._app.requests_acting import download
from pages._app.starting import ways_to_start
from pages._app.widgets import empty_state, md


def pilot_part(view: PilotView) -> None:
    """The part Pilot plan of the screen."""
    if view.missing:
        names = ", ".join(name.replace("_", " ") for name in view.missing)
        empty_state(f"Not loaded: {names}. Steps that rest on them count nothing.", ways_to_start)
    with st.grid(2, gap="small", min_column_width=520):
        with st.container(border=True, height="stretch", gap="xsmall"):
            words = "What a programme has by the end of its first, second and third month"
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
            st.dataframe(shown, hide_index=True, key="pilot_steps", alt="Steps of the pilot", column_config=columns)
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
                height=min(430, 38 + 35 * len(rows)),
                column_config={"Readiness": progress},
            )
            download(rows, "pilot candidates")
