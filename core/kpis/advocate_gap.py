"""Advocates beside accounts alike: how their revenue went over the year, an association and never an effect."""

from __future__ import annotations

import datetime as dt

from core.kpis.acts import acts_known, acts_of
from core.kpis.columns import Columns
from core.kpis.inputs import KpiInput, frame
from core.kpis.judging_effects import adjusted_difference
from core.kpis.lift import YEAR, alike_strata, weighted_sides
from core.kpis.paying import acting_units, unit_labels
from core.kpis.registry import measure
from core.stats.months import month_end, shift_month

SIDES = (
    "advocate, nobody alike to compare with",
    "advocate",
    "alike, did not act",
    "did not act, no advocate is alike",
)


@frame
def advocate_year(data: KpiInput, month: dt.date) -> Columns:
    """One row per account with revenue twelve months before: somebody there acted in the year before that, or nobody.

    Accounts whose last act is older are left out: they are neither advocates then nor accounts that never acted.

    Returns:
        account_id, account_name, segment, compared_as (in words), starting_mrr, ending_mrr [cents], treated (0 or 1),
        stratum, changed_accounts (left or grew), weight, unmatched_accounts, and enrolled_starting_mrr,
        enrolled_ending_mrr (of advocates), comparison_starting_mrr, comparison_ending_mrr, weighted. [cents]
    """
    revenue, base = data.revenue, shift_month(month, -YEAR)
    start, end = revenue.mrr_at(base), revenue.mrr_at(month)
    acts = acts_of(data)
    treated = acting_units(data, acts.in_months(base, YEAR))
    ever = acting_units(data, acts.between(dt.date.min, month_end(base)))
    held = ((start > 0) & (treated | ~ever)).nonzero()[0]
    return weighted_sides(
        Columns(
            {
                **unit_labels(data, held, month_end(base)),
                "starting_mrr": start[held],
                "ending_mrr": end[held],
                "treated": treated[held].astype("int64"),
                "stratum": alike_strata(data, base, start)[held],
                "changed_accounts": ((end == 0) | (end > start))[held].astype("int64"),
            },
            len(held),
        ),
        SIDES,
    )


def acts_before_the_year(data: KpiInput, month: dt.date) -> str | None:
    """Why the advocates of the start are not known: acts are known from later; None when they are."""
    return acts_known(YEAR)(data, shift_month(month, -YEAR))


@measure(
    label="NRR of advocates above accounts alike",
    unit="pp",
    frame="advocate_year",
    needs=("subscriptions", "contacts", "asks"),
    also=("referrals", "assets"),
    interval=adjusted_difference("ending_mrr", "starting_mrr", "that acted"),
    covered=acts_before_the_year,
)
def nrr_advocate_gap(
    *,
    enrolled_starting_mrr: float,
    enrolled_ending_mrr: float,
    comparison_starting_mrr: float,
    comparison_ending_mrr: float,
) -> float | None:
    """Net revenue retention of advocates minus that of accounts alike: an association, not an effect.

    gap = ending / starting of advocates - weighted ending / weighted starting of accounts alike

    Advocates are known at the start, so that nobody has to stay in order to count as one; alike is the same segment,
    third of starting revenue inside it and band of tenure.

    Args:
        enrolled_starting_mrr: MRR at the start of advocates that have a comparison. [cents/month]
        enrolled_ending_mrr: Their MRR twelve months later. [cents/month]
        comparison_starting_mrr: Weighted MRR at the start of accounts alike. [cents/month]
        comparison_ending_mrr: Their weighted MRR twelve months later. [cents/month]

    Returns:
        A difference of fractions. None when no advocate has a comparison.

    Source:
        Maturity matrices, lifecycle integration; stratification: Imbens and Rubin, Causal Inference, 2015, ch. 17.
    """
    if enrolled_starting_mrr == 0 or comparison_starting_mrr == 0:
        return None
    return enrolled_ending_mrr / enrolled_starting_mrr - comparison_ending_mrr / comparison_starting_mrr
