"""Rest: caps and cool-downs that keep people from being asked too often, each with the first day it ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.advocacy.by_segment import per_contact
from core.advocacy.inputs import AdvocacyInput, Floats
from core.advocacy.wording import Words, counted, on_day, same, stacked, worded
from core.model.activities import Activities
from core.model.advocacy import AdvocacyRules
from core.model.advocacy_limits import Limits
from core.stats.ids import numbered
from core.stats.ordering import in_order

Instants = NDArray[np.datetime64]
Sent = tuple[NDArray[np.intp], Instants]
DONE = "done"
"""The rest after an activity was completed: the ladder goes on to the next rung meanwhile."""
DEFERRED = "deferred"
LASTING = ("after_no", DEFERRED)
"""Rests after a word of the person or of ours: they are told whatever else stands against an ask."""
COLLEAGUE_WAITS = "colleague_accepted"
"""The rest while an accepted ask of somebody else of the account waits: it stops accepting another, not sending one."""


@dataclass(frozen=True, slots=True)
class _Capping:
    """Where a cap stands in the rules, and the count of asks that comes with the contacts, with its own window."""

    asks: Callable[[Limits], float]
    days: Callable[[Limits], float]
    counted: str
    counted_days: int


CAPS = {
    "quarter": _Capping(lambda own: own.quarter.asks, lambda own: own.quarter.days, "asks_90d", 90),
    "year": _Capping(lambda own: own.year.asks, lambda own: own.year.days, "asks_365d", 365),
}


@dataclass(frozen=True, slots=True)
class _Rest:
    """One kind of rest and the contacts it holds for."""

    kind: str
    at: NDArray[np.intp]
    activity: Words
    reason: Words
    until: Instants


def rests(
    inputs: AdvocacyInput,
    rules: AdvocacyRules,
    activities: Activities,
    day: dt.date | None = None,
    *,
    reasons: bool = True,
) -> pd.DataFrame:
    """Who rests on a day, from what, why and until when.

    Args:
        inputs: The contacts as of a day.
        rules: Caps and cool-downs per contact.
        activities: Cool-down and repeat interval per activity.
        day: Day on which a rest is over or not, never before `inputs.as_of`; None is `inputs.as_of`.
        reasons: Whether anybody will read the reasons; without them the column is missing.

    Returns:
        One row per rest in force, none for contacts that do not rest: contact_id; activity it holds for, null for every
        activity; rest (quarter, year, between_asks, open_promise, after_no, deferred, accepted, colleague_asked,
        colleague_accepted, after_escalation, poor_csat, cooldown, done); reason in words; until, the first day it is
        over, empty when that depends on somebody (an accepted ask that was not sent yet, the person's own or a
        colleague's, a deferral without a day).

    Source:
        Fatigue rules of augmented-csm and saasdash, which differ: data/model/advocacy.toml.
    """
    today = pd.Timestamp(day or inputs.as_of).as_unit("us")
    found = [
        *_of_contact(inputs, rules, today),
        _promised(inputs, rules, activities, today),
        *_of_account(inputs, rules, today),
        *_of_activity(inputs, activities, today),
    ]
    words = {"reason": stacked([rest.reason for rest in found]).category()} if reasons else {}
    return pd.DataFrame(
        {
            "contact_id": inputs.ids.array.take(np.concatenate([rest.at for rest in found])),
            "activity": stacked([rest.activity for rest in found]).category(),
            "rest": stacked([same(rest.kind, len(rest.at)) for rest in found]).category(),
            **words,
            "until": pd.Series(np.concatenate([rest.until for rest in found])),
        }
    )


def _of_contact(inputs: AdvocacyInput, rules: AdvocacyRules, today: pd.Timestamp) -> Iterator[_Rest]:
    contacts = inputs.contacts

    def limit(number: Callable[[Limits], float]) -> Floats:
        return per_contact(inputs, rules, lambda own: number(own.limits))

    sent = _sent(inputs)
    for rest in ("quarter", "year"):
        yield _capped(inputs, rest, limit(CAPS[rest].asks), limit(CAPS[rest].days), sent, today)
    asked = "asked on " + on_day(contacts["last_ask_on"], today)
    yield _pause(today, "between_asks", contacts["last_ask_on"], limit(lambda own: own.between_asks.days), asked)
    refused = "said no on " + on_day(contacts["last_no_on"], today)
    yield _pause(today, "after_no", contacts["last_no_on"], limit(lambda own: own.after_no.days), refused)
    deferred = "deferred until " + on_day(contacts["deferred_until"], today)
    yield _pause(today, DEFERRED, contacts["deferred_until"], np.zeros(len(contacts)), deferred)
    closed = contacts["last_escalation_closed_on"]
    solved = "escalation closed on " + on_day(closed, today)
    yield _pause(today, "after_escalation", closed, limit(lambda own: own.after_escalation.days), solved)
    poor = inputs.number("csat_score") <= limit(lambda own: own.poor_csat.score_at_most)
    words = worded(inputs.number("csat_score"), lambda value: f"CSAT {value:g} on ") + on_day(
        contacts["csat_on"], today
    )
    yield _pause(today, "poor_csat", contacts["csat_on"].where(poor), limit(lambda own: own.poor_csat.days), words)
    yield _open_end(inputs, "accepted", inputs.asks["state"] == "accepted", "an accepted ask waits to be sent")
    undated = (inputs.asks["state"] == "deferred") & inputs.asks["deferred_until"].isna()
    yield _open_end(inputs, DEFERRED, undated, "deferred without a day")


def _promised(inputs: AdvocacyInput, rules: AdvocacyRules, activities: Activities, today: pd.Timestamp) -> _Rest:
    """Who said yes and has not done it: the latest such ask of each, until it lapses."""
    asks, n = inputs.asks, len(inputs.contacts)
    given = (asks["state"] == "sent") & (asks["response"] == "yes") & asks["completed_on"].isna()
    own = np.flatnonzero(given.to_numpy(dtype=bool) & (inputs.of_asks >= 0) & asks["asked_on"].notna().to_numpy())
    own = own[np.argsort(asks["asked_on"].to_numpy()[own], kind="stable")]
    at, days = inputs.of_asks[own], asks["asked_on"].to_numpy(dtype="datetime64[us]")[own]
    asked, row = np.full(n, np.datetime64("NaT", "us")), np.full(n, -1, dtype=np.intp)
    asked[at], row[at] = days, own
    labels: dict[str, str] = {name: item.label for name, item in activities.activities.items()}
    codes, names = numbered(asks["activity"])
    what = Words(codes, [labels.get(str(name), str(name)) for name in names]).take(row)
    words = "said yes to: " + what + ", asked on " + on_day(pd.Series(asked), today) + ", not done yet"
    span = per_contact(inputs, rules, lambda own: own.limits.open_promise.days)
    return _pause(today, "open_promise", asked, span, words)


def _of_account(inputs: AdvocacyInput, rules: AdvocacyRules, today: pd.Timestamp) -> Iterator[_Rest]:
    """Who works with somebody who was asked lately, or whose accepted ask waits to be sent."""
    asked = _latest_of_others(inputs.accounts, inputs.contacts["last_ask_on"].to_numpy(dtype="datetime64[us]"))
    words = "a colleague was asked on " + on_day(pd.Series(asked), today)
    span = per_contact(inputs, rules, lambda own: own.limits.between_colleagues.days)
    yield _pause(today, "colleague_asked", asked, span, words)
    waits = np.zeros(len(asked), dtype=bool)
    of = inputs.of_asks[(inputs.asks["state"] == "accepted").to_numpy(dtype=bool)]
    waits[of[of >= 0]] = True
    accounts = inputs.accounts
    together = np.bincount(accounts[waits & (accounts >= 0)], minlength=accounts.max(initial=0) + 1)
    others = (accounts >= 0) & (together[accounts] > waits)
    yield _endless(COLLEAGUE_WAITS, np.flatnonzero(others), "an accepted ask of a colleague waits to be sent")


def _latest_of_others(accounts: NDArray[np.intp], days: Instants) -> Instants:
    """For each contact the latest day of anybody else of the account; NaT where there is none."""
    order = in_order(days)  # no day sorts as the oldest
    order = order[in_order(accounts[order])]
    others = np.full(len(days), np.datetime64("NaT", "us"))
    if not len(order):
        return others
    sorted_accounts = accounts[order]
    last = np.flatnonzero(np.append(sorted_accounts[1:] != sorted_accounts[:-1], True))
    first = np.append(0, last[:-1] + 1)
    others[order] = np.repeat(days[order[last]], last - first + 1)
    second = np.where(last > first, days[order[np.maximum(last - 1, 0)]], np.datetime64("NaT", "us"))
    others[order[last]] = second
    others[accounts < 0] = np.datetime64("NaT", "us")
    return others


def _open_end(inputs: AdvocacyInput, rest: str, asks: pd.Series, reason: str) -> _Rest:
    """A rest that ends when somebody acts on one of the asks."""
    at = pd.unique(inputs.of_asks[asks.to_numpy(dtype=bool)])
    return _endless(rest, at[at >= 0], reason)


def _endless(rest: str, at: NDArray[np.intp], reason: str) -> _Rest:
    n = len(at)
    unknown = np.full(n, np.datetime64("NaT", "us"))
    return _Rest(rest, at, same(None, n), same(reason, n), unknown)


def _pause(today: pd.Timestamp, rest: str, since: pd.Series | Instants, days: Floats, words: Words) -> _Rest:
    begun: Instants = np.asarray(since, dtype="datetime64[us]")
    until = begun + _spans(days)
    held = np.flatnonzero(until > today.to_datetime64())
    return _Rest(rest, held, same(None, len(held)), words.take(held), until[held])


def _spans(days: Floats) -> NDArray[np.timedelta64]:
    """Numbers of days as spans of time; the arrays of pandas take longer to make than to add."""
    return days.astype(np.int64).astype("timedelta64[D]")


def _capped(inputs: AdvocacyInput, rest: str, most: Floats, days: Floats, sent: Sent, today: pd.Timestamp) -> _Rest:
    """The cap-th latest ask must leave the window; a count that the asks do not explain waits for the last one.

    The counts that come with the contacts are of `inputs.as_of`, and the asks that explain them are counted so as well.
    """
    at, asked_on = sent
    n = len(inputs.contacts)
    ends = np.cumsum(np.bincount(at, minlength=n))
    place = ends - most.astype(np.intp)
    enough = place >= np.append(0, ends[:-1])
    capping = np.full(n, np.datetime64("NaT", "us"))
    capping[enough] = asked_on[place[enough]]
    due: Instants = np.where(capping + _spans(days) > today.to_datetime64(), capping, np.datetime64("NaT", "us"))
    age = (inputs.today.to_numpy() - asked_on) / np.timedelta64(1, "D")
    counts = inputs.number(CAPS[rest].counted)
    unexplained = counts > np.bincount(at[age < CAPS[rest].counted_days], minlength=n)
    last = inputs.contacts["last_ask_on"].to_numpy()
    due = np.where(np.isnat(due) & unexplained & (counts >= most), last, due)
    in_window = np.bincount(at[asked_on + _spans(days)[at] > today.to_datetime64()], minlength=n)
    asked = counted(np.where(unexplained, np.fmax(in_window, counts), in_window), "ask", "asks")
    words = asked + worded(days, lambda n: f" in {n:.0f} days, ") + worded(most, lambda n: f"{n:.0f} at most")
    return _pause(today, rest, due, days, words)


def _of_activity(inputs: AdvocacyInput, activities: Activities, today: pd.Timestamp) -> Iterator[_Rest]:
    labels: dict[str, str] = {name: item.label for name, item in activities.activities.items()}
    cooldown: dict[str, int] = {name: item.cooldown_days for name, item in activities.activities.items()}
    again: dict[str, int] = {name: item.repeat_days for name, item in activities.activities.items()}
    asks, of = inputs.asks, inputs.of_asks
    own = np.flatnonzero(
        (asks["state"] == "sent").to_numpy(dtype=bool) & (of >= 0) & asks["activity"].notna().to_numpy()
    )
    codes, activity_ids = numbered(asks["activity"].take(own))
    names = [str(name) for name in activity_ids]
    group, pairs = pd.factorize(of[own] * max(len(names), 1) + codes)
    for rest, column, days, verb in (
        ("cooldown", "asked_on", cooldown, "asked for on"),
        (DONE, "completed_on", again, "done on"),
    ):
        last = np.full(len(pairs), np.datetime64("NaT", "us"))  # the least of all instants
        np.maximum.at(last.view("int64"), group, asks[column].to_numpy(dtype="datetime64[us]")[own].view("int64"))
        spans = np.array([np.timedelta64(days.get(name, "NaT"), "D") for name in names], dtype="timedelta64[D]")
        at, activity_of = np.divmod(pairs, max(len(names), 1))
        until = last + spans[activity_of]
        held = np.flatnonzero(until > today.to_datetime64())
        activity = Words(activity_of[held], names)
        words = Words(activity.codes, [labels.get(text, text) for text in names])
        words = words + f" {verb} " + on_day(pd.Series(last[held]), today)
        yield _Rest(rest, at[held], activity, words, until[held])


def _sent(inputs: AdvocacyInput) -> Sent:
    """Contact, by row, and day of every ask sent to somebody visible: contact by contact, oldest day first."""
    own = np.flatnonzero((inputs.asks["state"] == "sent").to_numpy(dtype=bool) & (inputs.of_asks >= 0))
    at, days = inputs.of_asks[own], inputs.asks["asked_on"].to_numpy()[own]
    order = in_order(days)  # no day sorts as the oldest
    order = order[in_order(at[order])]
    return at[order], days[order]
