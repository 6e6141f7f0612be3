"""The few widgets all screens share: heading, card, rows behind a figure, empty state, refusal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Literal, Protocol

import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.charts.base import CONFIG
from core.errors import CouncilError
from core.glossary import display, display_change, display_interval, display_month
from core.kpis.result import KpiResult, State
from pages._app.words import md

__all__ = [
    "CardView",
    "chart",
    "empty_state",
    "heading",
    "heading_row",
    "kpi_card",
    "kpi_row",
    "md",
    "problem_banner",
]

_TONES = {
    "good": ":green-badge[:material/check: {}]",
    "bad": ":red-badge[:material/priority_high: {}]",
    "neutral": ":gray-badge[{}]",
}
_CARD_PX = 190
_CARD_HEIGHT = 352
_CARD_LINES = 5
_BLANK = "&nbsp;"


class CardView(Protocol):
    """What a card shows: a KPI's result and the words around it."""

    @property
    def result(self) -> KpiResult:
        """Value, interval, sample, state and earlier values."""

    @property
    def definition(self) -> str:
        """One sentence: what the figure is."""

    @property
    def spark(self) -> Sequence[float | None]:
        """The figure of the last months, oldest first; None where it cannot be shown."""

    @property
    def status(self) -> str:
        """One or two words such as "on target"; empty when there is nothing to say."""

    @property
    def tone(self) -> Literal["good", "bad", "neutral"]:
        """What the status means."""

    @property
    def beside(self) -> str:
        """The figure it is compared with, in one line; empty when there is none."""

    @property
    def target(self) -> float | None:
        """The figure agreed on, in the result's unit."""


def heading_row() -> tuple[DeltaGenerator, DeltaGenerator]:
    """Places for a screen's heading, left, and its filters, right; the filters may be drawn first."""
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    left = row.container(width="stretch")
    return left, row.container(horizontal=True, width="content", vertical_alignment="bottom")


def heading(question: str, answer: str, note: str) -> None:
    """A screen's question, its computed answer as the page's title, and the line of period, as-of date and currency."""
    with st.container(gap="xxsmall"):
        st.caption(md(question))
        st.title(md(answer), anchor=False)
        st.caption(md(note))


def kpi_row(cards: Sequence[CardView], on_rows: Callable[[CardView], object] | None = None) -> None:
    """Cards of equal width and height: six side by side, or three and three where that would be too narrow."""
    with st.grid(2 if len(cards) > 3 else 1, min_column_width=3 * _CARD_PX - 25, gap="small"):
        for half in (cards[:3], cards[3:]):
            if half:
                with st.grid(3, min_column_width=_CARD_PX, gap="small"):
                    for card in half:
                        kpi_card(card, on_rows)


def kpi_card(card: CardView, on_rows: Callable[[CardView], object] | None = None) -> None:
    """One KPI: value or why there is none, change, interval and n, a year ago, status, trend, and its rows.

    Args:
        card: What is shown.
        on_rows: Called with the card when the reader asks for the rows behind it; None leaves the button out.
    """
    result = card.result
    with st.container(border=True, height=_CARD_HEIGHT, gap="xsmall"):
        if result.shown:
            _metric(card)
            lines = _lines(card)
            lines += [_BLANK] * (_CARD_LINES - len(lines) - bool(card.beside))  # what it is beside takes two
        else:
            st.markdown(f":small[{md(result.label)}]", help=_help(card))
            lines = [f"**{md(_absence(result))}**", *_lines(card)]
        st.markdown("  \n".join(lines))
        if on_rows is not None and st.button("Rows", key=f"rows_{result.id}", type="tertiary"):
            on_rows(card)


def _help(card: CardView) -> str:
    return "\n\n".join(md(part) for part in card.definition.split("\n\n"))


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


def problem_banner(problem: CouncilError | str) -> None:
    """Show an error made for people: its first line as a banner, the list below as plain text."""
    first, *more = str(problem).splitlines() or [""]
    st.error(md(first), icon=":material/error:")
    if more:
        st.code("\n".join(more), language=None, wrap_lines=True)


def _metric(card: CardView) -> None:
    result = card.result
    change = display_change(result.value, result.previous, result.unit, result.currency, ascii_minus=True)
    is_known = result.previous is not None
    moves = change[:1] in "+-"
    colours: dict[str, Literal["normal", "inverse", "off"]] = {"higher": "normal", "lower": "inverse", "neither": "off"}
    st.metric(
        md(result.label),
        md(display(result.value, result.unit, result.currency)),
        change if is_known else None,
        colours[result.better] if moves and _is_clear(result) else "off",
        help=_help(card),
        delta_arrow="auto" if moves else "off",
        delta_description=f"on {display_month(_month_before(result.month))[:3]}" if is_known else None,
        chart_data=_last_run(card.spark),
    )


def _is_clear(result: KpiResult) -> bool:
    """Whether the change is more than the figure's own uncertainty: only then does it get a colour."""
    if result.state is not State.OK or result.previous is None:
        return False
    return result.low is None or result.high is None or not result.low <= result.previous <= result.high


def _absence(result: KpiResult) -> str:
    if result.state is State.TOO_FEW:
        counted = (
            f"{result.numerator} of {result.n}" if result.numerator is not None else f"{result.n} {result.n_label}"
        )
        return f"too few ({counted})"
    if result.state is State.MISSING and not (result.reason or "").startswith("not loaded"):
        return "no figure"
    return {State.MISSING: "not loaded", State.UNDEFINED: "not defined"}.get(result.state, "no figure")


def _lines(card: CardView) -> list[str]:
    """Interval, n, the figure beside it or a year ago, target, reason, status: those that exist."""
    result = card.result
    lines: list[str] = []
    if result.shown:
        if result.low is not None and result.high is not None:
            lines.append(f"95 %: {display_interval(result.low, result.high, result.unit, result.currency)}")
        lines.append(f"n {result.n:,} {result.n_label}")
        if card.beside:
            lines.append(card.beside)
        elif result.year_ago is not None:
            since = display_change(result.value, result.year_ago, result.unit, result.currency)
            lines.append(f"{since} on a year ago")
    if card.target is not None:
        lines.append(f"target {display(card.target, result.unit, result.currency)}")
    if result.reason and result.state in (State.MISSING, State.UNDEFINED):
        lines.append(result.reason.replace("not loaded: ", "needs "))
    badge = [_TONES[card.tone].format(md(card.status))] if card.status else []
    return [f":small[{md(line)}]" for line in lines] + badge


def _last_run(values: Sequence[float | None]) -> list[float] | None:
    """The latest values without a gap; None when there are fewer than two."""
    run: list[float] = []
    for value in reversed(values):
        if value is None:
            break
        run.append(value)
    return run[::-1] if len(run) > 1 else None


def _month_before(month: dt.date) -> dt.date:
    return (month.replace(day=1) - dt.timedelta(days=1)).replace(day=1)
