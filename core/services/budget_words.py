"""The sentences of the Budget screen: they claim what the intervals support and call opinion opinion."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from core.budget.effect import MoveEffect
from core.budget.plan import Allocation, LineState
from core.glossary import MINUS, SPACE, display
from core.model.budget import load_budget
from core.services.budget import Budget
from core.services.budget_why import belief_point

CURRENCY_WORDS = {
    "EUR": "euro", "USD": "dollar", "GBP": "pound", "JPY": "yen", "INR": "rupee", "AUD": "dollar", "CAD": "dollar",
    "CHF": "franc", "SEK": "krona", "NOK": "krone", "DKK": "krone", "PLN": "zloty",
}  # fmt: skip
STAGES = {
    "awareness": "awareness",
    "consideration": "consideration",
    "conversion": "conversion",
    "post_purchase": "after the purchase",
}
NAMED = 2
"""Lines named in one clause; the rest are counted."""
THOUSAND = 1_000
OPINION = "Opinion, not results"
"""How a claim opens that rests on estimates alone."""


def question_of(currency: str) -> str:
    """The screen's question, in the company's currency."""
    word = CURRENCY_WORDS.get(currency, currency or "unit of money")
    return f"Where does the next {word} earn most, and how sure are we?"


def percent(ratio: float, *, signed: bool = False) -> str:
    """A whole percentage: "58 %", "+20 %"; less than half a per cent of a change still shows its sign."""
    sign = MINUS if ratio < 0 else "+" if signed and ratio > 0 else ""
    size = abs(ratio)
    return f"{sign}{'<1' if 0 < size < 0.005 else f'{size * 100:.0f}'}{SPACE}%"


def currency_sign(currency: str) -> str:
    """The sign amounts carry: "€", or the code itself."""
    return display(0, "money", currency).replace("0", "").strip()


def method() -> tuple[tuple[str, str], ...]:
    """How the figures are made: head and sentence."""
    outer = percent(load_budget().interval.outer)
    return (
        (
            "Response",
            "the more a line already spends, the less the next unit of money earns there: a saturating curve (Hill) of "
            "yearly gross margin by yearly spend. How steep it is nobody knows, so 400 curves are drawn around the "
            "estimate of its play; their mean is what is expected, their spread the interval. Lines are drawn apart.",
        ),
        (
            "Best split",
            "of all ways to spend the same total, the one with the greatest expected margin, each line inside its "
            "allowed range: the largest change of one plan, signed money, locks. Lines that no limit holds then earn "
            "the same on the next unit of money. Changes are rounded so that the total holds to the cent.",
        ),
        (
            "Average and next unit",
            "the average cost of a customer, which the Overview shows, is not the return of the next unit of money; "
            "all returns here are estimates, an opinion, until a test replaces them.",
        ),
        (
            "Gain",
            "margin of the plan less margin of today's split, in 12 months. A plan chosen because it looks best looks "
            "better than it is: by how much is estimated on two halves of the draws and taken off.",
        ),
        (
            "Too close to call",
            f"the {outer} interval of the gain holds 0: it may be a loss. Saying more needs results of ours or a test.",
        ),
    )


def promise_words() -> str:
    """How the list of saved plans is read: whose figures they are, and what its status says about them."""
    return (
        "Gain and chance as promised when the plan was saved, against the split of that month. Near 50 % is a toss-up: "
        "“adopted” says that the council chose it, not that it is known to earn more. Loading it lays its moves, "
        "not its amounts of then, on today's spend and judges them anew."
    )


def stage_line(budget: Budget) -> str:
    """Where in the journey the money goes, in one line."""
    shares = budget.stages
    after = percent(shares.get("post_purchase", 0.0))
    others = ", ".join(f"{STAGES[name]} {percent(share)}" for name, share in shares.items() if name != "post_purchase")
    return f"{after} of a year's spend is for customers we have; the rest wins new ones: {others}."


def answer_of(budget: Budget, plan: Allocation, effect: MoveEffect | None, left: int) -> str:
    """The screen's answer.

    Args:
        budget: The budget.
        plan: The plan, line by line.
        effect: What it should bring; None while it does not add up.
        left: Money still to place, in steps.
    """
    if effect is None:
        return f"This plan cannot be judged yet: {_missing(budget, left)}"
    if effect.label == "no change" or effect.probability_better is None:
        return _best_line(budget, plan)
    moved = display(effect.moved_cents / 100, "money", budget.currency)
    what = f"oving {moved} from {_named(_movers(plan, -1))} to {_named(_movers(plan, 1))}"
    opening = f"{OPINION}: m{what}" if effect.evidence == "opinion" else f"M{what}"
    chance = percent(effect.probability_better)
    return opening + {
        "better than today": f" should beat today's split ({chance} likely)",
        "worse than today": f" should do worse than today's split ({chance} likely to beat it)",
    }.get(effect.label, f" is too close to call ({chance} likely to beat today's split)")


def returns_line(budget: Budget, plan: Allocation) -> str:
    """That no line's next unit of money pays back, when none does; empty otherwise."""
    known = [item.marginal_now for item in plan.lines if item.marginal_now is not None]
    if not known or max(known) >= 1:
        return ""
    one = _money(budget, 1)
    ends = " to ".join(dict.fromkeys(_money(budget, value) for value in (min(known), max(known))))
    return f"No line is expected to earn its next {one} back within 12 months ({ends} by line)."


def _missing(budget: Budget, left: int) -> str:
    """Why a plan does not add up."""
    amount, word = _money(budget, abs(left) * budget.step_cents / 100), CURRENCY_WORDS.get(budget.currency, "unit")
    if left > 0:
        return f"{amount} is still to place; give it to the lines whose next {word} earns most"
    if left < 0:
        return f"it spends {amount} too much; take that from the lines whose next {word} earns least"
    return "a line has no amount or one below 0; enter 0 or more"


def effect_title(effect: MoveEffect | None, unbalanced: bool) -> str:
    """The finding above the intervals."""
    if effect is None:
        return (
            "No effect until all money is placed"
            if unbalanced
            else "No effect until every line has an amount of 0 or more"
        )
    return {
        "better than today": "Expected to beat today",
        "worse than today": "Expected to do worse than today",
        "no change": "Nothing is moved, so nothing changes",
    }.get(effect.label, "Too close to call: it may gain or lose")


def effect_subtitle() -> str:
    """What the intervals are."""
    level = load_budget().interval
    return (
        "Gross margin in 12 months against today's split · "
        f"thick bar: {percent(level.inner)} of outcomes, thin: {percent(level.outer)}"
    )


def points_of(
    budget: Budget, plan: Allocation, effect: MoveEffect | None, locked: Collection[str]
) -> tuple[tuple[str, str], ...]:
    """What to know before deciding, most pressing first: head and sentence."""
    points = [_taken(budget, plan), _caps(budget, plan), _evidence(budget, plan, effect)]
    points += [belief_point(budget, plan), _signed(budget, locked)]
    return tuple(point for point in points if point is not None)


def _best_line(budget: Budget, plan: Allocation) -> str:
    """Which line's next unit earns most, and how likely it is the best of all."""
    known = [row for row, item in enumerate(plan.lines) if item.marginal_now is not None]
    slopes = budget.curves.slope_draws(budget.curves.current)[known]
    best = max(range(len(known)), key=lambda row: float(slopes[row].mean()))
    chance = float((np.argmax(slopes, axis=0) == best).mean())
    item = plan.lines[known[best]]
    word = CURRENCY_WORDS.get(budget.currency, "unit of money")
    what = f"he next {word} earns most in {lowered(item.label)}"
    opening = f"{OPINION}: t{what}" if item.evidence == "opinion" else f"T{what}"
    back = display(float(slopes[best].mean()), "money", budget.currency)
    return f"{opening}, {back} back within a year ({percent(chance)} likely the best of {len(known)} lines)"


def _movers(plan: Allocation, sign: int) -> list[LineState]:
    moves = [item for item in plan.lines if (item.proposed_cents - item.current_cents) * sign > 0]
    return sorted(moves, key=lambda item: (item.current_cents - item.proposed_cents) * sign)


def _named(items: list[LineState]) -> str:
    """Lines in a sentence: the largest moves by name, the rest counted."""
    if len(items) > NAMED + 1:
        return f"{lowered(items[0].label)} and {len(items) - 1} other lines"
    return _listed([lowered(item.label) for item in items]) or "nowhere"


def _listed(words: list[str]) -> str:
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


def lowered(label: str) -> str:
    """A label inside a sentence; abbreviations keep their capitals."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def _moved(budget: Budget, item: LineState) -> str:
    return f"{lowered(item.label)} {_money(budget, abs(item.proposed_cents - item.current_cents) / 100)}"


def _taken(budget: Budget, plan: Allocation) -> tuple[str, str] | None:
    """What is taken from whom and who gets it."""
    sides = []
    for word, sign in (("from", -1), ("to", 1)):
        items = _movers(plan, sign)
        rest = items[NAMED:] if len(items) > NAMED + 1 else []
        parts = [_moved(budget, item) for item in items[: len(items) - len(rest)]]
        if rest:
            cents = sum(abs(item.proposed_cents - item.current_cents) for item in rest)
            parts.append(f"{len(rest)} more {_money(budget, cents / 100)}")
        if parts:
            sides.append(f"{word} {_listed(parts)}")
    return ("What moves", "; ".join(sides) + ".") if sides else None


def _caps(budget: Budget, plan: Allocation) -> tuple[str, str] | None:
    """Which caps bind, and what a thousand more is worth there and in all."""
    held = [item for item in plan.lines if item.binding == "cap" and item.binding_side != "both" and item.bound_value]
    held.sort(key=lambda item: -(item.bound_value or 0))
    amount, sentences = _money(budget, THOUSAND), []
    if held:
        cap, worth = (
            percent(budget.exact.change_cap),
            [_money(budget, (item.bound_value or 0) * THOUSAND) for item in held],
        )
        gain = f"{worth[0]} a year" if len(set(worth)) == 1 else f"{worth[-1]} to {worth[0]} a year"
        each = f", {'each ' if len(held) > 1 else ''}adding {gain} for {amount} moved there beyond it"
        sentences.append(f"{_counted(held)} stopped at the {cap} limit{each}.")
    if plan.shadow_value is not None:
        worth_in_all = _money(budget, plan.shadow_value * THOUSAND)
        sentences.append(f"{amount} on top of the whole budget should bring back {worth_in_all} in 12 months.")
    return ("One more thousand", " ".join(sentences)) if sentences else None


def _signed(budget: Budget, locked: Collection[str]) -> tuple[str, str] | None:
    """Money that cannot be moved: signed, or locked in the table."""
    held = [line for line in budget.lines if line.line in _bound_by_contract(budget)]
    words = []
    if held:
        names = [f"{lowered(line.label)} {_money(budget, line.committed_cents / 100)}" for line in held[: NAMED + 1]]
        more = f" and {len(held) - len(names)} more" if len(held) > len(names) else ""
        words.append(f"{_listed(names)}{more} are signed and stay.")
    elif any(line.committed_cents for line in budget.lines):
        words.append("contracts are signed, but for less than the limits leave anyway.")
    names = [lowered(line.label) for line in budget.lines if line.line in locked]
    if names:
        words.append(f"Locked: {_listed(names)}.")
    return ("Cannot move", " ".join(words)) if words else None


def _bound_by_contract(budget: Budget) -> set[str]:
    return {bound.line for bound in budget.exact.bounds if "committed" in (bound.low_reason, bound.high_reason)}


def _evidence(budget: Budget, plan: Allocation, effect: MoveEffect | None) -> tuple[str, str]:
    """What the effects rest on, and where they leave what was seen."""
    moving = [item for item in plan.lines if item.proposed_cents != item.current_cents] or list(plan.lines)
    weak = [item for item in moving if item.evidence == "opinion"]
    if not weak:
        head, words = "Evidence", "every line that moves rests on results of ours or a test."
    elif len(weak) == len(moving):
        head, words = "Opinion", "every effect is an estimate, none is measured here yet; a test would settle it."
    else:
        head, words = (
            "Opinion",
            f"{_counted(weak)} rest on estimates, not on results; a test would settle it.",
        )
    beyond = [item for item in plan.lines if effect is not None and item.line in effect.extrapolated]
    if beyond:
        words += f" More or less than was ever spent: {_counted(beyond)}."
    return head, words


def _counted(items: list[LineState]) -> str:
    """Lines in a list: the first by name, the rest counted."""
    names = [lowered(item.label) for item in items[: NAMED + 1]]
    return _listed(names) + (f" and {len(items) - len(names)} more" if len(items) > len(names) else "")


def _money(budget: Budget, value: float) -> str:
    """An amount of units of the currency as screens write it."""
    return display(value, "money", budget.currency)
