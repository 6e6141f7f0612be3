"""Advocates: whom to ask for what, why now, and whom to leave in peace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pandas as pd

from core.advocacy.why import prompted
from core.errors import RuleBroken
from core.glossary import display_day
from core.model.activities import ActivityId, load_activities
from core.model.advocacy import load_advocacy_rules
from core.month import Month
from core.schema import TABLES
from core.services.asking import against_sending, stops_of

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
    "rest": "Asked lately, deferred, or an accepted ask waits to be sent: the rest has to end first.",
    "cultivate": "Readiness is too low or too little is known: give something before you ask.",
    "blocked": "A hard stop holds, which nobody can override, or the person said no.",
    "not_checked": "A guardrail could not be checked, because its table is not loaded.",
}
STOP = "stop: "
"""How `Before sending` starts for an accepted ask that must not be sent now."""
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
        note: As-of date, size of the pool, how it is ranked.
        counts: Contacts by state, in the order of `STATE_WORDS`.
        ask: One row per person to ask now, best first: contact_id, Account, Person, Next ask, Readiness, Why now,
            Asker.
        rest: One row per person not to ask now, nearest first: contact_id, Account, Person, What to do, Why, Earliest.
        accepted: One row per accepted ask that was not sent yet: ask_id, contact_id, activity, Account, Person, Ask,
            Accepted by, Before sending.
        missing: Tables that are not loaded.
        pool: As `pool` returns it.
        method: How the list is made, as label and text.
    """

    question: str
    answer: str
    note: str
    counts: dict[str, int]
    ask: pd.DataFrame
    rest: pd.DataFrame
    accepted: pd.DataFrame
    missing: tuple[Missing, ...]
    pool: pd.DataFrame
    method: tuple[tuple[str, str], ...]


def advocates(month: Month) -> Advocates:
    """The pool as of the end of a month.

    Args:
        month: The newest month; what was recorded in the product since counts.
    """
    table = pool(month)
    counts = {name: int((table["state"] == name).sum()) for name in STATE_WORDS}
    asking = _ranked(table[table["state"] == "ask"])
    others = table[table["state"] != "ask"].assign(undated=lambda rows: rows["earliest"].isna())
    others = others.sort_values(["undated", "earliest", "account_name", "contact_id"])
    missing = tuple(Missing(name, TABLES[name].unlocks) for name in NEEDED if name not in month.loaded)
    accepted = _accepted(month, table)
    return Advocates(
        question=QUESTION,
        answer=_answer(counts, asking["account_name"], others["earliest"], missing),
        note=_note(month, len(table), len(accepted)),
        counts=counts,
        ask=_shown(asking, {"Next ask": "label", "Readiness": "readiness", "Why now": "why", "Asker": "asker"}),
        rest=_shown(others, {"What to do": "todo", "Why": "because", "Earliest": "earliest_text"}),
        accepted=accepted,
        missing=missing,
        pool=table,
        method=_method(),
    )


def pool(month: Month) -> pd.DataFrame:
    """One row per contact: who it is, scores, next ask and what stands against it.

    Returns:
        contact_id, account_id, account_name, segment, persona, person (name with role), name (name, else role), health,
        readiness, engagement, coverage and the columns of `core.advocacy.next_ask.next_asks`, with `todo`, `because`
        and `earliest_text` in words.
    """
    contacts = month.advocacy_input.contacts[["contact_id", "account_id", "account_name", "segment", "persona"]]
    people = month.records["people"].drop_duplicates("contact_id").set_index("contact_id")["full_name"]
    beside = (_beside(contacts, month.scores.contacts), _beside(contacts, month.next_asks))
    table = pd.concat([contacts, *beside], axis=1)
    given = table["contact_id"].map(people).astype("str")
    role = table["persona"].fillna("role not stated")
    table["name"] = given.fillna(table["persona"]).fillna("not named")
    table["person"] = (given + ", " + role).fillna(role)
    table["todo"] = table["state"].map(STATE_WORDS).str.capitalize()
    table["because"] = table["blocked_by"].fillna(table["not_checked"]).fillna(table["why"])
    unknown = (table["state"] == "cultivate") & table["readiness"].isna()
    short = [f"too little is known for a score: {100 * share:.0f} %" for share in table.loc[unknown, "coverage"]]
    table.loc[unknown, "because"] = short
    table["earliest_text"] = [display_day(day.date()) if pd.notna(day) else "no date" for day in table["earliest"]]
    return table


def _ranked(asking: pd.DataFrame) -> pd.DataFrame:
    """Best first: whole points of readiness as shown, at the same points those whom a milestone prompts."""
    keys = asking.assign(points=asking["readiness"].round(), prompted=prompted(asking["why"]))
    order = keys.sort_values(["points", "prompted", "readiness", "contact_id"], ascending=[False, False, False, True])
    return asking.loc[order.index]


def advocates_frame(month: Month) -> pd.DataFrame:
    """The pool for a file: one row per contact, no names."""
    names = ["contact_id", "account_id", "account_name", "segment", "health", "readiness", "engagement", "coverage",
             "state", "activity", "why", "earliest", "asker", "blocked_by", "not_checked"]  # fmt: skip
    return pool(month)[names]


def advocates_json(month: Month) -> list[dict[str, Any]]:
    """The pool as `python -m core advocates --json` prints it.

    Returns:
        One entry per contact: contact_id, account_id, health, readiness, engagement, parts (points of readiness by
        signal), coverage, state, next_ask (activity, why, earliest, asker, value in units of the currency; null unless
        the state is ask), blocked_by, not_checked. What is not known is null.
    """
    parts = month.scores.parts
    points = parts[(parts["score"] == "readiness") & parts["points"].notna()]
    by_contact: dict[str, dict[str, float]] = {}
    for contact, signal, value in zip(points["contact_id"], points["signal"], points["points"], strict=True):
        by_contact.setdefault(str(contact), {})[str(signal)] = float(value)
    return [_contact_json(row, by_contact.get(row["contact_id"], {})) for row in pool(month).to_dict("records")]


def _contact_json(row: dict[Any, Any], parts: dict[str, float]) -> dict[str, Any]:
    def given(name: str) -> Any:
        return None if pd.isna(row[name]) else row[name]

    ask = None
    if row["state"] == "ask":
        value = given("value_cents")
        ask = {
            "activity": row["activity"],
            "why": given("why"),
            "earliest": row["earliest"].date().isoformat() if pd.notna(row["earliest"]) else None,
            "asker": given("asker"),
            "value": None if value is None else value / 100,
        }
    before, after = ("contact_id", "account_id", "health", "readiness", "engagement"), ("coverage", "state")
    return (
        {name: given(name) for name in before}
        | {"parts": parts}
        | {name: given(name) for name in after}
        | {"next_ask": ask, "blocked_by": given("blocked_by"), "not_checked": given("not_checked")}
    )


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


def _accepted(month: Month, table: pd.DataFrame) -> pd.DataFrame:
    asks = month.records["asks"]
    waiting = asks.loc[asks["state"] == "accepted", ["ask_id", "contact_id", "activity", "asked_by"]].merge(
        table[["contact_id", "account_name", "person"]], on="contact_id", how="inner"
    )
    return pd.DataFrame(
        {
            "ask_id": waiting["ask_id"],
            "contact_id": waiting["contact_id"],
            "activity": waiting["activity"],
            "Account": waiting["account_name"],
            "Person": waiting["person"],
            "Ask": waiting["activity"].map(activity_labels()).astype("str"),
            "Accepted by": waiting["asked_by"].fillna("not stated"),
            "Before sending": _stops(month, waiting),
        }
    )


def _stops(month: Month, waiting: pd.DataFrame) -> list[str]:
    """For each accepted ask what stands against sending it now: guardrails, a no of the person, rests."""
    pairs = zip(waiting["contact_id"], waiting["activity"], strict=True)
    return [_before_sending(month, contact, activity) for contact, activity in pairs]


def _before_sending(month: Month, contact_id: str, activity: ActivityId) -> str:
    try:
        found = against_sending(month.advocacy_input, contact_id, activity)
    except RuleBroken as error:
        return f"{STOP}{error}"
    if stops := stops_of(found):
        return STOP + "; ".join(item.text for item in stops)
    return "; ".join(["clear to send", *(item.text for item in found)])


@lru_cache(maxsize=1)
def activity_labels() -> dict[str, str]:
    """What each activity is called, from the lowest rung of the ladder."""
    activities = load_activities()
    return {name: activities.activities[name].label for name in activities.ladder}


@lru_cache(maxsize=1)
def _method() -> tuple[tuple[str, str], ...]:
    rules = load_advocacy_rules()
    limits, stops, readiness = rules.limits, rules.stops, rules.scores["readiness"]
    heaviest = sorted(readiness.weights, key=lambda name: -readiness.weights[name])[:4]
    shares = ", ".join(f"{rules.signals[name].label} {readiness.weights[name]:g}" for name in heaviest)
    return (
        ("Readiness", "100 × the weighted mean of the signals that are known. The heaviest of "
                      f"{sum(readiness.weights.values()):g}: {shares}. A signal without a value lowers the share "
                      f"known, never the score; under {100 * readiness.minimum_coverage:.0f} % there is no score."),
        ("Next ask", "The lowest rung of the ladder that was not done lately, was not refused, is allowed by every "
                     "guardrail and for which readiness is enough. At the same points of readiness those whom a recent "
                     "milestone prompts come first."),
        ("Guardrails", "No consent or opted out, an open severe ticket or escalation, a detractor answer in "
                       f"{stops.detractor.days} days, an undecided renewal within {stops.renewal.days} days, no "
                       "verified value, left the company, a standing never. None can be overridden."),
        ("Rest", f"At most {limits.quarter.asks} asks in {limits.quarter.days} days and {limits.year.asks} in "
                 f"{limits.year.days}; {limits.between_asks.days} days between two, "
                 f"{limits.after_no.days} after a no."),
        ("Thresholds and weights", "data/model/advocacy.toml and data/model/activities.toml, each with its source."),
    )  # fmt: skip


def _note(month: Month, people: int, waiting: int) -> str:
    if not people:
        return f"As of {display_day(month.as_of)}"
    asks = "accepted ask waits" if waiting == 1 else "accepted asks wait"
    sent = f"{waiting:,} {asks} to be sent" if waiting else "no accepted ask waits to be sent"
    return f"As of {display_day(month.as_of)} · {people:,} contacts · ranked by readiness · {sent}"


def _answer(
    counts: dict[str, int], asking: Sequence[str] | pd.Series, earliest: pd.Series, missing: tuple[Missing, ...]
) -> str:
    """The best few to start with and the size of the pool; else why nobody can be asked."""
    if sum(counts.values()) == 0:
        return "No contacts are loaded, so nobody can be asked yet"
    if counts["ask"] == 0:
        return _nobody(counts, earliest, missing)
    first = list(dict.fromkeys(asking))[:FIRST]
    named = first[0] if len(first) == 1 else f"{', '.join(first[:-1])} and {first[-1]}"
    people = "person" if counts["ask"] == 1 else "people"
    return f"Start with {named}: {counts['ask']:,} {people} can be asked"


def _nobody(counts: dict[str, int], earliest: pd.Series, missing: tuple[Missing, ...]) -> str:
    if counts["not_checked"]:
        absent = [gap.table.replace("_", " ") for gap in missing][:FIRST]
        until = f" until {', '.join(absent)} {'is' if len(absent) == 1 else 'are'} loaded" if absent else ""
        return f"Nobody can be asked yet: {counts['not_checked']:,} cannot be checked{until}"
    if earliest.notna().any():
        return f"Nobody to ask today; the next can be asked on {display_day(earliest.min().date())}"
    return f"Nobody to ask today; {counts['cultivate']:,} are to be given something first"
