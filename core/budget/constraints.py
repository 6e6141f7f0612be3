"""What a plan may do: a total to keep, and for every line the least and the most it may get, and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from core.budget.lines import BudgetLine
from core.errors import InputProblems, Problem

Reason = Literal["cap", "floor", "ceiling", "committed", "lock", "never spent"]
PLACE = "Budget plan"


@dataclass(frozen=True, slots=True)
class Bound:
    """How much one line may get.

    Attributes:
        line: Id of the line.
        label: Name on screens.
        current_cents: Spend today. [cents/year]
        low_cents: Least it may get. [cents/year]
        high_cents: Most it may get. [cents/year]
        low_reason: What keeps it from getting less.
        high_reason: What keeps it from getting more.
    """

    line: str
    label: str
    current_cents: int
    low_cents: int
    high_cents: int
    low_reason: Reason
    high_reason: Reason


@dataclass(frozen=True, slots=True)
class Constraints:
    """What a plan may do.

    Attributes:
        total_cents: Money the plan must spend, to the cent. [cents/year]
        change_cap: Largest change of a line as a share of its spend today. [ratio]
        bounds: One a line, in the order of the lines.
    """

    total_cents: int
    change_cap: float
    bounds: tuple[Bound, ...]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What people add to the cap and the committed money; ids of lines as keys.

    Attributes:
        floors: Least spend. [cents/year]
        ceilings: Most spend. [cents/year]
        locked: Lines that stay as they are.
    """

    floors: Mapping[str, int] = field(default_factory=dict)
    ceilings: Mapping[str, int] = field(default_factory=dict)
    locked: Collection[str] = ()


def constraints_of(
    lines: Sequence[BudgetLine],
    change_cap: float,
    total_cents: int | None = None,
    wishes: Wishes | None = None,
) -> Constraints:
    """Bounds of every line and the total.

    The change cap gives the range; a floor or a ceiling narrows it; committed money raises the lower end and, being
    signed already, goes beyond the cap, a ceiling or a lock; a locked line stays at today's spend; a line never
    spent on stays at 0, because nothing says how its spend would scale, unless money is committed to it.

    Args:
        lines: The lines.
        change_cap: Largest change of a line as a share of its spend today. [ratio]
        total_cents: Money to spend; None means today's total. [cents/year]
        wishes: Floors, ceilings and locks.

    Raises:
        InputProblems: A floor or ceiling contradicts another bound, names an unknown line, or the total cannot be met.
    """
    wanted = wishes or Wishes()
    total = sum(line.current_cents for line in lines) if total_cents is None else total_cents
    bounds = tuple(_bound(line, change_cap, wanted) for line in lines)
    problems = _unknown(lines, wanted) + [problem for bound in bounds for problem in _contradiction(bound)]
    if not problems:
        problems = _total_problems(bounds, total)
    if problems:
        raise InputProblems(problems, "no plan was computed")
    return Constraints(total, change_cap, bounds)


def check_plan(current: Mapping[str, int], proposed: Mapping[str, int], constraints: Constraints) -> list[Problem]:
    """What is wrong with a plan, in the reader's words; asked before it is saved.

    Args:
        current: Spend today per line, as the screen showed it. [cents/year]
        proposed: Proposed spend per line. [cents/year]
        constraints: What a plan may do.

    Returns:
        One problem for each line outside its range, missing, unknown or changed since; one for a total that is not
        kept. Empty when the plan may be saved.
    """
    problems: list[Problem] = []
    for bound in constraints.bounds:
        problems += _line_problems(bound, current.get(bound.line), proposed.get(bound.line))
    known = {bound.line for bound in constraints.bounds}
    for line in proposed:
        if line not in known:
            message = f'"{line}" is no line of this budget. Remove it, or load its spend first.'
            problems.append(Problem(PLACE, message, found=line, rule="unknown line"))
    found = sum(proposed.values())
    if found != constraints.total_cents:
        off = found - constraints.total_cents
        todo = f"take {_money(off)} away" if off > 0 else f"give {_money(-off)} more"
        message = f"Total: expected {_money(constraints.total_cents)}, found {_money(found)}; {todo}."
        problems.append(Problem(PLACE, message, found=_money(found), rule="total"))
    return problems


def _line_problems(bound: Bound, current: int | None, proposed: int | None) -> list[Problem]:
    allowed = f"allowed {_range(bound)}"
    if proposed is None:
        message = f"{bound.label}: {allowed}, found nothing. Enter an amount, 0 included."
        return [Problem(PLACE, message, rule="missing line")]
    if current is not None and current != bound.current_cents:
        message = (
            f"{bound.label}: the plan was made on {_money(current)} a year, but today it is "
            f"{_money(bound.current_cents)}. Reload the page and decide again."
        )
        return [Problem(PLACE, message, found=_money(current), rule="stale")]
    if bound.low_cents <= proposed <= bound.high_cents:
        return []
    reason = bound.low_reason if proposed < bound.low_cents else bound.high_reason
    message = f"{bound.label}: {allowed}, found {_money(proposed)}. {_REMEDY[reason]}"
    return [Problem(PLACE, message, found=_money(proposed), rule=reason)]


_REMEDY: dict[Reason, str] = {
    "cap": "Stay within the largest change of one plan, or have the council widen it.",
    "floor": "Give it at least its floor, or lower the floor.",
    "ceiling": "Stay under its ceiling, or raise the ceiling.",
    "committed": "Keep what is committed: this money is signed and cannot be moved.",
    "lock": "Leave it as it is, or unlock it.",
    "never spent": "Leave it at 0: nothing was ever spent here, so no return can be told. Start with a test budget.",
}


def _bound(line: BudgetLine, change_cap: float, wishes: Wishes) -> Bound:
    # Half a millionth of a cent absorbs binary rounding, so that 20 % of 55 cents is 11 cents.
    change = int(line.current_cents * change_cap + 5e-7)
    low, high = line.current_cents - change, line.current_cents + change
    low_reason: Reason = "cap"
    high_reason: Reason = "cap"
    if line.reason is not None:
        low_reason = high_reason = "never spent"
    elif line.line in wishes.locked:
        low = high = line.current_cents
        low_reason = high_reason = "lock"
    else:
        if wishes.floors.get(line.line, 0) > low:
            low, low_reason = wishes.floors[line.line], "floor"
        if wishes.ceilings.get(line.line, high) < high:
            high, high_reason = wishes.ceilings[line.line], "ceiling"
    if line.committed_cents > low:
        low, low_reason = line.committed_cents, "committed"
        if low > high:
            high, high_reason = low, "committed"
    return Bound(line.line, line.label, line.current_cents, low, high, low_reason, high_reason)


def _contradiction(bound: Bound) -> list[Problem]:
    if bound.low_cents <= bound.high_cents:
        return []
    message = (
        f"{bound.label}: at least {_money(bound.low_cents)} ({bound.low_reason}) and at most "
        f"{_money(bound.high_cents)} ({bound.high_reason}) cannot both hold. Lower the one or raise the other."
    )
    return [Problem(PLACE, message, rule="contradiction")]


def _unknown(lines: Sequence[BudgetLine], wishes: Wishes) -> list[Problem]:
    known = {line.line for line in lines}
    named = dict.fromkeys([*wishes.floors, *wishes.ceilings, *wishes.locked])
    return [
        Problem(PLACE, f'"{line}" has a floor, ceiling or lock but is no line of this budget. Remove it.', found=line)
        for line in named
        if line not in known
    ]


def _total_problems(bounds: Sequence[Bound], total: int) -> list[Problem]:
    least, most = sum(bound.low_cents for bound in bounds), sum(bound.high_cents for bound in bounds)
    if least <= total <= most:
        return []
    first = "Lower floors" if total < least else "Raise ceilings"
    message = (
        f"Total: the lines allow {_money(least)} to {_money(most)} together, found {_money(total)}. "
        f"{first}, free locks or widen the cap, or choose a total in that range."
    )
    return [Problem(PLACE, message, found=_money(total), rule="total")]


def _range(bound: Bound) -> str:
    if bound.low_cents == bound.high_cents:
        return f"{_money(bound.low_cents)} only ({bound.low_reason})"
    ends = f"{_money(bound.low_cents)} ({bound.low_reason}) to {_money(bound.high_cents)} ({bound.high_reason})"
    return f"{ends} a year, today {_money(bound.current_cents)}"


def _money(cents: int) -> str:
    return f"{cents / 100:,.2f}".removesuffix(".00")
