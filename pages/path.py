"""Path: where customers stand on the way from contract to referrer, and where they get stuck."""

import pandas as pd
import streamlit as st

from core.glossary import NOTHING, display
from core.services.path import QUESTION, PathView, path_view
from pages._app import cached
from pages._app.filters import pick_month, pick_segment
from pages._app.path_panels import account_card, pick_account, stage_chart
from pages._app.starting import ways_to_start
from pages._app.widgets import empty_state, fact_row, heading, heading_row, md

company = cached.company()
if company is None:
    heading(
        QUESTION, "No customers are loaded yet", "Accounts and subscriptions, then milestones, are what it starts from."
    )
    empty_state("Import accounts and subscriptions, or look around in the demo company first.", ways_to_start)
    st.stop()

left, right = heading_row()
with right:
    month = company.load(pick_month(company.months))
    names = month.facts.segments
    segment = pick_segment(names) if len(names) > 1 else None
view: PathView = cached.kept("path", (month.key, segment), lambda: path_view(month, segment))
heading(view.question, view.answer, view.note, left)
if not view.customers:
    empty_state("Nobody pays in this month: choose another month or segment, or import subscriptions.", ways_to_start)
    st.stop()


def segment_lines() -> None:
    """Every segment on one line, most late ARR first."""
    with st.container(border=True, gap="xsmall"):
        words = "Accounts by their segment in the month; late by the limits of the whole company"
        st.markdown(f"## By segment\n\n:small[{md(words)}]", anchors=False)
        names = ("Segment", "Customers", "ARR", "Late", "ARR of the late", "Held up at", "Silent", "Speak for us")
        rows = [
            (
                line.segment,
                line.customers,
                display(line.arr, "money", view.currency),
                line.late,
                display(line.late_arr, "money", view.currency),
                line.held_up or NOTHING,
                NOTHING if line.silent is None else f"{line.silent:,}",
                NOTHING if line.speaking is None else f"{line.speaking:,}",
            )
            for line in view.segments
        ]
        right = {name: st.column_config.Column(name, alignment="right") for name in (names[2], names[4], *names[6:])}
        frame = pd.DataFrame(rows, columns=list(names))
        st.dataframe(frame, hide_index=True, column_config=right, key="path_segments", alt="Path by segment")


cached.drawn("path facts", (month.key, segment), lambda: fact_row(view.facts))
with st.grid(2, gap="small", min_column_width=560):
    stage_chart(month, segment, view)
    account = pick_account(month, segment, view)
if account is not None:
    account_card(month, account)
if view.segments:
    cached.drawn("path segments", (month.key,), segment_lines)
if view.gaps:
    with st.expander(md("Not known yet: " + ", ".join(label for label, _ in view.gaps)), icon=":material/table:"):
        st.markdown("  \n".join(md(f"{label}: {reason}") for label, reason in view.gaps))
method = st.expander("How the path is told", key="path_method", on_change="rerun")
if method.open:
    method.markdown("\n\n".join(f"**{md(label)}**: {md(text)}" for label, text in view.method))
