"""Service: are customers content, answered in time, and shown what they got."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from core.kpis.columns import Columns
from core.kpis.inputs import KpiInput, frame, windowed
from core.kpis.judging import proportion
from core.kpis.registry import kpi
from core.kpis.result import Part
from core.kpis.units import units_of
from core.model.kpi_rules import kpi_rules
from core.schema.zones import TOLD, local_days
from core.stats.months import month_end, month_numbers, month_starts
from core.stats.ordering import in_order

SECONDS_PER_HOUR = 3_600
SHOWN = ("severity", "opened_at", "opened_on", "first_response_at")


def labelled(data: KpiInput, rows: pd.DataFrame, days: np.ndarray) -> Columns:
    """Rows with the counted account of each and its segment on a day, in place of their own account_id."""
    units = units_of(data)
    labels = units.labels_of_all(units.positions(rows["account_id"]), days)
    return Columns(
        {**labels, **{str(name): rows[name].to_numpy() for name in rows.columns.drop("account_id")}}, len(rows)
    )


@windowed(by="month", months=1)
def csat_answers(data: KpiInput) -> Columns:
    """One row per account and month with a CSAT answer; a month sees the answers received in it.

    Returns:
        account_id, account_name, segment (at month end), month, satisfied_answers, csat_answers.
    """
    rows = data.once("csat_month").rename(columns={"answers": "csat_answers", "satisfied": "satisfied_answers"})
    return labelled(data, rows, month_starts(month_numbers(rows["month"].to_numpy()) + 1) - 1)


@windowed(by="opened_on", months=1)
def tickets_opened(data: KpiInput) -> Columns:
    """One row per ticket whose promise was met, or had passed, by the end of the month it was opened in.

    A ticket of the last hours that was still within its promise then is not counted, whatever became of it.

    Returns:
        account_id, account_name, segment (on that day), severity, opened_at, opened_on, first_response_at,
        hours_promised, answered_in_time (0 or 1), due_tickets (1).
    """
    tickets = data.once("ticket_answers")
    opened, answered = (
        tickets[name].to_numpy().astype("datetime64[us]") for name in ("opened_at", "first_response_at")
    )
    promises = kpi_rules().service.first_response_hours
    hours = tickets["severity"].map({int(level): value for level, value in promises.items()}).astype("float64")
    due = opened + (hours.to_numpy() * SECONDS_PER_HOUR).astype("timedelta64[s]")
    days = tickets["opened_on"], tickets["answered_on"], local_days(tickets["opened_at"], data.zone, hours)
    opened_on, answered_on, due_on = (each.to_numpy().astype("datetime64[D]") for each in days)
    after = month_starts(month_numbers(opened_on) + 1)
    in_time = (answered <= due + np.timedelta64(TOLD)) & (answered_on < after)
    counted = in_time | (due_on < after)
    rows, units = np.flatnonzero(counted), units_of(data)
    rows = rows[in_order(opened[rows])]
    return Columns(
        {
            **units.labels_of_all(units.positions(tickets["account_id"])[rows], opened_on[rows]),
            **{name: tickets[name].to_numpy()[rows] for name in SHOWN},
            "hours_promised": hours.to_numpy()[rows],
            "answered_in_time": in_time[rows].astype("int64"),
            "due_tickets": 1,
        },
        len(rows),
    )


def severity_parts(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """The share of each severity; each has a promise of its own."""
    columns = data.columns("tickets_opened", month, segment)
    severity, met = columns["severity"], columns["answered_in_time"]
    promises = kpi_rules().service.first_response_hours
    found = [(level, hours, met[severity == int(level)]) for level, hours in sorted(promises.items())]
    return tuple(
        Part(f"Severity {level}, promised in {hours:g} h", float(own.mean()) if len(own) else None, "ratio", len(own))
        for level, hours, own in found
    )


@windowed(by="planned_on", months=3, lag=1)
def reviews_planned(data: KpiInput) -> Columns:
    """One row per review planned for a day, held sooner or later; the input of `review_quarter`."""
    rows = data.once("reviews")
    late = (rows["held_on"] - rows["planned_on"]).dt.days
    on_time = late.abs() <= kpi_rules().service.review_days
    stated = rows["value_stated"].fillna(False).astype(bool)
    return labelled(data, rows, rows["planned_on"].to_numpy()).also(
        value_stated=stated.to_numpy(),
        days_late=late.to_numpy(),
        planned_reviews=1,
        reviews_held=(on_time & stated).to_numpy().astype("int64"),
    )


@frame
def review_quarter(data: KpiInput, month: dt.date) -> Columns:
    """One row per review planned in the three months before a month and held by its end.

    The months before, because a review planned for the last days of this one still has time.

    Returns:
        account_id, account_name, segment (on the planned day), planned_on, held_on, days_late, value_stated,
        planned_reviews (1), reviews_held (1 when in time and with a stated value).
    """
    rows = data.columns("reviews_planned", month)
    return rows.take(np.flatnonzero(rows["held_on"] <= np.datetime64(month_end(month))))


def review_parts(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """Why reviews do not count: held too far from the plan, or held without a number."""
    columns = data.columns("review_quarter", month, segment)
    far = np.abs(columns["days_late"]) > kpi_rules().service.review_days
    silent = ~far & ~columns["value_stated"].astype(bool)
    n = columns.rows
    return (
        Part("Held too early or too late", int(far.sum()), "count", n),
        Part("Held in time, without a stated value", int(silent.sum()), "count", n),
    )


@kpi(
    label="Customer satisfaction (CSAT)",
    unit="ratio",
    better="higher",
    frame="csat_answers",
    needs=("accounts", "survey_responses"),
    interval=proportion("satisfied_answers", "csat_answers", "answers"),
    version=1,
)
def csat_rate(*, satisfied_answers: float, csat_answers: float) -> float | None:
    """Share of the CSAT answers received in the month that are 4 or 5.

    rate = answers of 4 or 5 / valid answers on the scale 1 to 5

    Args:
        satisfied_answers: Answers of 4 or 5.
        csat_answers: Answers from 1 to 5; of one person's answers of one day the last.

    Returns:
        A ratio between 0 and 1. None when nobody answered.

    Source:
        The two best answers of five: a share has an honest interval, a mean of the scale has not.
    """
    if csat_answers == 0:
        return None
    return satisfied_answers / csat_answers


@kpi(
    label="First answer in time",
    unit="ratio",
    better="higher",
    frame="tickets_opened",
    needs=("accounts", "tickets"),
    interval=proportion("answered_in_time", "due_tickets", "tickets"),
    version=2,
    parts=severity_parts,
)
def first_response_sla_rate(*, answered_in_time: float, due_tickets: float) -> float | None:
    """Share of the tickets opened in the month that a person answered within the promised time.

    rate = tickets answered in time / tickets whose promise was met or has passed

    Args:
        answered_in_time: Of those, the ones with a first human answer within the hours promised.
        due_tickets: Tickets opened in the month, those never answered included once their promise has passed.

    Returns:
        A ratio between 0 and 1. None when no promise fell due.

    Source:
        A share of tickets, not a mean of hours: the mean leaves out those nobody answered.
    """
    if due_tickets == 0:
        return None
    return answered_in_time / due_tickets


@kpi(
    label="Value reviews held",
    unit="ratio",
    better="higher",
    frame="review_quarter",
    needs=("accounts", "interactions"),
    interval=proportion("reviews_held", "planned_reviews", "reviews"),
    version=1,
    parts=review_parts,
)
def exec_reviews_held_rate(*, reviews_held: float, planned_reviews: float) -> float | None:
    """Share of the reviews planned in the three months before that were held within 14 days of plan, with a number.

    rate = reviews held within 14 days of plan with a stated value / planned reviews on record

    Args:
        reviews_held: Of those, the ones held in time at which a measured value was stated.
        planned_reviews: Reviews with a planned day in the three months before this one.

    Returns:
        A ratio between 0 and 1. None when no review was planned.

    Source:
        A meeting without numbers keeps no cadence of value; the deck that was sent is no review.
    """
    if planned_reviews == 0:
        return None
    return reviews_held / planned_reviews
