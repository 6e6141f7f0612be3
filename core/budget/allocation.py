"""The best split of a total under what a plan may do."""

from __future__ import annotations

import numpy as np

from core.budget.constraints import Constraints
from core.budget.plan import Allocation, limits, plan_of
from core.budget.response import Array, ResponseDraws
from core.budget.solve import solve, tabulate, to_cents
from core.model.budget import BudgetRules


def allocate(curves: ResponseDraws, constraints: Constraints, rules: BudgetRules | None = None) -> Allocation:
    """Split the total so that the mean margin over draws is greatest.

    Where every mean curve is concave between its bounds the split is exact: the next unit of money earns the same on
    every line that is not at a bound. Elsewhere (slow starts) a dynamic programme on ever finer grids finds it.
    Today's split is kept when nothing beats it.

    Args:
        curves: Response of every line.
        constraints: Total and bounds of the same lines.
        rules: Settings; None means those of `data/model/budget.toml`.

    Returns:
        The plan with the binding bounds, their value and the returns at both points.

    Raises:
        ValueError: Curves and constraints are about different lines.
    """
    names = [line.line for line in curves.lines]
    low, high = limits(curves, constraints)
    spend = best_spend(curves, constraints)
    proposed = to_cents(spend, low, high, constraints.total_cents, names)
    today = [line.current_cents for line in curves.lines]
    allowed = sum(today) == constraints.total_cents and bool(((curves.current >= low) & (curves.current <= high)).all())
    if allowed and curves.expected(np.array(proposed, float)).sum() <= curves.expected(curves.current).sum():
        proposed = today
    return plan_of(curves, constraints, dict(zip(names, proposed, strict=True)), rules)


def best_spend(curves: ResponseDraws, constraints: Constraints) -> Array:
    """The best split before it is rounded to cents, in the order of the curves. [cents/year]."""
    low, high = limits(curves, constraints)
    return solve(tabulate(curves, low, high), float(constraints.total_cents))
