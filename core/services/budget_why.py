"""Why the best split gives a line no more than it does, where its average cost would suggest otherwise."""

from __future__ import annotations

from core.budget.plan import Allocation
from core.glossary import display
from core.services.budget import Budget

REFERRALS = "referral_programme"
"""Play of the lines that win customers by referral."""


def referral_point(budget: Budget, plan: Allocation) -> tuple[str, str] | None:
    """Why cheap customers won by referral do not draw the money: head and sentence.

    The Overview's cost of a referred customer is an average over those won; the split goes by the next unit of money.
    None where no referral line has spend, or its return rests on more than opinion.
    """
    plays = {line.line: line.play for line in budget.lines}
    for item in plan.lines:
        if plays[item.line] == REFERRALS and item.marginal_now is not None and item.evidence == "opinion":
            one, earns = (display(value, "money", budget.currency) for value in (1, item.marginal_now))
            return (
                "Referrals",
                "what a referred customer costs is an average of those already won; the split goes by what the next "
                f"{one} earns, {earns} here, and that is a prior opinion which puts no play ahead.",
            )
    return None
