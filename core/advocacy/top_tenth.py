"""Whether the people who were asked stood in the top tenth of readiness when they were asked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.advocacy.features import readiness_then
from core.advocacy.history import Bools, Floats, History, Moments, asks_made
from core.model.advocacy import AdvocacyRules
from core.stats.ids import ranked
from core.stats.timeline import Days, day_numbers

TOP = 0.1
"""Share of the scored people: a tenth, as the figure is called."""
MOST_SEEN = 1_000
"""People the limit is taken from, evenly over all: it then leaves 9 to 11 % above it two times in three."""


@dataclass(frozen=True)
class TopTenth:
    """Of every ask of `History.asked`, oldest first.

    Attributes:
        readiness: Of the person on the day of the ask. [0-100], NaN where too little was known
        limit: Readiness that a tenth of all scored people reached when the month of the ask began; NaN where nobody
            had a score, and for asks before the first month that was wanted.
    """

    readiness: Floats
    limit: Floats

    @property
    def scored(self) -> Bools:
        """Asks of people with a score at a time when there was a limit."""
        return ~np.isnan(self.readiness) & ~np.isnan(self.limit)

    @property
    def top(self) -> Bools:
        """Asks of people at or above the limit."""
        return self.scored & (self.readiness >= np.nan_to_num(self.limit))


def top_tenth(
    history: History, left_on: pd.Series, since: np.datetime64, rules: AdvocacyRules, loaded: frozenset[str]
) -> TopTenth:
    """Readiness on the day of each ask, beside that of everybody when its month began; only earlier days are read.

    Everybody is every contact who had joined and not left by then, by the rule of today.

    Args:
        history: Days of everything.
        left_on: Day each contact left, in the order of `history.contacts`; missing while here.
        since: Asks from this day on are placed.
        rules: The rule of readiness.
        loaded: Tables that hold rows.
    """
    made = asks_made(history)
    months = made.day.astype("datetime64[D]").astype("datetime64[M]")
    wanted = np.flatnonzero(made.day.astype("datetime64[D]") >= since)
    readiness, limit = np.full(len(made), np.nan), np.full(len(made), np.nan)
    if not len(wanted):
        return TopTenth(readiness, limit)
    asked = Moments(made.who[wanted], made.day[wanted], made.activity.iloc[wanted], made.by_owner[wanted])
    readiness[wanted] = readiness_then(history, asked, rules, loaded)
    starts, of = np.unique(months[wanted], return_inverse=True)
    limit[wanted] = _limits(history, left_on, starts.astype("datetime64[D]").astype(np.int64), rules, loaded)[of]
    return TopTenth(readiness, limit)


def _limits(
    history: History, left_on: pd.Series, days: Days, rules: AdvocacyRules, loaded: frozenset[str]
) -> NDArray[np.float64]:
    """The limit of each day, all days scored in one go; NaN where nobody had a score."""
    joined, left = (
        np.where(column.notna(), day_numbers(column), missing)
        for column, missing in ((history.contacts["joined_on"], -(2**31)), (left_on, 2**31))
    )
    by_id = np.argsort(ranked(history.contacts["contact_id"])[0])  # contacts come in no order that lasts
    seen = [_some(by_id[(joined[by_id] < day) & (left[by_id] >= day)]) for day in days]
    sizes = [len(each) for each in seen]
    who, day = np.concatenate(seen), np.repeat(days, sizes)
    rows = Moments(who, day, pd.Series([""] * len(who), dtype="str"), np.full(len(who), np.nan))
    found = np.split(readiness_then(history, rows, rules, loaded), np.cumsum(sizes)[:-1])
    return np.array([_limit(each[~np.isnan(each)]) for each in found])


def _some(people: NDArray[np.intp]) -> NDArray[np.intp]:
    """At most `MOST_SEEN` people, evenly chosen of those here on a day: who joins later changes no earlier choice."""
    chosen = np.linspace(0, len(people) - 1, min(len(people), MOST_SEEN))
    return people[np.unique(chosen.astype(np.intp))]


def _limit(scores: Floats) -> float:
    return float(np.quantile(scores, 1 - TOP)) if len(scores) else np.nan
