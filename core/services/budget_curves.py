"""The response curves of the Budget: which are shown, and what they say."""

from __future__ import annotations

from collections.abc import Sequence

from core.budget.curve import ResponseCurve, curve_of
from core.model.budget import load_budget
from core.model.channels import ChannelClass, channel_class
from core.services.budget import Budget
from core.services.budget_view import Proposal
from core.services.budget_words import CURRENCY_WORDS, lowered, percent

CurveShown = tuple[ResponseCurve, int, int, int | None, ChannelClass | None]
"""A curve, spend today and proposed, the most ever spent (all in cents a year), and the class of its channel."""


def curves_shown(budget: Budget, proposal: Proposal, lines: Sequence[str]) -> tuple[str, str, list[CurveShown]]:
    """Title, subtitle and curves of some lines, for their chart.

    Args:
        budget: The budget.
        proposal: The plan in the table; a line without an amount shows today's spend alone.
        lines: Ids of the lines.
    """
    title, subtitle = curve_words(budget, lines)
    by_id = {line.line: line for line in budget.lines}
    shown: list[CurveShown] = []
    for line in (by_id[name] for name in lines):
        cents = proposal.plan[line.line]
        proposed = line.current_cents if cents is None else max(cents, 0)
        group = None if line.kind == "post_sale" else channel_class(line.channel)
        curve = curve_of(budget.curves, line.line, proposed)
        shown.append((curve, line.current_cents, proposed, line.observed_high_cents, group))
    return title, subtitle, shown


def curve_words(budget: Budget, lines: Sequence[str]) -> tuple[str, str]:
    """Title and subtitle of the response curves: the finding on the first two lines, and how to read them.

    One line is said to earn more from the outer level of data/model/budget.toml on, which decides what may be called
    distinguishable; below it the title says that this cannot be told.
    """
    rows = [index for line in lines for index, entry in enumerate(budget.lines) if entry.line == line]
    level = percent(load_budget().interval.outer)
    subtitle = f"Margin by yearly spend · {level} band · ● today ◆ proposed · hatched: never spent"
    if len(rows) < 2:
        return "What more or less spend should bring", subtitle
    slopes = budget.curves.slope_draws(budget.curves.current)
    first, second = rows[:2]
    chance = float((slopes[first] > slopes[second]).mean())
    if chance < 0.5:
        first, second, chance = second, first, 1 - chance
    word = CURRENCY_WORDS.get(budget.currency, "unit")
    one, other = (lowered(budget.lines[row].label) for row in (first, second))
    if chance < load_budget().interval.outer:
        return f"Next {word} in {one} or {other}: too close to call ({percent(chance)} for {one})", subtitle
    title = f"The next {word} earns more in {one} than in {other} ({percent(chance)} likely)"
    return title, subtitle
