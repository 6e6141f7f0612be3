"""One capability as the matrix shows it: claim, measurement, reported level and target side by side."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import RuleBroken
from core.maturity.evidence import LevelEvidence, Support, evidence_status, reported_level, supported_level
from core.maturity.priorities import gap
from core.model.capabilities import Capability
from core.model.maturity import LEVELS, MaturityRules, Status


@dataclass(frozen=True, slots=True)
class Assessment:
    """One row of a matrix in one quarter.

    Attributes:
        capability: Its id.
        code: Its code, such as A1.
        label: Its name.
        claimed: Agreed level, or the whole level of the median before there is one.
        support: Level that measurement supports, and what it stopped at.
        status: How the claim stands to the measurement.
        reported: Level that counts.
        target: Level to reach; None when nobody set one.
        gap: Levels missing from the level that counts to the target; None without a target.
        evidence: Outcome per level.
        not_applicable: Why the capability does not apply; None when it does.
    """

    capability: str
    code: str
    label: str
    claimed: int
    support: Support
    status: Status
    reported: int
    target: int | None
    gap: int | None
    evidence: tuple[LevelEvidence, ...]
    not_applicable: str | None = None


def assess(
    capability: Capability,
    claimed: int,
    evidence: tuple[LevelEvidence, ...],
    rules: MaturityRules,
    *,
    target: int | None = None,
    not_applicable: str | None = None,
) -> Assessment:
    """Put claim, measurement and target of one capability together.

    gap = max(0, target - reported): a claim that measurement does not carry closes nothing. A capability that does not
    apply is scored 1 with target 1 and keeps its row and its reason.

    Args:
        capability: What was rated.
        claimed: Whole level, 1 to 5.
        evidence: Result of `evaluate_rules`.
        rules: Scoring rules.
        target: Level to reach, or None.
        not_applicable: The reason, or None.

    Raises:
        RuleBroken: A claim or a target outside 1 to 5.
    """
    if not_applicable is not None:
        claimed = target = LEVELS[0]
    for name, level in (("level", claimed), ("target", target)):
        if level is not None and level not in LEVELS:
            raise RuleBroken(f"{capability.label}: a {name} is a whole number from 1 to 5; found {level}.")
    support = supported_level(evidence)
    status = evidence_status(claimed, support, rules)
    reported = reported_level(claimed, support.level, status, rules)
    return Assessment(
        capability=capability.id,
        code=capability.code,
        label=capability.label,
        claimed=claimed,
        support=support,
        status=status,
        reported=reported,
        target=target,
        gap=None if target is None else int(gap(target, reported)),
        evidence=evidence,
        not_applicable=not_applicable,
    )
