"""Figures of Advocates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from core.charts.base import BASELINE, LABEL, NEGATIVE, POSITIVE, TOTAL, finish
from core.charts.text import figure_text
from core.glossary import MINUS

ROW = 25
"""Height of a signal in px: a line of words above, its bar below."""
DROP = 0.14
"""How far below the middle of its row a bar lies, in rows."""


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
    said = _tenths([points for _, points, _ in parts], score)
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
            marker={"color": [_colour(points, is_total) for _, points, _, is_total in rows], "line": {"width": 0}},
            hovertext=[_words(row[0], text, row[2]) for row, text in zip(rows, said, strict=True)],
            hoverinfo="text",
        )
    )
    words = [note for place, row in enumerate(rows) for note in _line(place, row[0], said[place], row[2])]
    zero = {"type": "line", "x0": 0, "x1": 0, "yref": "paper", "y0": 0, "y1": 1, "line": {"width": 1.5, "color": TOTAL}}
    figure.update_layout(annotations=words, shapes=[zero])
    figure.update_xaxes(visible=False, range=[0, 100])
    figure.update_yaxes(visible=False, range=[len(rows) - 0.68, -0.65])
    return finish(figure, title, subtitle, ROW * len(rows) + 16, right=2, left=2)


def _colour(points: float, is_total: bool) -> str:
    return TOTAL if is_total else POSITIVE if points >= 0 else NEGATIVE


def _tenths(points: Sequence[float], score: float) -> list[str]:
    """The points and the score in words: tenths, those cut most rounded up so that the printed ones add up."""
    tenths = [math.floor(round(10 * value, 6)) for value in points]
    total = round(10 * score)
    cut = sorted(range(len(points)), key=lambda place: tenths[place] - 10 * points[place])
    for place in cut[: max(total - sum(tenths), 0)]:
        tenths[place] += 1
    signs = ["+" if value > 0 else MINUS if value < 0 else "" for value in tenths]
    return [*(f"{sign}{abs(value) / 10:.1f}" for sign, value in zip(signs, tenths, strict=True)), f"{total / 10:.1f}"]


def _words(label: str, points: str, raw: str) -> str:
    text = f"{figure_text(label)}: {points}"
    return f"{text} ({figure_text(raw)})" if raw else text


def _line(place: int, label: str, points: str, raw: str) -> list[dict[str, Any]]:
    """The line of words above a bar: signal and raw value to the left, points to the right."""
    words = f"<b>{figure_text(label)}</b>"
    if raw:
        words += f'  <span style="color:{BASELINE}">{figure_text(raw)}</span>'
    shared = {
        "xref": "paper", "y": place - 0.3, "yref": "y", "yanchor": "middle", "showarrow": False, "borderpad": 0,
        "font": {"size": LABEL, "color": TOTAL},
    }  # fmt: skip
    figure = f"<b>{points}</b>"
    return [
        {**shared, "x": 0, "xshift": 6, "xanchor": "left", "text": words},
        {**shared, "x": 1, "xanchor": "right", "text": figure},
    ]
