"""Figures of Advocates."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from core.charts.shapes import Step, waterfall


def readiness_waterfall(
    parts: Sequence[tuple[str, float, str]], total: float, *, title: str, subtitle: str
) -> go.Figure:
    """Readiness of one contact: points by signal, the raw value beside each bar, and their sum.

    Args:
        parts: Signal, points and raw value of every signal that is present.
        total: The score. [points]
        title: The finding.
        subtitle: The definition.
    """
    steps = [Step(label, points, note=raw) for label, points, raw in parts]
    return waterfall(
        [*steps, Step("Readiness", total, is_total=True)],
        "score",
        title=title,
        subtitle=subtitle,
        height=60 + 30 * (len(steps) + 1),
        orientation="h",
    )
