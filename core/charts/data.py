"""Figures of the Data screen."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from core.charts.shapes import Step, waterfall

ROW = 44
"""Height of a bar in px."""


def difference_bars(
    parts: Sequence[tuple[str, float]], total: float, currency: str, *, title: str, subtitle: str
) -> go.Figure:
    """What makes up the difference between two figures: a bar per part, the difference itself last.

    Args:
        parts: Label and amount; they sum to `total`. [units of the currency]
        total: The difference.
        currency: ISO code.
        title: The finding.
        subtitle: Both figures.
    """
    bars = [*(Step(label, amount) for label, amount in parts), Step("Difference", round(total, 2), is_total=True)]
    height = 16 + ROW * len(bars)
    return waterfall(bars, "money", currency, title=title, subtitle=subtitle, height=height, orientation="h")
