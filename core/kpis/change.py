"""A change of a figure between two months in parts that sum to it, each with the rows behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from core.model.small_samples import small_samples
from core.stats.intervals import Interval

Kind = Literal["rate", "mix", "movement"]


@dataclass(frozen=True)
class Part:
    """One part of a change.

    Attributes:
        name: Segment, class of channel or movement; "Mix" for the weights.
        kind: What it is: what a group did otherwise, the shift of weights, or one kind of movement.
        value: What it adds to the change, in the unit of the figure; money in cents.
        low: Lower end of its 95 % interval; None where there is none.
        high: Upper end.
        n_before: Units it rested on before; 0 for the mix.
        n_now: Units it rests on now.
        members: Groups pooled in it.
        rows: `name`, amounts before and now in cents, and `effect`; the effects sum to `value`.
        is_small: Whether it rests on too few units to be judged.
    """

    name: str
    kind: Kind
    value: float
    low: float | None
    high: float | None
    n_before: int
    n_now: int
    members: tuple[str, ...]
    rows: pd.DataFrame
    is_small: bool = False

    @property
    def clear(self) -> bool:
        """Whether its interval leaves zero out and it rests on enough units."""
        return not self.is_small and excludes_zero(self.low, self.high)


@dataclass(frozen=True)
class Change:
    """The change of one figure between two months, in parts that sum to it.

    Attributes:
        before: The figure then; None with `reason`.
        now: The figure now.
        low: Lower end of the 95 % interval of the change.
        high: Upper end.
        parts: Rates or movements in the order of their names, the mix last.
        reason: Why there is no split, in words.
    """

    before: float | None
    now: float | None
    low: float | None
    high: float | None
    parts: tuple[Part, ...]
    reason: str | None = None

    @property
    def value(self) -> float | None:
        """The change, in the unit of the figure."""
        return None if self.before is None or self.now is None else self.now - self.before

    @property
    def clear(self) -> bool:
        """Whether the interval of the change leaves zero out."""
        return excludes_zero(self.low, self.high)


def excludes_zero(low: float | None, high: float | None) -> bool:
    """Whether an interval lies on one side of zero; no interval lies on none."""
    return low is not None and high is not None and (low > 0 or high < 0)


def part(
    name: str,
    kind: Kind,
    value: float,
    found: Interval | None,
    n: tuple[int, int],
    rows: pd.DataFrame,
    *,
    members: tuple[str, ...] = (),
    least: float | None = None,
) -> Part:
    """A part with the rows that add something to it, the largest first.

    Args:
        name: What it is called.
        kind: What it is.
        value: What it adds.
        found: Its interval.
        n: Units before and now.
        rows: `name`, amounts and `effect`; those without an effect are left out.
        members: Groups pooled in it.
        least: Units a rate needs in both months to be judged; the accounts a ratio needs by default.
    """
    own = rows[rows["effect"] != 0]
    own = own.iloc[np.argsort(-own["effect"].abs().to_numpy(), kind="stable")].reset_index(drop=True)
    low, high = ends(found)
    limit = small_samples().account_ratio.least_accounts if least is None else least
    return Part(name, kind, value, low, high, n[0], n[1], members, own, kind == "rate" and min(n) < limit)


def ends(found: Interval | None) -> tuple[float | None, float | None]:
    """Both ends of an interval; None where there is none."""
    return (None, None) if found is None else (found.low, found.high)
