"""What a new customer is worth: margin of 36 months by survival, and how it stands to what the customer cost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.kpis.acquired import spend_rows
from core.kpis.acquisition import acquisition_gap
from core.kpis.columns import Columns, Late
from core.kpis.inputs import KpiInput, made_of
from core.kpis.judging import Evidence
from core.kpis.judging_effects import OfDraws, over_accounts
from core.kpis.lifetime import counts_of, expected_months, last_followed, months_of_margin, simple_months, sums_of
from core.kpis.margin import margin_gap, margin_rate
from core.kpis.registry import kpi
from core.kpis.result import Part
from core.model.kpi_rules import kpi_rules
from core.model.small_samples import small_samples
from core.stats.intervals import Interval
from core.stats.small_sample import Verdict, judge_money_average, units_words

Floats = NDArray[np.float64]
CENTS = 100.0
COUNTED = ("tenure_months", "lost_accounts", "followed_accounts")
"""Columns that `core.kpis.lifetime` counts customers by."""
CHANNELS = {"referral": "Referral", "paid": "Paid"}


@made_of("followed")
def customer_value(data: KpiInput, month: dt.date) -> Columns:
    """The customers of the frame `followed`, with the starting margin of those won in twelve months.

    Returns:
        Its rows, with new_margin: starting MRR x gross margin of customers won in the twelve months. [cents/month]
    """
    rows = data.columns("followed", month)
    return rows.also(new_margin=rows["starting_mrr"] * rows["new_accounts"] * (margin_rate(data, month) or 0.0))


@made_of("customer_value")
def value_and_cost(data: KpiInput, month: dt.date) -> Columns:
    """The customers of `customer_value`, and the acquisition spend of the twelve months that brought the new ones.

    Returns:
        Its rows with acquisition_spend 0, then one row per line and month of spend with acquisition_spend in cents
        and every other number 0.
    """
    customers = data.columns("customer_value", month).also(acquisition_spend=0)
    cost = spend_rows(data, month)
    return customers.below(cost.also(account_name=Late(lambda: cost.column("name"))))


def _with_margin(columns: Mapping[str, np.ndarray]) -> tuple[Floats, Floats | None]:
    """Units x quantities; more of them than are resampled with those without margin put together, and how many."""
    margin, new = columns["new_margin"], columns["new_accounts"]
    if len(new) <= small_samples().resampling.bootstrap_units:
        return np.column_stack([counts_of(columns), margin, new]), None
    own = (margin != 0) | (new != 0)
    single = {name: np.asarray(columns[name])[own] for name in COUNTED}
    others = sums_of({name: np.asarray(columns[name])[~own] for name in COUNTED})
    rows = np.column_stack([counts_of(single), margin[own], new[own]])
    blank = len(new) - len(rows) - others.sum()  # rows of spend
    alike = np.vstack([np.eye(len(others), rows.shape[1]), np.zeros((1, rows.shape[1]))])
    return np.vstack([rows, alike]), np.concatenate([np.ones(len(rows)), others, [blank]])


def _formula(scale: Callable[[Evidence, Floats], Floats]) -> Callable[[Evidence], OfDraws]:
    """Months of margin x margin, divided by `scale` of the evidence and the number of new customers."""

    def of(evidence: Evidence) -> OfDraws:
        cut, rate = last_followed(sums_of(evidence.columns)), kpi_rules().lifetime.yearly_discount

        def value(sums: Floats) -> Floats:
            months = expected_months(sums[:, :-2], cut or 0, rate)
            return np.asarray(months * sums[:, -2] / scale(evidence, sums[:, -1]))

        return value

    return of


def _verdict(evidence: Evidence, interval: Interval | None) -> tuple[Verdict, int]:
    rules, columns = kpi_rules().lifetime, evidence.columns
    accounts, losses = int(evidence.sums["followed_accounts"]), int((columns["lost_accounts"] > 0).sum())
    if accounts < rules.least_accounts or losses < rules.least_losses:
        least = f"at least {rules.least_accounts} and {rules.least_losses} needed"
        found = f"{units_words(accounts, 'customers')} and {losses} lost, {least}"
        return Verdict(show=False, state="too_few", reason=f"too few: {found}"), accounts
    new = int(columns["new_accounts"].sum())
    return judge_money_average(new, evidence.value, interval, noun="new customers"), accounts


def value_parts(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """The assumptions behind a lifetime value, and the simple formula beside it."""
    columns, rules = data.columns("customer_value", month, segment), kpi_rules().lifetime
    new, n = float(columns["new_accounts"].sum()), columns.rows
    margin = float(columns["new_margin"].sum()) / new / CENTS if new else None
    lifetime, cut = simple_months(columns), last_followed(sums_of(columns))
    simple = None if margin is None or lifetime is None else margin * lifetime
    return (
        Part("Margin of a new customer a month", margin, "money", int(new)),
        Part("Gross margin", margin_rate(data, month), "ratio", n),
        Part("Months of margin within the horizon, not discounted", months_of_margin(columns, 0.0), "months", n),
        Part("Horizon", float(rules.horizon_months), "months", n),
        Part("Months of it seen in the data, the rest extrapolated", None if cut is None else cut + 1.0, "months", n),
        Part("Discount rate a year", rules.yearly_discount, "ratio", n),
        Part("Check: margin by monthly churn, no horizon, no discount", simple, "money", n),
    )


@kpi(
    label="Customer lifetime value, 36 months",
    unit="money",
    better="higher",
    frame="customer_value",
    needs=("subscriptions", "gross_margin"),
    interval=over_accounts(_with_margin, _formula(lambda _, new: new), _verdict, "customers followed"),
    version=2,
    covered=margin_gap,
    of="rows",
    parts=value_parts,
)
def customer_lifetime_value(
    *,
    tenure_months: ArrayLike,
    lost_accounts: ArrayLike,
    followed_accounts: ArrayLike,
    new_margin: ArrayLike,
    new_accounts: ArrayLike,
) -> float | None:
    """Discounted gross margin that a customer won in the last twelve months brings within 36 months.

    lifetime value (CLV) = margin a month of a new customer x sum over k = 0 ... 35 of S(k) x (1 + d)^(-k/12)

    S is the Kaplan-Meier curve of the customers followed, beyond the data the shifted beta-geometric model. The
    first month's margin is not discounted. Upgrades are left out.

    Args:
        tenure_months: Month ends until a customer was lost, or until it is followed. [months]
        lost_accounts: 1 for a customer lost, 0 for one followed only so far.
        followed_accounts: 1 for every customer.
        new_margin: Starting margin of customers won in the twelve months, 0 for older ones. [cents/month]
        new_accounts: 1 for a customer won in the twelve months, 0 for older ones.

    Returns:
        Cents. None when no customer was won in the twelve months, or nobody is followed for a month.

    Source:
        Finite-horizon discounted margin by survival; Fader and Hardie, How to Project Customer Retention, 2007.
    """
    columns = {
        "tenure_months": tenure_months,
        "lost_accounts": lost_accounts,
        "followed_accounts": followed_accounts,
    }
    months, won = months_of_margin(columns), float(np.sum(np.asarray(new_accounts)))
    return None if months is None or won == 0 else months * float(np.sum(np.asarray(new_margin))) / won


def value_gap(data: KpiInput, month: dt.date) -> str | None:
    """Why value and cost of new customers cannot be compared, in words; None when they can."""
    return margin_gap(data, month) or acquisition_gap(data, month)


def ratio_parts(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """The ratio over a whole lifetime by the simple formula, and by channel with the survival of all."""
    columns = data.columns("value_and_cost", month, segment)
    lifetime, spend = simple_months(columns), float(columns["acquisition_spend"].sum())
    margin, new = float(columns["new_margin"].sum()), int(columns["new_accounts"].sum())
    whole = None if lifetime is None or spend == 0 else lifetime * margin / spend
    months, parts = months_of_margin(columns), []
    for name, label in CHANNELS.items():
        own = columns["channel_class"] == name
        cost, won = float(columns["acquisition_spend"][own].sum()), int(columns["new_accounts"][own].sum())
        known = months is not None and cost > 0 and judge_money_average(won, 1.0, None).show
        ratio = float(columns["new_margin"][own].sum()) * (months or 0.0) / cost if known else None
        parts.append(Part(f"{label}, survival of all customers", ratio, "count", won))
    return (Part("Whole lifetime by monthly churn, as the benchmark of 3 is meant", whole, "count", new), *parts)


@kpi(
    label="Lifetime value by acquisition cost",
    unit="count",
    better="higher",
    frame="value_and_cost",
    needs=("subscriptions", "gross_margin", "spend"),
    also=("opportunities",),
    interval=over_accounts(
        _with_margin,
        _formula(lambda evidence, new: np.full(len(new), evidence.sums["acquisition_spend"])),
        _verdict,
        "customers followed",
        count_varies=True,
    ),
    version=2,
    by_segment=False,
    covered=value_gap,
    of="rows",
    parts=ratio_parts,
)
def ltv_to_cac(
    *,
    tenure_months: ArrayLike,
    lost_accounts: ArrayLike,
    followed_accounts: ArrayLike,
    new_margin: ArrayLike,
    new_accounts: ArrayLike,
    acquisition_spend: ArrayLike,
) -> float | None:
    """Lifetime value of the customers of a year for each unit of money it took to win them.

    CLV : CAC = 36-month value of a new customer (CLV) / acquisition cost, acquisition spend / new customers (CAC)

    Args:
        tenure_months: Month ends until a customer was lost, or until it is followed. [months]
        lost_accounts: 1 for a customer lost, 0 for one followed only so far.
        followed_accounts: 1 for every customer, 0 for a row of spend.
        new_margin: Starting margin of customers won in the twelve months. [cents/month]
        new_accounts: 1 for a customer won in the twelve months.
        acquisition_spend: Full cost of all acquisition lines, earlier by the median sales cycle. [cents]

    Returns:
        A multiple; 1 means the cost comes back within 36 months. None when nothing was spent or nobody was won.

    Source:
        Skok, SaaS Metrics 2.0; here with margin, 36 months and the full cost on the other side.
    """
    cost = float(np.sum(np.asarray(acquisition_spend)))
    value = customer_lifetime_value(
        tenure_months=tenure_months,
        lost_accounts=lost_accounts,
        followed_accounts=followed_accounts,
        new_margin=new_margin,
        new_accounts=new_accounts,
    )
    return None if value is None or cost == 0 else value * float(np.sum(np.asarray(new_accounts))) / cost
