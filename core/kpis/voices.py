"""Voices of customers: how many accounts act for us, how many of them speak, and how much was said."""

from __future__ import annotations

import datetime as dt
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.kpis.acts import KINDS, acts_known, acts_of
from core.kpis.columns import Columns, Late
from core.kpis.inputs import KpiInput, frame
from core.kpis.judging import averaged_proportion, census, proportion, share_part
from core.kpis.packed import day_numbers
from core.kpis.paying import acting_units, paid_month_ends, revenue_known, unit_labels, units_at
from core.kpis.registry import kpi
from core.kpis.result import Part
from core.model.kpi_rules import kpi_rules
from core.stats.ids import Positions
from core.stats.months import month_end, shift_month


@frame
def customers_year(data: KpiInput, month: dt.date) -> Columns:
    """One row per counted account that paid at one of the thirteen month ends of a year.

    Returns:
        account_id, account_name, segment; active_accounts (share of the thirteen month ends at which it paid),
        advocate_accounts (the same where somebody of it acted in twelve months, else 0).
    """
    active = paid_month_ends(data, month, 13) / 13
    acted = acting_units(data, acts_of(data).in_months(month, 12))
    rows = np.flatnonzero(active > 0)
    numbers = {"active_accounts": active[rows], "advocate_accounts": np.where(acted[rows], active[rows], 0.0)}
    return Columns({**unit_labels(data, rows, month_end(month)), **numbers}, len(rows))


@kpi(
    label="Advocacy rate",
    unit="ratio",
    better="higher",
    frame="customers_year",
    needs=("subscriptions", "asks", "contacts"),
    also=("referrals", "assets"),
    interval=averaged_proportion("advocate_accounts", "active_accounts", "accounts"),
    version=1,
    covered=lambda data, month: acts_known(12)(data, month) or revenue_known(data, shift_month(month, -12)),
)
def advocacy_rate(*, advocate_accounts: float, active_accounts: float) -> float | None:
    """Share of customers of whom somebody did something for us in a year.

    advocacy rate = customers with an act in twelve months / customers, both averaged over 13 month ends

    Args:
        advocate_accounts: Customers with at least one act of any kind in the twelve months.
        active_accounts: Customers, averaged over the thirteen month ends.

    Returns:
        A ratio between 0 and 1. None when there were no customers.

    Source:
        By account and by what was done: a satisfied customer is not yet an advocate.
    """
    if active_accounts == 0:
        return None
    return advocate_accounts / active_accounts


@frame
def settled_customers(data: KpiInput, month: dt.date) -> Columns:
    """One row per account that pays, went live long enough ago and had no open escalation in the middle of the year.

    Returns:
        account_id, account_name, segment; settled_accounts, reference_accounts (a reference in twelve months),
        review_accounts, speaking_accounts (either): 0 or 1; without_go_live: accounts left out for want of a date.
    """
    acts = acts_of(data)
    year = acts.in_months(month, 12)
    pays = data.revenue.mrr_at(month) > 0
    live, troubled = _went_live(data), _escalated(data, month_end(shift_month(month, -6)))
    limit = np.datetime64(month_end(month), "us") - np.timedelta64(kpi_rules().voices.settled_days, "D")
    settled = pays & ~troubled & (live <= limit)
    said = {name: acting_units(data, year, name) for name in ("reference", "review")}
    flags = {
        "settled_accounts": settled,
        "reference_accounts": settled & said["reference"],
        "review_accounts": settled & said["review"],
        "speaking_accounts": settled & (said["reference"] | said["review"]),
        "without_go_live": pays & np.isnat(live),
    }
    rows = np.flatnonzero(flags["settled_accounts"] | flags["without_go_live"])
    numbers = {name: Late(partial(_ones, held, rows)) for name, held in flags.items()}
    return Columns({**unit_labels(data, rows, month_end(month)), **numbers}, len(rows))


def _ones(flags: NDArray[np.bool_], rows: Positions) -> NDArray[np.int64]:
    return flags[rows].astype(np.int64)


def _went_live(data: KpiInput) -> NDArray[np.datetime64]:
    """First go-live of every counted account; NaT where none is known."""

    def first() -> NDArray[np.datetime64]:
        days = data.table("account_days").groupby("unit_id")["go_live_on"].min()
        return days.reindex(data.revenue.wide.index).to_numpy().astype("datetime64[us]")

    return data.kept("went live", first)


def _escalated(data: KpiInput, day: dt.date) -> NDArray[np.bool_]:
    """Which counted accounts had an open escalation at the end of a day."""
    place, opened, closed = data.kept("escalations by unit", lambda: _escalations(data.table("escalations"), data))
    at = day_numbers(np.array([day], "datetime64[D]"))
    found = np.zeros(len(data.revenue.wide), dtype=bool)
    found[place[(opened <= at) & (closed > at)]] = True
    return found


def _escalations(rows: pd.DataFrame, data: KpiInput) -> tuple[Positions, NDArray[np.int32], NDArray[np.int32]]:
    """Counted account of each escalation of one that ever paid, and the days it was opened and closed."""
    units = units_at(data, rows["account_id"])
    known = np.flatnonzero(units >= 0)
    opened, closed = (day_numbers(rows[name].to_numpy())[known] for name in ("opened_on", "closed_on"))
    return units[known], opened, closed


def go_live_known(data: KpiInput, month: dt.date) -> str | None:
    """Why no account can be called settled: nobody's go-live is known, or acts begin later."""
    if np.isnat(_went_live(data)).all():
        return "no account has a go-live date: import milestones or the go-live date of accounts"
    return acts_known(12)(data, month)


def speaking_parts(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """References and reviews apart, and accounts left out because their go-live is not known."""
    columns = data.columns("settled_customers", month, segment)
    n = int(columns["settled_accounts"].sum())
    shares = (("Gave a reference", "reference_accounts"), ("Published a review", "review_accounts"))
    return (
        *(share_part(label, int(columns[name].sum()), n) for label, name in shares),
        Part("Left out: go-live not known", float(columns["without_go_live"].sum()), "count", columns.rows),
    )


@kpi(
    label="Reference and review rate",
    unit="ratio",
    better="higher",
    frame="settled_customers",
    needs=("subscriptions", "asks", "contacts", "tickets"),
    interval=proportion("speaking_accounts", "settled_accounts", "accounts"),
    version=1,
    covered=go_live_known,
    parts=speaking_parts,
)
def reference_review_rate(*, speaking_accounts: float, settled_accounts: float) -> float | None:
    """Share of settled customers who gave a reference or published a review in a year.

    rate = settled customers with a reference or a review / settled customers

    Args:
        speaking_accounts: Settled customers with a completed reference or a published review in twelve months.
        settled_accounts: Customers 90 days past go-live, without an open escalation in the middle of the year.

    Returns:
        A ratio between 0 and 1. None when no customer is settled.

    Source:
        By account, among those who can be expected to speak: week-old customers only dilute it.
    """
    if settled_accounts == 0:
        return None
    return speaking_accounts / settled_accounts


def kinds_parts(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """References, referrals and all acts of the month, reviews so far, and people who acted in a year."""
    acts = acts_of(data)
    own = np.ones(len(acts.day), dtype=bool)
    if segment is not None:
        own = (acts.people["segment"] == segment).to_numpy()[acts.person]
    columns = data.columns("advocates_year", month, segment)
    from_month, until = acts.in_months(month, 1), acts.between(dt.date(1970, 1, 1), month_end(month))

    def count(label: str, kinds: tuple[str, ...], of: slice) -> Part:
        n = int((own[of] & np.isin(acts.kind[of], [KINDS.index(kind) for kind in kinds])).sum())
        return Part(label, float(n), "count", n)

    advocates = int(columns["actors"].sum())
    return (
        count("References", ("reference",), from_month),
        count("Referrals", ("referral",), from_month),
        count("Stories, quotes and videos", ("testimonial", "case_study", "video"), from_month),
        count("Talks and boards", ("speaking", "advisory_board"), from_month),
        count("Reviews so far", ("review",), until),
        Part("People who acted in twelve months", float(advocates), "count", advocates),
    )


@kpi(
    label="Reviews",
    unit="count",
    better="higher",
    frame="advocates_year",
    needs=("asks",),
    also=("referrals", "assets"),
    interval=census("people", "reviews"),
    version=1,
    covered=acts_known(1),
    parts=kinds_parts,
)
def review_count(*, reviews: float) -> float | None:
    """Reviews done in the month.

    reviews = acts of kind review in the month

    Args:
        reviews: Reviews done in the month, one a person and day.

    Returns:
        A number; 0 in a month without any.

    Source:
        Context, never a headline: activity alone is what both maturity matrices call ad hoc.
    """
    return reviews
