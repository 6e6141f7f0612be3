"""The moves of a saved plan on the spend of another month: what fits its limits, and what does not."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from core.budget.solve import to_cents
from core.services.budget import Budget, Plan


@dataclass(frozen=True)
class Carried:
    """Saved moves laid on a budget.

    Attributes:
        plan: Spend by line; keeps the total and every bound. [cents/year]
        wanted_cents: Money the saved plan moved. [cents/year]
        moved_cents: Of that, what is moved now. [cents/year]
    """

    plan: Plan
    wanted_cents: int
    moved_cents: int


def carry(budget: Budget, moves: Mapping[str, int], locked: Collection[str] = ()) -> Carried:
    """Lay the moves of a saved plan on today's spend.

    A move is cut at the bounds of its line; then the side that moves more, takers or givers, is scaled down to the
    other, so that the total holds to the cent. A line the moves do not name, or that is gone, moves nothing.

    Args:
        budget: The budget of today.
        moves: Proposed less current spend when the plan was saved, by line. [cents/year]
        locked: Ids of the lines locked at today's spend.
    """
    bounds = budget.bounds(locked).bounds
    names = [bound.line for bound in bounds]
    anchors = np.array([budget.anchors[name] for name in names])
    least = (np.array([bound.low_cents for bound in bounds]) - anchors) / budget.step_cents
    most = (np.array([bound.high_cents for bound in bounds]) - anchors) / budget.step_cents
    # Counted from the anchors, because signed money beyond today's spend has moved some already.
    wanted = np.array([budget.current[name] + moves.get(name, 0) for name in names]) - anchors
    steps = np.clip(np.rint(wanted / budget.step_cents), np.ceil(least), np.floor(most))
    up, down = (_sides := (np.maximum(steps, 0), np.maximum(-steps, 0)))
    fits = int(min(side.sum() for side in _sides))
    net = _scaled(up, fits, names) - _scaled(down, fits, names)
    plan = {name: budget.anchors[name] + int(net[at]) * budget.step_cents for at, name in enumerate(names)}
    return Carried(plan, _gained(moves), _gained({name: plan[name] - budget.current[name] for name in names}))


def _scaled(steps: np.ndarray, total: int, names: list[str]) -> np.ndarray:
    """Whole steps in proportion to those wanted, `total` in all, none above its own."""
    whole = steps.sum()
    if whole <= total:
        return steps.astype(np.int64)
    return to_cents(steps * (total / whole), np.zeros(len(names)), steps, total, names)


def _gained(moves: Mapping[str, int]) -> int:
    """Money that lines get, which is what others give."""
    return sum(max(cents, 0) for cents in moves.values())
