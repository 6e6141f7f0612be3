"""The council of the demo company: its targets, decisions, actions and look-backs, recorded as a real one does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from core.glossary import display
from core.model.demo_council import DemoAction, DemoDecision, DemoMove, DemoReview, DemoTarget, demo_council
from core.month import Month, Source
from core.services.access import Actor
from core.services.budget import open_budget
from core.services.decisions import DecisionDraft, add_action, close_action, record_decision
from core.services.home import current_state, month_of_source, open_engine, open_source
from core.services.reviews import ReviewDraft, record_review, version_of
from core.services.scenarios import ScenarioDraft, save_scenario
from core.services.targets import read_targets, set_target

HUNDRED = 100
STEP_CENTS = 1_000_000
"""Money is moved in steps of ten thousand: a council does not decide on cents."""


def record_demo_history() -> tuple[int, ...]:
    """Record the history of the demo company's council through the ordinary services, one act after another.

    Every act carries the day it was done on, and looks at the month that was known then. Acts already recorded are
    left as they are.

    Returns:
        Ids of the decisions, oldest first.

    Raises:
        CouncilError: A figure, line or month is missing: the company is not the demo company.
    """
    council = _Council()
    acts = [(item.held_on, council.decide(number, item)) for number, item in enumerate(demo_council().decision)]
    for number, item in enumerate(demo_council().decision):
        acts += [
            (action.done_on, council.close(number, place, action))
            for place, action in enumerate(item.action)
            if action.done_on is not None
        ]
        acts += [(review.held_on, council.look_back(number, place, review)) for place, review in enumerate(item.review)]
    acts += [(item.held_on, council.aim(item)) for item in demo_council().target]
    for _, act in sorted(acts, key=lambda each: each[0]):
        act()
    return tuple(council.decisions[number] for number in sorted(council.decisions))


def _at(day: dt.date) -> dt.datetime:
    """An hour of that day at which it is the same day all over Europe."""
    return dt.datetime.combine(day, dt.time(9), dt.UTC)


@dataclass
class _Council:
    """The acts of one history; each is told its place and waits to be done in the order of the days."""

    decisions: dict[int, int] = field(default_factory=dict)
    actions: dict[tuple[int, int], int] = field(default_factory=dict)
    months: dict[dt.date, Month] = field(default_factory=dict)
    actor: Actor = field(
        default_factory=lambda: Actor(demo_council().author, frozenset({"approver", "finance", "customer_marketing"}))
    )

    @cached_property
    def source(self) -> Source:
        state = current_state()
        return open_source(state, open_engine(state))

    def month(self, first: dt.date) -> Month:
        """A month of the company, opened once."""
        if first not in self.months:
            self.months[first] = month_of_source(self.source, first)
        return self.months[first]

    def decide(self, number: int, item: DemoDecision) -> Callable[[], None]:
        """Record a decision with its actions, and the plan it adopts."""

        def act() -> None:
            month, at, token = self.month(item.month), _at(item.held_on), f"demo-{number}"
            scenario, moved = (None, "") if item.move is None else self._move(month, item.move, token, at)
            draft = DecisionDraft(
                title=item.title.format(moved=moved),
                choice=item.choice,
                rejected=item.rejected,
                owner=item.owner,
                kpi=item.kpi,
                expected=item.expected,
                expected_low=item.expected_low,
                expected_high=item.expected_high,
                review_on=item.review_on,
                scenario_id=scenario,
            )
            decision = record_decision(self.actor, month, draft, token, at)
            self.decisions[number] = decision
            for place, action in enumerate(item.action):
                self.actions[number, place] = add_action(
                    self.actor, decision, action.text, action.owner, action.due, f"{token}-{place}", at
                )

        return act

    def aim(self, item: DemoTarget) -> Callable[[], None]:
        """Set what a figure is to reach; a line that stands already stays as it is."""

        def act() -> None:
            month = self.month(item.month)
            if item.month_from not in {line.month_from for line in read_targets().history(item.kpi)}:
                set_target(
                    self.actor, item.kpi, None, item.month_from, item.value, item.owner, item.reason, None,
                    _at(item.held_on), newest=item.month, currency=month.currency,
                )  # fmt: skip

        return act

    def close(self, number: int, place: int, action: DemoAction) -> Callable[[], None]:
        """Close an action with what shows that it is done."""

        def act() -> None:
            assert action.done_on is not None
            close_action(self.actor, self.actions[number, place], 1, action.evidence, _at(action.done_on))

        return act

    def look_back(self, number: int, place: int, review: DemoReview) -> Callable[[], None]:
        """Look back at a decision on the month that was known then."""

        def act() -> None:
            decision, token = self.decisions[number], f"demo-{number}-look-{place}"
            draft = ReviewDraft(decision, review.lesson, review.next_step, review.again_on)
            month, version = self.month(review.month), version_of(decision)
            record_review(self.actor, month, draft, version, token, _at(review.held_on))

        return act

    def _move(self, month: Month, move: DemoMove, token: str, at: dt.datetime) -> tuple[int, str]:
        """Save the plan that moves the money; its id, and the money in words."""
        budget = open_budget(month)
        room = {bound.line: bound for bound in budget.bounds(stepped=False).bounds}
        giving, taking = budget.current[move.from_line], budget.current[move.to_line]
        most = min(
            round(giving * move.share), giving - room[move.from_line].low_cents, room[move.to_line].high_cents - taking
        )
        cents = most // STEP_CENTS * STEP_CENTS
        plan = dict(budget.current) | {move.from_line: giving - cents, move.to_line: taking + cents}
        draft = ScenarioDraft(move.name, dict(budget.current), plan)
        return save_scenario(self.actor, month, draft, token, at), display(cents / HUNDRED, "money", budget.currency)
