"""Curves of the Cohorts screen: groups of customers at equal ages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import plotly.graph_objects as go

from core.charts.base import (
    ADVOCATE,
    BASELINE,
    CHARACTER,
    NEUTRAL,
    ORGANIC,
    PAID,
    PARTNER,
    REFERRED,
    TOTAL,
    axis_ticks,
    finish,
    spread,
)
from core.charts.text import figure_text
from core.cohorts.curves import Curve, Point
from core.glossary import Unit, display, display_interval

COLOURS = {
    "referral": REFERRED,
    "paid": PAID,
    "organic": ORGANIC,
    "partner": PARTNER,
    "other": BASELINE,
    "advocate": ADVOCATE,
    "baseline": BASELINE,
}
PLAIN = (
    (ADVOCATE, "solid"),
    (TOTAL, "solid"),
    (NEUTRAL, "solid"),
    (NEUTRAL, "dash"),
    (NEUTRAL, "dot"),
    (BASELINE, "dash"),
)
"""Accent and ink for the two groups compared, greys for the others: what has no meaning of its own takes none."""
GAP, PLOT = 5, 420
"""Pixels from the end of a curve to its name, and the width of the plot on a narrow screen."""
SLACK = 1e-6
"""Overlap that is rounding, as a share of half a name's height."""


def age_curves(
    curves: Sequence[Curve],
    unit: Unit,
    currency: str,
    mark: int | None,
    pair: tuple[str | None, str | None] = (None, None),
    *,
    title: str,
    subtitle: str,
    height: int = 300,
    months: Sequence[tuple[int, str]] = (),
) -> go.Figure:
    """Each group by age with its band, named at its end; a line marks the age of the comparison.

    Along the calendar the quarters or months of `months` stand at equal distances in place of ages.

    Args:
        curves: The groups; those that end too early are left out. [money: cents]
        unit: How the figure is written.
        currency: ISO code of money.
        mark: Age of the comparison; None for no line.
        pair: The two groups compared.
        title: The finding.
        subtitle: The definition.
        height: Height of the plot in px.
        months: Along the calendar, the age that stands for each quarter or month in the points, and its name.
    """
    figure, drawn = go.Figure(), _placed([curve for curve in curves if curve.drawn], months)
    places = [f"end of {name}" for _, name in months]
    styles, scale = _styles(drawn, pair), 100 if unit == "money" else 1
    for curve, (colour, _) in zip(drawn, styles, strict=True):
        _band(figure, curve, colour, scale)
    for curve, style in zip(drawn, styles, strict=True):
        _line(figure, curve, style, scale, unit, currency, places)
    low, high = _extent(drawn, scale)
    far = max((curve.points[-1].age for curve in drawn), default=12)
    figure.update_xaxes(range=[0, far], title=None, **_ticks(far, [name for _, name in months]))
    figure.update_yaxes(range=[low, high], showgrid=True, **axis_ticks(low, high, unit, currency))
    if mark is not None and drawn and mark <= far:
        figure.add_vline(x=mark, line={"width": 1, "color": NEUTRAL, "dash": "dot"})
    _names(figure, drawn, [colour for colour, _ in styles], scale, (high - low) * 17 / max(height - 40, 1))
    longest = max((len(curve.name) for curve in drawn if curve.points[-1].age > 0.75 * far), default=0)
    return finish(figure, title, subtitle, height, right=round(14 + CHARACTER * longest))


def _placed(curves: Sequence[Curve], months: Sequence[tuple[int, str]]) -> list[Curve]:
    """The curves with their points at equal distances along the calendar; by age as they are."""
    at = {column: place for place, (column, _) in enumerate(months)}
    if not at:
        return list(curves)
    return [
        replace(curve, points=tuple(Point(at[point.age], point.figure) for point in curve.points)) for curve in curves
    ]


def _ticks(far: int, names: Sequence[str]) -> dict[str, list[object]]:
    """Ages at round distances; along the calendar as many names as have room, the newest among them."""
    if not names:
        ages = range(0, far + 1, 12 if far > 24 else 6 if far > 12 else 3)
        return {"tickvals": list(ages), "ticktext": [str(age) for age in ages]}
    places = range((len(names) - 1) % (step := -(-len(names) // 6)), len(names), step)
    return {"tickvals": list(places), "ticktext": [figure_text(names[place]) for place in places]}


def _styles(curves: Sequence[Curve], pair: tuple[str | None, str | None]) -> list[tuple[str, str]]:
    """Colour and dash of each curve: the colour of its meaning where it has one."""
    order = sorted(curves, key=lambda curve: pair.index(curve.name) if curve.name in pair else len(pair))
    plain = dict(zip([curve.name for curve in order], PLAIN, strict=False))
    return [
        (COLOURS[curve.kind], "solid") if curve.kind in COLOURS else plain.get(curve.name, PLAIN[-1])
        for curve in curves
    ]


def _known(curve: Curve) -> list[Point]:
    return [point for point in curve.points if point.figure.shown]


def _band(figure: go.Figure, curve: Curve, colour: str, scale: int) -> None:
    ends = [
        (point.age, point.figure.low / scale, point.figure.high / scale)
        for point in _known(curve)
        if point.figure.low is not None and point.figure.high is not None
    ]
    if len(ends) < 2:
        return
    ages = [age for age, _, _ in ends]
    figure.add_scatter(
        x=[*ages, *reversed(ages)],
        y=[*(high for _, _, high in ends), *(low for _, low, _ in reversed(ends))],
        name=f"{curve.name} band",
        mode="lines",
        line={"width": 0},
        fill="toself",
        fillcolor=colour,
        opacity=0.13,
        hoverinfo="skip",
    )


def _line(
    figure: go.Figure,
    curve: Curve,
    style: tuple[str, str],
    scale: int,
    unit: Unit,
    currency: str,
    places: Sequence[str],
) -> None:
    points = curve.points
    texts = []
    for point in points:
        found = point.figure
        band = display_interval(
            None if found.low is None else found.low / scale,
            None if found.high is None else found.high / scale,
            unit,
            currency,
        )
        value = display(None if found.value is None else found.value / scale, unit, currency)
        when = places[point.age] if places else f"{point.age} months"
        texts.append(f"{figure_text(curve.name)}, {figure_text(when)}: {value} ({band}), n {found.n:,}")
    figure.add_scatter(
        x=[point.age for point in points],
        y=[None if point.figure.value is None else point.figure.value / scale for point in points],
        name=curve.name,
        mode="lines",
        line={
            "width": 2.5,
            "color": style[0],
            "dash": style[1],
            "shape": "hv" if not places and len(points) > 1 and points[1].age == 1 else "linear",
        },
        hovertext=texts,
        hoverinfo="text",
    )


def _extent(curves: Sequence[Curve], scale: int) -> tuple[float, float]:
    """Range of the figures and most of their bands, with a margin."""
    known = [point.figure for curve in curves for point in _known(curve)]
    values = [end / scale for found in known for end in (found.value, found.low, found.high) if end is not None]
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    margin = 0.05 * ((high - low) or abs(high) or 1.0)
    return low - margin, high + margin


def label_places(curves: Sequence[Curve], scale: int, room: float) -> list[float]:
    """Where the name of each curve stands: as near to its end as the other names and curves leave it free.

    Args:
        curves: The groups that are drawn.
        scale: What a figure is divided by, 100 for money.
        room: Height of a name. [unit of the axis]
    """
    lines = [[(point.age, (point.figure.value or 0.0) / scale) for point in _known(curve)] for curve in curves]
    ends = [line[-1] for line in lines]
    far = max((age for age, _ in ends), default=0)
    wanted = spread([value for _, value in ends], room)
    reach = [
        age + far * (GAP + CHARACTER * len(curve.name)) / PLOT for curve, (age, _) in zip(curves, ends, strict=True)
    ]
    placed: dict[int, float] = {}
    # Those at the right edge first: they have the least choice, since nothing passes behind them.
    for row in sorted(range(len(curves)), key=lambda row: -ends[row][0]):
        start = ends[row][0]
        taken = [place for other, place in placed.items() if ends[other][0] <= reach[row] and start <= reach[other]]
        passing = [_between(line, start, reach[row]) for at, line in enumerate(lines) if at != row]
        spans = [(place - room / 2, place + room / 2) for place in taken] + [span for span in passing if span]
        placed[row] = _free(wanted[row], spans, room / 2)
    return [placed[row] for row in range(len(curves))]


def _between(line: Sequence[tuple[int, float]], start: float, end: float) -> tuple[float, float] | None:
    """Least and greatest value of a curve behind a name; None where it ends before or with it."""
    if line[-1][0] <= start:
        return None
    before = [value for age, value in line if age <= start][-1:]
    values = before + [value for age, value in line if start < age <= end]
    on = next((place for place, (age, _) in enumerate(line) if age > end), 0)
    if on:  # between two points it runs on under the end of the name
        (age, value), (later, other) = line[on - 1 : on + 1]
        values.append(value + (other - value) * (end - age) / (later - age))
    return (min(values), max(values)) if values else None


def _free(wanted: float, spans: Sequence[tuple[float, float]], half: float) -> float:
    """The place nearest to the wanted one whose name touches none of the spans."""
    edges = [edge for low, high in spans for edge in (low - half, high + half)]
    free = [
        place
        for place in (wanted, *edges)
        if all(place + half <= low + SLACK * half or place - half >= high - SLACK * half for low, high in spans)
    ]
    return min(free, key=lambda place: abs(place - wanted), default=wanted)


def _names(figure: go.Figure, curves: Sequence[Curve], colours: Sequence[str], scale: int, room: float) -> None:
    """Names at the ends of the curves, moved to where they cover neither each other nor another curve.

    A dotted line leads from the end of a curve to a name that had to move further than its own height.
    """
    ends = [_known(curve)[-1] for curve in curves]
    for curve, colour, end, place in zip(curves, colours, ends, label_places(curves, scale, room), strict=True):
        figure.add_annotation(
            x=end.age,
            y=place,
            text=figure_text(curve.name),
            font={"color": colour},
            showarrow=False,
            xanchor="left",
            xshift=GAP,
        )
        last = (end.figure.value or 0.0) / scale
        if abs(place - last) > room:
            leader = {"width": 1, "color": colour, "dash": "dot"}
            figure.add_shape(type="line", x0=end.age, x1=end.age, y0=last, y1=place, line=leader)
