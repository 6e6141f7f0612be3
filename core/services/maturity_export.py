"""A matrix on one page: a file that opens and prints anywhere, with no script and nothing to load."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from core.glossary import NOTHING, display_day
from core.services.maturity_gaps import Gaps
from core.services.maturity_history import History
from core.services.maturity_roadmap import StepLine
from core.services.maturity_view import CapabilityRow, MaturityView, quarter_label

STYLE = """
@page { size: A4; margin: 12mm }
body { font: 10pt/1.35 "Source Sans 3", Arial, sans-serif; color: #1b1f24; margin: 12mm auto; max-width: 186mm }
h1 { font-size: 15pt; margin: 0 0 1mm } h2 { font-size: 11pt; margin: 5mm 0 1mm } p { margin: 0 0 1mm }
table { border-collapse: collapse; width: 100%; font-size: 8.5pt }
th, td { text-align: left; padding: 0.8mm 1.5mm; border-bottom: 0.2mm solid #ccd2d9; vertical-align: top }
td.level { text-align: center; width: 8mm; border: 0.4mm solid #fff; background: #eef0f3 }
th.level { text-align: center; width: 11mm; font-size: 6.5pt }
td.on { background: #bcd0e8 } .small { font-size: 8pt; color: #4a525c }
@media print { body { margin: 0 } tr { break-inside: avoid } }
"""


def one_page(view: MaturityView, gaps: Gaps, history: History, steps: Sequence[StepLine]) -> bytes:
    """The matrix of a quarter as one HTML page, UTF-8; every text of data is escaped.

    Args:
        view: The matrix.
        gaps: What to close first.
        history: The quarters before.
        steps: The roadmap; its open steps are listed.
    """
    parts = [
        f"<p class='small'>{escape(view.note)}</p><h1>{escape(view.answer)}</h1>",
        f"<p>{escape(view.finding)}. {escape(view.summary)}</p>",
        _matrix(view),
        f"<h2>{escape(gaps.finding)}</h2>",
        _gaps(gaps),
        "<h2>Roadmap</h2>",
        _roadmap(steps),
        f"<h2>{escape(history.finding)}</h2><p class='small'>{escape(history.note)}</p>",
        _table(("Quarter", "Levels that counted"), list(zip(history.labels, history.lows, strict=True))),
    ]
    title = escape(f"{view.matrix.label}, {quarter_label(view.quarter)}")
    body = "\n".join(parts)
    page = (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{STYLE}</style></head>\n<body>\n{body}\n</body></html>\n"
    )
    return page.encode()


def _gaps(gaps: Gaps) -> str:
    heads = ("", "Capability", "Levels", "By", "Money a year", "Because", "Evidence", "Effort")
    rows = [
        (str(gap.rank), gap.label, f"{gap.current} to {gap.target}", gap.due, gap.money, gap.why_money, gap.status,
         gap.effort)
        for gap in gaps.lines
    ]  # fmt: skip
    only = f"<p class='small'>At the target by claim only: {escape('; '.join(gaps.claimed_only))}.</p>"
    return _table(heads, rows) + (only if gaps.claimed_only else "")


def _roadmap(steps: Sequence[StepLine]) -> str:
    rows = [
        (step.step, step.capability, step.owner, display_day(step.due) + (", late" if step.late else ""),
         str(step.projected))
        for step in steps
        if step.state == "open"
    ]  # fmt: skip
    return _table(("Step", "Capability", "Owner", "Due", "Then level"), rows)


def _matrix(view: MaturityView) -> str:
    """Five cells a capability, filled up to the level that counts, with claim, measurement, target and trend."""
    heads = "".join(f"<th class='level'>{item.level}<br>{escape(item.label)}</th>" for item in view.scale)
    rows = "".join(_row(row) for row in view.rows)
    labels = "<th>Claimed</th><th>Measured</th><th>Target</th><th>Standing</th>"
    return f"<table><tr><th>Capability</th>{heads}{labels}</tr>{rows}</table>"


def _row(row: CapabilityRow) -> str:
    cells = "".join(
        f"<td class='level{' on' if level <= (row.reported or 0) else ''}'>{'●' if level == row.reported else ''}</td>"
        for level in range(1, 6)
    )
    count = len(row.falling)
    falling = (
        f"{count} figure{'' if count == 1 else 's'} of its own {'falls' if count == 1 else 'fall'}" if count else ""
    )
    standing = "; ".join(filter(None, (row.status.replace("_", " "), row.trend, row.validation_words, falling)))
    figures = (row.claimed, row.measured if row.testable else None, row.target.level if row.target else None)
    words = "".join(f"<td>{NOTHING if value is None else value}</td>" for value in figures)
    return f"<tr><td>{escape(row.capability.label)}</td>{cells}{words}<td>{escape(standing)}</td></tr>"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return "<p class='small'>Nothing yet.</p>"
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"
