"""How sure a ratio of sums over units of different size is: closed forms, good at thirty units and at thousands."""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.model.small_samples import PoolingRule, small_samples
from core.stats.intervals import LEVEL, Interval, normal_quantile
from core.stats.weighted import effective_units, weighted_wilson

Floats = NDArray[np.float64]


def interval_of_share(
    counted: ArrayLike, base: ArrayLike, *, level: float = LEVEL, rules: PoolingRule | None = None
) -> Interval | None:
    """Interval of a part of a whole, Σ counted / Σ base with 0 <= counted <= base in every unit (GRR, revenue churn).

    Wilson's interval at R (1 - R) / V units, with R the share and V its variance as in `pooled_variance`, to which one
    unit of the widest scatter, R (1 - R), is added. Where nothing scatters, all of it kept or lost, the sizes alone say
    how many equal units there are: (Σ base)² / Σ base². So it never leaves 0 and 1, and the interval of the complement
    is the complement of the interval.

    Args:
        counted: The part, per unit; any unit of money or number.
        base: The whole, per unit; units without one carry nothing and are left out.
        level: Confidence.
        rules: How far equal scatter is borrowed; None takes the product's own.

    Returns:
        Ends within 0 and 1. None with fewer than 2 units.

    Raises:
        ValueError: A part is negative or exceeds its whole, or a number is missing.

    Source:
        Wilson, Journal of the American Statistical Association 22, 1927, at an effective number of units as in Korn
        and Graubard, Survey Methodology 24, 1998; coverage in `tests/stats/test_ratios.py`
    """
    part, whole = _units(counted, base)
    if (part < 0).any() or (part > whole * (1 + 1e-9)).any():
        raise ValueError("a part must lie between 0 and its whole in every unit")
    held = whole > 0
    part, whole = part[held], whole[held]
    if len(whole) < 2:
        return None
    share = float(part.sum() / whole.sum())
    variance = pooled_variance(part, whole, rules, widest=share * (1 - share))
    scatter = share * (1 - share)
    units = scatter / variance if scatter > 0 and variance > 0 else effective_units(whole)
    found = weighted_wilson(min(max(share, 0.0), 1.0), max(units, 1.0), level)
    return None if found is None else Interval(found.low, found.high, "Wilson, effective units")


def interval_of_ratio(
    counted: ArrayLike, base: ArrayLike, *, level: float = LEVEL, rules: PoolingRule | None = None
) -> Interval | None:
    """Interval of a ratio of sums without a natural end above, Σ counted / Σ base (NRR, acts per advocate).

    R ± z √V   with V as in `pooled_variance`; not below 0 where nothing counted is

    Args:
        counted: Numerator per unit.
        base: Denominator per unit, not negative.
        level: Confidence.
        rules: How far equal scatter is borrowed; None takes the product's own.

    Returns:
        The interval. None with fewer than 2 units that have a base, and where every unit has the same ratio: nothing
        then says how sure it is.

    Raises:
        ValueError: A base is negative, or a number is missing.

    Source:
        Royall and Cumberland, Journal of the American Statistical Association 76, 1981; coverage in
        `tests/stats/test_ratios.py`
    """
    above, below = _units(counted, base)
    if int((below > 0).sum()) < 2:
        return None
    ratio, variance = float(above.sum() / below.sum()), pooled_variance(above, below, rules)
    half = normal_quantile(level) * sqrt(variance)
    if half <= np.finfo(np.float64).eps * max(abs(ratio), 1.0):
        return None
    low = ratio - half
    return Interval(max(low, 0.0) if (above >= 0).all() else low, ratio + half, "linearised, scatter pooled")


def pooled_variance(counted: Floats, base: Floats, rules: PoolingRule | None = None, *, widest: float = 0.0) -> float:
    """Variance of R = Σ counted / Σ base that holds when a few units carry most of the base.

    V = w · Σ (eᵢ / (1 - hᵢ))² + (1 - w) · s² Σ hᵢ²,   w = ν / (ν + ν₀)

    hᵢ = baseᵢ / Σ base;  eᵢ = (countedᵢ - R baseᵢ) / Σ base;  s² the mean square of countedᵢ / baseᵢ - R, each unit
    once;  ν = (Σ hᵢ²)² / Σ hᵢ⁴

    The first term lets large units scatter otherwise than small ones, but rests on about ν of them and comes out too
    small as often as these few happen to stay. The second takes all units to scatter alike and rests on every one of
    them. The more units the first rests on, the more it counts.

    Args:
        counted: Numerator per unit.
        base: Denominator per unit, not negative.
        rules: ν₀; None takes the product's own.
        widest: Scatter of one unit more that is put beside the others, (counted / base - R)².

    Returns:
        The variance, in squares of the unit of the ratio. 0 when every unit has the same ratio and `widest` is 0.

    Source:
        First term: jackknife form of Royall and Cumberland, J. Am. Statist. Assoc. 76, 1981; ν after Satterthwaite,
        Biometrics 2, 1946; the mixture is our own, measured in `tests/stats/test_ratios.py`
    """
    total = float(base.sum())
    weight = base / total
    ratio = float(counted.sum()) / total
    square = np.square(weight)
    # a unit that is all of the base has nobody to be compared with
    own = (counted / total - ratio * weight) / np.maximum(1 - weight, np.finfo(np.float64).eps)
    held = base > 0
    scatter = np.square(counted[held] / base[held] - ratio)
    alike = (float(scatter.sum()) + widest) / (len(scatter) - (0 if widest else 1))
    units = float(square.sum()) ** 2 / float(np.square(square).sum())
    trust = units / (units + (rules or small_samples().pooling).units)
    return trust * float(np.square(own).sum()) + (1 - trust) * alike * float(square.sum())


def _units(counted: ArrayLike, base: ArrayLike) -> tuple[Floats, Floats]:
    above, below = np.asarray(counted, dtype=np.float64), np.asarray(base, dtype=np.float64)
    if above.shape != below.shape or above.ndim != 1 or not (np.isfinite(above).all() and np.isfinite(below).all()):
        raise ValueError("counted and base must be columns of one length without gaps")
    if (below < 0).any():
        raise ValueError("a base must not be negative")
    return above, below
