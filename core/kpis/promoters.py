"""Promoters: how many people would recommend us, by their latest answer."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.kpis.columns import Columns
from core.kpis.inputs import KpiInput, frame
from core.kpis.judging import proportion
from core.kpis.packed import day_numbers, looked_up
from core.kpis.registry import kpi
from core.kpis.result import Part
from core.kpis.units import among_people
from core.model.kpi_rules import kpi_rules
from core.model.small_samples import small_samples
from core.stats.ids import Positions, coded, numbered, ranked
from core.stats.intervals import nps_interval
from core.stats.months import shift_month
from core.stats.ordering import in_order

FAR_AHEAD = np.datetime64("2200-01-01", "us")


@frame
def answers_year(data: KpiInput, month: dt.date) -> Columns:
    """One row per person with an NPS answer in the twelve months to month end: the latest one.

    Returns:
        contact_id, account_id (the counted one), account_name, segment, answered_on, score and promoters, passives,
        detractors, respondents (0 or 1).
    """
    rows, days, until = data.kept("nps answers", lambda: _answers(data))
    after = np.datetime64(shift_month(month, 1), "us")
    start, stop = np.searchsorted(days, np.array([np.datetime64(shift_month(month, -11), "us"), after]))
    return rows.take(start + np.flatnonzero(until[start:stop] >= after))


def _answers(data: KpiInput) -> tuple[Columns, NDArray[np.datetime64], NDArray[np.datetime64]]:
    """Answers oldest first, their days, and the day of the same person's next one (far ahead without one)."""
    rules, rows, people = kpi_rules().voices, data.once("nps_answers"), data.table("people")
    who, ids = ranked(rows["contact_id"])
    days = rows["answered_on"].to_numpy().astype("datetime64[us]")
    numbers = day_numbers(days)
    by_day = in_order(numbers)
    by_person = by_day[in_order(who[by_day])]
    order = by_person[in_order(numbers[by_person])]
    until = _following(who, days, by_person)[order]
    who, days, score = who[order], days[order], rows["score"].to_numpy()[order]
    place = among_people(data).of(ids)[who]
    named = {"account_id": "unit_id", "account_name": "account_name", "segment": "segment"}
    promoters, detractors = score >= rules.promoter_at_least, score <= rules.detractor_at_most
    columns = {
        "contact_id": coded(who, ids),
        "month": rows["month"].to_numpy()[order],
        "answered_on": days,
        "score": score,
        **looked_up(place, {name: people[column].array for name, column in named.items()}),
        "promoters": promoters.astype(np.int64),
        "detractors": detractors.astype(np.int64),
        "respondents": np.ones(len(who), dtype=np.int64),
        "passives": 1 - promoters.astype(np.int64) - detractors.astype(np.int64),
    }
    return Columns(columns, len(who)).packed(), days, until


def _following(who: Positions, days: NDArray[np.datetime64], order: Positions) -> NDArray[np.datetime64]:
    """The day of the same person's next answer, far ahead without one; the order is by person, oldest first."""
    following, ordered = np.full(len(who), FAR_AHEAD), who[order]
    again = np.flatnonzero(ordered[1:] == ordered[:-1])
    following[order[again]] = days[order[again + 1]]
    return following


def nps_parts(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """The Net Promoter Score with its interval, the other two groups, and the score by account; counts when few."""
    columns = data.columns("answers_year", month, segment)
    promoters, detractors = int(columns["promoters"].sum()), int(columns["detractors"].sum())
    n = columns.rows
    enough = n >= small_samples().proportion.least_units
    interval = nps_interval(promoters, detractors, n) if enough else None
    return (
        Part("Net Promoter Score (NPS)", nps(promoters, detractors, n) if enough else None, "score", n),
        Part("NPS at least", interval.low if interval else None, "score", n),
        Part("NPS at most", interval.high if interval else None, "score", n),
        Part("Passives", float(columns["passives"].sum()), "count", n),
        Part("Detractors", float(detractors), "count", n),
        _by_account(columns),
    )


def nps(promoters: float, detractors: float, respondents: float) -> float | None:
    """Net Promoter Score.

    Net Promoter Score (NPS) = 100 x (promoters - detractors) / respondents

    Args:
        promoters: Answers of 9 or 10.
        detractors: Answers of 0 to 6.
        respondents: All valid answers.

    Returns:
        Points from -100 to 100, not per cent. None without an answer.

    Source:
        Reichheld, "The one number you need to grow", Harvard Business Review, 2003.
    """
    if respondents == 0:
        return None
    return 100 * (promoters - detractors) / respondents


def _by_account(columns: Columns) -> Part:
    """Each account's own score, averaged over accounts."""
    codes, names = numbered(pd.Series(columns.column("account_id")))
    known = codes >= 0
    net = np.bincount(codes[known], (columns["promoters"] - columns["detractors"])[known], minlength=len(names))
    size = np.bincount(codes[known], minlength=len(names))
    enough = len(names) >= small_samples().proportion.least_units
    return Part("NPS, mean over accounts", float(100 * (net / size).mean()) if enough else None, "score", len(names))


@kpi(
    label="Promoters",
    unit="ratio",
    better="higher",
    frame="answers_year",
    needs=("survey_responses",),
    also=("contacts",),
    interval=proportion("promoters", "respondents", "people"),
    version=1,
    parts=nps_parts,
)
def promoter_rate(*, promoters: float, respondents: float) -> float | None:
    """Share of people whose latest NPS answer of the last twelve months is 9 or 10.

    promoter rate = people with 9 or 10 / people with an answer

    Args:
        promoters: People whose latest answer in twelve months is 9 or 10.
        respondents: People with an answer in twelve months, one answer each.

    Returns:
        A ratio between 0 and 1; the Net Promoter Score is one of its parts. None when nobody answered.

    Source:
        Latest answer per person: nobody votes twice.
    """
    if respondents == 0:
        return None
    return promoters / respondents
