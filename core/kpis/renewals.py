"""Renewals: who renewed when it was due, and who says they will."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.kpis.columns import Columns, Late
from core.kpis.inputs import WINDOWS, KpiInput, frame, windowed
from core.kpis.judging import difference, proportion
from core.kpis.packed import NEVER, day_number, day_numbers
from core.kpis.registry import kpi
from core.kpis.result import Part
from core.kpis.units import among_people, units_of
from core.model.channels import normalised
from core.model.kpi_rules import kpi_rules
from core.stats.ids import Positions, numbered
from core.stats.months import month_end
from core.stats.owner_days import pairs

DAY = np.timedelta64(1, "D")


@windowed(by="decided_on", months=12)
def renewals_decided(data: KpiInput) -> Columns:
    """One row per renewal, on the day its grace ends; a month sees those decided in the twelve months to its end.

    Early ones count when they were due. What was closed after the grace counts as not renewed.

    Returns:
        unit (position of the account), account_id, account_name, segment (on the due day), due_on, decided_on,
        renewed_on, due_mrr, kept_mrr (renewed, at most what was due; missing without a rate) [cents/month],
        renewed_accounts (0 or 1).
    """
    renewals, units = data.table("renewals"), units_of(data)
    due, closed = (renewals[name].to_numpy().astype("datetime64[D]") for name in ("due_on", "closed_on"))
    last, places = due + kpi_rules().renewal.grace_days * DAY, units.positions(renewals["account_id"])
    in_time = (closed <= last) & (renewals["native_renewed_cents"].to_numpy() > 0)
    rows = np.flatnonzero(places >= 0)
    rows = np.concatenate([rows[~in_time[rows]], rows[in_time[rows]]])
    in_time = in_time[rows]
    due_mrr, renewed = (renewals[f"{name}_cents"].to_numpy()[rows] for name in ("due", "renewed"))
    return Columns(
        {
            "unit": places[rows],
            **units.labels_of_all(places[rows], due[rows]),
            "due_on": due[rows].astype("datetime64[us]"),
            "decided_on": last[rows].astype("datetime64[us]"),
            "renewed_on": np.where(in_time, closed[rows], np.datetime64("NaT")).astype("datetime64[us]"),
            "due_mrr": due_mrr,
            "kept_mrr": np.where(in_time, np.minimum(renewed, due_mrr), 0.0),
            "renewed_accounts": in_time.astype("int64"),
        },
        len(rows),
    )


@frame
def renewed_year(data: KpiInput, month: dt.date) -> Columns:
    """One row per account with a renewal decided in the twelve months to month end: its latest one.

    Several subscriptions that fall due on one day are one renewal; it is kept when any of them is.

    Returns:
        The columns of `renewals_decided` without unit, and due_accounts (1).
    """
    rows = data.columns("renewals_decided", month)
    return rows.take(_latest(data, rows)).also(due_accounts=1)


def _latest(data: KpiInput, rows: Columns) -> Positions:
    """Places of the latest renewal of each account among some renewals."""
    latest = np.full(len(units_of(data).ids), -1)
    latest[rows["unit"]] = np.arange(rows.rows)  # oldest first, kept ones of a day last: the last one stays
    return latest[latest >= 0]


def revenue_part(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """Share of the MRR due in the twelve months that was kept, all renewals of an account counted."""
    columns = data.columns("renewals_decided", month, segment)
    due = float(columns["due_mrr"].sum())
    share = float(columns["kept_mrr"].sum()) / due if due > 0 else None
    return (Part("By revenue due, each renewal at most what was due", share, "ratio", columns.rows),)


@kpi(
    label="Renewal rate",
    unit="ratio",
    better="higher",
    frame="renewed_year",
    needs=("renewals",),
    interval=proportion("renewed_accounts", "due_accounts", "accounts due"),
    version=1,
    parts=revenue_part,
)
def renewal_rate(*, renewed_accounts: float, due_accounts: float) -> float | None:
    """Share of the accounts due for renewal that renewed, early or at most thirty days late.

    renewal rate = accounts that renewed / accounts due

    An account counts once, with its latest renewal of the twelve months; still open after thirty days is not renewed.

    Args:
        renewed_accounts: Accounts due whose renewal was closed with revenue within thirty days of its due day.
        due_accounts: Accounts whose renewal fell due and whose thirty days have passed.

    Returns:
        A ratio between 0 and 1. None when nothing fell due.

    Source:
        Available-to-renew base: contracts not yet due are in neither term.
    """
    if due_accounts == 0:
        return None
    return renewed_accounts / due_accounts


@frame
def renewed_by_status(data: KpiInput, month: dt.date) -> Columns:
    """The rows of `renewed_year` by whether the account spoke for us before its renewal window opened.

    Returns:
        Its columns with advocate_due, advocate_renewed, other_due, other_renewed (0 or 1).
    """
    rows = data.columns("renewed_year", month)
    latest = _latest(data, data.columns("renewals_decided", month))
    spoke = data.kept("advocates at renewals", lambda: _advocates(data))
    advocate = spoke[WINDOWS["renewals_decided"](data).places(month)][latest]
    sides = {"advocate": advocate, "other": ~advocate}
    due = {f"{side}_due": held.astype("int64") for side, held in sides.items()}
    return rows.also(**due, **{f"{side}_renewed": held * rows["renewed_accounts"] for side, held in sides.items()})


def _advocates(data: KpiInput) -> NDArray[np.bool_]:
    """Whether somebody of the account of each renewal of all months completed an ask in the year before its window."""
    rows, rules = WINDOWS["renewals_decided"](data).rows, kpi_rules().renewal
    asks = data.table("asks")[["state", "account_id", "completed_on"]]
    done = asks[(asks["state"] == "sent") & asks["completed_on"].notna()]
    acts = np.sort(_keys(units_of(data).positions(done["account_id"]), done["completed_on"].to_numpy()))
    keys = _keys(rows.part("unit"), rows.part("due_on").astype("datetime64[D]") - rules.window_days * DAY)
    last = np.searchsorted(acts, keys, side="right") - 1
    return np.asarray((last >= 0) & (acts[np.maximum(last, 0)] > keys - rules.advocate_days)) if len(acts) else keys < 0


def _keys(places: NDArray[np.intp], days: NDArray[np.datetime64]) -> NDArray[np.int64]:
    return pairs(places, day_numbers(days))


@kpi(
    label="Renewal rate gap of advocates, not adjusted",
    unit="pp",
    better="higher",
    frame="renewed_by_status",
    needs=("renewals", "asks", "contacts"),
    interval=difference(
        ("advocate_renewed", "advocate_due"), ("other_renewed", "other_due"), "accounts due", "accounts that renewed"
    ),
    version=1,
)
def renewal_rate_gap(
    *, advocate_renewed: float, advocate_due: float, other_renewed: float, other_due: float
) -> float | None:
    """Renewal rate of accounts that spoke for us above that of all others, as they stand: an association.

    gap = advocates renewed / advocates due - others renewed / others due

    An account is an advocate when somebody there completed an act in the year before its renewal window opened;
    later acts do not count, because who means to renew is readier to act.

    Args:
        advocate_renewed: Advocates' accounts that renewed.
        advocate_due: Advocates' accounts due.
        other_renewed: Other accounts that renewed.
        other_due: Other accounts due.

    Returns:
        A difference of fractions. None when either side has no account due.

    Source:
        Naive comparison, shown as such: satisfied customers both speak and stay.
    """
    if advocate_due == 0 or other_due == 0:
        return None
    return advocate_renewed / advocate_due - other_renewed / other_due


@frame
def renewals_ahead(data: KpiInput, month: dt.date) -> Columns:
    """One row per account with an open renewal due within 180 days of month end, and what the customer says of it.

    Answers of others than the customer and answers older than 90 days do not count; where several renewals of an
    account were answered the lowest answer holds.

    Returns:
        account_id, account_name, segment, due_on (the earliest), stated_intent (missing without a fresh answer),
        due_mrr [cents/month], due_accounts (1), asked_accounts, likely_accounts (0 or 1).
    """
    rules, day = kpi_rules().renewal, int(day_number(month_end(month)))
    units, known = units_of(data), data.kept_of_facts("renewals ahead", _answers)
    ahead = np.flatnonzero((known.due > day) & (known.due <= day + rules.intent_ahead_days) & (known.closed > day))
    asked, of, size = known.asked[ahead], known.units[ahead], len(units.ids)
    fresh = (asked <= day) & (asked > day - rules.intent_stale_days)
    first, lowest = np.full(size, NEVER), np.full(size, np.inf)
    np.minimum.at(first, of, known.due[ahead])
    np.minimum.at(lowest, of[fresh], known.intent[ahead[fresh]])
    places = np.flatnonzero(first < NEVER)
    answer, answered = lowest[places], np.isfinite(lowest[places])
    return Columns(
        {
            **units.labels(places, month_end(month)),
            "due_on": Late(lambda: first[places].astype("datetime64[D]").astype("datetime64[us]")),
            "stated_intent": np.where(answered, answer, np.nan),
            "due_mrr": Late(lambda: np.bincount(of, known.due_mrr[ahead], minlength=size)[places]),
            "due_accounts": 1,
            "asked_accounts": answered.astype("int64"),
            "likely_accounts": (answered & (answer >= rules.likely_from)).astype("int64"),
        },
        len(places),
    )


@dataclass(frozen=True)
class _Answers:
    """Renewals as arrays: position of the account, days since 1970, MRR due and the customer's own answer."""

    units: NDArray[np.intp]
    due: NDArray[np.int32]
    closed: NDArray[np.int32]
    asked: NDArray[np.int32]
    intent: NDArray[np.float64]
    due_mrr: NDArray[np.float64]


def _answers(data: KpiInput) -> _Answers:
    """Renewals of known accounts; an answer of somebody else than the customer is no answer."""
    renewals = data.table("renewals")
    places = units_of(data).positions(renewals["account_id"])
    renewals, places = renewals[places >= 0], places[places >= 0]
    due, closed, asked = (day_numbers(renewals[name].to_numpy()) for name in ("due_on", "closed_on", "intent_on"))
    answer = renewals["stated_intent"].to_numpy(dtype="float64", na_value=np.nan)
    own = by_customer(data, renewals["intent_by"]) & ~np.isnan(answer)
    money = renewals["due_cents"].to_numpy(dtype="float64")
    return _Answers(places, due, closed, asked, np.where(own, answer, np.inf), money)


def by_customer(data: KpiInput, by: pd.Series) -> NDArray[np.bool_]:
    """Whether the customer stated each intent: nobody named, a word for the customer, or one of their contacts."""
    words = kpi_rules().renewal.customer_words
    codes, names = numbered(by)
    own = np.array([normalised(str(name)) in words for name in names], dtype=bool)
    if "contacts" in data.loaded:
        own |= among_people(data).of(names) >= 0
    return np.append(own, True)[codes]


def intent_parts(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """How many of the accounts due were asked, and the rate by revenue due."""
    columns = data.columns("renewals_ahead", month, segment)
    due, asked = int(columns["due_accounts"].sum()), columns["asked_accounts"] > 0
    revenue = float(columns["due_mrr"][asked].sum())
    likely = float(columns["due_mrr"][columns["likely_accounts"] > 0].sum())
    return (
        Part("Accounts due that were asked in time", float(asked.sum()) / due if due else None, "ratio", due),
        Part("By revenue due", likely / revenue if revenue > 0 else None, "ratio", int(asked.sum())),
    )


@kpi(
    label="Renewal intent",
    unit="ratio",
    better="higher",
    frame="renewals_ahead",
    needs=("renewals",),
    interval=proportion("likely_accounts", "asked_accounts", "accounts asked"),
    version=1,
    parts=intent_parts,
)
def renewal_intent_rate(*, likely_accounts: float, asked_accounts: float) -> float | None:
    """Share of the accounts due within 180 days and asked that say they will renew.

    renewal intent = accounts that answer 4 or 5 of 5 / accounts with a fresh answer of the customer

    Args:
        likely_accounts: Accounts whose lowest fresh answer is 4 or 5.
        asked_accounts: Accounts with an answer of the customer in the last 90 days.

    Returns:
        A ratio between 0 and 1. None when no account due has a fresh answer.

    Source:
        Own definition: the customer's own words; what we forecast never enters.
    """
    if asked_accounts == 0:
        return None
    return likely_accounts / asked_accounts
