"""Everything that was ever asked of whom and known about whom, each with its day: what a chance is learned from."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.stats.ids import Positions, numbered, places
from core.stats.timeline import Days, Timeline, day_numbers

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class History:
    """Days of everything a chance is learned from; nothing later than `as_of` may be in it.

    Attributes:
        as_of: The last visible day.
        contacts: contact_id, account_id, segment, joined_on, icp_fit, owner_id: one row per contact.
        asks: contact_id, activity, asked_on, asked_by, responded_on, response, completed_on: every ask that was sent.
        nps: contact_id, answered_on, score. NPS answers of people. [0-10]
        csat: contact_id, answered_on, score. CSAT answers of people. [1-5]
        outcomes: account_id, verified_on.
        usage: account_id, month, users, seats: sums over the weeks of a month; user_weeks, weeks: of all weeks known.
    """

    as_of: dt.date
    contacts: pd.DataFrame
    asks: pd.DataFrame
    nps: pd.DataFrame
    csat: pd.DataFrame
    outcomes: pd.DataFrame
    usage: pd.DataFrame

    @property
    def today(self) -> int:
        """`as_of` in days since 1970."""
        return int(np.datetime64(self.as_of, "D").astype(np.int64))

    @cached_property
    def asked(self) -> pd.DataFrame:
        """Asks with a day, of people who are known, oldest first; `of` is the row of the contact."""
        asks = self.asks.assign(of=places(self.asks["contact_id"], self.contacts["contact_id"]))
        asks = asks[(asks["of"] >= 0) & asks["asked_on"].notna() & asks["activity"].notna()]
        return asks.sort_values("asked_on", kind="stable").reset_index(drop=True)

    @cached_property
    def account_of(self) -> tuple[Positions, pd.Index]:
        """A number for the account of each contact, and the accounts."""
        return numbered(self.contacts["account_id"])

    @cached_property
    def asks_of(self) -> Timeline:
        """Asks of each contact."""
        return Timeline.of(self._who, self.asked["asked_on"])

    @cached_property
    def answers_of(self) -> Timeline:
        """Answers to asks of each contact, by the day of the answer."""
        return Timeline.of(self._who, self.asked["responded_on"])

    @cached_property
    def acts_of(self) -> Timeline:
        """Completed asks of each contact, by the day they were done."""
        return Timeline.of(self._who, self.asked["completed_on"])

    @cached_property
    def refusals_of(self) -> Timeline:
        """Answers of each contact that were a no."""
        return self._answered("no")

    @cached_property
    def agreed_of(self) -> Timeline:
        """Answers of each contact that were a yes."""
        return self._answered("yes")

    @cached_property
    def nps_of(self) -> Timeline:
        """NPS answers of each contact."""
        return self._answers(self.nps)

    @cached_property
    def csat_of(self) -> Timeline:
        """CSAT answers of each contact."""
        return self._answers(self.csat)

    @cached_property
    def nps_at(self) -> Timeline:
        """NPS answers of anybody at each account."""
        at = places(self.nps["contact_id"], self.contacts["contact_id"])
        owner = np.where(at >= 0, self.account_of[0][at] if len(self.contacts) else -1, -1)
        return Timeline.of(owner, self.nps["answered_on"], self.nps["score"])

    @cached_property
    def outcomes_at(self) -> Timeline:
        """Verified outcomes of each account."""
        return Timeline.of(places(self.outcomes["account_id"], self.account_of[1]), self.outcomes["verified_on"])

    @cached_property
    def seats_at(self) -> Timeline:
        """Share of seats in use at each account; a month counts from its end."""
        rows = self.usage
        share = rows["users"].astype("float64") / rows["seats"].astype("float64").where(rows["seats"] > 0)
        return self._months(share)

    @cached_property
    def users_at(self) -> Timeline:
        """People active in a week, mean of a month, at each account; a month counts from its end."""
        rows = self.usage
        return self._months(
            rows["user_weeks"].astype("float64") / rows["weeks"].astype("float64").where(rows["weeks"] > 0)
        )

    @property
    def _who(self) -> Positions:
        return self.asked["of"].to_numpy(dtype=np.intp)

    def _answered(self, response: str) -> Timeline:
        """Answers of one kind; one without a day counts when it was asked for."""
        days = self.asked["responded_on"].fillna(self.asked["asked_on"])
        return Timeline.of(self._who, days.where(self.asked["response"] == response))

    def _answers(self, rows: pd.DataFrame) -> Timeline:
        return Timeline.of(places(rows["contact_id"], self.contacts["contact_id"]), rows["answered_on"], rows["score"])

    def _months(self, values: pd.Series) -> Timeline:
        ends = pd.to_datetime(self.usage["month"]) + pd.offsets.MonthEnd(0)
        return Timeline.of(places(self.usage["account_id"], self.account_of[1]), ends, values)


@dataclass(frozen=True)
class Moments:
    """Whom to look at, and on which day: everything before that day is known.

    Attributes:
        who: Row of the contact.
        day: Days since 1970.
        activity: What is asked for.
        by_owner: Whether the account's own manager asks; NaN where nobody is named.
    """

    who: Positions
    day: Days
    activity: pd.Series
    by_owner: Floats

    def __len__(self) -> int:
        return len(self.who)


def asks_made(history: History) -> Moments:
    """The moment of every ask of `history.asked`."""
    asks = history.asked
    who = asks["of"].to_numpy(dtype=np.intp)
    owner, by = history.contacts["owner_id"].iloc[who].reset_index(drop=True), asks["asked_by"]
    named = (owner.notna() & by.notna()).to_numpy(dtype=bool)
    by_owner = np.where(named, (owner == by).to_numpy(dtype=bool), np.nan).astype(np.float64)
    return Moments(who, day_numbers(asks["asked_on"]), asks["activity"], by_owner)
