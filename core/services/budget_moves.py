"""The moves of a saved plan on the spend of another month: what fits its limits, and what does not."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.budget.solve import to_cents
from core.services.budget import Budget, Plan

Counts = NDArray[np.int64]


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
    bounds, step = budget.bounds(locked).bounds, budget.step_cents
    names = [bound.line for bound in bounds]
    anchors = np.array([budget.anchors[name] for name in names])
    least = (np.array([bound.low_cents for bound in bounds]) - anchors) // step
    most = (np.array([bound.high_cents for bound in bounds]) - anchors) // step
    # Counted from the anchors, because signed money beyond today's spend has moved some already.
    wanted = np.array([budget.current[name] + moves.get(name, 0) for name in names]) - anchors
    steps = np.clip(np.rint(wanted / step).astype(np.int64), least, most)
    up, down = np.maximum(steps, 0), np.maximum(-steps, 0)
    fits = int(min(up.sum(), down.sum()))
    sides = zip(_scaled(up, fits, names), _scaled(down, fits, names), names, strict=True)
    plan = {name: budget.anchors[name] + (more - less) * step for more, less, name in sides}
    return Carried(plan, _gained(moves), _gained({name: plan[name] - budget.current[name] for name in names}))


def _scaled(steps: Counts, total: int, names: list[str]) -> list[int]:
    """Whole steps in proportion to those wanted, `total` in all, none above its own."""
    most = steps.astype(np.float64)
    wanted = np.asarray(most * (total / max(int(steps.sum()), 1)), dtype=np.float64)
    return to_cents(wanted, np.zeros(len(names)), most, total, names)


def _gained(moves: Mapping[str, int]) -> int:
    """Money that lines get, which is what others give."""
    return sum(max(cents, 0) for cents in moves.values())
