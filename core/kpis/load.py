"""What customers carry: how often people are asked and touched, and what becomes of what they give."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.kpis.acts import acts_known
from core.kpis.asked import Flags, asked_of, days_of
from core.kpis.columns import Columns, Late
from core.kpis.inputs import KpiInput, frame, windowed
from core.kpis.judging import census, proportion
from core.kpis.packed import day_numbers, looked_up
from core.kpis.paying import paid_in, paid_month_ends, revenue_known, unit_labels, units_at
from core.kpis.programme import busiest_part
from core.kpis.registry import kpi
from core.kpis.result import Part
from core.model.kpi_rules import kpi_rules
from core.stats.ids import Positions, coded, numbered, places
from core.stats.months import month_end, shift_month
from core.stats.ordering import in_order
from core.stats.owner_days import pairs

GIVES = ("thanked_on", "told_outcome_on")
"""Days of an ask on which the person was given something back."""


@frame
def asked_90d(data: KpiInput, month: dt.date) -> Columns:
    """One row per person asked in the days to month end.

    Returns:
        contact_id, account_name, segment, asks_90d, asked_contacts (1) and over_limit (0 or 1).
    """
    rules = kpi_rules().load
    person, days, people = data.kept("sent asks", lambda: _sent(data))
    after = month_end(month) + dt.timedelta(days=1)
    start, stop = np.searchsorted(days, np.array([after - dt.timedelta(days=rules.ask_days), after], "datetime64[us]"))
    counts = np.bincount(person[start:stop])
    asked = np.flatnonzero(counts)
    return (
        people.only("contact_id", "account_name", "segment")
        .take(asked)
        .also(
            asks_90d=counts[asked],
            asked_contacts=1,
            over_limit=(counts[asked] > rules.ask_limit).astype(np.int64),
        )
    )


def _sent(data: KpiInput) -> tuple[NDArray[np.int32], NDArray[np.datetime64], Columns]:
    """Who was asked by each ask that was sent, oldest first, its day, and the people by their number."""
    asks, who = data.table("asks"), asked_of(data)
    days = days_of(asks["asked_on"])
    rows = np.flatnonzero(who.sent & ~np.isnat(days))
    rows = rows[in_order(days[rows])]
    person = numbered(pd.Series(coded(who.person[rows], who.people)))[0]
    first = np.empty(person.max(initial=-1) + 1, dtype=np.intp)
    first[person[::-1]] = rows[::-1]  # the first of each stays
    labels = {name: asks[name].array.take(first) for name in ("contact_id", "account_name", "segment")}
    return person.astype(np.int32), days[rows], Columns(labels, len(first))


def load_parts(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """People over the limit, and how much of a year's acts the busiest did."""
    columns = data.columns("asked_90d", month, segment)
    limit = kpi_rules().load.ask_limit
    over = float(columns["over_limit"].sum())
    return (
        Part("People asked", float(columns.rows), "count", columns.rows),
        Part(f"Asked more than {limit} times", over, "count", columns.rows),
        busiest_part(data.columns("advocates_year", month, segment)),
    )


@kpi(
    label="Asks per person in 90 days",
    unit="count",
    better="lower",
    frame="asked_90d",
    needs=("asks",),
    also=("referrals", "assets"),
    interval=census("people asked", "asks_90d"),
    version=1,
    covered=acts_known(3),
    of="rows",
    parts=load_parts,
)
def asks_per_contact_90d(*, asks_90d: NDArray[np.int64]) -> float | None:
    """How often the most asked people were asked in a quarter: nineteen of twenty were asked no more often.

    asks per person = 95th percentile of asks in 90 days over the people who were asked

    Args:
        asks_90d: Asks sent to each person in the 90 days to month end; people without an ask are left out.

    Returns:
        A number of asks that somebody got (nearest rank). None when nobody was asked.

    Source:
        A guard against over-asking: a mean per person hides the three who are asked every month.
    """
    asked = asks_90d[asks_90d > 0]
    if not len(asked):
        return None
    return float(np.percentile(asked, kpi_rules().load.asks_percentile, method="inverted_cdf"))


@windowed(by="due_on", months=12)
def contributions_year(data: KpiInput) -> Columns:
    """One row per contribution whose time to be used is over; a month sees those of the twelve months to its end.

    Contributions of people who took back a consent after giving and by then are left out: they may not be used.

    Returns:
        contact_id, account_name, segment, activity, completed_on, used_on (empty when not used in time), due_on,
        contributions (1) and unused (0 or 1).
    """
    asks, consents = data.table("asks"), data.table("consents")
    asked, completed = asked_of(data), days_of(asks["completed_on"])
    done = np.flatnonzero(asked.sent & ~np.isnat(completed))
    due_on = completed[done] + np.timedelta64(kpi_rules().load.use_days, "D")
    back = np.flatnonzero(consents["status"].isin(["withdrawn", "refused"]) & (consents["use"] != "email"))
    back = back[consents["granted_on"].notna().to_numpy()[back]]
    who = places(consents["contact_id"].take(back), asked.people)
    taken = np.sort(pairs(who, day_numbers(days_of(consents["granted_on"])[back])))
    given, over = (pairs(asked.person[done], day_numbers(days)) for days in (completed[done], due_on))
    allowed = np.searchsorted(taken, given, "right") == np.searchsorted(taken, over, "right")
    allowed |= asked.person[done] < 0
    rows, due_on = done[allowed], due_on[allowed]
    used_on = days_of(asks["used_on"])[rows]
    in_time = used_on <= due_on
    labels = ("contact_id", "account_name", "segment", "activity")
    return Columns(
        {
            **looked_up(rows, {name: asks[name].array for name in labels}),
            "completed_on": completed[rows],
            "due_on": due_on,
            "used_on": np.where(in_time, used_on, np.datetime64("NaT")),
            "contributions": 1,
            "unused": (~in_time).astype(np.int64),
        },
        len(rows),
    )


def use_recorded(data: KpiInput, month: dt.date) -> str | None:
    """Why it is not known what was used: no use was ever written down, or acts begin later."""
    first = data.kept("first use of an act", lambda: data.table("asks")["used_on"].min())
    if not first <= pd.Timestamp(month_end(month)):
        return "no use of a contribution is recorded: fill the day it was used"
    return acts_known(12)(data, shift_month(month, -6))


@kpi(
    label="Contributions not used",
    unit="ratio",
    better="lower",
    frame="contributions_year",
    needs=("asks",),
    also=("consents",),
    interval=proportion("unused", "contributions", "contributions"),
    version=2,
    covered=use_recorded,
)
def contribution_unused_rate(*, unused: float, contributions: float) -> float | None:
    """Share of what people gave us that was not used in a deal, on a page or in a campaign within half a year.

    unused = contributions not used within 180 days / contributions whose 180 days are over

    Args:
        unused: Contributions without a use within 180 days of completion.
        contributions: Contributions whose 180 days ended in the last twelve months.

    Returns:
        A ratio between 0 and 1. None when no contribution is that old.

    Source:
        Asking for what nobody uses wears out the people who give.
    """
    if contributions == 0:
        return None
    return unused / contributions


@frame
def touched_customers(data: KpiInput, month: dt.date) -> Columns:
    """One row per counted account that paid at one of twelve month ends, with its advocacy touches of the year.

    Returns:
        account_id, account_name, segment; account_years (month ends paid / 12), advocacy_touches, ask_touches,
        give_touches.
    """
    sides, days = touches_of(data)
    first, after = shift_month(month, -11), shift_month(month, 1)
    start, stop = np.searchsorted(days, np.array([first, after], "datetime64[us]"))
    size = len(data.revenue.wide)
    gives, asks = np.bincount(sides[start:stop], minlength=2 * size).reshape(size, 2).T
    years = paid_month_ends(data, month, 12) / 12
    rows = np.flatnonzero(years > 0)
    numbers = {
        "account_years": years[rows],
        "advocacy_touches": Late(lambda: (asks + gives)[rows]),
        "ask_touches": Late(lambda: asks[rows]),
        "give_touches": Late(lambda: gives[rows]),
    }
    return Columns({**unit_labels(data, rows, month_end(month)), **numbers}, len(rows))


def touches_of(data: KpiInput) -> tuple[NDArray[np.intp], NDArray[np.datetime64]]:
    """Every advocacy touch of a paying account, oldest first: twice its position, plus 1 for an ask; and the day."""
    return data.kept("touches", lambda: _touches(data))


def _touches(data: KpiInput) -> tuple[NDArray[np.intp], NDArray[np.datetime64]]:
    """Account with direction, and day, of every advocacy touch of a paying account, oldest first.

    One person touched twice on one day in one direction was touched once.
    """
    who, days, is_ask, units = (np.concatenate(both) for both in zip(*_touches_by_source(data), strict=True))
    side = 2 * day_numbers(days).astype(np.int64) + is_ask
    rows = in_order(who)
    rows = rows[in_order(side[rows])]
    once = np.ones(len(rows), dtype=bool)
    once[1:] = (who[rows][1:] != who[rows][:-1]) | (side[rows][1:] != side[rows][:-1])
    rows = rows[once]
    rows = rows[paid_in(data, units[rows], days[rows])]
    return 2 * units[rows] + is_ask[rows], days[rows]


def _touches_by_source(
    data: KpiInput,
) -> Iterator[tuple[NDArray[np.integer[Any]], NDArray[np.datetime64], Flags, Positions]]:
    """Person, day, direction and account of delivered asks, thanks and news of what came of it, and of touches."""
    asks, who, touches = data.table("asks"), asked_of(data), data.once("advocacy_touches")
    of_touches, met = numbered(touches["contact_id"].fillna(touches["account_id"]))
    among = places(met, who.people)
    strangers = np.flatnonzero(among < 0)
    among[strangers] = len(who.people) + np.arange(len(strangers))
    of_touches = np.append(among, -1)[of_touches]
    units = units_at(data, asks["account_id"])
    for name in ("asked_on", *GIVES):
        days = days_of(asks[name])
        rows = np.flatnonzero(who.delivered & ~np.isnat(days))
        yield who.person[rows], days[rows], np.full(len(rows), name not in GIVES), units[rows]
    days = days_of(touches["day"])
    rows = np.flatnonzero(~np.isnat(days))
    direction = touches["is_ask"].to_numpy()[rows] == 1
    yield of_touches[rows], days[rows], direction, units_at(data, touches["account_id"])[rows]


def touch_parts(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """Gives and asks apart, and gives for each ask."""
    columns = data.columns("touched_customers", month, segment)
    years = float(columns["account_years"].sum())
    gives, asks = float(columns["give_touches"].sum()), float(columns["ask_touches"].sum())
    return (
        Part("Gives per customer", gives / years, "count", columns.rows),
        Part("Asks per customer", asks / years, "count", columns.rows),
        Part("Gives for each ask", gives / asks if asks else None, "count", columns.rows),
    )


@kpi(
    label="Advocacy touches per customer",
    unit="count",
    better="neither",
    frame="touched_customers",
    needs=("subscriptions", "asks", "contacts"),
    also=("interactions",),
    interval=census("accounts", "account_years"),
    version=1,
    covered=lambda data, month: acts_known(12)(data, month) or revenue_known(data, shift_month(month, -11)),
    parts=touch_parts,
)
def advocacy_touches_per_customer(*, advocacy_touches: float, account_years: float) -> float | None:
    """How often a customer met advocacy in a year: asks, thanks, invitations and recognition.

    touches per customer = advocacy touches of paying accounts / average number of paying accounts

    Args:
        advocacy_touches: Asks delivered, thanks, news of what came of it, invitations and recognitions, one a
            person, day and direction.
        account_years: Month ends paid, of the last twelve, divided by 12.

    Returns:
        Touches per customer and year. None without customers.

    Source:
        Gives and asks, split: a band to stay inside, not a figure to drive up.
    """
    if account_years == 0:
        return None
    return advocacy_touches / account_years
