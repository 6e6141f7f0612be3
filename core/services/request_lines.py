"""One request in words: its deal, its clock, who could give it and why, what was done so far."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from core.advocacy.matching import RequestMatches
from core.glossary import display
from core.model.requests import Attribute
from core.month import Month
from core.services.request_words import (
    FULL_FIT,
    NEAR_FIT,
    REQUEST_WORDS,
    clock_words,
    day_words,
    left_words,
    names_of,
    relax_words,
    wanted_words,
)

STEP_WORDS = {
    "opened": "Asked for",
    "matched": "Given to a person",
    "relaxed": "Relaxed",
    "sent": "Person asked",
    "done": "Took place",
    "withdrawn": "Withdrawn",
    "missed": "Missed",
}


@dataclass(frozen=True)
class Candidate:
    """A person for a request, in words; `taken_by` names the deal that gets the person when all are served together.

    `proposed` says how who is assigned fits; empty for everybody else.
    """

    contact_id: str
    person: str
    account: str
    fit: float
    reasons: str
    assigned: bool
    taken_by: str
    proposed: str


@dataclass(frozen=True)
class RequestLine:
    """One request.

    Attributes:
        request_id: Its id.
        version: Its version, to be given back with an act; 0 where it is closed.
        state: open, matched, done, withdrawn or missed.
        asked: How far the ask behind it is: "", accepted, sent.
        to_match: Whether somebody is still to be found.
        deal: Name of the deal.
        amount: Amount of the open deal.
        wanted: What is wanted.
        needed_by: Day it is needed, in words; `needed_on` the same as a day.
        status: breached, at_risk, due_soon, in_time or no_clock.
        state_words: State and ask in words.
        clock: Time left in words.
        person: Who is on it, with role; empty without one. `contact_id` and `account` say the same.
        who: The same by name alone or, while somebody is to be found, who is proposed.
        candidates: The best people; empty where nobody is to be found.
        found: How many fit, in words.
        relax: What to give up, with its words.
        steps: What was done, when and by whom, oldest first.
        proof: Proof that it took place.
    """

    request_id: str
    version: int
    state: str
    asked: str
    to_match: bool
    deal: str
    amount: str
    wanted: str
    needed_by: str
    needed_on: dt.date
    status: str
    state_words: str
    clock: str
    person: str
    contact_id: str
    account: str
    who: str
    candidates: tuple[Candidate, ...]
    found: str
    relax: tuple[tuple[tuple[Attribute, ...], str], ...]
    steps: tuple[str, ...]
    proof: str

    def passed(self, today: dt.date) -> bool:
        """Whether the day it is needed has passed, so that it is marked as missed and not withdrawn any more."""
        return self.needed_on < today


def request_frame(lines: Sequence[RequestLine]) -> pd.DataFrame:
    """Requests as a table, what a phone has room for first: request_id, Deal, Clock, State, Person, Needed by."""
    names = ("request_id", "Deal", "Clock", "State", "Person", "Needed by")
    rows = [
        (one.request_id, one.deal, clock_words(one.status, one.clock), one.state_words, one.who, one.needed_by)
        for one in lines
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(names))


def request_lines(
    month: Month, rows: pd.DataFrame, matches: dict[str, RequestMatches], steps: pd.DataFrame, versions: dict[str, int]
) -> tuple[RequestLine, ...]:
    """Requests in words.

    Args:
        month: The month.
        rows: As `core.advocacy.turnaround.request_clocks` returns them, in the order they are shown.
        matches: What was found for those that need somebody, by request.
        steps: Every step that was recorded.
        versions: Version of every open request.
    """
    wanted = [one.contact_id for item in matches.values() for one in item.matches]
    ids = pd.Series([*rows["contact_id"].dropna(), *wanted], dtype="str").drop_duplicates().reset_index(drop=True)
    people = names_of(month, ids).set_index(ids)
    deals = dict(zip(rows["request_id"], rows["name"].fillna("deal not known"), strict=True))
    refusals = _refusals(month)
    told = {str(key): _steps(part, refusals) for key, part in steps.groupby("request_id")}
    return tuple(
        _line(month, row, matches.get(str(row["request_id"])), people, deals, told, versions)
        for _, row in rows.iterrows()
    )


def _line(
    month: Month,
    row: pd.Series,
    found: RequestMatches | None,
    people: pd.DataFrame,
    deals: dict[str, str],
    told: dict[str, tuple[str, ...]],
    versions: dict[str, int],
) -> RequestLine:
    request_id, status, to_match = str(row["request_id"]), str(row["status"]), bool(row["to_match"])
    asked = "" if to_match or pd.isna(row["ask_state"]) else str(row["ask_state"])
    candidates = tuple(_candidate(one, found, people, deals) for one in found.matches) if found else ()
    amount = None if pd.isna(row["amount_cents"]) else row["amount_cents"] / 100
    contact = "" if to_match or pd.isna(row["contact_id"]) else str(row["contact_id"])
    return RequestLine(
        request_id=request_id,
        version=versions.get(request_id, 0),
        state=str(row["state"]),
        asked=asked if status != "no_clock" else "",
        to_match=to_match,
        deal=deals[request_id],
        amount=display(amount, "money", month.currency),
        wanted=wanted_words(row),
        needed_by=day_words(row["needed_by"]),
        needed_on=row["needed_by"].date(),
        status=status,
        state_words=_state_words(row, asked),
        clock=left_words(status, row["left_hours"]),
        person=str(people.loc[contact, "person"]) if contact else "",
        contact_id=contact,
        account=str(people.loc[contact, "account"]) if contact else "",
        who=_who(row, found, people),
        candidates=candidates,
        found=_found(found),
        relax=tuple((option.drop, relax_words(option, found.full)) for option in found.relax) if found else (),
        steps=told.get(request_id, ()),
        proof="" if pd.isna(row["proof"]) else str(row["proof"]),
    )


def _candidate(one: Any, found: RequestMatches, people: pd.DataFrame, deals: dict[str, str]) -> Candidate:
    who = people.loc[one.contact_id]
    return Candidate(
        contact_id=one.contact_id,
        person=str(who["person"]),
        account=str(who["account"]),
        fit=one.fit,
        reasons=short_reasons(one.reasons),
        assigned=one.contact_id == found.assigned,
        taken_by="" if one.taken_by is None else deals.get(one.taken_by, "another request"),
        proposed=_fits(found) if one.contact_id == found.assigned else "",
    )


def short_reasons(reasons: Sequence[str]) -> str:
    """Reasons on a card that says what is wanted beside them: the met attributes by name, the others in full."""
    met = [words.removeprefix("same ").split(": ", 1)[0] for words in reasons if words.startswith("same ")]
    others = [words for words in reasons if not words.startswith("same ")]
    return "; ".join([*([f"meets {', '.join(met)}"] if met else []), *others])


def _state_words(row: pd.Series, asked: str) -> str:
    state = REQUEST_WORDS[str(row["state"])]
    if row["status"] == "no_clock":
        return state
    if row["to_match"]:
        return "Needs a person"
    return {"accepted": "Ask waits to be sent", "sent": "Person was asked"}.get(asked, state)


def _who(row: pd.Series, found: RequestMatches | None, people: pd.DataFrame) -> str:
    if not row["to_match"]:
        if pd.isna(row["contact_id"]):
            return ""
        waits = {"accepted": ", ask to be sent", "sent": ", was asked"} if row["status"] != "no_clock" else {}
        return f"{people.loc[row['contact_id'], 'name']}{waits.get(str(row['ask_state']), '')}"
    if found is None or found.assigned is None:
        return "nobody yet"
    return f"{_fits(found)}: {people['name'][found.assigned]}"


def _fits(found: RequestMatches) -> str:
    return FULL_FIT if found.is_full else NEAR_FIT


def _found(found: RequestMatches | None) -> str:
    if found is None:
        return ""
    if not found.candidates:
        return f"{(found.reason or '').capitalize()}."
    verb = "fits" if found.candidates == 1 else "fit"
    whole = f"{f'{found.full:,}' if found.full else 'nobody'} {'meet' if found.full > 1 else 'meets'} everything"
    return f"{found.candidates:,} who may be asked {verb}, {whole}."


def _refusals(month: Month) -> dict[str, str]:
    """Of every ask that was answered with a no, how a history tells it."""
    asks = month.records["asks"]
    asks = asks[asks["response"] == "no"]
    days = map(day_words, asks["responded_on"])
    return {str(ask): f"Person said no {day}" for ask, day in zip(asks["ask_id"], days, strict=True)}


def _steps(rows: pd.DataFrame, refusals: dict[str, str]) -> tuple[str, ...]:
    """The steps of one request, oldest first; a no, which stands on its ask, before what was done about it."""
    told, refusal = list[str](), ""
    for _, row in rows.iterrows():
        if refusal and row["kind"] != "sent":
            told.append(refusal)
            refusal = ""
        told.append(
            f"{STEP_WORDS[str(row['kind'])]} {day_words(row['day'] if pd.notna(row['day']) else row['at'])}, "
            f"{row['author']}{'' if pd.isna(row['note']) else ': ' + str(row['note'])}"
        )
        if row["kind"] == "matched":
            refusal = refusals.get(str(row["ask_id"]), "")
    return (*told, refusal) if refusal else tuple(told)
