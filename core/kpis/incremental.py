"""What would not be there without referrals: the pipeline and first-year value that the matched gap supports."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from core.kpis.deals import deals_priced
from core.kpis.inputs import KpiInput
from core.kpis.judging import Band, Evidence, Judge, Ruling
from core.kpis.matched import YEAR, judge_arms, matched_rates, ruling_of
from core.kpis.registry import kpi
from core.kpis.result import Part
from core.model.small_samples import small_samples
from core.stats.intervals import Interval
from core.stats.small_sample import judge_money_average
from core.stats.weighted import difference_of, ratio_of


def _judge_arr(evidence: Evidence, band: Band) -> Ruling:
    found = matched_rates(evidence.columns) if band else None
    gap, value = difference_of(*found) if found else None, evidence.sums["matched_value"]
    interval = Interval(gap.low * value, gap.high * value, gap.method) if gap else None
    return _judge_money(evidence, interval)


def _judge_pipeline(evidence: Evidence, band: Band) -> Ruling:
    found = matched_rates(evidence.columns) if band else None
    ratio = ratio_of(found[2], found[3], found[0], found[1]) if found else None
    pipeline = evidence.sums["referral_pipeline"]
    interval = Interval((1 - ratio.high) * pipeline, (1 - ratio.low) * pipeline, ratio.method) if ratio else None
    return _judge_money(evidence, interval)


def _judge_money(evidence: Evidence, interval: Interval | None) -> Ruling:
    n, others = (int(evidence.columns.sum(name)) for name in ("matched_closed", "others_closed"))
    verdict = judge_arms(evidence.columns)
    if verdict.show:
        verdict = judge_money_average(n, evidence.value, interval, noun="referred deals")
    return replace(ruling_of(verdict, interval, n), counts=f"{n:,} referred and {others:,} alike")


MATCHED_ARR = Judge("comparable referred deals", "95 % Newcombe interval of the difference", _judge_arr)
MATCHED_PIPELINE = Judge("comparable referred deals", "95 % interval of the ratio of win rates", _judge_pipeline)


def _large_enough(*, closed: tuple[float, float], won: tuple[float, float]) -> bool:
    rule = small_samples().two_arms
    return min(closed) >= rule.least_units and min(won) >= rule.least_events


def arr_parts(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """What was sourced, beside what is incremental; the two are never added."""
    columns = data.columns("matched_deals", month, segment)
    won, lost = columns["won_value"], columns["unmatched_deals"]
    return (
        Part("First-year value of referred deals won", float(won.sum()) / 100, "money", int((won > 0).sum())),
        Part("Referred deals without comparable ones, left out", float(lost.sum()), "count", int(lost.sum())),
    )


@kpi(
    label="Incremental ARR, referred deals",
    unit="money",
    better="higher",
    frame="matched_deals",
    needs=("opportunities",),
    also=("stage_history",),
    interval=MATCHED_ARR,
    version=1,
    covered=deals_priced(YEAR),
    parts=arr_parts,
)
def incremental_arr(
    *,
    matched_won: float,
    matched_closed: float,
    weighted_won: float,
    weighted_closed: float,
    others_won: float,
    others_closed: float,
    matched_value: float,
) -> float | None:
    """First-year value of referred deals that would not have been won at the win rate of comparable deals.

    incremental ARR = (matched won / matched closed - weighted won / weighted closed) x matched value

    Args:
        matched_won: Referred deals won, of those with comparable ones.
        matched_closed: Referred deals won or lost, of those with comparable ones.
        weighted_won: Comparable deals won, weighted to the make-up of the referred ones.
        weighted_closed: Comparable deals won or lost, weighted likewise.
        others_won: Comparable deals won, each counted once.
        others_closed: Comparable deals won or lost, each counted once.
        matched_value: First-year value of the referred deals won or lost that have comparable ones. [cents]

    Returns:
        Cents of first-year value; negative where referred deals were won less often. None when a side has fewer than
        50 closed or 10 won deals (data/model/small_samples.toml, table two_arms).

    Source:
        Observed minus counterfactual by matching; sourced, influenced and incremental are never added.
    """
    if not _large_enough(closed=(matched_closed, others_closed), won=(matched_won, others_won)):
        return None
    return (matched_won / matched_closed - weighted_won / weighted_closed) * matched_value


def pipeline_parts(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """What was sourced, beside what is incremental; the two are never added."""
    pipeline = data.columns("matched_deals", month, segment)["referral_pipeline"]
    total = float(pipeline.sum()) / 100
    return (Part("Sourced by referrals in twelve months", total, "money", int((pipeline > 0).sum())),)


@kpi(
    label="Incremental pipeline, referrals",
    unit="money",
    better="higher",
    frame="matched_deals",
    needs=("opportunities",),
    also=("stage_history",),
    interval=MATCHED_PIPELINE,
    version=1,
    covered=deals_priced(YEAR),
    parts=pipeline_parts,
)
def incremental_pipeline(
    *,
    referral_pipeline: float,
    matched_won: float,
    matched_closed: float,
    weighted_won: float,
    weighted_closed: float,
    others_won: float,
    others_closed: float,
) -> float | None:
    """Referral-sourced pipeline beyond what would have been worth as much at the win rate of comparable deals.

    incremental pipeline = referral pipeline x (1 - (weighted won / weighted closed) / (matched won / matched closed))

    So many wins as comparable deals would have brought are taken to have come anyway; the rest of the pipeline is
    what the adjusted difference supports.

    Args:
        referral_pipeline: Value, as settled, of referred deals created in twelve months. [cents]
        matched_won: Referred deals won, of those with comparable ones.
        matched_closed: Referred deals won or lost, of those with comparable ones.
        weighted_won: Comparable deals won, weighted to the make-up of the referred ones.
        weighted_closed: Comparable deals won or lost, weighted likewise.
        others_won: Comparable deals won, each counted once.
        others_closed: Comparable deals won or lost, each counted once.

    Returns:
        Cents; negative where referred deals were won less often. None when a side has fewer than 50 closed or 10 won
        deals (data/model/small_samples.toml, table two_arms).

    Source:
        Attributable share among the exposed, (p1 - p0) / p1, of matched win rates.
    """
    if not _large_enough(closed=(matched_closed, others_closed), won=(matched_won, others_won)):
        return None
    return referral_pipeline * (1 - (weighted_won / weighted_closed) / (matched_won / matched_closed))
