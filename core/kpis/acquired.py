"""What the customers of a year cost all together: whether it is coming down, and when it is paid back."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from core.kpis.acquisition import acquisition_gap, customers_won, months_of, spend_window
from core.kpis.columns import Columns
from core.kpis.inputs import KpiInput, frame
from core.kpis.judging_effects import change_of_cost, cost_over_total
from core.kpis.margin import YEAR, margin_gap, margin_rate
from core.kpis.registry import kpi
from core.kpis.result import Part
from core.model.channels import load_channels
from core.model.kpi_rules import kpi_rules
from core.stats.decompose import mix_and_rate, pooled
from core.stats.months import shift_month
from core.stats.small_sample import judge_money_average

SHARED = ["kind", "name", "channel_class", "month"]


def spend_rows(data: KpiInput, month: dt.date) -> Columns:
    """Acquisition spend of the twelve months that brought the customers of the year to month end.

    Returns:
        name, channel_class, month, acquisition_spend [cents]: one row per line and month.
    """

    def whole() -> Columns:
        spend = data.table("spend")
        spend = spend[spend["kind"] == "acquisition"].sort_values("month", kind="stable")
        name = spend["line"].str.replace("_", " ").str.capitalize()
        rows = spend.assign(name=name, acquisition_spend=spend["cost_cents"])
        return Columns.of(rows[["name", "channel_class", "month", "acquisition_spend"]])

    return months_of(data.kept("all acquisition spend", whole), *spend_window(data, month))


def _customer_rows(data: KpiInput, month: dt.date) -> Columns:
    """Customers of the twelve months to month end, with their MRR at the end of their first month."""

    def whole() -> Columns:
        won = customers_won(data)
        return Columns.of(won.assign(first_mrr=data.revenue.first_mrr[won.index.to_numpy()]))

    return months_of(data.kept("customers and first MRR", whole), shift_month(month, 1 - YEAR), month)


@frame
def acquired_year(data: KpiInput, month: dt.date) -> Columns:
    """New customers of twelve months with their starting margin, and all acquisition spend that brought them.

    Returns:
        kind (customer or spend), name, channel_class, month, and acquisition_spend [cents], new_customers (0 or 1),
        new_margin (MRR of the first month end x gross margin) [cents/month].
    """
    customers, spend = _customer_rows(data, month), spend_rows(data, month)
    rate = margin_rate(data, month) or 0.0
    rows = customers.only(*SHARED).also(acquisition_spend=0, new_customers=1, new_margin=customers["first_mrr"] * rate)
    return rows.below(spend.also(kind="spend"))


def payback_gap(data: KpiInput, month: dt.date) -> str | None:
    """Why cost and margin of new customers are not both known, in words; None when they are."""
    return margin_gap(data, month) or acquisition_gap(data, month)


def payback_parts(data: KpiInput, month: dt.date, _segment: str | None) -> tuple[Part, ...]:
    """Payback by class of channel, and how much of the cost of the year before has come back, churn included."""
    columns = data.columns("acquired_year", month)
    parts = []
    for name in ("referral", "paid"):
        own = columns["channel_class"] == name
        sums = {key: float(columns[key][own].sum()) for key in ("acquisition_spend", "new_margin", "new_customers")}
        n, shown = int(sums["new_customers"]), judge_money_average(int(sums["new_customers"]), 1.0, None).show
        value = sums["acquisition_spend"] / sums["new_margin"] if shown and sums["new_margin"] > 0 else None
        parts.append(Part(load_channels().classes[name], value, "months", n))
    return (*parts, _observed(data, month))


def _observed(data: KpiInput, month: dt.date) -> Part:
    """Share of their cost that the customers of the year before have brought back by month end."""
    before = shift_month(month, -YEAR)
    label, rate = "Check: cost of the customers of the year before that has come back, churn included", None
    if acquisition_gap(data, before) is None and (rate := margin_rate(data, month)) is not None:
        revenue, place = data.revenue, data.revenue.place(month)
        won = (revenue.first_paid > place - 2 * YEAR) & (revenue.first_paid <= place - YEAR)
        cost = float(spend_rows(data, before)["acquisition_spend"].sum())
        paid = float(revenue.matrix[won][:, max(place - 2 * YEAR, 0) : place + 1].sum()) * rate
        return Part(label, paid / cost if cost else None, "ratio", int(won.sum()))
    return Part(label, None, "ratio", 0)


@kpi(
    label="Payback of acquisition cost",
    unit="months",
    better="lower",
    frame="acquired_year",
    needs=("subscriptions", "gross_margin", "spend"),
    also=("opportunities",),
    interval=cost_over_total("acquisition_spend", "new_margin", "new_customers", "new customers"),
    version=2,
    by_segment=False,
    covered=payback_gap,
    parts=payback_parts,
)
def payback_months(*, acquisition_spend: float, new_margin: float, new_customers: float) -> float | None:
    """Months of gross margin of a new customer that repay what it cost to win it.

    payback = (acquisition spend / new customers) / (starting margin a month / new customers)

    Cost and margin are those of the same customers: won in twelve months, spend earlier by the median sales cycle.
    Churn is left out, as it is where this figure is published; the part beside it has it.

    Args:
        acquisition_spend: Full cost of all acquisition lines. [cents]
        new_margin: Starting MRR of the new customers x mean gross margin of the twelve months. [cents/month]
        new_customers: Customers won in the twelve months.

    Returns:
        Months. None when nobody was won, or their margin is not above 0: then it is never recovered.

    Source:
        Skok, SaaS Metrics 2.0; worked case propelcollective.io, CAC payback.
    """
    if new_customers == 0 or new_margin <= 0:
        return None
    return (acquisition_spend / new_customers) / (new_margin / new_customers)


@frame
def acquired_two_years(data: KpiInput, month: dt.date) -> Columns:
    """The rows of `acquired_year` of this month end and of the one twelve months before.

    Returns:
        kind, name, channel_class, month, acquisition_spend_now, acquisition_spend_before [cents],
        new_customers_now, new_customers_before (0 or 1).
    """
    years = {"now": month, "before": shift_month(month, -YEAR)}
    rows = []
    for year, end in years.items():
        of_year = data.columns("acquired_year", end)
        columns = {
            f"{name}_{other}": of_year[name] if other == year else 0
            for name in ("acquisition_spend", "new_customers")
            for other in years
        }
        rows.append(of_year.only(*SHARED).also(**columns))
    return rows[0].below(rows[1])


def shift_gap(data: KpiInput, month: dt.date) -> str | None:
    """Why the cost of one of the two years is not known, in words; None when both are."""
    return acquisition_gap(data, month) or acquisition_gap(data, shift_month(month, -YEAR))


def mix_and_cost(
    now: dict[str, tuple[float, float]], before: dict[str, tuple[float, float]], least: float
) -> tuple[float, float] | None:
    """How much of the change of blended cost per customer comes from the mix of channels, how much from their cost.

    Args:
        now: Spend and customers by channel.
        before: The same a year before.
        least: Customers a channel needs in both years to stand alone; the others are pooled.

    Returns:
        Both effects, in the unit of spend per customer; together the whole change. None when nobody was won in one of
        the years.

    Source:
        `core.stats.decompose.mix_and_rate`
    """
    names, years = sorted({*now, *before}), (before, now)
    table = np.array([[year.get(name, (0.0, 0.0)) for name in names] for year in years]).reshape(2, len(names), 2)
    groups = pooled(names, least, table[0, :, 1], table[1, :, 1])
    if min(table[:, :, 1].sum(axis=1)) == 0:
        return None
    member = np.array([[name in group for name in names] for group in groups.values()], dtype=np.float64)
    sums = member @ table
    effects = mix_and_rate(sums[0, :, 0], sums[0, :, 1], sums[1, :, 0], sums[1, :, 1])
    return float(effects.mix.sum()), float(effects.rate.sum())


def shift_parts(data: KpiInput, month: dt.date, _segment: str | None) -> tuple[Part, ...]:
    """Mix and rate as shares of the cost a year before, and the gap between referred and paid customers now."""
    columns = data.columns("acquired_two_years", month)
    years: list[dict[str, tuple[float, float]]] = []
    for year in ("now", "before"):
        spend, won = columns[f"acquisition_spend_{year}"], columns[f"new_customers_{year}"]
        names = columns["channel_class"]
        years.append(
            {
                str(name): (float(spend[names == name].sum()), float(won[names == name].sum()))
                for name in pd.unique(names)
            }
        )
    effects = mix_and_cost(years[0], years[1], kpi_rules().economics.least_channel_customers)
    n, totals = int(columns["new_customers_now"].sum()), [sum(pair[0] for pair in year.values()) for year in years]
    base = totals[1] / max(float(columns["new_customers_before"].sum()), 1.0)
    mix, rate = (None, None) if effects is None or base == 0 else (effects[0] / base, effects[1] / base)
    return (
        Part("By the mix of channels", mix, "ratio", n),
        Part("By the cost of channels", rate, "ratio", n),
        Part("Referred customers cheaper than paid ones by", _cac_gap(years[0]), "ratio", n),
    )


def _cac_gap(now: dict[str, tuple[float, float]]) -> float | None:
    """1 - CAC of referral / CAC of paid; None when one of them may not be shown."""
    (referral, referred), (paid, bought) = (now.get(name, (0.0, 0.0)) for name in ("referral", "paid"))
    if paid == 0 or not all(judge_money_average(int(won), 1.0, None).show for won in (referred, bought)):
        return None
    return 1 - (referral / referred) / (paid / bought)


@kpi(
    label="Acquisition cost against a year before",
    unit="ratio",
    better="lower",
    frame="acquired_two_years",
    needs=("subscriptions", "spend"),
    also=("opportunities",),
    interval=change_of_cost("new_customers_now", "new_customers_before", "new customers"),
    version=1,
    by_segment=False,
    covered=shift_gap,
    parts=shift_parts,
)
def cac_shift(
    *,
    acquisition_spend_now: float,
    new_customers_now: float,
    acquisition_spend_before: float,
    new_customers_before: float,
) -> float | None:
    """Relative change of the full cost per new customer, all channels together, against twelve months before.

    shift = (spend now / customers now) / (spend before / customers before) - 1

    Args:
        acquisition_spend_now: Full cost of all acquisition lines. [cents]
        new_customers_now: Customers won in the twelve months to month end.
        acquisition_spend_before: The same cost a year before. [cents]
        new_customers_before: Customers won in the twelve months before.

    Returns:
        A fraction; -0.1 is ten per cent cheaper. None when nobody was won in one of the years, or nothing was
        spent in the first.

    Source:
        Own definition with a mid-point decomposition; the word CAC shift has no published one.
    """
    if 0 in (new_customers_now, new_customers_before, acquisition_spend_before):
        return None
    return (acquisition_spend_now / new_customers_now) / (acquisition_spend_before / new_customers_before) - 1
