"""Outcomes and health: do customers reach what was agreed, and how much revenue is in good health."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from core.glossary import display_month
from core.kpis.asked import days_of
from core.kpis.columns import Columns
from core.kpis.inputs import KpiInput, frame, windowed
from core.kpis.judging import proportion, ratio_over_accounts
from core.kpis.registry import kpi
from core.kpis.result import Part
from core.kpis.units import Units, units_of
from core.model.kpi_rules import kpi_rules
from core.stats.months import month_end

BANDS = ("Healthy", "Watch", "At risk", "Onboarding")
UNSCORED = "Not scored"


@windowed(by="due_on", months=12)
def outcomes_due(data: KpiInput) -> Columns:
    """One row per outcome with a due date; a month sees those due in the twelve months to its end.

    On its due date it is decided whether an outcome was reached in time, so nothing later changes a row. One agreed
    after its due date was no promise and is left out.

    Returns:
        account_id, account_name, segment (on the due date), agreed_on, due_on, confirmed_on (in time, else missing),
        due_outcomes (1) and outcomes_in_time (0 or 1).
    """
    outcomes, units = data.table("outcomes"), units_of(data)
    agreed, due, verified = (days_of(outcomes[name]) for name in ("agreed_on", "due_on", "verified_on"))
    rows = np.flatnonzero(agreed <= due)
    agreed, due, verified = agreed[rows], due[rows], verified[rows]
    in_time = verified <= due
    return Columns(
        {
            **units.labels_of_all(units.positions(outcomes["account_id"].take(rows)), due),
            "agreed_on": agreed,
            "due_on": due,
            "confirmed_on": np.where(in_time, verified, np.datetime64("NaT")),
            "due_outcomes": 1,
            "outcomes_in_time": in_time.astype(np.int64),
        },
        len(rows),
    )


def outcome_parts(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """How many active accounts have an outcome on file, and how many have a verified one."""
    units, last = units_of(data), pd.Timestamp(month_end(month))
    active = _active(data, units, month, segment)
    outcomes = data.table("outcomes")
    of = data.kept("units of outcomes", lambda: units.positions(outcomes["account_id"]))
    agreed = (outcomes["agreed_on"] <= last).to_numpy()
    verified = agreed & (outcomes["verified_on"] <= last).to_numpy()
    n = len(active)
    return tuple(
        Part(label, float(np.isin(active, of[chosen]).mean()) if n else None, "ratio", n)
        for label, chosen in (
            ("Active accounts with an outcome on file", agreed),
            ("Active accounts with a verified outcome", verified),
        )
    )


def _active(data: KpiInput, units: Units, month: dt.date, segment: str | None) -> np.ndarray:
    """Positions of accounts with revenue at month end, of one segment or of all."""
    paying = data.revenue.wide.index[data.revenue.mrr_at(month) > 0]
    active = units.positions(pd.Series(paying))
    active = active[active >= 0]
    return active if segment is None else active[np.asarray(units.segments_on(active, month_end(month)) == segment)]


@frame
def health_month(data: KpiInput, month: dt.date) -> pd.DataFrame:
    """One row per account with revenue at month end, and the band of its health.

    A family is as healthy as the least healthy of its accounts. An account in its first weeks is neither healthy nor
    at risk.

    Returns:
        account_id, account_name, segment, health [0-100], band, healthy_arr, scored_arr, all_arr [cents/year].
    """
    revenue, units, rules = data.revenue, units_of(data), kpi_rules().health
    arr = 12 * revenue.mrr_at(month)
    scores = data.table("account_health")
    health = scores["health"].groupby(units.positions(scores["account_id"])).min()
    own = units.positions(pd.Series(revenue.wide.index))
    rows = pd.DataFrame(
        {
            **revenue.labels,
            "segment": revenue.segment_at(month_end(month)),
            "health": health.reindex(own).to_numpy(dtype=np.float64),
        }
    )
    settled = pd.Timestamp(month_end(month) - dt.timedelta(days=rules.settling_days))
    young = (_started(data, units).reindex(own) > settled).to_numpy()
    healthy, at_risk = rows["health"] >= rules.healthy_from, rows["health"] < rules.at_risk_below
    band = np.select(
        [rows["health"].isna(), young, healthy, at_risk], [UNSCORED, "Onboarding", "Healthy", "At risk"], "Watch"
    )
    rows = rows.assign(
        band=band,
        healthy_arr=np.where(band == "Healthy", arr, 0),
        scored_arr=np.where(band != UNSCORED, arr, 0),
        all_arr=arr,
    )
    return rows[arr > 0]


def _started(data: KpiInput, units: Units) -> pd.Series:
    accounts = data.table("accounts")
    return accounts["start_date"].groupby(units.positions(accounts["account_id"])).min()


def health_gap(data: KpiInput, month: dt.date) -> str | None:
    """Why a month has no health: scores are those of the newest day and are not kept for earlier ones."""

    def newest() -> dt.date | None:
        months = data.table("account_health")["month"]
        return None if months.empty else months.iloc[0].date()

    known = data.kept("month of health", newest)
    if known is None:
        return "no account has a health score: import contacts"
    return None if known == month else f"health is known as of {display_month(known)} only"


def health_parts(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """Revenue in the other bands, and how much of all revenue has a score."""
    columns = data.columns("health_month", month, segment)
    arr, scored, band = columns["all_arr"], columns["scored_arr"], columns["band"]
    total, known = float(arr.sum()), float(scored.sum())
    others = tuple(
        Part(name, float(arr[band == name].sum()) / known if known else None, "ratio", int((band == name).sum()))
        for name in BANDS[1:]
    )
    return (*others, Part("Revenue with a score", known / total if total else None, "ratio", len(arr)))


@kpi(
    label="Outcome attainment",
    unit="ratio",
    better="higher",
    frame="outcomes_due",
    needs=("accounts", "outcomes"),
    interval=proportion("outcomes_in_time", "due_outcomes", "outcomes"),
    version=1,
    parts=outcome_parts,
)
def outcome_attainment_rate(*, outcomes_in_time: float, due_outcomes: float) -> float | None:
    """Share of the outcomes due in the last twelve months that the customer confirmed on or before the due date.

    rate = outcomes confirmed in time / outcomes due

    Args:
        outcomes_in_time: Of those, the ones confirmed by the customer by their due date.
        due_outcomes: Outcomes agreed with a due date in the twelve months; late and lost ones included.

    Returns:
        A ratio between 0 and 1. None when no outcome was due.

    Source:
        No standard exists; the due date decides, so that an outcome closed late stays missed.
    """
    if due_outcomes == 0:
        return None
    return outcomes_in_time / due_outcomes


@kpi(
    label="Revenue in good health",
    unit="ratio",
    better="higher",
    frame="health_month",
    needs=("subscriptions", "contacts", "outcomes"),
    also=("survey_responses", "tickets", "usage"),
    interval=ratio_over_accounts("scored_arr", part=True),
    version=1,
    covered=health_gap,
    parts=health_parts,
)
def healthy_arr_share(*, healthy_arr: float, scored_arr: float) -> float | None:
    """Share of the revenue with a health score that is in the healthy band.

    share = ARR of healthy accounts / ARR of accounts with a score

    Args:
        healthy_arr: ARR of accounts in the healthy band at month end. [cents/year]
        scored_arr: ARR of accounts with a score at month end, those in their first weeks included. [cents/year]

    Returns:
        A ratio between 0 and 1. None when no account with revenue has a score.

    Source:
        Bands instead of a mean of scores: every vendor weighs differently, and a mean hides the accounts at risk.
    """
    if scored_arr == 0:
        return None
    return healthy_arr / scored_arr
