"""Recurring revenue: how much there is, how much of last year's is still here."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from core.kpis.columns import Columns, Late
from core.kpis.inputs import KpiInput, frame
from core.kpis.judging import census, proportion, ratio_over_accounts
from core.kpis.paying import unit_labels
from core.kpis.registry import kpi
from core.kpis.retention_parts import losses, without_largest
from core.stats.months import month_end, shift_month

MOVEMENTS = (
    "starting_mrr",
    "new_mrr",
    "reactivated_mrr",
    "expansion_mrr",
    "contraction_mrr",
    "churned_mrr",
    "ending_mrr",
)


@frame
def account_year(data: KpiInput, month: dt.date) -> Columns:
    """One row per parent account with revenue now or twelve months before: its one net movement, in cents.

    starting + new + reactivated + expansion - contraction - churned = ending, on every row.
    """
    return moved(data, shift_month(month, -12), month)


@frame
def account_month(data: KpiInput, month: dt.date) -> Columns:
    """One row per parent account with revenue now or a month before: its one net movement, in cents."""
    return moved(data, shift_month(month, -1), month, segment_at_end=True)


def movements(data: KpiInput, base: dt.date, month: dt.date, *, segment_at_end: bool = False) -> pd.DataFrame:
    """The rows of `moved` as a frame."""
    return moved(data, base, month, segment_at_end=segment_at_end).frame


def moved(data: KpiInput, base: dt.date, month: dt.date, *, segment_at_end: bool = False) -> Columns:
    """Movement of every account from one month end to a later one, end to end.

    Args:
        data: Frames of the company.
        base: First day of the earlier month.
        month: First day of the later month.
        segment_at_end: Take every account's segment at the later month end (balances); the start of the period
            otherwise (cohorts), and for accounts won since then the current one.

    Returns:
        account_id, account_name, segment, the seven columns of MOVEMENTS in cents (losses positive), base_accounts
        and lost_accounts (0 or 1).

    Source:
        ChartMogul's movement rules: one net movement per account; reactivation is neither new nor expansion.
    """
    revenue = data.revenue
    held = np.flatnonzero((revenue.mrr_at(base) > 0) | (revenue.mrr_at(month) > 0))
    start, end = revenue.mrr_at(base)[held], revenue.mrr_at(month)[held]
    here, there, before = start > 0, end > 0, revenue.had_revenue_before(base)

    def segment() -> pd.Categorical:
        then, now = revenue.segment_at(month_end(base)), revenue.segment_at(month_end(month))
        in_base = here & (not segment_at_end)
        return pd.Categorical.from_codes(np.where(in_base, then.codes[held], now.codes[held]), dtype=now.dtype)

    numbers = {
        "starting_mrr": start,
        "new_mrr": Late(lambda: np.where(~here & there & ~before[held], end, 0)),
        "reactivated_mrr": Late(lambda: np.where(~here & there & before[held], end, 0)),
        "expansion_mrr": Late(lambda: np.where(here & there, np.maximum(end - start, 0), 0)),
        "contraction_mrr": Late(lambda: np.where(here & there, np.maximum(start - end, 0), 0)),
        "churned_mrr": Late(lambda: np.where(here & ~there, start, 0)),
        "ending_mrr": end,
        "base_accounts": Late(lambda: here.astype("int64")),
        "lost_accounts": Late(lambda: (here & ~there).astype("int64")),
    }
    labels = unit_labels(data, held, month_end(month)) | {"segment": Late(segment)}
    return Columns({**labels, **numbers}, len(held))


@kpi(
    label="MRR",
    unit="money",
    better="higher",
    frame="account_month",
    needs=("subscriptions",),
    interval=census("accounts", "ending_mrr"),
    version=1,
)
def mrr(*, ending_mrr: float) -> float | None:
    """Monthly recurring revenue on the last day of the month.

    MRR = sum over accounts of the MRR of subscriptions active on the last day

    Args:
        ending_mrr: MRR on the last day. [cents/month]

    Returns:
        Cents a month.

    Source:
        ChartMogul, movement rules: month-end balance, discounts netted.
    """
    return ending_mrr


@kpi(
    label="ARR",
    unit="money",
    better="higher",
    frame="account_month",
    needs=("subscriptions",),
    interval=census("accounts", "ending_mrr"),
    version=1,
)
def arr(*, ending_mrr: float) -> float | None:
    """Annual recurring revenue on the last day of the month.

    ARR = 12 x MRR of the last day

    Args:
        ending_mrr: MRR on the last day. [cents/month]

    Returns:
        Cents a year.

    Source:
        kpi rules: MRR is stored, ARR = 12 x month-end MRR is shown.
    """
    return 12 * ending_mrr


def parallel_subscriptions(data: KpiInput, month: dt.date) -> str | None:
    """Whether the accounts of the base pile up open subscriptions instead of replacing them.

    Source:
        A file that opens a new subscription at every change without ending the old one multiplies revenue.
    """
    base = shift_month(month, -12)
    open_then = _open_subscriptions(data, base)
    open_now = _open_subscriptions(data, month).reindex(open_then.index).fillna(0)
    if open_then.empty or open_now.mean() < 2 * open_then.mean():
        return None
    return (
        f"the same accounts hold {open_now.mean():.1f} open subscriptions each, {open_then.mean():.1f} a year ago; "
        "do new ones replace old ones that were never ended?"
    )


def _open_subscriptions(data: KpiInput, month: dt.date) -> pd.Series:
    table, place, ids = data.revenue.open_subscriptions, data.revenue.place(month), data.revenue.wide.index
    open_then = table[:, place] if 0 <= place < table.shape[1] else np.zeros(len(ids), dtype=np.int64)
    return pd.Series(open_then[open_then > 0], ids[open_then > 0])


@kpi(
    label="Net revenue retention",
    unit="ratio",
    better="higher",
    frame="account_year",
    needs=("subscriptions",),
    interval=ratio_over_accounts("base_accounts", per="starting_mrr"),
    version=1,
    diagnose=parallel_subscriptions,
    parts=without_largest,
)
def net_revenue_retention(
    *, starting_mrr: float, expansion_mrr: float, contraction_mrr: float, churned_mrr: float
) -> float | None:
    """Share of starting revenue kept after upgrades, downgrades and churn.

    NRR = (starting + expansion - contraction - churned) / starting

    Who paid nothing at the start is in no term; who left and is back counts with what is paid now.

    Args:
        starting_mrr: MRR twelve months before. [cents/month]
        expansion_mrr: Gained from those same customers. [cents/month]
        contraction_mrr: Lost to downgrades, as a positive number. [cents/month]
        churned_mrr: Lost to cancellations, as a positive number. [cents/month]

    Returns:
        A ratio; 1.0 means nothing gained or lost, and it can exceed 1. None when `starting_mrr` is 0.

    Example:
        >>> nrr = net_revenue_retention(
        ...     starting_mrr=50_000, expansion_mrr=5_000, contraction_mrr=0, churned_mrr=2_000)
        >>> round(nrr, 3)
        1.06

    Source:
        SaaS Metrics Standards Board: cohort NRR; worked case productanalyst.ai, net revenue retention in Stripe.
    """
    if starting_mrr == 0:
        return None
    return (starting_mrr + expansion_mrr - contraction_mrr - churned_mrr) / starting_mrr


@kpi(
    label="Gross revenue retention",
    unit="ratio",
    better="higher",
    frame="account_year",
    needs=("subscriptions",),
    interval=ratio_over_accounts("base_accounts", per="starting_mrr", part=True),
    version=1,
    parts=losses,
)
def gross_revenue_retention(*, starting_mrr: float, contraction_mrr: float, churned_mrr: float) -> float | None:
    """Share of starting revenue kept, upgrades not counted.

    GRR = (starting - contraction - churned) / starting

    With one end-to-end movement per account this is the sum of min(now, then) over the base, so it lies
    between 0 and 1 and never exceeds NRR.

    Args:
        starting_mrr: MRR twelve months before. [cents/month]
        contraction_mrr: Lost to downgrades, as a positive number. [cents/month]
        churned_mrr: Lost to cancellations, as a positive number. [cents/month]

    Returns:
        A ratio between 0 and 1. None when `starting_mrr` is 0.

    Source:
        Point-to-point GRR capped per account.
    """
    if starting_mrr == 0:
        return None
    return (starting_mrr - contraction_mrr - churned_mrr) / starting_mrr


@kpi(
    label="Customer churn",
    unit="ratio",
    better="lower",
    frame="account_year",
    needs=("subscriptions",),
    interval=proportion("lost_accounts", "base_accounts", "accounts"),
    version=1,
)
def churn_logo_rate(*, lost_accounts: float, base_accounts: float) -> float | None:
    """Share of the customers of twelve months ago that pay nothing now.

    churn = lost accounts / accounts with revenue twelve months before

    Args:
        lost_accounts: Accounts of the base without revenue now.
        base_accounts: Accounts with revenue twelve months before.

    Returns:
        A ratio between 0 and 1. None when the base is empty.

    Source:
        Twelve-month cohort; ChartMogul and ProfitWell leave customers without a base out.
    """
    if base_accounts == 0:
        return None
    return lost_accounts / base_accounts


@kpi(
    label="Revenue churn",
    unit="ratio",
    better="lower",
    frame="account_year",
    needs=("subscriptions",),
    interval=ratio_over_accounts("base_accounts", per="starting_mrr", part=True),
    version=1,
    parts=losses,
)
def churn_revenue_rate(*, starting_mrr: float, contraction_mrr: float, churned_mrr: float) -> float | None:
    """Share of the revenue of twelve months ago lost to cancellations and downgrades.

    revenue churn = (contraction + churned) / starting = 1 - GRR

    Args:
        starting_mrr: MRR twelve months before. [cents/month]
        contraction_mrr: Lost to downgrades, as a positive number. [cents/month]
        churned_mrr: Lost to cancellations, as a positive number. [cents/month]

    Returns:
        A ratio between 0 and 1. None when `starting_mrr` is 0.

    Source:
        Complement of point-to-point GRR.
    """
    if starting_mrr == 0:
        return None
    return (contraction_mrr + churned_mrr) / starting_mrr
