"""A monthly flow before a decision and since it: means of months, and how sure their difference is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from statistics import fmean

from core.glossary import display_month
from core.kpis import REGISTRY
from core.model.look_back import WindowRule
from core.month import Month
from core.stats.intervals import Interval
from core.stats.means import difference_of_means
from core.stats.months import month_of, shift_month


@dataclass(frozen=True)
class Window:
    """Months in a row and what happened in each.

    Attributes:
        first: First day of the first month.
        last: First day of the last month.
        values: One figure a month, oldest first; in the KPI's unit.
    """

    first: dt.date
    last: dt.date
    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Mean of the months, in the KPI's unit a month."""
        return fmean(self.values)

    @property
    def name(self) -> str:
        """The months in words, such as "May to Oct 2026"."""
        (first, year), (last, last_year) = (
            (name[:3], number) for name, number in (display_month(day).split() for day in (self.first, self.last))
        )
        if self.first == self.last:
            return f"{last} {last_year}"
        return f"{first} to {last} {last_year}" if year == last_year else f"{first} {year} to {last} {last_year}"


@dataclass(frozen=True)
class Windows:
    """The months before a decision against those since.

    Attributes:
        before: Months up to the one the council saw.
        since: Full months after the day of the decision, up to the one looked at.
        change: Mean since less mean before. [unit a month]
        ends: Its 95 % interval; None when there are too few months.
        doubt: Why no change is told; empty when one may be.
    """

    before: Window
    since: Window
    change: float
    ends: Interval | None
    doubt: str

    def compared(self, then: str, now: str) -> str:
        """What was held against what, from both means as they are written."""
        return f"mean {now} a month in {self.since.name}, {then} in {self.before.name}"


def is_monthly_flow(kpi: str) -> bool:
    """Whether a KPI counts what happened in one month, so that one month says little; its definition says so."""
    return kpi in REGISTRY and REGISTRY[kpi].text.is_monthly_flow


def windows(kpi: str, seen: dt.date, decided: dt.date, month: Month, rule: WindowRule) -> Windows | str:
    """Means of a monthly flow before a decision and since.

    The month in which the decision was taken is on neither side, unless it is the one that was seen. The months
    before end where one has no figure; a month without a figure since leaves nothing to compare.

    Args:
        kpi: Id of a KPI that is a monthly flow.
        seen: First day of the month the council saw.
        decided: Day of the decision.
        month: The month that is looked at.
        rule: How many months.

    Returns:
        Both windows; or in words why there are none.
    """
    values: list[float] = []
    while len(values) < rule.months and (value := _shown(kpi, shift_month(seen, -len(values)), month)) is not None:
        values.insert(0, value)
    if not values:
        return f"{display_month(seen)} has no figure any more."
    before = Window(shift_month(seen, 1 - len(values)), seen, tuple(values))
    first = shift_month(max(month_of(decided), seen), 1)
    if first > month.month:
        return "There is no full month since the decision."
    days = [day for back in range(rule.months) if (day := shift_month(month.month, -back)) >= first][::-1]
    found = [_shown(kpi, day, month) for day in days]
    empty = [display_month(day) for day, value in zip(days, found, strict=True) if value is None]
    if empty:
        return f"{empty[0]} has no figure, so no mean can be formed."
    return _held(kpi, before, Window(days[0], days[-1], tuple(value for value in found if value is not None)), rule)


def _held(kpi: str, before: Window, since: Window, rule: WindowRule) -> Windows:
    """The change of the means; counts scatter at least as a Poisson count of the common mean does."""
    change, doubt = since.mean - before.mean, ""
    for side, which in ((since, "since"), (before, "before")):
        if len(side.values) < rule.least_months:
            months = f"{len(side.values)} full month{'' if len(side.values) == 1 else 's'}"
            doubt = f"only {months} {which} the decision, and a change is told from {rule.least_months}"
            return Windows(before, since, change, None, doubt)
    chance = fmean((*before.values, *since.values)) if REGISTRY[kpi].unit == "count" else 0.0
    ends = difference_of_means(before.values, since.values, least_variance=max(chance, 0.0))
    if ends is None or ends.contains(0):
        doubt = "months differ as much by chance"
    return Windows(before, since, change, ends, doubt)


def _shown(kpi: str, day: dt.date, month: Month) -> float | None:
    """The flow of one month, as the data know it now."""
    back = 12 * (month.month.year - day.year) + month.month.month - day.month
    return month.shown(kpi, back)
