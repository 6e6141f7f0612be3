"""Maturity: who rated what, what measurement supports, which level counts, and where it is to go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from sqlmodel import col, select

from core.maturity.assess import assess
from core.maturity.evidence import Outcome
from core.maturity.scoring import Rating as Vote
from core.maturity.scoring import capability_level, consensus, whole_level
from core.model.capabilities import Capability
from core.model.maturity import LEVELS, Matrix, MaturityRules
from core.month import Month
from core.services import maturity_words as words
from core.services.home import records_database
from core.services.maturity_evidence import (
    LevelRule,
    capability_evidence,
    maturity_model,
    not_computed,
    rules_in_words,
)
from core.services.maturity_records import agree, agreed_level, rate, rater_line, set_target, target_line
from core.services.maturity_view import (
    RATER_ROLES,
    AgreedLevel,
    CapabilityRow,
    MaturityView,
    NextLevel,
    ProofNeeded,
    RaterLine,
    TargetLine,
    due_months,
    quarter_label,
    quarter_of,
    recent_quarters,
    same_name,
)
from core.services.targets import Targets
from core.store.tables import Agreement, MaturityTarget, Rating

FIRST = "nurture_to_advocacy"
"""The matrix that opens first."""


def matrices() -> tuple[Matrix, ...]:
    """The maturity matrices; they overlap and share evidence, never scores, and are never averaged together."""
    return maturity_model()[0].matrices


def maturity(
    month: Month | None, quarter: dt.date, rater: str = "", targets: Targets | None = None, matrix: str = FIRST
) -> MaturityView:
    """One matrix of a quarter.

    Args:
        month: Figures that claims are held against; None while nothing is imported.
        quarter: Any day of the quarter.
        rater: Who looks. The first round is unseen: until they have saved their own answers on a capability, or
            its level is agreed, they see of the others only how many there are. Empty shows everything.
        targets: What KPIs are to reach, for the rules that ask for a figure's own target; None where none is set.
        matrix: Id of the matrix.
    """
    start, (rules, capabilities) = quarter_of(quarter), maturity_model()
    own = next(item for item in rules.matrices if item.id == matrix)
    with records_database().read() as session:
        ratings = session.exec(select(Rating).where(Rating.quarter == start).order_by(col(Rating.id))).all()
        agreements = session.exec(select(Agreement).where(Agreement.quarter == start)).all()
        wanted = session.exec(select(MaturityTarget)).all()
    agreed = {item.capability_id: agreed_level(item) for item in agreements}
    aims = {item.capability_id: target_line(item) for item in wanted}

    def row(name: str, capability: Capability) -> CapabilityRow:
        raters = tuple(rater_line(item) for item in ratings if item.capability_id == name)
        return _row(capability, raters, agreed.get(name), aims.get(name), month, rater, targets or Targets())

    rows = tuple(row(name, capability) for name, capability in capabilities.items() if capability.matrix == matrix)
    return MaturityView(
        question=words.QUESTION,
        answer=words.answer(rows, rules),
        note=words.note(rows, own, start, month),
        finding=words.finding(rows),
        summary=words.summary(rows, own, rules),
        matrix=own,
        quarter=start,
        scale=rules.scale.levels,
        rows=rows,
    )


def next_level(row: CapabilityRow, answers: Mapping[str, str]) -> NextLevel | None:
    """What the level above the claim takes, or above what is measured where nobody claims a level yet.

    Args:
        row: The capability.
        answers: Answers by criterion, of whoever looks; a criterion that is good enough is left out. Empty lists the
            level's own criteria.

    Returns:
        None at the highest level.
    """
    rules = maturity_model()[0]
    now = row.claimed or (row.measured if row.testable else LEVELS[0])
    if now == LEVELS[-1]:
        return None
    rule = rules.level

    def short(level: int, least: float) -> tuple[str, ...]:
        worth = {item.id: rules.answer_value(answers.get(item.id, "")) for item in row.capability.criteria_of(level)}
        texts = {item.id: item.text for item in row.capability.criteria_of(level)}
        return tuple(texts[name] for name, value in worth.items() if (value or 0.0) < least)

    below = range(2, now + 1) if answers else ()
    return NextLevel(
        level=now + 1,
        label=rules.label_of(now + 1),
        half=short(now + 1, rule.reached),
        most=tuple(text for level in below for text in short(level, rule.complete)),
    )


def proof_needed(row: CapabilityRow) -> ProofNeeded | None:
    """What has to be measured before a claim counts for one level more than it does.

    Args:
        row: The capability.

    Returns:
        None where the claim counts in full, or nobody claims anything.
    """
    if row.claimed is None or row.reported is None or row.reported >= row.claimed:
        return None
    level = row.reported + 1
    # A higher level asks the same figure for more, so the last condition on a figure holds the others.
    lines = {
        line.metric: f"{line.text}: {line.words}"
        for rule in row.rules
        if rule.level <= level
        for line in rule.lines
        if line.outcome is not Outcome.HOLDS
    }
    return ProofNeeded(level, tuple(lines.values()))


def maturity_json(view: MaturityView) -> list[dict[str, object]]:
    """The matrix for other programs: one object a capability, levels as whole numbers, null where there is none.

    `measured` is null where no rule can be tested: what cannot be tested neither holds nor fails.
    """
    return [
        {
            "id": row.capability.id,
            "claimed": row.claimed,
            "measured": row.measured if row.testable else None,
            "reported": row.reported,
            "target": None if row.target is None else row.target.level,
            "status": row.status,
            "rules": [_rule_json(rule) for rule in row.rules],
        }
        for row in view.rows
    ]


def _rule_json(rule: LevelRule) -> dict[str, object]:
    return {
        "level": rule.level,
        "outcome": rule.outcome.value,
        "unlocked_by": list(rule.unlocked_by),
        "conditions": [
            {
                "metric": line.metric,
                "rule": line.text,
                "outcome": line.outcome.value,
                "words": line.words,
                "compared": line.compared,
                "threshold": line.threshold,
                "unlocked_by": list(line.unlocked_by),
            }
            for line in rule.lines
        ],
    }


def _row(
    capability: Capability,
    raters: tuple[RaterLine, ...],
    agreed: AgreedLevel | None,
    target: TargetLine | None,
    month: Month | None,
    looking: str,
    aims: Targets,
) -> CapabilityRow:
    rules = maturity_model()[0]
    own = any(same_name(line.rater, looking) for line in raters)
    hidden = bool(looking and raters) and not own and agreed is None
    shown = () if hidden else raters
    claimed = _claimed(shown, agreed)
    rated = claimed is not None
    evidence = capability_evidence(capability, month, aims)
    found = assess(capability, claimed or LEVELS[0], evidence, rules, target=target.level if target else None)
    level_rules = rules_in_words(capability, evidence, month)
    return CapabilityRow(
        capability=capability,
        raters=shown,
        rater_count=len(raters),
        hidden=hidden,
        flags=_flags(shown, agreed, rules),
        agreed=agreed,
        claimed=claimed,
        basis=words.basis(len(shown), agreed, rules),
        measured=found.support.level,
        measured_words=words.measured_words_of(level_rules),
        not_computed=not_computed(level_rules, capability),
        testable=found.support.testable,
        reported=found.reported if rated else None,
        status=found.status if rated else "not_rated",
        status_words=words.HIDDEN if hidden else words.status_words_of(found) if rated else words.UNRATED,
        target=target,
        gap=found.gap if rated else None,
        rules=level_rules,
        assessment=found if rated else None,
    )


def _flags(raters: Sequence[RaterLine], agreed: AgreedLevel | None, rules: MaturityRules) -> tuple[str, ...]:
    votes = [Vote(line.level, line.role == "owner") for line in raters]
    return words.flags(consensus(votes, rules, agreed.level if agreed else None), rules)


def _claimed(raters: Sequence[RaterLine], agreed: AgreedLevel | None) -> int | None:
    middle = capability_level([line.level for line in raters])
    return agreed.level if agreed else None if middle is None else whole_level(middle)


__all__ = [
    "RATER_ROLES", "AgreedLevel", "CapabilityRow", "MaturityView", "NextLevel", "ProofNeeded", "RaterLine",
    "TargetLine", "agree", "due_months", "matrices", "maturity", "maturity_json", "next_level", "proof_needed",
    "quarter_label", "quarter_of", "rate", "recent_quarters", "set_target",
]  # fmt: skip
