"""The drawings several screens share: a bridge of changes, and intervals against zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import plotly.graph_objects as go

from core.charts.base import (
    ADVOCATE,
    CHARACTER,
    NEGATIVE,
    NEUTRAL,
    POSITIVE,
    TOTAL,
    axis_ticks,
    finish,
)
from core.charts.text import figure_text
from core.glossary import Unit, display


@dataclass(frozen=True, slots=True)
class Step:
    """One bar of a waterfall.

    Attributes:
        label: Name under or beside the bar.
        value: A change, or the level reached when `is_total`.
        is_total: Whether the bar stands on zero.
        note: Said after the figure, for example the raw value behind the points.
    """

    label: str
    value: float
    is_total: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Estimate:
    """One row of an interval plot: the figure with its 90 % interval and, where known, its 50 % interval."""

    label: str
    value: float
    low: float
    high: float
    inner_low: float | None = None
    inner_high: float | None = None
    colour: str = ADVOCATE


def waterfall(
    steps: Sequence[Step],
    unit: Unit,
    currency: str = "",
    *,
    title: str,
    subtitle: str,
    height: int = 260,
    orientation: Literal["v", "h"] = "v",
) -> go.Figure:
    """Changes that lead from one total to the next, on a zero baseline with direct labels.

    Args:
        steps: Bars from left to right, or from top to bottom.
        unit: How the labels are written.
        currency: ISO code of money.
        title: The finding.
        subtitle: The definition.
        height: Height in px.
        orientation: "v" for a bridge over time, "h" for a score with named signals.
    """
    starts, ends = _levels(steps)
    colours = [TOTAL if step.is_total else POSITIVE if step.value >= 0 else NEGATIVE for step in steps]
    texts = [_step_text(step, unit, currency) for step in steps]
    names = [figure_text(step.label) for step in steps]
    lengths = [end - start for start, end in zip(starts, ends, strict=True)]
    places = list(range(len(steps)))
    upright = orientation == "v"
    figure = go.Figure(
        go.Bar(
            x=places if upright else lengths,
            y=lengths if upright else places,
            base=starts,
            orientation=orientation,
            marker={"color": colours, "line": {"width": 0}},
            text=texts,
            textposition="outside",
            textfont={"color": TOTAL},
            cliponaxis=False,
            hovertext=[f"{name}: {text}" for name, text in zip(names, texts, strict=True)],
            hoverinfo="text",
        )
    )
    _connect(figure, ends, upright)
    longest = max((len(text) for text in texts), default=0)
    _waterfall_axes(figure, names, _reach([*starts, *ends]), longest, upright)
    _baseline(figure, "h" if upright else "v")
    return finish(figure, title, subtitle, height)


def interval_plot(
    rows: Sequence[Estimate],
    unit: Unit,
    currency: str = "",
    *,
    title: str,
    subtitle: str,
    height: int | None = None,
) -> go.Figure:
    """Estimates as dots with their 90 % (thin) and 50 % (thick) intervals against a line at zero.

    Args:
        rows: From top to bottom.
        unit: How labels and ticks are written.
        currency: ISO code of money.
        title: The finding.
        subtitle: The definition; it says what the two bands are.
        height: Height in px; by default what the rows need.
    """
    figure = go.Figure()
    for place, row in enumerate(rows):
        _band(figure, (row.low, row.high), place, 5, row.colour, 0.45)
        if row.inner_low is not None and row.inner_high is not None:
            _band(figure, (row.inner_low, row.inner_high), place, 11, row.colour, 0.6)
        _dot(figure, row, place, unit, currency)
    low, high = _reach([end for row in rows for end in (row.low, row.high)])
    figure.update_xaxes(range=_padded((low, high), 0.06, 0.06), **axis_ticks(low, high, unit, currency))
    figure.update_yaxes(
        tickvals=list(range(len(rows))),
        ticktext=[figure_text(row.label) for row in rows],
        range=[len(rows) - 0.4, -0.75],
        showgrid=False,
    )
    _baseline(figure, "v")
    return finish(figure, title, subtitle, height or 44 + 52 * len(rows))


def _waterfall_axes(
    figure: go.Figure, names: list[str], reach: tuple[float, float], longest: int, upright: bool
) -> None:
    """Names along one axis; along the other, no ticks but room for the labels outside the bars."""
    share = 0.12 if upright else min(0.6, CHARACTER * longest / 260)
    lengths = {"visible": False, "range": _padded(reach, 0.0 if reach[0] == 0 else share, share)}
    category = {"tickvals": list(range(len(names))), "ticktext": names}
    if upright:
        figure.update_xaxes(**category)
        figure.update_yaxes(**lengths)
    else:
        figure.update_yaxes(**category, range=[len(names) - 0.5, -0.5])
        figure.update_xaxes(**lengths)


def _levels(steps: Sequence[Step]) -> tuple[list[float], list[float]]:
    """Where each bar starts and ends."""
    starts: list[float] = []
    ends: list[float] = []
    for step in steps:
        start = 0.0 if step.is_total or not ends else ends[-1]
        starts.append(start)
        ends.append(step.value if step.is_total else start + step.value)
    return starts, ends


def _step_text(step: Step, unit: Unit, currency: str) -> str:
    text = display(step.value, unit, currency, signed=not step.is_total)
    return f"{text} ({figure_text(step.note)})" if step.note else text


def _connect(figure: go.Figure, ends: Sequence[float], upright: bool) -> None:
    """A hairline from the end of each bar to the start of the next."""
    for place, end in enumerate(ends[:-1]):
        along, across = (place + 0.375, place + 0.625), (end, end)
        first, second = (along, across) if upright else (across, along)
        figure.add_shape(
            type="line",
            x0=first[0],
            x1=first[1],
            y0=second[0],
            y1=second[1],
            line={"width": 1, "color": NEUTRAL},
        )


def _baseline(figure: go.Figure, way: Literal["h", "v"]) -> None:
    line = {"width": 1.5, "color": TOTAL}
    if way == "h":
        figure.add_hline(y=0, line=line)
    else:
        figure.add_vline(x=0, line=line)


def _dot(figure: go.Figure, row: Estimate, place: int, unit: Unit, currency: str) -> None:
    """The estimate itself with its label."""
    text = display(row.value, unit, currency, signed=True)
    figure.add_scatter(
        x=[row.value],
        y=[place],
        mode="markers+text",
        marker={"size": 13, "color": row.colour},
        text=[text],
        textposition="top center",
        textfont={"color": TOTAL},
        cliponaxis=False,
        hovertext=[
            f"{figure_text(row.label)}: {text}, 90 % interval {display(row.low, unit, currency, signed=True)}"
            f" to {display(row.high, unit, currency, signed=True)}"
        ],
        hoverinfo="text",
    )


def _band(figure: go.Figure, ends: tuple[float, float], place: int, width: int, colour: str, opacity: float) -> None:
    figure.add_scatter(
        x=list(ends),
        y=[place, place],
        mode="lines",
        line={"width": width, "color": colour},
        opacity=opacity,
        hoverinfo="skip",
    )


def _reach(values: Sequence[float]) -> tuple[float, float]:
    """Least and greatest value, zero included."""
    return min(*values, 0.0) if values else 0.0, max(*values, 0.0) if values else 1.0


def _padded(reach: tuple[float, float], below: float, above: float) -> list[float]:
    low, high = reach
    size = (high - low) or 1.0
    return [low - below * size, high + above * size]
