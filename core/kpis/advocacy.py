"""Advocacy: do people do what they are asked."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.kpis.asked import Flags, asked_of, days_of
from core.kpis.columns import Columns
from core.kpis.inputs import KpiInput, windowed
from core.kpis.judging import proportion
from core.kpis.packed import day_numbers, days_from, looked_up
from core.kpis.registry import kpi
from core.stats.ids import Positions, coded, ranked
from core.stats.months import month_numbers, month_starts
from core.stats.ordering import in_order
from core.stats.owner_days import day_of_pair, pairs

DAYS_TO_ACT = 30
Days = NDArray[np.datetime64]


@windowed(by="asked_on", months=1, lag=1)
def invited_month(data: KpiInput) -> Columns:
    """One row per contact and month with a delivered invitation, by the first one of that month.

    A month sees those invited in the month before, because only they have had their 30 days by month end;
    those invited so late that they have not are left out. Several asks of one contact are one row; whatever was
    asked from the first on and done within its 30 days counts.

    Returns:
        contact_id, account_name, segment, activity (asked first), asked_on, done_on (missing when not done in
        time), asked_contacts (1) and acted_contacts (0 or 1).
    """
    asks, who = data.table("asks"), asked_of(data)
    asked, done = days_of(asks["asked_on"]), days_of(asks["completed_on"])
    rows = _by_person(asks["ask_id"], who.person, asked, np.flatnonzero(who.delivered & ~np.isnat(asked)))
    person, asked, done = who.person[rows].astype(np.int64), asked[rows], done[rows]
    month = month_numbers(asked)
    fresh = np.ones(len(rows), dtype=bool)
    fresh[1:] = (person[1:] != person[:-1]) | (month[1:] != month[:-1])
    until = asked + np.timedelta64(DAYS_TO_ACT, "D")
    first = np.flatnonzero(fresh & (until < month_starts(month + 2)))
    soonest = _soonest(person, asked, done, first)
    done_on = np.where(soonest <= until[first], soonest, np.datetime64("NaT"))
    labels = looked_up(rows[first], {name: asks[name].array for name in ("account_name", "segment", "activity")})
    return Columns(
        {
            "contact_id": coded(person[first], who.people),
            **labels,
            "asked_on": asked[first],
            "done_on": done_on,
            "asked_contacts": 1,
            "acted_contacts": (~np.isnat(done_on)).astype(np.int64),
        },
        len(first),
    )


def _by_person(ids: pd.Series, person: NDArray[np.int32], asked: Days, rows: Positions) -> Positions:
    """Asks by person, each one's oldest first, those of one day by their id."""
    rows = rows[in_order(asked[rows])]
    rows = rows[in_order(person[rows])]
    alike = (person[rows][1:] == person[rows][:-1]) & (asked[rows][1:] == asked[rows][:-1])
    tied = np.flatnonzero(np.r_[alike, False] | np.r_[False, alike])
    rank = np.zeros(len(rows), dtype=np.int64)
    rank[tied] = ranked(ids.take(rows[tied]))[0]
    return rows[np.lexsort((rank, asked[rows], person[rows]))] if len(tied) else rows


def _soonest(person: NDArray[np.int64], asked: Days, done: Days, first: Positions) -> Days:
    """The first day on which each person did what was asked from some ask on; NaT without one.

    Args:
        person: Of each ask, in ascending order, each one's asks oldest first.
        asked: Day of each.
        done: Day it was done; one before its ask counts as not done.
        first: The asks to start from.
    """
    did = done >= asked
    acted: Positions = np.flatnonzero(did)
    place: Positions = np.cumsum(did)[first] - did[first]
    # the least of all later ones, people kept apart: each one's numbers are below those of the next
    least = np.minimum.accumulate(pairs(person[acted], day_numbers(done[acted]))[::-1])[::-1]
    found = np.full(len(first), np.datetime64("NaT", "us"))
    known: Flags = place < len(acted)
    known[known] = person[acted[place[known]]] == person[first[known]]
    found[known] = days_from(day_of_pair(least[place[known]]))
    return found


@kpi(
    label="Invite to action",
    unit="ratio",
    better="higher",
    frame="invited_month",
    needs=("asks",),
    interval=proportion("acted_contacts", "asked_contacts", "people invited"),
    version=1,
)
def invite_to_action_rate(*, acted_contacts: float, asked_contacts: float) -> float | None:
    """Share of people invited in the month before who did something they were asked for within 30 days.

    rate = people who acted / people with a delivered invitation

    Args:
        acted_contacts: People who completed, within 30 days of the first ask, that ask or a later one.
        asked_contacts: People with a delivered invitation whose 30 days have passed.

    Returns:
        A ratio between 0 and 1. None when nobody was invited.

    Source:
        By person, not by message: over-asking lowers a message rate and hides in volume.
    """
    if asked_contacts == 0:
        return None
    return acted_contacts / asked_contacts
