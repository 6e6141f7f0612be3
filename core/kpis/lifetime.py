"""How many months of margin a customer brings: survival from the data, extrapolated beyond them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.model.kpi_rules import kpi_rules
from core.stats.shifted_beta_geometric import fit_beta_geometric

Floats = NDArray[np.float64]


def counts_of(columns: Mapping[str, ArrayLike]) -> Floats:
    """Customers as columns whose sums give the curve: lost in month 0, 1, ..., followed to 0, 1, ...

    Args:
        columns: tenure_months, lost_accounts and followed_accounts; rows of another kind have 0 in the last.

    Returns:
        Units x (2 x horizon): one 1 in each row of a customer.
    """
    place, followed = _places(columns), np.asarray(columns["followed_accounts"], dtype=np.float64)
    table = np.zeros((len(place), 2 * kpi_rules().lifetime.horizon_months))
    table[np.arange(len(place)), place] = followed
    return table


def sums_of(columns: Mapping[str, ArrayLike]) -> Floats:
    """Column sums of `counts_of`, without the table: of 50,000 accounts it takes 30 MB."""
    sums = np.bincount(
        _places(columns), np.asarray(columns["followed_accounts"]), minlength=2 * kpi_rules().lifetime.horizon_months
    )
    return sums.astype(np.float64, copy=False)


def _places(columns: Mapping[str, ArrayLike]) -> NDArray[np.int64]:
    """Column of each row in `counts_of`."""
    horizon = kpi_rules().lifetime.horizon_months
    months = np.asarray(columns["tenure_months"]).astype(np.int64, copy=False)
    here = (np.asarray(columns["lost_accounts"]) <= 0) | (months >= horizon)
    return np.asarray(np.minimum(months, horizon - 1) + horizon * here, dtype=np.int64)


def last_followed(counts: Floats) -> int | None:
    """Last month in which enough customers are followed for the curve to be theirs; None when never after month 0."""
    rules = kpi_rules().lifetime
    lost, left = np.split(counts, 2)
    at_risk = (lost + left)[::-1].cumsum()[::-1]
    least = min(rules.least_at_risk, at_risk[1])
    return int(np.flatnonzero(at_risk >= least)[-1]) if at_risk[1] > 0 else None


def expected_months(counts: Floats, cut: int, yearly_discount: float) -> Floats:
    """Months of margin a new customer brings within the horizon, of every row of counts.

    Σₖ S(k) · (1 + d)^(-k/12), k = 0 ... horizon - 1; S from Kaplan-Meier up to month `cut`, shifted
    beta-geometric beyond

    Args:
        counts: Sums of `counts_of`; rows x (2 x horizon).
        cut: Last month of the data's own curve.
        yearly_discount: d; the first month's margin is not discounted. [ratio/year]

    Returns:
        Months of full margin, one per row.
    """
    lost, left = np.split(counts, 2, axis=1)
    horizon = lost.shape[1]
    at_risk = (lost + left)[:, ::-1].cumsum(axis=1)[:, ::-1]
    hazard = np.divide(lost, at_risk, out=np.zeros_like(lost), where=at_risk > 0)
    survival = np.cumprod(1 - hazard, axis=1)
    if cut < horizon - 1:
        survival[:, cut + 1 :] = survival[:, [cut]] * _beyond(lost, left, cut)
    return np.asarray(survival @ (1 + yearly_discount) ** (-np.arange(horizon) / 12))


def _beyond(lost: Floats, left: Floats, cut: int) -> Floats:
    """Share of those there at month `cut` still there in each later month; all of them where nobody ever left."""
    gone, here = lost[:, 1 : cut + 1], left[:, 1 : cut + 1].copy()
    here[:, -1] += lost[:, cut + 1 :].sum(axis=1) + left[:, cut + 1 :].sum(axis=1)
    curve = fit_beta_geometric(gone, here).survival(np.arange(cut, lost.shape[1]))
    return np.where(gone.sum(axis=1, keepdims=True) > 0, curve[:, 1:] / curve[:, :1], 1.0)


def months_of_margin(columns: Mapping[str, ArrayLike], yearly_discount: float | None = None) -> float | None:
    """Months of margin of one new customer, discounted at the product's own rate unless one is given.

    Returns:
        Months. None when nobody is followed for a month.
    """
    counts = sums_of(columns)
    cut = last_followed(counts)
    rate = kpi_rules().lifetime.yearly_discount if yearly_discount is None else yearly_discount
    return None if cut is None else float(expected_months(counts[None, :], cut, rate)[0])


def simple_months(columns: Mapping[str, np.ndarray]) -> float | None:
    """Months of a lifetime by the simple formula, 1 / monthly churn; None when nobody was lost.

    Source:
        Skok, SaaS Metrics 2.0; ChartMogul, Customer Lifetime Value: undefined at a churn of 0.
    """
    lost = float(columns["lost_accounts"].sum())
    return float(columns["tenure_months"].sum()) / lost if lost else None
