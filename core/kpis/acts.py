"""What people did for us, and when they were in the programme, as arrays: shared by every advocacy figure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.kpis.asked import asked_of, days_of
from core.kpis.columns import Columns
from core.kpis.inputs import KpiInput
from core.kpis.packed import day_number, day_numbers, days_from
from core.kpis.units import among_people
from core.stats.ids import known, numbered, places
from core.stats.months import month_end, month_of, shift_month
from core.stats.ordering import in_order
from core.stats.owner_days import day_of_pair, owner_of, pairs

Positions = NDArray[np.intp]
Days = NDArray[np.datetime64]
Counts = NDArray[np.int64]
Flags = NDArray[np.bool_]

KINDS = ("review", "testimonial", "reference", "video", "referral", "case_study", "speaking", "advisory_board")
"""Kinds of acts, by code."""

ASSET_KINDS = {
    "story": "case_study",
    "case_study": "case_study",
    "quote": "testimonial",
    "review": "review",
    "video": "video",
}
"""The act behind a published asset that nobody asked for; a logo is a permission, not an act."""

PERSON = ("account_name", "segment", "unit_id", "left_on")
"""What is known of a person who acted or was enrolled."""

OPEN_END = np.datetime64("2262-01-01", "us")
"""End of a stay that has not ended."""


@dataclass(frozen=True)
class Acts:
    """Every act and every stay in the programme, of the people who have either.

    Attributes:
        people: contact_id, account_name, segment, unit_id, left_on; one row per person, by position.
        person: Position of who did it, one per act; acts are oldest first.
        day: Day it was done.
        kind: Place in `KINDS`.
        member: Position of who was enrolled, one per stay.
        enrolled_on: First day of the stay.
        left_programme_on: First day no longer in it; far ahead for a stay that lasts.
        tier: Tier recorded with the stay, as text; empty where none is.
    """

    people: pd.DataFrame
    person: Positions
    day: Days
    kind: Positions
    member: Positions
    enrolled_on: Days
    left_programme_on: Days
    tier: NDArray[np.object_]

    @cached_property
    def rows(self) -> Columns:
        """contact_id, account_name and segment of the people."""
        return Columns.of(self.people).only("contact_id", "account_name", "segment")

    def between(self, first: dt.date, last: dt.date) -> slice:
        """The acts of some days, both ends included."""
        ends = np.array([first, last + dt.timedelta(days=1)], "datetime64[us]")
        start, stop = np.searchsorted(self.day, ends)
        return slice(int(start), int(stop))

    def in_months(self, month: dt.date, months: int) -> slice:
        """The acts of the months up to one."""
        return self.between(shift_month(month, 1 - months), month_end(month))

    def counted(self, of: slice) -> Counts:
        """Number of acts of each person among some."""
        return np.bincount(self.person[of], minlength=len(self.people))

    def days_of(self, of: slice) -> Counts:
        """Number of different days on which each person acted, among some acts."""
        return np.bincount(self.person[of][self._first_of_day[of]], minlength=len(self.people))

    @cached_property
    def _first_of_day(self) -> Flags:
        """Which acts are the first of their person and day; some acts, as `between` gives them, hold whole days."""
        return np.asarray(~pd.Index(pairs(self.person, day_numbers(self.day))).duplicated())

    def enrolled_at(self, day: dt.date) -> Flags:
        """Who is in the programme at the end of a day."""
        at, (begun, over) = day_number(day), self.stay_days
        found = np.zeros(len(self.people), dtype=bool)
        found[self.member[np.flatnonzero((begun <= at) & (at < over))]] = True
        return found

    @cached_property
    def stay_days(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """`enrolled_on` and `left_programme_on` as days since 1970."""
        return day_numbers(self.enrolled_on), day_numbers(self.left_programme_on)

    @cached_property
    def stay_months(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Month each stay began in, and month of its first day no longer in the programme, as months since 1970."""
        begun, over = (
            days.astype("datetime64[M]").astype(np.int32) for days in (self.enrolled_on, self.left_programme_on)
        )
        return begun, over

    @cached_property
    def tier_codes(self) -> tuple[Positions, NDArray[np.object_]]:
        """`tier` as places among the different ones, and those."""
        codes, names = pd.factorize(self.tier)
        return codes, np.asarray(names, dtype=object)

    @cached_property
    def while_enrolled(self) -> Flags:
        """Which acts were done by somebody in the programme on that day."""
        stays = pd.DataFrame({"person": self.member, "start": self.enrolled_on, "end": self.left_programme_on})
        done = pd.DataFrame({"person": self.person, "day": self.day, "act": np.arange(len(self.day))})
        both = done.merge(stays, on="person")
        inside = both[(both["start"] <= both["day"]) & (both["day"] < both["end"])]
        found = np.zeros(len(self.day), dtype=bool)
        found[inside["act"].to_numpy()] = True
        return found

    @cached_property
    def first_two_days(self) -> tuple[Days, Days]:
        """First and second day on which each person ever acted; NaT where there is none."""
        keys = np.unique(pairs(self.person, day_numbers(self.day)))
        who, when = owner_of(keys), days_from(day_of_pair(keys)).astype("datetime64[us]")
        start = np.searchsorted(who, np.arange(len(self.people)))
        size = np.bincount(who, minlength=len(self.people))
        never = np.datetime64("NaT", "us")
        if not len(keys):
            return np.full(len(self.people), never), np.full(len(self.people), never)
        last = len(keys) - 1
        first = np.where(size > 0, when[np.minimum(start, last)], never)
        return first, np.where(size > 1, when[np.minimum(start + 1, last)], never)


def acts_of(data: KpiInput) -> Acts:
    """Acts and stays of a company, put together once.

    An act is an ask that was completed, a referral nobody asked for, or a published asset nobody asked for. One
    person doing the same kind of thing twice on one day has acted once.
    """
    return data.kept("acts", lambda: _acts(data))


def _acts(data: KpiInput) -> Acts:
    done, stays, people = _done(data), data.table("enrolments"), data.table("people")
    codes, ids = numbered(pd.concat([done["contact_id"], stays["contact_id"]], ignore_index=True))
    found = among_people(data).of(ids)
    known = {name: people[name].array.take(found, allow_fill=True) for name in PERSON}
    return Acts(
        people=pd.DataFrame({"contact_id": ids, **known}),
        person=codes[: len(done)],
        day=days_of(done["day"]),
        kind=places(done["kind"], pd.Index(KINDS)),
        member=codes[len(done) :],
        enrolled_on=days_of(stays["enrolled_on"]),
        left_programme_on=np.where(stays["left_on"].isna(), OPEN_END, days_of(stays["left_on"])),
        tier=stays["tier"].fillna("").to_numpy(dtype=object),
    )


def _done(data: KpiInput) -> pd.DataFrame:
    """contact_id, kind and day of every act, oldest first."""
    asks, referrals, assets = data.table("asks"), data.table("referrals"), data.table("assets")
    columns = ["contact_id", "kind", "day"]
    asked = asks.loc[asked_of(data).sent & asks["completed_on"].notna(), ["contact_id", "activity", "completed_on"]]
    own = referrals.loc[referrals["ask_id"].isna(), ["contact_id", "submitted_on"]].assign(kind="referral")
    own = own.rename(columns={"submitted_on": "day"})[columns]
    shown = assets.loc[~known(assets["asset_id"], asks["asset_id"]), ["contact_id", "kind", "published_on"]]
    shown = shown.assign(kind=shown["kind"].map(ASSET_KINDS))
    parts = [asked.set_axis(columns, axis=1), own, shown.set_axis(columns, axis=1)]
    every = pd.concat(parts, ignore_index=True).dropna().reset_index(drop=True)
    (who, _), (what, kinds) = numbered(every["contact_id"]), numbered(every["kind"])
    days = day_numbers(days_of(every["day"]))
    once = np.flatnonzero(~pd.Index(pairs(who, days) * len(kinds) + what).duplicated())
    return every.take(once[in_order(days[once])])


def day_of(keys: pd.Series, days: pd.Series) -> pd.Series:
    """The day of each key, from days by key; empty where it has none."""
    return days.astype("datetime64[us]").reindex(keys).set_axis(keys.index)


def known_since(data: KpiInput) -> dt.date | None:
    """Month of the first ask, act or referral in the data; None without any."""

    def first() -> dt.date | None:
        acts = acts_of(data).day
        days = [data.table("asks")["asked_on"].min(), pd.Timestamp(acts[0]) if len(acts) else pd.NaT]
        found = [day for day in days if not pd.isna(day)]
        return month_of(min(found).date()) if found else None

    return data.kept("acts known since", first)


def acts_known(months: int) -> Callable[[KpiInput, dt.date], str | None]:
    """Says why the acts of the months up to a month are not all known: the data begin later."""

    def gap(data: KpiInput, month: dt.date) -> str | None:
        since, first = known_since(data), shift_month(month, 1 - months)
        if since is None or since <= first:
            return None
        return f"asks and acts are known from {since:%Y-%m}, the window begins {first:%Y-%m}"

    return gap
