"""The lists of the Meeting: promises that are due, actions, decisions. Text of records is escaped and wraps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import streamlit as st

from core.glossary import MINUS, display_day, display_month
from core.month import Month
from core.services.look_back import INSIDE, OUTCOMES
from core.services.look_back_rows import look_back_rows
from core.services.meeting_lines import ActionLine, DecisionLine
from core.services.reviews import ReviewLine
from pages._app.meeting_forms import labels
from pages._app.rows import rows_part
from pages._app.tables import csv_download, row_table
from pages._app.words import md

KEPT = {
    True: ":green-badge[:material/check: {}]",
    False: ":red-badge[:material/priority_high: {}]",
    None: ":gray-badge[:material/question_mark: {}]",
}
WORD_JOINER = "\N{WORD JOINER}"
ROWS = 12
"""Rows of a table shown without scrolling."""


def look_back_card(line: DecisionLine, month: Month | None) -> None:
    """The figure then, the one that was promised, today's, and what may be said of the promise."""
    back = line.look_back
    if back is None:
        return
    then = "Before" if back.compared else f"Then, {display_month(line.month)}"
    figures = (
        (then, back.then, back.then_note or "complete count"),
        (f"Promised by {display_day(line.review_on)}", back.promised, back.promised_note),
        ("Now", back.now or "no figure", back.now_note),
    )
    with st.container(gap="xxsmall"):
        with st.container(horizontal=True, gap="small", vertical_alignment="top"):
            st.markdown(f"**{md(line.title)}**  \n:small[{md(f'{line.kpi_label} · {line.owner}')}]", width="stretch")
            if month is not None and st.button(
                "Rows", key=f"meeting_rows_{line.id}", type="tertiary", icon=":material/table_rows:",
                help="The months behind these figures, and the rows behind them",
            ):  # fmt: skip
                _open_rows(month, line.id)
        for column, (label, value, note) in zip(st.columns(3, gap="small"), figures, strict=True):
            with column.container(gap=None):
                st.metric(label, md(value))
                st.caption(md(note))
        st.markdown(
            f"{KEPT[INSIDE[OUTCOMES[back.verdict]]].format(md(OUTCOMES[back.verdict]))} :small[{md(back.reading)}]"
        )


def _open_rows(month: Month, decision: int) -> None:
    """The months that were held against one another, and the rows behind the last month of each side."""
    rows = look_back_rows(month, decision)
    def body() -> None:
        months, *others = st.tabs(["Months", *(md(part.title) for part in rows.behind)])
        with months:
            st.markdown(md(rows.tie))
            row_table(rows.frame.drop(columns="Value"), rows.title)
            csv_download(rows.frame, rows.title, f"meeting_rows_csv_{decision}")
        for place, part in zip(others, rows.behind, strict=True):
            with place:
                rows_part(part, f"_{part.result.month:%Y_%m}")

    st.dialog(md(rows.title), width="large")(body)()


def open_table(lines: Sequence[ActionLine]) -> None:
    """Actions still to do; what is overdue is marked by word, shape and colour."""
    rows = [
        {
            "State": f":red-badge[{md(line.state)}]" if line.is_overdue else md(line.state),
            "Action": _task(line),
            "Owner": md(line.owner),
            "Due": display_day(line.due),
        }
        for line in lines
    ]
    _table(rows, "Open actions, overdue first")


def done_table(lines: Sequence[ActionLine]) -> None:
    """Actions done, each with what shows it."""
    rows = [
        {
            "State": md(line.state),
            "Action": _task(line),
            "Owner": md(line.owner),
            "Done on": display_day(line.closed_on) if line.closed_on else "",
            "Evidence": md(line.evidence),
        }
        for line in lines
    ]
    _table(rows, "Actions done, the latest first")


def decision_table(lines: Sequence[DecisionLine]) -> None:
    """Every decision with the number it saw and what it expects."""
    rows = [
        {
            "Decision": _decision(line),
            "Number seen": md(f"{line.kpi_label} {line.seen}, {display_month(line.month)}"),
            "Expected": _unbroken(line.expected),
            "Owner": md(line.owner),
            "Stands": f":orange-badge[{md(line.standing)}]" if line.is_due else md(line.standing),
        }
        for line in lines
    ]
    _table(rows, "Decisions, those due for a look-back first")


def review_table(lines: Sequence[ReviewLine]) -> None:
    """Look-backs that were held: promised and got side by side, what was learned, what is done next."""
    rows = [
        {
            "Decision": f"{md(line.title)}  \n:small[{md(line.kpi_label)}]",
            "Promised": _unbroken(line.promised),
            "Got": _unbroken(line.got),
            "Verdict": KEPT[line.inside].format(md(line.verdict)),
            "What we learned": md(line.lesson),
            "Next": md(line.next_step),
            "Held": md(line.held),
        }
        for line in lines
    ]
    _table(rows, "Look-backs held, the latest first")


@st.fragment
def reasons(lines: Sequence[DecisionLine]) -> None:
    """What one decision does, and what it rejected."""
    by_id = {line.id: line for line in lines}
    names = labels((line.id, line.title) for line in lines)
    with st.container(width=520):
        chosen = st.selectbox(
            "What we do, and what we rejected",
            list(names),
            index=None,
            format_func=names.__getitem__,
            placeholder="Choose a decision to read why",
            key="meeting_reasons",
        )
    if chosen is not None:
        for column, (label, text) in zip(st.columns(2), by_id[chosen].reasons, strict=True):
            column.markdown(f"**{label}**")
            column.text(text)


def _unbroken(figure: str) -> str:
    """A figure whose sign stays with it where a narrow column wraps."""
    return md(figure.replace(MINUS, f"{MINUS}{WORD_JOINER}").replace("+", f"+{WORD_JOINER}"))


def _decision(line: DecisionLine) -> str:
    return f"{md(line.title)}  \n:small[Scenario: {md(line.scenario)}]" if line.scenario else md(line.title)


def _task(line: ActionLine) -> str:
    return f"{md(line.text)}  \n:small[Decision: {md(line.decision)}]"


def _table(rows: Sequence[Mapping[str, str]], words: str) -> None:
    """A table whose text wraps; a long one scrolls below its header."""
    height: Literal["content"] | int = "content" if len(rows) <= ROWS else 460
    st.table(rows, border="horizontal", height=height, hide_index=True, hide_header=False, alt=words)
