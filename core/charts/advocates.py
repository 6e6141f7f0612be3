"""Figures of Advocates."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from core.charts.base import BASELINE, LABEL, POSITIVE, TOTAL, finish
from core.charts.text import figure_text
from core.glossary import display

ROW = 25
"""Height of a signal in px: a line of words above, its bar below."""
DROP = 0.14
"""How far below the middle of its row a bar lies, in rows."""


def readiness_waterfall(
    parts: Sequence[tuple[str, float, str]], score: float, *, title: str, subtitle: str
) -> go.Figure:
    """Points by signal, each bar starting where the one above ends, and the score they sum to.

    Each row says the signal, the raw value behind it and its points above the bar, so that words have the whole width
    and stay whole on a narrow screen.

    Args:
        parts: Signal, points [0-100] and raw value in words, from top to bottom; they sum to `score`.
        score: The score. [0-100]
        title: The finding.
        subtitle: The definition.
    """
    rows = [*((label, points, raw, False) for label, points, raw in parts), ("Readiness", score, "", True)]
    starts, level = [], 0.0
    for _, points, _, is_total in rows:
        starts.append(0.0 if is_total else level)
        level += points
    figure = go.Figure(
        go.Bar(
            x=[points for _, points, _, _ in rows],
            y=[place + DROP for place in range(len(rows))],
            base=starts,
            orientation="h",
            width=0.22,
            marker={"color": [TOTAL if is_total else POSITIVE for *_, is_total in rows], "line": {"width": 0}},
            hovertext=[_words(label, points, raw, is_total) for label, points, raw, is_total in rows],
            hoverinfo="text",
        )
    )
    for place, (label, points, raw, is_total) in enumerate(rows):
        _write(figure, place, label, raw, display(points, "score", signed=not is_total))
    figure.update_xaxes(visible=False, range=[0, 100])
    figure.update_yaxes(visible=False, range=[len(rows) - 0.68, -0.65])
    figure.add_vline(x=0, line={"width": 1.5, "color": TOTAL})
    return finish(figure, title, subtitle, ROW * len(rows) + 16, right=2, left=2)


def _words(label: str, points: float, raw: str, is_total: bool) -> str:
    text = f"{figure_text(label)}: {display(points, 'score', signed=not is_total)}"
    return f"{text} ({figure_text(raw)})" if raw else text


def _write(figure: go.Figure, place: int, label: str, raw: str, points: str) -> None:
    """The line of words above a bar: signal and raw value to the left, points to the right."""
    words = f"<b>{figure_text(label)}</b>"
    if raw:
        words += f'  <span style="color:{BASELINE}">{figure_text(raw)}</span>'
    for x, shift, anchor, text in ((0, 6, "left", words), (1, 0, "right", f"<b>{points}</b>")):
        figure.add_annotation(
            x=x, xshift=shift, xref="paper", xanchor=anchor, y=place - 0.3, yref="y", yanchor="middle", text=text,
            align=anchor, showarrow=False, font={"size": LABEL, "color": TOTAL}, borderpad=0,
        )  # fmt: skip
