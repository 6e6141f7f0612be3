"""What referrals change: deals that were referred against comparable ones that were not."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.kpis.columns import Columns, Late
from core.kpis.comparable import Positions, new_business
from core.kpis.deals import deals_known
from core.kpis.inputs import KpiInput, frame
from core.kpis.judging import Band, Evidence, Judge, Ruling
from core.kpis.packed import day_number
from core.kpis.registry import kpi
from core.kpis.result import Part, State
from core.stats.intervals import Interval
from core.stats.months import shift_month
from core.stats.small_sample import Verdict, judge_two_arms
from core.stats.weighted import difference_of, effective_units, weighted_wilson

YEAR = 12


@frame
def matched_deals(data: KpiInput, month: dt.date) -> Columns:
    """New-business deals closed in twelve months, matched, and the referred ones created in them and still open.

    Returns:
        Labels and, per deal: matched_won, matched_closed (0 or 1: referred and comparable), weighted_won,
        weighted_closed (weight of a deal that was not referred), others_won, others_closed (0 or 1: not referred and
        of weight), matched_value, referral_pipeline, won_value [cents], unmatched_deals (0 or 1).
    """
    deals = new_business(data)
    closed, created = deals.closed_in(month, YEAR), deals.created_in(month, YEAR)
    waiting = created[deals.referred[created] & ~deals.closed_by(month, created)]
    rows, size = np.concatenate([closed, waiting]), len(closed)
    weight, won, unmatched = np.zeros(len(rows)), np.zeros(len(rows), dtype=bool), np.zeros(len(rows), dtype=np.int64)
    weight[:size], unmatched[:size] = deals.weights(closed)
    won[:size] = deals.won[closed]
    referred = deals.referred[rows]
    ours, theirs = referred & (weight > 0), weight * ~referred
    others, begun, first = theirs > 0, deals.days[0], day_number(shift_month(month, 1 - YEAR))
    numbers = {
        "matched_won": Late(lambda: (ours & won).astype(np.int64)),
        "matched_closed": Late(lambda: ours.astype(np.int64)),
        "weighted_won": Late(lambda: theirs * won),
        "weighted_closed": theirs,
        "others_won": Late(lambda: (others & won).astype(np.int64)),
        "others_closed": Late(lambda: others.astype(np.int64)),
        "matched_value": Late(lambda: _cents_of(deals.deal_cents, rows, ours)),
        "won_value": Late(lambda: _cents_of(deals.deal_cents, rows, referred & won)),
        "referral_pipeline": Late(lambda: _cents_of(deals.entry_cents, rows, referred & (begun[rows] >= first))),
        "unmatched_deals": unmatched,
    }
    return Columns({**deals.as_of(month, rows), **numbers}, len(rows))


def _cents_of(cents: NDArray[np.int64], rows: Positions, counted: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Amount of each deal that is counted, 0 of the others, which are by far the most."""
    found, few = np.zeros(len(rows), dtype=np.int64), np.flatnonzero(counted)
    found[few] = cents[rows[few]]
    return found


def matched_rates(columns: Columns) -> tuple[float, Interval, float, Interval] | None:
    """Win rate of matched referred deals and of comparable ones, each with its interval; None when a side is empty."""
    closed, total = columns.sum("matched_closed"), columns.sum("weighted_closed")
    if closed == 0 or total == 0:
        return None
    ours, theirs = columns.sum("matched_won") / closed, columns.sum("weighted_won") / total
    around = weighted_wilson(ours, closed)
    other = weighted_wilson(theirs, effective_units(columns["weighted_closed"]))
    return None if around is None or other is None else (ours, around, theirs, other)


def judge_arms(columns: Columns, difference: Interval | None = None) -> Verdict:
    """Whether both sides are large enough to be compared; the width of a difference counts where one is given."""
    counts = {name: int(columns.sum(name)) for name in ("matched_closed", "others_closed", "matched_won", "others_won")}
    closed, won = (counts["matched_closed"], counts["others_closed"]), (counts["matched_won"], counts["others_won"])
    return judge_two_arms(closed, won, difference, noun="comparable closed deals", events_noun="won deals")


def ruling_of(verdict: Verdict, interval: Interval | None, n: int) -> Ruling:
    """A verdict with its interval."""
    low, high = (None, None) if interval is None else (interval.low, interval.high)
    return Ruling(low, high, n, State(verdict.state), verdict.reason)


def _judge_lift(evidence: Evidence, band: Band) -> Ruling:
    found = matched_rates(evidence.columns) if band else None
    interval = difference_of(*found) if found else None
    n, others = (int(evidence.columns.sum(name)) for name in ("matched_closed", "others_closed"))
    ruling = ruling_of(judge_arms(evidence.columns, interval), interval, n)
    return replace(ruling, counts=f"{n:,} referred and {others:,} alike")


MATCHED = Judge("comparable referred deals", "95 % Newcombe interval, others by effective number", _judge_lift)


def lift_parts(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """The difference relative to the others, the naive one, both win rates, referred deals without comparison."""
    columns, plain = data.columns("matched_deals", month, segment), data.columns("deals_year", month, segment)
    found, verdict = matched_rates(columns), judge_arms(columns)
    shown = found if verdict.show else None
    counts = {
        name: int(plain[name].sum()) for name in ("referred_won", "referred_closed", "baseline_won", "baseline_closed")
    }
    closed, others = counts["referred_closed"], counts["baseline_closed"]
    naive = counts["referred_won"] / closed - counts["baseline_won"] / others if closed and others and shown else None
    matched, compared = int(columns["matched_closed"].sum()), int(columns["others_closed"].sum())
    relative = shown[0] / shown[2] - 1 if shown and shown[2] > 0 else None
    return (
        Part("More wins than comparable deals, relative", relative, "ratio", matched),
        Part("Difference as it stands, not matched", naive, "pp", closed),
        Part("Win rate of referred deals, matched", shown[0] if shown else None, "ratio", matched),
        Part("Win rate of comparable deals", shown[2] if shown else None, "ratio", compared),
        Part("Referred deals without comparable ones", float(columns["unmatched_deals"].sum()), "count", closed),
    )


@kpi(
    label="Win rate gained by referral",
    unit="pp",
    better="higher",
    frame="matched_deals",
    needs=("opportunities",),
    also=("stage_history",),
    interval=MATCHED,
    version=1,
    covered=deals_known(YEAR),
    parts=lift_parts,
)
def win_rate_lift_pp(
    *, matched_won: float, matched_closed: float, weighted_won: float, weighted_closed: float
) -> float | None:
    """Win rate of referred deals minus that of deals alike in segment, size and first stage that were not referred.

    lift = matched won / matched closed - weighted won / weighted closed

    A deal that was not referred weighs as many referred deals as there are for each like it, so that both sides have
    the same make-up. What the data do not hold stays in the difference.

    Args:
        matched_won: Referred deals won, of those with comparable ones.
        matched_closed: Referred deals won or lost, of those with comparable ones.
        weighted_won: Comparable deals won, weighted to the make-up of the referred ones.
        weighted_closed: Comparable deals won or lost, weighted likewise.

    Returns:
        A difference of fractions. None when no referred deal has a comparable one.

    Source:
        Exact stratification on segment, size band and stage at entry; interval: Newcombe 1998 with effective numbers.
    """
    if matched_closed == 0 or weighted_closed == 0:
        return None
    return matched_won / matched_closed - weighted_won / weighted_closed
