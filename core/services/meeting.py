"""The meeting: what was decided on which number, who does what by when, what is due for a look-back."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlmodel import col, select

from core.glossary import display, display_day, display_interval, display_month
from core.kpis import REGISTRY
from core.kpis.result import KpiResult
from core.month import Month
from core.services.home import records_database
from core.store.tables import Action, Decision, Scenario

QUESTION = "What did we decide, who does it, and did it work?"


@dataclass(frozen=True)
class ActionLine:
    """One action of a decision."""

    id: int
    decision: str
    text: str
    owner: str
    due: dt.date
    status: str
    is_overdue: bool
    closed_on: dt.date | None
    evidence: str
    version: int


@dataclass(frozen=True)
class DecisionLine:
    """One recorded decision, its number then and its promise."""

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
    scenario: str
    status: str


@dataclass(frozen=True)
class Choice:
    """An entry of a list to choose from: its id and how it reads."""

    id: str
    label: str


@dataclass(frozen=True)
class Meeting:
    """Everything on the screen."""

    question: str
    answer: str
    note: str
    decisions: tuple[DecisionLine, ...]
    actions: tuple[ActionLine, ...]
    kpis: tuple[Choice, ...]
    scenarios: tuple[Choice, ...]
    first_review: dt.date


def meeting(month: Month) -> Meeting:
    """Decisions, actions and what a new decision can be linked to, seen from the end of a month."""
    with records_database().read() as session:
        decisions = session.exec(select(Decision).order_by(col(Decision.id).desc())).all()
        actions = session.exec(select(Action).order_by(col(Action.due), col(Action.id))).all()
        scenarios = session.exec(select(Scenario).order_by(col(Scenario.id).desc())).all()
    names = {item.id: item.name for item in scenarios}
    titles = {item.id: item.title for item in decisions}
    lines = tuple(_decision_line(item, names, month.as_of) for item in decisions)
    todo = tuple(_action_line(item, titles, month.as_of) for item in actions)
    return Meeting(
        question=QUESTION,
        answer=_answer(lines, todo),
        note=f"{display_month(month.month)}, dates seen from {display_day(month.as_of)}",
        decisions=lines,
        actions=todo,
        kpis=tuple(Choice(name, _seen_label(result)) for name, result in month.kpis.items() if result.shown),
        scenarios=tuple(Choice(str(item.id), item.name) for item in scenarios),
        first_review=month.as_of + dt.timedelta(days=1),
    )


def _seen_label(result: KpiResult) -> str:
    return f"{result.label}: {display(result.value, result.unit, result.currency)}"


def _decision_line(item: Decision, scenarios: dict[int | None, str], as_of: dt.date) -> DecisionLine:
    unit, currency = str(item.seen["unit"]), str(item.seen["currency"])
    change_unit = "pp" if unit == "ratio" else unit
    expected = display(item.expected, change_unit, currency, signed=True)
    if item.expected_low is not None and item.expected_high is not None:
        expected += f" ({display_interval(item.expected_low, item.expected_high, change_unit, currency)})"
    value = item.seen["value"]
    return DecisionLine(
        id=item.id or 0,
        title=item.title,
        choice=item.choice,
        rejected=item.rejected,
        owner=item.owner,
        month=item.month,
        kpi_label=REGISTRY[item.kpi].label if item.kpi in REGISTRY else item.kpi,
        seen=display(float(value) if isinstance(value, int | float) else None, unit, currency),
        expected=expected,
        review_on=item.review_on,
        is_due=item.review_on <= as_of,
        scenario=scenarios.get(item.scenario_id, ""),
        status=item.status,
    )


def _action_line(item: Action, titles: dict[int | None, str], as_of: dt.date) -> ActionLine:
    return ActionLine(
        id=item.id or 0,
        decision=titles.get(item.decision_id, ""),
        text=item.text,
        owner=item.owner,
        due=item.due,
        status=item.status,
        is_overdue=item.status == "open" and item.due < as_of,
        closed_on=item.closed_on,
        evidence=item.evidence,
        version=item.version,
    )


def _answer(decisions: tuple[DecisionLine, ...], actions: tuple[ActionLine, ...]) -> str:
    if not decisions:
        return "Nothing is decided yet: record the first decision"
    overdue = sum(line.is_overdue for line in actions)
    due = sum(line.is_due for line in decisions)
    count = f"{len(decisions)} decision{'s' if len(decisions) != 1 else ''}"
    open_actions = sum(line.status == "open" for line in actions)
    return f"{count}, {due} due for a look-back; {open_actions} open actions, {overdue} overdue"
