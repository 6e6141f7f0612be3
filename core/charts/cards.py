"""KPI cards as one piece of HTML: value, change, trend with band and target, sample, definition.

One element for all cards of a screen: a server sends it in one message, where a card of widgets takes four.
Every text is escaped here; nothing of the data becomes markup.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Literal, Protocol

from core.glossary import display, display_change, display_interval, display_month
from core.kpis.result import KpiResult, State

# Inks come from the page: currentColor is its text, light-dark() follows its colour scheme. Sizes are in em of the
# piece, so that the projector enlarges all of it by one number.
STYLE = """
.rc-cards{container-type:inline-size;font-variant-numeric:tabular-nums;line-height:1.35;font-size:.82rem}
.rc-board+.rc-cards{margin-top:.9em}
.rc-cards>div{display:grid;grid-template-columns:repeat(6,minmax(0,1fr));gap:.7em}
@container (max-width:1100px){.rc-cards>div{grid-template-columns:repeat(3,minmax(0,1fr))}}
@container (max-width:620px){.rc-cards>div{grid-template-columns:repeat(2,minmax(0,1fr))}}
@container (max-width:320px){.rc-cards>div{grid-template-columns:minmax(0,1fr)}}
.rc-card{border:1px solid light-dark(#CBD5E1,#334155);border-radius:.4rem;padding:.7em .85em .6em;
 display:flex;flex-direction:column;gap:.15em;min-width:0}
.rc-card p,.rc-card h2{margin:0;padding:0;overflow-wrap:break-word;font-size:1em}
.rc-card h2{font-size:1.05em;font-weight:500;color:light-dark(#475569,#B4C0CE)}
.rc-card .rc-value{font-size:1.95em;font-weight:650;letter-spacing:-.01em;line-height:1.2}
.rc-card .rc-none{font-size:1.3em;font-weight:600;line-height:1.2;padding:.25em 0}
.rc-card .rc-change{font-size:1.03em;font-weight:600}
.rc-card .rc-line{color:light-dark(#475569,#B4C0CE)}
.rc-good{color:light-dark(#04705A,#2FDDB2)}.rc-bad{color:light-dark(#B3261B,#F58A74)}
.rc-neutral{color:light-dark(#475569,#B4C0CE)}
.rc-trend{height:2.6em;padding:.4em .35em .35em .1em}.rc-trend>div{position:relative;height:100%}
.rc-trend i{position:absolute;display:block}
.rc-run{inset:0;background:light-dark(#0B5CAB,#60A5FA)}
.rc-band{right:-3px;width:6px;border-radius:3px;background:currentColor;opacity:.22}
.rc-goal{left:0;right:0;border-top:1px dashed currentColor;opacity:.6}
.rc-decided{top:-3px;bottom:-3px;width:7px;margin-left:-3px;background:
 linear-gradient(currentColor,currentColor) 3px 0/1px 100% no-repeat;opacity:.75}
.rc-decided::before{content:"\25C6";position:absolute;left:-1px;bottom:-.45em;font-size:.62rem;line-height:1;font-style:normal}
.rc-dot{right:-3px;width:6px;height:6px;margin-top:-3px;border-radius:50%;background:light-dark(#0B5CAB,#60A5FA)}
.rc-card .rc-foot{margin-top:auto;padding-top:.3em;display:flex;flex-wrap:wrap;gap:0 .8em;
 justify-content:space-between;align-items:baseline}
.rc-card .rc-badge{font-weight:600}.rc-card .rc-foot>p:empty{display:none}
.rc-open{all:unset;cursor:pointer;color:light-dark(#0B5CAB,#7FB4FF)}
.rc-open:hover{text-decoration:underline}
.rc-open:focus-visible{outline:2px solid currentColor;outline-offset:2px}
.rc-pop{inset:0;margin:auto;width:min(44rem,calc(100vw - 3rem));max-height:80vh;height:fit-content;overflow:auto;
 border:1px solid light-dark(#CBD5E1,#334155);border-radius:.5rem;padding:1.1rem 1.3rem;font-size:.95rem;
 line-height:1.45;font-variant-numeric:tabular-nums;background:light-dark(#FFF,#1A2430);
 color:light-dark(#0F1720,#E6EAF0);box-shadow:0 12px 40px rgb(0 0 0/.28)}
.rc-pop::backdrop{background:rgb(15 23 32/.25)}
.rc-pop h3{margin:0 0 .5rem;padding:0;font-size:1.05rem}
.rc-pop p{margin:.45rem 0 0;padding:0;font-size:1em}
"""


SIGNS: dict[str, str] = {"good": "✓", "bad": "!", "neutral": "≈"}
"""The sign before how a figure stands, the same on every screen."""


class CardView(Protocol):
    """What a card shows: a KPI's result and the words around it."""

    @property
    def result(self) -> KpiResult:
        """Value, interval, sample, state and earlier values."""

    @property
    def definition(self) -> str:
        """What the figure is; paragraphs parted by an empty line."""

    @property
    def spark(self) -> Sequence[float | None]:
        """The figure of the last months, oldest first; None where it cannot be shown."""

    @property
    def status(self) -> str:
        """One or two words such as "on target"; empty when there is nothing to say."""

    @property
    def means(self) -> str:
        """What the words of the status mean; empty where they say it themselves."""

    @property
    def tone(self) -> Literal["good", "bad", "neutral"]:
        """What the status means."""

    @property
    def beside(self) -> str:
        """The figure it is compared with, in one line; empty when there is none."""

    @property
    def target(self) -> float | None:
        """The figure agreed on, in the result's unit."""


Marks = Sequence[tuple[int, str]]
"""Places among the months of a trend, and what was decided in each."""


def cards_html(cards: Sequence[CardView], decisions: Mapping[str, Marks] | None = None) -> str:
    """All cards of a screen as HTML with its style: six beside one another, three or two where that is too narrow.

    A definition opens over the page, as wide as it takes to read it; Escape or a click beside it closes it.

    Args:
        cards: The cards.
        decisions: Decisions on a figure by its id, each with the place of its month in `spark`.
    """
    marks = decisions or {}
    every = "".join(_card(card, marks.get(card.result.id, ())) for card in cards)
    return f'<div class="rc-cards"><div>{every}</div></div>'


def _card(card: CardView, marks: Marks) -> str:
    result = card.result
    lines = "".join(f'<p class="rc-line">{escape(line)}</p>' for line in _lines(card))
    paragraphs = "".join(f"<p>{escape(part)}</p>" for part in card.definition.split("\n\n") if part)
    definition = popover(f"def-{result.id}", "Definition", result.label, paragraphs)
    return (
        f'<section class="rc-card" aria-label="{escape(result.label)}"><h2>{escape(result.label)}</h2>'
        f'{_figure(card, marks)}{lines}<div class="rc-foot">{_badge(card)}{definition}</div></section>'
    )


def popover(place: str, label: str, title: str, body: str, drawn: str = "") -> str:
    """A word that opens something to read over the page.

    Args:
        place: Permanent name of the place on its screen, our own; no text of data.
        label: The word; any text.
        title: Heading of what opens; any text.
        body: Its HTML, escaped by the caller.
        drawn: HTML in place of the word, escaped by the caller.
    """
    return (
        f'<button class="rc-open" popovertarget="rc-{place}">{drawn or escape(label)}</button>'
        f'<div class="rc-pop" popover id="rc-{place}"><h3>{escape(title)}</h3>{body}</div>'
    )


def _figure(card: CardView, marks: Marks) -> str:
    """Value, change and trend; where the value may not stand, the words that stand for it."""
    result = card.result
    if not result.shown:
        return f'<p class="rc-none">{escape(absence(result))}</p>'
    value = escape(display(result.value, result.unit, result.currency))
    return f'<p class="rc-value">{value}</p>{_change(result)}{_trend(card, marks)}'


def _change(result: KpiResult) -> str:
    if result.previous is None:
        return ""
    change = display_change(result.value, result.previous, result.unit, result.currency)
    arrow = {"+": "▲ ", "−": "▼ "}.get(change[:1], "")
    since = display_month(_month_before(result.month))[:3]
    return f'<p class="rc-change rc-{result.change_tone(result.previous)}">{arrow}{escape(change)} on {since}</p>'


def absence(result: KpiResult) -> str:
    """Why there is no value, in two or three words."""
    if result.state is State.TOO_FEW:
        counted = (
            f"{result.numerator} of {result.n}" if result.numerator is not None else f"{result.n} {result.n_label}"
        )
        return f"too few ({counted})"
    if result.state is State.MISSING and not (result.reason or "").startswith("not loaded"):
        return "no figure"
    return {State.MISSING: "not loaded", State.UNDEFINED: "not defined"}.get(result.state, "no figure")


def _lines(card: CardView) -> list[str]:
    """Interval, n, the figure beside it or a year ago, target, reason: those that exist."""
    result = card.result
    lines: list[str] = []
    if result.shown:
        if result.low is not None and result.high is not None:
            band = display_interval(result.low, result.high, result.unit, result.currency, line=card.target)
            lines.append(f"95 %: {band}")
        else:
            lines.append("complete count")
        lines.append(f"n {result.n:,} {result.n_label}")
        if result.year_ago is not None:
            since = display_change(result.value, result.year_ago, result.unit, result.currency)
            lines.append(f"{since} on a year ago")
        if card.beside:
            lines.append(card.beside)
    if card.target is not None:
        lines.append(f"target {display(card.target, result.unit, result.currency)}")
    if result.reason and result.state in (State.MISSING, State.UNDEFINED):
        lines.append(result.reason.replace("not loaded: ", "needs "))
    return lines


def _badge(card: CardView) -> str:
    if not card.status:
        said = "○ no target" if card.target is None and card.result.better != "neither" else ""
        return f'<p class="rc-badge rc-neutral">{said}</p>'
    means = f' title="{escape(card.means)}"' if card.means else ""
    return f'<p class="rc-badge rc-{card.tone}"{means}>{SIGNS[card.tone]} {escape(card.status)}</p>'


def _trend(card: CardView, marks: Marks) -> str:
    """The last months as a line, the newest as a dot with its interval, target and decisions as dashed lines.

    Drawn with boxes and a clipped area: Streamlit takes drawings out of HTML.
    """
    run = last_run(card.spark)
    if not run:
        return ""
    result = card.result
    ends = [end for end in (result.low, result.high) if end is not None and math.isfinite(end)]
    reach = [*run, *ends, *([card.target] if card.target is not None else [])]
    low, span = min(reach), (max(reach) - min(reach)) or 1.0

    def height(value: float) -> float:
        """Place of a value, per cent of the drawing from its top."""
        return round(100 * (1 - (value - low) / span), 1)

    step = 100 / (len(run) - 1)
    places = [(round(index * step, 1), height(value)) for index, value in enumerate(run)]
    line = [f"{x}% calc({y}% - 1px)" for x, y in places] + [f"{x}% calc({y}% + 1px)" for x, y in reversed(places)]
    drawn = f'<i class="rc-run" style="clip-path:polygon({",".join(line)})"></i>'
    if len(ends) == 2:
        top, bottom = height(ends[1]), height(ends[0])
        drawn += f'<i class="rc-band" style="top:{top}%;height:{bottom - top:.1f}%"></i>'
    if card.target is not None:
        drawn += f'<i class="rc-goal" style="top:{height(card.target)}%"></i>'
    drawn += _decided(marks, len(card.spark) - len(run), step)
    drawn += f'<i class="rc-dot" style="top:{places[-1][1]}%"></i>'
    words = "; ".join([f"{result.label}, last {len(run)} months", *(f"decided {said}" for _, said in marks)])
    return f'<div class="rc-trend" role="img" aria-label="{escape(words)}"><div>{drawn}</div></div>'


def _decided(marks: Marks, missing: int, step: float) -> str:
    """A dotted line at the month of each decision that the drawn run of months holds."""
    return "".join(
        f'<i class="rc-decided" style="left:{(place - missing) * step:.1f}%" title="Decided {escape(words)}"></i>'
        for place, words in marks
        if place >= missing
    )


def last_run(values: Sequence[float | None]) -> list[float]:
    """The latest values without a gap; empty when there are fewer than two."""
    run: list[float] = []
    for value in reversed(values):
        if value is None:
            break
        run.append(value)
    return run[::-1] if len(run) > 1 else []


def _month_before(month: dt.date) -> dt.date:
    return (month.replace(day=1) - dt.timedelta(days=1)).replace(day=1)
