"""A plan line by line: money today and proposed, what it earns at both points, and what stops it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.budget.constraints import Bound, Constraints, Reason
from core.budget.lines import BudgetLine, Evidence
from core.budget.response import Array, ResponseDraws
from core.model.budget import BudgetRules, load_budget
from core.model.plays import Kind

Binding = Literal[Reason, "none"]
Side = Literal["low", "high", "both"]


@dataclass(frozen=True, slots=True)
class LineState:
    """One line of a plan: today, proposed, and what the money earns at both points.

    Returns are 12-month gross margin per unit of money: at 1 a unit earns itself back; net ROMI is one less.

    Attributes:
        line: Id of the line.
        label: Name on screens.
        kind: What the line is for.
        play: Id of the play it follows.
        moves: KPI it is meant to move.
        owner_role: Who answers for it.
        current_cents: Spend today. [cents/year]
        proposed_cents: Proposed spend. [cents/year]
        low_cents: Least it may get. [cents/year]
        high_cents: Most it may get. [cents/year]
        binding: What stops it from getting less or more; `none` when it lies freely between its bounds.
        binding_side: Which end it stands at, or None.
        bound_value: Margin gained a year if its bound gave way by one unit of money, exchanged with the best other
            line. None when no bound binds or no other line can give or take. [ratio]
        average_return_now: Return of all its spend today. None when nothing is spent. [ratio]
        average_return_low: Lower end of the outer interval of that return. [ratio]
        average_return_high: Upper end of the outer interval of that return. [ratio]
        average_return_then: Return of all its spend as proposed. None when nothing is. [ratio]
        marginal_now: Return of the next unit today; derivative, within 1 % of the next-one-percent form. [ratio]
        marginal_then: Return of the next unit as proposed. [ratio]
        evidence: What its response rests on.
        extrapolated: Whether the proposed spend lies outside what was ever observed.
        lag_months: Months to the first visible effect. [months]
        reason: Why returns are None, in words; None when they are given.
    """

    line: str
    label: str
    kind: Kind
    play: str
    moves: str
    owner_role: str
    current_cents: int
    proposed_cents: int
    low_cents: int
    high_cents: int
    binding: Binding
    binding_side: Side | None
    bound_value: float | None
    average_return_now: float | None
    average_return_low: float | None
    average_return_high: float | None
    average_return_then: float | None
    marginal_now: float | None
    marginal_then: float | None
    evidence: Evidence
    extrapolated: bool
    lag_months: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class Allocation:
    """A plan, line by line.

    Attributes:
        lines: One state a line, in the order of the curves.
        total_cents: Sum of the proposal. [cents/year]
        expected_now_cents: Mean 12-month gross margin of today's split. [cents/year]
        expected_then_cents: The same of the proposal, as its own draws see it: for an optimised plan this is
            flattering, and `core.budget.effect.effect_of_allocation` gives the promise to show. [cents/year]
        shadow_value: Margin one more unit of money brings, on the line with room where it earns most; times 1,000
            it is what one more thousand is worth. None when every line is at its upper bound. [ratio]
    """

    lines: tuple[LineState, ...]
    total_cents: int
    expected_now_cents: int
    expected_then_cents: int
    shadow_value: float | None

    @property
    def proposed(self) -> dict[str, int]:
        """Proposed spend by line, in cents a year."""
        return {state.line: state.proposed_cents for state in self.lines}


def limits(curves: ResponseDraws, constraints: Constraints) -> tuple[Array, Array]:
    """Least and most of every line, in the order of the curves. Raises ValueError when the lines differ."""
    bounds = _bounds(curves, constraints)
    low = np.array([bound.low_cents for bound in bounds], dtype=np.float64)
    return low, np.array([bound.high_cents for bound in bounds], dtype=np.float64)


def plan_of(
    curves: ResponseDraws, constraints: Constraints, proposed: Mapping[str, int], rules: BudgetRules | None = None
) -> Allocation:
    """Describe any plan, chosen by hand or by `allocate`, line by line.

    Args:
        curves: Response of every line.
        constraints: Total and bounds of the same lines.
        proposed: Proposed spend of every line. [cents/year]
        rules: Settings; None means those of `data/model/budget.toml`.

    Raises:
        ValueError: Curves and constraints are about different lines.
    """
    bounds = _bounds(curves, constraints)
    then = spend_of(curves, proposed)
    returns = _returns(curves, then, (rules or load_budget()).interval.outer)
    trade = _Trade(bounds, then, returns.marginal_then)
    states = tuple(
        _state(line, bound, curves.evidence[row], _Row(row, int(then[row]), returns, trade))
        for row, (line, bound) in enumerate(zip(curves.lines, bounds, strict=True))
    )
    return Allocation(
        lines=states,
        total_cents=int(then.sum()),
        expected_now_cents=round(float(returns.margin_now.sum())),
        expected_then_cents=round(float(returns.margin_then.sum())),
        shadow_value=trade.best_receiver(),
    )


def spend_of(curves: ResponseDraws, plan: Mapping[str, int]) -> Array:
    """A plan as an array in the order of the curves. Raises ValueError when the lines differ."""
    names = [line.line for line in curves.lines]
    if set(names) != set(plan):
        raise ValueError(f"the plan has the lines {sorted(plan)}, the curves {sorted(names)}")
    return np.array([plan[name] for name in names], dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class _Returns:
    """Margins and returns of every line at both points; NaN where nothing is spent."""

    margin_now: Array
    margin_then: Array
    average_now: Array
    average_low: Array
    average_high: Array
    average_then: Array
    marginal_now: Array
    marginal_then: Array


def _returns(curves: ResponseDraws, then: Array, outer: float) -> _Returns:
    now = curves.current
    draws_now = curves.margin_draws(now)
    margin_now, margin_then = draws_now.mean(axis=1), curves.expected(then)
    low, high = np.quantile(draws_now, [(1 - outer) / 2, (1 + outer) / 2], axis=1)
    known = np.array([line.reason is None for line in curves.lines], dtype=bool)
    base_now, base_then = np.where(now > 0, now, np.nan), np.where(known & (then > 0), then, np.nan)
    return _Returns(
        margin_now=margin_now,
        margin_then=margin_then,
        average_now=margin_now / base_now,
        average_low=low / base_now,
        average_high=high / base_now,
        average_then=margin_then / base_then,
        marginal_now=np.where(known, curves.marginal(now), np.nan),
        marginal_then=np.where(known, curves.marginal(then), np.nan),
    )


@dataclass(frozen=True, slots=True)
class _Trade:
    """Who could give or take the next unit of money; lines without a known return do neither."""

    bounds: Sequence[Bound]
    then: Array
    marginal: Array

    def best_receiver(self, but: int | None = None) -> float | None:
        """Marginal return of the line with room that earns most."""
        found = [m for row, m in self._known(but) if self.then[row] < self.bounds[row].high_cents]
        return max(found, default=None)

    def cheapest_giver(self, but: int | None = None) -> float | None:
        """Marginal return of the line that may give and loses least."""
        found = [m for row, m in self._known(but) if self.then[row] > self.bounds[row].low_cents]
        return min(found, default=None)

    def bound_value(self, row: int, side: Side | None) -> float | None:
        """Margin gained if the bound of a line gave way by one unit."""
        if side is None or np.isnan(self.marginal[row]):
            return None
        own = float(self.marginal[row])
        giver, receiver = self.cheapest_giver(row), self.best_receiver(row)
        up = [own - giver] if giver is not None and side != "low" else []
        down = [receiver - own] if receiver is not None and side != "high" else []
        return max([0.0, *up, *down]) if up or down else None

    def _known(self, but: int | None) -> list[tuple[int, float]]:
        return [(row, float(m)) for row, m in enumerate(self.marginal) if row != but and not np.isnan(m)]


@dataclass(frozen=True, slots=True)
class _Row:
    """Where one line's figures are found."""

    row: int
    proposed_cents: int
    returns: _Returns
    trade: _Trade

    def figure(self, name: str) -> float | None:
        value = float(getattr(self.returns, name)[self.row])
        return None if np.isnan(value) else value


def _state(line: BudgetLine, bound: Bound, evidence: Evidence, row: _Row) -> LineState:
    binding, side = _binding(bound, row.proposed_cents)
    return LineState(
        line=line.line,
        label=line.label,
        kind=line.kind,
        play=line.play,
        moves=line.moves,
        owner_role=line.owner_role,
        current_cents=line.current_cents,
        proposed_cents=row.proposed_cents,
        low_cents=bound.low_cents,
        high_cents=bound.high_cents,
        binding=binding,
        binding_side=side,
        bound_value=row.trade.bound_value(row.row, side),
        average_return_now=row.figure("average_now"),
        average_return_low=row.figure("average_low"),
        average_return_high=row.figure("average_high"),
        average_return_then=row.figure("average_then"),
        marginal_now=row.figure("marginal_now"),
        marginal_then=row.figure("marginal_then"),
        evidence=evidence,
        extrapolated=line.extrapolated(row.proposed_cents),
        lag_months=line.lag_months,
        reason=line.reason,
    )


def _binding(bound: Bound, proposed: int) -> tuple[Binding, Side | None]:
    if bound.low_cents == bound.high_cents:
        return bound.low_reason, "both"
    if proposed <= bound.low_cents:
        return bound.low_reason, "low"
    if proposed >= bound.high_cents:
        return bound.high_reason, "high"
    return "none", None


def _bounds(curves: ResponseDraws, constraints: Constraints) -> list[Bound]:
    by_line = {bound.line: bound for bound in constraints.bounds}
    names = [line.line for line in curves.lines]
    if set(names) != set(by_line):
        raise ValueError(f"the constraints are about the lines {sorted(by_line)}, the curves about {sorted(names)}")
    return [by_line[name] for name in names]
