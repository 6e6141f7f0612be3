"""Meeting: What do we decide this month, and what became of what we decided?"""

from __future__ import annotations

import streamlit as st

from core.glossary import display_day, display_month
from core.services.meeting import DecisionLine, Meeting, meeting
from pages._app.cached import newest_month
from pages._app.meeting_forms import close_form, record_forms, say_saved
from pages._app.widgets import heading
from pages._app.words import md

BADGES = {
    "in line": ("green", ":material/check:"),
    "more than promised": ("green", ":material/keyboard_double_arrow_up:"),
    "less than promised": ("red", ":material/priority_high:"),
    "other way": ("red", ":material/u_turn_left:"),
    "not told yet": ("gray", ":material/question_mark:"),
    "no figure": ("gray", ":material/block:"),
}
DAY = st.column_config.DateColumn(format="D MMM YYYY", width=100)


def look_backs(view: Meeting) -> None:
    with st.container(border=True, gap="small"):
        st.header("Due for a look-back", anchor=False)
        if not view.due:
            later = f"; the next is on {display_day(view.next_review)}" if view.next_review else ""
            st.markdown(md(f"No decision is due{later}."))
            return
        for line in view.due:
            look_back(line)
        st.caption("The change since is not the effect of the decision: nothing else that changed is taken out.")


def look_back(line: DecisionLine) -> None:
    back = line.look_back
    if back is None:
        return
    with st.container(gap="xxsmall"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(f"**{md(line.title)}**", width="stretch")
            colour, icon = BADGES[back.verdict]
            st.badge(back.verdict, icon=icon, color=colour, width="content")
        figures = (
            ("Then", back.then, None, back.then_note),
            ("Promised", back.promised, None, back.promised_note),
            ("Now", back.now or "no figure", back.change, back.now_note),
        )
        for column, (label, value, change, note) in zip(st.columns(3, gap="small"), figures, strict=True):
            with column.container(gap=None):
                st.metric(label, md(value), change, delta_color="off", delta_arrow="off")
                st.caption(md(note))
        st.markdown(f":small[{md(f'{line.kpi_label}. {back.reading} Owner {line.owner}.')}]")


def actions(view: Meeting) -> None:
    with st.container(border=True, height="stretch", gap="small"):
        st.header("Open actions", anchor=False)
        rows = [
            {"State": line.state, "Action": line.text, "Owner": line.owner, "Due": line.due, "Decision": line.decision}
            for line in view.open_actions
        ]
        if rows:
            st.dataframe(rows, hide_index=True, column_config={"Due": DAY}, alt="Open actions, overdue first")
            close_form(view)
        else:
            st.markdown("No action is open.")
        if view.done_actions:
            with st.expander(f"Done, with evidence ({len(view.done_actions)})"):
                done(view)


def done(view: Meeting) -> None:
    rows = [
        {
            "State": line.state,
            "Action": line.text,
            "Owner": line.owner,
            "Done on": line.closed_on,
            "Evidence": line.evidence,
        }
        for line in view.done_actions
    ]
    st.dataframe(rows, hide_index=True, column_config={"Done on": DAY}, alt="Actions done, the latest first")


@st.fragment
def log(view: Meeting) -> None:
    with st.container(border=True, gap="small"):
        st.header("Decisions", anchor=False)
        if not view.decisions:
            st.markdown("No decision is recorded yet.")
            return
        rows = [
            {
                "Decision": line.title, "Month": display_month(line.month), "Number seen": f"{line.kpi_label} {line.seen}",
                "Expected": line.expected, "Owner": line.owner, "Look back on": line.review_on, "Scenario": line.scenario or "–",
            }
            for line in view.decisions
        ]  # fmt: skip
        event = st.dataframe(rows, hide_index=True, column_config={"Look back on": DAY}, on_select="rerun",
            selection_mode="single-row", key="meeting_log", alt="Decisions, those due for a look-back first")  # fmt: skip
        chosen = event["selection"]["rows"]
        if not chosen:
            st.caption("Select a row to read what was done and what was rejected.")
            return
        line = view.decisions[chosen[0]]
        for column, (label, text) in zip(
            st.columns(2), (("What we do", line.choice), ("What we rejected, and why", line.rejected)), strict=True
        ):
            column.markdown(f"**{label}**")
            column.text(text)


month = newest_month()
view = meeting(month)
heading(view.question, view.answer, view.note)
say_saved()
left, right = st.columns([3, 2])
with left:
    look_backs(view)
    actions(view)
with right:
    record_forms(view, month)
log(view)
