"""How sure a figure is that is computed from column sums: bootstrap, or linearised above a size."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.model.small_samples import ResamplingRule, small_samples
from core.stats.intervals import LEVEL, Interval, normal_quantile

Floats = NDArray[np.float64]
OfSums = Callable[[Floats], Floats]
"""A KPI as a function of sums: (draws × k) in, (draws) out; NaN or infinite where it is undefined."""

CELLS_PER_CHUNK = 2**16
"""Unit draws held at once: fits the processor's cache and bounds memory whatever the number of draws."""


def bootstrap_of_sums(
    columns: ArrayLike,
    f: OfSums,
    rng: np.random.Generator,
    draws: int | None = None,
    *,
    level: float = LEVEL,
    rules: ResamplingRule | None = None,
) -> Interval | None:
    """Percentile bootstrap over units of a figure that depends on column sums only.

    Each draw takes n of the n units with replacement (multinomial weights), sums the columns and
    applies `f`; the ends are the (1 - level)/2 and (1 + level)/2 quantiles of the draws.

    Args:
        columns: One row per unit (account), one column per quantity; units × k. For a mean add a
            column of ones; for two groups give each its own columns, 0 elsewhere.
        f: The figure, from sums (draws × k) to values (draws).
        rng: Source of chance.
        draws: Number of draws; None takes `rules.draws`.
        level: Confidence.
        rules: Settings; None takes the product's own.

    Returns:
        The interval. None with fewer than 2 units, when `f` is undefined for the data themselves,
        or for more than `rules.undefined_share` of the draws.

    Raises:
        ValueError: `columns` is not a table of finite numbers.

    Source:
        Efron and Tibshirani, An Introduction to the Bootstrap, 1993, ch. 13
    """
    table, rules = _table(columns), rules or small_samples().resampling
    if len(table) < 2 or not np.isfinite(_values(f, table.sum(axis=0, keepdims=True))[0]):
        return None
    values = _values(f, _resampled_sums(table, rng, draws or rules.draws))
    kept = values[np.isfinite(values)]
    if len(kept) < (1 - rules.undefined_share) * len(values):
        return None
    low, high = np.quantile(kept, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high), "bootstrap")


def linearised_of_sums(
    columns: ArrayLike, f: OfSums, *, counts: ArrayLike | None = None, level: float = LEVEL
) -> Interval | None:
    """Delta-method interval of a figure that depends on column sums only.

    f(S) ± z √(n/(n-1) · Σᵢ (uᵢ - ū)²)   with uᵢ = Σⱼ ∂f/∂Sⱼ · xᵢⱼ, the gradient by central differences

    Args:
        columns: As in `bootstrap_of_sums`; units × k.
        f: As there; called once with 2k + 1 rows.
        counts: How many units alike each row stands for; None is one.
        level: Confidence.

    Returns:
        The interval, symmetric around the figure. None with fewer than 2 units, or when `f` or its
        gradient is undefined at the sums.

    Raises:
        ValueError: `columns` is not a table of finite numbers.

    Source:
        Woodruff, Journal of the American Statistical Association 66, 1971, 411-414
    """
    table = _table(columns)
    k, alike = table.shape[1], None if counts is None else np.asarray(counts, dtype=np.float64)
    n = len(table) if alike is None else int(alike.sum())
    if n < 2:
        return None
    whole = table if alike is None else table * alike[:, None]
    sums = whole.sum(axis=0)
    size = np.maximum(np.abs(sums), np.sqrt(np.einsum("ij,ij->j", whole, table)))
    step = np.where(size > 0, np.cbrt(np.finfo(np.float64).eps) * size, 1.0)
    moved = np.diag(step)
    values = _values(f, np.vstack([sums, sums + moved, sums - moved]))
    # A column without entries moves no unit, whatever the slope along it.
    gradient = np.where(size > 0, (values[1 : k + 1] - values[k + 1 :]) / (2 * step), 0.0)
    if not np.isfinite(values[0]) or not np.isfinite(gradient).all():
        return None
    influence = table @ gradient
    apart = np.square(influence - np.average(influence, weights=alike))
    half = normal_quantile(level) * float(np.sqrt(n / (n - 1) * (apart if alike is None else apart * alike).sum()))
    return Interval(float(values[0]) - half, float(values[0]) + half, "linearised")


def interval_of_sums(
    columns: ArrayLike,
    f: OfSums,
    rng: np.random.Generator,
    *,
    counts: ArrayLike | None = None,
    level: float = LEVEL,
    rules: ResamplingRule | None = None,
) -> Interval | None:
    """Interval of a figure of column sums: the bootstrap up to `rules.bootstrap_units` units, linearised above.

    Arguments, result and errors as of `bootstrap_of_sums`; with `counts`, as `linearised_of_sums` takes them, there
    are more units than are resampled.
    """
    if counts is not None:
        return linearised_of_sums(columns, f, counts=counts, level=level)
    table, rules = _table(columns), rules or small_samples().resampling
    if len(table) <= rules.bootstrap_units:
        return bootstrap_of_sums(table, f, rng, level=level, rules=rules)
    return linearised_of_sums(table, f, level=level)


def _table(columns: ArrayLike) -> Floats:
    table = np.asarray(columns, dtype=np.float64)
    if table.ndim != 2 or not np.isfinite(table).all():
        raise ValueError(f"columns must be units × k finite numbers; found shape {table.shape} with gaps or infinities")
    return table


def _values(f: OfSums, sums: Floats) -> Floats:
    with np.errstate(all="ignore"):
        values = np.asarray(f(sums), dtype=np.float64)
    if values.shape != (len(sums),):
        raise ValueError(f"f must return one value per row of sums, shape ({len(sums)},); found {values.shape}")
    return values


def _resampled_sums(table: Floats, rng: np.random.Generator, draws: int) -> Floats:
    n = len(table)
    chunk = max(1, CELLS_PER_CHUNK // n)
    sums = np.empty((draws, table.shape[1]))
    for start in range(0, draws, chunk):
        rows = min(chunk, draws - start)
        drawn = rng.integers(0, n, size=(rows, n)) + n * np.arange(rows)[:, None]
        weights = np.bincount(drawn.ravel(), minlength=rows * n).reshape(rows, n)
        sums[start : start + rows] = weights.astype(np.float64) @ table
    return sums
