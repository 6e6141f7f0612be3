"""What to close first: gaps by the priority rule, the money each moves, and the step that is planned for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.glossary import NOTHING, SPACE, display
from core.kpis import REGISTRY
from core.maturity.priorities import Gap, RankedGap, rank_gaps
from core.maturity.stakes import Stake, money_at_stake
from core.model.capabilities import Capability
from core.model.maturity import Effort
from core.month import Month
from core.services.maturity_evidence import maturity_model
from core.services.maturity_measures import shown_measures
from core.services.maturity_roadmap import StepLine
from core.services.maturity_view import CapabilityRow, MaturityView, quarter_label
from core.services.targets import Targets

HEAVIEST = ("large", "medium", "small")


@dataclass(frozen=True)
class GapLine:
    """One gap as the list shows it.

    Attributes:
        rank: 1 for the first to close.
        current: Level that counts.
        levels: Levels missing.
        money: Yearly money at stake; an en dash where no KPI gives one.
        why_money: Which KPI, from where to where, and which gaps share its money; or why there is no money.
        effort: small, medium or large, with a note where nobody has planned it.
        first: Whether it is among the few gaps to keep open at a time.
    """

    rank: int
    capability_id: str
    label: str
    current: int
    target: int
    levels: int
    due: str
    status: str
    money: str
    why_money: str
    effort: str
    first: bool


@dataclass(frozen=True)
class Gaps:
    """The gaps of a matrix.

    Attributes:
        finding: What they show, as a title.
        note: How they are ranked.
        lines: First to close on top.
        claimed_only: Those of the lines that claim their target and count for less, each in words.
        untargeted: Labels of capabilities that are rated and have no target.
    """

    finding: str
    note: str
    lines: tuple[GapLine, ...]
    claimed_only: tuple[str, ...]
    untargeted: tuple[str, ...]


def gaps_of(view: MaturityView, month: Month | None, targets: Targets, steps: Sequence[StepLine]) -> Gaps:
    """Rank every capability whose level that counts is short of its target.

    A claim above that level closes no gap; what is missing there is measurement, which `claimed_only` names. Gaps that
    rest on the same KPI name one another, since its money is there once.

    Args:
        view: The matrix.
        month: Where KPIs stand; None while nothing is imported, then no gap has money.
        targets: Where KPIs are to be.
        steps: Steps of the roadmap; the heaviest open one is the effort of its gap.
    """
    rules = maturity_model()[0]
    rows = {row.capability.id: row for row in view.rows if row.claimed is not None and row.applies}
    short = {name: row for name, row in rows.items() if row.target is not None and (row.gap or 0) > 0}
    stakes = {name: stake_of(row.capability, _aim(row), month, targets) for name, row in short.items()}
    ranked = rank_gaps([_gap(row, stakes[name], steps) for name, row in short.items()], rules)
    shared = _shared({row.capability.label: stakes[name] for name, row in short.items()})
    lines = tuple(
        _line(item, rows[item.gap.capability], stakes[item.gap.capability], month, steps, shared) for item in ranked
    )
    return Gaps(
        finding=_finding(lines, rows),
        note=(
            "Levels missing × money a year × evidence ÷ effort. Evidence: "
            + ", ".join(f"{word.replace('_', ' ')} {weight:g}" for word, weight in rules.priority.confidence.items())
            + f". Levels run from the one that counts. A matrix keeps {rules.priority.open_gaps} gaps open at a time; "
            "gaps without money come last, the lower level first. Money that gaps share is there once: never add it up."
        ),
        lines=lines,
        claimed_only=tuple(
            f"{row.capability.label} claims {row.claimed}, counts as {row.reported}"
            for row in short.values()
            if row.claimed is not None and row.claimed >= _aim(row)
        ),
        untargeted=tuple(row.capability.label for row in rows.values() if row.target is None),
    )


def stake_of(capability: Capability, target: int, month: Month | None, targets: Targets) -> Stake | None:
    """The yearly money that closing a capability's gap moves; None where no KPI of it gives any."""
    if month is None:
        return None
    rules = maturity_model()[0]
    arr = month.kpis["arr"].value if "arr" in REGISTRY else None
    return money_at_stake(capability, target, shown_measures(month, capability.primary_kpis, targets), arr, rules)


def _aim(row: CapabilityRow) -> int:
    return row.target.level if row.target else 1


def _gap(row: CapabilityRow, stake: Stake | None, steps: Sequence[StepLine]) -> Gap:
    assert row.assessment is not None and row.reported is not None
    return Gap(
        capability=row.capability.id,
        current=row.reported,
        target=_aim(row),
        arr_at_stake=None if stake is None else stake.money,
        status=row.assessment.status,
        effort=_effort(row.capability.id, steps) or maturity_model()[0].priority.unplanned,
    )


def _effort(capability_id: str, steps: Sequence[StepLine]) -> Effort | None:
    """The heaviest open step of a capability."""
    planned = {step.effort for step in steps if step.capability_id == capability_id and step.state == "open"}
    known: Mapping[str, Effort] = {"large": "large", "medium": "medium", "small": "small"}
    return next((known[effort] for effort in HEAVIEST if effort in planned), None)


def _shared(stakes: Mapping[str, Stake | None]) -> dict[str, tuple[str, ...]]:
    """Labels of the capabilities whose gaps rest on the money of each KPI."""
    found: dict[str, tuple[str, ...]] = {}
    for label, stake in stakes.items():
        if stake is not None and stake.money is not None:
            found[stake.kpi] = (*found.get(stake.kpi, ()), label)
    return found


def _line(
    item: RankedGap,
    row: CapabilityRow,
    stake: Stake | None,
    month: Month | None,
    steps: Sequence[StepLine],
    shared: Mapping[str, tuple[str, ...]],
) -> GapLine:
    currency = month.currency if month else ""
    planned = _effort(row.capability.id, steps)
    others = [] if stake is None or stake.money is None else [n for n in shared[stake.kpi] if n != row.capability.label]
    why = _why(stake, row.capability, currency) + (f"; shared with {' and '.join(others)}" if others else "")
    return GapLine(
        rank=item.rank,
        capability_id=row.capability.id,
        label=row.capability.label,
        current=item.gap.current,
        target=item.gap.target,
        levels=item.levels,
        due=quarter_label(row.target.due) if row.target else NOTHING,
        status=row.status.replace("_", " "),
        money=NOTHING if stake is None or stake.money is None else display(stake.money, "money", currency),
        why_money=why,
        effort=planned or f"{item.gap.effort}, not planned",
        first=item.on_roadmap,
    )


def _why(stake: Stake | None, capability: Capability, currency: str) -> str:
    if stake is None:
        worth = {item.kpi for item in maturity_model()[0].stakes}
        own = [REGISTRY[name].label for name in capability.primary_kpis if name in worth and name in REGISTRY]
        return f"{own[0]} has no figure or no target" if own else "no KPI of it gives money"
    item = REGISTRY[stake.kpi]
    sign = currency if item.unit == "money" else ""
    at, to = (display(value, item.unit, sign) for value in (stake.value, stake.wanted))
    if stake.money is None:
        there = "its figure is on target" if stake.own_target else "its figure is where the target level asks"
        return f"no money: {there}, {item.label} {at} of {to}"
    aim = "its target" if stake.own_target else "what the target level asks"
    return f"{item.label} {at}, {aim} {to}"


def _finding(lines: Sequence[GapLine], rows: Mapping[str, CapabilityRow]) -> str:
    if not rows:
        return "No gap yet: rate first, then set targets"
    if not lines:
        aimed = sum(row.target is not None for row in rows.values())
        return "Every target is reached" if aimed else "No target is set yet"
    top = lines[0]
    worth = f", {top.money} a year at stake" if top.money != NOTHING else ""
    word = "level" if top.levels == 1 else "levels"
    return f"Close first: {top.label}, {top.levels}{SPACE}{word} short{worth}"
