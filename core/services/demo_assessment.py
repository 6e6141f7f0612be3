"""The demo company's assessment of itself, recorded as raters and validators record it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial

from core.model.demo_assessment import DemoProof, DemoRound, DemoStep, DemoTarget, demo_assessment
from core.month import Month
from core.services.access import LOCAL_USER
from core.services.home import current_state, month_of_source, open_engine, open_source
from core.services.maturity_checklist import answer_item
from core.services.maturity_checks import validate_level
from core.services.maturity_drafts import save_draft
from core.services.maturity_evidence import maturity_model
from core.services.maturity_proof import ProofDraft, add_evidence, review_evidence
from core.services.maturity_records import agree, rate, set_target
from core.services.maturity_roadmap import StepDraft, close_step, plan_step
from core.services.maturity_rounds import Respondent, close_round, open_round, round_of

Months = Callable[[dt.date], Month]
Act = tuple[dt.date, Callable[[], object]]


def record_demo_assessment() -> None:
    """Record the assessment of the demo company through the ordinary services, one act after another.

    Every act carries the day it was done on; agreed levels are held against the month that was known then. Does
    nothing where a round was opened already.

    Raises:
        CouncilError: A month is missing: the company is not the demo company.
    """
    plan = demo_assessment()
    if any(round_of(item.matrix, item.quarter) for item in plan.round):
        return
    state = current_state()
    source, known = open_source(state, open_engine(state)), dict[dt.date, Month]()

    def month(first: dt.date) -> Month:
        if first not in known:
            known[first] = month_of_source(source, first)
        return known[first]

    acts = [act for item in plan.round for act in _round(item, month)]
    acts += [act for place, item in enumerate(plan.proof) for act in _proof(place, item)]
    acts += [act for place, item in enumerate(plan.step) for act in _step(place, item)]
    last = max(item.closed_on for item in plan.round if item.closed_on is not None)
    acts += [(last, partial(_target, item, last)) for item in plan.target]
    acts += [(last, partial(_answer, name, answer, last)) for name, answer in plan.checklist.items()]
    for _, act in sorted(acts, key=lambda each: each[0]):
        act()


def _at(day: dt.date) -> dt.datetime:
    """An hour of that day at which it is the same day all over Europe."""
    return dt.datetime.combine(day, dt.time(9), dt.UTC)


def _answers(capability: str, level: int) -> dict[str, str]:
    """Answers that reach a level: everything below in most cases, the level in half, a start on the next."""
    item = maturity_model()[1][capability]
    words = dict.fromkeys(range(2, level), "most") | {level: "half", level + 1: "some"}
    return {criterion.id: word for number, word in words.items() for criterion in item.criteria_of(number)}


def _round(item: DemoRound, month: Months) -> list[Act]:
    """A round: opened, rated, agreed, validated, closed."""
    people = [Respondent(person.name, person.role) for person in item.respondent]
    acts: list[Act] = [(item.opened_on, partial(_open, item, people))]
    acts += [
        (item.opened_on, partial(_rate, item, capability, person, level))
        for capability, levels in item.levels.items()
        for person, level in zip(people, levels, strict=True)
        if level
    ]
    acts += [(item.opened_on, partial(_draft, item, name, people[-1], at)) for name, at in (item.drafts or {}).items()]
    if item.closed_on is not None:
        acts += [(item.closed_on, partial(_agree, item, capability, month)) for capability in item.agreed or {}]
        acts.append((item.closed_on, partial(_close, item)))
    return acts


def _open(item: DemoRound, people: list[Respondent]) -> None:
    days = item.opened_on, item.closes_on
    open_round(LOCAL_USER, item.matrix, item.quarter, people, *days, None, _at(item.opened_on), item.agreed_by)


def _rate(item: DemoRound, capability: str, person: Respondent, level: int) -> None:
    answers, at = _answers(capability, level), _at(item.opened_on)
    rate(LOCAL_USER, item.quarter, capability, person.name, person.role, answers, None, at)


def _draft(item: DemoRound, capability: str, person: Respondent, level: int) -> None:
    answers, at = _answers(capability, level), _at(item.opened_on)
    save_draft(LOCAL_USER, item.quarter, capability, person.name, person.role, answers, at)


def _agree(item: DemoRound, capability: str, month: Months) -> None:
    """Agree on a level, and let the second person look at it where they did."""
    assert item.agreed is not None and item.closed_on is not None
    said, at = item.agreed[capability], _at(item.closed_on)
    seen = None if item.month is None else month(item.month)
    agree(LOCAL_USER, item.quarter, capability, said.level, said.reason, None, at, item.agreed_by, seen)
    if said.validated:
        word = (True, said.validated, None, item.closed_on, at, item.validator)
        validate_level(LOCAL_USER, item.quarter, capability, *word)


def _close(item: DemoRound) -> None:
    assert item.closed_on is not None
    at = _at(item.closed_on)
    close_round(LOCAL_USER, item.matrix, item.quarter, item.closed_on, 1, at, item.agreed_by)


def _proof(place: int, item: DemoProof) -> list[Act]:
    """A piece of evidence, and a week later the word of the second person."""
    kept: dict[str, int] = {}
    day = item.dated + dt.timedelta(days=7)

    def add() -> None:
        draft = ProofDraft(item.title, "", item.note, item.dated)
        token = f"demo-proof-{place}"
        kept["id"] = add_evidence(LOCAL_USER, item.capability, draft, token, _at(item.dated), item.author)

    def review() -> None:
        review_evidence(LOCAL_USER, kept["id"], item.accepted, item.remark, 1, day, _at(day), item.reviewer)

    return [(item.dated, add), *([(day, review)] if item.reviewer else [])]


def _target(item: DemoTarget, day: dt.date) -> None:
    words = (item.level, item.due, item.owner, item.reason)
    set_target(LOCAL_USER, day, item.capability, *words, None, _at(day))


def _step(place: int, item: DemoStep) -> list[Act]:
    """A step, and the day it was done."""
    kept: dict[str, int] = {}

    def plan() -> None:
        draft = StepDraft(item.step, item.owner, item.due, item.projected, item.effort)
        token, on = f"demo-step-{place}", item.planned_on
        kept["id"] = plan_step(LOCAL_USER, item.capability, draft, token, on, _at(on), item.owner)

    def close(on: dt.date) -> None:
        close_step(LOCAL_USER, kept["id"], True, 1, on, _at(on), item.owner)

    return [(item.planned_on, plan), *([(item.done_on, partial(close, item.done_on))] if item.done_on else [])]


def _answer(name: str, answer: str, day: dt.date) -> None:
    answer_item(LOCAL_USER, day, name, answer, "", None, _at(day), demo_assessment().checklist_by)
