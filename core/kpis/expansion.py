"""Growth of customers we have: upgrades, add-ons, and who bought again."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.kpis.columns import Columns, Late
from core.kpis.inputs import KpiInput, frame, windowed
from core.kpis.judging import census, proportion
from core.kpis.packed import day_numbers
from core.kpis.paid_products import DRIVERS, Days, growth_drivers, last_day, periods_of, who_pays
from core.kpis.registry import kpi
from core.kpis.result import Part
from core.kpis.units import units_of
from core.model.kpi_rules import kpi_rules
from core.stats.months import month_end
from core.stats.owner_days import pairs


def expansion_parts(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """Expansion as a share of the ARR it came from, and by what drove it."""
    columns, scale = data.columns("account_month", month, segment), 12 / 100
    start, n = float(columns["starting_mrr"].sum()), int((columns["expansion_mrr"] > 0).sum())
    rate = float(columns["expansion_mrr"].sum()) / start if start else None
    grown = np.zeros(len(units_of(data).ids))
    grown[units_of(data).positions(pd.Series(columns.column("account_id")))] = columns["expansion_mrr"]
    amounts = grown @ growth_drivers(data, month)
    drivers = [Part(label, float(amount) * scale, "money", n) for label, amount in zip(DRIVERS, amounts, strict=True)]
    return (Part("Of the ARR a month before", rate, "ratio", n), *drivers)


@kpi(
    label="Expansion ARR of the month",
    unit="money",
    better="higher",
    frame="account_month",
    needs=("subscriptions",),
    interval=census("accounts that grew", "expansion_mrr"),
    version=1,
    parts=expansion_parts,
)
def expansion_arr(*, expansion_mrr: float) -> float | None:
    """ARR gained in the month from customers of a month before who stayed, each account's one net movement.

    expansion ARR = 12 x sum of the increases of MRR of accounts with revenue at both month ends

    Customers won back are not expansion; an upgrade is net of what the same account dropped.

    Args:
        expansion_mrr: Increases of MRR since the month end before. [cents/month]

    Returns:
        Cents a year.

    Source:
        ChartMogul's movement rules; share of starting ARR as in adlega.com, expansion MRR.
    """
    return 12 * expansion_mrr


@frame
def installed_base(data: KpiInput, month: dt.date) -> Columns:
    """One row per account that pays at month end for a product with an add-on.

    Returns:
        account_id, account_name, segment, bought (products, in words), base_accounts (1), attached_accounts (1
        when it pays for an add-on of a product it pays for).
    """
    pays, addons = who_pays(data, month)
    base = pays[:, sorted(set(addons.values()))].any(axis=1)
    attached = np.zeros(len(pays), dtype=bool)
    for addon, under in addons.items():
        attached |= pays[:, addon] & pays[:, under]
    places, units = np.flatnonzero(base), units_of(data)
    names = periods_of(data).names
    return Columns(
        {
            **units.labels(places, month_end(month)),
            "add_ons": Late(lambda: _listed(pays[places][:, sorted(addons)], [names[one] for one in sorted(addons)])),
            "base_accounts": 1,
            "attached_accounts": attached[places].astype("int64"),
        },
        len(places),
    )


def _listed(held: NDArray[np.bool_], names: list[str]) -> pd.api.extensions.ExtensionArray:
    """The names held on each row in words; each of the few combinations there are is put together once."""
    different, codes = np.unique(np.packbits(held, axis=1), axis=0, return_inverse=True)
    rows = np.unpackbits(different, axis=1, count=held.shape[1]).astype(bool)
    words = [", ".join(name for name, one in zip(names, row, strict=True) if one) for row in rows.tolist()]
    return pd.array(words, dtype="str").take(codes.ravel())


def attach_parts(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """Each add-on alone, and how many customers attached one soon after their first purchase."""
    pays, addons = who_pays(data, month)
    units, names = units_of(data), periods_of(data).names
    own = np.ones(len(pays), dtype=bool)
    if segment is not None:
        own = np.asarray(units.segments_on(np.arange(len(pays)), month_end(month)) == segment)
    parts = []
    for addon, base in sorted(addons.items()):
        could = own & pays[:, base]
        n = int(could.sum())
        rate = float((could & pays[:, addon]).sum()) / n if n else None
        parts.append(Part(f"{names[addon]}, of accounts with {names[base]}", rate, "ratio", n))
    return (*parts, _early(data, month, own))


def _early(data: KpiInput, month: dt.date, own: NDArray[np.bool_]) -> Part:
    """Share of first purchases of a base product in a year that had an add-on within ninety days."""
    days = kpi_rules().attach.early_days
    last = last_day(month) - np.timedelta64(days, "D")
    first, bought, early = periods_of(data).first_bought, 0, 0
    for base in set(who_pays(data, month)[1].values()):
        since = first[:, base]
        cohort = own & (since <= last) & (since > last - np.timedelta64(365, "D"))
        theirs = [addon for addon, under in who_pays(data, month)[1].items() if under == base]
        soon = (first[:, theirs] <= since[:, None] + np.timedelta64(days, "D")).any(axis=1)
        bought, early = bought + int(cohort.sum()), early + int((cohort & soon).sum())
    return Part(
        f"Attached within {days} days of the first purchase", early / bought if bought else None, "ratio", bought
    )


@kpi(
    label="Attach rate",
    unit="ratio",
    better="higher",
    frame="installed_base",
    needs=("subscriptions",),
    interval=proportion("attached_accounts", "base_accounts", "accounts that could attach"),
    version=1,
    parts=attach_parts,
)
def attach_rate(*, attached_accounts: float, base_accounts: float) -> float | None:
    """Share of the accounts that pay for a product with add-ons that pay for one of these add-ons as well.

    attach rate = accounts paying for an add-on / accounts paying for the product it needs

    Which product is an add-on is read from who pays for what: four of five of its payers hold the same larger one.

    Args:
        attached_accounts: Accounts with an add-on of a product they pay for.
        base_accounts: Accounts that pay for a product with an add-on.

    Returns:
        A ratio between 0 and 1. None when no product is bought on top of another one.

    Source:
        Account attach on the installed base; worked case siteforge, 25 of 100.
    """
    if base_accounts == 0:
        return None
    return attached_accounts / base_accounts


@windowed(by="closed_on", months=12)
def purchases(data: KpiInput) -> Columns:
    """One row per account and day on which it bought: new business or expansion won; renewals are not purchases.

    Returns:
        unit (position of the account), closed_on.
    """
    deals = data.table("deals")
    won = np.flatnonzero((deals["outcome"] == "won") & deals["kind"].isin(["new", "expansion"]))
    places, days = units_of(data).positions(deals["account_id"].take(won)), deals["closed_on"].to_numpy()[won]
    rows = np.flatnonzero((places >= 0) & ~np.isnat(days))
    places, days = places[rows], days[rows]
    once = np.flatnonzero(~pd.Index(pairs(places, day_numbers(days))).duplicated())
    return Columns({"unit": places[once], "closed_on": days[once]}, len(once))


@frame
def buyers_year(data: KpiInput, month: dt.date) -> Columns:
    """One row per account that bought in the twelve months to month end.

    Returns:
        account_id, account_name, segment, purchases, last_bought_on, buying_accounts (1), again_accounts (1 with
        purchases on two or more days).
    """
    rows, units = data.columns("purchases", month), units_of(data)
    size = np.bincount(rows["unit"], minlength=len(units.ids))
    places = np.flatnonzero(size)

    def last_bought() -> Days:
        last = np.zeros(len(units.ids), "datetime64[us]")
        last[rows["unit"]] = rows["closed_on"]  # oldest first: the last one stays
        return last[places]

    return Columns(
        {
            **units.labels(places, month_end(month)),
            "purchases": size[places],
            "last_bought_on": Late(last_bought),
            "buying_accounts": 1,
            "again_accounts": (size[places] >= 2).astype("int64"),
        },
        len(places),
    )


@kpi(
    label="Customers who bought again",
    unit="ratio",
    better="higher",
    frame="buyers_year",
    needs=("opportunities", "accounts"),
    interval=proportion("again_accounts", "buying_accounts", "accounts that bought"),
    version=1,
)
def repeat_purchase_rate(*, again_accounts: float, buying_accounts: float) -> float | None:
    """Share of the accounts that bought in twelve months that did so on two or more days.

    rate = accounts with two or more purchases / accounts with a purchase

    A purchase is new business or an expansion won; what renews by itself is none, and a day counts once.

    Args:
        again_accounts: Accounts with purchases on two or more days.
        buying_accounts: Accounts with a purchase.

    Returns:
        A ratio between 0 and 1. None when nobody bought.

    Source:
        Own definition for transactional business; subscriptions are told by renewals and expansion.
    """
    if buying_accounts == 0:
        return None
    return again_accounts / buying_accounts
