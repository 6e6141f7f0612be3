"""What level a capability has: from answers to a level, to the respondents' median, to a matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median

import numpy as np

from core.errors import RuleBroken
from core.model.capabilities import Capability
from core.model.maturity import LEVELS, MaturityRules

LOWEST, HIGHEST = LEVELS[0], LEVELS[-1]


@dataclass(frozen=True, slots=True)
class Rating:
    """The level one respondent's answers reach; nameless, because the first round is unseen by others."""

    level: int
    is_owner: bool = False


@dataclass(frozen=True, slots=True)
class Consensus:
    """How far respondents agree on one capability.

    Attributes:
        respondents: Number of ratings.
        median: Median level; None without ratings.
        range: Highest less lowest level; None without ratings.
        iqr: Interquartile range in levels; None without ratings.
        share_near: Share of respondents near the agreed level; None without ratings.
        too_few: Fewer respondents than the rule asks for.
        wide: The range calls for a talk.
        owner_above: The owner stands so far above the others' median that it calls for a talk.
        reached: Enough respondents, enough of them near, and a small interquartile range.
    """

    respondents: int
    median: float | None
    range: int | None
    iqr: float | None
    share_near: float | None
    too_few: bool
    wide: bool
    owner_above: bool
    reached: bool

    @property
    def discuss(self) -> bool:
        """Whether the group must talk before it agrees on a level."""
        return self.wide or self.owner_above


@dataclass(frozen=True, slots=True)
class MatrixSummary:
    """One matrix in figures; the mean never stands without its minimum.

    Attributes:
        matrix: Id of the matrix.
        mean: Mean level of its rated capabilities; None when none is rated.
        minimum: Lowest level; None when none is rated.
        lowest: Ids of the capabilities at that level.
        below: Number of rated capabilities under level `low_below` of the rules.
        unrated: Ids of the capabilities without a level; they are left out, not counted as 1.
    """

    matrix: str
    mean: float | None
    minimum: float | None
    lowest: tuple[str, ...]
    below: int
    unrated: tuple[str, ...]


def level_reached(answers: Mapping[str, str], capability: Capability, rules: MaturityRules) -> int:
    """Whole level that one respondent's answers reach.

    The highest level whose criteria are all worth at least `reached` (0.5) while the criteria of
    every level from 2 up to the one below are all worth `complete` (1.0). Level 1 needs nothing.

    Args:
        answers: Answer (no, some, half, most) by criterion id; an unanswered criterion counts as no.
        capability: The capability that was rated.
        rules: Answer values and thresholds.

    Returns:
        1 to 5.

    Raises:
        RuleBroken: An answer or a criterion that the model does not know.

    Source:
        Own rule; gate between levels in the spirit of ISO/IEC 33020, answer values of OWASP SAMM 2.
    """
    values = _values(answers, capability, rules)
    reached = LOWEST
    for level in LEVELS[1:]:
        worth = [values[criterion.id] for criterion in capability.criteria_of(level)]
        if all(value >= rules.level.reached for value in worth):
            reached = level
        if not all(value >= rules.level.complete for value in worth):
            break
    return reached


def decimal_level(answers: Mapping[str, str], capability: Capability, rules: MaturityRules) -> float:
    """Level with a decimal, for the eye only; decisions use the whole level.

    decimal = min(level + mean answer value of the next level's criteria, level + 0.9)

    Args:
        answers: As in `level_reached`.
        capability: The capability that was rated.
        rules: Answer values, thresholds and the cap (0.9).

    Returns:
        1.0 to 5.0; the highest level has nothing above it and carries no decimal.

    Raises:
        RuleBroken: An answer or a criterion that the model does not know.
    """
    level = level_reached(answers, capability, rules)
    if level == HIGHEST:
        return float(level)
    values = _values(answers, capability, rules)
    ahead = fmean(values[criterion.id] for criterion in capability.criteria_of(level + 1))
    return level + min(ahead, rules.level.decimal_cap)


def _values(answers: Mapping[str, str], capability: Capability, rules: MaturityRules) -> dict[str, float]:
    """Worth of every criterion of the capability; all unknown words are named at once."""
    known = {criterion.id for criterion in capability.criteria}
    faults = [f'"{key}" is no criterion' for key in answers if key not in known]
    faults += [
        f'"{answer}" is no answer to {key}'
        for key, answer in answers.items()
        if key in known and rules.answer_value(answer) is None
    ]
    if faults:
        words = ", ".join(entry.id for entry in rules.answers.values)
        raise RuleBroken(f"{capability.label}: {'; '.join(faults)}. Answer each criterion with one of {words}.")
    return {key: rules.answer_value(answers[key]) or 0.0 if key in answers else 0.0 for key in known}


def capability_level(levels: Sequence[float]) -> float | None:
    """Median level of the respondents, which stands until a level is agreed.

    Returns:
        1.0 to 5.0 in halves; None without respondents.
    """
    return float(median(levels)) if levels else None


def whole_level(level: float) -> int:
    """Level used in decisions: a half level is not reached, so 2.5 reads as 2."""
    return int(level // 1)


def consensus(ratings: Sequence[Rating], rules: MaturityRules, agreed: int | None = None) -> Consensus:
    """How far respondents agree, and whether they must talk.

    Agreement: at least 75 % within one level of the agreed level, interquartile range at most 1 and
    at least three respondents. Talk: range of 2 levels or more, or an owner 1 level or more above
    the others' median. Quartiles are interpolated linearly (type 7 of Hyndman and Fan).

    Args:
        ratings: One per respondent, in any order.
        rules: The consensus thresholds.
        agreed: Level agreed in the workshop; None before it, when the median takes its place.

    Returns:
        All figures None, and nothing reached, without ratings.

    Source:
        75 %: Diamond et al. 2014 on Delphi studies; the other thresholds are own choice.
    """
    rule = rules.consensus
    levels = sorted(rating.level for rating in ratings)
    too_few = len(levels) < rule.minimum_respondents
    if not levels:
        return Consensus(0, None, None, None, None, too_few, wide=False, owner_above=False, reached=False)
    middle = float(median(levels))
    centre = middle if agreed is None else float(agreed)
    share = sum(abs(level - centre) <= rule.near for level in levels) / len(levels)
    lower, upper = np.percentile(levels, [25, 75])
    iqr = float(upper - lower)
    spread = levels[-1] - levels[0]
    return Consensus(
        respondents=len(levels),
        median=middle,
        range=spread,
        iqr=iqr,
        share_near=share,
        too_few=too_few,
        wide=spread >= rule.discuss_range,
        owner_above=_owner_above(ratings, rule.discuss_owner_above),
        reached=not too_few and share >= rule.share_near and iqr <= rule.most_iqr,
    )


def _owner_above(ratings: Sequence[Rating], least: float) -> bool:
    """Whether the highest owner stands `least` levels or more above the others' median."""
    owners = [rating.level for rating in ratings if rating.is_owner]
    others = [rating.level for rating in ratings if not rating.is_owner]
    return bool(owners and others) and max(owners) - median(others) >= least


def matrix_summary(
    levels: Mapping[str, float], matrix: str, capabilities: Mapping[str, Capability], rules: MaturityRules
) -> MatrixSummary:
    """Mean level of one matrix with its minimum and the number of capabilities below 3.

    Args:
        levels: Level by capability id; a capability that does not apply enters with 1.
        matrix: Id of the matrix: matrices are never averaged together.
        capabilities: All capabilities by id.
        rules: Which level counts as low.

    Returns:
        Mean and minimum None when no capability is rated.

    Raises:
        RuleBroken: A level of a capability that is not part of the matrix.
    """
    own = [capability.id for capability in capabilities.values() if capability.matrix == matrix]
    strangers = [key for key in levels if key not in own]
    if strangers:
        raise RuleBroken(f"{', '.join(strangers)} is not part of {matrix}; a mean is taken within one matrix only.")
    rated = {key: levels[key] for key in own if key in levels}
    minimum = min(rated.values()) if rated else None
    return MatrixSummary(
        matrix=matrix,
        mean=fmean(rated.values()) if rated else None,
        minimum=minimum,
        lowest=tuple(key for key, level in rated.items() if level == minimum),
        below=sum(level < rules.summary.low_below for level in rated.values()),
        unrated=tuple(key for key in own if key not in rated),
    )
