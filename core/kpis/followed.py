"""Customers followed from their first revenue on: how long they stay, and whether referred ones stay longer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from core.kpis.columns import Columns, Late
from core.kpis.inputs import KpiInput, frame
from core.kpis.judging import Band, Evidence, Judge, Ruling
from core.kpis.paying import unit_labels
from core.kpis.registry import kpi
from core.kpis.result import Part, State
from core.model.kpi_rules import kpi_rules
from core.stats.intervals import Interval
from core.stats.monthly_survival import MonthlyCurve, chance_alike, monthly_survival
from core.stats.months import month_end
from core.stats.small_sample import Verdict, judge_two_arms
from core.stats.stratified import comparison_weights, strata
from core.stats.weighted import difference_of, weighted_wilson

MONTHS_A_QUARTER = 3


def first_lost(data: KpiInput) -> NDArray[np.intp]:
    """Column of the revenue matrix in which each account is first without revenue again; past the last when never."""

    def make() -> NDArray[np.intp]:
        table, first = data.revenue.matrix, data.revenue.first_paid
        away = (table == 0) & (np.arange(table.shape[1])[None, :] > first[:, None])
        return np.where(away.any(axis=1), away.argmax(axis=1), table.shape[1]) if table.size else np.zeros(0, np.intp)

    return data.kept_of_facts("first lost", lambda _: make())


def _channels(data: KpiInput) -> dict[str, pd.Categorical]:
    units = data.revenue.units
    return {name: pd.Categorical(units[name]) for name in ("channel", "channel_class")}


def _referred(data: KpiInput) -> NDArray[np.int64]:
    """Whether each account of the revenue matrix came by referral, 0 or 1."""
    return np.asarray(data.kept_of_facts("channels", _channels)["channel_class"] == "referral").astype(np.int64)


@frame
def followed(data: KpiInput, month: dt.date) -> Columns:
    """One row per customer won in the sixty months to month end, followed from its first month end with revenue.

    Customers with revenue at the very first month end of the data are left out: when they started is not known.

    Returns:
        account_id, account_name, segment, channel, channel_class, started, tenure_months (month ends until the first
        one without revenue, or until this month end), lost_accounts (0 or 1), followed_accounts (1), starting_mrr
        [cents/month], new_accounts (1 when won in the twelve months to month end), referred (0 or 1) and
        comparison_weight (of the others: to the segments and starting quarters of the referred).
    """
    revenue, place = data.revenue, data.revenue.place(month)
    first, rules = revenue.first_paid, kpi_rules().lifetime
    rows = np.flatnonzero((first > max(place - rules.cohort_months, 0)) & (first <= place))
    lost, channels = first_lost(data)[rows], data.kept_of_facts("channels", _channels)
    segment = revenue.segment_at(month_end(month)).codes[rows]
    referred = data.kept_of_facts("came by referral", _referred)[rows]
    start = revenue.first_month.month - 1 if revenue.first_month else 0
    begun = first[rows]
    quarter = (begun + start) // MONTHS_A_QUARTER
    stratum = strata(segment, quarter)
    weight = comparison_weights(None, referred > 0, stratum, kpi_rules().comparison.least_untreated)[0]
    months = revenue.wide.columns.to_numpy()
    return Columns(
        {
            **unit_labels(data, rows, month_end(month)),
            "channel": Late(lambda: channels["channel"][rows]),
            "channel_class": Late(lambda: channels["channel_class"][rows]),
            "started": Late(lambda: months[begun]),
            "tenure_months": np.minimum(lost, place) - begun,
            "lost_accounts": (lost <= place).astype("int64"),
            "followed_accounts": 1,
            "starting_mrr": Late(lambda: revenue.first_mrr[rows]),
            "new_accounts": (begun > place - 12).astype("int64"),
            "referred": referred,
            "comparison_weight": weight,
        },
        len(rows),
    )


def _curves(columns: Mapping[str, ArrayLike], until: int) -> tuple[MonthlyCurve, MonthlyCurve] | None:
    """Survival of referred customers and of the others, weighted to them; None when either is not followed so far."""
    months, lost = np.asarray(columns["tenure_months"]), np.asarray(columns["lost_accounts"]) > 0
    arm, weight = np.asarray(columns["referred"]) > 0, np.asarray(columns["comparison_weight"], dtype=np.float64)
    sides = np.flatnonzero(arm), np.flatnonzero(~arm)
    pair = [monthly_survival(months[side], lost[side], until, weight[side]) for side in sides]
    return (pair[0], pair[1]) if pair[0] is not None and pair[1] is not None else None


def _judged(columns: Mapping[str, np.ndarray], until: int) -> tuple[Verdict, Interval | None, int]:
    """Whether the difference after some months may be shown, its interval, and the referred customers behind it."""
    curves = _curves(columns, until)
    if curves is None:
        n = int(((columns["comparison_weight"] > 0) & (columns["referred"] > 0)).sum())
        return Verdict(show=False, state="too_few", reason="too few: nobody is followed that long"), None, n
    ours, theirs = (float(curve.survival[-1]) for curve in curves)
    interval = difference_of(ours, _band(curves[0]), theirs, _band(curves[1]))
    verdict, n = _verdict(columns, until, interval)
    return verdict, interval, n


def _verdict(columns: Mapping[str, np.ndarray], until: int, interval: Interval | None) -> tuple[Verdict, int]:
    """Whether the difference of two curves may be shown, and the referred customers behind it.

    It rests on the customers lost by then, as a comparison on Cohorts does: later losses say nothing of that age.
    """
    months, referred, least = columns["tenure_months"], columns["referred"] > 0, kpi_rules().lifetime.least_at_risk
    used = columns["comparison_weight"] > 0
    arms, lost = (used & referred, used & ~referred), (columns["lost_accounts"] > 0) & (months <= until)
    units, events, reached = ([int((arm & those).sum()) for arm in arms] for those in (used, lost, months >= until))
    verdict = judge_two_arms(
        (units[0], units[1]), (events[0], events[1]), interval, noun="customers", events_noun="customers lost"
    )
    if verdict.show and min(reached) < least:
        verdict = Verdict(
            show=False,
            state="too_few",
            reason=f"too few: {reached[0]} and {reached[1]} customers followed for {until} months, "
            f"at least {least} needed on each side",
        )
    return verdict, units[0]


def _band(curve: MonthlyCurve) -> Interval:
    """Wilson's interval of the share at the last month, at its effective number of customers."""
    share, spread = float(curve.survival[-1]), float(np.square(curve.influence).sum())
    units = share * (1 - share) / spread if spread > 0 else float(curve.followed[-1])
    return weighted_wilson(share, units) or Interval(0.0, 1.0, "nobody followed")


def _rule(evidence: Evidence, band: Band) -> Ruling:
    columns, until = evidence.columns, kpi_rules().lifetime.compared_after_months
    if not band:
        verdict, n = _verdict(columns, until, None)
        return Ruling(None, None, n, State(verdict.state), verdict.reason)
    verdict, interval, n = _judged(columns, until)
    ends = (None, None) if interval is None else (interval.low, interval.high)
    others = int(((columns["comparison_weight"] > 0) & (columns["referred"] == 0)).sum())
    counts = f"{n:,} referred and {others:,} alike"
    return Ruling(ends[0], ends[1], n, State(verdict.state), verdict.reason, counts=counts)


def referred_parts(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """Both curves at the age compared, how often chance parts them so, the later difference, and the unmatched gap."""
    columns, rules = data.columns("followed", month, segment), kpi_rules().lifetime
    until, later = rules.compared_after_months, rules.also_after_months
    arm, n = columns["referred"] > 0, int((columns["referred"] > 0).sum())
    shown = _judged(columns, until)[0].show
    curves = _curves(columns, until) if shown else None
    even = {name: columns[name] for name in ("tenure_months", "lost_accounts", "referred")}
    naive = _curves({**even, "comparison_weight": np.ones(len(arm))}, until) if shown else None
    late = _curves(columns, later) if _judged(columns, later)[0].show else None
    weighted = columns["tenure_months"], columns["lost_accounts"], arm, until, columns["comparison_weight"]
    ends = [None, None] if curves is None else [float(curve.survival[-1]) for curve in curves]
    return (
        Part("Naive, not matched", _difference(naive), "pp", n),
        Part(f"Referred, still there after {until} months", ends[0], "ratio", n),
        Part(f"Others alike, still there after {until} months", ends[1], "ratio", len(arm) - n),
        Part("Curves so far apart by chance alone (log-rank)", chance_alike(*weighted) if shown else None, "ratio", n),
        Part(f"Difference after {later} months", _difference(late), "pp", n),
    )


def _difference(curves: tuple[MonthlyCurve, MonthlyCurve] | None) -> float | None:
    return None if curves is None else float(curves[0].survival[-1] - curves[1].survival[-1])


@kpi(
    label="Retention of referred above other customers",
    unit="pp",
    better="higher",
    frame="followed",
    needs=("subscriptions",),
    interval=Judge("referred customers", "95 % band of two Kaplan-Meier curves", _rule),
    version=1,
    of="rows",
    parts=referred_parts,
)
def retention_referred_vs_other(
    *, tenure_months: ArrayLike, lost_accounts: ArrayLike, referred: ArrayLike, comparison_weight: ArrayLike
) -> float | None:
    """Share of referred customers still there after twelve months above that of others who started alike.

    difference = S(12) of referred customers - S(12) of others, weighted to their segments and starting quarters

    Args:
        tenure_months: Month ends until a customer was lost, or until it is followed. [months]
        lost_accounts: 1 for a customer lost, 0 for one followed only so far.
        referred: 1 for a customer whose frozen first source is a referral.
        comparison_weight: Weight of each customer; 0 where its segment and quarter hold nobody to compare with.

    Returns:
        A difference of fractions. None when either side has nobody followed for twelve months.

    Source:
        Kaplan and Meier, J. Am. Statist. Assoc. 53, 1958, weighted; same starting quarters on both sides.
    """
    columns = {
        "tenure_months": tenure_months,
        "lost_accounts": lost_accounts,
        "referred": referred,
        "comparison_weight": comparison_weight,
    }
    return _difference(_curves(columns, kpi_rules().lifetime.compared_after_months))
