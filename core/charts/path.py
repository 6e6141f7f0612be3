"""Figures of the path: stages as bars, and one account's way along them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import plotly.graph_objects as go

from core.charts.base import BASELINE, LABEL, NEGATIVE, NEUTRAL, POSITIVE, TOTAL, finish
from core.charts.text import figure_text

ROW = 45
"""Height of a stage in px: its bar, and the line about the step below it."""
BAR = 0.4
"""Share of a row's height that its bar takes."""

STYLE = """
.rc-way{display:grid;grid-template-columns:repeat(auto-fit,minmax(4.9rem,1fr));row-gap:.4rem;font-size:.78rem;
 line-height:1.3;font-variant-numeric:tabular-nums;padding:.5rem 0 .3rem .1rem}
.rc-way>div{padding:.6rem .3rem 0 0;position:relative;border-top:2px solid light-dark(#0B5CAB,#60A5FA)}
.rc-way>div::before{content:"";position:absolute;left:0;top:-.42rem;width:.72rem;height:.72rem;border-radius:50%;
 background:light-dark(#0B5CAB,#60A5FA)}
.rc-way>.rc-missing,.rc-way>.rc-ahead{border-top-style:dashed;border-color:light-dark(#7F8C9D,#8B98A9)}
.rc-way>.rc-missing::before,.rc-way>.rc-ahead::before{background:light-dark(#FFFFFF,#0F1720);
 border:2px solid light-dark(#7F8C9D,#8B98A9);box-sizing:border-box}
.rc-way>.rc-here::before{outline:2px solid light-dark(#0B5CAB,#60A5FA);outline-offset:2px}
.rc-way b{display:block;font-weight:600}.rc-way span{color:light-dark(#475569,#B4C0CE)}
.rc-about{font-size:.92rem;line-height:1.45}.rc-about p{margin:0 0 .15rem;padding:0}
.rc-about h2{font-size:1.1rem;margin:0;padding:0}
.rc-about .rc-quiet{color:light-dark(#475569,#B4C0CE);font-size:.86rem}
.rc-about .rc-wrong{color:light-dark(#B3261B,#F58A74);font-weight:600}
.rc-account{container-type:inline-size;border:1px solid light-dark(#CBD5E1,#334155);border-radius:.4rem;
 padding:calc(1rem - 1px);margin-bottom:1rem}
.rc-account>div{display:grid;grid-template-columns:minmax(0,8fr) minmax(0,5fr);gap:.6rem 2rem}
@container (max-width:820px){.rc-account>div{grid-template-columns:minmax(0,1fr)}}
.rc-people{border-collapse:collapse;width:100%;font-size:.86rem;font-variant-numeric:tabular-nums}
.rc-people th{text-align:left;font-weight:500;color:light-dark(#475569,#B4C0CE)}
.rc-people th,.rc-people td{padding:.16rem .5rem .16rem 0;border-bottom:1px solid light-dark(#E2E8F0,#263241)}
.rc-people .rc-n{text-align:right}
"""


@dataclass(frozen=True, slots=True)
class StageBar:
    """One stage of the chart.

    Attributes:
        label: Its name.
        reached: Accounts that have reached it.
        here: Of those, the ones whose furthest stage it is.
        late: Of those, the ones that wait longer than usual, or than our target.
        figures: What stands beside the bar.
        step: The step to the next stage, in words; empty where there is none.
        unknown: What to load; empty where the stage is known.
    """

    label: str
    reached: int
    here: int
    late: int
    figures: str
    step: str
    unknown: str = ""


def stage_bars(stages: Sequence[StageBar], *, title: str, subtitle: str) -> go.Figure:
    """Accounts by stage on a zero baseline: late, standing here, gone further; figures beside the bar, steps below it.

    Each bar carries its place among the stages as `customdata`, so that a click can choose it.

    Args:
        stages: From top to bottom.
        title: The finding.
        subtitle: What is drawn.
    """
    parts = (
        ("late", [stage.late for stage in stages], NEGATIVE, 1.0),
        ("stand here", [stage.here - stage.late for stage in stages], POSITIVE, 1.0),
        ("went further", [stage.reached - stage.here for stage in stages], NEUTRAL, 0.35),
    )
    figure = go.Figure()
    for name, lengths, colour, opacity in parts:
        hover = [f"{figure_text(stage.label)}: {count:,} {name}" for stage, count in zip(stages, lengths, strict=True)]
        _bars(figure, lengths, hover, colour, opacity)
    _words(figure, [stage.reached for stage in stages], 0, [_figures(stage) for stage in stages], LABEL, TOTAL)
    steps = [f"\N{DOWNWARDS ARROW} {figure_text(stage.step)}" if stage.step else "" for stage in stages]
    _words(figure, [0] * len(stages), 0.5, steps, LABEL - 1, BASELINE)
    longest = max((stage.reached for stage in stages), default=0) or 1
    figure.update_layout(barmode="stack")
    figure.add_vline(x=0, line={"width": 1.5, "color": TOTAL})
    figure.update_xaxes(visible=False, range=[0, longest * 2.3])
    figure.update_yaxes(
        tickvals=list(range(len(stages))),
        ticktext=[f"<b>{figure_text(stage.label)}</b>" for stage in stages],
        range=[len(stages) - 0.25, -0.4],
        showgrid=False,
    )
    return finish(figure, title, subtitle, ROW * len(stages) - 18, right=2)


def _bars(figure: go.Figure, lengths: Sequence[int], hover: Sequence[str], colour: str, opacity: float) -> None:
    """One part of every bar; a click chooses it and leaves its look as it is."""
    figure.add_bar(
        x=list(lengths),
        y=list(range(len(lengths))),
        orientation="h",
        width=BAR,
        marker={"color": colour, "line": {"width": 0}, "opacity": opacity},
        selected={"marker": {"opacity": opacity}},
        unselected={"marker": {"opacity": opacity}},
        customdata=list(range(len(lengths))),
        hovertext=list(hover),
        hoverinfo="text",
    )


def _figures(stage: StageBar) -> str:
    return f"not known: {figure_text(stage.unknown)}" if stage.unknown else figure_text(stage.figures)


def _words(
    figure: go.Figure, places: Sequence[int], below: float, texts: Sequence[str], size: int, colour: str
) -> None:
    """Words right of a place on every row: one trace, which costs each rerun far less than one annotation a row."""
    figure.add_scatter(
        x=list(places),
        y=[row + below for row in range(len(texts))],
        mode="text",
        text=[f" {text}" if text else "" for text in texts],
        textposition="middle right",
        textfont={"size": size, "color": colour},
        selected={"textfont": {"color": colour}},
        unselected={"textfont": {"color": colour}},
        cliponaxis=False,
        hoverinfo="skip",
    )


def account_html(
    head: tuple[str, str, str, str],
    step: tuple[str, str],
    line: Sequence[tuple[str, str, str]],
    signs: str,
    people: Sequence[tuple[str, str, str, str]],
    shown: int,
    judged: str,
) -> str:
    """One account as one piece of HTML: where it stands, what to do, its way, its contacts; every text is escaped.

    Args:
        head: Name, what it is, where it stands, what is wrong (may be empty).
        step: What to do next, and who does it.
        line: Label, day and state (reached, here, missing, ahead) of every stage.
        signs: Last give and last answer.
        people: Name, role, readiness and what to do of every contact.
        shown: How many of them are listed; the number of the others is said.
        judged: On which day it is judged who may be asked; may be empty.
    """
    name, about, stands, wrong = (escape(text) for text in head)
    trouble = f' · <span class="rc-wrong">{wrong}</span>' if wrong else ""
    way = "".join(
        f'<div role="listitem" class="rc-{escape(state)}"><b>{escape(label)}</b><span>{escape(day)}</span></div>'
        for label, day, state in line
    )
    return (
        f'<div class="rc-account"><div><div>'
        f'<div class="rc-about"><h2>{name}</h2><p class="rc-quiet">{about}</p>'
        f"<p>{stands}{trouble}</p><p><b>Next step:</b> {escape(step[0])} ({escape(step[1])})</p></div>"
        f'<div role="list" class="rc-way">{way}</div>'
        f'<div class="rc-about"><p class="rc-quiet">{escape(signs)}</p></div></div>'
        f'<div class="rc-about">{_people(people, shown, judged)}</div></div></div>'
    )


def _people(people: Sequence[tuple[str, str, str, str]], shown: int, judged: str) -> str:
    if not people:
        return '<p class="rc-quiet">No contact of this account is loaded.</p>'
    rows = "".join(
        f'<tr><td>{escape(name)}</td><td>{escape(role)}</td><td class="rc-n">{escape(ready)}</td>'
        f"<td>{escape(todo)}</td></tr>"
        for name, role, ready, todo in people[:shown]
    )
    more = f"and {len(people) - shown} more on Advocates" if len(people) > shown else ""
    below = " · ".join(filter(None, (more, escape(judged))))
    note = f'<p class="rc-quiet">{below}</p>' if below else ""
    head = '<tr><th>Contact</th><th>Role</th><th class="rc-n">Readiness</th><th>To do</th></tr>'
    return f'<table class="rc-people">{head}{rows}</table>{note}'
