"""The Definitions screen: every figure in a list, and one of them in full."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from core.glossary import display, display_day, display_interval, display_month
from core.kpis import MEASURES, REGISTRY, Kpi, evaluate
from core.kpis.result import KpiResult, State
from core.month import Month
from core.schema import TABLES
from core.services.clock import local_day
from core.services.definition_text import Definition, definition_of, group_of, in_order, registered
from core.services.definition_uses import Use, uses
from core.services.maturity_measures import LONGEST, measure_results
from core.services.targets import TargetLine, Targets, Tone, standing
from core.stats.months import shift_month

QUESTION = "What exactly does each figure mean, and who answers for it?"
FIRST = "net_revenue_retention"
"""What is shown until a figure is chosen."""
STATES = {
    State.OK: "shown",
    State.WIDE: "wide",
    State.TOO_FEW: "too few",
    State.IMPLAUSIBLE: "implausible",
    State.UNDEFINED: "not defined",
    State.MISSING: "no data",
}
WITH, WITHOUT = "With a figure", "Without a figure"
LATER = "…"
"""What stands for a figure while it is computed."""


@dataclass(frozen=True, slots=True)
class Line:
    """One figure in the list.

    Attributes:
        id: Its id.
        label: Its name.
        figure: The value, or the counts that stand for it; a sign while it is computed, empty without a company.
        state: What may be shown of it, in words; empty without a company and while it is computed.
        shown: Whether it has a value.
        group: Its group.
        owner: Who answers for it.
        needs: Tables it needs.
        words: What the search looks through.
    """

    id: str
    label: str
    figure: str
    state: str
    shown: bool
    group: str
    owner: str
    needs: tuple[str, ...]
    words: str


@dataclass(frozen=True, slots=True)
class TableNeed:
    """A table a figure is made of: whether it holds rows, what it unlocks, and its columns.

    Attributes:
        name: Its name in the contract.
        loaded: Whether it holds rows.
        needed: Whether there is no figure without it; else there is one of less.
        unlocks: What it is for, in words.
        required: Columns it must have.
        optional: Columns it may have.
    """

    name: str
    loaded: bool
    needed: bool
    unlocks: str
    required: tuple[str, ...]
    optional: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class History:
    """The last thirteen months of a figure with its target, and what they show.

    Attributes:
        months: First days, oldest first.
        values: The figure; None where it may not be shown.
        targets: What it was to reach; None where there was no target.
        title: The finding.
        subtitle: What is drawn.
    """

    months: tuple[dt.date, ...]
    values: tuple[float | None, ...]
    targets: tuple[float | None, ...]
    title: str
    subtitle: str


@dataclass(frozen=True)
class Entry:
    """One figure in full.

    Attributes:
        definition: What it means.
        result: The figure of the month; None without a company.
        history: Its last thirteen months; None where none of them has a value.
        target: The target in force; None where there is none.
        standing: How the figure stands against it, in words and what they mean.
        tables: The tables it is made of, those it needs first.
        uses: Where it is used.
        has_targets: Whether a target can be set: KPIs have targets, maturity measures have levels.
    """

    definition: Definition
    result: KpiResult | None
    history: History | None
    target: TargetLine | None
    standing: tuple[str, Tone]
    tables: tuple[TableNeed, ...]
    uses: tuple[Use, ...]
    has_targets: bool

    @property
    def missing(self) -> tuple[TableNeed, ...]:
        """Tables it needs that are not loaded."""
        return tuple(table for table in self.tables if table.needed and not table.loaded)


def answer(loaded: Iterable[str] | None) -> str:
    """How many figures are defined, and how many wait for data."""
    count = f"{len(REGISTRY)} figures and {len(MEASURES)} maturity measures are defined"
    if loaded is None:
        return f"{count}; no data is loaded yet"
    waiting = sum(1 for item in REGISTRY.values() if not set(item.needs) <= set(loaded))
    if not waiting:
        return f"{count}, and every table they need is loaded"
    return f"{count}; {waiting} figures wait for tables that are not loaded"


def result_of(month: Month, name: str) -> KpiResult:
    """A KPI or maturity measure of a month, computed once."""
    if name in REGISTRY:
        return month.kpis[name]
    data = month.kpi_input
    return data.kept(("measure in full", name, month.month), lambda: evaluate(MEASURES[name], data, month.month))


def lines(month: Month | None, *, measures: bool = False, known: Collection[str] | None = None) -> tuple[Line, ...]:
    """Every KPI in the order of its groups, or every maturity measure.

    Args:
        month: The month whose figures stand beside the names; None leaves them out.
        measures: The maturity measures instead of the KPIs.
        known: Figures that stand beside their names, the others come later; None for all.
    """

    def figure(name: str) -> KpiResult | None:
        return result_of(month, name) if month and (known is None or name in known) else None

    names = list(MEASURES) if measures else in_order()
    return tuple(_line(name, figure(name), LATER if month else "") for name in names)


def found(
    every: Iterable[Line],
    search: str = "",
    *,
    group: str | None = None,
    state: str | None = None,
    owner: str | None = None,
    table: str | None = None,
) -> tuple[Line, ...]:
    """The lines that hold every word of a search and pass every filter; None lets all pass."""
    words = search.casefold().split()

    def passes(line: Line) -> bool:
        figure = {WITH: line.shown, WITHOUT: not line.shown}.get(state or "", state in (None, line.state))
        rest = group in (None, line.group) and owner in (None, line.owner) and table in (None, *line.needs)
        return figure and rest and all(word in line.words for word in words)

    return tuple(line for line in every if passes(line))


def entry(month: Month | None, name: str, targets: Targets) -> Entry:
    """One figure in full.

    Raises:
        CouncilError: No figure has that id.
    """
    definition = definition_of(name)
    item, is_kpi = definition.item, name in REGISTRY
    result = result_of(month, name) if month else None
    day, currency = (month.month, month.currency) if month else (dt.date.max, "")
    aim = targets.value(name, day, currency) if is_kpi else None
    return Entry(
        definition=definition,
        result=result,
        history=_history(month, item, result, targets) if month and result else None,
        target=targets.line(name, day) if is_kpi else None,
        standing=standing(result, aim) if result else ("", "neutral"),
        tables=_tables(item, month.loaded if month else frozenset()),
        uses=uses(name),
        has_targets=is_kpi,
    )


def figure_words(result: KpiResult) -> str:
    """The value, or the counts that stand for it."""
    if result.shown:
        return display(result.value, result.unit, result.currency)
    if result.state is State.TOO_FEW and result.counts:
        return result.counts
    if result.state is State.TOO_FEW:
        return f"{result.n:,}" if result.numerator is None else f"{result.numerator:,} of {result.n:,}"
    return display(None, result.unit)


def band_words(result: KpiResult) -> str:
    """The 95 % interval; an en dash for a complete count or a figure that is not shown."""
    if not result.shown:
        return display(None, result.unit)
    if result.low is not None and result.high is None:
        return f"{display(result.low, result.unit, result.currency)} or more"
    return display_interval(result.low, result.high, result.unit, result.currency)


def target_words(item: Kpi, line: TargetLine) -> str:
    """One line of the history of a target: from when, what, who answers, who set it and why."""
    since = f"from {display_month(line.month_from)}" if line.month_from else "from the beginning"
    figure = display(line.value, item.unit, line.currency) if line.value is not None else "taken back"
    place = f" for {line.segment}" if line.segment else ""
    saved = f"set by {line.author} on {display_day(local_day(line.at))}" if line.at else "the product's own"
    return f"{figure}{place}, {since}. {line.reason} Owner: {line.owner}; {saved}."


def _line(name: str, result: KpiResult | None, otherwise: str) -> Line:
    item, text = registered(name), registered(name).text
    group = group_of(name).label
    return Line(
        id=name,
        label=item.label,
        figure=figure_words(result) if result else otherwise,
        state=STATES[result.state] if result else "",
        shown=result is not None and result.shown,
        group=group,
        owner=text.owner,
        needs=item.needs,
        words=" ".join((name, item.label, text.question, text.says, item.formula, group, text.owner)).casefold(),
    )


def _tables(item: Kpi, loaded: frozenset[str]) -> tuple[TableNeed, ...]:
    return tuple(_table(name, name in loaded, name in item.needs) for name in (*item.needs, *item.also))


def _table(name: str, loaded: bool, needed: bool) -> TableNeed:
    table = TABLES[name]
    required = tuple(column.name for column in table.columns if column.required)
    optional = tuple(column.name for column in table.columns if not column.required)
    return TableNeed(name, loaded, needed, table.unlocks, required, optional)


def _history(month: Month, item: Kpi, result: KpiResult, targets: Targets) -> History | None:
    months = tuple(shift_month(month.month, back) for back in range(1 - LONGEST, 1))
    if item.id in REGISTRY:
        values = month.history[item.id]
        aims = tuple(targets.value(item.id, day, month.currency) for day in months)
    else:
        values = tuple(each.value if each.shown else None for each in reversed(measure_results(month, item.id)))
        aims = (None,) * len(months)
    if all(value is None for value in values):
        return None
    drawn = ["thirteen months", *(["bar: 95 % band of the newest"] if result.low is not None and result.shown else [])]
    drawn += ["dashed: target"] if any(aim is not None for aim in aims) else []
    return History(months, values, aims, _finding(result, values), f"{item.label}, {', '.join(drawn)}")


def _finding(result: KpiResult, values: tuple[float | None, ...]) -> str:
    """Where the figure stands now and against a year ago, claiming no more than its interval supports."""
    now, before = result.value, values[0]
    if not result.shown or now is None:
        return f"No figure in {display_month(result.month)}"
    words = figure_words(result)
    if before is None:
        return f"{words} in {display_month(result.month)}"
    earlier = display(before, result.unit, result.currency)
    if words == earlier:
        return f"{words}, as a year ago"
    if result.low is not None and result.high is not None and result.low <= before <= result.high:
        return f"{words}; the difference from {earlier} a year ago may be chance"
    return f"{words}, {'up' if now > before else 'down'} from {earlier} a year ago"
