"""Figures of the Budget: what a plan should bring against zero, and the response curves behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from core.budget.curve import ResponseCurve
from core.budget.effect import Gain, MoveEffect
from core.charts.base import ADVOCATE, BASELINE, NEUTRAL, ORGANIC, PAID, PARTNER, REFERRED, TOTAL
from core.charts.response import Response, response_curve
from core.charts.shapes import Estimate, interval_plot
from core.model.channels import ChannelClass

COLOURS: dict[ChannelClass, str] = {
    "referral": REFERRED,
    "paid": PAID,
    "organic": ORGANIC,
    "partner": PARTNER,
    "other": BASELINE,
}
SPARE = (TOTAL, NEUTRAL, BASELINE)
"""Colours without a meaning of their own here, for a second line of the same class."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One line of the response chart.

    Attributes:
        curve: Its curve.
        current_cents: Spend today. [cents/year]
        proposed_cents: Proposed spend. [cents/year]
        observed_cents: Most that was ever spent; None when nothing was. [cents/year]
        channel_class: Class of its channel; None for a line after the sale.
    """

    curve: ResponseCurve
    current_cents: int
    proposed_cents: int
    observed_cents: int | None
    channel_class: ChannelClass | None


def gain_plot(effect: MoveEffect, currency: str, *, title: str, subtitle: str) -> go.Figure:
    """Gain of a plan over today, and what is left of it if every effect is halved.

    Args:
        effect: What the plan should bring.
        currency: ISO code.
        title: The finding.
        subtitle: The definition; it says what the two bands are.
    """
    rows = [_estimate("This plan", effect.gain, ADVOCATE), _estimate("If effects are halved", effect.halved, NEUTRAL)]
    figure = interval_plot(rows, "money", currency, title=title, subtitle=subtitle, height=128)
    for trace in figure.data:
        if trace.text:
            # Beside the line at zero, which a small gain would put through its own figure.
            trace.textposition = "top right" if trace.x[0] >= 0 else "top left"
    return figure


def response_chart(
    lines: Sequence[Shown], currency: str, *, title: str, subtitle: str, height: int = 270
) -> go.Figure | None:
    """Curves of some lines with their band, today's spend and the proposed one.

    Args:
        lines: What is shown; a line never spent on has no curve and is left out.
        currency: ISO code.
        title: The finding.
        subtitle: The definition.
        height: Height of the plot in px.

    Returns:
        None when no line has a curve.
    """
    drawn = [line for line in lines if line.curve.spend_cents]
    if not drawn:
        return None
    colours = _colours(drawn)
    curves = [_response(line, colour) for line, colour in zip(drawn, colours, strict=True)]
    return response_curve(curves, "money", currency, title=title, subtitle=subtitle, height=height)


def _estimate(label: str, gain: Gain, colour: str) -> Estimate:
    return Estimate(
        label,
        gain.expected_cents / 100,
        gain.outer_low_cents / 100,
        gain.outer_high_cents / 100,
        gain.inner_low_cents / 100,
        gain.inner_high_cents / 100,
        colour,
    )


def _colours(lines: Sequence[Shown]) -> list[str]:
    """One colour a line, of its class; a second line of the same class gets one without a meaning."""
    taken: list[str] = []
    for line in lines:
        own = ADVOCATE if line.channel_class is None else COLOURS[line.channel_class]
        spare = (colour for colour in (own, *SPARE) if colour not in taken)
        taken.append(next(spare, own))
    return taken


def _response(line: Shown, colour: str) -> Response:
    curve = line.curve
    outcome = dict(zip(curve.spend_cents, curve.expected_cents, strict=True))
    moved = line.proposed_cents != line.current_cents
    return Response(
        label=curve.label,
        spend=_units(curve.spend_cents),
        outcome=_units(curve.expected_cents),
        low=_units(curve.low_cents),
        high=_units(curve.high_cents),
        observed_to=(line.current_cents if line.observed_cents is None else line.observed_cents) / 100,
        today=(line.current_cents / 100, outcome[line.current_cents] / 100),
        proposed=(line.proposed_cents / 100, outcome[line.proposed_cents] / 100) if moved else None,
        colour=colour,
    )


def _units(cents: Sequence[int]) -> list[float]:
    return [value / 100 for value in cents]
