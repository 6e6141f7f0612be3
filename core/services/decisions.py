"""Recording what the council decides: the decision with the number it saw, and the actions that follow."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

from sqlmodel import Session, select

from core.errors import RuleBroken
from core.glossary import display_day
from core.kpis import REGISTRY
from core.kpis.result import KpiResult
from core.month import Month
from core.services.access import Actor, require
from core.services.home import records_database
from core.store import records
from core.store.audit import audit
from core.store.tables import Action, Decision, Scenario


@dataclass(frozen=True)
class DecisionDraft:
    """A decision as it is entered.

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
    expected: float
    expected_low: float | None
    expected_high: float | None
    review_on: dt.date
    scenario_id: int | None = None


def record_decision(actor: Actor, month: Month, draft: DecisionDraft, token: str, at: dt.datetime) -> int:
    """Record a decision with the number the council saw.

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
    if wrong:
        raise RuleBroken("The decision was not recorded:\n" + "\n".join(f"- {line}" for line in wrong))
    with records_database().write() as session:
        before = session.exec(select(Decision).where(Decision.token == token)).first()
        if before is not None and before.id is not None:
            return before.id
        _check_scenario(session, draft.scenario_id)
        row = _row(actor, month, draft, token, at)
        session.add(row)
        session.flush()
        assert row.id is not None
        audit(session, at, actor.name, "decide", f"decisions/{row.id}", title=row.title, kpi=row.kpi)
        return row.id


def _row(actor: Actor, month: Month, draft: DecisionDraft, token: str, at: dt.datetime) -> Decision:
    return Decision(
        token=token,
        month=month.month,
        title=draft.title.strip(),
        choice=draft.choice.strip(),
        rejected=draft.rejected.strip(),
        owner=draft.owner.strip(),
        kpi=draft.kpi,
        seen=_seen(month.kpis[draft.kpi], month.key),
        scenario_id=draft.scenario_id,
        expected=draft.expected,
        expected_low=draft.expected_low,
        expected_high=draft.expected_high,
        review_on=draft.review_on,
        decided_by=actor.name,
        decided_at=at,
    )


def add_action(actor: Actor, decision_id: int, text: str, owner: str, due: dt.date, token: str, at: dt.datetime) -> int:
    """Add an action to a decision; idempotent by token, as `record_decision`.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: Text or owner is missing, or there is no such decision.
    """
    require(actor, "add an action", "approver", "finance", "customer_marketing")
    wrong = [
        f"{name} is missing"
        for name, value in (("what is to be done", text), ("the owner", owner))
        if not value.strip()
    ]
    if wrong:
        raise RuleBroken(f"The action was not added: {'; '.join(wrong)}.")
    with records_database().write() as session:
        before = session.exec(select(Action).where(Action.token == token)).first()
        if before is not None and before.id is not None:
            return before.id
        if session.get(Decision, decision_id) is None:
            raise RuleBroken("The action was not added: its decision is gone.")
        row = Action(token=token, decision_id=decision_id, text=text.strip(), owner=owner.strip(), due=due)
        session.add(row)
        session.flush()
        assert row.id is not None
        audit(session, at, actor.name, "add action", f"actions/{row.id}", decision=decision_id, due=str(due))
        return row.id


def close_action(
    actor: Actor, action_id: int, version: int, evidence: str, closed_on: dt.date, at: dt.datetime
) -> None:
    """Mark an action as done.

    Args:
        actor: Who closes it.
        action_id: Which one.
        version: Its version when it was opened.
        evidence: What shows that it is done: a link or a sentence.
        closed_on: Day it was done.
        at: Time of the act, UTC.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: No evidence was given.
        StaleRecord: Somebody else changed it since.
    """
    require(actor, "close an action", "approver", "finance", "customer_marketing")
    if not evidence.strip():
        raise RuleBroken("The action was not closed: say what shows that it is done.")
    with records_database().write() as session:
        values = {"status": "done", "closed_on": closed_on, "evidence": evidence.strip()}
        records.save(session, Action, {"id": action_id}, version, values)
        audit(session, at, actor.name, "close action", f"actions/{action_id}", evidence=evidence.strip())


def _wrong(draft: DecisionDraft, month: Month) -> list[str]:
    needed = (("a title", draft.title), ("what is done", draft.choice), ("one owner", draft.owner))
    wrong = [f"{name} is missing" for name, value in needed if not value.strip()]
    if draft.kpi not in REGISTRY:
        wrong.append(f'the KPI it is to move: expected one of the list, found "{draft.kpi}"')
    elif not month.kpis[draft.kpi].shown:
        wrong.append(f"{month.kpis[draft.kpi].label} has no figure this month: {month.kpis[draft.kpi].reason}")
    if not math.isfinite(draft.expected) or draft.expected == 0:
        wrong.append("the expected change must be a number other than 0: no decision without a number")
    ends = (draft.expected_low, draft.expected_high)
    if None not in ends and not ends[0] <= draft.expected <= ends[1]:  # type: ignore[operator]
        wrong.append("the expected change must lie between its two ends")
    if draft.review_on <= month.as_of:
        wrong.append(f"the review date must be after {display_day(month.as_of)}; found {display_day(draft.review_on)}")
    return wrong


def _check_scenario(session: Session, scenario_id: int | None) -> None:
    if scenario_id is not None and session.get(Scenario, scenario_id) is None:
        raise RuleBroken("The decision was not recorded: its scenario is gone.")


def _seen(result: KpiResult, month_key: str) -> dict[str, object]:
    """The number as the council saw it, with what identifies the data behind it."""
    return {
        "value": result.value, "low": result.low, "high": result.high, "n": result.n, "unit": result.unit,
        "currency": result.currency, "month": f"{result.month:%Y-%m}", "month_key": month_key,
    }  # fmt: skip
