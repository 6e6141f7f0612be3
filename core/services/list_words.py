"""What the lists of the day say of themselves: why one person stands before another, and until when an answer waits."""

from __future__ import annotations

from core.advocacy.propensity import Propensity
from core.model.pool import pool_rules

EXAMPLE = (88, 2)
"""Points and asks of the last year by which the order is explained."""


def order_words(learned: Propensity) -> tuple[str, str]:
    """Why somebody stands before somebody else on the list to ask, as `core.advocacy.ranking.rank_asks` orders it.

    Args:
        learned: What was learned of earlier asks; it says whether the learned chance ranks or readiness.

    Returns:
        One sentence, and the same in full with an example.
    """
    kept, (points, asks) = pool_rules().ranking.kept_per_ask, EXAMPLE
    by = "learned chance of an act" if learned.used else "readiness"
    first = "" if learned.used else "a recent milestone (Why now), then "
    less, ranked = f"{100 * (1 - kept):.0f} % less per ask of the last year", round(points * kept**asks)
    return (
        f"Highest {by} first, {less}; ties: {first.replace(' (Why now)', '')}fewer asks.",
        f"Rank = {by}, {less} (column Asked), in whole points: {points} and asked {asks} times ranks as {ranked}, "
        f"after {ranked + 1} and not asked. At the same rank comes first {first}who was asked less, then the higher "
        f"{by}. What an act is worth takes no part: none has a measured value yet.",
    )


def answer_words() -> str:
    """Which asks wait for an answer, and what becomes of an older one."""
    days = pool_rules().propensity.completed_within_days
    return (
        f"Asks of the last {days} days that nobody has answered yet. An older one counts as not answered; the profile "
        "can still correct it."
    )
