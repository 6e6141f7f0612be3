"""Saved budget plans: the check, the record with what was promised, the list, and the way back into the table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from core.budget.constraints import Constraints, check_plan
from core.budget.effect import MoveEffect
from core.budget.plan import plan_of
from core.errors import CouncilError, RuleBroken, length_faults, same_subject
from core.glossary import display, display_day, display_interval, display_month
from core.model.toml import model_hash
from core.month import Month
from core.services.access import Actor, require
from core.services.budget import Budget, effect_of, open_budget, optimum
from core.services.budget_moves import Carried, carry
from core.services.budget_view import Proposal, locks_of
from core.services.budget_words import percent
from core.services.clock import local_day
from core.services.home import current_state, records_database
from core.store.audit import audit
from core.store.tables import Scenario, ScenarioLine

LONGEST_NAME = 80


@dataclass(frozen=True)
class ScenarioDraft:
    """A plan as it is handed in.

    Attributes:
        name: What people call it.
        current: Today's spend by line as the screen showed it. [cents/year]
        proposed: Proposed spend by line. [cents/year]
        locked: Ids of the lines that were to stay as they are.
    """

    name: str
    current: Mapping[str, int]
    proposed: Mapping[str, int]
    locked: frozenset[str] = frozenset()


@dataclass(frozen=True)
class SavedScenario:
    """One saved plan as the list shows it; `effect` holds what was promised, in cents."""

    id: int
    name: str
    author: str
    month: str
    saved_on: str
    moved: str
    gain: str
    chance: str
    evidence: str
    status: str
    effect: Mapping[str, float]


@dataclass(frozen=True)
class LoadedScenario:
    """A saved plan for the table: the plan, and in words where it comes from and what of it did not fit."""

    proposal: Proposal
    origin: str


def save_scenario(actor: Actor, month: Month, draft: ScenarioDraft, token: str, at: dt.datetime) -> int:
    """Save a plan with its lines and what it promises today.

    Args:
        actor: Who saves it; needs the role finance, approver or customer_marketing.
        month: The month the plan was made on.
        draft: The plan.
        token: One per opened form; the same token again saves nothing and returns the first id.
        at: Time of the act, UTC.

    Returns:
        Id of the scenario.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: Listing everything wrong with the plan; nothing was saved.
        CouncilError: There is no budget in that month.
    """
    require(actor, "save a scenario", "finance", "approver", "customer_marketing")
    with records_database().read() as session:
        before = _known(session, token, draft)
    if before is not None:
        return before
    budget = open_budget(month)
    bounds = budget.bounds(draft.locked, stepped=False)
    wrong = _wrong(draft, bounds, month)
    if wrong:
        raise RuleBroken("The scenario was not saved:\n" + "\n".join(f"- {line}" for line in wrong))
    effect = effect_of(budget, draft.proposed, optimum(budget, draft.locked))
    with records_database().write() as session:
        before = _known(session, token, draft)
        if before is not None:
            return before
        taken = _taken(session, draft.name, budget.month)
        if taken:
            raise RuleBroken(f"The scenario was not saved:\n- {taken}")
        row = Scenario.model_validate(_columns(actor, budget, draft, effect) | {"token": token, "created_at": at})
        session.add(row)
        session.flush()
        assert row.id is not None
        session.add_all(_lines(budget, bounds, draft, row.id))
        moved = effect.moved_cents
        audit(session, at, actor.name, "save scenario", f"scenarios/{row.id}", name=row.name, moved_cents=moved)
        return row.id


def scenarios(currency: str = "") -> tuple[SavedScenario, ...]:
    """Every saved plan, newest first.

    Args:
        currency: Only those in this currency; empty for all.
    """
    with records_database().read() as session:
        rows = session.exec(select(Scenario).order_by(col(Scenario.id).desc())).all()
        weak = _evidence_by_scenario(session)
    return tuple(_saved(row, weak.get(row.id or 0, "")) for row in rows if currency in ("", row.currency))


def load_scenario(budget: Budget, scenario_id: int) -> LoadedScenario:
    """A saved plan for the table of a budget: its moves on today's spend, within today's limits and total.

    What was decided is what moves, not the amounts of that month: laid over other amounts they would move more money,
    and other money, than anybody agreed on.

    Raises:
        CouncilError: There is no such scenario.
    """
    with records_database().read() as session:
        row = session.get(Scenario, scenario_id)
        rows = session.exec(select(ScenarioLine).where(ScenarioLine.scenario_id == scenario_id)).all()
    if row is None or not rows:
        raise CouncilError("The scenario is gone; reload the page.")
    moves = {line.line: line.proposed_cents - line.current_cents for line in rows}
    locked = locks_of([(line.line, line.low_cents, line.high_cents) for line in rows], budget)
    carried = carry(budget, moves, locked)
    origin = f"Scenario “{row.name}”, {row.status} by {row.author}"
    then, unfit = {line.line: line.current_cents for line in rows}, _unfit(carried, budget.currency)
    if unfit or then != budget.current:
        origin += f": its moves of {display_month(row.month)} on today's spend{unfit}"
    return LoadedScenario(Proposal(carried.plan, locked), origin)


def _unfit(carried: Carried, currency: str) -> str:
    """How much of the saved moves does not fit; empty when they do."""
    if carried.moved_cents == carried.wanted_cents:
        return ""
    moved, wanted = (display(cents / 100, "money", currency) for cents in (carried.moved_cents, carried.wanted_cents))
    if not carried.moved_cents:
        return f"; nothing of {wanted} fits today's limits"
    return f"; {moved} of {wanted} fit today's limits"


def effect_json(effect: MoveEffect) -> dict[str, float]:
    """What a plan promises, as it is kept: quantiles of the gain in cents, probability, lag in months."""
    kept: dict[str, float | None] = {
        f"{name}{end}": float(getattr(gain, field))
        for name, gain in (("", effect.gain), ("halved_", effect.halved))
        for field, end in (
            ("expected_cents", "expected_cents"),
            ("outer_low_cents", "q05_cents"),
            ("inner_low_cents", "q25_cents"),
            ("inner_high_cents", "q75_cents"),
            ("outer_high_cents", "q95_cents"),
        )
    }
    kept |= {
        "probability_better": effect.probability_better,
        "optimism_cents": effect.optimism_cents,
        "moved_cents": effect.moved_cents,
        "first_effect_months": effect.first_effect_months,
        "last_effect_months": effect.last_effect_months,
    }
    return {name: value for name, value in kept.items() if value is not None}


def _wrong(draft: ScenarioDraft, bounds: Constraints, month: Month) -> list[str]:
    wrong = []
    if not draft.name.strip():
        wrong.append("A name is missing.")
    wrong += [f"{fault[0].upper()}{fault[1:]}." for fault in length_faults(("the name", draft.name, LONGEST_NAME))]
    with records_database().read() as session:
        wrong += filter(None, [_taken(session, draft.name, month.month)])
    if draft.proposed == draft.current:
        wrong.append("The plan changes nothing. Move money first; without a decision the budget stays as it is.")
    if current_state().facts_key != month.facts.key:
        wrong.append("Data were imported since this page was opened. Reload it and look at the plan again.")
    return wrong + [problem.message for problem in check_plan(draft.current, draft.proposed, bounds)]


def _taken(session: Session, name: str, month: dt.date) -> str | None:
    """What is wrong with a name another saved plan of the month has; capitals make no difference."""
    rows = session.exec(select(Scenario.name).where(Scenario.month == month)).all()
    if name.strip().casefold() not in {row.casefold() for row in rows}:
        return None
    return f"Name: a scenario of {display_month(month)} is already called so. Choose another name."


def _known(session: Session, token: str, draft: ScenarioDraft) -> int | None:
    """Id of the plan this token has saved, which must be of the same name."""
    row = session.exec(select(Scenario).where(Scenario.token == token)).first()
    if row is None:
        return None
    same_subject(row.name, draft.name.strip())
    return row.id


def _columns(actor: Actor, budget: Budget, draft: ScenarioDraft, effect: MoveEffect) -> dict[str, object]:
    return {
        "name": draft.name.strip(),
        "author": actor.name,
        "month": budget.month,
        "manifest_hash": current_state().manifest_hash,
        "model_hash": model_hash(),
        "currency": budget.currency,
        "total_cents": budget.exact.total_cents,
        "effect": effect_json(effect) | {"change_cap": budget.exact.change_cap},
    }


def _lines(budget: Budget, bounds: Constraints, draft: ScenarioDraft, scenario_id: int) -> Sequence[ScenarioLine]:
    states = plan_of(budget.curves, bounds, draft.proposed).lines
    return [
        ScenarioLine.model_validate(
            {
                "scenario_id": scenario_id,
                "line": line.line,
                "label": line.label,
                "owner_role": line.owner_role,
                "current_cents": line.current_cents,
                "proposed_cents": state.proposed_cents,
                "low_cents": state.low_cents,
                "high_cents": state.high_cents,
                "committed_cents": line.committed_cents,
                "evidence": state.evidence,
            }
        )
        for line, state in zip(budget.lines, states, strict=True)
    ]


def _evidence_by_scenario(session: Session) -> dict[int, str]:
    """Kinds of evidence under the lines that move, by scenario."""
    found: dict[int, set[str]] = {}
    for row in session.exec(select(ScenarioLine)).all():
        if row.proposed_cents != row.current_cents:
            found.setdefault(row.scenario_id, set()).add(row.evidence)
    return {scenario: ", ".join(sorted(kinds)) for scenario, kinds in found.items()}


def gain_words(row: Scenario) -> str:
    """What a saved plan promised: its gain with the 90 % interval."""
    effect, currency = row.effect, row.currency
    if effect.get("probability_better") is None:
        return "no change"
    low, high = effect["q05_cents"] / 100, effect["q95_cents"] / 100
    expected = display(effect["expected_cents"] / 100, "money", currency, signed=True)
    return f"{expected} (90 %: {display_interval(low, high, 'money', currency)})"


def _saved(row: Scenario, evidence: str) -> SavedScenario:
    effect, currency = row.effect, row.currency
    chance = effect.get("probability_better")
    return SavedScenario(
        id=row.id or 0,
        name=row.name,
        author=row.author,
        month=display_month(row.month),
        saved_on=display_day(local_day(row.created_at)),
        moved=display(effect["moved_cents"] / 100, "money", currency),
        gain=gain_words(row),
        chance="" if chance is None else f"{percent(chance)}{', a loss is likelier' if chance < 0.5 else ''}",
        evidence=evidence,
        status=row.status,
        effect=effect,
    )
