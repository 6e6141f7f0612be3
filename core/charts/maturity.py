"""Maturity: one matrix of capability by level: claim, measurement, level that counts, target and trend of each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap

import plotly.graph_objects as go

from core.maturity.assess import Assessment
from core.model.maturity import ScaleLevel

ACCENT = "#000001"
TARGET = "#000002"
INK = "#000010"
CELL = "rgba(128,128,128,0.14)"
ROW_PX = 58
FRAME_PX = 92
HALF = 0.46
TARGET_SHIFT = 0.33
MEASURED_SHIFT = -0.33
LABEL_CHARACTERS = 19
LABEL_PX = 148
BARE_AXIS = {"showgrid": False, "zeroline": False, "ticks": "", "fixedrange": True, "tickfont": {"color": INK}}
"""Without an ink of their own, labels take a grey of Streamlit that is too pale on white."""


def maturity_matrix(
    rows: Sequence[Assessment], levels: Sequence[ScaleLevel], *, title: str, trends: Mapping[str, str] | None = None
) -> go.Figure:
    """One matrix as a figure: five cells a capability, with where it claims, is measured, counts and wants to be.

    A dot marks the level that counts, a ring the claim, a bar what is measured, a diamond the target; the words at
    the right say how the claim stands to measurement, and how the level that counts has changed.

    Args:
        rows: Assessments of one matrix, first row on top.
        levels: The five levels of the scale.
        title: The finding, worded by the caller; it travels in `layout.meta` and stands above the plot.
        trends: Change since the last quarter by capability, in words; left out where there is none.

    Returns:
        A figure of 58 px a row on a transparent ground.
    """
    tested = [row for row in rows if row.support.testable and row.not_applicable is None]
    aimed = [row for row in rows if row.target is not None and row.not_applicable is None]
    return go.Figure(
        data=[
            _marks("claim", rows, [row.claimed for row in rows], 0.0, _ring()),
            _marks("reported", rows, [row.reported for row in rows], 0.0, _dot()),
            _marks("measured", tested, [row.support.level for row in tested], MEASURED_SHIFT, _bar(), rows),
            _marks("target", aimed, [row.target or 0 for row in aimed], TARGET_SHIFT, _diamond(), rows),
        ],
        layout={
            **_frame(len(rows)),
            "meta": {"title": title, "subtitle": "Reported, claimed and measured level, and the target"},
            "xaxis": _columns(levels),
            "yaxis": _lines(rows),
            "shapes": [
                _cell(level.level, place, filled=level.level <= row.reported)
                for place, row in enumerate(rows)
                for level in levels
            ],
            "annotations": [
                _note(place, row, (trends or {}).get(row.capability, "")) for place, row in enumerate(rows)
            ],
        },
    )


def _cell(level: int, place: int, *, filled: bool) -> dict[str, object]:
    """One cell; those up to the reported level carry a tint of the accent."""
    return {
        "type": "rect",
        "x0": level - HALF,
        "x1": level + HALF,
        "y0": place - 0.4,
        "y1": place + 0.4,
        "line": {"width": 0},
        "fillcolor": ACCENT if filled else CELL,
        "opacity": 0.2 if filled else 1.0,
        "layer": "below",
    }


def _marks(
    name: str,
    rows: Sequence[Assessment],
    at: Sequence[int],
    shift: float,
    marker: dict[str, object],
    all_rows: Sequence[Assessment] | None = None,
) -> go.Scatter:
    """One mark a row at its level, with the row in words on hover."""
    places = {row.capability: place for place, row in enumerate(all_rows or rows)}
    return go.Scatter(
        name=name,
        x=[level + shift for level in at],
        y=[places[row.capability] for row in rows],
        mode="markers",
        marker=marker,
        cliponaxis=False,
        customdata=[[row.label, _in_words(row)] for row in rows],
        hovertemplate="<b>%{customdata[0]}</b><br>%{customdata[1]}<extra></extra>",
    )


def _dot() -> dict[str, object]:
    return {"symbol": "circle", "size": 14, "color": ACCENT}


def _ring() -> dict[str, object]:
    return {"symbol": "circle-open", "size": 23, "color": ACCENT, "line": {"width": 2.5}}


def _bar() -> dict[str, object]:
    return {"symbol": "line-ns-open", "size": 22, "color": INK, "line": {"width": 3, "color": INK}}


def _diamond() -> dict[str, object]:
    return {"symbol": "diamond", "size": 12, "color": TARGET}


def _standing(row: Assessment) -> str:
    """How the claim stands to measurement, in the few words the right margin holds."""
    if row.not_applicable is not None:
        return "not applicable"
    measured = row.support.level
    return {
        "supported": "supported",
        "stretch": f"stretch:<br>measured {measured}",
        "unsupported": f"<b>unsupported:</b><br>measured {measured}",
        "under_claimed": f"under-claimed:<br>measured {measured}",
        "not_testable": "not testable yet",
    }[row.status]


def _in_words(row: Assessment) -> str:
    """The row's levels as a sentence for the hover."""
    if row.not_applicable is not None:
        return "Does not apply"
    measured = str(row.support.level) if row.support.testable else "not testable"
    target = "none" if row.target is None else str(row.target)
    return f"Claimed {row.claimed}, measured {measured}, reported {row.reported}, target {target}"


def _note(place: int, row: Assessment, trend: str) -> dict[str, object]:
    """The words at the right of one row."""
    return {
        "x": 5.6,
        "y": place,
        "text": "<br>".join(filter(None, (_standing(row), trend))),
        "showarrow": False,
        "xanchor": "left",
        "align": "left",
        "font": {"size": 12, "color": INK},
    }


def _frame(rows: int) -> dict[str, object]:
    """Ground and the key, which names each mark beside its own shape; the card sets the finding above."""
    key = (
        f'<span style="color:{ACCENT}">●</span> reported   '
        f'<span style="color:{ACCENT}">◯</span> claimed   '
        f'<span style="color:{INK}">❙</span> measured   '
        f'<span style="color:{TARGET}">◆</span> target'
    )
    return {
        "title": {
            "text": key,
            "font": {"size": 13, "weight": 400},
            "x": 0,
            "xanchor": "left",
            "y": 1,
            "yanchor": "top",
            "pad": {"t": 8},
        },
        "height": FRAME_PX + ROW_PX * rows,
        "margin": {"l": LABEL_PX, "r": 8, "t": 84, "b": 8},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "showlegend": False,
        "hovermode": "closest",
    }


def _columns(levels: Sequence[ScaleLevel]) -> dict[str, object]:
    """The five levels along the top, with room for the words at the right."""
    return {
        **BARE_AXIS,
        "range": [0.5, 7.0],
        "side": "top",
        "tickvals": [level.level for level in levels],
        "ticktext": [f"<b>{level.level}</b><br><span style='font-size:11px'>{level.label}</span>" for level in levels],
        "tickangle": 0,
    }


def _lines(rows: Sequence[Assessment]) -> dict[str, object]:
    """The capabilities down the side, first on top, long names over two lines."""
    return {
        **BARE_AXIS,
        "range": [len(rows) - 0.5, -0.5],
        "tickvals": list(range(len(rows))),
        "ticktext": ["<br>".join(wrap(row.label, LABEL_CHARACTERS)) for row in rows],
        "ticklabelstandoff": 6,
        "automargin": False,
    }
