"""The months behind the figures of a look-back: what was held against what, month by month."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from core.errors import CouncilError
from core.glossary import display, display_month
from core.kpis import REGISTRY
from core.model.look_back import look_back_rules
from core.month import Month
from core.services.clock import local_day
from core.services.home import records_database
from core.services.look_back import label_of, look_back
from core.services.look_back_windows import Window, Windows, is_monthly_flow, windows
from core.services.rows import RowsBehind, rows_behind
from core.stats.months import shift_month
from core.store.tables import Decision

BEFORE, SINCE = "Before", "Since"


@dataclass(frozen=True, eq=False)
class LookBackRows:
    """What a look-back rests on.

    Attributes:
        title: The figure.
        tie: How then and now follow from the months, and what the figure is.
        frame: Month, Side, Figure in words, Value (as a number, in the KPI's unit), the newest first.
        behind: Rows of the last month of each side, the later first; empty for a figure that is no longer computed.
    """

    title: str
    tie: str
    frame: pd.DataFrame
    behind: tuple[RowsBehind, ...]


def look_back_rows(month: Month, decision_id: int) -> LookBackRows:
    """The months behind then and now of one decision.

    Args:
        month: The month that is looked at.
        decision_id: Which decision.

    Raises:
        CouncilError: There is no such decision.
    """
    with records_database().read() as session:
        item = session.get(Decision, decision_id)
    if item is None:
        raise CouncilError("The decision is gone; reload the page.")
    found = windows(item.kpi, item.month, local_day(item.decided_at), month, look_back_rules().windows)
    is_mean = is_monthly_flow(item.kpi) and isinstance(found, Windows)
    sides = _of_windows(found) if is_mean and isinstance(found, Windows) else _of_figures(item, month)
    unit, currency = str(item.seen["unit"]), str(item.seen["currency"])
    rows = [
        (display_month(day), side, display(value, unit, currency) if value is not None else "no figure", value)
        for day, side, value in reversed(sides)
    ]
    back = look_back(item, month)
    how = "Means of the months" if is_mean else "One month against another"
    between = _between(found) if is_mean and isinstance(found, Windows) else ""
    text = REGISTRY[item.kpi].text.says if item.kpi in REGISTRY else ""
    days = dict.fromkeys(day for day in (month.month, item.month) if item.kpi in REGISTRY)
    return LookBackRows(
        title=f"{label_of(item.kpi)}: before and since",
        tie=f"{how}: {back.then} before, {back.now or 'no figure'} now.{between} {text}".strip(),
        frame=pd.DataFrame(rows, columns=["Month", "Side", "Figure", "Value"]).astype({"Value": "float64"}),
        behind=tuple(rows_behind(month, item.kpi, at=day) for day in days),
    )


def _between(found: Windows) -> str:
    """Which months stand on neither side, because they are neither before the decision nor full months since."""
    first, last = shift_month(found.before.first, len(found.before.values)), shift_month(found.since.first, -1)
    if first > last:
        return ""
    months = display_month(first) if first == last else f"{display_month(first)} to {display_month(last)}"
    return f" {months}, when it was decided, {'is' if first == last else 'are'} on neither side."


def _of_windows(found: Windows) -> list[tuple[dt.date, str, float | None]]:
    return [(day, side, value) for window, side in ((found.before, BEFORE), (found.since, SINCE))
            for day, value in _months(window)]  # fmt: skip


def _months(window: Window) -> list[tuple[dt.date, float]]:
    return [(shift_month(window.first, place), value) for place, value in enumerate(window.values)]


def _of_figures(item: Decision, month: Month) -> list[tuple[dt.date, str, float | None]]:
    then = item.seen["value"]
    assert isinstance(then, int | float)
    now = month.kpis.get(item.kpi)
    return [
        (item.month, BEFORE, float(then)),
        (month.month, SINCE, now.value if now is not None and now.shown else None),
    ]
