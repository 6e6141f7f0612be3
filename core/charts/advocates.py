"""Figures of Advocates."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

import plotly.graph_objects as go

from core.charts.base import BASELINE, LABEL, NEGATIVE, POSITIVE, TOTAL, finish
from core.charts.text import figure_text, tenths

ROW = 25
"""Height of a signal in px: a line of words above, its bar below."""
DROP = 0.14
"""How far below the middle of its row a bar lies, in rows."""
FITTING = 46
"""Characters that fit beside the points on the narrowest screen the product is made for."""
LINE = 0.72
"""Height of a further line of words, in rows."""


def readiness_waterfall(
    parts: Sequence[tuple[str, float, str]], score: float, *, title: str, subtitle: str, total: str = "Readiness"
) -> go.Figure:
    """Points by signal, each bar starting where the one above ends, and the score they sum to.

    Each row says the signal, the raw value behind it and its points above the bar, so that words have the whole width
    and stay whole on a narrow screen. Points are written to tenths that add up to the score as it is written.

    Args:
        parts: Signal, points [0-100] and raw value in words, from top to bottom; they sum to `score`.
        score: The score. [0-100]
        title: The finding.
        subtitle: The definition.
        total: What the score is called.
    """
    rows = [*((label, points, raw, False) for label, points, raw in parts), (total, score, "", True)]
    said = [*tenths([points for _, points, _ in parts], 0.0, score), f"{score:.1f}"]
    starts, level = [], 0.0
    for _, points, _, is_total in rows:
        starts.append(0.0 if is_total else level)
        level += points
    lines = [_lines(label, raw) for label, _, raw, _ in rows]
    extra = [LINE * (len(own) - 1) for own in lines]
    places = [place + sum(extra[:place]) for place in range(len(rows))]
    figure = go.Figure(
        go.Bar(
            x=[points for _, points, _, _ in rows],
            y=[place + more + DROP for place, more in zip(places, extra, strict=True)],
            base=starts,
            orientation="h",
            width=0.22,
            marker={"color": [_colour(points, is_total) for _, points, _, is_total in rows], "line": {"width": 0}},
            hovertext=[_words(row[0], text, row[2]) for row, text in zip(rows, said, strict=True)],
            hoverinfo="text",
        )
    )
    words = [note for own in zip(places, lines, said, strict=True) for note in _line(*own)]
    zero = {"type": "line", "x0": 0, "x1": 0, "yref": "paper", "y0": 0, "y1": 1, "line": {"width": 1.5, "color": TOTAL}}
    figure.update_layout(annotations=words, shapes=[zero])
    figure.update_xaxes(visible=False, range=[0, 100])
    figure.update_yaxes(visible=False, range=[len(rows) + sum(extra) - 0.68, -0.65])
    return finish(figure, title, subtitle, round(ROW * (len(rows) + sum(extra))) + 16, right=2, left=2)


def _colour(points: float, is_total: bool) -> str:
    return TOTAL if is_total else POSITIVE if points >= 0 else NEGATIVE


def _words(label: str, points: str, raw: str) -> str:
    text = f"{figure_text(label)}: {points}"
    return f"{text} ({figure_text(raw)})" if raw else text


def _lines(label: str, raw: str) -> list[str]:
    """The words above a bar: the raw value beside the signal where both fit, else below it."""
    name = f"<b>{figure_text(label)}</b>"
    if not raw:
        return [name]
    grey = [f'<span style="color:{BASELINE}">{figure_text(line)}</span>' for line in wrap(raw, FITTING)]
    return [f"{name}  {grey[0]}"] if len(label) + len(raw) <= FITTING else [name, *grey]


def _line(place: float, lines: list[str], points: str) -> list[dict[str, Any]]:
    """What stands above a bar: signal and raw value to the left, points to the right of the first line."""
    shared = {
        "xref": "paper", "yref": "y", "yanchor": "middle", "showarrow": False, "borderpad": 0, "align": "left",
        "font": {"size": LABEL, "color": TOTAL},
    }  # fmt: skip
    middle = place - 0.3 + LINE * (len(lines) - 1) / 2
    figure = f"<b>{points}</b>"
    return [
        {**shared, "x": 0, "y": middle, "xshift": 6, "xanchor": "left", "text": "<br>".join(lines)},
        {**shared, "x": 1, "y": place - 0.3, "xanchor": "right", "text": figure},
    ]
