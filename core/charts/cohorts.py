"""The triangle of the Cohorts screen: start periods by age, or along the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from core.charts.base import ADVOCATE, HATCH, LABEL, LINE, NEUTRAL, TOTAL, finish
from core.charts.text import figure_text

FAINT, STRONG = 0.08, 0.45
"""Opacity of the accent at the low and the high end: at the high end text still has a contrast of 4.5:1."""
LEAST_ROW, MOST_ROW, BODY, TOP = 25, 38, 290, 30
"""Heights in px: of a row of the triangle, of its rows together as far as they allow, and of the ages above them."""

ROOMY = 9
"""Columns up to which counts stand apart at the size of other labels."""


@dataclass(frozen=True, slots=True)
class TriangleCell:
    """A cell as it is drawn.

    Attributes:
        row: Row from the top.
        column: Column from the left.
        text: What stands in it.
        value: What its tint says, in any unit; None for no tint.
        hatched: Whether it is not ripe.
        lines: What is told of it.
        key: Cohort and column in words, returned when it is clicked.
    """

    row: int
    column: int
    text: str
    value: float | None
    hatched: bool
    lines: tuple[str, ...]
    key: tuple[str, str]


def cohort_triangle(
    cells: Sequence[TriangleCell],
    rows: Sequence[str],
    columns: Sequence[str],
    chosen: tuple[str, str] | None = None,
    *,
    title: str,
    subtitle: str,
) -> go.Figure:
    """Cohorts from top to bottom, columns from left to right, each cell with its figure; the last row is all of them.

    One tint of the accent from faint to strong, so that it reads without colour vision and in the dark. Cells are bars:
    a heat map takes no clicks in Streamlit.

    Args:
        cells: The cells there are.
        rows: Name of each row with its customers.
        columns: What stands above each column: months since the start, or a quarter or month, word below word.
        chosen: Key of the cell that is outlined; None for none.
        title: The finding.
        subtitle: The definition; it says what hatching and counts mean.
    """
    figure = go.Figure(_bars(cells, LABEL if len(columns) <= ROOMY else LABEL - 1))
    figure.update_xaxes(
        tickvals=list(range(len(columns))),
        ticktext=["<br>".join(map(figure_text, name.split(" "))) for name in columns],
        side="top",
        range=[-0.5, len(columns) - 0.5],
    )
    figure.update_yaxes(
        tickvals=list(range(len(rows))), ticktext=[figure_text(name) for name in rows], range=[len(rows) - 0.5, -0.5]
    )
    for cell in cells:
        if cell.key == chosen:
            _outline(figure, cell)
    if len(rows) > 1:
        figure.add_hline(y=len(rows) - 1.5, line={"width": 1, "color": NEUTRAL})
    top = TOP + LINE * (max(len(name.split(" ")) for name in columns) - 1) if columns else TOP
    height = top + len(rows) * min(max(BODY / max(len(rows), 1), LEAST_ROW), MOST_ROW)
    return finish(figure, title, subtitle, round(height))


def _bars(cells: Sequence[TriangleCell], size: int) -> go.Bar:
    ink = {"textfont": {"color": TOTAL}}
    return go.Bar(
        x=[0.94] * len(cells),
        base=[cell.column - 0.47 for cell in cells],
        y=[cell.row for cell in cells],
        width=0.88,
        orientation="h",
        text=[cell.text for cell in cells],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        constraintext="none",
        textfont={"color": TOTAL, "size": size},
        marker=_marker(cells),
        hovertext=["<br>".join(figure_text(line) for line in cell.lines) for cell in cells],
        hoverinfo="text",
        customdata=[list(cell.key) for cell in cells],
        # without both, plotly.js 4.2 fails on a click on a bar with text, and the click is lost
        selected=ink,
        unselected=ink,
    )


def _marker(cells: Sequence[TriangleCell]) -> dict[str, Any]:
    values = [cell.value for cell in cells if cell.value is not None]
    low, high = (min(values), max(values)) if values else (0.0, 0.0)
    return {
        "color": [NEUTRAL if cell.hatched else ADVOCATE for cell in cells],
        "opacity": [_opacity(cell, low, high) for cell in cells],
        "line": {"width": 0},
        "pattern": HATCH
        | {
            "shape": [HATCH["shape"] if cell.hatched else "" for cell in cells],
            "fillmode": "replace",
        },
    }


def _outline(figure: go.Figure, cell: TriangleCell) -> None:
    figure.add_shape(
        type="rect",
        x0=cell.column - 0.47,
        x1=cell.column + 0.47,
        y0=cell.row - 0.44,
        y1=cell.row + 0.44,
        line={"width": 2, "color": TOTAL},
    )


def _opacity(cell: TriangleCell, low: float, high: float) -> float:
    if cell.hatched:
        return 0.6
    if cell.value is None:
        return 0.0 if not cell.text else FAINT / 2
    share = (cell.value - low) / (high - low) if high > low else 0.5
    return round(FAINT + (STRONG - FAINT) * share, 3)
