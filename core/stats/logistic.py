"""Logistic regression with a little ridge and standard errors that forgive repeated units."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.stats.intervals import LEVEL, Interval, normal_quantile

Floats = NDArray[np.float64]

STEPS = 60
CLOSE = 1e-8
FIRST_RIDGE, RIDGES = 10.0, (1e-3, 1e6)
"""Penalty the search starts from, and those it stays between."""
SHRINKING_STEPS, SAME_RIDGE = 30, 0.02
"""Most steps of that search; it ends when the penalty changes by less than a fiftieth."""
FAR = 30.0
"""Log-odds beyond this are written as this: the probability is 0 or 1 to thirteen digits."""


@dataclass(frozen=True, slots=True)
class Logistic:
    """A fitted regression.

    Attributes:
        coefficients: Log-odds per unit of each column.
        covariance: Of the coefficients, robust against units that repeat.
    """

    coefficients: Floats
    covariance: Floats

    def chance(self, columns: ArrayLike) -> Floats:
        """Probability of each row."""
        return sigmoid(np.asarray(columns, dtype=np.float64) @ self.coefficients)

    def interval(self, column: int, level: float = LEVEL) -> Interval:
        """Interval of one coefficient, in log-odds."""
        value = float(self.coefficients[column])
        half = normal_quantile(level) * sqrt(max(float(self.covariance[column, column]), 0.0))
        return Interval(value - half, value + half, "logistic regression, robust over units")


def sigmoid(odds: ArrayLike) -> Floats:
    """Probability of log-odds."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(np.asarray(odds, dtype=np.float64), -FAR, FAR))))


def log_odds(chance: ArrayLike, least: float = 1e-6) -> Floats:
    """Log-odds of a probability; 0 and 1 are read as `least` away from there."""
    kept = np.clip(np.asarray(chance, dtype=np.float64), least, 1 - least)
    return np.asarray(np.log(kept / (1 - kept)))


def fit_logistic(
    columns: ArrayLike,
    happened: ArrayLike,
    *,
    ridge: ArrayLike = 0.0,
    units: ArrayLike | None = None,
    offset: ArrayLike = 0.0,
) -> Logistic | None:
    """Maximum likelihood by Newton's method, with a normal prior on the coefficients.

    minimises Σ log(1 + exp(o + xβ)) - y·xβ + Σ ridge·β²/2
    covariance = H⁻¹ (Σ_units s sᵀ) H⁻¹   with s the score summed over the rows of a unit, H the Hessian

    Args:
        columns: Rows × k; a column of ones for the constant.
        happened: 0 or 1 per row.
        ridge: Penalty per column, or one for all.
        units: Unit of each row, for the covariance; None takes every row as its own.
        offset: Log-odds o every row starts from.

    Returns:
        None when there is nothing to learn from (no rows, all 0 or all 1) or Newton's method does not settle, as where
        a column separates the outcomes and nothing holds it back.

    Source:
        Huber, Proceedings of the Fifth Berkeley Symposium, 1967, for the covariance
    """
    x, y = np.asarray(columns, dtype=np.float64), np.asarray(happened, dtype=np.float64)
    if not len(y) or y.min() == y.max():
        return None
    penalty = np.broadcast_to(np.asarray(ridge, dtype=np.float64), (x.shape[1],))
    base = np.asarray(offset, dtype=np.float64)
    beta = np.zeros(x.shape[1])
    for _ in range(STEPS):
        chance = sigmoid(base + x @ beta)
        hessian = (x * (chance * (1 - chance))[:, None]).T @ x + np.diag(penalty + CLOSE)
        step = np.linalg.solve(hessian, x.T @ (y - chance) - (penalty + CLOSE) * beta)
        beta = beta + step / max(1.0, float(np.abs(step).max()) / 2)
        if float(np.abs(step).max()) < CLOSE:
            return Logistic(beta, _covariance(x, y - chance, hessian, units))
    return None


def fit_shrunk(columns: ArrayLike, happened: ArrayLike) -> Logistic | None:
    """As `fit_logistic`, with one penalty on every column but the first: the one under which the rows are likeliest.

    Coefficients are taken as drawn from a normal of one unknown spread. Each step sets
    ridge = γ / Σ β²,   γ = number of columns told - ridge · trace H⁻¹
    with γ the number of coefficients the rows determine. Chances from it are about as far apart as what happens:
    neither a guess of the penalty that draws them together nor none, which lets them fly apart.

    Args:
        columns: Rows × k; the first a column of ones, the others on one scale. A column that never changes counts for
            nothing.
        happened: 0 or 1 per row.

    Returns:
        None as `fit_logistic`.

    Source:
        MacKay, Neural Computation 4, 1992, "The evidence framework applied to classification networks"
    """
    x = np.asarray(columns, dtype=np.float64)
    told = np.flatnonzero((x != x[:1]).any(axis=0))
    ridge, found = FIRST_RIDGE, None
    for _ in range(SHRINKING_STEPS):
        penalty = np.append(0.0, np.full(x.shape[1] - 1, ridge))
        found = fit_logistic(x, happened, ridge=penalty)
        if found is None or not len(told):
            return found
        chance = found.chance(x)
        hessian = (x * (chance * (1 - chance))[:, None]).T @ x + np.diag(penalty + CLOSE)
        determined = len(told) - ridge * float(np.diag(np.linalg.inv(hessian))[told].sum())
        size = float((found.coefficients[told] ** 2).sum())
        better = float(np.clip(determined / max(size, CLOSE), *RIDGES))
        if abs(np.log(better / ridge)) < SAME_RIDGE:
            break
        ridge = better
    return found


def _covariance(x: Floats, rest: Floats, hessian: Floats, units: ArrayLike | None) -> Floats:
    scores = x * rest[:, None]
    if units is not None:
        of = np.unique(np.asarray(units), return_inverse=True)[1]
        summed = np.zeros((int(of.max(initial=-1)) + 1, x.shape[1]))
        np.add.at(summed, of, scores)
        scores = summed
    bread = np.linalg.inv(hessian)
    n = len(scores)
    return np.asarray(bread @ (scores.T @ scores) @ bread * (n / max(n - 1, 1)))
