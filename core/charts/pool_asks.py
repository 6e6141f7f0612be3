"""Asks on charts: the share that accepts by act, role or asker, and hours asked for against hours that can be given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import plotly.graph_objects as go

from core.advocacy.pool_capacity import Capacity
from core.advocacy.pool_load import Figure
from core.charts.base import ADVOCATE, LABEL, NEGATIVE, NEUTRAL, TOTAL, axis_ticks, finish
from core.charts.text import figure_text
from core.glossary import display

ROOM = 1.7
"""Width of the plot in bars: what a bar says stands right of it, on a telephone as well."""
ROW = 30
"""Height of a row in px."""


class Step(Protocol):
    """The asks of one row, as far as they are drawn."""

    @property
    def accepted(self) -> int:
        """How many accepted."""

    @property
    def accept(self) -> Figure:
        """Their share."""

    @property
    def act(self) -> Figure:
        """Share of those asked who did it."""


def acceptance(rows: Sequence[tuple[str, Step]], least: float, *, title: str, subtitle: str) -> go.Figure:
    """Share that accepts with its interval, and the share that did it, row by row, against the least share.

    Args:
        rows: Name and asks of each row, from the top.
        least: Share under which too few accept.
        title: The finding.
        subtitle: The definition; it explains point, ring and line.
    """
    names = [figure_text(name) for name, _ in rows]
    shown = [(name, step) for name, (_, step) in zip(names, rows, strict=True) if step.accept.value is not None]
    done = [(name, step) for name, step in shown if step.act.value is not None]
    figure = go.Figure([_points(shown), _rings(done)])
    figure.add_vline(x=least, line={"color": NEGATIVE, "dash": "dash", "width": 1.5})
    few = [(name, f"too few ({step.accepted:,} of {step.accept.n:,})")
           for name, (_, step) in zip(names, rows, strict=True) if step.accept.value is None]  # fmt: skip
    figure.update_layout(annotations=[_at(0.02, name, text, NEUTRAL) for name, text in few])
    figure.update_xaxes(range=[0, 1], **axis_ticks(0, 1, "ratio", count=4))
    figure.update_yaxes(categoryorder="array", categoryarray=names[::-1], range=[-0.6, len(names) - 0.4])
    return finish(figure, title, subtitle, 48 + ROW * max(len(names), 3))


def _points(rows: Sequence[tuple[str, Step]]) -> go.Scatter:
    shares = [(step.accept.value or 0.0, step.accept.interval) for _, step in rows]
    return go.Scatter(
        x=[value for value, _ in shares],
        y=[name for name, _ in rows],
        mode="markers",
        marker={"color": ADVOCATE, "size": 10},
        error_x={"type": "data", "array": [ends.high - value if ends else 0 for value, ends in shares],
                 "arrayminus": [value - ends.low if ends else 0 for value, ends in shares],
                 "color": ADVOCATE, "thickness": 1.5, "width": 0},
        hovertext=[f"{name}: {display(step.accept.value, 'ratio')} accepted, {step.accepted:,} of {step.accept.n:,}"
                   for name, step in rows],
        hoverinfo="text",
    )  # fmt: skip


def _rings(rows: Sequence[tuple[str, Step]]) -> go.Scatter:
    return go.Scatter(
        x=[step.act.value for _, step in rows],
        y=[name for name, _ in rows],
        mode="markers",
        marker={"symbol": "circle-open", "color": TOTAL, "size": 9},
        hovertext=[f"{name}: {display(step.act.value, 'ratio')} asked and done" for name, step in rows],
        hoverinfo="text",
    )


def capacity_by_act(
    capacity: Capacity, labels: Mapping[str, str], alarm: float, *, title: str, subtitle: str
) -> go.Figure:
    """Hours asked for, with their interval, over the hours that can be given, act by act, and the alarm of each.

    Args:
        capacity: Both sides.
        labels: Name of every act.
        alarm: Share of the hours of an act that raises the alarm.
        title: The finding.
        subtitle: The definition; it explains the bars and the mark.
    """
    rows = capacity.rows
    names = [figure_text(labels.get(name, name)) for name in rows["activity"]]
    given, asked = rows["hours"].tolist(), rows["demand_hours"].tolist()
    ends = {"array": (rows["high"] - rows["demand_hours"]).tolist(),
            "arrayminus": (rows["demand_hours"] - rows["low"]).tolist()}  # fmt: skip
    bar = {"orientation": "h", "y": names, "hoverinfo": "text"}
    figure = go.Figure(
        [
            go.Bar(x=given, width=0.74, marker={"color": NEUTRAL, "opacity": 0.45},
                   hovertext=_hovers(names, given, "can be given"), **bar),
            go.Bar(x=asked, width=0.34, marker={"color": ADVOCATE},
                   error_x={"type": "data", "color": TOTAL, "thickness": 1.5, "width": 3, **ends},
                   hovertext=_hovers(names, asked, "asked for"), **bar),
            go.Scatter(x=[value * alarm for value in given if value],
                       y=[name for name, value in zip(names, given, strict=True) if value], mode="markers",
                       marker={"symbol": "line-ns-open", "size": 20, "color": NEGATIVE, "line": {"width": 2}},
                       hoverinfo="skip"),
        ]
    )  # fmt: skip
    reach = max([1.0, *given, *rows["high"].tolist()])
    says = [_says(*sides) for sides in zip(given, asked, rows["used"].tolist(), strict=True)]
    figure.update_layout(
        barmode="overlay",
        annotations=[_at(max(give, high), name, text, TOTAL, shift=8)
                     for name, give, high, text in zip(names, given, rows["high"].tolist(), says, strict=True)],
    )  # fmt: skip
    figure.update_xaxes(visible=False, range=[0, reach * ROOM])
    figure.update_yaxes(categoryorder="array", categoryarray=names[::-1])
    return finish(figure, title, subtitle, 24 + ROW * max(len(names), 3))


def _hovers(names: Sequence[str], values: Sequence[float], what: str) -> list[str]:
    return [f"{name}: {_hours(value)} {what}" for name, value in zip(names, values, strict=True)]


def _says(given: float, asked: float, used: float) -> str:
    if not given:
        return f"{_hours(asked)}, nobody to ask"
    return f"{display(used, 'ratio')} of {_hours(given)}" if asked else f"{_hours(given)}, not asked for"


def _hours(value: float) -> str:
    return f"{display(round(value), 'count')} h"


def _at(x: float, y: str, text: str, colour: str, *, shift: int = 0) -> dict[str, object]:
    return {"x": x, "y": y, "text": text, "showarrow": False, "xanchor": "left", "xshift": shift,
            "font": {"size": LABEL, "color": colour}}  # fmt: skip
