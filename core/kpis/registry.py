"""Registration and evaluation of KPIs: a KPI is a function of the column sums of one frame."""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import pandas as pd

from core.kpis.inputs import MADE_OF, KpiInput
from core.kpis.judging import Band, Evidence, Judge, Ruling
from core.kpis.result import SHOWN, Better, KpiResult, Part, State, Unit
from core.model.kpis import KpiText, kpi_texts
from core.schema import TABLES
from core.stats.months import shift_month

Formula = Callable[..., float | None]
Breakdown = Callable[[KpiInput, dt.date, str | None], tuple[Part, ...]]
Diagnosis = Callable[[KpiInput, dt.date], str | None]


@dataclass(frozen=True)
class Kpi:
    """One registered KPI.

    Attributes:
        id: Name of the function; permanent.
        label: What screens call it.
        unit: Unit of the result; a `money` formula works on cents and is shown in units of the currency.
        better: Direction that is good.
        frame: Frame whose columns are the arguments.
        needs: Tables without which it has no meaning.
        judge: Gives interval, sample and state.
        version: Raised when the definition changes.
        function: The formula.
        by_segment: Whether every argument can be split by segment.
        diagnose: What in the data makes an implausible value, in words; None when nothing is known.
        covered: Why the data do not cover the window of a month, in words; None when they do.
        of: Whether the formula takes the column sums, or the columns themselves, one number per row.
        parts: Gives the figures the value is made of or stands beside; None when there are none.
        also: Tables that change it where they are loaded; without them it is made of less.
    """

    id: str
    label: str
    unit: Unit
    better: Better
    frame: str
    needs: tuple[str, ...]
    judge: Judge
    version: int
    function: Formula
    by_segment: bool = True
    diagnose: Diagnosis | None = None
    covered: Diagnosis | None = None
    of: Literal["sums", "rows"] = "sums"
    parts: Breakdown | None = None
    also: tuple[str, ...] = ()

    @cached_property
    def arguments(self) -> tuple[str, ...]:
        """Columns of the frame the formula takes, in the order of its signature."""
        return tuple(inspect.signature(self.function).parameters)

    @cached_property
    def from_records(self) -> bool:
        """Whether it reads a record table, so that logging one ask can change it."""
        return any(TABLES[name].group == "record" for name in (*self.needs, *self.also))

    @property
    def text(self) -> KpiText:
        """Its definition in words."""
        return kpi_texts()[self.id]

    @property
    def formula(self) -> str:
        """The formula of the docstring (the line after the summary), its hyphens written as minus signs."""
        lines = [line.strip() for line in (self.function.__doc__ or "").splitlines()]
        return next((line for line in lines[1:] if "=" in line), "").replace(" - ", " \N{MINUS SIGN} ")


NOTHING = Ruling(None, None, 0, State.UNDEFINED, None)
"""What is ruled where there is no figure."""
SEVERAL_CURRENCIES = (
    "customers pay in several currencies: "
    "set COUNCIL_CURRENCY to the one to report in, and import fx rates of the others"
)
"""Why there is no money figure and nothing that is made of money."""

REGISTRY: dict[str, Kpi] = {}
"""Every KPI by id."""

MEASURES: dict[str, Kpi] = {}
"""Figures that only the evidence of maturity reads, by id; evaluated as KPIs are, shown on no list of KPIs."""


def kpi(
    *,
    label: str,
    unit: Unit,
    better: Better,
    frame: str,
    needs: tuple[str, ...],
    interval: Judge,
    version: int,
    by_segment: bool = True,
    diagnose: Diagnosis | None = None,
    covered: Diagnosis | None = None,
    of: Literal["sums", "rows"] = "sums",
    parts: Breakdown | None = None,
    also: tuple[str, ...] = (),
) -> Callable[[Formula], Formula]:
    """Register a formula as a KPI under its own name."""

    def register(function: Formula) -> Formula:
        name = function.__name__
        REGISTRY[name] = Kpi(
            name, label, unit, better, frame, needs, interval, version, function, by_segment, diagnose, covered, of,
            parts, also,
        )  # fmt: skip
        return function

    return register


def measure(
    *,
    label: str,
    frame: str,
    needs: tuple[str, ...],
    interval: Judge,
    covered: Diagnosis | None = None,
    of: Literal["sums", "rows"] = "sums",
    better: Better = "higher",
    unit: Unit = "ratio",
    version: int = 1,
    also: tuple[str, ...] = (),
) -> Callable[[Formula], Formula]:
    """Register a figure of the whole company as an evidence measure under its own name."""

    def register(formula: Formula) -> Formula:
        name, by_segment = formula.__name__, False
        MEASURES[name] = Kpi(
            name, label, unit, better, frame, needs, interval, version, formula, by_segment, None, covered, of,
            also=also,
        )  # fmt: skip
        return formula

    return register


def kpi_rows(item: Kpi, data: KpiInput, month: dt.date, segment: str | None = None) -> pd.DataFrame:
    """The rows behind a KPI: those of its frame with a non-zero argument. Their sums are its arguments."""
    rows = data.frame(item.frame, month)
    if segment is not None:
        rows = rows[rows["segment"] == segment]
    rows = rows[(rows[list(item.arguments)] != 0).any(axis=1)]
    return rows.astype({name: "str" for name in rows if rows[name].dtype == "category"})


def totals(item: Kpi, rows: pd.DataFrame) -> dict[str, float]:
    """Arguments of the formula: column sums of the rows."""
    return {name: float(rows[name].sum()) for name in item.arguments}


def evaluate(
    item: Kpi, data: KpiInput, month: dt.date, *, segment: str | None = None, history: bool = True
) -> KpiResult:
    """One KPI of one month.

    Args:
        item: The KPI.
        data: Frames of the company.
        month: First day of the month; the figure is as of its last day.
        segment: Only this segment; None for all.
        history: Also the month before and the year before, and the interval by resampling.

    Returns:
        The result; a value only where the definition has one, always with the reason where it has not.
    """
    figure = _figure(item, data, month, segment, Band.FULL if history else Band.QUICK)
    # no interval decides whether a figure may be shown
    data.kept(("shown", item.id, month, segment), lambda: figure.shown)
    ruling, scale = figure.ruling, 100.0 if item.unit == "money" else 1.0
    whole = history and figure.value is not None
    return KpiResult(
        id=item.id,
        label=item.label,
        unit=item.unit,
        better=item.better,
        month=month,
        value=figure.value,
        low=None if ruling.low is None else ruling.low / scale,
        high=None if ruling.high is None else ruling.high / scale,
        n=ruling.n,
        n_label=item.judge.noun,
        state=figure.state,
        reason=figure.reason,
        previous=shown_value(item, data, shift_month(month, -1), segment) if whole else None,
        year_ago=shown_value(item, data, shift_month(month, -12), segment) if whole else None,
        numerator=ruling.numerator,
        counts=ruling.counts,
        currency=data.currency if item.unit == "money" else "",
        parts=item.parts(data, month, segment) if whole and item.parts else (),
    )


@dataclass(frozen=True, slots=True)
class _Figure:
    """A figure, in the unit it is shown in, and what may be shown of it: all that a line over time needs."""

    state: State
    reason: str | None
    value: float | None = None
    ruling: Ruling = NOTHING

    @property
    def shown(self) -> float | None:
        return self.value if self.state in SHOWN else None


def _figure(item: Kpi, data: KpiInput, month: dt.date, segment: str | None, band: Band) -> _Figure:
    obstacle = _obstacle(item, data, segment) or (item.covered(data, month) if item.covered else None)
    if obstacle:
        return _Figure(State.MISSING, obstacle)
    columns = data.columns(item.frame, month, segment)
    sums = {name: columns.sum(name) for name in item.arguments} if columns.rows else {}
    arguments = sums if item.of == "sums" else {name: columns[name] for name in sums}
    value = item.function(**arguments) if columns.rows else None
    if value is None:
        return _Figure(State.UNDEFINED, item.text.when_empty)
    ruling = item.judge.rule(Evidence(item.function, columns, sums, value, (item.id, month, segment)), band)
    state, reason = _plausible(item, data, month, value, ruling)
    return _Figure(state, reason, value / 100.0 if item.unit == "money" else value, ruling)


def shown_value(item: Kpi, data: KpiInput, month: dt.date, segment: str | None = None) -> float | None:
    """The value of another month where it may be shown, for comparison and for a line over time."""
    key = ("shown", item.id, month, segment)
    return data.kept(key, lambda: _figure(item, data, month, segment, Band.NONE).shown)


def _obstacle(item: Kpi, data: KpiInput, segment: str | None) -> str | None:
    missing = [name for name in item.needs if name not in data.loaded]
    if missing:
        return f"not loaded: {', '.join(name.replace('_', ' ') for name in missing)}"
    unpriced = [name for name in item.needs if name in data.unpriced]
    if unpriced:
        return f"a currency of {', '.join(unpriced)} has no rate: import fx rates"
    if not data.currency and (item.unit == "money" or "subscriptions" in item.needs):
        return SEVERAL_CURRENCIES
    return "spend is not split by segment" if segment is not None and not item.by_segment else None


def _plausible(item: Kpi, data: KpiInput, month: dt.date, value: float, ruling: Ruling) -> tuple[State, str | None]:
    limits = item.text.plausible
    if limits is None or limits[0] <= value <= limits[1] or ruling.state is State.TOO_FEW:
        return ruling.state, ruling.reason
    low, high = (f"{100 * limit:.0f} %" for limit in limits)
    cause = item.diagnose(data, month) if item.diagnose else None
    return State.IMPLAUSIBLE, f"outside {low} to {high}" + (f": {cause}" if cause else ": check the data")


def series(
    item: Kpi, data: KpiInput, month: dt.date, months: int = 13, *, segment: str | None = None
) -> tuple[float | None, ...]:
    """The figure of each of the last `months` months, oldest first; None where it may not be shown."""
    return tuple(shown_value(item, data, shift_month(month, back), segment) for back in range(1 - months, 1))


def histories(
    items: Iterable[Kpi], data: KpiInput, month: dt.date, months: int = 13, *, segment: str | None = None
) -> dict[str, tuple[float | None, ...]]:
    """The `series` of several KPIs by id; month after month, so that a frame is built once and need not be kept."""
    wanted = tuple(items)
    frames = [MADE_OF.get(item.frame, item.frame) for item in wanted]
    by_frame = [wanted[place] for place in sorted(range(len(wanted)), key=lambda place: frames.index(frames[place]))]
    for back in range(months):
        for item in by_frame:
            shown_value(item, data, shift_month(month, -back), segment)
    return {item.id: series(item, data, month, months, segment=segment) for item in wanted}
