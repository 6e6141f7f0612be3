"""Why a ratio of sums changed: how much each group did otherwise (rate), how much their weights shifted (mix)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.stats.intervals import LEVEL, Interval, normal_quantile

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class MixAndRate:
    """The parts of the change of a ratio of sums; together they are the change.

    Attributes:
        rate: By group, what it did otherwise at its mean weight.
        mix: By group, what its change of weight did, measured from the mean ratio of all.
        middle: The mean of the ratio before and now.
    """

    rate: Floats
    mix: Floats
    middle: Floats


def mix_and_rate(top_before: ArrayLike, base_before: ArrayLike, top_now: ArrayLike, base_now: ArrayLike) -> MixAndRate:
    """Split the change of R = Σ top / Σ base into a rate and a mix part of every group, without a rest.

    rate_g = (w0 + w1) / 2 x (r1 - r0)
    mix_g  = ((r0 + r1) / 2 - (R0 + R1) / 2) x (w1 - w0)      with r = top / base, w = base / Σ base
    Σ rate + Σ mix = R1 - R0

    A group without a base in one of the periods has no ratio there: its whole change is mix, at the ratio of the other
    period. One with a top but no base (money spent, nobody won) has none in either: its whole change is rate.

    Args:
        top_before: Numerator of every group, last axis groups; leading axes are independent cases.
        base_before: Denominator of every group, not negative.
        top_now: The same in the later period.
        base_now: The same in the later period.

    Returns:
        The parts, in the unit of the ratio; NaN where one of the periods has no base at all.

    Source:
        Kitagawa, Components of a difference between two rates, Journal of the American Statistical Association 50,
        1955; mid-point weights as in the price index of Marshall and Edgeworth.
    """
    tops = [np.asarray(top, dtype=np.float64) for top in (top_before, top_now)]
    bases = [np.asarray(base, dtype=np.float64) for base in (base_before, base_now)]
    with np.errstate(divide="ignore", invalid="ignore"):
        totals = [np.where(sums > 0, sums, np.nan) for sums in (base.sum(axis=-1, keepdims=True) for base in bases)]
        shares = [base / total for base, total in zip(bases, totals, strict=True)]
        ratios = [np.where(base > 0, top / base, np.nan) for top, base in zip(tops, bases, strict=True)]
    middle = sum(top.sum(axis=-1, keepdims=True) / total for top, total in zip(tops, totals, strict=True)) / 2
    moved = shares[1] - shares[0]
    before, now = (np.nan_to_num(np.where(np.isnan(own), other, own)) for own, other in (ratios, ratios[::-1]))
    costly = np.any([(top != 0) & (base == 0) for top, base in zip(tops, bases, strict=True)], axis=0)
    given = [top / total for top, total in zip(tops, totals, strict=True)]
    rate = np.where(costly, given[1] - given[0] - middle * moved, (shares[0] + shares[1]) / 2 * (now - before))
    mix = np.where(costly, 0.0, ((before + now) / 2 - middle) * moved)
    return MixAndRate(rate, mix, middle[..., 0])


def counted_interval(
    patterns: ArrayLike, counts: ArrayLike, f: Callable[[Floats], Floats], *, level: float = LEVEL
) -> Interval | None:
    """Interval of a figure of counts that could have come out otherwise, each kind of unit a Poisson number.

    f(S) ± z √(Σ_k n_k (∇f · x_k)²)   with S = Σ n_k x_k, the gradient by central differences of one unit

    Args:
        patterns: What one unit of each kind adds to the sums; kinds x sums.
        counts: How many units of each kind there were.
        f: The figure, from sums (cases x sums) to values (cases).
        level: Confidence.

    Returns:
        The interval, symmetric around the figure; None where the figure or its gradient is undefined.

    Source:
        Delta method with the variance of a Poisson number; Woodruff 1971 for the linearisation.
    """
    table, numbers = np.asarray(patterns, dtype=np.float64), np.asarray(counts, dtype=np.float64)
    sums = numbers @ table
    step = 0.5 * np.eye(len(sums))
    values = f(np.vstack([sums, sums + step, np.maximum(sums - step, 0.0)]))
    k = len(sums)
    gradient = (values[1 : k + 1] - values[k + 1 :]) / (0.5 + np.minimum(sums, 0.5))
    if not np.isfinite(values[0]) or not np.isfinite(gradient).all():
        return None
    half = normal_quantile(level) * float(np.sqrt(numbers @ np.square(table @ gradient)))
    return Interval(float(values[0]) - half, float(values[0]) + half, "linearised, Poisson")


def pooled(names: list[str], least: float, *counts: ArrayLike) -> dict[str, tuple[str, ...]]:
    """Groups large enough to stand alone; the others together, as the last one.

    Args:
        names: Name of every group.
        least: Units a group needs in every period.
        counts: Units of every group, one sequence a period.

    Returns:
        Members by the name shown; "Others" where several are pooled.
    """
    least_seen = np.min([np.asarray(each, dtype=np.float64) for each in counts], axis=0) if names else np.zeros(0)
    alone = {name: (name,) for name, seen in zip(names, least_seen, strict=True) if seen >= least}
    small = tuple(name for name in names if name not in alone)
    return alone | ({small[0] if len(small) == 1 else "Others": small} if small else {})
