"""What became of a promise: the figure the council saw, the figure it promised, today's figure of the same KPI."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from sqlmodel import col, select

from core.glossary import display, display_day, display_month
from core.kpis import REGISTRY
from core.kpis.result import KpiResult, State
from core.model.look_back import look_back_rules
from core.month import Month
from core.services.clock import local_day
from core.services.home import records_database
from core.services.look_back_verdict import Verdict, figure, judge, judge_means, promised_changes
from core.services.look_back_windows import Windows, is_monthly_flow, windows
from core.services.look_back_written import band_words, change_unit, promise, written
from core.store.tables import Decision

Outcome = Literal["inside the promised range", "short of the promise", "beyond the promise", "cannot say yet"]

OUTCOMES: dict[Verdict, Outcome] = {
    "in line": "inside the promised range",
    "more than promised": "beyond the promise",
    "less than promised": "short of the promise",
    "other way": "short of the promise",
    "not told yet": "cannot say yet",
    "no figure": "cannot say yet",
}
"""The verdict in the words of an executive: what a decision that is due has become."""
INSIDE: dict[Outcome, bool | None] = {
    "inside the promised range": True,
    "beyond the promise": True,
    "short of the promise": False,
    "cannot say yet": None,
}
"""Whether the promise was kept; None where the intervals do not tell."""


@dataclass(frozen=True)
class LookBack:
    """One decision that is due for its look-back, as numbers and as a sentence.

    Attributes:
        decision_id: Its id.
        title: What was decided.
        decided_on: The day it was decided, in the company's zone.
        kpi: Id of the KPI it was to move.
        promised: Change of that KPI that was promised. [unit]
        promised_low: Least that was promised, or None. [unit]
        promised_high: Most that was promised, or None. [unit]
        got: Change from the figure seen to the month's, of a monthly flow from the mean of the months before to the
            mean of those since; None when the two cannot be compared. [unit]
        unit: Unit of these changes for `display`: points (as fractions) for ratios, the KPI's own for the rest.
        currency: ISO code of money.
        verdict: What the intervals of both figures allow to say of the promise.
        sentence: Promise, change and verdict in words, without the title; from data, to be escaped.
        brief: The same without the KPI, the day and the months of a mean: what fits one line on a projector.
    """

    decision_id: int
    title: str
    decided_on: dt.date
    kpi: str
    promised: float
    promised_low: float | None
    promised_high: float | None
    got: float | None
    unit: str
    currency: str
    verdict: Outcome
    sentence: str
    brief: str

    @property
    def short(self) -> str:
        """The brief with the KPI it is about, for one line; the sentence where it says why none can be told."""
        return self.sentence if self.got is None else f"{label_of(self.kpi)}: {self.brief}"


@dataclass(frozen=True)
class Comparison:
    """Then, promised and now of one decision, as they are written.

    Of a monthly flow, then and now are means of months: before the decision, and since.

    Attributes:
        then: The figure the council saw.
        then_note: Its interval, or the months of its mean; empty for a complete count.
        promised: The figure that was to be reached.
        promised_note: The promised change with its range.
        now: Today's figure; None when it cannot be shown.
        now_note: The change since, where the two can be compared, and today's interval.
        got: From then to now, in the KPI's own unit, ratios as fractions; None when the two cannot be compared.
        change: The same as it is written.
        change_band: Its interval as it is written; empty where there is none.
        got_low: Lower end of the same interval, in the unit of `got`; None where there is none.
        got_high: Upper end.
        verdict: What may be said of the promise.
        reading: The same as a sentence, or why nothing can be said.
        compared: What was held against what, where that is not one figure against another; empty otherwise.
    """

    then: str
    then_note: str
    promised: str
    promised_note: str
    now: str | None
    now_note: str
    got: float | None
    change: str | None
    verdict: Verdict
    reading: str
    compared: str = ""
    change_band: str = ""
    got_low: float | None = None
    got_high: float | None = None


def label_of(kpi: str) -> str:
    """Name of a KPI, also of one that is no longer computed."""
    return REGISTRY[kpi].label if kpi in REGISTRY else kpi.replace("_", " ")


def seen_number(result: KpiResult, month_key: str) -> dict[str, object]:
    """The number as the council saw it, with what identifies the data and the definition behind it."""
    return {
        "value": result.value, "low": result.low, "high": result.high, "n": result.n, "unit": result.unit,
        "currency": result.currency, "state": str(result.state), "version": REGISTRY[result.id].version,
        "month": f"{result.month:%Y-%m}", "month_key": month_key,
    }  # fmt: skip


def number(value: object) -> float | None:
    """A kept number; None when there is none."""
    return float(value) if isinstance(value, int | float) else None


def due_look_backs(month: Month | None) -> tuple[LookBack, ...]:
    """Decisions whose review date has come by the end of a month and that nobody reviewed, the oldest promise first.

    Args:
        month: The month that is looked at; without one nothing is due.
    """
    if month is None:
        return ()
    due = (
        select(Decision)
        .where(col(Decision.review_on) <= month.as_of, col(Decision.month) < month.month)
        .where(col(Decision.status) == "decided")
        .order_by(col(Decision.review_on), col(Decision.id))
    )
    with records_database().read() as session:
        items = session.exec(due).all()
    return tuple(_due(item, month) for item in items)


def _due(item: Decision, month: Month) -> LookBack:
    back = look_back(item, month)
    unit, currency = change_unit(str(item.seen["unit"])), str(item.seen["currency"])
    verdict = OUTCOMES[back.verdict]
    behind = "; ".join(filter(None, (back.change_band, back.compared)))
    got = f"{back.change} ({behind})" if behind else back.change
    brief = f"{back.change} ({back.change_band})" if back.change_band else back.change
    said = f"{label_of(item.kpi)}: promised {back.promised_note} by {display_day(item.review_on)}, "
    return LookBack(
        decision_id=item.id or 0,
        title=item.title,
        decided_on=local_day(item.decided_at),
        kpi=item.kpi,
        promised=item.expected,
        promised_low=item.expected_low,
        promised_high=item.expected_high,
        got=back.got,
        unit=unit,
        currency=currency,
        verdict=verdict,
        sentence=f"{said}got {got}: {verdict}." if back.change else f"{said}{verdict}: {back.reading}",
        brief=f"promised {back.promised_note}, {f'got {brief}: ' if back.change else ''}{verdict}",
    )


def look_back(item: Decision, month: Month) -> Comparison:
    """Compare a decision's number with the same KPI in a later month, or over months where it is a monthly flow.

    A change is told only where the two intervals do not overlap, or where both figures are complete counts; two
    overlapping intervals can still differ, so this errs towards "not told yet". What happens in a month is compared as
    the mean of the months before against the mean of the full months since, and a change is told only where the
    interval of their difference leaves out zero. The promised figure is the one seen, or that mean, plus the expected
    change; without a range it is reached by anything at least as far.

    Args:
        item: The decision.
        month: The month that is looked at.

    Source:
        Schenker and Gentleman 2001, "On judging the significance of differences by examining the overlap between
        confidence intervals": no overlap is the stricter rule.
    """
    now = month.kpis.get(item.kpi)
    obstacle = _obstacle(item, now, month)
    if not obstacle and is_monthly_flow(item.kpi):
        rule = look_back_rules().windows
        found = windows(item.kpi, item.month, local_day(item.decided_at), month, rule)
        if isinstance(found, Windows):
            return _of_means(item, found)
        obstacle = found
    return _of_figures(item, now if now is not None and now.shown and month.month > item.month else None, obstacle)


def _of_figures(item: Decision, shown: KpiResult | None, obstacle: str) -> Comparison:
    """One figure against another."""
    seen = item.seen
    unit, currency = str(seen["unit"]), str(seen["currency"])
    then, low, high = seen["value"], number(seen["low"]), number(seen["high"])
    assert isinstance(then, int | float)
    got = None
    band = band_words(shown.low, shown.high, shown.unit, shown.currency) if shown else ""
    verdict: Verdict = "no figure"
    reading = obstacle
    if shown is not None and shown.value is not None and not obstacle:
        got = shown.value - then
        before = figure(then, low, high, str(seen.get("state", State.OK)))
        today = figure(shown.value, shown.low, shown.high, shown.state)
        changes = promised_changes(item.expected, item.expected_low, item.expected_high)
        verdict, reading = judge(before, today, changes, is_rise=item.expected > 0)
    text = written(item, then, None if got is None else then + got)
    change = text.change or None
    return Comparison(
        then=text.then,
        then_note=band_words(low, high, unit, currency),
        promised=text.promised,
        promised_note=promise(item.expected, item.expected_low, item.expected_high, unit, currency),
        now=text.now or (display(shown.value, shown.unit, shown.currency) if shown else None),
        now_note=" · ".join(filter(None, (f"{change} since" if change else "", band))),
        got=got,
        change=change,
        verdict=verdict,
        reading=reading,
    )


def _of_means(item: Decision, found: Windows) -> Comparison:
    """A mean of months against a mean of months; both as the data know them now."""
    unit, currency = str(item.seen["unit"]), str(item.seen["currency"])
    then, now = found.before.mean, found.since.mean
    text = written(item, then, now)
    compared = found.compared(text.then, text.now)
    changes = promised_changes(item.expected, item.expected_low, item.expected_high)
    verdict, told = judge_means(found, changes, is_rise=item.expected > 0)
    change = f"{text.change} a month"
    band = band_words(found.ends.low, found.ends.high, unit, currency) if found.ends else ""
    promised = promise(item.expected, item.expected_low, item.expected_high, unit, currency)
    return Comparison(
        then=text.then,
        then_note=f"a month, mean of {found.before.name}",
        promised=text.promised,
        promised_note=f"{promised} a month",
        now=text.now,
        now_note=f"a month, mean of {found.since.name} · {change} since{f' ({band})' if band else ''}",
        got=found.change,
        change=change,
        verdict=verdict,
        reading=f"{compared[0].upper()}{compared[1:]}: {told}.",
        compared=compared,
        change_band=band,
        got_low=found.ends.low if found.ends else None,
        got_high=found.ends.high if found.ends else None,
    )


def _obstacle(item: Decision, now: KpiResult | None, month: Month) -> str:
    """Why the two figures cannot be compared; empty when they can."""
    seen = item.seen
    if now is None:
        return "This KPI is no longer computed."
    if month.month <= item.month:
        return f"No month after {display_month(item.month)} is loaded."
    if not now.shown:
        return f"{display_month(month.month)} has no figure: {now.reason}."
    if now.currency != seen["currency"]:
        return f"Then in {seen['currency']}, now in {now.currency}: not comparable."
    if seen.get("version", REGISTRY[item.kpi].version) != REGISTRY[item.kpi].version:
        return "The definition changed since: not comparable."
    if State.IMPLAUSIBLE in (now.state, seen.get("state")):
        return "A figure is implausible: check the data before comparing."
    return ""
