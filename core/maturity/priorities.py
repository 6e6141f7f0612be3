"""Where to go next: targets, gaps, progress, and which gap comes first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import RuleBroken
from core.model.maturity import Effort, MaturityRules, Status


@dataclass(frozen=True, slots=True)
class Gap:
    """One capability short of its target.

    Attributes:
        capability: Its id.
        current: Level that counts.
        target: Level to reach.
        arr_at_stake: Yearly revenue or spend moved by closing its KPI to target; None where there is none to move.
        status: How the agreed level stands to measurement.
        effort: What closing it takes.
    """

    capability: str
    current: int
    target: int
    arr_at_stake: float | None
    status: Status
    effort: Effort


@dataclass(frozen=True, slots=True)
class RankedGap:
    """A gap with its place.

    Attributes:
        rank: 1 for the first to close.
        gap: What is short.
        levels: Levels missing.
        priority: Weighted money at stake; None when the money is not worked out.
        on_roadmap: Whether it is among the few gaps a matrix keeps open.
    """

    rank: int
    gap: Gap
    levels: int
    priority: float | None
    on_roadmap: bool


def gap(target: float, current: float) -> float:
    """Levels missing: max(0, target - current). Going beyond a target earns nothing elsewhere."""
    return max(0.0, target - current)


def percent_to_target(currents: Sequence[float], targets: Sequence[float]) -> float | None:
    """How much of what was aimed for is there.

    percent to target = 1 - sum of max(0, target - current) / sum of target

    Args:
        currents: Level of each item.
        targets: Target of each item, in the same order.

    Returns:
        A fraction from 0 to 1; None when the targets sum to 0: nothing was aimed for.

    Raises:
        RuleBroken: The two lists differ in length.

    Example:
        >>> round(percent_to_target([0.25, 0, 1, 0], [1, 1, 1, 0.5]), 3)
        0.357

    Source:
        OWASP SAMM, "Percent to target and progress to date": owaspsamm.org/blog/2025/01/21/samm-relative-scoring
    """
    if len(currents) != len(targets):
        raise RuleBroken(f"{len(currents)} levels stand beside {len(targets)} targets; give one target for each level.")
    aimed = sum(targets)
    if aimed == 0:
        return None
    return 1 - sum(gap(target, current) for current, target in zip(currents, targets, strict=True)) / aimed


def progress(*, current: float, baseline: float, target: float) -> float | None:
    """Share of the way from the first assessment to the target.

    progress = (current - baseline) / (target - baseline)

    Returns:
        0 at the start, 1 at the target; below 0 after a step back and above 1 beyond the target.
        None when target = baseline: there is no way to go.

    Source:
        OWASP SAMM, "Percent to target and progress to date": owaspsamm.org/blog/2025/01/21/samm-relative-scoring
    """
    if target == baseline:
        return None
    return (current - baseline) / (target - baseline)


def gap_priority(missing: Gap, rules: MaturityRules) -> float | None:
    """Weighted money at stake of one gap.

    priority = levels missing · ARR at stake · evidence confidence / effort

    Args:
        missing: The gap.
        rules: Weights of evidence status and of effort.

    Returns:
        Money a year times levels, for ranking only; None when the money at stake is not worked out.

    Source:
        Own rule; weights in data/model/maturity.toml.
    """
    if missing.arr_at_stake is None:
        return None
    weight = rules.priority.confidence[missing.status] / rules.priority.effort[missing.effort]
    return gap(missing.target, missing.current) * missing.arr_at_stake * weight


def rank_gaps(gaps: Sequence[Gap], rules: MaturityRules) -> tuple[RankedGap, ...]:
    """Order the gaps of one matrix by priority.

    Ties go to the lower current level, then to the id. A gap without money at stake comes after all
    that have one. What has reached its target is left out.

    Args:
        gaps: One per capability, in any order.
        rules: Weights, and how many gaps the roadmap keeps open.
    """
    scored = [(gap_priority(each, rules), each) for each in gaps if each.target > each.current]
    scored.sort(key=lambda pair: (pair[0] is None, -(pair[0] or 0.0), pair[1].current, pair[1].capability))
    return tuple(
        RankedGap(place, each, each.target - each.current, priority, on_roadmap=place <= rules.priority.open_gaps)
        for place, (priority, each) in enumerate(scored, start=1)
    )
