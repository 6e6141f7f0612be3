"""The tie-out with finance: ARR, new ARR and bookings of a month, per account and in total, and what explains gaps."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from core.model.data_state import TieOutRule, data_state
from core.month import Month
from core.services.tie_out_product import Product, product_figures

Measure = Literal["arr", "new_arr", "bookings"]
LABELS: dict[Measure, str] = {
    "arr": "ARR at month end",
    "new_arr": "New ARR of the month",
    "bookings": "Bookings of the month",
}
REASONS = {
    "only_product": "not in finance's accounts",
    "only_finance": "not in the product's accounts",
    "currency": "a currency without a rate",
    "timing": "starts, ends or was signed within a month of the date",
    "own_total": "finance's accounts do not add up to its total",
    "unexplained": "unexplained",
}
"""What can explain a difference, in the reader's words."""
COLUMNS = ("measure", "account_id", "name", "product", "finance", "difference", "state", "reason")


@dataclass(frozen=True)
class TieLine:
    """One figure held against finance's, for the whole company; money in units of the currency.

    Attributes:
        measure: `arr`, `new_arr` or `bookings`.
        label: In words.
        product: The product's figure; None when it cannot be given.
        finance: Finance's figure; None when finance gives none.
        difference: Product minus finance; None when one is missing.
        share: Difference as a share of finance's figure; None where that is 0.
        state: `ties`, `differs`, or `unknown` when one side is missing.
        explained: Reason -> part of the difference; the parts sum to the difference.
        accounts_differing: Accounts whose figures differ; None when finance gives no accounts.
        reason: Why the state is unknown; None otherwise.
    """

    measure: Measure
    label: str
    product: float | None
    finance: float | None
    difference: float | None
    share: float | None
    state: Literal["ties", "differs", "unknown"]
    explained: dict[str, float]
    accounts_differing: int | None = None
    reason: str | None = None


@dataclass(frozen=True)
class TieOut:
    """The tie-out of one month.

    Attributes:
        month: First day of the month.
        currency: Reporting currency; empty where there is none.
        lines: One per measure.
        rows: measure, account_id, name, product, finance, difference, state, reason: one row per account and measure,
            largest difference first; empty when finance gives no accounts. Money in units of the currency.
        by_account: Whether finance gives its figures per account.
        reason: Why nothing can be compared; None when it can.
    """

    month: dt.date
    currency: str
    lines: tuple[TieLine, ...]
    rows: pd.DataFrame
    by_account: bool
    reason: str | None = None

    @property
    def ties(self) -> bool | None:
        """Whether every figure that can be compared ties; None when none can."""
        known = [line.state for line in self.lines if line.state != "unknown"]
        return all(state == "ties" for state in known) if known else None


def tie_out(month: Month, rule: TieOutRule | None = None) -> TieOut:
    """Hold the product's money against finance's, account by account.

    ARR = 12 x MRR at month end; new ARR = ARR of accounts in the first month their group pays; bookings = amounts of
    new and expansion deals won in the month. Finance's figures are taken to be in the reporting currency.

    Args:
        month: The month.
        rule: Thresholds; the product's own by default.

    Returns:
        A line per measure and a row per account. A difference is explained where an account is missing on one side,
        a currency has no rate, or finance's figure is the product's on another day within a month; the rest is
        *unexplained*. The total is finance's own row of the company, or else the sum of its accounts.
    """
    used = rule or data_state().tie_out
    empty = pd.DataFrame(columns=list(COLUMNS))
    if "finance_totals" not in month.loaded:
        return TieOut(month.month, month.currency, (), empty, False, "finance_totals are not loaded")
    finance = month.facts.rollup("finance_accounts", month=month.month)
    if finance.empty:
        return TieOut(month.month, month.currency, (), empty, False, "finance gives no figures for this month")
    product = product_figures(month)
    if product is None:
        why = "subscriptions have several currencies and no reporting currency is set"
        return TieOut(month.month, "", (), empty, False, why)
    accounts = finance.dropna(subset=["account_id"]).set_index("account_id")
    company = finance[finance["account_id"].isna()]
    found = [_rows(name, product, accounts[f"{name}_cents"], used) for name in LABELS] if len(accounts) else []
    rows = pd.concat(found, ignore_index=True) if found else empty
    lines = tuple(_line(name, product, accounts, company, rows, used) for name in LABELS)
    names = month.facts.accounts.set_index("account_id")["name"]
    rows = rows.assign(name=rows["account_id"].map(names))[list(COLUMNS)]
    return TieOut(month.month, product.currency, lines, rows, bool(len(accounts)))


def tie_out_json(result: TieOut) -> dict[str, Any]:
    """The tie-out for scripts; rows that tie are left out."""
    differing = result.rows[result.rows["state"] == "differs"]
    return {
        "month": f"{result.month:%Y-%m}",
        "currency": result.currency,
        "ties": result.ties,
        "reason": result.reason,
        "lines": [{name: getattr(line, name) for name in line.__dataclass_fields__} for line in result.lines],
        "differences": differing.astype(object).where(differing.notna(), None).to_dict("records"),
    }


def _rows(measure: Measure, product: Product, finance: pd.Series, rule: TieOutRule) -> pd.DataFrame:
    """One row per account that either side knows, money in units."""
    own = product.cents[measure]
    both = pd.DataFrame({"product": own, "finance": finance}).rename_axis("account_id").reset_index()
    both = both[(both["product"].fillna(0) != 0) | (both["finance"].fillna(0) != 0)]
    gap = both["product"].fillna(0) - both["finance"].fillna(0)
    allowed = (both["finance"].fillna(0).abs() * rule.share).clip(lower=rule.account_cents)
    both["difference"] = gap
    both["state"] = (gap.abs() <= allowed).map({True: "ties", False: "differs"})
    both["reason"] = [
        _reason(measure, product, str(account), paid, booked, limit, finance) if state == "differs" else None
        for account, paid, booked, state, limit in zip(
            both["account_id"], both["product"], both["finance"], both["state"], allowed, strict=True
        )
    ]
    both = both.sort_values("difference", key=abs, ascending=False, kind="stable").assign(measure=measure)
    money = ["product", "finance", "difference"]
    return both.assign(**{name: both[name].astype(float) / 100 for name in money})


def _reason(
    measure: Measure, product: Product, account: str, paid: float, booked: float, limit: float, finance: pd.Series
) -> str:
    """What explains the difference of one account."""
    if account in product.unpriced:
        return "currency"
    if account not in product.known:
        return "only_finance"
    if account not in finance.index:
        return "only_product"
    target = 0.0 if pd.isna(booked) else booked
    near = product.near(measure, account, 0.0 if pd.isna(paid) else paid)
    return "timing" if any(abs(value - target) <= limit for value in near) else "unexplained"


def _line(
    measure: Measure,
    product: Product,
    accounts: pd.DataFrame,
    company: pd.DataFrame,
    rows: pd.DataFrame,
    rule: TieOutRule,
) -> TieLine:
    column = f"{measure}_cents"
    if product.missing.get(measure):
        why = product.missing[measure]
        return TieLine(measure, LABELS[measure], None, None, None, None, "unknown", {}, reason=why)
    paid = float(product.cents[measure].sum()) / 100
    listed = float(accounts[column].sum()) / 100
    booked = float(company[column].iloc[0]) / 100 if len(company) else listed
    gap = paid - booked
    own = rows[rows["measure"] == measure] if len(rows) else rows
    explained = {str(name): float(part) for name, part in own.groupby("reason")["difference"].sum().items()}
    if len(accounts):
        explained["own_total"] = listed - booked
    rest = gap - sum(explained.values())
    explained["unexplained"] = explained.get("unexplained", 0.0) + rest
    explained = {name: round(part, 2) for name, part in explained.items() if abs(part) >= 0.005}
    share = gap / booked if booked else None
    state: Literal["ties", "differs"] = "ties" if abs(gap) <= abs(booked) * rule.share else "differs"
    differing = int((own["state"] == "differs").sum()) if len(accounts) else None
    return TieLine(measure, LABELS[measure], paid, booked, gap, share, state, explained, differing)
