"""Figures of the Overview."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from core.charts.shapes import Step, waterfall


def arr_bridge(steps: Sequence[tuple[str, float]], currency: str, *, title: str, subtitle: str) -> go.Figure:
    """ARR from one month end to another: two levels and the movements between them.

    Args:
        steps: Label and amount; the first and the last are levels, the others changes. [units of the currency]
        currency: ISO code.
        title: The finding.
        subtitle: The definition.
    """
    last = len(steps) - 1
    bars = [Step(label, value, is_total=place in (0, last)) for place, (label, value) in enumerate(steps)]
    return waterfall(bars, "money", currency, title=title, subtitle=subtitle, height=220)
