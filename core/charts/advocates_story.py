"""A person's time line and records as pieces of HTML; every text in them is escaped."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from html import escape
from itertools import groupby

from core.glossary import display_month

KIND_WORDS = {
    "ask": "Asked",
    "answer": "Answer",
    "survey": "Survey",
    "ticket": "Ticket",
    "touch": "Touch",
    "reward": "Reward",
    "referral": "Referral",
}
"""What each kind of event is called; the word stands beside every event, colour alone tells nothing."""

STYLE = """
.rc-story{font-size:.88rem;line-height:1.4;font-variant-numeric:tabular-nums}
.rc-story h4{font-size:.82rem;font-weight:600;margin:.7rem 0 .15rem;padding:0;color:light-dark(#475569,#B4C0CE)}
.rc-story h4:first-of-type{margin-top:0}
.rc-story ol{list-style:none;margin:0;padding:0}
.rc-story li{display:grid;grid-template-columns:2.1rem 4.6rem minmax(0,1fr);gap:.2rem .5rem;padding:.16rem 0;margin:0;
 border-bottom:1px solid light-dark(#E2E8F0,#263241)}
.rc-story b{font-weight:600}.rc-story i{font-style:normal;text-align:right;color:light-dark(#475569,#B4C0CE)}
.rc-story .rc-ticket b{color:light-dark(#B3261B,#F58A74)}.rc-story .rc-ask b{color:light-dark(#0B5CAB,#7FB4FF)}
.rc-rows{border-collapse:collapse;width:100%;font-size:.86rem;font-variant-numeric:tabular-nums}
.rc-rows th{text-align:left;font-weight:500;color:light-dark(#475569,#B4C0CE)}
.rc-rows th,.rc-rows td{padding:.18rem .6rem .18rem 0;border-bottom:1px solid light-dark(#E2E8F0,#263241);
 vertical-align:top;overflow-wrap:anywhere}
.rc-quiet{color:light-dark(#475569,#B4C0CE);font-size:.86rem}
"""


def story_html(lines: Sequence[tuple[dt.date, str, str]], older: int) -> str:
    """Events by month, the newest first.

    Args:
        lines: Day, kind (a key of `KIND_WORDS`) and words of each event, the newest first.
        older: How many more there are that are not listed.
    """
    if not lines:
        return '<p class="rc-quiet">Nothing is recorded.</p>'
    parts = []
    for month, events in groupby(lines, key=lambda line: (line[0].year, line[0].month)):
        parts.append(f"<h4>{escape(display_month(dt.date(*month, 1)))}</h4><ol>")
        parts += [
            f'<li class="rc-{escape(kind)}"><i>{day.day}</i><b>{escape(KIND_WORDS.get(kind, kind))}</b>'
            f"<span>{escape(words)}</span></li>"
            for day, kind, words in events
        ]
        parts.append("</ol>")
    more = f'<p class="rc-quiet">{older:,} older events are not listed.</p>' if older else ""
    return f'<div class="rc-story">{"".join(parts)}{more}</div>'


def rows_html(head: Sequence[str], rows: Sequence[Sequence[str]], nothing: str) -> str:
    """A small table of words; what to say where it has no rows.

    Args:
        head: Names of the columns.
        rows: Cells.
        nothing: What stands there without rows.
    """
    if not rows:
        return f'<p class="rc-quiet">{escape(nothing)}</p>'
    top = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<table class="rc-rows"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>'
