"""The budget of a month: its lines, what a plan may do, the best split found, and what a plan should bring."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from core.budget.allocation import allocate
from core.budget.constraints import Bound, Constraints, constraints_of
from core.budget.effect import MoveEffect, effect_of_allocation, effect_of_move
from core.budget.lines import BudgetLine
from core.budget.plan import Allocation, plan_of
from core.budget.response import ResponseDraws
from core.budget.solve import to_cents
from core.errors import CouncilError
from core.model.budget import load_budget
from core.month import Month
from core.month.lines import YEAR, known_months
from core.schema import TABLES
from core.stats.months import shift_month

THOUSAND, ONE = 100_000, 100
"""Steps of amounts on the screen: a thousand of the currency, or one of it for a small company. [cents]"""
SMALL_TOTAL = 20_000_000
"""Below this total a thousand is too coarse a step for a cap of a fifth. [cents/year]"""

Plan = Mapping[str, int]
"""Yearly spend by id of a line, in cents."""


@dataclass(frozen=True)
class Budget:
    """What a plan of one month starts from.

    Amounts are moved in whole steps from `anchors`, so that what is typed is readable and the total still holds to
    the cent.

    Attributes:
        key: Identifies facts, model files and month.
        month: First day of the month.
        currency: ISO code.
        curves: Response of every line.
        exact: Total and bounds, to the cent.
        anchors: The allowed plan nearest to today: today's spend, but for signed money beyond it. [cents/year]
        step_cents: Step in which money is moved.
        stages: Share of the last twelve months' spend by stage of the journey. [ratio]
    """

    key: str
    month: dt.date
    currency: str
    curves: ResponseDraws
    exact: Constraints
    anchors: Plan
    step_cents: int
    stages: Mapping[str, float]

    @property
    def lines(self) -> tuple[BudgetLine, ...]:
        """The lines, acquisition first, largest first."""
        return self.curves.lines

    @cached_property
    def current(self) -> dict[str, int]:
        """Today's spend by line. [cents/year]."""
        return {line.line: line.current_cents for line in self.lines}

    @property
    def in_thousands(self) -> bool:
        """Whether a step is a thousand of the currency."""
        return self.step_cents == THOUSAND

    def steps(self, line: str, cents: int) -> int:
        """An amount of a line in steps, as the screen shows it."""
        return _nearest(self.anchors[line], self.step_cents) + _nearest(cents - self.anchors[line], self.step_cents)

    def cents(self, line: str, steps: int) -> int:
        """What a shown amount of a line means to the cent; the sum of all lines keeps the total."""
        anchor = self.anchors[line]
        return anchor + (steps - _nearest(anchor, self.step_cents)) * self.step_cents

    def bounds(self, locked: Collection[str] = (), *, stepped: bool = True) -> Constraints:
        """What a plan may do with some lines locked at today's spend.

        Args:
            locked: Ids of the locked lines.
            stepped: Whether the ends are moved inwards to whole steps, as the screen needs them.
        """
        bounds = (self._stepped(bound) if stepped else bound for bound in self.exact.bounds)
        return replace(self.exact, bounds=tuple(self._locked(bound, locked) for bound in bounds))

    def _stepped(self, bound: Bound) -> Bound:
        anchor, step = self.anchors[bound.line], self.step_cents
        low = anchor - (anchor - bound.low_cents) // step * step
        return replace(bound, low_cents=low, high_cents=anchor + (bound.high_cents - anchor) // step * step)

    def _locked(self, bound: Bound, locked: Collection[str]) -> Bound:
        if bound.line not in locked or bound.low_cents == bound.high_cents:
            return bound
        anchor = self.anchors[bound.line]
        return replace(bound, low_cents=anchor, high_cents=anchor, low_reason="lock", high_reason="lock")


@dataclass(frozen=True)
class Optimum:
    """The best split found within the bounds, in whole steps.

    Attributes:
        plan: Spend by line. [cents/year]
        optimism_cents: What its gain promises too much because it was chosen for looking best. [cents/year]
    """

    plan: Plan
    optimism_cents: int


def open_budget(month: Month, cap: float | None = None) -> Budget:
    """The budget of a month.

    Args:
        month: The month.
        cap: Largest change of a line as a share of its spend today; None means that of `data/model/budget.toml`.

    Raises:
        CouncilError: Spend is missing, of less than twelve months, all 0, or without a rate; or the cap is no share.
    """
    _check(month)
    share = load_budget().change.cap if cap is None else cap
    if not 0 <= share <= 1:
        raise CouncilError(f"cap: expected a share from 0 to 1 such as 0.2, found {share:g}")
    curves = _sorted(month.responses)
    if not any(line.current_cents for line in curves.lines):
        raise CouncilError("spend: nothing was spent in the twelve months to the end of this month. Load newer spend.")
    exact = constraints_of(curves.lines, share)
    return Budget(
        key=f"{month.facts.key}:{month.month}:{share}",
        month=month.month,
        currency=month.currency,
        curves=curves,
        exact=exact,
        anchors=_anchors(exact),
        step_cents=THOUSAND if exact.total_cents >= SMALL_TOTAL else ONE,
        stages=_stages(month),
    )


def optimum(budget: Budget, locked: Collection[str] = ()) -> Optimum:
    """The split whose mean margin over draws is greatest, rounded to whole steps; today's when nothing beats it."""
    bounds = budget.bounds(locked)
    exact = allocate(budget.curves, bounds).proposed
    low = np.array([bound.low_cents for bound in bounds.bounds])
    room = (np.array([bound.high_cents for bound in bounds.bounds]) - low) // budget.step_cents
    wanted = (np.array([exact[bound.line] for bound in bounds.bounds]) - low) / budget.step_cents
    names = [bound.line for bound in bounds.bounds]
    free = (bounds.total_cents - int(low.sum())) // budget.step_cents
    taken = to_cents(wanted, np.zeros(len(names)), room, free, names)
    plan = {name: int(at) + steps * budget.step_cents for name, at, steps in zip(names, low, taken, strict=True)}
    allocation = plan_of(budget.curves, bounds, plan)
    if allocation.expected_then_cents <= allocation.expected_now_cents and budget.anchors == budget.current:
        return Optimum(budget.current, 0)
    return Optimum(plan, effect_of_allocation(budget.curves, bounds, allocation).optimism_cents)


def effect_of(budget: Budget, plan: Plan, best: Optimum) -> MoveEffect:
    """What a plan should bring against today.

    As far as a plan moves money the way the best split found does, it was chosen by the same draws that judge it:
    that share of the optimum's optimism is taken off, whether the plan was optimised or typed.

    Args:
        budget: The budget.
        plan: Spend of every line. [cents/year]
        best: The best split under the same locks.
    """
    optimism = best.optimism_cents * _shared(budget.current, plan, best.plan)
    return effect_of_move(budget.curves, budget.current, plan, optimism_cents=optimism)


def optimise_json(month: Month, cap: float | None = None) -> dict[str, Any]:
    """The best split under today's total, to the cent, for the command line; money in units of the currency.

    Args:
        month: The month.
        cap: Largest change of a line as a share of its spend today; None means that of `data/model/budget.toml`.

    Raises:
        CouncilError: As `open_budget`.
    """
    budget = open_budget(month, cap)
    allocation = allocate(budget.curves, budget.exact)
    effect = effect_of_allocation(budget.curves, budget.exact, allocation)
    gain = effect.gain
    return {
        "month": f"{month.month:%Y-%m}",
        "currency": budget.currency,
        "total": allocation.total_cents / 100,
        "expected": {
            "gain": gain.expected_cents / 100,
            "low50": gain.inner_low_cents / 100,
            "high50": gain.inner_high_cents / 100,
            "low90": gain.outer_low_cents / 100,
            "high90": gain.outer_high_cents / 100,
            "probability": effect.probability_better,
            "label": effect.label,
        },
        "lines": _lines_json(allocation),
        "shadow_value": allocation.shadow_value,
        "reason": _reason(budget, effect),
    }


def _lines_json(allocation: Allocation) -> list[dict[str, Any]]:
    money = {"current": "current_cents", "proposed": "proposed_cents", "low": "low_cents", "high": "high_cents"}
    plain = ("binding", "marginal_now", "marginal_then", "evidence")
    return [
        {name: getattr(state, name) for name in ("line", "label", "kind")}
        | {name: getattr(state, cents) / 100 for name, cents in money.items()}
        | {name: getattr(state, name) for name in plain}
        for state in allocation.lines
    ]


def _reason(budget: Budget, effect: MoveEffect) -> str | None:
    """Why the plan may not be called better; None when it may."""
    if effect.label == "better than today":
        return None
    if effect.label == "no change":
        return "no split within the bounds beats today's"
    weak = sum(kind == "opinion" for kind in budget.curves.evidence)
    outer = load_budget().interval.outer
    return f"the {outer:.0%} interval of the gain holds 0; {weak} of {len(budget.lines)} lines rest on opinion"


def _check(month: Month) -> None:
    if "spend" not in month.loaded:
        raise CouncilError(f"spend: not loaded. Import the table spend; it unlocks {TABLES['spend'].unlocks}.")
    if not month.currency:
        raise CouncilError("spend: several currencies and no rates. Import fx_rates, or set COUNCIL_CURRENCY.")
    known = known_months(month.facts)
    if known < YEAR:
        first, last = f"{shift_month(month.month, 1 - YEAR):%Y-%m}", f"{month.month:%Y-%m}"
        raise CouncilError(
            f"spend: a budget needs spend of twelve months; known for {known} of the {YEAR} from {first} to {last}"
        )
    foreign = sorted({str(code) for code in month.facts.spend["currency"]} - {month.currency, *month.facts.rates})
    if foreign:
        raise CouncilError(f"spend: no rate to {month.currency} for {', '.join(foreign)}. Import fx_rates.")


def _sorted(curves: ResponseDraws) -> ResponseDraws:
    lines = curves.lines
    order = sorted(range(len(lines)), key=lambda row: (lines[row].kind, -lines[row].current_cents, lines[row].line))
    return ResponseDraws(
        tuple(lines[row] for row in order),
        curves.ceiling[order],
        curves.half_at[order],
        curves.exponent[order],
        tuple(curves.evidence[row] for row in order),
    )


def _anchors(constraints: Constraints) -> dict[str, int]:
    """Today's plan within the bounds; what signed money adds to a line is taken where there is most room."""
    plan = {
        bound.line: min(max(bound.current_cents, bound.low_cents), bound.high_cents) for bound in constraints.bounds
    }
    excess = sum(plan.values()) - constraints.total_cents
    for bound in sorted(constraints.bounds, key=lambda item: (item.low_cents - plan[item.line], item.line)):
        taken = min(max(excess, 0), plan[bound.line] - bound.low_cents)
        plan[bound.line] -= taken
        excess -= taken
    return plan


def _stages(month: Month) -> dict[str, float]:
    """Share of the trailing twelve months' spend by stage of the journey, largest first."""
    spend = month.facts.spend
    after, until = pd.Timestamp(shift_month(month.month, -12)), pd.Timestamp(month.month)
    year = spend[(spend["month"] > after) & (spend["month"] <= until)]
    sums = year.groupby("journey_stage")["cost_cents"].sum().sort_values(ascending=False)
    return {str(stage): float(value / sums.sum()) for stage, value in sums.items() if value > 0}


def _shared(current: Plan, plan: Plan, best: Plan) -> float:
    """Share of the money the best plan moves that another plan moves the same way. [ratio]."""
    moves = [(plan[name] - at, best[name] - at) for name, at in current.items()]
    whole = sum(abs(to) for _, to in moves)
    same = sum(min(abs(one), abs(to)) for one, to in moves if one * to > 0)
    return same / whole if whole else 0.0


def _nearest(cents: int, step: int) -> int:
    return (cents + step // 2) // step
