"""What the pool can bear next quarter against what will be asked of it: act by act, in hours of the customer."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from core.advocacy.pool_load import Figure, within
from core.model.advocacy import AdvocacyRules
from core.model.pool import PoolRules
from core.stats.intervals import Interval, compound_poisson

Alarm = Literal["yes", "maybe", "no"]
"""Whether a figure lies beyond its limit: at both ends of its interval, at one, at neither."""


@dataclass(frozen=True)
class Capacity:
    """Hours the pool can give in the next quarter, and hours that will be asked for.

    An hour of one act does not serve another: only acts that are on both sides are compared and summed.

    Attributes:
        people: Who can be asked within the quarter.
        asks: Asks they can bear by the caps.
        hours: Hours of the asks for acts that are asked for as well. [hours]
        idle: Hours of the asks for acts nobody asks for. [hours]
        demand: Hours that will be asked for, of acts somebody can be asked for: the mean of the last quarters, with an
            interval. [hours]
        unmet: Hours that will be asked for, of acts nobody can be asked for. [hours]
        used: Demand / hours; None without an act on both sides.
        alarm: Of the acts on both sides the worst.
        waiting: Reference requests that wait for somebody; they are part of the demand to come.
        rows: One row per act: activity, people, asks, hours, sent (asks of the last quarters), demand_hours, low and
            high (ends of its interval), used (missing unless it is on both sides), alarm (empty there).
    """

    people: int
    asks: int
    hours: float
    idle: float
    demand: Figure
    unmet: float
    used: Figure
    alarm: Alarm
    waiting: int
    rows: pd.DataFrame

    def over(self, alarm: Alarm) -> tuple[str, ...]:
        """Acts with this alarm, those asked for most beyond what can be given first."""
        rows = self.rows[self.rows["alarm"] == alarm].sort_values("used", ascending=False, kind="stable")
        return tuple(rows["activity"])


def capacity(
    people: pd.DataFrame, asks: pd.DataFrame, waiting: int, as_of: dt.date, rules: PoolRules, limits: AdvocacyRules
) -> Capacity:
    """Capacity against demand of the next quarter, in hours of the customer.

    capacity of an act = Σ people min(cap of the quarter, cap of the year - asks that will still count) x hours of it,
                         over the people whose next act it is and whose rest ends within the quarter
    demand of an act   = hours of its asks of the last quarters / number of quarters
    used               = Σ demand / Σ capacity, over the acts that have both

    Args:
        people: contact_id, towards (next activity), kept_asks (asks of the last year that will still count against the
            cap of a year at the end of the quarter), earliest (first day of the next ask, missing where none is known
            and nothing but an ask that waits stands before it): those no hard stop holds for, resting or not.
        asks: contact_id, activity, asked_on of every ask sent.
        waiting: Open reference requests nobody was found for.
        as_of: Last day before the quarter.
        rules: Hours, quarters, alarm.
        limits: Caps of a quarter and a year.
    """
    rule = rules.capacity
    past = within(asks, as_of, rule.quarter_days * rule.past_quarters)
    own = _bearing(people, as_of, rules, limits)
    rows = _by_activity(own, past, rules)
    both = (rows["hours"] > 0) & (rows["demand_hours"] > 0)
    demand = _demand(past[past["activity"].isin(rows.loc[both, "activity"])], rules)
    hours = float(rows.loc[both, "hours"].sum())
    reason = _no_comparison(len(past), float(own["hours"].sum())) if not both.any() else None
    return Capacity(
        people=len(own),
        asks=int(own["asks"].sum()),
        hours=hours,
        idle=float(rows["hours"].sum()) - hours,
        demand=Figure(None, len(past), reason=reason) if reason else demand,
        unmet=float(rows.loc[rows["hours"] == 0, "demand_hours"].sum()),
        used=Figure(None, len(past), reason=reason) if reason else _used(demand, hours),
        alarm=_worst(rows["alarm"]),
        waiting=waiting,
        rows=rows,
    )


def _bearing(people: pd.DataFrame, as_of: dt.date, rules: PoolRules, limits: AdvocacyRules) -> pd.DataFrame:
    """People who can be asked within the quarter, with the asks and the hours they can bear."""
    caps, last = limits.limits, pd.Timestamp(as_of) + pd.Timedelta(days=rules.capacity.quarter_days)
    own = people[~(people["earliest"] > last)]
    bears = np.clip(caps.year.asks - own["kept_asks"], 0, caps.quarter.asks).astype(np.int64)
    return own.assign(asks=bears, hours=bears * own["towards"].map(rules.hours_of).astype("float64"))


def _demand(past: pd.DataFrame, rules: PoolRules) -> Figure:
    """Hours asked for in a quarter, and how far a sum of a random number of asks can be from its mean."""
    spent = past["activity"].map(rules.hours_of).to_numpy(dtype=np.float64)
    whole, quarter = compound_poisson(spent), 1 / rules.capacity.past_quarters
    ends = whole and Interval(whole.low * quarter, whole.high * quarter, whole.method)
    return Figure(float(spent.sum()) * quarter, len(past), ends)


def _no_comparison(sent: int, hours: float) -> str:
    if not sent:
        return "no ask was sent in the last quarters"
    if not hours:
        return "nobody can be asked in the next quarter"
    return "nobody can be asked for any of the acts that are asked for"


def _used(demand: Figure, hours: float) -> Figure:
    assert demand.value is not None
    ends = demand.interval and Interval(
        demand.interval.low / hours, demand.interval.high / hours, demand.interval.method
    )
    return Figure(demand.value / hours, demand.n, ends)


def _alarm(demand: Figure, hours: float, share: float) -> Alarm:
    assert demand.value is not None
    low, high = (demand.interval.low, demand.interval.high) if demand.interval else (demand.value, demand.value)
    return "yes" if low >= share * hours else "maybe" if high >= share * hours else "no"


def _worst(alarms: pd.Series) -> Alarm:
    found = set(alarms)
    return "yes" if "yes" in found else "maybe" if "maybe" in found else "no"


def _by_activity(people: pd.DataFrame, past: pd.DataFrame, rules: PoolRules) -> pd.DataFrame:
    """The two sides of every act, most asked for first."""
    give = people.groupby("towards").agg(people=("contact_id", "count"), asks=("asks", "sum"), hours=("hours", "sum"))
    givers = {str(name): own for name, own in give.to_dict("index").items()}
    demands = {str(name): _demand(part, rules) for name, part in past.groupby("activity")}
    rows = []
    for name in sorted({*givers, *demands}):
        own, asked = givers.get(name, {}), demands.get(name, Figure(0.0, 0))
        hours = float(own.get("hours", 0.0))
        both = hours > 0 and asked.n > 0
        ends = asked.interval or Interval(asked.value or 0.0, asked.value or 0.0, "none")
        used = (asked.value or 0.0) / hours if both else None
        alarm = _alarm(asked, hours, rules.capacity.alarm) if both else ""
        give_side = name, own.get("people", 0), own.get("asks", 0), hours
        rows.append((*give_side, asked.n, asked.value, ends.low, ends.high, used, alarm))
    names = ["activity", "people", "asks", "hours", "sent", "demand_hours", "low", "high", "used", "alarm"]
    kinds = dict.fromkeys(names, "float64") | {"activity": "str", "alarm": "str"}
    found = pd.DataFrame(rows, columns=names).astype(kinds | dict.fromkeys(("people", "asks", "sent"), "int64"))
    return found.sort_values(["demand_hours", "activity"], ascending=[False, True]).reset_index(drop=True)
