"""Decisions and actions as the Meeting writes them: what was promised, what is overdue, where each stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from core.glossary import display, display_day, display_interval
from core.month import Month
from core.services.look_back import Comparison, label_of, look_back, number
from core.services.look_back_written import promise
from core.services.reviews import ReviewLine
from core.store.tables import Action, Decision


@dataclass(frozen=True)
class ActionLine:
    """One action of a decision; `state` says in words and shape whether it is overdue, open or done."""

    id: int
    decision: str
    text: str
    owner: str
    due: dt.date
    state: str
    is_open: bool
    is_overdue: bool
    closed_on: dt.date | None
    evidence: str
    version: int


@dataclass(frozen=True)
class DecisionLine:
    """One recorded decision, its number then and its promise; `look_back` is there once it is due.

    Attributes:
        is_due: Whether its day has come and nobody has looked back.
        is_waiting: Whether its day lies ahead, or its figures do.
        standing: Where it stands: due, waiting, or what its look-back found.
        version: Its version, to be given back with a look-back.
    """

    id: int
    title: str
    choice: str
    rejected: str
    owner: str
    month: dt.date
    kpi_label: str
    seen: str
    expected: str
    review_on: dt.date
    is_due: bool
    is_waiting: bool
    standing: str
    scenario: str
    version: int
    look_back: Comparison | None

    @property
    def reasons(self) -> tuple[tuple[str, str], ...]:
        """What was chosen and what was not, each with its heading."""
        return ("What we do", self.choice), ("What we rejected, and why", self.rejected)


def decision_line(
    item: Decision, scenarios: Mapping[int | None, str], held: Mapping[int, ReviewLine], month: Month | None,
    today: dt.date | None,
) -> DecisionLine:  # fmt: skip
    """A decision as it is written.

    Args:
        item: The decision.
        scenarios: Name and promise of every scenario by id.
        held: The latest look-back of every decision that had one, by the decision's id.
        month: The month that is looked at; without one nothing is due.
        today: Today: of a decision whose day has come while the figures end before it, the line says so.
    """
    unit, currency = str(item.seen["unit"]), str(item.seen["currency"])
    is_open = item.status == "decided"
    is_due = is_open and month is not None and item.review_on <= month.as_of and item.month < month.month
    return DecisionLine(
        id=item.id or 0,
        title=item.title,
        choice=item.choice,
        rejected=item.rejected,
        owner=item.owner,
        month=item.month,
        kpi_label=label_of(item.kpi),
        seen=_seen(item, unit, currency),
        expected=promise(item.expected, item.expected_low, item.expected_high, unit, currency),
        review_on=item.review_on,
        is_due=is_due,
        is_waiting=is_open and not is_due,
        standing=_standing(item, held.get(item.id or 0), today, is_due=is_due),
        version=item.version,
        scenario=scenarios.get(item.scenario_id, ""),
        look_back=look_back(item, month) if month is not None and is_due else None,
    )


def _seen(item: Decision, unit: str, currency: str) -> str:
    """The figure the council saw, with its interval where it had one."""
    value, low, high = (number(item.seen[name]) for name in ("value", "low", "high"))
    band = f" ({display_interval(low, high, unit, currency)})" if low is not None and high is not None else ""
    return f"{display(value, unit, currency)}{band}"


def _standing(item: Decision, held: ReviewLine | None, today: dt.date | None, *, is_due: bool) -> str:
    if item.status == "decided" and not is_due and today is not None and item.review_on <= today:
        return f"{display_day(item.review_on)} has come, its figures not yet"
    if item.status == "decided":
        return f"{'due since' if is_due else 'look back on'} {display_day(item.review_on)}"
    return f"{held.verdict}; {held.next_step}" if held else item.status


def action_line(item: Action, titles: Mapping[int | None, str], today: dt.date | None) -> ActionLine:
    """An action as it is written.

    Args:
        item: The action.
        titles: Title of every decision by id.
        today: Day that overdue is told from; None tells nothing overdue.
    """
    is_open = item.status == "open"
    late = (today - item.due).days if is_open and today else 0
    state = f"▲ overdue, {display(late, 'days')}" if late > 0 else "○ open"
    if not is_open:
        after = (item.closed_on - item.due).days if item.closed_on else 0
        state = f"✓ done, {display(after, 'days')} late" if after > 0 else "✓ done in time"
    return ActionLine(
        id=item.id or 0,
        decision=titles.get(item.decision_id, ""),
        text=item.text,
        owner=item.owner,
        due=item.due,
        state=state,
        is_open=is_open,
        is_overdue=late > 0,
        closed_on=item.closed_on,
        evidence=item.evidence,
        version=item.version,
    )
