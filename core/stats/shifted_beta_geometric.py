"""How retention goes on after the data end: the shifted beta-geometric model of periods until a customer leaves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import digamma, expit, gammaln, polygamma

Floats = NDArray[np.float64]

MEAN_LOGITS = np.linspace(-8.0, 3.0, 45)
"""Logits of the mean chance of leaving in a period, from 0.03 % to 95 %: where the search for the best fit starts."""
LOG_SIZES = np.linspace(-3.0, 9.0, 37)
"""Logarithms of alpha + beta: from everybody different to everybody alike."""
STEPS = 6
LONGEST_STEP = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class BetaGeometric:
    """Customers differ in their chance of leaving in a period, as a beta variable with these parameters does.

    Attributes:
        alpha: First parameter, one per row of the data.
        beta: Second parameter.
    """

    alpha: Floats
    beta: Floats

    def survival(self, periods: ArrayLike) -> Floats:
        """Share still there after some periods, shape (rows, periods).

        S(t) = B(alpha, beta + t) / B(alpha, beta)
        """
        time = np.asarray(periods, dtype=np.float64)[None, :]
        alpha, beta = self.alpha[:, None], self.beta[:, None]
        logs = gammaln(beta + time) - gammaln(beta) + gammaln(alpha + beta) - gammaln(alpha + beta + time)
        return np.asarray(np.exp(logs))


def log_likelihood(lost: Floats, left: Floats, logs: tuple[Floats, Floats]) -> Floats:
    """Log-likelihood of counts, all rows of data against all parameters whose `log_chances` are given.

    Σₜ lostₜ · ln(S(t - 1) - S(t)) + leftₜ · ln S(t)
    """
    return np.asarray(lost @ logs[0].T + left @ logs[1].T)


def fit_beta_geometric(lost: ArrayLike, left: ArrayLike) -> BetaGeometric:
    """Parameters of greatest likelihood, for every row of counts at once.

    A search over a grid, then Newton steps on the logarithms of both parameters. Without a difference between
    customers in the data alpha + beta ends at the edge of the grid, which is a constant chance of leaving.

    Args:
        lost: Customers who left in period 1, 2, ...; rows x periods.
        left: Customers seen through that period and not further, still there then; the same shape.

    Returns:
        One pair of parameters a row.

    Raises:
        ValueError: The shapes differ.

    Source:
        Fader and Hardie, How to Project Customer Retention, Journal of Interactive Marketing 21, 2007
    """
    gone, here = np.atleast_2d(np.asarray(lost, dtype=np.float64)), np.atleast_2d(np.asarray(left, dtype=np.float64))
    if gone.shape != here.shape:
        raise ValueError(f"lost and left must have one shape; found {gone.shape} and {here.shape}")
    alpha, beta, logs = _grid(gone.shape[1])
    best = log_likelihood(gone, here, logs).argmax(axis=1)
    point = np.log(np.stack([alpha[best], beta[best]]))
    for _ in range(STEPS):
        point = point + _step(gone, here, point)
    return BetaGeometric(np.exp(point[0]), np.exp(point[1]))


@lru_cache(maxsize=4)
def _grid(periods: int) -> tuple[Floats, Floats, tuple[Floats, Floats]]:
    """Parameters where the search starts, with the logarithms of their chances: the same for all data of a length."""
    mean, size = (grid.ravel() for grid in np.meshgrid(expit(MEAN_LOGITS), np.exp(LOG_SIZES)))
    alpha, beta = mean * size, (1 - mean) * size
    return alpha, beta, log_chances(periods, alpha, beta)


def log_chances(periods: int, alpha: Floats, beta: Floats) -> tuple[Floats, Floats]:
    """Logarithms of the chance to leave in each period and to be there after it; parameters x periods."""
    time = np.arange(1, periods + 1)[None, :]
    first, second = alpha[:, None], beta[:, None]
    both, until = gammaln(first + second) - gammaln(second), gammaln(first + second + time)
    stays = gammaln(second + time) - until + both
    leaves = np.log(first) + gammaln(second + time - 1) - until + both
    return np.asarray(leaves), np.asarray(stays)


def _step(lost: Floats, left: Floats, point: Floats) -> Floats:
    """A Newton step in (ln alpha, ln beta) of every row; none where the likelihood is not curved like a maximum."""
    alpha, beta = np.exp(point)[:, :, None]
    time = np.arange(1, lost.shape[1] + 1)[None, :]
    slopes: list[Floats] = []
    bends: list[Floats] = []
    for order in (0, 1):

        def psi(value: Floats, order: int = order) -> Floats:
            return np.asarray(digamma(value) if order == 0 else polygamma(1, value))

        shared = ((lost + left) * (psi(alpha + beta) - psi(alpha + beta + time))).sum(axis=1)
        own = (lost * (psi(beta + time - 1) - psi(beta)) + left * (psi(beta + time) - psi(beta))).sum(axis=1)
        gone = lost.sum(axis=1) * (1 / alpha[:, 0] if order == 0 else -1 / alpha[:, 0] ** 2)
        (slopes if order == 0 else bends).extend([shared + gone, shared + own, shared])
    by_alpha, by_beta = slopes[0] * alpha[:, 0], slopes[1] * beta[:, 0]
    aa = bends[0] * alpha[:, 0] ** 2 + by_alpha
    bb = bends[1] * beta[:, 0] ** 2 + by_beta
    ab = bends[2] * alpha[:, 0] * beta[:, 0]
    determinant = aa * bb - ab * ab
    curved = (aa < 0) & (determinant > 0)
    safe = np.where(curved, determinant, 1.0)
    step = np.stack([(ab * by_beta - bb * by_alpha) / safe, (ab * by_alpha - aa * by_beta) / safe])
    return np.where(curved, np.clip(step, -LONGEST_STEP, LONGEST_STEP), 0.0)
