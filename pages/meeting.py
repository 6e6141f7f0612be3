"""Meeting: What do we decide this month, and what became of what we decided?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from core.glossary import display_day, display_month
from core.services.meeting import DecisionLine, Meeting, meeting
from pages._app.cached import newest_month
from pages._app.meeting_forms import close_form, labels, record_forms, say_saved
from pages._app.widgets import heading
from pages._app.words import md

BADGES = {
    "in line": ":green-badge[:material/check: {}]",
    "more than promised": ":green-badge[:material/keyboard_double_arrow_up: {}]",
    "less than promised": ":red-badge[:material/priority_high: {}]",
    "other way": ":red-badge[:material/u_turn_left: {}]",
    "not told yet": ":gray-badge[:material/question_mark: {}]",
    "no figure": ":gray-badge[:material/block: {}]",
}
LOG_ROWS = 12
"""Decisions shown without scrolling."""


def look_backs(view: Meeting) -> None:
    with st.container(border=True, gap="small"):
        st.markdown("## Due for a look-back", anchors=False)
        if not view.due:
            later = f"; the next is on {display_day(view.next_review)}" if view.next_review else ""
            st.markdown(md(f"No decision is due{later}."))
            return
        for line in view.due:
            look_back(line)
        st.caption("The change since is not the effect of the decision: nothing else that changed is taken out.")


def look_back(line: DecisionLine) -> None:
    back = line.look_back
    figures = (
        (f"Then, {display_month(line.month)}", back.then, back.then_note or "complete count"),
        (f"Promised by {display_day(line.review_on)}", back.promised, back.promised_note),
        ("Now", back.now or "no figure", back.now_note),
    )
    with st.container(gap="xxsmall"):
        st.markdown(f"**{md(line.title)}**  \n:small[{md(f'{line.kpi_label} · {line.owner}')}]")
        for column, (label, value, note) in zip(st.columns(3, gap="small"), figures, strict=True):
            with column.container(gap=None):
                st.metric(label, md(value))
                st.caption(md(note))
        st.markdown(f"{BADGES[back.verdict].format(md(back.verdict))} :small[{md(back.reading)}]")


def actions(view: Meeting) -> None:
    with st.container(border=True, height="stretch", gap="small"):
        st.markdown("## Open actions", anchors=False)
        if view.open_actions:
            rows = [
                {"State": f":red-badge[{md(line.state)}]" if line.is_overdue else md(line.state), "Action": md(line.text),
                 "Owner": md(line.owner), "Due": display_day(line.due), "Decision": md(line.decision)}
                for line in view.open_actions
            ]  # fmt: skip
            table(rows, "Open actions, overdue first")
            close_form(view)
        else:
            st.markdown("No action is open.")
        if view.done_actions:
            with st.expander(f"Done, with evidence ({len(view.done_actions)})"):
                rows = [
                    {"State": md(line.state), "Action": md(line.text), "Owner": md(line.owner),
                     "Due": display_day(line.due), "Evidence": md(line.evidence)}
                    for line in view.done_actions
                ]  # fmt: skip
                table(rows, "Actions done, the latest first")


def log(view: Meeting) -> None:
    with st.container(border=True, gap="small"):
        st.markdown("## Decisions", anchors=False)
        if not view.decisions:
            st.markdown("No decision is recorded yet.")
            return
        rows = [
            {"Decision": md(line.title), "Number seen": md(f"{line.kpi_label} {line.seen}, {display_month(line.month)}"),
             "Expected": md(line.expected), "Owner": md(line.owner), "Look back on": display_day(line.review_on),
             "Scenario": md(line.scenario or "none")}
            for line in view.decisions
        ]  # fmt: skip
        table(rows, "Decisions, those due for a look-back first")
        reasons(view)


@st.fragment
def reasons(view: Meeting) -> None:
    lines = {line.id: line for line in view.decisions}
    names = labels((line.id, line.title) for line in view.decisions)
    with st.container(width=520):
        chosen = st.selectbox("What was done, and what was rejected", list(names), index=None, key="meeting_reasons",
                              format_func=names.get, placeholder="Choose a decision to read why")  # fmt: skip
    if chosen in lines:
        for column, (label, text) in zip(st.columns(2), lines[chosen].reasons, strict=True):
            column.markdown(f"**{label}**")
            column.text(text)


def table(rows: Sequence[Mapping[str, str]], words: str) -> None:
    """Escaped text that wraps; a long list scrolls below its header."""
    st.table(rows, border="horizontal", hide_index=True, hide_header=False, alt=words,
             height="content" if len(rows) <= LOG_ROWS else 460)  # fmt: skip


month = newest_month()
view = meeting(month)
heading(view.question, view.answer, view.note)
say_saved()
left, right = st.columns([3, 2])
with left:
    look_backs(view)
    actions(view)
with right.container(border=True, height="stretch", gap="small"):
    record_forms(view, month)
log(view)
