"""The advocacy programme: who could be asked, who takes part, who comes back."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.kpis.acts import KINDS, Acts, acts_known, acts_of
from core.kpis.columns import Columns, Late
from core.kpis.inputs import KpiInput, frame
from core.kpis.judging import mean_per_unit, proportion, share_part
from core.kpis.paying import units_of_people
from core.kpis.registry import kpi
from core.kpis.result import Part
from core.model.kpi_rules import kpi_rules
from core.stats.months import month_end, shift_month

TIERS = ("vip", "gold", "silver", "community")
"""Highest first."""
YEAR = 12

TIER_LABELS = {"vip": "VIP", "gold": "Gold", "silver": "Silver", "community": "Community"}


@frame
def advocates_year(data: KpiInput, month: dt.date) -> Columns:
    """One row per person who ever acted or was enrolled: what each did in the year to month end.

    Returns:
        contact_id, account_name, segment; actors, repeat_actors (acted on two days), earlier_advocates (acted in the
        twelve months before), kept_advocates (in both years): 0 or 1; enrolled_acts, advocate_years (month ends in
        the programme / 12); enrolled_before (at the start of the window), participants; reviews of the month; acts.
    """
    acts = acts_of(data)
    year = acts.in_months(month, 12)
    done, days = acts.counted(year), acts.days_of(year)
    earlier = acts.counted(acts.in_months(shift_month(month, -12), 12)) > 0
    recent, opened = participation(acts, month)
    this = acts.in_months(month, 1)
    reviews = np.bincount(acts.person[this][acts.kind[this] == KINDS.index("review")], minlength=len(acts.people))
    inside = acts.person[year][acts.while_enrolled[year]]
    return acts.rows.also(
        acts=done,
        actors=Late(lambda: _ones(done > 0)),
        repeat_actors=Late(lambda: _ones(days > 1)),
        earlier_advocates=Late(lambda: _ones(earlier)),
        kept_advocates=Late(lambda: _ones(earlier & (done > 0))),
        enrolled_acts=np.bincount(inside, minlength=len(acts.people)),
        advocate_years=_month_ends(acts, month) / 12,
        enrolled_before=Late(lambda: _ones(opened)),
        participants=Late(lambda: _ones(opened & recent)),
        reviews=reviews,
    )


def _ones(flags: NDArray[np.bool_]) -> NDArray[np.int64]:
    return flags.astype(np.int64)


def participation(acts: Acts, month: dt.date) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Who acted in the window to month end, and who was enrolled when it began."""
    start = month_end(month) - dt.timedelta(days=kpi_rules().programme.participation_days)
    recent = acts.counted(acts.between(start + dt.timedelta(days=1), month_end(month))) > 0
    return recent, acts.enrolled_at(start)


def _month_ends(acts: Acts, month: dt.date) -> NDArray[np.float64]:
    """At how many of the twelve month ends up to one each person was in the programme."""
    first = int(np.datetime64(month, "M").astype(np.int64)) - YEAR + 1
    # a day lies before the end of its own month and of all later ones
    begun, over = (np.clip(months - first, 0, YEAR) for months in acts.stay_months)
    held = over - begun
    return np.asarray(np.bincount(acts.member, np.maximum(held, 0), minlength=len(acts.people)), dtype=np.float64)


def activity_parts(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """The middle advocate, and how much the busiest carry."""
    columns = data.columns("advocates_year", month, segment)
    own = columns["enrolled_acts"][columns["advocate_years"] > 0]
    return (
        Part("Median", float(np.median(own)) if len(own) else None, "count", len(own)),
        busiest_part(columns),
    )


def busiest_part(columns: Columns) -> Part:
    """Share of all acts of twelve months done by the busiest people."""
    share = kpi_rules().load.busiest_share
    done = np.sort(columns["acts"][columns["acts"] > 0])[::-1]
    top = int(np.ceil(share * len(done)))
    value = float(done[:top].sum() / done.sum()) if len(done) else None
    return Part(f"Share of the busiest {100 * share:.0f} %", value, "ratio", len(done))


@kpi(
    label="Activities per advocate",
    unit="count",
    better="neither",
    frame="advocates_year",
    needs=("asks", "enrolments"),
    also=("referrals", "assets"),
    interval=mean_per_unit("advocate_years", "advocates"),
    version=1,
    covered=acts_known(12),
    parts=activity_parts,
)
def activities_per_advocate(*, enrolled_acts: float, advocate_years: float) -> float | None:
    """Acts of a year for each person in the programme.

    activities per advocate = acts of people in the programme / average number of people in it

    Args:
        enrolled_acts: Acts of twelve months, by people in the programme on that day.
        advocate_years: Month ends at which people were in the programme, of the last twelve, divided by 12.

    Returns:
        Acts per advocate and year. None when nobody was in the programme.

    Source:
        Over the enrolled, not over those who acted: that figure can never fall below 1.
    """
    if advocate_years == 0:
        return None
    return enrolled_acts / advocate_years


def tier_parts(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """Participation of each tier, by the tiers of the month before the window."""
    columns = data.columns("tiers_month", month, segment)
    opened, joined = columns["enrolled_before"] > 0, columns["participants"] > 0
    parts = []
    for place, name in enumerate(TIERS):
        own = opened & (columns["tier_before"] == place)
        parts.append(share_part(TIER_LABELS[name], int((own & joined).sum()), int(own.sum())))
    return tuple(parts)


@kpi(
    label="Programme participation",
    unit="ratio",
    better="higher",
    frame="advocates_year",
    needs=("asks", "enrolments"),
    also=("referrals", "assets"),
    interval=proportion("participants", "enrolled_before", "advocates"),
    version=1,
    covered=acts_known(3),
    parts=tier_parts,
)
def programme_participation_rate(*, participants: float, enrolled_before: float) -> float | None:
    """Share of the people in the programme 90 days ago who have done something since.

    participation = advocates who acted in the 90 days to month end / advocates enrolled when they began

    Args:
        participants: Advocates enrolled at the start of the window who acted in it.
        enrolled_before: Advocates enrolled at the start of the window, those who left since included.

    Returns:
        A ratio between 0 and 1. None when nobody was enrolled then.

    Source:
        90 days are long enough for a cool-down between two asks; a login or an opened e-mail is no act.
    """
    if enrolled_before == 0:
        return None
    return participants / enrolled_before


def repeat_parts(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """How many acts went beyond a first, and how soon a second follows the first."""
    acts, columns = acts_of(data), data.columns("advocates_year", month, segment)
    wait = np.timedelta64(kpi_rules().programme.second_act_days, "D")
    first, second = acts.first_two_days
    matured = first + wait
    start, end = np.array([shift_month(month, -11), month_end(month)], "datetime64[us]")
    cohort = (matured >= start) & (matured <= end)
    if segment is not None:
        cohort &= (acts.people["segment"] == segment).to_numpy()
    soon, n = int((cohort & (second <= matured)).sum()), int(cohort.sum())
    beyond = int((columns["acts"] - columns["actors"]).sum())
    days = kpi_rules().programme.second_act_days
    return (
        Part("Acts beyond the first", float(beyond), "count", int(columns["actors"].sum())),
        share_part(f"Second act within {days} days", soon, n),
    )


@kpi(
    label="Repeat advocacy",
    unit="ratio",
    better="higher",
    frame="advocates_year",
    needs=("asks",),
    also=("referrals", "assets"),
    interval=proportion("repeat_actors", "actors", "people who acted"),
    version=1,
    covered=acts_known(12),
    parts=repeat_parts,
)
def repeat_advocacy_rate(*, repeat_actors: float, actors: float) -> float | None:
    """Share of the people who did something for us in a year who did so on two days or more.

    repeat advocacy = people who acted on two different days / people who acted

    Args:
        repeat_actors: People with acts on at least two days of the twelve months.
        actors: People with at least one act in the twelve months.

    Returns:
        A ratio between 0 and 1. None when nobody acted.

    Source:
        A rate first: a count of repeated acts grows with the pool. Two reviews of one day are one occasion.
    """
    if actors == 0:
        return None
    return repeat_actors / actors


def leaving_parts(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """Why the others did not act again: left the company, no longer a customer, or still there."""
    acts, revenue = acts_of(data), data.revenue
    rows = data.frame("advocates_year", month)
    lost = ((rows["earlier_advocates"] > 0) & (rows["kept_advocates"] == 0)).to_numpy()
    if segment is not None:
        lost = lost & (rows["segment"] == segment).to_numpy()
    left = (acts.people["left_on"] <= pd.Timestamp(month_end(month))).to_numpy()
    pays = np.append(revenue.mrr_at(month) > 0, False)
    gone = ~left & ~pays[units_of_people(data)]
    n = int(lost.sum())
    counts = (("Left the company", left), ("Account no longer a customer", gone), ("Still there", ~left & ~gone))
    return tuple(Part(label, float((lost & why).sum()), "count", n) for label, why in counts)


@kpi(
    label="Advocate retention",
    unit="ratio",
    better="higher",
    frame="advocates_year",
    needs=("asks",),
    also=("contacts", "referrals", "assets"),
    interval=proportion("kept_advocates", "earlier_advocates", "advocates"),
    version=1,
    covered=acts_known(24),
    parts=leaving_parts,
)
def advocate_retention_rate(*, kept_advocates: float, earlier_advocates: float) -> float | None:
    """Share of last year's advocates who did something again this year.

    advocate retention = advocates of the twelve months before who acted in these twelve / advocates of those twelve

    Args:
        kept_advocates: People who acted in both years.
        earlier_advocates: People who acted in the year before, whatever became of them.

    Returns:
        A ratio between 0 and 1. None when nobody acted in the year before.

    Source:
        By what people do: a list of the enrolled hardly ever shrinks.
    """
    if earlier_advocates == 0:
        return None
    return kept_advocates / earlier_advocates
