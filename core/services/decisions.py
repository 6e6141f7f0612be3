"""Recording what the council decides: the decision with the number it saw, and the actions that follow."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass

from sqlmodel import Session

from core.errors import StaleRecord
from core.glossary import display_day
from core.kpis import REGISTRY
from core.kpis.result import State
from core.month import Month
from core.services.access import Actor, require
from core.services.clock import local_day
from core.services.entering import TEXT_LENGTH, TITLE_LENGTH, after, missing, once, refuse
from core.services.home import records_database
from core.services.look_back import seen_number
from core.stats.months import month_end
from core.store import records
from core.store.audit import audit
from core.store.tables import Action, Decision, Scenario

ADOPTED = "adopted"
"""Status of a plan that a decision has put into force."""
_JOINED = re.compile(r"[&/,]|\sand\s", re.IGNORECASE)


@dataclass(frozen=True)
class DecisionDraft:
    """A decision as it is entered; what is still empty is refused when it is recorded.

    Attributes:
        title: What is decided, as a sentence.
        choice: What is done.
        rejected: What was considered and not done, and why.
        owner: The one person who answers for it.
        kpi: Id of the KPI it is to move.
        expected: Expected change of that KPI by the review date; pp and ratios as fractions, money in units.
        expected_low: Lower end of what is expected, or None.
        expected_high: Upper end, or None.
        review_on: Day of the look-back.
        scenario_id: Scenario it adopts, or None.
    """

    title: str
    choice: str
    rejected: str
    owner: str
    kpi: str
    expected: float | None
    expected_low: float | None
    expected_high: float | None
    review_on: dt.date | None
    scenario_id: int | None = None


def record_decision(actor: Actor, month: Month, draft: DecisionDraft, token: str, at: dt.datetime) -> int:
    """Record a decision with the number the council saw; the plan it names is adopted with it.

    Args:
        actor: Who records it; needs the role approver or finance.
        month: The month the council looked at; its figure of the KPI is kept with the decision.
        draft: The decision.
        token: One per opened form; the same token again records nothing and returns the first id.
        at: Time of the act, UTC.

    Returns:
        Id of the decision.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: Listing everything the draft lacks; nothing was saved.
    """
    require(actor, "record a decision", "approver", "finance")
    wrong = _wrong(draft, month)

    def insert(session: Session) -> int:
        if draft.scenario_id is not None and session.get(Scenario, draft.scenario_id) is None:
            wrong.append("its scenario is gone: choose another or none")
        refuse("The decision was not recorded", wrong)
        _adopt(session, actor, draft.scenario_id, at)
        row = _row(actor, month, draft, token, at)
        session.add(row)
        session.flush()
        assert row.id is not None
        detail = {"kpi": row.kpi, "seen": row.seen["value"], "expected": row.expected, "review_on": str(row.review_on)}
        audit(session, at, actor.name, "decide", f"decisions/{row.id}", title=row.title, **detail)
        return row.id

    return once(Decision, token, {"title": draft.title.strip(), "kpi": draft.kpi}, insert)


def _adopt(session: Session, actor: Actor, scenario_id: int | None, at: dt.datetime) -> None:
    """Mark the plan of a decision as adopted."""
    row = None if scenario_id is None else session.get(Scenario, scenario_id)
    if row is None or row.status == ADOPTED:
        return
    records.save(session, Scenario, {"id": row.id}, row.version, {"status": ADOPTED})
    audit(session, at, actor.name, "adopt scenario", f"scenarios/{row.id}", name=row.name)


def add_action(
    actor: Actor, decision_id: int | None, text: str, owner: str, due: dt.date | None, token: str, at: dt.datetime
) -> int:
    """Add an action to a decision; idempotent by token, as `record_decision`.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: Listing everything that is missing, or there is no such decision.
    """
    require(actor, "add an action", "approver", "finance", "customer_marketing")
    wrong = missing(("what is to be done", text, TEXT_LENGTH), ("the owner", owner, TITLE_LENGTH))
    wrong += _not_one_person(owner)

    def insert(session: Session) -> int:
        decision = None if decision_id is None else session.get(Decision, decision_id)
        if decision is None:
            wrong.append("its decision is missing" if decision_id is None else "its decision is gone")
        if due is None:
            wrong.append("the due date is missing")
        elif decision is not None and due <= month_end(decision.month):
            wrong.append(after("due date", month_end(decision.month), due))
        refuse("The action was not added", wrong)
        values = {"decision_id": decision_id, "text": text.strip(), "owner": owner.strip(), "due": due}
        row = Action.model_validate({"token": token, **values})
        session.add(row)
        session.flush()
        assert row.id is not None
        audit(session, at, actor.name, "add action", f"actions/{row.id}", **values | {"due": str(due)})
        return row.id

    return once(Action, token, {"decision_id": decision_id, "text": text.strip()}, insert)


def close_action(actor: Actor, action_id: int | None, version: int, evidence: str, at: dt.datetime) -> None:
    """Mark an action as done today, in the company's zone; the same click again changes nothing.

    Args:
        actor: Who closes it.
        action_id: Which one; None when none was chosen.
        version: Its version when it was opened.
        evidence: What shows that it is done: a link or a sentence.
        at: Time of the act, UTC.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: No action was chosen, or no evidence was given.
        StaleRecord: Somebody else changed it since; the message has both sides.
    """
    require(actor, "close an action", "approver", "finance", "customer_marketing")
    chosen = [] if action_id is not None else ["choose the action that is done"]
    proof = missing(("what shows that it is done", evidence, TEXT_LENGTH))
    refuse("The action was not closed", [*chosen, *proof])
    closed_on = local_day(at)
    with records_database().write() as session:
        row = session.get(Action, action_id)
        if row is not None and row.version != version and (row.status, row.evidence) == ("done", evidence.strip()):
            return
        if row is None or row.version != version:
            raise StaleRecord("This action", f"done, evidence: {evidence.strip()}", _stands(row))
        values = {"status": "done", "closed_on": closed_on, "evidence": evidence.strip()}
        records.save(session, Action, {"id": action_id}, version, values)
        audit(session, at, actor.name, "close action", f"actions/{action_id}", evidence=evidence.strip())


def _stands(row: Action | None) -> str:
    """What a changed action says now."""
    if row is None:
        return "it is gone"
    if row.status != "done" or row.closed_on is None:
        return f"{row.status}, {row.owner}, due {display_day(row.due)}: {row.text}"
    return f"done on {display_day(row.closed_on)}, evidence: {row.evidence}"


def _row(actor: Actor, month: Month, draft: DecisionDraft, token: str, at: dt.datetime) -> Decision:
    return Decision.model_validate(
        {
            "token": token,
            "month": month.month,
            "title": draft.title.strip(),
            "choice": draft.choice.strip(),
            "rejected": draft.rejected.strip(),
            "owner": draft.owner.strip(),
            "kpi": draft.kpi,
            "seen": seen_number(month.kpis[draft.kpi], month.key),
            "scenario_id": draft.scenario_id,
            "expected": draft.expected,
            "expected_low": draft.expected_low,
            "expected_high": draft.expected_high,
            "review_on": draft.review_on,
            "decided_by": actor.name,
            "decided_at": at,
        }
    )


def _wrong(draft: DecisionDraft, month: Month) -> list[str]:
    """Everything the draft lacks."""
    wrong = missing(
        ("the decision in one sentence", draft.title, TITLE_LENGTH),
        ("what we do", draft.choice, TEXT_LENGTH),
        ("what we rejected, and why,", draft.rejected, TEXT_LENGTH),
        ("the owner", draft.owner, TITLE_LENGTH),
    )
    wrong += _not_one_person(draft.owner)
    if draft.kpi not in REGISTRY:
        wrong.append("the KPI it is to move is missing" if not draft.kpi else f'there is no KPI "{draft.kpi}"')
    elif not month.kpis[draft.kpi].shown:
        wrong.append(f"{month.kpis[draft.kpi].label} has no figure this month: {month.kpis[draft.kpi].reason}")
    elif month.kpis[draft.kpi].state is State.IMPLAUSIBLE:
        found = month.kpis[draft.kpi]
        wrong.append(f"{found.label} is implausible and carries no decision: {found.reason}")
    wrong += _wrong_numbers(draft.expected, draft.expected_low, draft.expected_high)
    if draft.review_on is None:
        wrong.append("the review date is missing")
    elif draft.review_on <= month.as_of:
        wrong.append(after("review date", month.as_of, draft.review_on))
    return wrong


def _wrong_numbers(expected: float | None, low: float | None, high: float | None) -> list[str]:
    wrong = []
    if expected is None:
        wrong.append("the expected change is missing: no decision without a number")
    elif not math.isfinite(expected) or expected == 0:
        wrong.append("the expected change must be a number other than 0: no decision without a number")
    if (low is None) != (high is None):
        wrong.append("the range has one end: give both or none")
    elif low is not None and high is not None:
        if not (math.isfinite(low) and math.isfinite(high)):
            wrong.append("the ends of the range must be numbers")
        elif low > high:
            wrong.append("the range is upside down: the lower end lies above the upper one")
        elif expected is not None and not low <= expected <= high:
            wrong.append("the expected change must lie within its range")
    return wrong


def _not_one_person(owner: str) -> list[str]:
    """A word or sign that joins names: with two owners nobody answers for it."""
    if not _JOINED.search(owner):
        return []
    return [f'the owner is one person: name one, without "and", "&", "/" or a comma; found "{owner.strip()}"']
