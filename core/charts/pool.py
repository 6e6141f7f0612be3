"""Figures of the pool: load, hours, and how the learned chance did on later asks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.advocacy.back_test import Group
from core.advocacy.pool_load import LoadQuarter
from core.charts.base import ADVOCATE, BASELINE, LABEL, NEUTRAL, TOTAL, axis_ticks, finish
from core.glossary import display, display_month

ROOM = 1.18
"""Axes reach so far beyond the largest value that its label fits."""


def load_curve(asks: Sequence[int], idle: int, *, title: str, subtitle: str, height: int = 240) -> go.Figure:
    """Share of the asks carried by a share of the pool, the busiest first, against an even spread.

    Args:
        asks: Asks of each person asked.
        idle: People of the pool nobody asked.
        title: The finding.
        subtitle: The definition.
        height: Height in px.
    """
    counts = np.sort(np.append(np.asarray(asks, dtype=np.float64), np.zeros(idle)))[::-1]
    people = np.arange(len(counts) + 1) / max(len(counts), 1)
    carried = np.append(0.0, np.cumsum(counts)) / max(float(counts.sum()), 1.0)
    figure = go.Figure(
        [
            go.Scatter(x=[0, 1], y=[0, 1], mode="lines", line={"color": BASELINE, "dash": "dot"}, hoverinfo="skip"),
            go.Scatter(x=people, y=carried, mode="lines", line={"color": ADVOCATE, "width": 2.5},
                       hovertemplate="busiest %{x:.0%} of the pool: %{y:.0%} of the asks<extra></extra>"),
        ]
    )  # fmt: skip
    figure.update_layout(
        annotations=[
            _note(0.62, 0.55, "even spread", BASELINE),
            _note(float(people[len(people) // 4]), float(carried[len(people) // 4]), "the pool", ADVOCATE),
        ]
    )
    figure.update_xaxes(
        range=[0, 1], **axis_ticks(0, 1, "ratio", count=3), title={"text": "of the pool, busiest first"}
    )
    figure.update_yaxes(range=[0, 1.03], **axis_ticks(0, 1, "ratio", count=3), title={"text": "of the asks"})
    return finish(figure, title, subtitle, height)


def _note(x: float, y: float, text: str, colour: str) -> dict[str, object]:
    return {"x": x, "y": y, "text": text, "showarrow": False, "xanchor": "left", "yanchor": "top", "xshift": 6,
            "yshift": -4, "font": {"size": LABEL, "color": colour}}  # fmt: skip


def load_trend(quarters: Sequence[LoadQuarter], *, title: str, subtitle: str, height: int = 200) -> go.Figure:
    """Share of the asks of a year carried by the busiest, at the end of each quarter; a gap where asks were too few.

    Args:
        quarters: Oldest first.
        title: The finding.
        subtitle: The definition.
        height: Height in px.
    """
    shares = [quarter.top_share for quarter in quarters]
    names = [display_month(quarter.end) for quarter in quarters]
    largest = max((share for share in shares if share is not None), default=1.0)
    figure = go.Figure(
        go.Bar(
            x=names,
            y=shares,
            width=0.5,
            marker={"color": [NEUTRAL] * (len(shares) - 1) + [ADVOCATE]},
            text=["too few" if share is None else display(share, "ratio") for share in shares],
            textposition="outside",
            cliponaxis=False,
            hovertext=[f"{name}: {display(quarter.top_share, 'ratio')} of {quarter.asks:,} asks"
                       for name, quarter in zip(names, quarters, strict=True)],
            hoverinfo="text",
        )
    )  # fmt: skip
    figure.update_yaxes(visible=False, range=[0, largest * ROOM])
    return finish(figure, title, subtitle, height)


def calibration_plot(groups: Sequence[Group], *, title: str, subtitle: str, height: int = 280) -> go.Figure:
    """Share completed by foretold chance, with intervals, against the line where both are the same.

    Args:
        groups: Later asks in groups of about the same chance.
        title: The finding.
        subtitle: The definition.
        height: Height in px.
    """
    top = min(max([0.1, *(max(group.interval.high, group.foretold) for group in groups)]) * 1.05, 1.0)
    figure = go.Figure(
        [
            go.Scatter(x=[0, top], y=[0, top], mode="lines", line={"color": BASELINE, "dash": "dot"}, hoverinfo="skip"),
            go.Scatter(
                x=[group.foretold for group in groups],
                y=[group.rate for group in groups],
                mode="markers",
                marker={"color": ADVOCATE, "size": 9},
                error_y={"type": "data", "array": [group.interval.high - group.rate for group in groups],
                         "arrayminus": [group.rate - group.interval.low for group in groups],
                         "color": ADVOCATE, "thickness": 1.5, "width": 0},
                hovertext=[_told(group) for group in groups],
                hoverinfo="text",
            ),
        ]
    )  # fmt: skip
    figure.update_xaxes(range=[0, top], **axis_ticks(0, top, "ratio", count=4), title={"text": "foretold"})
    figure.update_yaxes(range=[0, top], **axis_ticks(0, top, "ratio", count=4), title={"text": "completed"})
    return finish(figure, title, subtitle, height)


def _told(group: Group) -> str:
    foretold, rate = display(group.foretold, "ratio"), display(group.rate, "ratio")
    return f"foretold {foretold}, completed {rate} ({group.done} of {group.n})"


def lift_bars(groups: Sequence[Group], overall: float, *, title: str, subtitle: str, height: int = 220) -> go.Figure:
    """Share completed by group of later asks, the likeliest first, against the share of all.

    Args:
        groups: As the back-test returns them.
        overall: Share completed of all later asks.
        title: The finding.
        subtitle: The definition.
        height: Height in px.
    """
    figure = go.Figure(
        go.Bar(
            x=[str(place) for place in range(1, len(groups) + 1)],
            y=[group.rate for group in groups],
            width=0.6,
            marker={"color": ADVOCATE},
            error_y={"type": "data", "array": [group.interval.high - group.rate for group in groups],
                     "arrayminus": [group.rate - group.interval.low for group in groups],
                     "color": TOTAL, "thickness": 1, "width": 3},
            hovertext=[_told(group) for group in groups],
            hoverinfo="text",
        )
    )  # fmt: skip
    top = max([overall, *(group.interval.high for group in groups)]) * 1.08
    figure.add_hline(y=overall, line={"color": BASELINE, "dash": "dot", "width": 1.5})
    figure.update_layout(
        annotations=[{"x": 1, "xref": "paper", "y": overall, "text": f"all: {display(overall, 'ratio')}",
                      "showarrow": False, "xanchor": "right", "yanchor": "bottom",
                      "font": {"size": LABEL, "color": TOTAL}}]
    )  # fmt: skip
    figure.update_xaxes(title={"text": "group of later asks, likeliest first"})
    figure.update_yaxes(range=[0, top], **axis_ticks(0, top, "ratio", count=4))
    return finish(figure, title, subtitle, height)
