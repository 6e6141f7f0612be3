"""Figures of the Definitions screen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from html import escape

import plotly.graph_objects as go

from core.charts.base import DECISION, NEUTRAL, POSITIVE, TOTAL, axis_ticks, finish, mark_decisions
from core.glossary import SPACE, Unit, display, display_month

HEIGHT = 160
STYLE = """
.rc-def{display:grid;grid-template-columns:8.5rem minmax(0,1fr);gap:.45rem 1rem;margin:0;padding:0;line-height:1.4}
.rc-def dt{color:light-dark(#475569,#B4C0CE)}.rc-def dd{margin:0;overflow-wrap:break-word}
.rc-def dd small{display:block;font-size:.87rem;color:light-dark(#475569,#B4C0CE)}
.rc-facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(5.8rem,1fr));gap:.6rem .8rem;line-height:1.3}
.rc-facts p,.rc-beside p{margin:0;overflow-wrap:break-word}
.rc-facts p,.rc-beside p{font-size:.87rem;color:light-dark(#475569,#B4C0CE)}
.rc-facts p.rc-big{font-size:1.4rem;font-weight:650;font-variant-numeric:tabular-nums;color:inherit}
.rc-beside{display:grid;grid-template-columns:repeat(auto-fill,minmax(15rem,1fr));gap:.15rem 1rem;padding-top:.7rem}
.rc-beside b{font-weight:600;color:light-dark(#0F1720,#E6EAF0)}
"""


def facts_html(facts: Sequence[tuple[str, str, str]], beside: Sequence[tuple[str, str, str]]) -> str:
    """A figure as one piece of HTML: large values beside one another, the figures it is made of small below them.

    Args:
        facts: Label, value and a note below it; the note may be empty.
        beside: Label, value and sample of each part.
    """
    cells = "".join(
        f'<div><p>{escape(label)}</p><p class="rc-big">{escape(value)}</p><p>{escape(note)}</p></div>'
        for label, value, note in facts
    )
    parts = "".join(
        f"<p>{escape(label)} <b>{escape(value)}</b> {escape(sample)}</p>" for label, value, sample in beside
    )
    return f'<div class="rc-facts">{cells}</div>' + (f'<div class="rc-beside">{parts}</div>' if parts else "")


def definition_html(lines: Sequence[tuple[str, Sequence[str]]]) -> str:
    """A definition as one piece of HTML: labels beside their words; every text is escaped.

    Args:
        lines: Label, and paragraphs: the first in full size, the others small below it.
    """
    rows = "".join(
        f"<dt>{escape(label)}</dt><dd>{escape(first)}{''.join(f'<small>{escape(text)}</small>' for text in more)}</dd>"
        for label, (first, *more) in lines
    )
    return f'<dl class="rc-def">{rows}</dl>'


def history_line(
    months: Sequence[dt.date],
    values: Sequence[float | None],
    targets: Sequence[float | None],
    band: tuple[float, float] | None,
    unit: Unit,
    currency: str = "",
    *,
    title: str,
    subtitle: str,
    decisions: Sequence[tuple[int, str]] = (),
) -> go.Figure:
    """A figure month by month, the newest with its interval, and what it was to reach as a dashed line.

    Args:
        months: First days, oldest first.
        values: The figure of each month; a gap where it is None.
        targets: What it was to reach in each month; a gap where it is None.
        band: 95 % interval of the newest value; None where it has none.
        unit: How the figure is written.
        currency: ISO code of money.
        title: The finding.
        subtitle: The definition.
        decisions: Place of the month and words of each decision on the figure.
    """
    figure = go.Figure()
    places = list(range(len(months)))
    _targets(figure, places, targets, unit, currency)
    if band is not None and values and values[-1] is not None:
        _band(figure, places[-1], band)
    _values(figure, months, values, unit, currency)
    low, high = _reach([*values, *targets, *(band or ())])
    ticks = [place for place in places if (places[-1] - place) % 3 == 0]
    figure.update_xaxes(
        tickvals=ticks,
        ticktext=[_short(months[place]) for place in ticks],
        range=[-0.4, len(months) - 0.4],
    )
    margin = 0.12 * ((high - low) or abs(high) or 1.0)
    bottom, top = low - margin, high + 1.6 * margin
    mark_decisions(figure, decisions, bottom, top)
    figure.update_yaxes(range=[bottom, top], **axis_ticks(bottom, top, unit, currency, count=5))
    told = f"{subtitle}; {DECISION} decision taken" if decisions else subtitle
    return finish(figure, title, told, HEIGHT, right=16)


def _values(
    figure: go.Figure, months: Sequence[dt.date], values: Sequence[float | None], unit: Unit, currency: str
) -> None:
    """The line; the newest value carries its own label."""
    labels = [
        f"{display_month(month)}: {display(value, unit, currency)}" for month, value in zip(months, values, strict=True)
    ]
    texts = [""] * (len(values) - 1) + ([display(values[-1], unit, currency)] if values[-1] is not None else [""])
    figure.add_scatter(
        x=list(range(len(values))),
        y=list(values),
        name="value",
        mode="lines+markers+text",
        line={"color": TOTAL, "width": 2},
        marker={"size": [5] * (len(values) - 1) + [9], "color": TOTAL},
        text=texts,
        textposition="top left",
        textfont={"color": TOTAL, "size": 13},
        cliponaxis=False,
        hovertext=labels,
        hoverinfo="text",
        connectgaps=False,
    )


def _band(figure: go.Figure, place: int, band: tuple[float, float]) -> None:
    figure.add_scatter(
        x=[place, place],
        y=list(band),
        name="band",
        mode="lines",
        line={"width": 9, "color": NEUTRAL},
        opacity=0.5,
        hoverinfo="skip",
    )


def _targets(
    figure: go.Figure, places: Sequence[int], targets: Sequence[float | None], unit: Unit, currency: str
) -> None:
    """Steps: a target holds for whole months."""
    if all(target is None for target in targets):
        return
    first = next(place for place, target in enumerate(targets) if target is not None)
    late = first > len(targets) // 2
    figure.add_scatter(
        x=[edge for place in places for edge in (place - 0.5, place + 0.5)],
        y=[target for target in targets for _ in range(2)],
        name="target",
        mode="lines",
        line={"color": POSITIVE, "width": 1.5, "dash": "dash"},
        hovertext=[f"target {display(target, unit, currency)}" for target in targets for _ in range(2)],
        hoverinfo="text",
        connectgaps=False,
    )
    figure.add_annotation(
        x=first - 0.6 if late else first - 0.4,
        y=targets[first],
        text=f"target {display(targets[first], unit, currency)}",
        showarrow=False,
        xanchor="right" if late else "left",
        yanchor="middle" if late else "bottom",
        font={"color": TOTAL},
    )


def _reach(values: Sequence[float | None]) -> tuple[float, float]:
    known = [value for value in values if value is not None]
    return (min(known), max(known)) if known else (0.0, 1.0)


def _short(month: dt.date) -> str:
    name, year = display_month(month).split()
    return f"{name[:3]}{SPACE}{year}"
