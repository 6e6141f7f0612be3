"""The asks that were sent to one person, and what can still be noted of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from core.glossary import display_day
from core.model.pool import pool_rules
from core.services.advocates import activity_labels
from core.services.clock import local_day
from core.services.follow_up import STEPS, Step, recorded_answers
from core.services.home import records_database
from core.store.tables import Ask


@dataclass(frozen=True, slots=True)
class AskLine:
    """One ask that was sent, and what can still be noted of it.

    Attributes:
        ask_id: Id of the record.
        label: What was asked for.
        asked_on: Day it was sent.
        response: The answer in words; empty where the act is done without one.
        steps: Steps taken, with the day.
        next_steps: Steps that come next.
        answered: Whether an answer is recorded, or the act is done, which is one.
        is_promise: Whether the answer was yes and the act is not done: it may still be taken back.
        is_over: Whether nothing is expected of it any more: neither the answer nor, after a yes, the act. It can still
            be corrected.
        version: Version a save has to name.
        noted_on: Day the answer was recorded here, while nothing follows it yet; else None.
    """

    ask_id: str
    label: str
    asked_on: dt.date | None
    response: str
    steps: tuple[tuple[str, dt.date], ...]
    next_steps: tuple[Step, ...]
    answered: bool
    is_promise: bool
    is_over: bool
    version: int
    noted_on: dt.date | None = None

    @property
    def words(self) -> str:
        """The ask and what followed, in one line."""
        taken = [f"{name} {display_day(day)}" for name, day in self.steps]
        asked = f"sent {display_day(self.asked_on)}" if self.asked_on else "day not stated"
        return " · ".join(filter(None, [asked, self.response, *taken]))


def ask_records(contact_id: str) -> tuple[list[Ask], dict[str, dt.datetime]]:
    """The records as they are now, whose versions a save has to name, and when their answers were recorded here."""
    with records_database().read() as session:
        rows = list(session.exec(select(Ask).where(col(Ask.contact_id) == contact_id)).all())
        return rows, recorded_answers(session, [row.ask_id for row in rows if row.response is not None])


def ask_lines(
    rows: Sequence[Ask], noted: Mapping[str, dt.datetime], day: dt.date, promise_days: int
) -> tuple[AskLine, ...]:
    """The asks that were sent, the newest first.

    Without an answer an ask is over once its time is, as for readiness and for what is learned
    (`propensity.completed_within_days`); after a yes once the promise no longer holds the next ask.

    Args:
        rows: Records of one contact.
        noted: When answers were recorded here, by ask.
        day: Today.
        promise_days: Days from the ask for which a yes that is not done holds the next ask.
    """
    sent = [row for row in rows if row.state == "sent"]
    sent.sort(key=lambda row: (row.asked_on or dt.date.min, row.ask_id), reverse=True)
    return tuple(_line(row, noted.get(row.ask_id), day, promise_days) for row in sent)


def _line(row: Ask, noted: dt.datetime | None, day: dt.date, promise_days: int) -> AskLine:
    taken = [(words, on) for step, words in STEPS.items() if (on := getattr(row, step)) is not None]
    done = row.completed_on is not None
    if done:
        following: tuple[Step, ...] = tuple(step for step in STEPS if getattr(row, step) is None)
    else:
        following = () if row.response == "no" else ("completed_on",)
    limit = promise_days if row.response == "yes" else pool_rules().propensity.completed_within_days
    over = not done and row.response != "no" and (row.asked_on is None or (day - row.asked_on).days >= limit)
    return AskLine(
        ask_id=row.ask_id,
        label=activity_labels()[row.activity],
        asked_on=row.asked_on,
        response=_response(row.response, done=done, over=over),
        steps=tuple(taken),
        next_steps=following,
        answered=done or row.response is not None,
        is_promise=row.response == "yes" and not done,
        is_over=over,
        version=row.version,
        noted_on=local_day(noted) if noted is not None and not done else None,
    )


def _response(response: str | None, *, done: bool, over: bool) -> str:
    if response:
        return f"answer: {response}" + (", not done" if response == "yes" and over else "")
    return "" if done else "no answer" if over else "no answer yet"
