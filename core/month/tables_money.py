"""The frames that renewal, value and economics KPIs read by name: facts about money, one rollup each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.budget.response import prior_draws
from core.model.kpi_rules import kpi_rules
from core.model.plays import load_plays
from core.month.lines import budget_lines
from core.stats.ids import in_numbers

if TYPE_CHECKING:
    from core.month.facts import FactMonth

Tables = Mapping[str, Callable[[], pd.DataFrame]]
RESPONSE_SEED = 20_261
"""Seed of the draws of the response curves; the same as that of the month's own, so that both show one belief."""


def money_tables(facts: FactMonth) -> Tables:
    """Frames about money that rest on facts alone, by name.

    Returns:
        paid_periods: account_id, product, start_date, end_date, seats, mrr_cents.
        renewals: renewal_id, account_id, due_on, closed_on, due_cents, renewed_cents (missing where the currency has
            no rate), intent_on, stated_intent, intent_by.
        gross_margin: month, rate; where no rate holds for all, that of the products, weighted by their MRR.
        play_enrolments: account_id, play, enrolled_on.
        finance_revenue: month, revenue_cents of the company.
        responses: one row per budget line, as `response_rows` says.
    """
    return {
        "paid_periods": lambda: _paid_periods(facts),
        "renewals": lambda: _renewals(facts),
        "gross_margin": lambda: _margins(facts),
        "play_enrolments": lambda: facts.rollup("play_enrolments"),
        "finance_revenue": lambda: facts.rollup("finance_month").dropna(),
        "responses": lambda: response_rows(facts),
    }


def _paid_periods(facts: FactMonth) -> pd.DataFrame:
    rows = facts.rollup("paid_periods")
    return rows.assign(mrr_cents=facts.reported(rows["native_mrr_cents"], rows["currency"]))


def _renewals(facts: FactMonth) -> pd.DataFrame:
    rows = facts.rollup("renewals")
    known = facts.convertible(rows["currency"])
    amounts = {
        f"{name}_cents": facts.reported(rows[f"native_{name}_cents"], rows["currency"]) if known else np.nan
        for name in ("due", "renewed")
    }
    return in_numbers(rows.assign(**amounts), "currency", "intent_by")


def _margins(facts: FactMonth) -> pd.DataFrame:
    rows = facts.rollup("margin_month")
    of_all = rows[rows["product"].isna()].groupby("month")["rate"].mean()
    rest = rows[~rows["month"].isin(of_all.index)]
    if not rest.empty:
        of_all = pd.concat([of_all, _of_products(rest, _paid_periods(facts))]).sort_index()
    return of_all.rename("rate").rename_axis("month").reset_index()


def _of_products(rates: pd.DataFrame, periods: pd.DataFrame) -> pd.Series:
    """Gross margin of the products sold: margin / MRR of those with a rate at month end; their mean where none is."""
    starts, ends = (periods[name].to_numpy().astype("datetime64[M]") for name in ("start_date", "end_date"))
    begun = periods[["product", "mrr_cents"]].assign(month=starts)
    ended = begun.assign(month=ends, mrr_cents=-periods["mrr_cents"])
    steps = pd.concat([begun, ended]).pivot_table(index="month", columns="product", values="mrr_cents", aggfunc="sum")
    by_month = rates.pivot_table(index="month", columns="product", values="rate")
    sold = steps.fillna(0).cumsum().reindex(by_month.index, method="ffill").reindex(columns=by_month.columns)
    sold = sold.fillna(0).where(by_month.notna(), 0)
    mrr = sold.sum(axis=1)
    found: pd.Series = ((by_month * sold).sum(axis=1) / mrr).where(mrr > 0, by_month.mean(axis=1))
    return found


def response_rows(facts: FactMonth) -> pd.DataFrame:
    """What one more per cent of spend on each budget line is believed to bring.

    Returns:
        line, name, month (the month the curves are drawn for), extra_spend (a step of today's spend), extra_margin
        (mean over draws of the margin it brings) and extra_margin_spread (their standard deviation) [cents/year],
        spending_lines (1 with spend today), measured_lines and extrapolated_lines (0 or 1 each, for those).
    """
    curves = prior_draws(budget_lines(facts), load_plays(), np.random.default_rng(RESPONSE_SEED))
    step = kpi_rules().economics.marginal_step
    then = curves.current * (1 + step)
    extra = curves.margin_draws(then) - curves.margin_draws(curves.current)
    spending = curves.current > 0
    return pd.DataFrame(
        {
            "line": [line.line for line in curves.lines],
            "name": [line.label for line in curves.lines],
            "month": pd.Timestamp(facts.month),
            "extra_spend": curves.current * step,
            "extra_margin": extra.mean(axis=1),
            "extra_margin_spread": extra.std(axis=1),
            "spending_lines": spending.astype("int64"),
            "measured_lines": [
                int(kind != "opinion") * int(has) for kind, has in zip(curves.evidence, spending, strict=True)
            ],
            "extrapolated_lines": [
                int(line.extrapolated(float(to))) * int(has)
                for line, to, has in zip(curves.lines, then, spending, strict=True)
            ],
        }
    )
