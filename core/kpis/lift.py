"""What a play changed: enrolled accounts against accounts alike that were not, over the year after."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.kpis.columns import Columns, Late
from core.kpis.inputs import KpiInput, frame
from core.kpis.judging_effects import adjusted_difference, compared, verdict_of
from core.kpis.paying import unit_labels, units_at
from core.kpis.registry import kpi
from core.kpis.result import Part
from core.model.channels import normalised
from core.model.kpi_rules import kpi_rules
from core.model.plays import load_plays
from core.stats.ids import numbered
from core.stats.months import month_end, shift_month
from core.stats.ordering import in_order
from core.stats.stratified import bands_within, comparison_weights, strata

YEAR = 12
NAIVE = "Naive, not adjusted"
SIDES = (
    "enrolled, nobody alike to compare with",
    "enrolled",
    "alike, not enrolled",
    "not enrolled, nobody alike was",
)
MRR_COLUMNS = ("starting_mrr", "ending_mrr")


@dataclass(frozen=True)
class Enrolments:
    """Every entry of a counted account into a play, by position, oldest first.

    Attributes:
        rows: Row of the account in the revenue matrix.
        plays: Place of the play in `names`.
        days: Day of entry.
        names: Plays as ids.
    """

    rows: NDArray[np.intp]
    plays: NDArray[np.intp]
    days: NDArray[np.datetime64]
    names: tuple[str, ...]


def enrolments(data: KpiInput) -> Enrolments:
    """The entries into plays of accounts that ever paid, put together once."""

    def make() -> Enrolments:
        table = data.once("play_enrolments")
        rows = units_at(data, table["account_id"])
        days = table["enrolled_on"].to_numpy().astype("datetime64[D]")
        known = np.flatnonzero(rows >= 0)
        known = known[in_order(days[known])]
        spelled, spellings = numbered(table["play"])
        spoken = np.array([*(normalised(name) or "" for name in spellings), ""], dtype=object)
        codes, names = pd.factorize(spoken[spelled], sort=True)
        return Enrolments(rows[known], codes[known], days[known], tuple(str(name) for name in names))

    return data.kept_of_facts("enrolments", lambda _: make())


def treated_window(month: dt.date) -> tuple[dt.date, dt.date]:
    """First and last month in which an enrolment makes an account treated: before the year to month end starts."""
    base = shift_month(month, -YEAR)
    return shift_month(base, 1 - kpi_rules().comparison.treated_months), base


def _washout(month: dt.date) -> dt.date:
    """First of the months in which an enrolment keeps an account out of the comparison."""
    return shift_month(treated_window(month)[0], -kpi_rules().comparison.washout_months)


def enrolled_rows(data: KpiInput, month: dt.date) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows of the revenue matrix enrolled shortly before the year to month end starts, and their plays."""
    return _entered(data, *treated_window(month))


def _entered(data: KpiInput, first: dt.date, last: dt.date) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    found = enrolments(data)
    start, stop = np.searchsorted(found.days, np.array([first, shift_month(last, 1)], "datetime64[D]"))
    return found.rows[start:stop], found.plays[start:stop]


def lift_gap(data: KpiInput, month: dt.date) -> str | None:
    """Why nothing can be compared over the year to month end, in words; None when it can."""
    last = treated_window(month)[1]
    first, days = _washout(month), enrolments(data).days
    if not len(days):
        return "no counterfactual: no account is known to have entered a play"
    known = days[0].astype(object)
    if known > month_end(first):
        return f"entries into plays are known from {known:%Y-%m}; those of {first:%Y-%m} to {last:%Y-%m} are needed"
    return None


@frame
def play_year(data: KpiInput, month: dt.date) -> Columns:
    """One row per account with revenue twelve months before: enrolled in a play shortly before that, or not.

    Accounts enrolled earlier alone are left out: a play may still work on them.

    Returns:
        account_id, account_name, segment, compared_as (in words), starting_mrr, ending_mrr, year_revenue (MRR of
        the twelve month ends after the start, added up) [cents], treated (0 or 1), stratum, changed_accounts (left
        or grew), weight, unmatched_accounts, and enrolled_starting_mrr, enrolled_ending_mrr,
        comparison_starting_mrr, comparison_ending_mrr: the two sides, weighted. [cents]
    """
    revenue, base = data.revenue, shift_month(month, -YEAR)
    start, end = revenue.mrr_at(base), revenue.mrr_at(month)
    treated, earlier = np.zeros(len(start), dtype=bool), np.zeros(len(start), dtype=bool)
    treated[enrolled_rows(data, month)[0]] = True
    earlier[_entered(data, _washout(month), base)[0]] = True
    held = np.flatnonzero((start > 0) & (treated | ~earlier))
    return weighted_sides(
        Columns(
            {
                **unit_labels(data, held, month_end(base)),
                "starting_mrr": start[held],
                "ending_mrr": end[held],
                "year_revenue": _year_revenue(data, month)[held],
                "treated": treated[held].astype("int64"),
                "stratum": alike_strata(data, base, start)[held],
                "changed_accounts": ((end == 0) | (end > start))[held].astype("int64"),
            },
            len(held),
        )
    )


def _year_revenue(data: KpiInput, month: dt.date) -> NDArray[np.int64]:
    table, last = data.revenue.matrix, data.revenue.place(month) + 1
    return np.asarray(table[:, max(last - YEAR, 0) : max(last, 0)].sum(axis=1))


def alike_strata(data: KpiInput, base: dt.date, start: NDArray[np.int64]) -> NDArray[np.int64]:
    """Segment, band of starting revenue inside it and band of tenure, of accounts with revenue at the start."""
    rules, revenue = kpi_rules().comparison, data.revenue
    held = start > 0
    segment = revenue.segment_at(month_end(base)).codes.astype(np.int64)
    band = bands_within(start[held], strata(segment[held]), rules.size_bands)
    tenure = np.digitize(revenue.place(base) - revenue.first_paid[held], rules.tenure_months)
    found = np.zeros(len(start), dtype=np.int64)
    found[held] = strata(segment[held], band, tenure)
    return found


def weighted_sides(rows: Columns, words: tuple[str, str, str, str] = SIDES) -> Columns:
    """The two sides of the comparison, each account with its weight.

    Args:
        rows: starting_mrr, ending_mrr, treated (0 or 1), stratum of each account.
        words: How an account is compared: treated without comparison, treated, alike, untreated and like nobody.

    Returns:
        The rows with compared_as, weight, unmatched_accounts, and both sides' weighted MRR at either end.
    """
    arm = rows["treated"] > 0
    least = kpi_rules().comparison.least_untreated
    weight, unmatched = comparison_weights(rows["starting_mrr"], arm, rows["stratum"], least)
    sides = {}
    for side, held in (("enrolled", weight * arm), ("comparison", weight * ~arm)):
        for name in MRR_COLUMNS:
            sides[f"{side}_{name}"] = held * rows[name]

    def side_of() -> NDArray[np.int64]:
        return np.select([unmatched, arm, weight > 0], [0, 1, 2], 3).astype(np.int64)

    compared_as = Late(lambda: pd.Categorical.from_codes(side_of(), categories=pd.Index(list(words))))
    return rows.also(compared_as=compared_as, weight=weight, unmatched_accounts=unmatched.astype("int64"), **sides)


def lift_parts(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """Each play alone, the gap without adjustment, and the enrolled accounts nobody can be compared with."""
    columns = data.columns("play_year", month, segment)
    whole = compared(columns, "ending_mrr", "starting_mrr")
    arm = columns["treated"] > 0
    parts = [_part_of_play(data, month, segment, place) for place in np.unique(enrolled_rows(data, month)[1])]
    naive = None if whole is None or not verdict_of(whole, columns, in_points=False).show else whole.naive
    return (
        Part(NAIVE, naive, "pp", int(arm.sum())),
        *parts,
        Part(
            "Enrolled accounts with nobody alike to compare with",
            float(columns["unmatched_accounts"].sum()),
            "count",
            int(arm.sum()),
        ),
    )


def _part_of_play(data: KpiInput, month: dt.date, segment: str | None, play: int) -> Part:
    """The lift of one play: its accounts against those enrolled in none."""
    columns = data.columns("play_year", month, segment)
    rows, plays = enrolled_rows(data, month)
    entered = np.zeros(len(data.revenue.wide), dtype=bool)
    entered[rows[plays == play]] = True
    own = entered[columns.column("account_id").codes]
    kept = own | (columns["treated"] == 0)
    part = {
        name: columns[name][kept] for name in ("starting_mrr", "ending_mrr", "treated", "stratum", "changed_accounts")
    }
    found, name = compared(part, "ending_mrr", "starting_mrr"), enrolments(data).names[play]
    known = load_plays().get(name)
    label = f"{known.label if known else name.replace('_', ' ').capitalize()}, adjusted"
    if found is None or not verdict_of(found, part, in_points=False).show:
        return Part(label, None, "pp", int(own.sum()))
    return Part(label, found.difference, "pp", found.treated)


@kpi(
    label="NRR lift of plays, adjusted",
    unit="pp",
    better="higher",
    frame="play_year",
    needs=("subscriptions", "interactions"),
    interval=adjusted_difference("ending_mrr", "starting_mrr"),
    version=1,
    covered=lift_gap,
    parts=lift_parts,
)
def nrr_lift_pp(
    *,
    enrolled_starting_mrr: float,
    enrolled_ending_mrr: float,
    comparison_starting_mrr: float,
    comparison_ending_mrr: float,
) -> float | None:
    """Net revenue retention of accounts in a play above that of accounts alike in none.

    lift = ending / starting of enrolled accounts - weighted ending / weighted starting of accounts alike

    Enrolled in the half year before the period starts, so that nobody has to stay in order to count as treated; alike
    is the same segment, third of starting revenue inside it and band of tenure at that start. Accounts alike are
    weighted to the starting revenue of the enrolled. What these three do not hold stays in the figure.

    Args:
        enrolled_starting_mrr: MRR at the start of enrolled accounts that have a comparison. [cents/month]
        enrolled_ending_mrr: Their MRR twelve months later. [cents/month]
        comparison_starting_mrr: Weighted MRR at the start of accounts alike. [cents/month]
        comparison_ending_mrr: Their weighted MRR twelve months later. [cents/month]

    Returns:
        A difference of fractions. None when no enrolled account has a comparison.

    Source:
        Average effect on the treated by stratification: Imbens and Rubin, Causal Inference, 2015, ch. 17.
    """
    if enrolled_starting_mrr == 0 or comparison_starting_mrr == 0:
        return None
    return enrolled_ending_mrr / enrolled_starting_mrr - comparison_ending_mrr / comparison_starting_mrr
