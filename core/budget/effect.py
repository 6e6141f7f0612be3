"""What moving money should bring against doing nothing, how sure that is, and what an optimised plan may promise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.budget.allocation import best_spend
from core.budget.constraints import Constraints
from core.budget.lines import Evidence
from core.budget.plan import Allocation, spend_of
from core.budget.response import Array, ResponseDraws
from core.model.budget import BudgetRules, load_budget

Label = Literal["better than today", "worse than today", "not distinguishable from no change", "no change"]
STRENGTH: tuple[Evidence, ...] = ("opinion", "model", "experiment")


@dataclass(frozen=True, slots=True)
class Gain:
    """What a plan brings above today, with its intervals, all in cents a year.

    Attributes:
        expected_cents: Mean over draws.
        inner_low_cents: Lower end of the inner (50 %) interval.
        inner_high_cents: Upper end of it.
        outer_low_cents: Lower end of the outer (90 %) interval.
        outer_high_cents: Upper end of it.
    """

    expected_cents: int
    inner_low_cents: int
    inner_high_cents: int
    outer_low_cents: int
    outer_high_cents: int


@dataclass(frozen=True, slots=True)
class MoveEffect:
    """Gain of a plan over today's split within 12 months.

    gain = margin of the plan - margin of today - (money of the plan - money of today)

    Attributes:
        gain: The gain; for an optimised plan after taking `optimism_cents` off.
        halved: The gain if every effect is halved.
        probability_better: Share of draws in which the plan beats today. None when nothing moves. [ratio]
        label: What may be claimed: the outer interval decides.
        optimism_cents: What was taken off because the plan was chosen for looking best. [cents/year]
        moved_cents: Money taken from lines that get less. [cents/year]
        spend_change_cents: Money of the plan less money of today; 0 when the total is kept. [cents/year]
        evidence: The weakest evidence among the lines that move. None when nothing moves.
        first_effect_months: Months to the earliest first effect among the lines that move. None when nothing moves.
        last_effect_months: Months to the latest of these first effects. None when nothing moves.
        extrapolated: Ids of the lines proposed outside what was ever observed.
    """

    gain: Gain
    halved: Gain
    probability_better: float | None
    label: Label
    optimism_cents: int
    moved_cents: int
    spend_change_cents: int
    evidence: Evidence | None
    first_effect_months: int | None
    last_effect_months: int | None
    extrapolated: tuple[str, ...]


def effect_of_move(
    curves: ResponseDraws,
    current: Mapping[str, int],
    proposed: Mapping[str, int],
    rules: BudgetRules | None = None,
    optimism_cents: float = 0.0,
) -> MoveEffect:
    """Gain of a plan over today's split, with both intervals, from the draws.

    For a plan chosen by hand. A plan chosen by `allocate` looks better than it is on the draws that chose it: use
    `effect_of_allocation`.

    Args:
        curves: Response of every line.
        current: Spend of doing nothing, per line. [cents/year]
        proposed: Proposed spend per line. [cents/year]
        rules: Settings; None means those of `data/model/budget.toml`.
        optimism_cents: Taken off every draw's margin gain. [cents/year]

    Raises:
        ValueError: Plans and curves are about different lines.
    """
    settings = rules or load_budget()
    now, then = spend_of(curves, current), spend_of(curves, proposed)
    margin = (curves.margin_draws(then) - curves.margin_draws(now)).sum(axis=0) - optimism_cents
    extra = float((then - now).sum())
    gain = _gain_of(margin - extra, settings)
    moving = np.flatnonzero(now != then)
    lags = [curves.lines[row].lag_months for row in moving]
    return MoveEffect(
        gain=gain,
        halved=_gain_of(settings.sensitivity.effect_factor * margin - extra, settings),
        probability_better=float((margin > extra).mean()) if lags else None,
        label=_label(gain) if lags else "no change",
        optimism_cents=round(optimism_cents),
        moved_cents=round(float(np.maximum(now - then, 0).sum())),
        spend_change_cents=round(extra),
        evidence=min((curves.evidence[row] for row in moving), key=STRENGTH.index, default=None),
        first_effect_months=min(lags, default=None),
        last_effect_months=max(lags, default=None),
        extrapolated=tuple(line.line for line, to in zip(curves.lines, then, strict=True) if line.extrapolated(to)),
    )


def effect_of_allocation(
    curves: ResponseDraws, constraints: Constraints, allocation: Allocation, rules: BudgetRules | None = None
) -> MoveEffect:
    """What an optimised plan may promise: its gain with the optimiser's curse taken off.

    A plan picked because it looks best on a set of draws looks better there than it is. So the best plan is sought
    on one half of the draws and judged on the other, and the reverse; the mean of the two gains is honest, because
    neither half judges its own choice. What the full plan promises above it is its optimism, and every draw of its
    gain is lowered by that much. Judged with halves of twice the noise, the promise errs on the low side.

    The correction covers what the draws know by chance. It cannot cover draws that are wrong together: a prior too
    narrow, or a fit of too few months. Halves fitted on separate months make it cover those as well.

    Args:
        curves: Response of every line.
        constraints: The constraints the plan was chosen under.
        allocation: The plan, from `allocate` on the same curves and constraints.
        rules: Settings; None means those of `data/model/budget.toml`.

    Raises:
        ValueError: The number of draws is odd, or lines differ.
    """
    current = {line.line: line.current_cents for line in curves.lines}
    if allocation.proposed == current:
        return effect_of_move(curves, current, current, rules)
    optimism = max(0.0, _mean_gain(curves, spend_of(curves, allocation.proposed)) - _honest_gain(curves, constraints))
    return effect_of_move(curves, current, allocation.proposed, rules, optimism)


def _honest_gain(curves: ResponseDraws, constraints: Constraints) -> float:
    """Mean gain of the plan of either half, judged by the other. [cents/year]."""
    one, other = curves.half(0), curves.half(1)
    gains = [_mean_gain(judge, best_spend(chooser, constraints)) for chooser, judge in ((one, other), (other, one))]
    return sum(gains) / 2


def _mean_gain(curves: ResponseDraws, then: Array) -> float:
    return float((curves.expected(then) - curves.expected(curves.current)).sum())


def _gain_of(draws: Array, settings: BudgetRules) -> Gain:
    inner, outer = settings.interval.inner, settings.interval.outer
    levels = [(1 - inner) / 2, (1 + inner) / 2, (1 - outer) / 2, (1 + outer) / 2]
    return Gain(round(float(draws.mean())), *(round(float(end)) for end in np.quantile(draws, levels)))


def _label(gain: Gain) -> Label:
    if gain.outer_low_cents > 0:
        return "better than today"
    return "worse than today" if gain.outer_high_cents < 0 else "not distinguishable from no change"
