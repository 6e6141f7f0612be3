"""The assessment over quarters: the level that counted, the claim beside it, and how far the targets are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from core.glossary import display
from core.maturity.priorities import percent_to_target, progress
from core.services.maturity_state import Then, read_recorded
from core.services.maturity_view import CapabilityRow, MaturityView, quarter_label

QUARTERS = 8
"""Quarters shown, the newest included."""


@dataclass(frozen=True)
class HistoryCell:
    """A capability in one quarter.

    Attributes:
        claimed: Agreed level, in the newest quarter the claim.
        reported: Level that counted.
        agreed: Whether it was agreed.
    """

    claimed: int
    reported: int
    agreed: bool


@dataclass(frozen=True)
class HistoryRow:
    """A capability over the quarters; None in a quarter without a level."""

    label: str
    cells: tuple[HistoryCell | None, ...]
    target: int | None
    progress: str


@dataclass(frozen=True)
class Radar:
    """A matrix as a radar: the levels that count, those of the last quarter, and the targets; None where none is.

    Attributes:
        title: What it shows.
        subtitle: What the lines are.
    """

    title: str
    subtitle: str
    labels: tuple[str, ...]
    now: tuple[int | None, ...]
    before: tuple[int | None, ...]
    targets: tuple[int | None, ...]


@dataclass(frozen=True)
class History:
    """A matrix over quarters, oldest first.

    Attributes:
        finding: What has changed, as a title.
        subtitle: What the cells are.
        note: How far the targets are.
        quarters: First day of each.
        labels: Each as a reader calls it.
        rows: One a capability.
        lows: Minimum, mean and number of levels of each quarter, in words; empty in one without a level.
    """

    finding: str
    subtitle: str
    note: str
    quarters: tuple[dt.date, ...]
    labels: tuple[str, ...]
    rows: tuple[HistoryRow, ...]
    lows: tuple[str, ...]


def history_of(view: MaturityView) -> History:
    """The quarters of a matrix up to that of the view."""
    past = read_recorded(view.quarter).past
    own = {row.capability.id: past.get(row.capability.id, ()) for row in view.rows}
    quarters = sorted({then.quarter for lines in own.values() for then in lines})[-(QUARTERS - 1) :]
    if any(row.claimed is not None for row in view.rows) or not quarters:
        quarters.append(view.quarter)
    rows = tuple(_row(row, own[row.capability.id], quarters, view.quarter) for row in view.rows)
    return History(
        finding=_finding(rows, quarters),
        subtitle="Level that counted by quarter, the claim in brackets where it was another",
        note=_to_target(view.rows),
        quarters=tuple(quarters),
        labels=tuple(quarter_label(quarter) for quarter in quarters),
        rows=rows,
        lows=tuple(_low([row.cells[place] for row in rows]) for place in range(len(quarters))),
    )


def radar_of(view: MaturityView) -> Radar:
    """The matrix of a quarter beside the quarter before and its targets."""
    rows = view.rows
    short = sum(row.reported is not None and row.target is not None and row.reported < row.target.level for row in rows)
    aimed = sum(row.reported is not None and row.target is not None for row in rows)
    since = sorted({row.before_quarter for row in rows if row.before_quarter is not None})
    before = f", dotted {quarter_label(since[-1])}" if since else ""
    return Radar(
        title=f"{short} of {aimed} capabilities with a target are short of it" if aimed else "No target is set yet",
        subtitle=f"Levels that count: line {quarter_label(view.quarter)}{before}, diamond the target; 1 is the middle",
        labels=tuple(row.capability.label for row in rows),
        now=tuple(row.reported for row in rows),
        before=tuple(row.before for row in rows),
        targets=tuple(row.target.level if row.target else None for row in rows),
    )


def _row(row: CapabilityRow, past: Sequence[Then], quarters: Sequence[dt.date], newest: dt.date) -> HistoryRow:
    cells: dict[dt.date, HistoryCell] = {then.quarter: HistoryCell(then.agreed, then.reported, True) for then in past}
    if row.claimed is not None and row.reported is not None:
        cells[newest] = HistoryCell(row.claimed, row.reported, row.agreed is not None)
    return HistoryRow(
        label=row.capability.label,
        cells=tuple(cells.get(quarter) for quarter in quarters),
        target=row.target.level if row.target else None,
        progress=_progress(row, past),
    )


def _progress(row: CapabilityRow, past: Sequence[Then]) -> str:
    """Share of the way from the first agreed level to the target, both as they counted."""
    if row.target is None:
        return "no target"
    if row.reported is None or not past:
        return "no earlier quarter"
    first = past[0].reported
    share = progress(current=row.reported, baseline=first, target=row.target.level)
    if share is None:
        return "started at its target"
    return f"{display(share, 'ratio')} of the way from {first} to {row.target.level}"


def _to_target(rows: Sequence[CapabilityRow]) -> str:
    aimed = [(row.reported, row.target.level) for row in rows if row.reported is not None and row.target is not None]
    share = percent_to_target([float(now) for now, _ in aimed], [float(aim) for _, aim in aimed])
    if share is None:
        return "No target is set for a rated capability."
    return (
        f"{display(share, 'ratio')} of the levels aimed for are there, over {len(aimed)} of {len(rows)} capabilities "
        "with a target; a level beyond its target earns nothing elsewhere."
    )


def _low(cells: Sequence[HistoryCell | None]) -> str:
    levels = [cell.reported for cell in cells if cell is not None]
    if not levels:
        return ""
    return f"minimum {min(levels)}, mean {display(fmean(levels), 'score')}, {len(levels)} rated"


def _finding(rows: Sequence[HistoryRow], quarters: Sequence[dt.date]) -> str:
    if len(quarters) < 2:
        return "The first quarter: a trend needs a second one"
    pairs = [(row.cells[-2], row.cells[-1]) for row in rows]
    steps = [now.reported - before.reported for before, now in pairs if before is not None and now is not None]
    if not steps:
        return "No capability has two quarters in a row yet"
    up, down = sum(step > 0 for step in steps), sum(step < 0 for step in steps)
    since = quarter_label(quarters[-2])
    if not up and not down:
        return f"No level has changed since {since}"
    parts = [
        f"{count} {word}"
        for count, word in ((up, "up"), (down, "down"), (len(steps) - up - down, "as before"))
        if count
    ]
    return f"Since {since}: {', '.join(parts)}"
