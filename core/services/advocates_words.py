"""Question, answer and note of each view of Advocates."""

from __future__ import annotations

from core.glossary import display_day
from core.month import Month
from core.services.advocates import Advocates
from core.services.pool_view import PoolTable
from core.services.profile import Profile
from core.services.worklists import Worklists

POOL_QUESTION = "Who is in the pool, and in what state?"
PROFILE_QUESTION = "What do we know of this person, and what comes next?"

Words = tuple[str, str, str]
"""Question, answer, note."""


def today_words(view: Advocates, lists: Worklists) -> Words:
    """Whom to start with, and how many wait for a word of ours."""
    owed = lists.answer_words
    return view.question, f"{view.answer}; {owed}" if owed else view.answer, view.note


def pool_words(month: Month, view: Advocates, table: PoolTable) -> Words:
    """How many there are and how many can be asked."""
    everybody, asked = len(table.rows), view.counts["ask"]
    answer = f"{asked:,} of {everybody:,} people can be asked now, {table.members:,} are in the programme"
    return POOL_QUESTION, answer, f"As of {display_day(month.as_of)} · every choice stands in the address"


def profile_words(month: Month, person: Profile, tier: str, segment: str) -> Words:
    """Who it is and what to do."""
    if person.activity is not None:
        what = f"ask for: {person.label[:1].lower()}{person.label[1:]}"
    else:
        what = person.state[:1].lower() + person.state[1:]
    note = " · ".join(filter(None, (person.role, segment, tier, f"as of {display_day(month.as_of)}")))
    return PROFILE_QUESTION, f"{person.name}: {what}", note
