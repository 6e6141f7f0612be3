"""Maturity: who rated what, what measurement supports, which level counts, and where it is to go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace

from core.kpis import REGISTRY
from core.maturity.assess import Assessment, assess
from core.maturity.evidence import LevelEvidence, Outcome, supported_level
from core.maturity.scoring import Rating as Vote
from core.maturity.scoring import capability_level, consensus, whole_level
from core.maturity.stakes import falls
from core.model.capabilities import Capability
from core.model.maturity import LEVELS, Matrix, MaturityRules
from core.month import Month
from core.services import maturity_words as words
from core.services.maturity_evidence import (
    LevelRule,
    capability_evidence,
    maturity_model,
    not_computed,
    rules_in_words,
)
from core.services.maturity_measures import shown_measures
from core.services.maturity_records import agree, rate, set_target
from core.services.maturity_state import Recorded, read_recorded, validation_words
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
    known, aims = read_recorded(start), targets or Targets()
    rows = tuple(_row(item, known, month, rater, aims) for item in capabilities.values() if item.matrix == matrix)
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


def _row(capability: Capability, known: Recorded, month: Month | None, looking: str, aims: Targets) -> CapabilityRow:
    rules, name = maturity_model()[0], capability.id
    raters, agreed, out = known.raters.get(name, ()), known.agreed.get(name), known.exemption(name)
    own = any(same_name(line.rater, looking) for line in raters)
    hidden = bool(looking and raters) and not own and agreed is None and out is None
    shown = () if hidden else raters
    claimed = LEVELS[0] if out is not None else _claimed(shown, agreed)
    evidence = capability_evidence(capability, month, aims)
    row = replace(
        _measured(capability, known, month, evidence),
        raters=shown,
        rater_count=len(raters),
        hidden=hidden,
        flags=_flags(shown, agreed, rules) if out is None else (),
        claimed=claimed,
        basis=words.basis(len(shown), agreed, rules) if out is None else words.EXEMPT,
        status_words=words.HIDDEN if hidden else words.UNRATED,
        validation_words=validation_words(agreed, known.validations.get(name)) if out is None else "",
    )
    if claimed is None:
        return row
    aim = row.target.level if row.target else None
    return _rated(row, assess(capability, claimed, evidence, rules, target=aim, not_applicable=out), month, out)


def _measured(
    capability: Capability, known: Recorded, month: Month | None, evidence: tuple[LevelEvidence, ...]
) -> CapabilityRow:
    """A row without a claim: what is measured, and what is recorded beside the answers."""
    name = capability.id
    support, level_rules = supported_level(evidence), rules_in_words(capability, evidence, month)
    past = known.past.get(name, ())
    return CapabilityRow(
        capability=capability,
        raters=(),
        rater_count=0,
        hidden=False,
        flags=(),
        agreed=known.agreed.get(name),
        claimed=None,
        basis="",
        measured=support.level,
        measured_words=words.measured_words_of(level_rules),
        not_computed=not_computed(level_rules, capability),
        testable=support.testable,
        reported=None,
        status="not_rated",
        status_words=words.UNRATED,
        target=known.targets.get(name),
        gap=None,
        rules=level_rules,
        assessment=None,
        exempt=known.exempt.get(name),
        validation=known.validations.get(name),
        before=past[-1].reported if past else None,
        before_quarter=past[-1].quarter if past else None,
    )


def _rated(row: CapabilityRow, found: Assessment, month: Month | None, out: str | None) -> CapabilityRow:
    """What a claim adds to a row."""
    return replace(
        row,
        reported=found.reported,
        status=found.status if out is None else words.NOT_APPLICABLE,
        status_words=words.status_words_of(found) if out is None else f"Does not apply: {out}",
        gap=found.gap,
        assessment=found,
        falling=() if out is not None else _falling(row.capability, found.claimed, month),
    )


def _falling(capability: Capability, claimed: int, month: Month | None) -> tuple[str, ...]:
    """Primary KPIs that are worse than a year ago by more than their uncertainty, under a claim of managed work."""
    rules = maturity_model()[0]
    if month is None or claimed < rules.falling.claimed_from:
        return ()
    figures = shown_measures(month, capability.primary_kpis)
    return tuple(
        words.falling(claimed, REGISTRY[name], measure, month.currency)
        for name, measure in figures.items()
        if falls(measure, REGISTRY[name].better)
    )


def _flags(raters: Sequence[RaterLine], agreed: AgreedLevel | None, rules: MaturityRules) -> tuple[str, ...]:
    votes = [Vote(line.level, line.role == "owner") for line in raters]
    return words.flags(consensus(votes, rules, agreed.level if agreed else None), rules, agreed)


def _claimed(raters: Sequence[RaterLine], agreed: AgreedLevel | None) -> int | None:
    middle = capability_level([line.level for line in raters])
    return agreed.level if agreed else None if middle is None else whole_level(middle)


__all__ = [
    "RATER_ROLES", "AgreedLevel", "CapabilityRow", "MaturityView", "NextLevel", "ProofNeeded", "RaterLine",
    "TargetLine", "agree", "due_months", "matrices", "maturity", "maturity_json", "next_level", "proof_needed",
    "quarter_label", "quarter_of", "rate", "recent_quarters", "set_target",
]  # fmt: skip
