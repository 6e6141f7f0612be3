"""A response to spend: what each line is expected to bring at each level, and where nobody has been yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from core.charts.base import ADVOCATE, CHARACTER, HATCH, axis_ticks, finish, spread
from core.charts.text import figure_text
from core.glossary import Unit


@dataclass(frozen=True, slots=True)
class Response:
    """One curve of a response chart; all sequences have the length of `spend`.

    Attributes:
        label: Name at the end of the curve.
        spend: Spend per period, ascending.
        outcome: Expected outcome at each spend.
        low: Lower end of the band.
        high: Upper end of the band.
        observed_to: Greatest spend ever observed; beyond it the curve is dashed.
        today: Spend and outcome now.
        proposed: Spend and outcome of the proposal; None when there is none.
        colour: One of the meanings of `core.charts.base`.
    """

    label: str
    spend: Sequence[float]
    outcome: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    observed_to: float
    today: tuple[float, float]
    proposed: tuple[float, float] | None = None
    colour: str = ADVOCATE


def response_curve(
    curves: Sequence[Response],
    unit: Unit = "money",
    currency: str = "",
    *,
    title: str,
    subtitle: str,
    height: int = 280,
) -> go.Figure:
    """Outcome by spend: band, dot for today, diamond for the proposal, dashed and hatched beyond what was observed.

    Args:
        curves: One per line.
        unit: How the outcome axis is written; spend is money.
        currency: ISO code of money.
        title: The finding.
        subtitle: The definition; it explains dot, diamond and dashes.
        height: Height in px.
    """
    figure = go.Figure()
    for curve in curves:
        _curve(figure, curve)
    top = max((max(*curve.high, *curve.outcome) for curve in curves), default=1.0)
    bottom = min((min(*curve.low, *curve.outcome, 0.0) for curve in curves), default=0.0)
    far = max((curve.spend[-1] for curve in curves), default=1.0)
    figure.update_xaxes(range=[0, far], **axis_ticks(0, far, "money", currency))
    figure.update_yaxes(range=[bottom, top * 1.05], showgrid=True, **axis_ticks(bottom, top, unit, currency, count=5))
    room = (top - bottom) * 1.05 * 16 / max(height - 50, 1)
    for curve, place in zip(curves, spread([curve.outcome[-1] for curve in curves], room), strict=True):
        figure.add_annotation(
            x=far if curve.spend[-1] == far else curve.spend[-1],
            y=place,
            text=figure_text(curve.label),
            font={"color": curve.colour},
            showarrow=False,
            xanchor="left",
            xshift=6,
        )
    longest = max((len(curve.label) for curve in curves if curve.spend[-1] > 0.8 * far), default=0)
    return finish(figure, title, subtitle, height, right=round(12 + CHARACTER * longest))


def _curve(figure: go.Figure, curve: Response) -> None:
    seen = [index for index, spend in enumerate(curve.spend) if spend <= curve.observed_to]
    edge = seen[-1] if seen else 0
    parts = ((slice(0, edge + 1), False), (slice(edge, None), True))
    for part, beyond in parts:
        spend = list(curve.spend[part])
        if len(spend) < 2:
            continue
        _area(figure, spend, list(curve.low[part]), list(curve.high[part]), curve.colour, beyond)
        figure.add_scatter(
            x=spend,
            y=list(curve.outcome[part]),
            mode="lines",
            line={"width": 2.5, "color": curve.colour, "dash": "dot" if beyond else "solid"},
            hoverinfo="skip",
        )
    for point, symbol in ((curve.today, "circle"), (curve.proposed, "diamond")):
        if point is not None:
            figure.add_scatter(
                x=[point[0]],
                y=[point[1]],
                mode="markers",
                marker={"size": 12, "symbol": symbol, "color": curve.colour},
                cliponaxis=False,
                hovertext=[f"{figure_text(curve.label)}, {'today' if symbol == 'circle' else 'proposed'}"],
                hoverinfo="text",
            )


def _area(
    figure: go.Figure, spend: list[float], low: list[float], high: list[float], colour: str, beyond: bool
) -> None:
    """The band of one part of a curve; hatched where nothing was observed."""
    hatch = {"fillpattern": HATCH | {"fgcolor": colour, "fillmode": "overlay"}}
    figure.add_scatter(
        x=[*spend, *reversed(spend)],
        y=[*high, *reversed(low)],
        mode="lines",
        line={"width": 0},
        fill="toself",
        fillcolor="rgba(0,0,0,0)" if beyond else colour,
        opacity=0.4 if beyond else 0.16,
        hoverinfo="skip",
        **(hatch if beyond else {}),
    )
