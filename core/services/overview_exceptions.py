"""Exceptions of a month: what cannot be true, what missed its target, what moved more than it does by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from core.glossary import SPACE, Unit, display, display_day, display_month
from core.kpis import REGISTRY
from core.kpis.result import KpiResult, State
from core.model.exceptions import ExceptionKind, exception_rules
from core.model.targets import target_rules
from core.month import Month
from core.services.data_state import freshness
from core.services.importing import import_conflicts
from core.services.record_conflicts import open_conflicts
from core.services.targets import Targets, standing
from core.stats.months import shift_month
from core.stats.xmr import xmr_limits


@dataclass(frozen=True)
class Exceptional:
    """One line: what, how much, why it is an exception, and where it is looked into.

    Attributes:
        kind: What makes it one.
        label: What it is about.
        figure: The figure as it is written; empty where there is none.
        why: Why it is an exception, in one sentence.
        screen: File of the screen where it is looked into.
        kpi: KPI the screen is to show; empty when it is about none.
        good: Whether it is good news.
    """

    kind: ExceptionKind
    label: str
    figure: str
    why: str
    screen: str
    kpi: str = ""
    good: bool = False


def exceptions(month: Month, kpis: tuple[str, ...], targets: Targets) -> tuple[Exceptional, ...]:
    """Every exception of a month, the gravest first.

    Args:
        month: The month.
        kpis: KPIs that are looked at; those with a target are looked at as well.
        targets: What figures are to reach.
    """
    with_target = [line.kpi for line in targets.lines if line.segment is None]
    named = dict.fromkeys((*kpis, *(kpi for kpi in REGISTRY if kpi in with_target or targets.history(kpi))))
    past = month.histories(kpi for kpi in named if _is_judged(month.kpis[kpi]))
    found = [*_stale(), *_conflicts()]
    for kpi in named:
        found += _of_kpi(month, kpi, targets.value(kpi, month.month, month.currency), past.get(kpi, ()))
    order = exception_rules().order
    return tuple(sorted(found, key=lambda item: (order.index(item.kind), item.good)))


def _is_judged(result: KpiResult) -> bool:
    """Whether a figure is held against its target, its past and its counter-figure."""
    return result.shown and result.state is not State.IMPLAUSIBLE


def _of_kpi(month: Month, kpi: str, target: float | None, past: tuple[float | None, ...]) -> Iterator[Exceptional]:
    """The exceptions of one figure: of the data when it cannot be true, else of target, movement and counter."""
    result = month.kpis[kpi]
    if not result.shown:
        return
    figure = display(result.value, result.unit, result.currency)
    if result.state is State.IMPLAUSIBLE:
        yield Exceptional("implausible", result.label, figure, f"implausible, {result.reason}", "definitions", kpi)
        return
    for kind, why, good in (*_missed(month, result, target), *_moved(month, result, past), *_bought(month, result)):
        yield Exceptional(kind, result.label, figure, why, "definitions", kpi, good)


def _missed(month: Month, result: KpiResult, target: float | None) -> Iterator[tuple[ExceptionKind, str, bool]]:
    """Its whole band on the wrong side of its target; or, without a band, a near miss for months in a row."""
    if target is None:
        return
    said, wanted = standing(result, target), display(target, result.unit, result.currency)
    if said[1] == "bad":
        band = "" if result.low is None else ": its whole band lies on the wrong side"
        yield "off_target", f"off its target of {wanted}{band}", False
    elif said[0] == "near target" and _was_near(month, result, target):
        months = exception_rules().amber_months
        share = f"{100 * target_rules().near.share:.0f}{SPACE}%"
        yield "amber", f"misses its target of {wanted} in {months} months in a row, each by no more than {share}", False


def _was_near(month: Month, result: KpiResult, target: float) -> bool:
    """Whether it was near its target in the months before as well, as far as a rule asks back."""
    values = [month.shown(result.id, back) for back in range(1, exception_rules().amber_months)]
    plain = replace(result, state=State.OK, low=None, high=None)
    return all(
        value is not None and standing(replace(plain, value=value), target)[0] == "near target" for value in values
    )


def _moved(
    month: Month, result: KpiResult, history: tuple[float | None, ...]
) -> Iterator[tuple[ExceptionKind, str, bool]]:
    """A change since the month before outside the natural limits of the changes before it."""
    if None in history[-2:]:
        return
    changes = [now - then for then, now in _runs(history)]
    limits = xmr_limits(changes[:-1])
    if limits is None or not limits.mean_moving_range or not limits.is_signal(changes[-1]):
        return
    unit: Unit = "pp" if result.unit == "ratio" else result.unit
    low, last, high = (
        display(value, unit, result.currency, signed=True) for value in (limits.low, changes[-1], limits.high)
    )
    since = display_month(shift_month(month.month, -1))
    good = result.better != "neither" and (changes[-1] > 0) == (result.better == "higher")
    yield "outside_limits", f"{last} on {since}; by itself it moves {low} to {high} a month", good


def _runs(history: tuple[float | None, ...]) -> list[tuple[float, float]]:
    """Neighbouring months of the latest stretch without a gap."""
    run: list[float] = []
    for value in reversed(history):
        if value is None:
            break
        run.insert(0, value)
    return list(pairwise(run))


def _bought(month: Month, result: KpiResult) -> Iterator[tuple[ExceptionKind, str, bool]]:
    """Better for months in a row while the figure watched beside it got worse each time."""
    rules = exception_rules()
    pair = rules.pair.get(result.id)
    if pair is None:
        return
    ways = (_steps(month, result.id, rules.counter_months), _steps(month, pair.counter, rules.counter_months))
    if all(step > 0 for step in ways[0]) and all(step < 0 for step in ways[1]) and all(ways):
        other = REGISTRY[pair.counter].label
        text = f"better {rules.counter_months} months in a row while {other} got worse: {pair.why}"
        yield "counter", text, False


def _steps(month: Month, kpi: str, months: int) -> list[float]:
    """Changes of the last months, positive where they are good; empty where one of them cannot be shown."""
    values = [month.shown(kpi, back) for back in range(months, -1, -1)]
    sign = {"higher": 1.0, "lower": -1.0, "neither": 0.0}[REGISTRY[kpi].better]
    known = [value for value in values if value is not None]
    return [sign * (now - then) for then, now in pairwise(known)] if len(known) == len(values) else []


def _stale() -> Iterator[Exceptional]:
    for source in freshness():
        if source.stale and source.as_of is not None:
            why = f"{source.age_days} days behind the newest source, more than {source.limit_days}"
            yield Exceptional("stale", f"Data of {source.source}", display_day(source.as_of), why, "data")


def _conflicts() -> Iterator[Exceptional]:
    for text in import_conflicts():
        yield Exceptional("conflict", "Files disagree", "", text, "data")
    cells = len(open_conflicts())
    if cells:
        noun = "cell" if cells == 1 else "cells"
        yield Exceptional("conflict", "Edited here and changed at the source", f"{cells} {noun}", "undecided", "data")
