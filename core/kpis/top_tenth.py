"""Whether readiness foretells who acts: the asks of the top tenth beside all asks of scored people."""

from __future__ import annotations

from math import exp

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.kpis.columns import made
from core.kpis.inputs import KpiInput, windowed
from core.kpis.judging import Band, Evidence, Judge, Ruling
from core.kpis.registry import measure
from core.kpis.result import State
from core.kpis.units import units_of
from core.stats.intervals import Interval
from core.stats.resampling import linearised_of_sums
from core.stats.small_sample import judge_money_average, judge_two_arms

COUNTS = ("top_acts", "top_asks", "scored_acts", "scored_asks")


@windowed(by="decided_on", months=12)
def asks_by_readiness(data: KpiInput) -> pd.DataFrame:
    """One row per ask of a scored person; a month sees those whose time was over in its year.

    Returns:
        account_id, account_name, segment (on the day its time was over), decided_on, unit (place of the account),
        scored_asks (1), scored_acts, top_asks, top_acts (0 or 1).
    """
    asks, units = data.table("scored_asks"), units_of(data)
    places = units.positions(asks["account_id"])
    known, days = places >= 0, asks["decided_on"].to_numpy().astype("datetime64[D]")
    return pd.DataFrame(
        {
            **made(units.labels(places[known], days[known])),
            "decided_on": days[known].astype("datetime64[us]"),
            "unit": places[known],
            **{name: asks[name].to_numpy()[known] for name in COUNTS},
        }
    )


def _log_lift(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logarithm of the lift from the sums of `COUNTS`; NaN where one of them is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(np.maximum(sums, 0.0))
    return np.asarray(logs[:, 0] - logs[:, 1] - logs[:, 2] + logs[:, 3])


def _judged(evidence: Evidence, _band: Band) -> Ruling:
    """Both sides large enough as two groups are; the interval over accounts, whose people share their luck."""
    top_acts, top, acts, asks = (int(evidence.sums[name]) for name in COUNTS)
    of = np.unique(evidence.columns["unit"], return_inverse=True)[1]
    table = np.column_stack([np.bincount(of, evidence.columns[name]) for name in COUNTS])
    band = linearised_of_sums(table, _log_lift) if evidence.value > 0 else None
    interval = None if band is None else Interval(exp(band.low), exp(band.high), "linearised logarithm")
    verdict = judge_two_arms((top, asks - top), (top_acts, acts - top_acts), noun="asks", events_noun="acts")
    if verdict.show:
        verdict = judge_money_average(top, evidence.value, interval, noun="asks of the top tenth")
    low, high = (None, None) if interval is None else (interval.low, interval.high)
    words = f"{top_acts:,} of {top:,} in the top tenth and {acts:,} of {asks:,} in all"
    return Ruling(low, high, top, State(verdict.state), verdict.reason, counts=words)


@measure(
    label="Lift of the top-scored tenth",
    frame="asks_by_readiness",
    needs=("contacts", "asks"),
    also=("outcomes", "survey_responses", "usage"),
    interval=Judge("asks of the top tenth", "95 %, logarithm linearised over accounts", _judged),
    version=2,
)
def score_top_decile_lift(*, top_acts: float, top_asks: float, scored_acts: float, scored_asks: float) -> float | None:
    """How much oftener people in the top tenth of readiness act when asked than all scored people who were asked.

    lift = (acts / asks of the top tenth) / (acts / asks of all scored people)

    Readiness is that of the day of the ask, from earlier days alone; the limit of the tenth is taken over everybody
    when the month of the ask began. An act is an ask completed within sixty days; younger asks wait.

    Args:
        top_acts: Asks of the top tenth that were completed in time.
        top_asks: Asks of the top tenth.
        scored_acts: Asks of all scored people that were completed in time.
        scored_asks: Asks of all scored people.

    Returns:
        A ratio; 1 means the score says nothing of who acts. None without an ask of the top tenth, or without an act.

    Example:
        >>> score_top_decile_lift(top_acts=30, top_asks=50, scored_acts=120, scored_asks=400)
        2.0

    Source:
        Top-decile lift: Neslin, Gupta, Kamakura, Lu and Mason, Journal of Marketing Research 43, 2006
    """
    if top_asks == 0 or scored_acts == 0:
        return None
    return (top_acts / top_asks) / (scored_acts / scored_asks)
