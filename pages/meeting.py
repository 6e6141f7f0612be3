"""Meeting: What do we decide this month, and what became of what we decided?"""

from __future__ import annotations

import streamlit as st

from core.month import Month
from core.services.clock import today
from core.services.meeting import Meeting, meeting
from pages._app.cached import newest_month
from pages._app.meeting_forms import close_form, record_forms, say_saved
from pages._app.meeting_lists import decision_table, done_table, look_back_card, open_table, reasons, review_table
from pages._app.meeting_review import review_form
from pages._app.widgets import heading, nothing
from pages._app.words import md


def look_backs(view: Meeting, month: Month | None) -> None:
    with st.container(border=True, gap="small"):
        st.markdown("## Due for a look-back", anchors=False)
        if not view.due:
            nothing(view.nothing_due)
            return
        for line in view.due:
            look_back_card(line, month)
        st.caption("The change since is not the effect of the decision: nothing else that changed is taken out.")
        if month is not None:
            review_form(view, month)


def actions(view: Meeting) -> None:
    with st.container(border=True, height="stretch", gap="small"):
        st.markdown("## Open actions", anchors=False)
        if view.open_actions:
            open_table(view.open_actions)
            close_form(view)
        else:
            nothing("No action is open.")
        if view.done_actions:
            with st.expander(f"Done, with evidence ({len(view.done_actions)})"):
                done_table(view.done_actions)


def log(view: Meeting) -> None:
    with st.container(border=True, gap="small"):
        st.markdown("## Decisions", anchors=False)
        if view.decisions:
            decision_table(view.decisions)
            reasons(view.decisions)
        else:
            nothing("No decision is recorded yet.")


def held(view: Meeting) -> None:
    if not view.reviews:
        return
    with st.container(border=True, gap="small"):
        st.markdown("## What became of earlier decisions", anchors=False)
        st.caption(md(view.record))
        review_table(view.reviews)


month = newest_month()
view = meeting(month, today())
heading(view.question, view.answer, view.note)
say_saved()
left, right = st.columns([3, 2])
with left:
    look_backs(view, month)
    actions(view)
with right.container(border=True, height="stretch", gap="small"):
    record_forms(view, month)
held(view)
log(view)
