"""Stages: how much sooner referred deals come to a decision, from creation to close and stage by stage."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.kpis.columns import Columns, Late
from core.kpis.comparable import new_business
from core.kpis.deals import deals_known
from core.kpis.inputs import KpiInput, frame
from core.kpis.judging import Band, Evidence, Judge, Ruling
from core.kpis.matched import ruling_of
from core.kpis.packed import NO_DAY, day_number, day_numbers, days_from
from core.kpis.registry import kpi
from core.kpis.result import Part
from core.model.kpi_rules import kpi_rules
from core.model.small_samples import small_samples
from core.stats.ids import Positions, places, ranked
from core.stats.intervals import Interval
from core.stats.months import month_end
from core.stats.small_sample import judge_two_arms
from core.stats.weighted_survival import Waits, median_wait, ratio_of_medians, waits

Days = NDArray[np.datetime64]
DAYS_APART = 2**32
"""More days than there are numbers of days: two of them make one number of eight bytes."""


@frame
def deal_waits(data: KpiInput, month: dt.date) -> Columns:
    """New-business deals created in two years, how long each took or has been open, and its weight in its group.

    Returns:
        Labels as they stood at month end and, per deal: deal_days (to the close, or to month end while open),
        decided_deals, won_deals (0 or 1), referred_weight, baseline_weight (0 on the other side, and for a deal that
        has no comparable ones). Deals closed before they were created are left out.
    """
    deals = new_business(data)
    created = deals.created_in(month, kpi_rules().deals.created_months)
    (begun, closed), last = deals.days, day_number(month_end(month))
    days = np.minimum(closed[created], last) - begun[created]
    kept = np.flatnonzero(days >= 0)
    rows, days = created[kept], days[kept].astype(np.int64)
    decided, referred, (weight, _) = deals.closed_by(month, rows), deals.referred[rows], deals.weights(rows)
    numbers = {
        "deal_days": days,
        "decided_deals": decided.astype(np.int64),
        "won_deals": Late(lambda: (decided & deals.won[rows]).astype(np.int64)),
        "referred_weight": weight * referred,
        "baseline_weight": weight * ~referred,
    }
    return Columns({**deals.as_of(month, rows), **numbers}, len(rows))


def known_created(data: KpiInput, month: dt.date) -> str | None:
    """Why deals are not known for the months in which they are taken to be created."""
    return deals_known(kpi_rules().deals.created_months)(data, month)


def both_sides(
    days: np.ndarray, happened: np.ndarray, referred_weight: np.ndarray, baseline_weight: np.ndarray
) -> tuple[Waits, Waits]:
    """Waits of referred deals and of comparable ones."""
    reached = np.asarray(happened) > 0
    return waits(days, reached, referred_weight), waits(days, reached, baseline_weight)


def share_faster(referred: Waits, others: Waits) -> float | None:
    """1 - median of the referred / median of the others; None when one is not reached, or the others take no day."""
    ours, theirs = median_wait(referred), median_wait(others)
    return None if ours is None or not theirs else 1 - ours / theirs


def _judge(evidence: Evidence, band: Band) -> Ruling:
    columns = evidence.columns
    days, happened = columns["deal_days"], columns["decided_deals"] > 0
    weights = columns["referred_weight"], columns["baseline_weight"]
    ratio = ratio_of_medians(*both_sides(days, happened, *weights), evidence.rng) if band is Band.FULL else None
    interval = Interval(1 - ratio.high, 1 - ratio.low, ratio.method) if ratio else None
    ours, theirs = (weight > 0 for weight in weights)
    units = (int(ours.sum()), int(theirs.sum()))
    decided = (int((happened & ours).sum()), int((happened & theirs).sum()))
    verdict = judge_two_arms(units, decided, interval, noun="comparable deals", events_noun="decided deals")
    return replace(ruling_of(verdict, interval, units[0]), counts=f"{units[0]:,} referred and {units[1]:,} alike")


FASTER = Judge("comparable referred deals", "95 % bootstrap of the ratio of Kaplan-Meier medians", _judge)


def days_part(label: str, side: Waits) -> Part:
    """Median wait of one side; not shown with too few that got there."""
    counted = side.weights > 0
    enough = np.count_nonzero(side.happened & counted) >= small_samples().two_arms.least_events
    return Part(label, median_wait(side) if enough else None, "days", int(counted.sum()))


def acceleration_parts(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """Both medians, the same for wins with lost deals followed to their loss, and the days in each stage."""
    rows = data.columns("deal_waits", month, segment)
    weights = [rows[name] for name in ("referred_weight", "baseline_weight")]
    decided = both_sides(rows["deal_days"], rows["decided_deals"], *weights)
    won = both_sides(rows["deal_days"], rows["won_deals"], *weights)
    stages = stage_days(data.table("stage_entries"), rows, month)
    return (
        days_part("To a decision, referred", decided[0]),
        days_part("To a decision, comparable deals", decided[1]),
        days_part("To a win if none were lost, referred", won[0]),
        days_part("To a win if none were lost, comparable deals", won[1]),
        *(part for name, own in stages.items() for part in _stage_parts(name, own)),
    )


def _stage_parts(stage: str, rows: Columns) -> tuple[Part, Part]:
    columns = (rows[name] for name in ("stage_days", "passed", "referred_weight", "baseline_weight"))
    referred, others = both_sides(*columns)
    name = stage.replace("_", " ").capitalize()
    return days_part(f"In {name}, referred", referred), days_part(f"In {name}, comparable deals", others)


def stage_days(entries: pd.DataFrame, deals: Columns, month: dt.date) -> dict[str, Columns]:
    """Days of each deal in each stage it entered, from its first entry to its final exit.

    A stage is left when the next one is entered or the deal closes; one not left by month end is followed up to then.
    A stage that was skipped has no row; one returned to lasts until it is left for good.

    Args:
        entries: opportunity_id, stage, entered_on, left_on: every entry.
        deals: Rows of `deal_waits`.
        month: First day of the month.

    Returns:
        By stage, in the order in which deals reach them: opportunity_id, stage_days, passed (0 or 1), referred_weight,
        baseline_weight.
    """
    last = np.datetime64(month_end(month))
    stages, names = ranked(entries["stage"])
    of, stage, entered, left = _stays(entries, stages, deals, last)
    left = np.where(left <= last, left, deals["closed_on"][of].astype("datetime64[D]"))
    numbers = {
        "stage_days": (np.where(np.isnat(left), last, left) - entered).astype(np.int64),
        "passed": (~np.isnat(left)).astype(np.int64),
    }
    reached = (entered - deals["created_on"][of].astype("datetime64[D]")).astype(np.int64)
    found = {}
    for place, name in enumerate(names):
        rows = np.flatnonzero((stage == place) & (numbers["stage_days"] >= 0))
        if len(rows):
            own = deals.only("opportunity_id", "referred_weight", "baseline_weight").take(of[rows])
            found[str(name)] = (np.median(reached[rows]), own.also(**{key: of_[rows] for key, of_ in numbers.items()}))
    return {name: rows for name, (_, rows) in sorted(found.items(), key=lambda item: item[1][0])}


def _stays(
    entries: pd.DataFrame, stages: Positions, deals: Columns, last: np.datetime64
) -> tuple[Positions, Positions, Days, Days]:
    """Deal (place in `deals`), stage, day of the first entry and of the last exit of each deal in each of its stages.

    Only entries up to a day are seen; the exit is that of the last of them, missing where the deal is still there.
    """
    of = places(entries["opportunity_id"], pd.Series(deals.column("opportunity_id")))
    entered, left = (day_numbers(entries[name].to_numpy()) for name in ("entered_on", "left_on"))
    seen = np.flatnonzero((of >= 0) & (entered <= last.astype(np.int64)))
    kinds = int(stages.max(initial=0)) + 1
    key = of[seen] * kinds + stages[seen]
    # entry and exit as one number, so that of the entries of one day the one left last stands for them
    both = entered[seen].astype(np.int64) * DAYS_APART + (left[seen] - np.int64(NO_DAY))
    limits = np.iinfo(np.int64)
    oldest, newest = (np.full(deals.rows * kinds, end) for end in (limits.max, limits.min))
    np.minimum.at(oldest, key, both)
    np.maximum.at(newest, key, both)
    there = np.flatnonzero(np.bincount(key, minlength=len(oldest)))
    entered, left = oldest[there] // DAYS_APART, newest[there] % DAYS_APART + NO_DAY
    return there // kinds, there % kinds, days_from(entered.astype(np.int32)), days_from(left.astype(np.int32))


@kpi(
    label="Faster by referral",
    unit="ratio",
    better="higher",
    frame="deal_waits",
    needs=("opportunities",),
    also=("stage_history",),
    interval=FASTER,
    version=1,
    covered=known_created,
    of="rows",
    parts=acceleration_parts,
)
def stage_acceleration_rate(
    *,
    deal_days: np.ndarray,
    decided_deals: np.ndarray,
    referred_weight: np.ndarray,
    baseline_weight: np.ndarray,
) -> float | None:
    """How much sooner referred deals are decided than deals alike in segment, size and first stage.

    faster by = 1 - median days to a decision, referred / median days to a decision, comparable deals

    Medians are of Kaplan-Meier curves in which a deal still open counts as waiting; a lost deal is a decision.

    Args:
        deal_days: Days from creation to the close, or to month end while open.
        decided_deals: Whether the deal was won or lost, 1 or 0.
        referred_weight: 1 for a referred deal with comparable ones, else 0.
        baseline_weight: Weight of a deal that was not referred, so that both sides have the same make-up.

    Returns:
        A share; 0.2 is a fifth sooner, below 0 is later. None when half of a side is not decided yet.

    Source:
        Kaplan-Meier medians with open deals censored: among won deals alone the quick ones of a young programme
        come first.
    """
    return share_faster(*both_sides(deal_days, decided_deals, referred_weight, baseline_weight))
