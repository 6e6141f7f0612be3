"""The figures a capability answers for: each with its last thirteen months, its target and why it is missing."""

from __future__ import annotations

from dataclasses import dataclass

from core.glossary import NOTHING, display, display_change
from core.kpis import REGISTRY
from core.model.capabilities import Capability
from core.month import Month
from core.services.maturity_measures import RATIOS
from core.services.maturity_view import CapabilityRow
from core.services.targets import Targets, standing


@dataclass(frozen=True)
class KpiLine:
    """One primary KPI of a capability.

    Attributes:
        value: The figure as it is written; an en dash where it may not be shown.
        change: Since the year before, as it is written; empty where the two cannot be compared.
        good: Whether that change is one for the better; None where neither direction is, nothing changed, or the
            two years may differ by chance.
        series: The last thirteen months, oldest first; None in a month without a figure.
        words: Target and how the figure stands to it, or why there is none.
    """

    id: str
    label: str
    value: str
    change: str
    good: bool | None
    series: tuple[float | None, ...]
    words: str


def kpi_lines(capability: Capability, month: Month | None, targets: Targets) -> tuple[KpiLine, ...]:
    """The primary KPIs of a capability in a month; empty while nothing is imported."""
    if month is None:
        return ()
    past = month.histories(name for name in capability.primary_kpis if name in REGISTRY)
    return tuple(_line(name, month, targets, series) for name, series in past.items())


def kpis_with_rows(row: CapabilityRow, month: Month | None) -> dict[str, str]:
    """KPIs of a month that a capability answers for or that its rules name, by label; those that may be shown."""
    named = [line.metric for rule in row.rules for line in rule.lines]
    parts = [part for name in (*row.capability.primary_kpis, *named) for part in RATIOS.get(name, (name,))]
    known = dict.fromkeys(name for name in parts if name in REGISTRY)
    return {} if month is None else {REGISTRY[name].label: name for name in known if month.kpis[name].shown}


def _line(name: str, month: Month, targets: Targets, series: tuple[float | None, ...]) -> KpiLine:
    result, item = month.kpis[name], REGISTRY[name]
    currency = month.currency if item.unit == "money" else ""
    value = result.value if result.shown else None
    before = result.year_ago if value is not None else None
    target = targets.value(name, month.month, month.currency)
    words = [] if target is None else [f"target {display(target, item.unit, currency)}", standing(result, target)[0]]
    return KpiLine(
        id=name,
        label=item.label,
        value=NOTHING if value is None else display(value, item.unit, currency),
        change="" if before is None else display_change(value, before, item.unit, currency),
        good={"good": True, "bad": False, "neutral": None}[result.change_tone(before)],
        series=series,
        words=(result.reason or "too few to show") if value is None else ", ".join(filter(None, words)) or "no target",
    )
