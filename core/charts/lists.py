"""Tables of words as HTML: wide ones as rows, on a narrow screen each row as a card; every text is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

Tone = Literal["", "good", "bad", "warn", "neutral"]

STYLE = """
.rc-listed{container-type:inline-size;font-size:.88rem;line-height:1.4;font-variant-numeric:tabular-nums}
.rc-listed>div{overflow:auto}.rc-listed .rc-long{max-height:29rem}
.rc-listed table{width:100%;border-collapse:collapse}
.rc-listed th{font-weight:500;color:light-dark(#475569,#B4C0CE);text-align:left;white-space:nowrap}
.rc-listed th,.rc-listed td{padding:.42rem .9rem .42rem 0;vertical-align:top;
 border-bottom:1px solid light-dark(#E2E8F0,#263241);overflow-wrap:break-word}
.rc-listed small{display:block;font-size:.87rem;color:light-dark(#475569,#B4C0CE)}
.rc-listed .rc-tag{display:inline-block;padding:0 .4rem;border-radius:.3rem;
 background:light-dark(#EEF1F5,#263241);color:light-dark(#353F4A,#D5DCE4)}
.rc-listed .rc-good{background:light-dark(#E0F4EC,#0F3B30);color:light-dark(#04604E,#2FDDB2)}
.rc-listed .rc-bad{background:light-dark(#FDE9E6,#4A1B17);color:light-dark(#A3231A,#FFB4A6)}
.rc-listed .rc-warn{background:light-dark(#FDF0DC,#46300F);color:light-dark(#7A4300,#F6C77C)}
@container (max-width:620px){
 .rc-listed thead{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}
 .rc-listed tr{display:block;padding:.45rem 0;border-bottom:1px solid light-dark(#E2E8F0,#263241)}
 .rc-listed td{display:grid;grid-template-columns:7.2rem minmax(0,1fr);padding:.08rem 0;border:0}
 .rc-listed td:empty{display:none}
 .rc-listed td::before{content:attr(data-label);color:light-dark(#475569,#B4C0CE)}
 .rc-listed td>div{min-width:0}
}
"""
LONG = 12
"""Rows of a table shown without scrolling."""


@dataclass(frozen=True, slots=True)
class Words:
    """One cell: its text, a small line below it, and whether it is marked; the text carries the meaning, too."""

    text: str
    below: str = ""
    tone: Tone = ""


def listing_html(names: Sequence[str], rows: Sequence[Sequence[str | Words]], alt: str) -> str:
    """A table of words; where it is too narrow for its columns, each row stands as a card of labels and words.

    Args:
        names: Heading of each column.
        rows: Cells of each row, plain text.
        alt: What the table is, for who cannot see it.
    """
    head = "".join(f'<th role="columnheader">{escape(name)}</th>' for name in names)
    body = "".join(
        f'<tr role="row">{"".join(_cell(name, cell) for name, cell in zip(names, row, strict=True))}</tr>'
        for row in rows
    )
    scrolls = f' class="rc-long" tabindex="0" role="region" aria-label="{escape(alt)}"' if len(rows) > LONG else ""
    return (
        f'<div class="rc-listed"><div{scrolls}><table role="table" aria-label="{escape(alt)}">'
        f'<thead><tr role="row">{head}</tr></thead><tbody>{body}</tbody></table></div></div>'
    )


def _cell(name: str, cell: str | Words) -> str:
    words = Words(cell) if isinstance(cell, str) else cell
    if not words.text:
        return '<td role="cell"></td>'
    text = escape(words.text)
    if words.tone:
        text = f'<span class="rc-tag rc-{words.tone}">{text}</span>'
    below = f"<small>{escape(words.below)}</small>" if words.below else ""
    return f'<td role="cell" data-label="{escape(name)}"><div>{text}{below}</div></td>'
