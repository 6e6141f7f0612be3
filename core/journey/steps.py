"""How many customers go on from one stage to the next, and how long it takes them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.journey.inputs import PathInput
from core.journey.landmarks import NEVER, Days, Landmarks
from core.model.journey import STAGES, JourneyRules, Stage, StageId
from core.stats.intervals import Interval, wilson
from core.stats.small_sample import Verdict, judge_money_average, judge_proportion
from core.stats.survival import TimeToReach, kaplan_meier, median_time, quantile_time

DAY = np.timedelta64(1, "D")

LimitFrom = Literal["customers", "target"]
"""Who says from when on waiting is late: the customers by their own time, or journey.toml by its days."""


@dataclass(frozen=True, slots=True)
class Step:
    """The way from one stage to the next one that is known.

    Attributes:
        start: Stage it starts from.
        end: Stage it leads to.
        within_days: Days over which the share is told.
        old_enough: Customers who reached the start at least that long ago, those that left since included.
        went_on: Of those, the ones that reached the end within these days.
        share: went_on / old_enough; None where nobody is old enough.
        low: Lower end of its 95 % Wilson interval.
        high: Upper end.
        share_verdict: Whether the share may be shown.
        followed: Customers whose waiting is known.
        arrived: Of those, the ones that got there.
        median: Days by which half of them got there (Kaplan-Meier); None when fewer than half did.
        median_low: Lower end of its 95 % band; None where the band is open.
        median_high: Upper end; None where the band is open.
        median_verdict: Whether the median may be shown; None without one.
        usual_days: Days after which waiting is late, never fewer than the customers' own median; None where half of
            them need more than `within_days`: then nobody is called late.
        limit_from: Who says so: the customers, where `usual.share` of them got there within `within_days`; else the
            target of journey.toml; None without a limit.
        quantile: Days by which `usual.share` of the customers got there; None while too few tell.
    """

    start: StageId
    end: StageId
    within_days: int
    old_enough: int
    went_on: int
    share: float | None
    low: float | None
    high: float | None
    share_verdict: Verdict
    followed: int
    arrived: int
    median: float | None
    median_low: float | None
    median_high: float | None
    median_verdict: Verdict | None
    usual_days: int | None
    limit_from: LimitFrom | None
    quantile: float | None


def path_steps(data: PathInput, marks: Landmarks, rules: JourneyRules, segment: str | None = None) -> tuple[Step, ...]:
    """Every step between stages that are known.

    Args:
        data: The company; customers that left count, else only those who managed would. Who came back is followed on.
        marks: From `landmarks`.
        rules: Stages and rules.
        segment: Only customers of this segment; None takes all.
    """
    found = []
    for start, end in pairwise(marks.known):
        rows = step_rows(data, marks, start, end, rules)
        found.append(_step(start, end, rows if segment is None else rows[rows["segment"] == segment], rules))
    return tuple(found)


def step_rows(data: PathInput, marks: Landmarks, start: StageId, end: StageId, rules: JourneyRules) -> pd.DataFrame:
    """The customers a step is told from, those that left since included.

    An end reached before its start took 0 days, one recorded after the last visible day counts as reached on it, one
    after the customer left is not seen. Who came back has not left:
    only the days it was away do not count. Who stood at the start before the end was ever recorded is left out: nobody
    would know of the end.

    Args:
        data: The company.
        marks: From `landmarks`.
        start: Stage the step starts from.
        end: Stage it leads to.
        rules: Stages and rules.

    Returns:
        account_id, account_name, segment, start_on, end_on (missing where it was not seen), left_on (missing for who
        came back), days_away, waiting_days (to the end, or to the day the customer left or was last seen, without
        days_away), arrived, old_enough, went_on (0 or 1 each).
    """
    today, customers = np.datetime64(data.as_of, "us"), data.customers
    began, ended = marks.first[:, STAGES.index(start)], marks.first[:, STAGES.index(end)]
    stay, left = (customers[name].to_numpy().astype("datetime64[us]") for name in ("stay_from", "left_on"))
    gone = np.where(np.isnat(stay), left, NEVER)
    until = np.where(np.isnat(gone), today, np.minimum(gone, today))
    used = customers["followed"].to_numpy(dtype=bool) & ~np.isnat(began)
    used &= (began >= data.recorded[end].to_datetime64()) & (began < until)
    began, ended, until, gone = began[used], ended[used], until[used], gone[used]
    counted = np.minimum(ended, today)
    arrived = ~np.isnat(ended) & (counted <= until)
    last, gap = np.where(arrived, counted, until), (left[used], stay[used])
    away = _away(began, last, *gap)
    days = np.maximum((last - began) // DAY - away, 0).astype(np.int64)
    within = rules.stages[STAGES.index(start)].within_days or 0
    old = (today - began) // DAY - _away(began, np.full_like(last, today), *gap) >= within
    names = {name: customers[name].array[used] for name in ("account_id", "account_name", "segment")}
    columns = {
        "start_on": began,
        "end_on": np.where(arrived, ended, NEVER),
        "left_on": gone,
        "days_away": away,
        "waiting_days": days,
        "arrived": arrived.astype(np.int64),
        "old_enough": old.astype(np.int64),
        "went_on": (old & arrived & (days <= within)).astype(np.int64),
    }
    return pd.DataFrame({**names, **columns})


def _away(began: Days, last: Days, left: Days, back: Days) -> NDArray[np.int64]:
    """Days between two days on which a customer that came back was away; 0 for the others."""
    gap = np.minimum(last, back) - np.maximum(began, left)
    return np.asarray(np.maximum(np.where(np.isnat(gap), 0 * DAY, gap) // DAY, 0), dtype=np.int64)


def _step(start: StageId, end: StageId, rows: pd.DataFrame, rules: JourneyRules) -> Step:
    stage = rules.stages[STAGES.index(start)]
    within = stage.within_days or 0
    went_on, old_enough, arrived = (int(rows[name].sum()) for name in ("went_on", "old_enough", "arrived"))
    interval = wilson(went_on, old_enough)
    curve = kaplan_meier(rows["waiting_days"].to_numpy(), rows["arrived"].to_numpy() > 0)
    median, usual = median_time(curve), quantile_time(curve, rules.usual.share).time
    usual = usual if arrived >= rules.usual.least_customers else None
    limit, limit_from = _limit(stage, median.time, usual, few=arrived < rules.usual.least_customers)
    return Step(
        start=start,
        end=end,
        within_days=within,
        old_enough=old_enough,
        went_on=went_on,
        share=went_on / old_enough if old_enough else None,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        share_verdict=judge_proportion(went_on, old_enough),
        followed=len(rows),
        arrived=arrived,
        median=median.time,
        median_low=median.low,
        median_high=median.high,
        median_verdict=_judged(median, arrived),
        usual_days=limit,
        limit_from=limit_from,
        quantile=usual,
    )


def _limit(
    stage: Stage, median: float | None, usual: float | None, *, few: bool
) -> tuple[int, LimitFrom] | tuple[None, None]:
    """Days after which waiting is late, and who says so; nobody is late before half of the customers got there."""
    within, given = stage.within_days or 0, stage.usual_days or 0
    if usual is not None and round(usual) <= within:
        return round(usual), "customers"
    if median is None:
        return (given, "target") if few else (None, None)
    if few and median <= given:
        return given, "target"
    return (within, "target") if median <= within else (None, None)


def _judged(median: TimeToReach, arrived: int) -> Verdict | None:
    if median.time is None:
        return None
    closed = median.low is not None and median.high is not None
    band = Interval(median.low or 0.0, median.high or 0.0, "Kaplan-Meier") if closed else None
    return judge_money_average(arrived, median.time, band, noun="customers that got there")
