"""The lists of the Meeting: promises that are due, actions, decisions. Text of records is escaped and wraps."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.charts.lists import Tone, Words, listing_html
from core.glossary import MINUS, display_day, display_month
from core.month import Month
from core.services.look_back import INSIDE, OUTCOMES
from core.services.look_back_rows import look_back_rows
from core.services.meeting_lines import ActionLine, DecisionLine
from core.services.reviews import ReviewLine
from pages._app.meeting_forms import labels
from pages._app.rows import rows_part
from pages._app.tables import csv_download, row_table
from pages._app.widgets import piece
from pages._app.words import md

KEPT = {
    True: ":green-badge[:material/check: {}]",
    False: ":red-badge[:material/priority_high: {}]",
    None: ":gray-badge[:material/question_mark: {}]",
}
SHAPES: dict[bool | None, str] = {True: "✓", False: "!", None: "?"}
TONES: dict[bool | None, Tone] = {True: "good", False: "bad", None: "neutral"}
WORD_JOINER = "\N{WORD JOINER}"


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
        (Words(line.state, tone="bad" if line.is_overdue else ""), _task(line), line.owner, display_day(line.due))
        for line in lines
    ]
    piece(listing_html(("State", "Action", "Owner", "Due"), rows, "Open actions, overdue first"))


def done_table(lines: Sequence[ActionLine]) -> None:
    """Actions done, each with what shows it."""
    rows = [
        (line.state, _task(line), line.owner, display_day(line.closed_on) if line.closed_on else "", line.evidence)
        for line in lines
    ]
    names = ("State", "Action", "Owner", "Done on", "Evidence")
    piece(listing_html(names, rows, "Actions done, the latest first"))


def decision_table(lines: Sequence[DecisionLine]) -> None:
    """Every decision with the number it saw and what it expects."""
    rows = [
        (
            Words(line.title, f"Scenario: {line.scenario}" if line.scenario else ""),
            f"{line.kpi_label} {line.seen}, {display_month(line.month)}",
            _unbroken(line.expected),
            line.owner,
            Words(line.standing, tone="warn" if line.is_due else ""),
        )
        for line in lines
    ]
    names = ("Decision", "Number seen", "Expected", "Owner", "Stands")
    piece(listing_html(names, rows, "Decisions, those due for a look-back first"))


def review_table(lines: Sequence[ReviewLine]) -> None:
    """Look-backs that were held: promised and got side by side, what was learned, what is done next."""
    rows = [
        (
            Words(line.title, line.kpi_label),
            _unbroken(line.promised),
            _unbroken(line.got),
            Words(f"{SHAPES[line.inside]} {line.verdict}", tone=TONES[line.inside]),
            line.lesson,
            line.next_step,
            line.held,
        )
        for line in lines
    ]
    names = ("Decision", "Promised", "Got", "Verdict", "What we learned", "Next", "Held")
    piece(listing_html(names, rows, "Look-backs held, the latest first"))


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
    return figure.replace(MINUS, f"{MINUS}{WORD_JOINER}").replace("+", f"+{WORD_JOINER}")


def _task(line: ActionLine) -> Words:
    return Words(line.text, f"Decision: {line.decision}")
