"""The KPIs a decision can be linked to, and those that may carry none."""

from __future__ import annotations

from dataclasses import dataclass

from core.glossary import display, display_interval, display_month
from core.kpis import REGISTRY
from core.kpis.result import KpiResult, State
from core.month import Month
from core.services.look_back_written import change_unit
from core.services.overview import ORDER

_UNITS = {"ratio": "pp", "score": "points", "count": ""}
_POINTS = "in percentage points: 2 is from 40 % to 42 %"


@dataclass(frozen=True)
class KpiChoice:
    """A KPI a decision can be linked to.

    Attributes:
        id: Its id.
        label: Name and figure, for a list.
        figure: The figure with interval, sample and month, as it is kept with the decision.
        caution: Why the figure is not plainly shown; empty otherwise.
        unit: The unit a change is entered in, in words; empty for a count.
        is_percent: Whether that unit is a hundredth of the one decisions are kept in.
        hint: How a change is entered, and which direction is good.
    """

    id: str
    label: str
    figure: str
    caution: str
    unit: str
    is_percent: bool
    hint: str

    def amount(self, entered: float | None) -> float | None:
        """A change as it was entered, in the unit decisions are kept in: 2 points are 0.02."""
        return entered / 100 if self.is_percent and entered is not None else entered


def kpi_choices(month: Month | None) -> tuple[KpiChoice, ...]:
    """KPIs with a figure that can carry a decision, those of the Overview first."""
    names = sorted(REGISTRY, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))
    results = [month.kpis[name] for name in names] if month else []
    return tuple(_choice(each) for each in results if each.shown and each.state is not State.IMPLAUSIBLE)


def left_out(month: Month | None) -> tuple[str, ...]:
    """Implausible KPIs, which carry no decision, each with the reason."""
    results = month.kpis.values() if month else ()
    return tuple(f"{each.label}: {each.reason}" for each in results if each.state is State.IMPLAUSIBLE)


def _choice(result: KpiResult) -> KpiChoice:
    value = display(result.value, result.unit, result.currency)
    has_band = result.low is not None and result.high is not None
    band = display_interval(result.low, result.high, result.unit, result.currency)
    parts = [f"95 %: {band}" if has_band else "", f"n {result.n:,} {result.n_label}", display_month(result.month)]
    is_percent = change_unit(result.unit) == "pp"
    good = {"higher": "higher is better", "lower": "lower is better", "neither": ""}[result.better]
    return KpiChoice(
        id=result.id,
        label=f"{result.label}: {value}",
        figure=" · ".join([value, *filter(None, parts)]),
        caution=result.reason or "",
        unit=result.currency if result.unit == "money" else _UNITS.get(result.unit, result.unit),
        is_percent=is_percent,
        hint="; ".join(filter(None, (_POINTS if is_percent else "", good, "write a fall with a minus"))),
    )
