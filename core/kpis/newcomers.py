"""New customers: when each started, what it reached since, and when it left."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.kpis.asked import days_of
from core.kpis.columns import Columns, made
from core.kpis.inputs import KpiInput
from core.kpis.packed import day_numbers, days_from
from core.kpis.units import units_of
from core.stats.ids import Positions, known
from core.stats.months import month_end, shift_month
from core.stats.ordering import in_order
from core.stats.owner_days import pairs

Days = NDArray[np.datetime64]
STEPS = ("kickoff_on", "activated_on", "first_value_on")


def newcomers(data: KpiInput) -> pd.DataFrame:
    """One row per parent account that ever paid, oldest first.

    An account starts on the effective date of its first contract, a family with its first account. One that had
    paid and left before that day came back and is left out. What a row says does not depend on the month it is
    looked at from: who looks from an earlier month leaves later days out.

    Returns:
        account_id, account_name, segment (on the first day), unit, started_on, paid_from (first paid day), left_on
        (first day after the start on which nothing is paid), kickoff_on, activated_on, first_value_on (the first of
        the family; missing where it was not reached).
    """
    return data.kept_of_facts("newcomers", _newcomers)


def started_between(data: KpiInput, month: dt.date, months: int) -> Columns:
    """Rows of `newcomers` of the months that end with `month`, as known on its last day, that day itself left out.

    An account of the last day has been followed for no time and says nothing about how long something takes.
    """
    rows = data.kept_of_facts("newcomers as columns", lambda facts: Columns.of(newcomers(facts)))
    first, last = shift_month(month, 1 - months), month_end(month)
    start, stop = np.searchsorted(rows["started_on"], np.array([first, last], "datetime64[us]"))
    return rows.take(start + np.flatnonzero(rows["paid_from"][start:stop] <= np.datetime64(last)))


def waits(rows: Columns, event: Days, month: dt.date, since: str = "started_on") -> Columns:
    """How long each row waited for an event by the end of a month.

    Args:
        rows: As of `started_between`.
        event: Day of the event, missing where it has not happened; one before the start counts as day 0.
        month: First day of the month; what happened after its last day is not known.
        since: Column with the day the clock starts.

    Returns:
        `rows` with left_on and reached_on as known then, waiting_days (to the event, or to the day the account left
        or was last seen) and reached (0 or 1).
    """
    today, never = np.datetime64(month_end(month), "us"), np.datetime64("NaT")
    left = np.where(rows["left_on"] <= today, rows["left_on"], never)
    until = np.where(np.isnat(left), today, left)
    arrived = event <= until
    days = (np.where(arrived, event, until) - rows[since]) // np.timedelta64(1, "D")
    return rows.also(
        left_on=left,
        reached_on=np.where(arrived, event, never),
        waiting_days=np.maximum(days, 0),
        reached=arrived.astype("int64"),
    )


def _newcomers(data: KpiInput) -> pd.DataFrame:
    units, changes = units_of(data), data.table("paid_changes")
    accounts = data.table("accounts")
    paid = accounts.loc[known(accounts["account_id"], changes["account_id"]), ["account_id", "start_date"]]
    started = paid["start_date"].groupby(units.positions(paid["account_id"])).min()
    stays = _stays(units.positions(changes["account_id"]), changes, started)
    steps = data.table("milestones")
    reached = steps[list(STEPS)].groupby(units.positions(steps["account_id"])).min()
    rows = pd.concat([started.rename("started_on"), stays, reached.reindex(started.index)], axis=1)
    rows = rows[~rows["came_back"].astype(bool)].drop(columns="came_back").sort_values("started_on", kind="stable")
    of: Positions = rows.index.to_numpy(dtype=np.intp)
    labels = units.labels(of, rows["started_on"].to_numpy())
    return rows.reset_index(drop=True).assign(unit=of, **made(labels))


def _stays(of: Positions, changes: pd.DataFrame, started: pd.Series) -> pd.DataFrame:
    """By unit: its first paid day, the first unpaid day after the start, and whether one came before the start."""
    begun, wanted = np.full(of.max(initial=-1) + 2, np.datetime64("NaT", "us")), started.index.to_numpy(dtype=np.intp)
    begun[wanted] = days_of(started)
    day, rows = day_numbers(changes["day"].to_numpy()), np.flatnonzero(np.isin(of, wanted))
    rows = rows[in_order(pairs(of[rows], day[rows]))]
    unit, day, change = of[rows], day[rows], changes["change"].to_numpy()[rows]
    open_after = np.cumsum(change)  # over all units: what was open before a unit's first day is taken off
    first = np.flatnonzero(np.r_[True, unit[1:] != unit[:-1]][: len(unit)])
    last_of_day = np.r_[(unit[1:] != unit[:-1]) | (day[1:] != day[:-1]), True][: len(unit)]
    before = np.repeat(open_after[first] - change[first], np.diff(np.r_[first, len(unit)]))
    ended = np.flatnonzero(last_of_day & (open_after <= before))
    after = days_from(day[ended]) > begun[unit[ended]]
    left_on = np.full(len(begun), np.datetime64("NaT", "us"))
    left_on[unit[ended[after]][::-1]] = days_from(day[ended[after]])[::-1]  # the first of each unit stays
    back = np.zeros(len(begun), dtype=bool)
    back[unit[ended[~after]]] = True
    units = unit[first]
    return pd.DataFrame(
        {
            "paid_from": days_from(day[first]).astype("datetime64[us]"),
            "left_on": left_on[units],
            "came_back": back[units],
        },
        index=units,
    ).reindex(started.index)
