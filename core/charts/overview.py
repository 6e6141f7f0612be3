"""The Overview's boards as HTML: what needs a word, the bridge, what moved a figure, segments; every text escaped.

Drawn without plotly: one message carries all of it, a bar opens the accounts behind it, the projector enlarges it.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Literal, Protocol

from core.charts.cards import popover
from core.glossary import Unit, display

KINDS = {"level": "rc-level", "good": "rc-up", "bad": "rc-down", "unclear": "rc-open-kind"}
Span = tuple[float, float]
Line = tuple[str, str, str, str]
"""What a line is about, its figure, why it stands there, and the address of where it is looked into."""


class MoverView(Protocol):
    """An account or a line behind a bar."""

    @property
    def name(self) -> str:
        """What readers call it."""

    @property
    def amount(self) -> float:
        """What it adds, in the bar's unit."""

    @property
    def note(self) -> str:
        """A figure that explains it; may be empty."""


class BarView(Protocol):
    """A bar and what is behind it."""

    @property
    def label(self) -> str:
        """Its name."""

    @property
    def value(self) -> float:
        """A change, or the level reached."""

    @property
    def kind(self) -> Literal["level", "good", "bad", "unclear"]:
        """What its colour says."""

    @property
    def note(self) -> str:
        """What it rests on."""

    @property
    def movers(self) -> Sequence[MoverView]:
        """The largest behind it."""

    @property
    def others(self) -> int:
        """How many more."""

    @property
    def rest(self) -> float:
        """What those add."""


def panel(
    place: str,
    bars: Sequence[BarView],
    unit: Unit,
    currency: str,
    *,
    title: str,
    subtitle: str,
    sentence: str,
) -> str:
    """Bars with direct labels below their finding; a click on a name opens what is behind the bar.

    Levels among the bars make it a bridge: each change starts where the one before ended, and the lane shows the range
    that is passed through; the levels are marks, their amounts stand beside them. Without levels bars start at zero.

    Args:
        place: Permanent name of the panel, our own.
        bars: From top to bottom.
        unit: How amounts are written.
        currency: ISO code of money.
        title: The finding.
        subtitle: The definition.
        sentence: What it comes from, below the bars.
    """
    spans = _spans(bars)
    low = min([start for span in spans for start in span], default=0.0)
    width = (max([end for span in spans for end in span], default=1.0) - low) or 1.0
    rows = "".join(
        _bar(f"{place}-{at}", bar, span, low, width, unit, currency)
        for at, (bar, span) in enumerate(zip(bars, spans, strict=True))
    )
    is_bridge = any(bar.kind == "level" for bar in bars)
    zero = "-1px" if is_bridge else f"{100 * -low / width:.1f}%"
    drawn = f'<div class="rc-bars" style="--zero:{zero}">{rows}</div>' if bars else ""
    words = f'<p class="rc-soft">{escape(subtitle)}</p>' if subtitle else ""
    said = f'<p class="rc-said">{escape(sentence)}</p>' if sentence else ""
    return (
        f'<section class="rc-panel" aria-label="{escape(title)}"><h2>{escape(title)}</h2>{words}{drawn}{said}</section>'
    )


def _spans(bars: Sequence[BarView]) -> list[Span]:
    """Where each bar starts and ends."""
    if not any(bar.kind == "level" for bar in bars):
        return [(min(0.0, bar.value), max(0.0, bar.value)) for bar in bars]
    spans: list[Span] = []
    reached = 0.0
    for bar in bars:
        start = bar.value if bar.kind == "level" else reached
        reached = bar.value if bar.kind == "level" else reached + bar.value
        spans.append((min(start, reached), max(start, reached)))
    return spans


def _bar(place: str, bar: BarView, span: Span, low: float, width: float, unit: Unit, currency: str) -> str:
    """Name, lane and amount of one bar; the name opens what is behind it."""
    amount = display(bar.value, unit, currency, signed=bar.kind != "level")
    # A level at the right edge keeps its whole mark inside the lane.
    left = min(100 * (span[0] - low) / width, 99.3)
    size = 100 * (span[1] - span[0]) / width
    drawn = (
        f'<i class="{KINDS[bar.kind]}" style="left:{left:.2f}%;width:{max(size, 0.0):.2f}%"></i>' if bar.value else ""
    )
    name = popover(place, bar.label, f"{bar.label}: {amount}", _behind(bar, unit, currency)) if bar.movers else ""
    label = name or f"<span>{escape(bar.label)}</span>"
    said = f"{bar.label} {amount}, {bar.note}"
    return (
        f'{label}<div class="rc-lane" role="img" aria-label="{escape(said)}" title="{escape(bar.note)}">{drawn}</div>'
        f'<span class="rc-amount">{escape(amount)}</span>'
    )


def _behind(bar: BarView, unit: Unit, currency: str) -> str:
    """The largest behind a bar, the rest counted; together they are the bar."""
    is_change = bar.kind != "level"
    rows = [(mover.name, mover.note, display(mover.amount, unit, currency, signed=is_change)) for mover in bar.movers]
    if bar.others:
        noun = "one more" if bar.others == 1 else f"{bar.others:,} more"
        rows.append((noun, "", display(bar.rest, unit, currency, signed=is_change)))
    body = "".join(
        f'<tr><td>{escape(name)}</td><td>{escape(note)}</td><td class="rc-amount">{escape(amount)}</td></tr>'
        for name, note, amount in rows
    )
    below = "All rows: What moved, below the cards."
    return f'<p>{escape(bar.note)}</p><table class="rc-list">{body}</table><p class="rc-soft">{below}</p>'


def table(
    names: Sequence[tuple[str, bool]],
    rows: Sequence[Sequence[str]],
    *,
    title: str,
    subtitle: str,
    links: Sequence[str] | None = None,
) -> str:
    """A table below its finding.

    Args:
        names: Heading of each column, and whether its cells are amounts.
        rows: Cells as text.
        title: The finding.
        subtitle: The definition.
        links: Where the first cell of each row leads; nowhere when it is left out.
    """
    marks = [' class="rc-amount"' if is_amount else "" for _, is_amount in names]
    head = "".join(f"<th{mark}>{escape(name)}</th>" for (name, _), mark in zip(names, marks, strict=True))
    cells = [[escape(cell) for cell in row] for row in rows]
    for row, link in zip(cells, links or (), strict=links is not None):
        row[0] = f'<a href="{escape(link)}" target="_self">{row[0]}</a>'
    body = "".join(
        f"<tr>{''.join(f'<td{mark}>{cell}</td>' for cell, mark in zip(row, marks, strict=True))}</tr>" for row in cells
    )
    return (
        f'<section class="rc-panel" aria-label="{escape(title)}"><h2>{escape(title)}</h2>'
        f'<p class="rc-soft">{escape(subtitle)}</p>'
        f'<div class="rc-wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div></section>'
    )


def note(lines: Sequence[Line], more: Sequence[Line], place: str) -> str:
    """A band of short lines, the rest behind "all".

    Args:
        lines: Mark with what it is about, the figure, why, and the address of where it is looked into.
        more: Lines that do not stand in the band; with them, all open over the page.
        place: Permanent name of the band, our own.
    """
    shown = "".join(map(_line, lines))
    if not more:
        return f'<div class="rc-note">{shown}</div>'
    every = "".join(map(_line, (*lines, *more)))
    opened = popover(place, f"all {len(lines) + len(more)}", f"All {len(lines) + len(more)}", every)
    return f'<div class="rc-note">{shown}<p>{opened}</p></div>'


def brief(lines: Sequence[tuple[str, str]], every: Sequence[Line], place: str) -> str:
    """Lines of one row each for the projector; a click opens the whole of it, with the way to where it is looked into.

    Args:
        lines: What each is about, cut where the row is too narrow, and what is to be said of it.
        every: The same in full, and those that have no row: they open together behind "all".
        place: Permanent name of the band, our own.
    """
    rows = "".join(
        popover(
            f"{place}-{at}", "", f"{whole[0]} {whole[1]}", f"<p>{_why(*whole[2:])}</p>",
            drawn=f"<b>{escape(about)}:</b><span>{escape(said)}</span>",
        )
        for at, ((about, said), whole) in enumerate(zip(lines, every, strict=False))
    )  # fmt: skip
    if len(every) == len(lines):
        return f'<div class="rc-note rc-brief">{rows}</div>'
    title = f"All {len(every)}"
    return (
        f'<div class="rc-note rc-brief">{rows}{popover(place, title.lower(), title, "".join(map(_line, every)))}</div>'
    )


def _line(line: Line) -> str:
    about, figure, why, address = line
    figure = f" {figure}" if figure else ""
    return f"<p><b>{escape(about)}{escape(figure)}</b>: {_why(why, address)}</p>"


def _why(why: str, address: str) -> str:
    return f'{escape(why.rstrip("."))}. <a href="{escape(address)}">Look into it</a>'


def board(parts: Sequence[str], below: Sequence[str] = ()) -> str:
    """Panels beside one another, and what stands below them, as one piece of HTML."""
    panels = f'<div class="rc-panels">{"".join(parts)}</div>' if parts else ""
    rest = f'<div class="rc-below">{"".join(below)}</div>' if below else ""
    return f'<div class="rc-board">{panels}{rest}</div>'


def fold(label: str, paragraphs: Sequence[tuple[str, str]]) -> str:
    """Words that open below their label: a heading and its text each."""
    body = "".join(f"<p><b>{escape(head)}</b>: {escape(text)}</p>" for head, text in paragraphs)
    return f"<details><summary>{escape(label)}</summary>{body}</details>"


def hint(text: str) -> str:
    """One line of information."""
    return f'<div class="rc-note"><p>{escape(text)}</p></div>'
