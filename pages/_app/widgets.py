"""The few widgets all screens share: heading, card, rows behind a figure, empty state, refusal."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.charts.base import CONFIG
from core.charts.definitions import definition_html, facts_html
from core.charts.text import heading_html
from core.errors import CouncilError
from core.services.clock import demo_words
from pages._app.this_run import take_state
from pages._app.words import md

__all__ = [
    "chart",
    "empty_state",
    "fact_row",
    "heading",
    "heading_row",
    "md",
    "nothing",
    "piece",
    "problem_banner",
    "rows_choice",
    "toast",
    "word_list",
]

BRIEF = 60
"""Characters that are read within the four seconds of a short toast; a long one stands ten."""


def heading_row() -> tuple[DeltaGenerator, DeltaGenerator]:
    """Places for a screen's heading, left, and its filters, right; the filters may be drawn first.

    Both are the same row, in which the sheet of style puts the heading first: a place kept free for it would be one
    message more, and the heading gone from the screen until the answer is computed.
    """
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    return row, row


def heading(question: str, answer: str, note: str, place: DeltaGenerator | None = None, below: str = "") -> None:
    """A screen's question, its computed answer as the page's title, and the line of period, as-of date and currency.

    One element: every message more costs each rerun of each screen.

    Args:
        question: What the screen answers.
        answer: The answer.
        note: Period, as-of date, currency.
        place: The left place of `heading_row`; None for a place of its own.
        below: HTML written by `core.charts`, one element of it, that follows over the whole width.
    """
    if where := demo_words(take_state()):
        note = f"{where} · {note.removeprefix('Demo company · ')}"
    (place or st).html(_Written(heading_html(question, answer, note) + below))


def fact_row(facts: Sequence[tuple[str, str, str]], beside: Sequence[tuple[str, str, str]] = ()) -> None:
    """Large values beside one another with label and note, and the figures they are made of small below them."""
    piece(facts_html(facts, beside))


def word_list(lines: Sequence[tuple[str, Sequence[str]]]) -> None:
    """Labels beside their words; further paragraphs of a label stand small below the first."""
    piece(definition_html(lines))


def piece(html: str) -> None:
    """A piece of HTML written by `core.charts`, which escapes every text in it."""
    st.html(_Written(html))


class _Written:
    """HTML as it is: a plain text would be looked for as a file and freed of its indent, half the cost of a message."""

    def __init__(self, html: str) -> None:
        self._html = html

    def _repr_html_(self) -> str:
        return self._html


def rows_choice(names: Sequence[str]) -> str | None:
    """Let the reader choose whose rows to see.

    Args:
        names: What there are rows of: the labels of the cards of the screen, in their order.

    Returns:
        What was chosen, in the run of the choice only; None in every other.
    """
    st.pills("Rows behind", names, key="rows_behind", on_change=_take_rows)
    wanted: str | None = st.session_state.pop("rows_wanted", None)
    return wanted if wanted in names else None


def _take_rows() -> None:
    """Keep what was asked for during one run, so that the same choice can be made again."""
    st.session_state["rows_wanted"] = st.session_state["rows_behind"]
    st.session_state["rows_behind"] = None


def chart(figure: go.Figure, key: str, *, fill: bool = False, level: int = 2) -> None:
    """A figure in a bordered card that fills its row: the finding as a heading, the definition below it, the plot.

    Args:
        figure: A figure returned by `core.charts.base.finish`.
        key: Permanent name of the place.
        fill: Whether the plot grows with a taller neighbour instead of leaving the card empty below.
        level: Level of the heading; 2 directly below the page's title.
    """
    words = figure.layout.meta
    with st.container(border=True, height="stretch", gap="xxsmall"):
        st.markdown(f"{'#' * level} {md(words['title'])}\n\n:small[{md(words['subtitle'])}]", anchors=False)
        st.plotly_chart(
            figure,
            key=key,
            height="stretch" if fill else "content",
            alt=f"{words['title']}. {words['subtitle']}",
            config=CONFIG,
        )


def empty_state(text: str, action: Callable[[], object] | None = None) -> None:
    """Say what is missing and offer what to do next.

    Args:
        text: What is missing and what its loading would show.
        action: Draws the button or link that helps.
    """
    with st.container(border=True, horizontal_alignment="center", gap="small"):
        st.markdown(f":material/search_off: {md(text)}", width="content")
        if action is not None:
            action()


def nothing(text: str) -> None:
    """One quiet line in place of a list or a chart that has nothing to show, and what to do about it."""
    st.markdown(f":small[{md(text)}]")


def toast(message: str) -> None:
    """Say what was done; for as long as its words take to be read."""
    st.toast(md(message), icon=":material/check:", duration="long" if len(message) > BRIEF else "short")


def problem_banner(problem: CouncilError | str) -> None:
    """Show an error made for people: its first line as a banner, the list below as plain text."""
    first, *more = str(problem).splitlines() or [""]
    st.error(md(first), icon=":material/error:")
    if more:
        st.code("\n".join(more), language=None, wrap_lines=True)
