"""The one template of every chart: colours by meaning, finding above definition, tight and transparent."""

from __future__ import annotations

import math
from collections.abc import Sequence
from textwrap import wrap
from typing import Any

import plotly.graph_objects as go
import plotly.io as pio

from core.charts.text import figure_text
from core.glossary import SPACE, Unit, display

# Streamlit replaces these strings, wherever they stand in a figure, by the viewer's theme colours; the slots are
# declared in .streamlit/config.toml. A picture made elsewhere gets them from `titled`.
ADVOCATE = "#000001"
REFERRED = "#000002"
PAID = "#000003"
ORGANIC = "#000004"
BASELINE = "#000005"
PARTNER = "#000006"
POSITIVE = "#000007"
NEGATIVE = "#000008"
NEUTRAL = "#000009"
TOTAL = "#000010"
"""Sums, and the ink of every text in a figure."""

MEANINGS = (ADVOCATE, REFERRED, PAID, ORGANIC, BASELINE, PARTNER, POSITIVE, NEGATIVE, NEUTRAL, TOTAL)
"""Colours in the order of the theme's slots."""

CONFIG = {"displaylogo": False, "displayModeBar": False}
"""Options of every `st.plotly_chart`."""

LABEL = 12
"""Size of labels and ticks in px."""
LINE = 19
"""Height of a line of subtitle in px."""
CHARACTER = 6.6
"""Width of a character of label in px, on the safe side."""


def finish(figure: go.Figure, title: str, subtitle: str, height: int, *, right: int = 8, left: int = 4) -> go.Figure:
    """Give a figure the look of the product and its words.

    Title and subtitle travel in `layout.meta`: on a screen the card sets them above the plot, where they wrap with its
    width; `titled` sets them inside for a picture.

    Args:
        figure: What is drawn; changed in place.
        title: The finding, claiming no more than its interval supports. Plain text.
        subtitle: The definition: measure, period, unit, n. Plain text.
        height: Height of the plot in px.
        right: Room for labels right of the plot in px.
        left: Room left of the plot in px, beyond what tick labels take by themselves.

    Returns:
        The same figure.
    """
    figure.update_layout(
        meta={"title": title, "subtitle": subtitle},
        height=height,
        margin={"l": left, "r": right, "t": 8, "b": 8, "pad": 4},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"size": LABEL, "color": TOTAL},
        showlegend=False,
        bargap=0.25,
        hoverlabel={"font": {"size": LABEL}},
    )
    ticks = {"tickfont": {"size": LABEL, "color": TOTAL}, "fixedrange": True, "automargin": True}
    figure.update_xaxes(showgrid=False, zeroline=False, **ticks)
    figure.update_yaxes(zeroline=False, **ticks)
    return figure


HATCH = {"shape": "/", "size": 6, "solidity": 0.25}
"""What is not ripe, or beyond what was ever seen, on every chart: pattern of a bar or of a filled band."""
DECISION = "\N{BLACK DIAMOND}"
"""Sign of a decision on a line over time; subtitles name it."""


def mark_decisions(figure: go.Figure, marks: Sequence[tuple[float, str]], bottom: float, top: float) -> None:
    """Mark decisions on a line over time: a dotted line at the month, a diamond at its foot that says which.

    Args:
        figure: A figure with time along x; changed in place.
        marks: Place on the x axis and what was decided, as plain text.
        bottom: Least value of the y axis.
        top: Greatest value of the y axis.
    """
    if not marks:
        return
    for place in sorted({place for place, _ in marks}):
        figure.add_shape(
            type="line", x0=place, x1=place, y0=bottom, y1=top, layer="below",
            line={"width": 1, "dash": "dot", "color": NEUTRAL},
        )  # fmt: skip
    figure.add_scatter(
        x=[place for place, _ in marks],
        y=[bottom] * len(marks),
        name="decision",
        mode="markers",
        marker={"symbol": "diamond", "size": 9, "color": TOTAL},
        cliponaxis=False,
        hovertext=[f"Decided {figure_text(words)}" for _, words in marks],
        hoverinfo="text",
    )


class Sent(go.Figure):  # type: ignore[misc]  # plotly is not typed
    """A finished figure that is sent in every rerun: what the browser gets of it is made once.

    Streamlit replays a chart from memory only where nothing can be chosen in it; one with a selection is turned into
    text in each run, most of which goes into copying the figure.
    """

    def __init__(self, figure: go.Figure) -> None:
        """Take over a figure returned by `finish`; it is not changed any more."""
        super().__init__(figure)
        self._sent: dict[str, Any] = _spare(super().to_dict())

    def to_dict(self) -> dict[str, Any]:
        """The figure as the browser gets it; the same object each time, for reading alone."""
        return self._sent


def _spare(figure: dict[str, Any]) -> dict[str, Any]:
    """The figure without what its template says of kinds of trace it has none of, and of scales of colour.

    Our charts name their inks, so no scale is looked up; together these are up to half of a figure's text.
    """
    template = figure["layout"].get("template", {})
    drawn = {trace["type"] for trace in figure["data"]}
    rules = {kind: rule for kind, rule in template.get("data", {}).items() if kind in drawn}
    scales = ("coloraxis", "colorscale")
    layout = {name: rule for name, rule in template.get("layout", {}).items() if name not in scales}
    figure["layout"]["template"] = {"data": rules, "layout": layout}
    return figure


def titled(figure: go.Figure, colours: Sequence[str], width: int) -> go.Figure:
    """A copy of a finished figure for a picture: title and subtitle inside, real colours instead of the theme's slots.

    Args:
        figure: A figure returned by `finish`.
        colours: Ten colours in the order of `MEANINGS`.
        width: Width of the picture in px; the words wrap to it.
    """
    text = figure.to_json()
    for meaning, colour in zip(MEANINGS, colours, strict=True):
        text = text.replace(meaning, colour)
    picture = pio.from_json(text)
    heads = wrap(figure.layout.meta["title"], round(width / 8.5))
    subs = wrap(figure.layout.meta["subtitle"], round(width / 6.5))
    words = 12 + 20 * len(heads) + LINE * len(subs)
    lines = [f"<b>{figure_text(line)}</b>" for line in heads]
    lines += [f'<span style="font-size:13px">{figure_text(line)}</span>' for line in subs]
    picture.update_layout(
        title={
            "text": "<br>".join(lines),
            "font": {"size": 16},
            "x": 0,
            "xref": "container",
            "yanchor": "top",
            "y": 0.99,
        },
        width=width,
        height=figure.layout.height + words,
        margin_t=figure.layout.margin.t + words,
    )
    return picture


def axis_ticks(low: float, high: float, unit: Unit, currency: str = "", *, count: int = 5) -> dict[str, list[object]]:
    """Round tick positions with their texts, for `update_xaxes` or `update_yaxes`.

    Args:
        low: Least value of the axis.
        high: Greatest value of the axis.
        unit: How the texts are written, see `core.glossary.display`; per cent are whole where all of them are.
        currency: ISO code of money.
        count: About how many ticks.
    """
    step = _round_step((high - low) / max(count - 1, 1))
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    values = [round(index * step, 12) for index in range(first, last + 1)]
    texts = [display(value, unit, currency) for value in values]
    whole = [text.replace(f".0{SPACE}", SPACE) for text in texts] if unit in ("ratio", "pp") else texts
    return {"tickvals": list(values), "ticktext": list(texts if any("." in text for text in whole) else whole)}


def spread(positions: Sequence[float], room: float) -> list[float]:
    """Shift positions apart until neighbours are at least `room` away, each as near to its own as the rest allows.

    Args:
        positions: Wanted places of labels on one axis.
        room: Least distance between two labels, in the axis' unit.

    Returns:
        The places in the order given.
    """
    order = sorted(range(len(positions)), key=lambda index: positions[index])
    groups: list[tuple[float, list[int]]] = []
    for index in order:
        groups.append((positions[index], [index]))
        while len(groups) > 1 and _collide(groups[-2], groups[-1], room):
            (one, first), (other, second) = groups[-2:]
            size = len(first) + len(second)
            groups[-2:] = [((one * len(first) + other * len(second)) / size, first + second)]
    placed = [0.0] * len(positions)
    for centre, members in groups:
        for rank, index in enumerate(members):
            placed[index] = centre + (rank - (len(members) - 1) / 2) * room
    return placed


def _collide(lower: tuple[float, list[int]], upper: tuple[float, list[int]], room: float) -> bool:
    return upper[0] - lower[0] < room * (len(lower[1]) + len(upper[1])) / 2 - 1e-12


def _round_step(rough: float) -> float:
    """The nearest of 1, 2, 2.5, 5 times a power of ten that is not smaller than `rough`."""
    if rough <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * (1 - 1e-9))
