"""What a gap is worth, and which claims stand against a falling figure of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from core.maturity.evidence import Measure
from core.model.capabilities import Capability
from core.model.maturity import MaturityRules

MONTHS = 12

Better = Literal["higher", "lower", "neither"]


@dataclass(frozen=True, slots=True)
class Stake:
    """Yearly money moved by bringing one KPI of a capability to where it is to be.

    Attributes:
        kpi: Its id.
        value: The figure today.
        wanted: Where it is to be.
        own_target: Whether that is the figure's own target, or what a rule of the level asks for.
        money: Yearly money, in units of the currency; None where the figure is there already and moves none.
    """

    kpi: str
    value: float
    wanted: float
    own_target: bool
    money: float | None


def money_at_stake(
    capability: Capability, target: int, measures: Mapping[str, Measure], arr: float | None, rules: MaturityRules
) -> Stake | None:
    """The largest yearly money that one primary KPI of a capability moves on its way to where it is to be.

    money = (wanted - value) · (ARR, 12 or 1), where the value is below what is wanted

    Where a KPI is to be: its own target; without one, the highest threshold that the rules up to the target level
    set for it. KPIs are never added: retention figures overlap.

    Args:
        capability: The capability.
        target: Level to reach, 1 to 5.
        measures: Figures by KPI id; a figure that cannot be shown moves nothing.
        arr: Today's ARR, in units of the currency; None where it is not known.
        rules: Which KPIs are worth money, and how.

    Returns:
        None where no primary KPI gives money, or none has a figure and somewhere to be.

    Source:
        Own rule; factors in data/model/maturity.toml.
    """
    factors = {stake.kpi: {"arr": arr, "month": MONTHS, "one": 1}[stake.times] for stake in rules.stakes}
    found = []
    for kpi in capability.primary_kpis:
        factor, measure = factors.get(kpi), measures.get(kpi)
        if factor is None or measure is None or measure.value is None:
            continue
        wanted = measure.target if measure.target is not None else _threshold(capability, kpi, target)
        if wanted is not None:
            money = (wanted - measure.value) * factor or None if wanted > measure.value else None
            found.append(Stake(kpi, measure.value, wanted, measure.target is not None, money))
    return max(found, key=lambda stake: stake.money or 0.0, default=None)


def _threshold(capability: Capability, kpi: str, target: int) -> float | None:
    asked = [
        condition.value
        for level in capability.levels
        if level.level <= target
        for condition in level.evidence
        if condition.metric == kpi and condition.op == ">=" and condition.value is not None
    ]
    return max(asked, default=None)


def falls(measure: Measure, better: Better) -> bool:
    """Whether a figure is worse than the year before by more than its uncertainty.

    It is where the whole interval lies on the worse side of the earlier figure. A figure without an interval, such as
    the count of one month, is never called falling: nothing tells its fall from chance.

    Args:
        measure: The figure with its interval and the figure of the year before as `baseline`.
        better: Which direction is good; of a figure where neither is, nothing falls.
    """
    if measure.baseline is None or measure.low is None or measure.high is None or better == "neither":
        return False
    return measure.high < measure.baseline if better == "higher" else measure.low > measure.baseline
