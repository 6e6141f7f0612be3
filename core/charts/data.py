"""Figures of the Data screen."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from core.charts.base import NEUTRAL, TOTAL, finish
from core.charts.text import figure_text
from core.glossary import display

ROW = 40
"""Height of a bar in px."""
ROOM = 0.3
"""Room for the labels beside the longest bar, as a share of all bars."""


def difference_bars(
    parts: Sequence[tuple[str, float]], total: float, currency: str, *, title: str, subtitle: str
) -> go.Figure:
    """What makes up the difference between two figures: a bar from zero per part, the difference itself last.

    Args:
        parts: Label and amount; they sum to `total`. [units of the currency]
        total: The difference.
        currency: ISO code.
        title: The finding.
        subtitle: Both figures.
    """
    rows = [*parts, ("Difference", round(total, 2))]
    values = [amount for _, amount in rows]
    places = list(range(len(rows)))
    names = [figure_text(label) for label, _ in rows]
    texts = [display(round(amount, 2), "money", currency, signed=True) for amount in values]
    figure = go.Figure(
        go.Bar(
            x=values,
            y=places,
            orientation="h",
            marker={"color": [*([NEUTRAL] * len(parts)), TOTAL], "line": {"width": 0}},
            text=texts,
            textposition="outside",
            textfont={"color": TOTAL},
            cliponaxis=False,
            hovertext=[f"{name}: {text}" for name, text in zip(names, texts, strict=True)],
            hoverinfo="text",
        )
    )
    low, high = min(*values, 0.0), max(*values, 0.0)
    room = ROOM * ((high - low) or 1.0)
    figure.update_xaxes(visible=False, range=[low - room * (low < 0), high + room])
    figure.update_yaxes(tickvals=places, ticktext=names, range=[len(rows) - 0.5, -0.5], showgrid=False)
    figure.add_vline(x=0, line={"width": 1.5, "color": TOTAL})
    return finish(figure, title, subtitle, 16 + ROW * len(rows))
