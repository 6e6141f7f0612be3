"""What changed in a score since an earlier month: from the score then, signal by signal, to the score now."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

import plotly.graph_objects as go

from core.charts.base import BASELINE, LABEL, NEGATIVE, POSITIVE, TOTAL, finish
from core.charts.text import figure_text, tenths

LINE = 17
"""Height of a line of words in px."""
BAR = 8
GAP = 10
"""Room below a bar in px."""
CHARACTERS = 60
"""Characters of a line of words; longer ones take another line, so that they stay whole on a narrow screen."""
LEAST = 10.0
"""Least points the axis spans, so that a change of a point does not look like a landslide."""


def change_waterfall(
    lines: Sequence[tuple[str, float, str]], then: float, now: float, *, title: str, subtitle: str
) -> go.Figure:
    """The score then, the change of each signal as a bar that starts where the one above ends, and the score now.

    Each row says the signal, its change in points and what was measured then and now. The axis shows only the stretch
    in which the score moved: bars are changes, the two scores are marks.

    Args:
        lines: Signal, change in points, and what was measured then and now in words, from top to bottom; they sum to
            `now - then`.
        then: The score then. [0-100]
        now: The score now. [0-100]
        title: The finding.
        subtitle: The definition.
    """
    levels = [then]
    for _, change, _ in lines:
        levels.append(levels[-1] + change)
    changes = tenths([change for _, change, _ in lines], then, now)
    rows = [
        ("Then", f"{then:.1f}", ""),
        *((label, said, words) for (label, _, words), said in zip(lines, changes, strict=True)),
        ("Now", f"{now:.1f}", ""),
    ]
    tops, height = _places(rows)
    middles = [top + LINE * (1 + len(_wrapped(words))) + BAR / 2 for top, (_, _, words) in zip(tops, rows, strict=True)]
    low, high = min(*levels, now), max(*levels, now)
    margin = max(LEAST - (high - low), 0) / 2 + 0.05 * max(high - low, LEAST)
    figure = go.Figure(_bars(lines, levels, middles[1:-1], [_hover(*row) for row in rows[1:-1]]))
    figure.add_trace(_marks(then, now, middles))
    notes = [note for top, row in zip(tops, rows, strict=True) for note in _words(top, *row)]
    figure.update_layout(annotations=notes)
    figure.update_xaxes(visible=False, range=[low - margin, high + margin])
    figure.update_yaxes(visible=False, range=[height, 0])
    return finish(figure, title, subtitle, height + 16, right=2, left=2)


def _places(rows: Sequence[tuple[str, str, str]]) -> tuple[list[int], int]:
    """Top of each row in px, and the height of all."""
    tops, y = [], 0
    for _, _, words in rows:
        tops.append(y)
        y += LINE * (1 + len(_wrapped(words))) + BAR + GAP
    return tops, y


def _wrapped(words: str) -> list[str]:
    return wrap(words, CHARACTERS)


def _bars(
    lines: Sequence[tuple[str, float, str]], levels: Sequence[float], middles: Sequence[float], hovers: Sequence[str]
) -> go.Bar:
    return go.Bar(
        x=[change for _, change, _ in lines],
        base=list(levels[:-1]),
        y=list(middles),
        orientation="h",
        width=BAR,
        marker={"color": [POSITIVE if change >= 0 else NEGATIVE for _, change, _ in lines], "line": {"width": 0}},
        hovertext=list(hovers),
        hoverinfo="text",
    )


def _hover(label: str, change: str, words: str) -> str:
    text = f"{figure_text(label)}: {change}"
    return f"{text} ({figure_text(words)})" if words else text


def _marks(then: float, now: float, middles: Sequence[float]) -> go.Scatter:
    return go.Scatter(
        x=[then, now],
        y=[middles[0], middles[-1]],
        mode="markers",
        marker={"symbol": "diamond", "size": 10, "color": TOTAL},
        hovertext=[f"then {then:.1f}", f"now {now:.1f}"],
        hoverinfo="text",
    )


def _words(top: int, label: str, points: str, words: str) -> list[dict[str, Any]]:
    """Signal to the left and change to the right, below the signal what was measured."""
    shared = {
        "xref": "paper", "yref": "y", "yanchor": "middle", "showarrow": False, "borderpad": 0,
        "font": {"size": LABEL, "color": TOTAL},
    }  # fmt: skip
    middle = top + LINE / 2
    notes: list[dict[str, Any]] = [
        {**shared, "x": 0, "xanchor": "left", "y": middle, "text": f"<b>{figure_text(label)}</b>"},
        {**shared, "x": 1, "xanchor": "right", "y": middle, "text": f"<b>{points}</b>"},
    ]
    for place, line in enumerate(_wrapped(words), start=1):
        text = f'<span style="color:{BASELINE}">{figure_text(line)}</span>'
        notes.append({**shared, "x": 0, "xanchor": "left", "y": middle + LINE * place, "text": text})
    return notes
