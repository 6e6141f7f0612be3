"""The chance that a person completes an ask: learned from earlier asks, tested on later ones, used where it wins."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.advocacy.back_test import BackTest, back_test
from core.advocacy.features import (
    RECENT_ASKS,
    SIGNS,
    completed,
    feature_signs,
    features,
    readiness_then,
)
from core.advocacy.history import Bools, Floats, History, Moments, asks_made
from core.advocacy.learning import Learned, Method, learn
from core.model.activities import Activities
from core.model.advocacy import AdvocacyRules
from core.model.pool import PropensityRules
from core.stats.ids import Positions
from core.stats.intervals import Interval
from core.stats.logistic import fit_logistic, sigmoid
from core.stats.timeline import Days

BESIDE_RECENT = ("asks in a year", "days since the last ask", "never asked", "asks answered in a year")
"""Other ways to say how often somebody was asked: held fixed, they would hide what one more ask does."""


@dataclass(frozen=True)
class OneMoreAsk:
    """What one more ask in the 90 days before goes with.

    Attributes:
        ratio: Chance of completing with one more ask / chance as it was, other things equal; under 1 is fatigue.
        interval: Of the ratio, over accounts.
        asks: Asks it rests on.
        people_asked_again: Of them, to people asked in the 90 days before.
    """

    ratio: float
    interval: Interval
    asks: int
    people_asked_again: int


@dataclass(frozen=True)
class Propensity:
    """The learned chance and whether it may rank.

    Attributes:
        used: Whether it was better than both rivals on later asks, so that it ranks.
        reason: Why it is used or not, in words.
        asks: Asks whose time is over.
        done: Of them, completed in time.
        method: What was learned; None where nothing was.
        test: How it did on later asks; None where it could not be tested.
        one_more: What one more ask in a quarter goes with; None where that cannot be told.
    """

    used: bool
    reason: str
    asks: int
    done: int
    method: Method | None = None
    test: BackTest | None = None
    one_more: OneMoreAsk | None = None
    _learned: Learned | None = field(default=None, repr=False, compare=False)
    _history: History | None = field(default=None, repr=False, compare=False)
    _rules: tuple[PropensityRules, Activities] | None = field(default=None, repr=False, compare=False)

    def seen_from(self, history: History) -> Propensity:
        """The same, saying chances as of another state of the same contacts."""
        return replace(self, _history=history)

    def chances(self, contact_ids: pd.Series, activity: pd.Series, by_owner: NDArray[Any] | None = None) -> Floats:
        """Chance that each contact completes an ask for an activity made on the day after the last visible one.

        Args:
            contact_ids: The contacts.
            activity: What each would be asked for; null for nothing.
            by_owner: Whether the account's own manager would ask; None where that is open.

        Returns:
            0-1; NaN for nothing, for a contact that is not known, and everywhere where no chance was learned.
        """
        if self._learned is None or self._history is None or self._rules is None:
            return np.full(len(contact_ids), np.nan)
        rules, activities = self._rules
        where = self._history.contacts["contact_id"]
        who = pd.Index(where).get_indexer(pd.Index(contact_ids))
        asked = np.flatnonzero((who >= 0) & activity.notna().to_numpy())
        day: Days = np.full(len(asked), self._history.today + 1, dtype=np.int64)
        asker = np.full(len(asked), np.nan) if by_owner is None else np.asarray(by_owner, dtype=np.float64)[asked]
        rows = Moments(who[asked], day, activity.iloc[asked].reset_index(drop=True), asker)
        chance = np.full(len(contact_ids), np.nan)
        if len(asked):
            chance[asked] = self._learned.predict(features(self._history, rows, rules, activities))
        return chance


@dataclass(frozen=True)
class _Rows:
    """Asks whose time is over, oldest first."""

    moments: Moments
    day: Days
    x: Floats
    happened: Bools
    account: Positions


def propensity(
    history: History,
    rules: PropensityRules,
    scoring: AdvocacyRules,
    activities: Activities,
    loaded: frozenset[str],
    *,
    seed: int,
) -> Propensity:
    """Learn the chance that an ask is completed, and test it.

    The asks are cut by time: the latest `later_share` of those whose time is over test what was learned from those
    whose outcome was known before the first of them. The rivals learn from the same asks: the rule, as the chance that
    belongs to a readiness, and one chance for everybody. Only where the learned chance is better than both by more
    than chance does it rank; then it is learned once more, from all asks.

    Args:
        history: Days of everything.
        rules: Least numbers, windows, penalties.
        scoring: The readiness rule.
        activities: The ladder.
        loaded: Tables that hold rows.
        seed: Of trees and resampling.

    Returns:
        The chance with its test; not used, with the reason in words, where there are too few asks or it does not win.
    """
    rows = _rows(history, rules, activities)
    asks, done = len(rows.happened), int(rows.happened.sum())
    if asks < rules.least_asks:
        return Propensity(False, f"too few: {asks} asks are old enough to learn from, {rules.least_asks} needed",
                          asks, done)  # fmt: skip
    earlier, later = _cut(rows, rules)
    if lacking := _lacking(rows.happened, earlier, later, rules):
        return Propensity(False, lacking, asks, done)
    signs = feature_signs(activities)
    first = learn(rows.x[earlier], rows.happened[earlier], signs, rules, seed)
    if first is None:
        return Propensity(False, "nothing could be learned from the earlier asks", asks, done)
    ready = readiness_then(history, rows.moments, scoring, loaded)
    test = _tested(first, rows, ready, (earlier, later), rules, seed)
    again = learn(rows.x, rows.happened, signs, rules, seed) if test.wins else None
    return Propensity(
        used=again is not None,
        reason=verdict(test),
        asks=asks,
        done=done,
        method=(again or first).method,
        test=test,
        one_more=one_more_ask(rows.x, rows.happened, rows.account, rules),
        _learned=again,
        _history=history if again else None,
        _rules=(rules, activities) if again else None,
    )


def _rows(history: History, rules: PropensityRules, activities: Activities) -> _Rows:
    happened, over = completed(history, rules)
    made = asks_made(history)
    kept = np.flatnonzero(over)[-rules.most_asks :]
    moments = Moments(
        made.who[kept], made.day[kept], made.activity.iloc[kept].reset_index(drop=True), made.by_owner[kept]
    )
    account = history.account_of[0][moments.who]
    apart = np.where(account >= 0, account, len(history.account_of[1]) + moments.who)
    return _Rows(moments, moments.day, features(history, moments, rules, activities), happened[kept], apart)


def _cut(rows: _Rows, rules: PropensityRules) -> tuple[Bools, Bools]:
    """Asks to learn from and asks to test on; between them lie those whose outcome was not known at the cut."""
    place = min(int(np.ceil((1 - rules.later_share) * len(rows.day))), len(rows.day) - 1)
    cut = rows.day[place]
    return rows.day + rules.completed_within_days <= cut, rows.day >= cut


def _lacking(happened: Bools, earlier: Bools, later: Bools, rules: PropensityRules) -> str | None:
    """What there is too little of to learn and to test; None when it suffices."""
    if int(later.sum()) < rules.least_later_asks:
        return f"too few: {int(later.sum())} later asks to test on, {rules.least_later_asks} needed"
    for words, own in (("earlier", happened[earlier]), ("later", happened[later])):
        done = int(own.sum())
        if min(done, len(own) - done) < rules.least_acts:
            return (
                f"too few: {done} of {len(own)} {words} asks were completed, {rules.least_acts} of either kind needed"
            )
    return None


def _tested(
    learned: Learned, rows: _Rows, ready: Floats, cut: tuple[Bools, Bools], rules: PropensityRules, seed: int
) -> BackTest:
    earlier, later = cut
    happened = rows.happened
    known = ~np.isnan(ready)
    columns = np.column_stack([np.ones(len(ready)), np.where(known, ready / 100, 0.0), ~known])
    rule = fit_logistic(columns[earlier], happened[earlier], ridge=[0.0, 0.01, 0.01])
    constant = np.full(int(later.sum()), float(happened[earlier].mean()))
    return back_test(
        learned.predict(rows.x[later]),
        {"rule": constant if rule is None else rule.chance(columns[later]), "constant": constant},
        happened[later],
        rows.account[later],
        (np.datetime64(int(rows.day[later].min()), "D").astype(object), int(earlier.sum())),
        rules,
        np.random.default_rng(seed),
    )


def verdict(test: BackTest) -> str:
    """Why the learned chance ranks or does not, in words."""
    lost = [name for name, gain in test.gains.items() if not gain.better]
    about = f"on {test.asks:,} later asks"
    if not lost:
        return f"better than readiness and than one chance for everybody {about}: it ranks the next asks"
    words = {"rule": "readiness", "constant": "one chance for everybody"}
    named = " and ".join(words[name] for name in lost)
    return f"not clearly better than {named} {about}: readiness ranks the next asks"


def one_more_ask(x: Floats, happened: Bools, account: Positions, rules: PropensityRules) -> OneMoreAsk | None:
    """What one more ask in the 90 days before goes with, other features held equal.

    ratio = Σ chance(x, asks + 1) / Σ chance(x)   of a logistic regression without the other counts of asks

    What happened to a person before the ask is held equal, what the person did later is not looked at. Where willing
    people are asked more often than their past shows, part of the fatigue stays hidden: the ratio errs towards 1.

    Returns:
        None when nobody was asked again within 90 days, or the regression finds nothing.
    """
    names = tuple(SIGNS)
    kept = [place for place in range(x.shape[1]) if place >= len(names) or names[place] not in BESIDE_RECENT]
    again = int((x[:, RECENT_ASKS] > 0).sum())
    columns = x[:, kept]
    known = ~np.isnan(columns)
    mean = np.where(known, columns, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    filled = np.column_stack([np.ones(len(x)), np.where(known, columns, mean) - mean])
    own = 1 + kept.index(RECENT_ASKS)
    spread = filled[:, 1:].std(axis=0)
    found = fit_logistic(filled, happened, ridge=[0.0, *(rules.fatigue_ridge * spread**2)], units=account)
    if found is None or not again:
        return None
    odds = filled @ found.coefficients

    def ratio(change: float) -> float:
        return float(sigmoid(odds + change).sum() / sigmoid(odds).sum())

    ends = found.interval(own)
    interval = Interval(ratio(ends.low), ratio(ends.high), ends.method)
    return OneMoreAsk(ratio(float(found.coefficients[own])), interval, len(x), again)
