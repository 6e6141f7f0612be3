"""The Budget screen: a plan read line by line, what it should bring, and what to know before deciding."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from core.budget.constraints import Bound, check_plan
from core.budget.effect import MoveEffect
from core.budget.plan import Allocation, LineState, plan_of
from core.errors import Problem
from core.glossary import MINUS, SPACE, display, display_month, plain_number
from core.services.budget import Budget, Optimum, Plan, effect_of
from core.services.budget_words import (
    answer_of,
    currency_sign,
    effect_subtitle,
    effect_title,
    percent,
    points_of,
    question_of,
    returns_line,
)


@dataclass(frozen=True)
class Proposal:
    """A plan as it stands in the table.

    Attributes:
        plan: Spend by line, None where nothing is entered. [cents/year]
        locked: Ids of the lines that stay at today's spend.
    """

    plan: Mapping[str, int | None]
    locked: frozenset[str] = frozenset()

    @property
    def amounts(self) -> tuple[int | None, ...]:
        """The amounts alone, in the order of the lines."""
        return tuple(self.plan.values())

    @property
    def complete(self) -> Plan | None:
        """The plan when every line has an amount."""
        filled = {line: cents for line, cents in self.plan.items() if cents is not None}
        return filled if len(filled) == len(self.plan) else None


@dataclass(frozen=True)
class Row:
    """One line of the table; amounts in steps of the budget."""

    line: str
    label: str
    now: int
    proposed: int | None
    change: str
    allowed: str
    earns: str
    evidence: str
    locked: bool


@dataclass(frozen=True)
class BudgetView:
    """Everything on the screen about one plan.

    Attributes:
        question: What the screen answers.
        currency: ISO code.
        answer: The answer in one sentence.
        note: State of the plan, total, caps, signed money, evidence.
        unit: Of the amounts in `rows`.
        next_unit: One more unit of money, for the head of its return.
        rows: The table.
        left_steps: Money still to place, in steps; negative when there is too much.
        balance: The same in words.
        problems: What keeps the plan from being saved.
        effect: What it should bring; None until the plan adds up.
        effect_title: The finding above the intervals.
        effect_subtitle: What they are.
        facts: Figures beside the intervals: head and value.
        points: What to know before deciding: head and sentence.
        pair: Ids of the lines whose curves are shown first: largest taker, largest giver.
    """

    question: str
    currency: str
    answer: str
    note: str
    unit: str
    next_unit: str
    rows: tuple[Row, ...]
    left_steps: int
    balance: str
    problems: tuple[Problem, ...]
    effect: MoveEffect | None
    effect_title: str
    effect_subtitle: str
    facts: tuple[tuple[str, str], ...]
    points: tuple[tuple[str, str], ...]
    pair: tuple[str, ...]

    @property
    def broken(self) -> tuple[str, ...]:
        """Which line breaks which rule, one sentence each; the total is told by `balance`."""
        return tuple(problem.message for problem in self.problems if problem.rule != "total")

    @property
    def can_save(self) -> bool:
        """Whether the plan breaks no rule."""
        return not self.problems


def budget_view(budget: Budget, proposal: Proposal, best: Optimum, state: str) -> BudgetView:
    """Read a plan.

    Args:
        budget: The budget.
        proposal: The plan in the table.
        best: The best split under the same locks.
        state: Where the plan comes from, in words; the first part of the note.
    """
    bounds = budget.bounds(proposal.locked)
    shown = {line: budget.current[line] if cents is None else max(cents, 0) for line, cents in proposal.plan.items()}
    allocation = plan_of(budget.curves, bounds, shown)
    left = _left(budget, proposal)
    whole = proposal.complete == shown and left == 0
    effect = effect_of(budget, shown, best) if whole else None
    return BudgetView(
        question=question_of(budget.currency),
        currency=budget.currency,
        answer=answer_of(budget, allocation, effect, left),
        note=_note(budget, allocation, state, left),
        unit=amount_unit(budget),
        next_unit=f"Next {display(1, 'money', budget.currency)}",
        rows=tuple(_row(budget, item, proposal) for item in allocation.lines),
        left_steps=left,
        balance=_balance(budget, shown, left),
        problems=problems_of(budget, proposal),
        effect=effect,
        effect_title=effect_title(effect, left != 0),
        effect_subtitle=effect_subtitle(),
        facts=_facts(budget, effect),
        points=points_of(budget, allocation, effect, proposal.locked),
        pair=pair_of(allocation),
    )


def amount_unit(budget: Budget) -> str:
    """What the amounts of the table are in, for its column heads: "€k", or the currency alone."""
    sign = currency_sign(budget.currency)
    if not budget.in_thousands:
        return sign
    return f"{sign}{SPACE}k" if sign.isalpha() else f"{sign}k"


def problems_of(budget: Budget, proposal: Proposal) -> tuple[Problem, ...]:
    """What is wrong with a plan, amounts rounded as the table shows them."""
    bounds = tuple(_rounded(budget, bound) for bound in budget.bounds(proposal.locked).bounds)
    current = {bound.line: bound.current_cents for bound in bounds}
    filled = {line: cents for line, cents in proposal.plan.items() if cents is not None}
    shown = {line: budget.steps(line, cents) * budget.step_cents for line, cents in filled.items()}
    total = sum(shown.values()) + _left(budget, proposal) * budget.step_cents
    constraints = replace(budget.exact, total_cents=total, bounds=bounds)
    below = {bound.label: shown[bound.line] for bound in bounds if shown.get(bound.line, 0) < 0}
    return tuple(_negative(problem, below) for problem in check_plan(current, shown, constraints))


def _negative(problem: Problem, below: Plan) -> Problem:
    """An amount below 0 is told as that, not as one beyond a cap."""
    for label, cents in below.items():
        if problem.message.startswith(f"{label}: "):
            found = f"{MINUS}{-cents // 100:,}"
            message = f"{label}: spend cannot be negative, found {found}. Enter 0 or more."
            return replace(problem, message=message, found=found, rule="negative")
    return problem


def pair_of(allocation: Allocation) -> tuple[str, ...]:
    """The lines to look at first: who gets most, or the best earner; who gives most, or the worst earner."""
    moves = sorted(allocation.lines, key=lambda item: item.proposed_cents - item.current_cents)
    known = sorted((item for item in allocation.lines if item.marginal_now is not None), key=_earning)
    gets = moves[-1:] if moves[-1].proposed_cents > moves[-1].current_cents else known[-1:]
    gives = moves[:1] if moves[0].proposed_cents < moves[0].current_cents else known[:1]
    return tuple(dict.fromkeys(item.line for item in (*gets, *gives)))


def _left(budget: Budget, proposal: Proposal) -> int:
    """Steps still to place; a line without an amount has none."""
    there = sum(budget.steps(line, cents) for line, cents in budget.anchors.items())
    return there - sum(budget.steps(line, cents) for line, cents in proposal.plan.items() if cents is not None)


def _earning(item: LineState) -> float:
    return item.marginal_now or 0.0


def _row(budget: Budget, item: LineState, proposal: Proposal) -> Row:
    cents = proposal.plan[item.line]
    low, high = (budget.steps(item.line, end) for end in (item.low_cents, item.high_cents))
    now, then = item.marginal_now, item.marginal_then
    earns = item.reason or "" if now is None or then is None else plain_number(now, 2) if cents is None else (
        f"{plain_number(now, 2)} → {plain_number(then, 2)}"
    )  # fmt: skip
    return Row(
        line=item.line,
        label=item.label,
        now=budget.steps(item.line, item.current_cents),
        proposed=None if cents is None else budget.steps(item.line, cents),
        change="" if cents is None else _change(item),
        allowed=f"{low:,}" if low == high else f"{low:,}–{high:,}",
        earns=earns,
        evidence=item.evidence,
        locked=item.line in proposal.locked,
    )


def _change(item: LineState) -> str:
    moved = item.proposed_cents - item.current_cents
    if item.current_cents == 0:
        return "new" if moved else ""
    text = percent(moved / item.current_cents, signed=True) if moved else ""
    if not item.low_cents <= item.proposed_cents <= item.high_cents:
        return f"{text} out"
    at_cap = item.binding == "cap" and item.binding_side != "both" and moved
    return f"{text} cap" if at_cap else text


def _rounded(budget: Budget, bound: Bound) -> Bound:
    """A bound as the table shows it, so that messages speak of the amounts people see."""
    low, high, now = (
        budget.steps(bound.line, cents) * budget.step_cents
        for cents in (bound.low_cents, bound.high_cents, bound.current_cents)
    )
    return replace(bound, low_cents=low, high_cents=high, current_cents=now)


def _note(budget: Budget, plan: Allocation, state: str, left: int) -> str:
    signed = sum(min(line.committed_cents, line.current_cents) for line in budget.lines)
    kinds = sorted(set(budget.curves.evidence))
    evidence = f"all effects are {kinds[0]}" if len(kinds) == 1 else f"evidence: {', '.join(kinds)}"
    total = display(budget.exact.total_cents / 100, "money", budget.currency)
    parts = [
        state,
        f"year to {display_month(budget.month)}",
        f"{total} in all{_kept(budget, left)}",
        f"each line may move {percent(budget.exact.change_cap)}",
        f"{display(signed / 100, 'money', budget.currency)} signed" if signed else "nothing signed ahead",
        evidence,
    ]
    return f"{returns_line(budget, plan)} {' · '.join(parts)}".strip()


def _kept(budget: Budget, left: int) -> str:
    """Whether a plan keeps the total."""
    amount = display(abs(left) * budget.step_cents / 100, "money", budget.currency)
    return f", {amount} still to place" if left > 0 else f", {amount} over" if left < 0 else ", unchanged"


def _balance(budget: Budget, shown: Plan, left: int) -> str:
    total = display(budget.exact.total_cents / 100, "money", budget.currency)
    amount = display(abs(left) * budget.step_cents / 100, "money", budget.currency)
    if left > 0:
        return f"{amount} of {total} still to place"
    if left < 0:
        return f"{amount} more than the {total} there is"
    moved = sum(max(shown[line] - cents, 0) for line, cents in budget.current.items())
    return f"{display(moved / 100, 'money', budget.currency)} of {total} moved, all placed"


def _facts(budget: Budget, effect: MoveEffect | None) -> tuple[tuple[str, str], ...]:
    if effect is None or effect.probability_better is None:
        return ()
    first, last = effect.first_effect_months, effect.last_effect_months
    lag = display(first, "months") if first == last else f"{first} to {display(last, 'months')}"
    moved = effect.moved_cents / 100
    return (
        ("Chance to beat today", percent(effect.probability_better)),
        ("Money moved", display(moved, "money", budget.currency)),
        ("First effect after", lag),
    )


def locks_of(bounds: Collection[tuple[str, int, int]], budget: Budget) -> frozenset[str]:
    """Lines that were locked in a saved plan: those without room that have some today.

    Args:
        bounds: Id, least and most of each line. [cents/year]
        budget: The budget of today.
    """
    free = {bound.line for bound in budget.exact.bounds if bound.low_cents < bound.high_cents}
    return frozenset(line for line, low, high in bounds if low == high and line in free)
