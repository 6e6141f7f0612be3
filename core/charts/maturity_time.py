"""Maturity over time: a radar of one matrix beside last quarter and target, and levels by quarter."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

import plotly.graph_objects as go

from core.charts.base import ADVOCATE, BASELINE, LABEL, REFERRED, TOTAL, finish
from core.charts.text import figure_text

LOWEST, HIGHEST = 1, 5
RADAR_PX, ROW_PX, HEAD_PX = 380, 40, 44
RADAR_LABEL, ROW_LABEL = 16, 24
GRID = "rgba(128,128,128,0.3)"
CELL = "rgba(128,128,128,0.12)"

Level = int | None


def maturity_radar(
    labels: Sequence[str],
    now: Sequence[Level],
    before: Sequence[Level],
    targets: Sequence[Level],
    *,
    title: str,
    subtitle: str,
) -> go.Figure:
    """One matrix as a radar: the levels that count, those of the last quarter, and the targets.

    Every axis runs from 1 to 5, with 1 in the middle; the area says nothing and is not filled.

    Args:
        labels: Names of the capabilities, round the circle.
        now: Level that counts; None where nothing is rated, which breaks the line.
        before: Level that counted in the last quarter.
        targets: Level to reach.
        title: The finding.
        subtitle: What the lines are.
    """
    names = ["<br>".join(figure_text(part) for part in wrap(label, RADAR_LABEL)) for label in labels]
    figure = go.Figure(
        [
            _line("last quarter", names, before, {"color": BASELINE, "width": 2, "dash": "dot"}, None),
            _line("now", names, now, {"color": ADVOCATE, "width": 3}, {"size": 8, "color": ADVOCATE}),
            _points("target", names, targets),
        ]
    )
    finish(figure, title, subtitle, RADAR_PX)
    axis = {"tickfont": {"size": LABEL, "color": TOTAL}, "gridcolor": GRID, "linecolor": GRID}
    figure.update_layout(
        polar={
            "radialaxis": {
                **axis,
                "range": [LOWEST, HIGHEST],
                "tickvals": list(range(LOWEST, HIGHEST + 1)),
                "angle": 90,
                "tickangle": 90,
                "showline": False,
            },
            "angularaxis": {**axis, "direction": "clockwise", "rotation": 90},
            "bgcolor": "rgba(0,0,0,0)",
        },
        margin={"l": 80, "r": 80, "t": 40, "b": 40},
        dragmode=False,
    )
    return figure


def _line(
    name: str, names: Sequence[str], levels: Sequence[Level], line: dict[str, object], marker: dict[str, object] | None
) -> go.Scatterpolar:
    """One closed line round the circle."""
    return go.Scatterpolar(
        name=name,
        r=[*levels, *levels[:1]],
        theta=[*names, *names[:1]],
        mode="lines+markers" if marker else "lines",
        line=line,
        marker=marker,
        connectgaps=False,
        hovertemplate=f"%{{theta}}<br>{name}: %{{r}}<extra></extra>",
    )


def _points(name: str, names: Sequence[str], levels: Sequence[Level]) -> go.Scatterpolar:
    """Marks without a line: targets are set one by one."""
    return go.Scatterpolar(
        name=name,
        r=list(levels),
        theta=list(names),
        mode="markers",
        marker={"symbol": "diamond", "size": 11, "color": REFERRED},
        hovertemplate=f"%{{theta}}<br>{name}: %{{r}}<extra></extra>",
    )


def level_history(
    labels: Sequence[str],
    quarters: Sequence[str],
    reported: Sequence[Sequence[Level]],
    claimed: Sequence[Sequence[Level]],
    *,
    title: str,
    subtitle: str,
) -> go.Figure:
    """Levels by capability and quarter: the one that counted, with the claim in brackets where it was another.

    Args:
        labels: Names of the capabilities, first on top.
        quarters: Names of the quarters, oldest first.
        reported: Level that counted, one row a capability; None without a level.
        claimed: Claimed level, likewise.
        title: The finding.
        subtitle: What the cells are.
    """
    cells = [(row, column) for row in range(len(labels)) for column in range(len(quarters))]
    figure = go.Figure(
        go.Scatter(
            x=[column for _, column in cells],
            y=[row for row, _ in cells],
            mode="text",
            text=[_cell_text(reported[row][column], claimed[row][column]) for row, column in cells],
            textfont={"size": 14, "color": TOTAL},
            hoverinfo="skip",
        )
    )
    finish(figure, title, subtitle, HEAD_PX + ROW_PX * len(labels))
    figure.update_xaxes(range=[-0.5, len(quarters) - 0.5], side="top", tickvals=list(range(len(quarters))))
    figure.update_xaxes(ticktext=[figure_text(name) for name in quarters])
    figure.update_yaxes(showgrid=False, range=[len(labels) - 0.5, -0.5], tickvals=list(range(len(labels))))
    figure.update_yaxes(ticktext=["<br>".join(figure_text(part) for part in wrap(name, ROW_LABEL)) for name in labels])
    figure.update_layout(shapes=[_shape(row, column, reported[row][column]) for row, column in cells])
    return figure


def _cell_text(reported: Level, claimed: Level) -> str:
    if reported is None:
        return ""
    return f"{reported}" if claimed in (None, reported) else f"{reported} ({claimed})"


def _shape(row: int, column: int, level: Level) -> dict[str, object]:
    """One cell, the darker the higher the level; the number stands in it, so colour says nothing alone."""
    return {
        "type": "rect",
        "x0": column - 0.46,
        "x1": column + 0.46,
        "y0": row - 0.42,
        "y1": row + 0.42,
        "line": {"width": 0},
        "fillcolor": CELL if level is None else ADVOCATE,
        "opacity": 1.0 if level is None else 0.08 * level,
        "layer": "below",
    }
