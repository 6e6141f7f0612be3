"""Signals: what is measured about each contact, how old it is and how it reads beside the bar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.advocacy.inputs import AdvocacyInput, Floats
from core.advocacy.shape import ages, latest, latest_of
from core.advocacy.wording import Words, counted, on_day, rounded, worded, written
from core.glossary import plain_number
from core.model.activities import load_activities
from core.model.advocacy import Signal, SignalId

YEAR = 365


@dataclass(frozen=True, slots=True)
class Reading:
    """One signal of every contact.

    Attributes:
        measure: In the unit the model file names; NaN where there is none.
        age: Days since it was observed; 0 where it does not age.
        raw: Text beside the bar; only shown where there is a measure.
    """

    measure: Floats
    age: Floats
    raw: Words


Reader = Callable[[AdvocacyInput, Signal], Reading]


def read_signal(inputs: AdvocacyInput, name: SignalId, rule: Signal) -> Reading:
    """Measure one signal for every contact."""
    return READERS[name](inputs, rule)


def _ageless(inputs: AdvocacyInput) -> Floats:
    return np.zeros(len(inputs.contacts))


def _answer(score: str, day: str, title: str) -> Reader:
    def read(inputs: AdvocacyInput, rule: Signal) -> Reading:
        measure = inputs.number(score)
        raw = worded(measure, lambda value: f"{title} {value:g} on ") + on_day(inputs.contacts[day], inputs.today)
        return Reading(measure, inputs.days_since(day), raw)

    return read


def _account_answer(score: str, day: str, title: str) -> Reader:
    def read(inputs: AdvocacyInput, rule: Signal) -> Reading:
        scores, on, accounts = inputs.number(score), inputs.days(day), inputs.together
        fresh = inputs.days_since(day) <= (rule.max_age_days or np.inf)
        own = np.flatnonzero(fresh & ~inputs.gone & ~np.isnan(scores))
        of, n = accounts[own], accounts.max(initial=0) + 1
        people = np.bincount(of, minlength=n).astype(np.float64)
        mean, last = (
            _share(np.bincount(of, scores[own], minlength=n).astype(np.float64), people),
            latest_of(of, on[own], n),
        )

        def raw() -> Words:
            words = worded(np.round(mean, 1), lambda value: f"{title} {value:g}, ") + counted(
                people, "person", "people"
            )
            return (words + ", last on " + on_day(pd.Series(last), inputs.today)).take(accounts)

        return Reading(mean[accounts], ages(inputs.today, last)[accounts], Words.late(raw))

    return read


def _outcomes(inputs: AdvocacyInput, rule: Signal) -> Reading:
    measure, age = inputs.number("outcomes_verified"), inputs.days_since("last_outcome_on")
    none = measure == 0
    age[np.flatnonzero(none)] = 0.0
    raw = counted(measure, "outcome", "outcomes") + " verified"
    dated = raw + ", last on " + on_day(inputs.contacts["last_outcome_on"], inputs.today)
    return Reading(measure, age, raw.where(none, dated))


def _usage(inputs: AdvocacyInput, rule: Signal) -> Reading:
    users, seats = inputs.number("users_4w"), inputs.number("seats")
    raw = rounded(users, lambda n: f"{n:.0f} of ") + counted(seats, "seat", "seats") + " active in a week"
    return Reading(_share(users, seats), _ageless(inputs), raw)


def _usage_trend(inputs: AdvocacyInput, rule: Signal) -> Reading:
    ratio = _share(inputs.number("events_4w"), inputs.number("events_prior_12w"))
    raw = rounded(
        100 * (ratio - 1),
        lambda change: f"{plain_number(change, signed=True)} % in 4 weeks, against the 12 before",
    )
    return Reading(ratio, _ageless(inputs), raw)


def _responsiveness(inputs: AdvocacyInput, rule: Signal) -> Reading:
    """An ask counts as unanswered only once its time is over: nobody is less ready for having been asked just now."""
    told, answered = inputs.number("asks_told_365d"), inputs.number("answered_365d")
    raw = worded(answered, lambda n: f"answered {n:.0f} of ") + counted(told, "ask", "asks") + " in a year"
    waiting = inputs.number("asks_365d") - told
    later = raw + worded(waiting, lambda n: f", {n:.0f} more not due yet")
    return Reading(_share(answered, told), _ageless(inputs), later.where(waiting > 0, raw))


def _tenure(inputs: AdvocacyInput, rule: Signal) -> Reading:
    raw = "known since " + on_day(inputs.contacts["joined_on"], inputs.today)
    return Reading(inputs.days_since("joined_on") / YEAR, _ageless(inputs), raw)


def _sponsor(inputs: AdvocacyInput, rule: Signal) -> Reading:
    known = inputs.number("sponsor_known")
    return Reading(known, _ageless(inputs), worded(known, lambda flag: "sponsor known" if flag else "no sponsor"))


def _fit(inputs: AdvocacyInput, rule: Signal) -> Reading:
    fit = inputs.number("icp_fit")
    return Reading(fit, _ageless(inputs), rounded(100 * fit, lambda n: f"fit {n:.0f} %"))


def _stated(inputs: AdvocacyInput, rule: Signal) -> Reading:
    levels = {"no": 0.0, "willing": 1.0, "likes": 2.0}
    said = inputs.interest_codes["stance"]
    stance = np.array([*(levels.get(str(name), np.nan) for name in said.names), np.nan])[said.places]
    best = np.full(len(inputs.contacts), np.nan)
    seen = inputs.of_interests >= 0
    np.fmax.at(best, inputs.of_interests[seen], stance[seen])
    words = {0.0: "said no", 1.0: "willing", 2.0: "likes it"}
    raw = worded(best, lambda level: words[level])
    return Reading(best, _ageless(inputs), (raw + _refused(inputs)).where(best == 0, raw))


def _refused(inputs: AdvocacyInput) -> Words:
    """The acts a person does not want to do, in the order of the ladder; empty where none is stated."""

    def make() -> Words:
        activities = load_activities()
        place = {name: at for at, name in enumerate(activities.ladder)}
        against = (inputs.interests["stance"] == "no").to_numpy() & (inputs.of_interests >= 0)
        acts = inputs.interests.loc[against, "activity"].map(place)
        rows = pd.DataFrame({"at": inputs.of_interests[against], "place": acts.to_numpy()}).dropna()
        labels = [activities.activities[name].label.lower() for name in activities.ladder]
        texts = np.full(len(inputs.contacts), "", dtype=object)
        for at, one in sorted({(int(at), int(one)) for at, one in rows.itertuples(index=False)}):
            texts[at] += (", " if texts[at] else " to ") + labels[one]
        return written(pd.Series(texts, dtype="str"))

    return Words.late(make)


def _shown(inputs: AdvocacyInput, rule: Signal) -> Reading:
    """Who was asked and has time left to do it has shown nothing yet, neither way."""
    done, age = inputs.number("completed_365d"), inputs.days_since("last_completed_on")
    none, measure = done == 0, done.copy()
    measure[np.flatnonzero(~((inputs.number("asks_tried_365d") > 0) | (done > 0)))] = np.nan
    age[np.flatnonzero(none)] = 0.0
    raw = counted(done, "act", "acts") + " in a year"
    last = on_day(inputs.contacts["last_completed_on"], inputs.today)
    return Reading(measure, age, raw.where(none, raw + ", last on " + last))


def _account_continuity(inputs: AdvocacyInput, rule: Signal) -> Reading:
    accounts, gone = inputs.together, inputs.gone
    recent = ~gone | (inputs.days_since("left_on") < YEAR)
    known, still = (np.bincount(accounts, people).astype(np.float64) for people in (recent, ~gone))
    raw = worded(still, lambda n: f"{n:.0f} of ") + counted(known, "contact", "contacts") + " of the year still there"
    return Reading(_share(still, known)[accounts], _ageless(inputs), raw.take(accounts))


def _continuity(inputs: AdvocacyInput, rule: Signal) -> Reading:
    account, gone = _account_continuity(inputs, rule), inputs.gone
    raw = account.raw.where(~gone, "left on " + on_day(inputs.contacts["left_on"], inputs.today))
    measure = account.measure
    measure[np.flatnonzero(gone)] = 0.0
    return Reading(measure, account.age, raw)


def _support(inputs: AdvocacyInput, rule: Signal) -> Reading:
    tickets, escalations = inputs.number("open_severe_tickets"), inputs.number("open_escalations")
    raw = counted(tickets, "open severe ticket", "open severe tickets") + ", "
    return Reading(tickets + escalations, _ageless(inputs), raw + counted(escalations, "escalation", "escalations"))


def _latest(columns: tuple[str, ...], title: str) -> Reader:
    def read(inputs: AdvocacyInput, rule: Signal) -> Reading:
        last = latest(*(inputs.days(name) for name in columns))
        age = ages(inputs.today, last)
        return Reading(1.0 + 0.0 * age, age, f"{title} on " + on_day(pd.Series(last), inputs.today))

    return read


def _share(part: Floats, whole: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = part / whole
    ratio[np.flatnonzero(~(whole > 0))] = np.nan
    return ratio


READERS: dict[SignalId, Reader] = {
    "nps": _answer("nps_score", "nps_on", "NPS"),
    "csat": _answer("csat_score", "csat_on", "CSAT"),
    "outcomes": _outcomes,
    "usage": _usage,
    "usage_trend": _usage_trend,
    "responsiveness": _responsiveness,
    "tenure": _tenure,
    "sponsor": _sponsor,
    "fit": _fit,
    "willingness_stated": _stated,
    "willingness_shown": _shown,
    "continuity": _continuity,
    "account_nps": _account_answer("nps_score", "nps_on", "NPS"),
    "account_csat": _account_answer("csat_score", "csat_on", "CSAT"),
    "account_continuity": _account_continuity,
    "support": _support,
    "last_contact": _latest(("last_interaction_on",), "in touch"),
    "last_answer": _latest(("nps_on", "csat_on"), "answered"),
}
