"""Question, answer and note of each view of Advocates."""

from __future__ import annotations

import datetime as dt

from core.glossary import display_day
from core.month.lists import Lists
from core.services.advocates import Advocates, as_of_words
from core.services.pool_view import PoolTable
from core.services.profile import Profile
from core.services.worklists import Worklists

POOL_QUESTION = "Who is in the pool, and in what state?"
PROFILE_QUESTION = "What do we know of this person, and what comes next?"

Words = tuple[str, str, str]
"""Question, answer, note."""


def today_words(view: Advocates, lists: Worklists, day: dt.date) -> Words:
    """Whom to start with, how many wait for a word of ours, and which day tells what is late."""
    waiting = len(lists.thank) + len(lists.tell)
    owed = f"{lists.answer_words}: {lists.late:,} of {waiting:,} late" if lists.late else lists.answer_words
    late = "" if view.rested_on == day else f" · what is late: today, {display_day(day)}"
    return view.question, f"{view.answer}; {owed}" if owed else view.answer, f"{view.note}{late}"


def pool_words(lists: Lists, view: Advocates, table: PoolTable) -> Words:
    """How many there are and how many can be asked."""
    everybody, asked = len(table.rows), view.counts["ask"]
    answer = f"{asked:,} of {everybody:,} people can be asked now, {table.members:,} are in the programme"
    known = f"Data {as_of_words(lists)} · everybody known, with or without a stop"
    return POOL_QUESTION, answer, f"{known} · the address keeps the filters"


def profile_words(lists: Lists, person: Profile, tier: str, segment: str) -> Words:
    """Who it is and what to do."""
    if person.activity is not None:
        answer = f"Ask {person.name} for {_one(person.label)}"
    else:
        answer = f"{person.name}: {person.state[:1].lower()}{person.state[1:]}"
    note = " · ".join(filter(None, (person.role, segment, tier, as_of_words(lists))))
    return PROFILE_QUESTION, answer, note


def nobody_words(lists: Lists, answer: str) -> Words:
    """A profile of nobody: why, and no word of the lists, which stand elsewhere."""
    return PROFILE_QUESTION, answer, f"Data {as_of_words(lists)}"


def _one(label: str) -> str:
    """An activity within a sentence: a review, an advisory board, speaking."""
    said = label[:1].lower() + label[1:]
    if said.endswith("ing"):
        return said
    return f"an {said}" if said[:1] in "aeiou" else f"a {said}"
