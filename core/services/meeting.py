"""The meeting: what was decided on which number, who does what by when, what is due for a look-back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from core.glossary import display_day, display_month
from core.kpis import REGISTRY
from core.month import Month
from core.schema import TABLES
from core.services.home import records_database
from core.services.meeting_choices import KpiChoice, kpi_choices, left_out
from core.services.meeting_lines import ActionLine, DecisionLine, action_line, decision_line
from core.services.overview import Gap, gaps
from core.services.reviews import STEPS, ReviewLine, record_of_reviews, review_lines
from core.services.scenarios import gain_words
from core.stats.months import month_end, month_of, shift_month
from core.store.tables import Action, Decision, Scenario

QUESTION = "What do we decide this month, and what became of what we decided?"
MONTHS_TO_REVIEW = 3
"""A look-back is offered after a quarter: the figures of a KPI move little in less."""


@dataclass(frozen=True)
class Choice:
    """An entry of a list to choose from: its id and how it reads."""

    id: int
    label: str


@dataclass(frozen=True)
class Meeting:
    """Everything on the screen.

    Attributes:
        decisions: Due for a look-back first, the oldest promise on top; then those that wait, then those looked at.
        reviews: Look-backs that were held, the latest first.
        record: How the promises looked at came out, as counts; empty before the first look-back.
        steps: What may be done after a look-back, by its id.
        actions: Overdue first, then by due date, then done.
        kpis: What a decision can be linked to.
        left_out: Implausible KPIs, which carry no decision, each with the reason.
        scenarios: Newest first.
        review_on: Review date that is offered; None without a month.
        first_review: The earliest one that is accepted.
        today: Day that overdue is told from; None without a month.
        obstacle: Why no decision can carry a number; empty when one can.
        gaps: Tables that would unlock more numbers.
    """

    question: str
    answer: str
    note: str
    decisions: tuple[DecisionLine, ...]
    reviews: tuple[ReviewLine, ...]
    record: str
    steps: Mapping[str, str]
    actions: tuple[ActionLine, ...]
    kpis: tuple[KpiChoice, ...]
    left_out: tuple[str, ...]
    scenarios: tuple[Choice, ...]
    review_on: dt.date | None
    first_review: dt.date | None
    today: dt.date | None
    obstacle: str
    gaps: tuple[Gap, ...]

    @property
    def due(self) -> tuple[DecisionLine, ...]:
        """Decisions due for a look-back."""
        return tuple(line for line in self.decisions if line.is_due)

    @property
    def open_actions(self) -> tuple[ActionLine, ...]:
        """Actions still to do, overdue first."""
        return tuple(line for line in self.actions if line.is_open)

    @property
    def done_actions(self) -> tuple[ActionLine, ...]:
        """Actions done, the latest first."""
        return tuple(line for line in self.actions if not line.is_open)

    @property
    def nothing_due(self) -> str:
        """Why no look-back is shown, and when the next one is."""
        if self.today is None:
            return "What is due is told from the figures of a month, and none is loaded."
        waiting = [line.review_on for line in self.decisions if line.is_waiting]
        if reached := sum(day <= self.today for day in waiting):
            wait = "waits" if reached == 1 else "wait"
            return f"No decision can be looked back at yet: {reached} whose day has come {wait} for later figures."
        return f"No decision is due{f'; the next look-back is on {display_day(min(waiting))}' if waiting else ''}."


def meeting(month: Month | None, today: dt.date | None = None) -> Meeting:
    """Decisions, actions and what a new decision can be linked to.

    Figures and look-backs are as of the end of the month: a promise is judged by figures that reach its day. What
    people owe is told from today.

    Args:
        month: The month the council looks at; None while nothing is imported: then nothing can be told due.
        today: Day that overdue is told from; None for the end of the month.
    """
    with records_database().read() as session:
        decisions = session.exec(select(Decision).order_by(col(Decision.id).desc())).all()
        actions = session.exec(select(Action).order_by(col(Action.due), col(Action.id))).all()
        scenarios = session.exec(select(Scenario).order_by(col(Scenario.id).desc())).all()
    names = {item.id: f"{item.name}, promised {gain_words(item)} in 12 months" for item in scenarios}
    titles = {item.id: item.title for item in decisions}
    day = None if month is None else max(today or month.as_of, month.as_of)
    held = review_lines()
    newest = {line.decision_id: line for line in reversed(held)}
    lines = sorted((decision_line(item, names, newest, month, day) for item in decisions), key=_due_first)
    todo = sorted((action_line(item, titles, day) for item in actions), key=_open_first)
    kpis = kpi_choices(month)
    return Meeting(
        question=QUESTION,
        answer=_answer(lines, todo, month),
        note=_note(month, day),
        decisions=tuple(lines),
        reviews=held,
        record=record_of_reviews(held),
        steps=STEPS,
        actions=tuple(todo),
        kpis=kpis,
        left_out=left_out(month),
        scenarios=tuple(Choice(item.id or 0, f"{item.name} ({display_month(item.month)})") for item in scenarios),
        review_on=_review_on(month, day) if month and day else None,
        first_review=month.as_of + dt.timedelta(days=1) if month else None,
        today=day,
        obstacle="" if kpis else _obstacle(month),
        gaps=gaps(month, tuple(REGISTRY)) if month else _every_gap(),
    )


def _due_first(line: DecisionLine) -> tuple[bool, bool, int, int]:
    """Due ones as on the Overview, the oldest promise first; of the others the newest."""
    due = line.is_due
    return (not due, not line.is_waiting, line.review_on.toordinal() if due else 0, line.id if due else -line.id)


def _open_first(line: ActionLine) -> tuple[bool, int]:
    return (not line.is_open, line.due.toordinal() if line.is_open else -(line.closed_on or line.due).toordinal())


def _answer(decisions: Sequence[DecisionLine], actions: Sequence[ActionLine], month: Month | None) -> str:
    if not decisions:
        return f"Nothing is decided yet: {'record the first decision' if month else 'load a month to decide on'}"
    due, overdue = sum(line.is_due for line in decisions), sum(line.is_overdue for line in actions)
    calls = [f"{_are(due, 'decision')} due for a look-back"] if due else []
    calls += [f"{_are(overdue, 'action')} overdue"] if overdue else []
    if calls:
        return ", ".join(calls)
    waiting = sum(line.is_waiting for line in decisions)
    stand = f"{waiting} decision{' waits' if waiting == 1 else 's wait'} for a look-back"
    nothing = "Nothing is due" if month else "Nothing can be told due without a month"
    return f"{nothing}: {stand}, {_are(sum(line.is_open for line in actions), 'action')} open"


def _are(count: int, noun: str) -> str:
    """A count with its noun and verb: 1 action is, 2 actions are."""
    return f"{count} {noun} is" if count == 1 else f"{count} {noun}s are"


def _review_on(month: Month, today: dt.date) -> dt.date:
    """The end of the third month after the one looked at or, where that is over, after today's."""
    offered = month_end(shift_month(month.month, MONTHS_TO_REVIEW))
    return offered if offered > today else month_end(shift_month(month_of(today), MONTHS_TO_REVIEW))


def _note(month: Month | None, today: dt.date | None) -> str:
    if month is None or today is None:
        return "No month is loaded: import accounts and subscriptions"
    day = f"{display_month(month.month)}, as of {display_day(month.as_of)}, not closed"
    return " · ".join(filter(None, (day, month.currency, f"overdue is told from {display_day(today)}")))


def _obstacle(month: Month | None) -> str:
    if month is None:
        return "No month is loaded, so a decision cannot carry a number."
    reasons = "; ".join(dict.fromkeys(result.reason for result in month.kpis.values() if result.reason))
    return f"No KPI has a sound figure in {display_month(month.month)}: a decision cannot carry a number: {reasons}."


def _every_gap() -> tuple[Gap, ...]:
    """What a company without data can import: accounts first, then what KPIs need."""
    names = dict.fromkeys(["accounts", *(table for item in REGISTRY.values() for table in item.needs)])
    first = sorted(names, key=lambda name: name not in ("accounts", "subscriptions"))
    return tuple(Gap(name, TABLES[name].unlocks) for name in first)
