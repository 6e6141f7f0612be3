"""Rest: caps and cool-downs that keep people from being asked too often, each with the first day it ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.advocacy.by_segment import per_contact
from core.advocacy.inputs import AdvocacyInput, Bools, Floats
from core.advocacy.shape import Instants, dated, days_after, latest_of
from core.advocacy.wording import Words, counted, on_day, same, stacked, worded
from core.model.activities import Activities
from core.model.advocacy import AdvocacyRules
from core.model.advocacy_limits import Limits
from core.stats.ordering import in_order

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
class Rest:
    """One kind of rest and the contacts it holds for.

    Attributes:
        kind: As `rests` names it.
        at: The contacts, by place in the input.
        activity: What each rests from; None for every activity.
        reason: In words.
        until: First day it is over; NaT where that depends on somebody.
    """

    kind: str
    at: NDArray[np.intp]
    activity: Words | None
    reason: Words
    until: Instants


def rests(
    inputs: AdvocacyInput, rules: AdvocacyRules, activities: Activities, day: dt.date | None = None
) -> pd.DataFrame:
    """Who rests on a day, from what, why and until when.

    Args:
        inputs: The contacts as of a day.
        rules: Caps and cool-downs per contact.
        activities: Cool-down and repeat interval per activity.
        day: Day on which a rest is over or not, never before `inputs.as_of`; None is `inputs.as_of`.

    Returns:
        One row per rest in force, none for contacts that do not rest: contact_id; activity it holds for, null for every
        activity; rest (quarter, year, between_asks, open_promise, after_no, deferred, accepted, colleague_asked,
        colleague_accepted, after_escalation, poor_csat, cooldown, done); reason in words; until, the first day it is
        over, empty when that depends on somebody (an accepted ask that was not sent yet, the person's own or a
        colleague's, a deferral without a day).

    Source:
        Fatigue rules of augmented-csm and saasdash, which differ: data/model/advocacy.toml.
    """
    return written_out(inputs, resting(inputs, rules, activities, day))


def resting(
    inputs: AdvocacyInput, rules: AdvocacyRules, activities: Activities, day: dt.date | None = None
) -> list[Rest]:
    """The rests of `rests` by place, for who only counts: no id and no word is made of them."""
    today = pd.Timestamp(day or inputs.as_of).as_unit("us")
    return [
        *_of_contact(inputs, rules, today),
        _promised(inputs, rules, activities, today),
        *_of_account(inputs, rules, today),
        *_of_activity(inputs, activities, today),
    ]


def written_out(inputs: AdvocacyInput, found: Sequence[Rest]) -> pd.DataFrame:
    """What `resting` found as `rests` returns it."""
    about = [same(None, len(rest.at)) if rest.activity is None else rest.activity for rest in found]
    return pd.DataFrame(
        {
            "contact_id": inputs.ids.array.take(np.concatenate([rest.at for rest in found])),
            "activity": stacked(about).category(),
            "rest": stacked([same(rest.kind, len(rest.at)) for rest in found]).category(),
            "reason": stacked([rest.reason for rest in found]).category(),
            "until": pd.Series(np.concatenate([rest.until for rest in found])),
        }
    )


def _of_contact(inputs: AdvocacyInput, rules: AdvocacyRules, today: pd.Timestamp) -> Iterator[Rest]:
    contacts = inputs.contacts

    def limit(number: Callable[[Limits], float]) -> Floats:
        return per_contact(inputs, rules, lambda own: number(own.limits))

    sent = _sent(inputs, np.max([limit(capping.days).max(initial=0) for capping in CAPS.values()]), today)
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
    poor = np.flatnonzero(inputs.number("csat_score") <= limit(lambda own: own.poor_csat.score_at_most))
    words = worded(inputs.number("csat_score"), lambda value: f"CSAT {value:g} on ") + on_day(
        contacts["csat_on"], today
    )
    yield _pause(today, "poor_csat", contacts["csat_on"], limit(lambda own: own.poor_csat.days), words, poor)
    yield _open_end(inputs, "accepted", inputs.ask_codes["state"].said("accepted"), "an accepted ask waits to be sent")
    undated = inputs.ask_codes["state"].said("deferred") & np.isnat(inputs.asks["deferred_until"].to_numpy())
    yield _open_end(inputs, DEFERRED, undated, "deferred without a day")


def _promised(inputs: AdvocacyInput, rules: AdvocacyRules, activities: Activities, today: pd.Timestamp) -> Rest:
    """Who said yes and has not done it: the latest such ask of each, until it lapses."""
    codes, n, asked_on = inputs.ask_codes, len(inputs.contacts), inputs.asks["asked_on"].to_numpy()
    given = codes["state"].said("sent") & codes["response"].said("yes") & (inputs.of_asks >= 0)
    own = np.flatnonzero(given & np.isnat(inputs.asks["completed_on"].to_numpy()) & ~np.isnat(asked_on))
    own = own[np.argsort(asked_on[own], kind="stable")]
    at, days = inputs.of_asks[own], asked_on[own]
    asked, row = np.full(n, np.datetime64("NaT", "us")), np.full(n, -1, dtype=np.intp)
    asked[at], row[at] = days, own
    labels: dict[str, str] = {name: item.label for name, item in activities.activities.items()}
    names = [labels.get(str(name), str(name)) for name in codes["activity"].names]
    what = Words(codes["activity"].places, names).take(row)
    words = "said yes to: " + what + ", asked on " + on_day(pd.Series(asked), today) + ", not done yet"
    span = per_contact(inputs, rules, lambda own: own.limits.open_promise.days)
    return _pause(today, "open_promise", asked, span, words)


def _of_account(inputs: AdvocacyInput, rules: AdvocacyRules, today: pd.Timestamp) -> Iterator[Rest]:
    """Who works with somebody who was asked lately, or whose accepted ask waits to be sent."""
    accounts = inputs.accounts
    span = per_contact(inputs, rules, lambda own: own.limits.between_colleagues.days)
    last_ask_on = inputs.days("last_ask_on")
    lately = last_ask_on > np.datetime64(today, "us") - np.timedelta64(int(span.max(initial=0)), "D")
    asked = _latest_of_others(accounts, last_ask_on, np.flatnonzero(lately & (accounts >= 0)))
    words = "a colleague was asked on " + on_day(pd.Series(asked), today)
    yield _pause(today, "colleague_asked", asked, span, words)
    waits = np.zeros(len(asked), dtype=bool)
    of = inputs.of_asks[inputs.ask_codes["state"].said("accepted")]
    waits[of[of >= 0]] = True
    together = np.bincount(accounts[waits & (accounts >= 0)], minlength=accounts.max(initial=0) + 1)
    others = (accounts >= 0) & (together[accounts] > waits)
    yield _endless(COLLEAGUE_WAITS, np.flatnonzero(others), "an accepted ask of a colleague waits to be sent")


def _latest_of_others(accounts: NDArray[np.intp], days: Instants, rows: NDArray[np.intp]) -> Instants:
    """For each contact the latest day of anybody else of the account; NaT where there is none.

    Args:
        accounts: The account of each contact, by place.
        days: The day of each contact.
        rows: Those that count; each has a day and an account.
    """
    first, who = _latest_by(accounts, days, rows)
    second, _ = _latest_by(accounts, days, rows[who[accounts[rows]] != rows])
    others = first[accounts]
    others[who[who >= 0]] = second[who >= 0]
    others[accounts < 0] = np.datetime64("NaT", "us")
    return others


def _latest_by(accounts: NDArray[np.intp], days: Instants, rows: NDArray[np.intp]) -> tuple[Instants, NDArray[np.intp]]:
    """The latest day of each account among some contacts, NaT without one, and a contact who has it, -1 without one."""
    found = latest_of(accounts[rows], days[rows], accounts.max(initial=0) + 1)
    own = rows[days[rows] == found[accounts[rows]]]
    who = np.full(len(found), -1, dtype=np.intp)
    who[accounts[own]] = own
    return found, who


def _open_end(inputs: AdvocacyInput, rest: str, asks: Bools, reason: str) -> Rest:
    """A rest that ends when somebody acts on one of the asks."""
    at = pd.unique(inputs.of_asks[asks])
    return _endless(rest, at[at >= 0], reason)


def _endless(rest: str, at: NDArray[np.intp], reason: str) -> Rest:
    return Rest(rest, at, None, same(reason, len(at)), np.full(len(at), np.datetime64("NaT", "us")))


def _pause(
    today: pd.Timestamp, rest: str, since: pd.Series | Instants, days: Floats, words: Words,
    only: NDArray[np.intp] | None = None,
) -> Rest:  # fmt: skip
    """A rest of so many days; `only` names the contacts it is about, None all."""
    begun: Instants = np.asarray(since, dtype="datetime64[us]")
    own = dated(begun) if only is None else only[dated(begun[only])]
    until = days_after(begun[own], days[own])
    held = until > today.to_datetime64()
    at = own[held]
    return Rest(rest, at, None, words.take(at), until[held])


def _capped(inputs: AdvocacyInput, rest: str, most: Floats, days: Floats, sent: Sent, today: pd.Timestamp) -> Rest:
    """The cap-th latest ask must leave the window; a count that the asks do not explain waits for the last one.

    The counts that come with the contacts are of `inputs.as_of`, and the asks that explain them are counted so as well.
    """
    at, asked_on = sent
    n, missing = len(inputs.contacts), np.datetime64("NaT", "us")
    asked = np.bincount(at, minlength=n)
    ends = np.cumsum(asked)
    enough = np.flatnonzero(asked >= most)
    capping = asked_on[ends[enough] - most[enough].astype(np.intp)]
    inside = days_after(capping, days[enough]) > today.to_datetime64()
    due = np.full(n, missing)
    due[enough[inside]] = capping[inside]
    counts, window = inputs.number(CAPS[rest].counted), np.timedelta64(CAPS[rest].counted_days, "D")
    unexplained = counts > np.bincount(at[asked_on > np.datetime64(inputs.today, "us") - window], minlength=n)
    waits = np.flatnonzero(np.isnat(due) & unexplained & (counts >= most))
    due[waits] = inputs.days("last_ask_on")[waits]

    def words() -> Words:
        in_window = np.bincount(at[days_after(asked_on, days[at]) > today.to_datetime64()], minlength=n)
        number = counted(np.where(unexplained, np.fmax(in_window, counts), in_window), "ask", "asks")
        return number + worded(days, lambda n: f" in {n:.0f} days, ") + worded(most, lambda n: f"{n:.0f} at most")

    return _pause(today, rest, due, days, Words.late(words))


def _of_activity(inputs: AdvocacyInput, activities: Activities, today: pd.Timestamp) -> Iterator[Rest]:
    cooldown: dict[str, int] = {name: item.cooldown_days for name, item in activities.activities.items()}
    again: dict[str, int] = {name: item.repeat_days for name, item in activities.activities.items()}
    asks, of, n = inputs.asks, inputs.of_asks, len(inputs.contacts)
    rung = inputs.ask_codes["activity"].among(activities.ladder)
    own = inputs.ask_codes["state"].said("sent") & (of >= 0) & (rung >= 0)
    labels = [activities.activities[name].label for name in activities.ladder]
    for rest, column, days, verb in (
        ("cooldown", "asked_on", cooldown, "asked for on"),
        (DONE, "completed_on", again, "done on"),
    ):
        spans, day = np.array([float(days[name]) for name in activities.ladder]), asks[column].to_numpy()
        lately = day > np.datetime64(today, "us") - np.timedelta64(int(spans.max()), "D")
        rows = np.flatnonzero(own & lately)
        rows = rows[days_after(day[rows], spans[rung[rows]]) > today.to_datetime64()]
        group, pairs = pd.factorize(rung[rows] * n + of[rows])
        last = latest_of(group, day[rows], len(pairs))
        activity_of, at = np.divmod(pairs, max(n, 1))
        activity = Words(activity_of, list(activities.ladder))
        words = Words(activity_of, labels) + f" {verb} " + on_day(pd.Series(last), today)
        yield Rest(rest, at, activity, words, days_after(last, spans[activity_of]))


def _sent(inputs: AdvocacyInput, days: float, today: pd.Timestamp) -> Sent:
    """Contact, by row, and day of the asks sent to somebody visible: contact by contact, oldest day first.

    Those no cap of so many days reaches back to are left out, as are those without a day.
    """
    reach = max(days, *(capping.counted_days for capping in CAPS.values()))
    asked_on = inputs.asks["asked_on"].to_numpy()
    lately = asked_on > np.datetime64(min(today, inputs.today), "us") - np.timedelta64(int(reach), "D")
    own = np.flatnonzero(lately & inputs.ask_codes["state"].said("sent") & (inputs.of_asks >= 0))
    at, on = inputs.of_asks[own], asked_on[own]
    order = in_order(on)
    order = order[in_order(at[order])]
    return at[order], on[order]
