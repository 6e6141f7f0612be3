"""Why lines look alike, and why cheap customers do not draw the money: averages are not the next unit."""

from __future__ import annotations

from core.budget.plan import Allocation
from core.glossary import display
from core.services.budget import Budget


def belief_point(budget: Budget, plan: Allocation) -> tuple[str, str] | None:
    """What lines without results of ours rest on, and why the Overview's averages say otherwise: head and sentence.

    The cost and the payback of the Overview are averages over customers won; the split goes by the next unit of
    money. None where every line with spend rests on more than opinion.
    """
    returns = [
        item.average_return_now
        for item in plan.lines
        if item.average_return_now is not None and item.evidence == "opinion"
    ]
    if not returns:
        return None
    one, *ends = (display(value, "money", budget.currency) for value in (1, min(returns), max(returns)))
    count = "all lines" if len(returns) == len(plan.lines) else f"{len(returns)} of {len(plan.lines)} lines"
    return (
        f"Average and next {one}",
        f"{count} rest on the same belief, that {one} brings back about {' to '.join(dict.fromkeys(ends))} on average, "
        "so where they look alike it is by assumption. Payback and costs on the Overview are averages over customers "
        f"already won, referred ones too; the split goes by what the next {one} earns, which is less.",
    )
