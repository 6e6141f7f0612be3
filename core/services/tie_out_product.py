"""The product's side of the tie-out: ARR, new ARR and bookings per account, and the same on days close by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from core.month import Month
from core.month.facts import FactMonth
from core.stats.months import month_end, shift_month

WON = ("new", "expansion")


@dataclass(frozen=True)
class Product:
    """Figures of one month in cents of the reporting currency, by account.

    Attributes:
        currency: Reporting currency.
        cents: Measure -> cents per account.
        known: Accounts the product has.
        unpriced: Accounts with an amount in a currency without a rate.
        missing: Measure -> why there is none.
        periods: Paid periods, with ARR in cents.
        deals: Won new and expansion deals, with cents.
        end: Last day of the month.
    """

    currency: str
    cents: Mapping[str, pd.Series]
    known: frozenset[str]
    unpriced: frozenset[str]
    missing: Mapping[str, str]
    periods: pd.DataFrame
    deals: pd.DataFrame
    end: dt.date

    def near(self, measure: str, account: str, value: float) -> list[float]:
        """What the figure of an account would be on other days within a month, in cents."""
        if measure == "bookings":
            return self._bookings_near(account, value)
        own = self.periods[self.periods["account_id"] == account]
        first = month_end(shift_month(self.end.replace(day=1), -1))
        last = month_end(shift_month(self.end.replace(day=1), 1))
        changes = pd.concat([own["start_date"], own["end_date"]]).dropna().dt.date
        days = sorted({first, last, *(day for day in changes if first <= day <= last)})
        values = [_active(own, day) for day in days]
        return (
            values if measure == "arr" else [*(values if value == 0 else []), *([0.0] if len(set(values)) > 1 else [])]
        )

    def _bookings_near(self, account: str, value: float) -> list[float]:
        """One deal of this month booked later, or one of the month before booked now."""
        own = self.deals[self.deals["account_id"] == account]
        start = self.end.replace(day=1)
        closed = own["closed_on"].dt.date
        now, before = own[closed >= start], own[(closed < start) & (closed >= shift_month(start, -1))]
        return [*(value - cents for cents in now["cents"]), *(value + cents for cents in before["cents"])]


def product_figures(month: Month) -> Product | None:
    """The product's figures of a month; None when there is no currency to report in."""
    facts = month.facts
    currency = facts.currency or facts.reporting
    if not currency:
        return None
    rates = {**facts.rates, currency: 1.0}
    native = facts.mrr_native.astype({"account_id": "str", "currency": "str"})
    priced = native.assign(cents=_priced(native, "native_mrr_cents", rates))
    at = priced["month"].dt.date
    mrr = priced[at == facts.month].groupby("account_id")["cents"].sum()
    fresh = _fresh(facts, mrr, priced.loc[at < facts.month, "account_id"])
    deals = facts.deals[(facts.deals["outcome"] == "won") & facts.deals["kind"].isin(WON)]
    deals = deals.assign(cents=_priced(deals, "amount_cents", rates))
    now = deals[deals["closed_on"].dt.date >= facts.month]
    periods = facts.rollup("paid_periods")
    unpriced = [frame[frame["cents"].isna()] for frame in (priced[at == facts.month], now)]
    return Product(
        currency=currency,
        cents={
            "arr": (12 * mrr).round(),
            "new_arr": (12 * mrr[fresh]).round(),
            "bookings": now.groupby("account_id")["cents"].sum(),
        },
        known=frozenset(facts.accounts["account_id"]),
        unpriced=frozenset(str(name) for frame in unpriced for name in frame["account_id"].dropna()),
        missing=_missing(facts),
        periods=periods.assign(arr=12 * _priced(periods, "native_mrr_cents", rates)),
        deals=deals,
        end=facts.as_of,
    )


def _fresh(facts: FactMonth, mrr: pd.Series, earlier: pd.Series) -> list[str]:
    """Paying accounts whose group of companies had never paid before."""
    units = facts.accounts.set_index("account_id")["unit_id"]
    known = frozenset(earlier.map(units).fillna(earlier))
    return [str(account) for account in mrr.index if units.get(account, account) not in known]


def _missing(facts: FactMonth) -> dict[str, str]:
    needs = {"arr": "subscriptions", "new_arr": "subscriptions", "bookings": "opportunities"}
    return {name: f"{table} is not loaded" for name, table in needs.items() if table not in facts.loaded}


def _priced(frame: pd.DataFrame, column: str, rates: Mapping[str, float]) -> pd.Series:
    """Cents in the reporting currency; NaN where the currency has no rate."""
    return frame[column].astype("float64") * frame["currency"].map(rates).astype("float64")


def _active(periods: pd.DataFrame, day: dt.date) -> float:
    stamp = pd.Timestamp(day)
    open_then = (periods["start_date"] <= stamp) & (periods["end_date"].isna() | (stamp < periods["end_date"]))
    return float(periods.loc[open_then, "arr"].sum())
