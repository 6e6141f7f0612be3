"""Advocates: whom to ask for what, why now, and whom to leave in peace."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.advocacy.propensity import Propensity
from core.glossary import display_day
from core.model.activities import load_activities
from core.model.advocacy import AdvocacyRules
from core.model.pool import pool_rules
from core.month import Month
from core.month.erased import not_erased
from core.month.lists import Lists
from core.schema import TABLES
from core.services.propensity import order_worth

QUESTION = "Whom do we ask, for what, and whom do we leave in peace?"
NEEDED = ("contacts", "survey_responses", "outcomes", "consents", "tickets", "renewals", "usage",
          "interactions", "asks")  # fmt: skip
STATE_WORDS = {
    "ask": "ask now",
    "rest": "resting",
    "cultivate": "give first",
    "blocked": "leave in peace",
    "not_checked": "not checked",
}
STATE_HELP = {
    "ask": "Nothing stands against the next ask, and the person is ready for it.",
    "rest": "Asked lately, as a colleague was, deferred, or a yes or an accepted ask is open: that has to end first.",
    "cultivate": "Readiness is too low or too little is known: give something before you ask.",
    "blocked": "A hard stop holds, which nobody can override, or the person said no.",
    "not_checked": "A guardrail could not be checked, because its table is not loaded.",
}
NO_DATE = "no date"
"""The earliest day of an ask where none is known."""
FIRST = 3
"""How many accounts the headline names."""


@dataclass(frozen=True)
class Missing:
    """A table that is not loaded, and what it would unlock."""

    table: str
    unlocks: str


@dataclass(frozen=True)
class Advocates:
    """Everything on the screen.

    Attributes:
        question: What the screen answers.
        answer: The answer in one sentence.
        note: As-of date, the day on which rests and lateness are judged, size of the pool, how it is ranked.
        counts: Contacts by state, in the order of `STATE_WORDS`.
        ask: One row per person to ask now, best first: contact_id, Account, Person, Next ask, Readiness,
            Asked (asks of the last year), Why now, Asker.
        rest: One row per person not to ask now, nearest first: contact_id, Account, Person, What to do, Why, Earliest.
        missing: Tables that are not loaded.
        pool: As `pool` returns it.
        method: How the list is made, as label and text.
        rested_on: The day rests are judged on, where it is later than the month's last; else None.
    """

    question: str
    answer: str
    note: str
    counts: dict[str, int]
    ask: pd.DataFrame
    rest: pd.DataFrame
    missing: tuple[Missing, ...]
    pool: pd.DataFrame
    method: tuple[tuple[str, str], ...]
    rested_on: dt.date | None = None


def advocates(month: Month, day: dt.date | None = None) -> Advocates:
    """The pool as of the end of a month, who may be asked as of a working day.

    Args:
        month: The newest month; what was recorded in the product since counts.
        day: As in `pool`.
    """
    table, lists = pool(month, day), month.on(day)
    counts = {name: int((table["state"] == name).sum()) for name in STATE_WORDS}
    asked = month.advocacy_input.number("asks_365d")[lists.ask_order]
    asking = table.iloc[lists.ask_order].assign(asked=asked)
    others = table.iloc[_nearest_first(month, table)]
    missing = tuple(Missing(name, TABLES[name].unlocks) for name in NEEDED if name not in month.loaded)
    asks = month.records["asks"]
    waiting = int((asks["contact_id"].isin(table["contact_id"]) & (asks["state"] == "accepted")).sum())
    return Advocates(
        question=QUESTION,
        answer=_answer(counts, asking["account_name"], others["earliest"], missing),
        note=_note(lists, len(table), waiting),
        counts=counts,
        ask=_shown(
            asking,
            {"Next ask": "label", "Readiness": "readiness", "Asked": "asked", "Why now": "why", "Asker": "asker"},
        ),
        rest=_shown(others, {"What to do": "todo", "Why": "because", "Earliest": "earliest_text"}),
        missing=missing,
        pool=table,
        method=_method(month.advocacy_rules, month.propensity),
        rested_on=lists.day if lists.day > month.as_of else None,
    )


def pool(month: Month, day: dt.date | None = None) -> pd.DataFrame:
    """One row per contact: who it is, scores, next ask and what stands against it.

    Args:
        month: The month.
        day: Today, on which rests are judged; None is the month's last day, as in every earlier month.

    Returns:
        contact_id, account_id, account_name, segment, persona, person (name with role), name (name, else role), health,
        readiness, engagement, coverage and the columns of `core.advocacy.next_ask.next_asks`, with `todo`, `because`
        (what stands against an ask, a rest first that ends later) and `earliest_text` in words.
    """
    contacts = month.advocacy_input.contacts[["contact_id", "account_id", "account_name", "segment", "persona"]]
    people = not_erased(month.records["people"])
    names = month.facts.memory.kept("names", (month.contact_facts, people), lambda: _named(contacts, people))
    table = pd.concat(
        [contacts, _beside(contacts, month.scores.contacts), _beside(contacts, month.on(day).next_asks), names], axis=1
    )
    table["todo"] = table["state"].map({name: words.capitalize() for name, words in STATE_WORDS.items()})
    table["because"] = table["blocked_by"].fillna(table["not_checked"]).fillna(table["why"])
    unknown = (table["state"] == "cultivate") & table["readiness"].isna()
    short = [f"too little is known for a score: {100 * share:.0f} %" for share in table.loc[unknown, "coverage"]]
    table.loc[unknown, "because"] = short
    ends_last = table["rest"].notna() & ~(table["rest_until"] < table["earliest"])
    told, other = table.loc[ends_last, "rest"], table.loc[ends_last, "because"]
    table.loc[ends_last, "because"] = told + ("; " + other).fillna("")
    days = {day: display_day(pd.Timestamp(day).date()) for day in table["earliest"].dropna().unique()}
    table["earliest_text"] = table["earliest"].map(days).astype("str").fillna(NO_DATE)
    return table


def _named(contacts: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Name and person of each contact."""
    given = contacts["contact_id"].map(people.drop_duplicates("contact_id").set_index("contact_id")["full_name"])
    given, role = given.astype("str"), contacts["persona"].fillna("role not stated")
    return pd.DataFrame(
        {
            "name": given.fillna(contacts["persona"]).fillna("not named"),
            "person": (given + ", " + role).fillna(role),
        }
    )


def _nearest_first(month: Month, table: pd.DataFrame) -> NDArray[np.intp]:
    """Places of the people not to ask now: by the first day of an ask, those without one last, then by account."""

    def alphabet() -> pd.DataFrame:
        order = table[["account_name", "contact_id"]].sort_values(["account_name", "contact_id"]).index
        return pd.DataFrame({"place": np.argsort(order.to_numpy())})

    rank = month.facts.memory.kept("alphabet", (month.contact_facts,), alphabet)["place"].to_numpy()
    days = table["earliest"].to_numpy()
    others = np.flatnonzero((table["state"] != "ask").to_numpy(dtype=bool))
    order = np.lexsort((rank[others], days[others].astype(np.int64), np.isnat(days[others])))
    return np.asarray(others[order], dtype=np.intp)


def _beside(contacts: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """The rows of `other` in the order of the contacts; a merge, where they are in that order already."""
    if not other["contact_id"].array.equals(contacts["contact_id"].array):
        other = contacts[["contact_id"]].merge(other, on="contact_id", how="left")
    return other.drop(columns="contact_id").set_axis(contacts.index)


def _shown(rows: pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
    """Readers' columns, by reader's name and name in the pool."""
    pairs = {"contact_id": "contact_id", "Account": "account_name", "Person": "person", **columns}
    shown = rows[list(pairs.values())].set_axis(list(pairs), axis=1).reset_index(drop=True)
    return shown.assign(Readiness=shown["Readiness"].round()) if "Readiness" in shown else shown


@lru_cache(maxsize=1)
def activity_labels() -> dict[str, str]:
    """What each activity is called, from the lowest rung of the ladder."""
    activities = load_activities()
    return {name: activities.activities[name].label for name in activities.ladder}


def _method(rules: AdvocacyRules, learned: Propensity) -> tuple[tuple[str, str], ...]:
    limits, stops, readiness = rules.limits, rules.stops, rules.scores["readiness"]
    kept = pool_rules().ranking.kept_per_ask
    heaviest = sorted(readiness.weights, key=lambda name: -readiness.weights[name])[:4]
    shares = ", ".join(f"{rules.signals[name].label} {readiness.weights[name]:g}" for name in heaviest)
    return (
        ("Readiness", "100 × the weighted mean of the signals that are known. The heaviest of "
                      f"{sum(readiness.weights.values()):g}: {shares}. A signal without a value lowers the share "
                      f"known, never the score; under {100 * readiness.minimum_coverage:.0f} % there is no score."),
        ("What the order is worth", order_worth(learned)),
        ("Next ask", "The lowest rung of the ladder that was not done lately, was not refused, is allowed by every "
                     "guardrail and for which readiness is enough. Where the learned chance of doing it was better "
                     "than readiness on later asks, it ranks; else readiness, at the same points those whom a recent "
                     f"milestone prompts come first. Each ask of the last year takes {100 * (1 - kept):.0f} % off the "
                     "rank, so that the load spreads; the figures shown stay as they are."),
        ("Guardrails", "No consent or opted out, an open severe ticket or escalation, a detractor answer in "
                       f"{stops.detractor.days} days, an undecided renewal within {stops.renewal.days} days, no "
                       "verified value, left the company, a standing never. None can be overridden."),
        ("Rest", f"At most {limits.quarter.asks} asks in {limits.quarter.days} days and {limits.year.asks} in "
                 f"{limits.year.days}; {limits.between_asks.days} days between two, {limits.after_no.days} after a no, "
                 f"{limits.between_colleagues.days} after a colleague. Who said yes is asked for nothing else until it "
                 f"is done, for {limits.open_promise.days} days at most. A rest is over on its day, wherever the data "
                 "end."),
        ("The counts", " ".join(f"{words.capitalize()}: {STATE_HELP[state]}" for state, words in STATE_WORDS.items())),
        ("Thresholds and weights", "data/model/advocacy.toml and data/model/activities.toml, each with its source."),
    )  # fmt: skip


def judged_words(lists: Lists, what: str = "who may be asked") -> str:
    """On which day it is judged who may be asked, where it is later than the month's last; else empty."""
    return f"{what}: today, {display_day(lists.day)}" if lists.day > lists.month.as_of else ""


def as_of_words(lists: Lists, what: str = "who may be asked") -> str:
    """As of which day the data are and, where that is another one, on which day it is judged who may be asked."""
    return " · ".join(filter(None, (f"as of {display_day(lists.month.as_of)}", judged_words(lists, what))))


def _note(lists: Lists, people: int, waiting: int) -> str:
    if not people:
        return f"Data as of {display_day(lists.month.as_of)}"
    asks = "accepted ask waits" if waiting == 1 else "accepted asks wait"
    sent = f"{waiting:,} {asks} to be sent" if waiting else "no accepted ask waits to be sent"
    by = ("the learned chance" if lists.month.propensity.used else "readiness") + " and how little asked"
    known = as_of_words(lists, "who may be asked and what is late")
    return f"Data {known} · {people:,} contacts · ranked by {by} · {sent}"


def _answer(
    counts: dict[str, int], asking: Sequence[str] | pd.Series, earliest: pd.Series, missing: tuple[Missing, ...]
) -> str:
    """How many can be asked and where the list begins, which is no promise of a yes; else why nobody can be."""
    if sum(counts.values()) == 0:
        return "No contacts are loaded, so nobody can be asked yet"
    if counts["ask"] == 0:
        return _nobody(counts, earliest, missing)
    first = list(dict.fromkeys(asking))[:FIRST]
    named = first[0] if len(first) == 1 else f"{', '.join(first[:-1])} and {first[-1]}"
    people = "person" if counts["ask"] == 1 else "people"
    return f"{counts['ask']:,} {people} can be asked, the first on the list at {named}"


def _nobody(counts: dict[str, int], earliest: pd.Series, missing: tuple[Missing, ...]) -> str:
    if counts["not_checked"]:
        absent = [gap.table.replace("_", " ") for gap in missing][:FIRST]
        until = f" until {', '.join(absent)} {'is' if len(absent) == 1 else 'are'} loaded" if absent else ""
        return f"Nobody can be asked yet: {counts['not_checked']:,} cannot be checked{until}"
    if earliest.notna().any():
        return f"Nobody to ask today; the next can be asked on {display_day(earliest.min().date())}"
    return f"Nobody to ask today; {counts['cultivate']:,} are to be given something first"
