"""Raters with planted inflation and noise over capabilities whose true level is known: how honest is what is reported?

Own design. A capability stands at a true level; its measured figures come from that level with the noise of their
sample; each rater sees a level of their own, the owner above the others, and answers the criteria accordingly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.maturity.assess import assess
from core.maturity.evidence import Measure, evaluate_rules, window_key
from core.maturity.scoring import capability_level, level_reached, whole_level
from core.model.capabilities import Capability, Condition
from core.model.maturity import MaturityRules
from core.stats.intervals import wilson

OWNER, OTHERS = 1.5, 0.75
"""Levels by which an owner and the others see themselves above the truth, in the mean."""
NOISE = 0.7
"""Standard deviation of what a rater sees, in levels."""
SAMPLE = 150
"""Units a coverage figure rests on in one month; the months of a window are drawn apart, which is harsh."""


@dataclass(frozen=True)
class World:
    """What became of one capability in one world; `named` says whether its claim was called above its measurement."""

    truth: int
    claimed: int
    reported: int
    plain_mean: int
    named: bool

    @property
    def inflated(self) -> bool:
        """Whether the claim is above the truth."""
        return self.claimed > self.truth

    @property
    def governed(self) -> bool:
        """Whether it is a claim that counts only with evidence."""
        return self.claimed > 3


def simulate(
    capabilities: Mapping[str, Capability], rules: MaturityRules, worlds: int, rng: np.random.Generator
) -> list[World]:
    """Every capability in so many worlds, each with three raters."""
    return [_world(item, rules, rng) for _ in range(worlds) for item in capabilities.values()]


def _world(capability: Capability, rules: MaturityRules, rng: np.random.Generator) -> World:
    truth = int(rng.integers(1, 6))
    seen = truth + np.array([OWNER, OTHERS, OTHERS]) + rng.normal(0, NOISE, 3)
    levels = [level_reached(_answers(capability, level, rng), capability, rules) for level in seen]
    middle = capability_level(levels)
    assert middle is not None
    claimed = whole_level(middle)
    evidence = evaluate_rules(capability, _measures(capability, truth, rng))
    found = assess(capability, claimed, evidence, rules)
    plain = int(np.clip(np.floor(np.mean(levels) + 0.5), 1, 5))
    return World(truth, claimed, found.reported, plain, found.status in ("stretch", "unsupported"))


def _answers(capability: Capability, seen: float, rng: np.random.Generator) -> dict[str, str]:
    """Most up to the level a rater sees, half or some on the next, with the odd slip downwards."""
    level = int(np.clip(np.floor(seen + 0.5), 1, 5))
    answers = {}
    for number in range(2, 6):
        for criterion in capability.criteria_of(number):
            word = "most" if number < level else "half" if number == level else "some" if number == level + 1 else "no"
            answers[criterion.id] = "some" if word == "half" and rng.random() < 0.03 else word
    return answers


def _measures(capability: Capability, truth: int, rng: np.random.Generator) -> dict[str, Measure]:
    """Coverage as the true level leaves it, in every month a rule asks for; all other figures hold at every level.

    So coverage alone tells levels apart: the hardest case for finding an inflated claim.
    """
    coverage = capability.coverage.id
    found = {
        name: _holding([item for item in capability.conditions if item.metric == name])
        for name in {item.metric for item in capability.conditions} - {coverage}
    }
    asked = {
        level.level: item.value for level in capability.levels for item in level.evidence if item.metric == coverage
    }
    low, high = asked.get(truth, 0.0) or 0.0, asked.get(truth + 1, 1.0) or 1.0
    draws = rng.binomial(SAMPLE, (low + high) / 2, 6)
    for months in {item.months for item in capability.conditions if item.metric == coverage}:
        weakest = int(draws[:months].min())
        ends = wilson(weakest, SAMPLE)
        assert ends is not None
        found[window_key(coverage, months)] = Measure(weakest / SAMPLE, ends.low, ends.high, SAMPLE, 36)
    return found


def _holding(conditions: list[Condition]) -> Measure:
    """A figure that meets every condition on it."""
    least = [item.value for item in conditions if item.op == ">=" and item.value is not None]
    most = [item.value for item in conditions if item.op == "<=" and item.value is not None]
    between = [(item.value + item.most) / 2 for item in conditions if item.value is not None and item.most is not None]
    value = between[0] if between else max(least) if least else min(most, default=0.0)
    return Measure(value, value, value, 10_000, 36, target=value, baseline=value)
