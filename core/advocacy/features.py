"""What was known of a contact on the day of an ask, and the readiness the rule would have given then."""

from __future__ import annotations

import datetime as dt
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.advocacy.history import Bools, Floats, History, Moments
from core.advocacy.inputs import AdvocacyInput
from core.advocacy.score import score
from core.advocacy.shape import CONSENT_COLUMNS, CONTACT_COLUMNS, INTEREST_COLUMNS
from core.model.activities import Activities
from core.model.advocacy import AdvocacyRules
from core.model.pool import PropensityRules, pool_rules
from core.stats.timeline import day_numbers

QUARTER, YEAR = 90, 365
RECENT, BEFORE = 32, 125
"""Days: the last month of usage lies in the first window, the three before it between both."""

SIGNS: Final[dict[str, int]] = {
    "own NPS answer": 1,
    "NPS of the account": 1,
    "no NPS answer": 0,
    "verified outcomes": 1,
    "seats in use": 1,
    "usage trend": 1,
    "fit": 1,
    "years known": 0,
    "asks in 90 days": -1,
    "asks in a year": 0,
    "days since the last ask": 0,
    "never asked": 0,
    "share of earlier asks done": 1,
    "share of earlier asks agreed to": 1,
    "asks answered in a year": 0,
    "said no in a year": -1,
    "strategic segment": 0,
    "asked by the account's owner": 0,
}
"""Every feature, with the sign of its effect where it is known: 1 never harms, -1 never helps, 0 is left open."""

RECENT_ASKS = tuple(SIGNS).index("asks in 90 days")
"""Column of the feature that shows over-asking."""


def feature_names(activities: Activities) -> tuple[str, ...]:
    """Columns of `features`, in their order: those of `SIGNS`, then one per activity."""
    return (*SIGNS, *(activities.activities[name].label for name in activities.ladder))


def feature_signs(activities: Activities) -> NDArray[np.int64]:
    """Known sign of each column of `features`."""
    return np.array([*SIGNS.values(), *([0] * len(activities.ladder))], dtype=np.int64)


def features(history: History, moments: Moments, rules: PropensityRules, activities: Activities) -> Floats:
    """What was known before each moment.

    Nothing dated on the day itself or later is used, nor anything without a day (what a person said to be willing to
    do carries none), so that a row looks the same whenever it is built.

    Args:
        history: Days of everything.
        moments: Whom to look at, and when.
        rules: Age from which answers and usage say nothing.
        activities: The ladder.

    Returns:
        Moments x `feature_names`; NaN where it was not known. Shares are fractions, the days since the last ask are the
        logarithm of 1 + days, the share of earlier asks done is (done + 1) / (asks + 3), that of those agreed to
        (yes + 1) / (asks + 2).
    """
    kinds = pd.Index(activities.ladder).get_indexer(pd.Index(moments.activity))
    hot = (kinds[:, None] == np.arange(len(activities.ladder))).astype(np.float64)
    known = [*_voice(history, moments, rules), *_account(history, moments, rules, activities)]
    return np.column_stack([*known, *_asking(history, moments), _strategic(history, moments, activities),
                            moments.by_owner, hot])  # fmt: skip


def _voice(history: History, moments: Moments, rules: PropensityRules) -> list[Floats]:
    own, _ = history.nps_of.last(moments.who, moments.day, rules.answer_days)
    at = history.account_of[0][moments.who]
    return [own, history.nps_at.mean(at, moments.day, rules.answer_days), np.isnan(own).astype(np.float64)]


def _account(history: History, moments: Moments, rules: PropensityRules, activities: Activities) -> list[Floats]:
    at, day = history.account_of[0][moments.who], moments.day
    seats, _ = history.seats_at.last(at, day, rules.use_days)
    now, before = _users(history, moments)
    fit = history.contacts["icp_fit"].to_numpy(dtype=np.float64)[moments.who]
    return [
        np.minimum(history.outcomes_at.count(at, day), 3),
        np.minimum(seats, 1.5),
        np.clip(now / np.where(before > 0, before, np.nan), 0, 2),
        fit,
        np.minimum(_tenure(history, moments) / YEAR, 10),
    ]


def _users(history: History, moments: Moments) -> tuple[Floats, Floats]:
    """People active in a week in the last month before the moment, and in the three months before that."""
    at = history.account_of[0][moments.who]
    now = history.users_at.mean(at, moments.day, RECENT)
    return now, history.users_at.mean(at, moments.day - RECENT, BEFORE - RECENT)


def _tenure(history: History, moments: Moments) -> Floats:
    joined = history.contacts["joined_on"]
    days = moments.day - day_numbers(joined)[moments.who]
    return np.where(joined.notna().to_numpy()[moments.who], days, np.nan)


def _asking(history: History, moments: Moments) -> list[Floats]:
    who, day = moments.who, moments.day
    asked, done = history.asks_of.count(who, day), history.acts_of.count(who, day)
    _, since = history.asks_of.last(who, day)
    return [
        history.asks_of.count(who, day, QUARTER),
        history.asks_of.count(who, day, YEAR),
        np.log1p(np.where(np.isnan(since), 3 * YEAR, np.minimum(since, 3 * YEAR))),
        (asked == 0).astype(np.float64),
        (done + 1) / (asked + 3),
        (history.agreed_of.count(who, day) + 1) / (asked + 2),
        np.minimum(history.answers_of.count(who, day, YEAR), 6),
        history.refusals_of.count(who, day, YEAR),
    ]


def _strategic(history: History, moments: Moments, activities: Activities) -> Floats:
    names = {name.casefold() for name in activities.strategic_segments}
    close = history.contacts["segment"].str.casefold().isin(names).to_numpy(dtype=np.float64)
    return np.asarray(close[moments.who])


def readiness_then(history: History, moments: Moments, rules: AdvocacyRules, loaded: frozenset[str]) -> Floats:
    """Readiness as the rule of today would have given it before each moment.

    Every moment becomes a contact of its own whose days are moved so that all moments fall on `history.as_of`: the
    score itself is computed by `core.advocacy.score.score`, there is no second definition. Left out are what a person
    said to be willing to do (it carries no day), colleagues who left and a sponsor: absent, they lower what is covered;
    usage is that of months.

    Returns:
        0-100, NaN where too little was known.
    """
    rows = _as_contacts(history, moments)
    nothing = {name: pd.DataFrame(columns=list(columns)) for name, columns in _EMPTY.items()}
    then = AdvocacyInput(
        as_of=history.as_of,
        loaded=loaded - {"interests"},
        contacts=rows,
        consents=nothing["consents"],
        interests=nothing["interests"],
        asks=pd.DataFrame(columns=list(_ASKS)),
        undated=frozenset({"continuity"}),
    )
    return np.asarray(score(then, rules).contacts["readiness"], dtype=np.float64)


_EMPTY = {"consents": CONSENT_COLUMNS, "interests": INTEREST_COLUMNS}
_ASKS = ("contact_id", "activity", "asked_on", "response", "completed_on", "state", "deferred_until")


def _as_contacts(history: History, moments: Moments) -> pd.DataFrame:
    who, day = moments.who, moments.day
    at = history.account_of[0][who]
    nps, nps_age = history.nps_of.last(who, day)
    csat, csat_age = history.csat_of.last(who, day)
    _, outcome_age = history.outcomes_at.last(at, day)
    _, act_age = history.acts_of.last(who, day)
    seats, _ = history.seats_at.last(at, day, 100)
    now, before = _users(history, moments)
    number = pd.Series(np.arange(len(moments)).astype(str), dtype="str")
    found: dict[str, object] = dict.fromkeys(CONTACT_COLUMNS)
    found |= {
        "contact_id": number, "account_id": number,
        "segment": history.contacts["segment"].iloc[who].reset_index(drop=True),
        "joined_on": _day(history.as_of, _tenure(history, moments)),
        "nps_score": nps, "nps_on": _day(history.as_of, nps_age),
        "csat_score": csat, "csat_on": _day(history.as_of, csat_age),
        "outcomes_verified": history.outcomes_at.count(at, day), "last_outcome_on": _day(history.as_of, outcome_age),
        "users_4w": seats * 100, "seats": np.where(np.isnan(seats), np.nan, 100.0),
        "events_4w": now, "events_prior_12w": before,
        "icp_fit": history.contacts["icp_fit"].to_numpy(dtype=np.float64)[who],
        "asks_365d": history.asks_of.count(who, day, YEAR), **_told(history, moments),
        "completed_365d": history.acts_of.count(who, day, YEAR), "last_completed_on": _day(history.as_of, act_age),
        "account_active": np.ones(len(moments), dtype=bool),
    }  # fmt: skip
    return pd.DataFrame(found, index=range(len(moments)))


def _told(history: History, moments: Moments) -> dict[str, Floats]:
    """Asks of a year that tell of a person, and answers to them, at most as many: an early one may be to an older ask.

    An ask tells once its time is over; of the younger ones as many as were answered, done or refused in that time.
    """
    who, day = moments.who, moments.day
    time = pool_rules().propensity.completed_within_days - 1  # on the last of its days the time of an ask is over
    young = history.asks_of.count(who, day, time)
    over = history.asks_of.count(who, day, YEAR) - young
    told = over + np.minimum(history.answers_of.count(who, day, time), young)
    ended = history.acts_of.count(who, day, time) + history.refusals_of.count(who, day, time)
    return {
        "asks_told_365d": told,
        "asks_tried_365d": over + np.minimum(ended, young),
        "answered_365d": np.minimum(history.answers_of.count(who, day, YEAR), told),
    }


def _day(as_of: dt.date, ages: Floats) -> pd.Series:
    """The day so many days before `as_of`."""
    known = ~np.isnan(ages)
    days = np.datetime64(as_of, "us") - np.where(known, ages, 0).astype(np.int64).astype("timedelta64[D]")
    return pd.Series(days).where(known)


def completed(history: History, rules: PropensityRules) -> tuple[Bools, Bools]:
    """Of every ask of `history.asked`: whether it was completed in time, and whether its time is over."""
    asks = history.asked
    took = (asks["completed_on"] - asks["asked_on"]).dt.days
    over = day_numbers(asks["asked_on"]) + rules.completed_within_days <= history.today
    return (took <= rules.completed_within_days).to_numpy(dtype=bool), over
