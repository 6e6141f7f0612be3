"""The first months of a customer: how long until value, how many become active."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from core.kpis.columns import Columns
from core.kpis.inputs import KpiInput, frame, windowed
from core.kpis.judging import duration, proportion
from core.kpis.newcomers import Days, newcomers, started_between, waits
from core.kpis.registry import Diagnosis, kpi
from core.kpis.result import Part
from core.kpis.units import units_of
from core.model.kpi_rules import kpi_rules
from core.stats.months import month_end, shift_month
from core.stats.survival import SurvivalCurve, kaplan_meier, median_time, quantile_time, survival_at

VALUE_MONTHS = 6
OUTCOME_MONTHS = 12
LABELS = ["account_id", "account_name", "segment", "started_on"]


@frame
def value_wait(data: KpiInput, month: dt.date) -> Columns:
    """One row per customer that started in six months, and how long it waited for its first value.

    Returns:
        account_id, account_name, segment, started_on, kickoff_on, reached_on, left_on, waiting_days, reached.
    """
    rows = started_between(data, month, VALUE_MONTHS)
    rows = waits(rows, rows["first_value_on"], month)
    return rows.only(*LABELS, "kickoff_on", "reached_on", "left_on", "waiting_days", "reached")


@frame
def outcome_wait(data: KpiInput, month: dt.date) -> Columns:
    """One row per customer that started in twelve months, and how long it waited for its first verified outcome.

    Returns:
        account_id, account_name, segment, started_on, reached_on, left_on, waiting_days, reached.
    """
    rows = started_between(data, month, OUTCOME_MONTHS)
    first = data.kept("first outcomes", lambda: first_outcomes(data))
    rows = waits(rows, first[rows["unit"]], month)
    return rows.only(*LABELS, "reached_on", "left_on", "waiting_days", "reached")


def first_outcomes(data: KpiInput) -> Days:
    """Day of the first outcome each unit verified, by position; one verified before it was agreed counts when agreed.

    Empty where none was verified.
    """
    outcomes = data.table("outcomes")
    day = outcomes[["verified_on", "agreed_on"]].max(axis=1).where(outcomes["verified_on"].notna())
    units = units_of(data)
    first = day.groupby(units.positions(outcomes["account_id"])).min().reindex(range(len(units.ids)))
    return first.to_numpy().astype("datetime64[us]")


@windowed(by="started_on", months=1, lag=1)
def start_month(data: KpiInput) -> pd.DataFrame:
    """One row per new customer; a month sees those that started in the month before.

    Only they have had their days by the end of the month; those that started so late that they have not are left out.

    Returns:
        account_id, account_name, segment, started_on, activated_on (in time, else missing), new_accounts (1) and
        activated_accounts (0 or 1).
    """
    rows = newcomers(data)
    after = (rows["started_on"].dt.to_period("M") + 1).dt.to_timestamp(how="end").dt.floor("D")
    due = rows["started_on"] + pd.Timedelta(days=kpi_rules().onboarding.activation_days)
    known = (due <= after) & (rows["paid_from"] <= after)
    activated = rows["activated_on"].where(rows["activated_on"] <= due)
    rows = rows[LABELS].assign(
        activated_on=activated, new_accounts=1, activated_accounts=activated.notna().astype("int64")
    )
    return pd.DataFrame(rows[known])


def recorded_since(table: str, column: str, what: str, months: int, lag: int = 0) -> Diagnosis:
    """Says why a window is not covered: nothing of the kind was recorded when its first month ended.

    Without this an account whose system began to record later would count as never having got there.
    """

    def gap(data: KpiInput, month: dt.date) -> str | None:
        first = data.kept(("recorded", table, column), lambda: data.table(table)[column].min())
        begin = shift_month(month, 1 - months - lag)
        if pd.isna(first) or first > pd.Timestamp(month_end(month)):
            return f"no {what} is recorded by the end of the month"
        if first <= pd.Timestamp(month_end(begin)):
            return None
        return f"{what} is recorded from {first:%Y-%m} on; the window begins in {begin:%Y-%m}"

    return gap


def first_value_parts(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """What stands beside time to first value, with the clock from the kick-off as its second line."""
    rows = data.columns("value_wait", month, segment)
    from_kickoff = rows.take(np.flatnonzero(rows["kickoff_on"] <= np.datetime64(month_end(month))))
    again = waits(from_kickoff, from_kickoff["reached_on"], month, since="kickoff_on")
    second = Part("Median from the kick-off", median_time(_curve(again)).time, "days", again.rows)
    return (*_wait_parts(rows), second)


def outcome_parts(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """What stands beside time to value."""
    return _wait_parts(data.columns("outcome_wait", month, segment))


def _curve(rows: Columns) -> SurvivalCurve:
    return kaplan_meier(rows["waiting_days"], rows["reached"])


def _wait_parts(rows: Columns) -> tuple[Part, ...]:
    """Three of four, the share that got there by the marks, and how many left before."""
    curve, n = _curve(rows), rows.rows
    shares = []
    for mark in kpi_rules().onboarding.marks:
        waiting = survival_at(curve, mark)
        shares.append(Part(f"Got there by day {mark}", None if waiting is None else 1 - waiting.survival, "ratio", n))
    left = int((~np.isnat(rows["left_on"]) & np.isnat(rows["reached_on"])).sum())
    three_of_four = Part("Three of four got there within", quantile_time(curve, 0.75).time, "days", n)
    return (three_of_four, *shares, Part("Left before", left, "count", n))


@kpi(
    label="Time to first value",
    unit="days",
    better="lower",
    frame="value_wait",
    needs=("accounts", "milestones"),
    interval=duration("waiting_days", "reached", "new accounts"),
    version=1,
    covered=recorded_since("milestones", "first_value_on", "first value", VALUE_MONTHS),
    of="rows",
    parts=first_value_parts,
)
def time_to_first_value(*, waiting_days: np.ndarray, reached: np.ndarray) -> float | None:
    """Days from the start of the contract by which half of the new customers have their first value.

    median = first day t with S(t) <= 1/2, S the Kaplan-Meier share still waiting

    Those that have not got there count as still waiting, those that left as followed up to that day.

    Args:
        waiting_days: From the start to the first value, or to the day last seen, one per account. [days]
        reached: Whether it got there, 1 or 0, one per account.

    Returns:
        Days. None when fewer than half have got there in the time followed.

    Source:
        Kaplan and Meier, Journal of the American Statistical Association 53, 1958; the mean of those that got there
        is given as the wrong way by statstest.com, "Time-to-Event Retention Analysis".
    """
    return median_time(kaplan_meier(waiting_days, reached)).time


@kpi(
    label="Time to value",
    unit="days",
    better="lower",
    frame="outcome_wait",
    needs=("accounts", "outcomes"),
    interval=duration("waiting_days", "reached", "new accounts"),
    version=1,
    covered=recorded_since("outcomes", "agreed_on", "an outcome", OUTCOME_MONTHS),
    of="rows",
    parts=outcome_parts,
)
def time_to_value(*, waiting_days: np.ndarray, reached: np.ndarray) -> float | None:
    """Days from the start of the contract by which half of the new customers have confirmed an outcome.

    median = first day t with S(t) <= 1/2, S the Kaplan-Meier share still waiting

    Args:
        waiting_days: From the start to the first verified outcome, or to the day last seen, one per account. [days]
        reached: Whether it got there, 1 or 0, one per account.

    Returns:
        Days. None when fewer than half have got there in the time followed.

    Source:
        As time to first value; product value and business outcome are two clocks with one start.
    """
    return median_time(kaplan_meier(waiting_days, reached)).time


@kpi(
    label="Activation",
    unit="ratio",
    better="higher",
    frame="start_month",
    needs=("accounts", "milestones"),
    interval=proportion("activated_accounts", "new_accounts", "new accounts"),
    version=1,
    covered=recorded_since("milestones", "activated_on", "activation", 1, lag=1),
)
def activation_rate(*, activated_accounts: float, new_accounts: float) -> float | None:
    """Share of the customers that started in the month before who were active within their first 30 days.

    rate = activated within 30 days / new accounts whose 30 days have passed

    Args:
        activated_accounts: Of those, the ones that reached the activation event in time.
        new_accounts: Accounts that started in the month before, those that left since included.

    Returns:
        A ratio between 0 and 1. None when no account started.

    Source:
        By start month: activations of a month over starts of that month compare different customers.
    """
    if new_accounts == 0:
        return None
    return activated_accounts / new_accounts
