"""What changed in a score of a person since an earlier month, in words and by signal."""

from __future__ import annotations

from dataclasses import dataclass

from core.advocacy.changes import ScoreChange, score_changes
from core.advocacy.overrides import SET_BY_HAND, SET_BY_HAND_LABEL
from core.advocacy.score import Scores, score
from core.errors import CouncilError
from core.glossary import display, display_day, display_month
from core.model.advocacy import ScoreId
from core.month import Month

STILL = 0.5
"""Points below which a signal has no line of its own: scores are read in whole points."""
SEEN = 0.05
"""Points below which nothing can be seen of a change."""


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One signal: label, change in points, and what was measured then and now."""

    label: str
    change: float
    words: str


@dataclass(frozen=True)
class ChangeView:
    """What changed in a score since an earlier month.

    Attributes:
        title: The change in one line.
        subtitle: From when to when, and how to read it.
        then: The score then; None with `reason`.
        now: The score now; None with `reason`.
        lines: Signals whose points changed by half a point or more, the greatest change first, and what all others sum
            to where that can be seen; they sum to the change of the score.
        reason: Why there is nothing to tell; empty where there is something.
    """

    title: str
    subtitle: str
    then: float | None
    now: float | None
    lines: tuple[ChangeLine, ...]
    reason: str


def score_change(month: Month, earlier: Month, contact_id: str, name: ScoreId = "readiness") -> ChangeView:
    """What changed in a score of a contact between two months.

    Args:
        month: The later month.
        earlier: The earlier one, by the rules and records of that month.
        contact_id: Whose score.
        name: Which.

    Raises:
        CouncilError: The contact is not visible in the later month.
    """
    now = _account_scores(month, contact_id)
    if now is None:
        raise CouncilError(f'contact "{contact_id}" is not known on {display_day(month.as_of)}')
    before = _account_scores(earlier, contact_id)
    found = ScoreChange(None, None, reason="then: this person was not known") if before is None else score_changes(
        before, now, contact_id, name
    )  # fmt: skip
    span = f"{display_month(earlier.month)} to {display_month(month.month)}"
    labels = {str(signal): rule.label for signal, rule in month.advocacy_rules.signals.items()}
    return ChangeView(
        title=_title(name, found),
        subtitle=f"{span}; points by signal. Points also move when another signal comes, goes or fades",
        then=found.then,
        now=found.now,
        lines=_lines(found, labels | {SET_BY_HAND: SET_BY_HAND_LABEL}),
        reason=found.reason,
    )


def _account_scores(month: Month, contact_id: str) -> Scores | None:
    """Scores of the people of the contact's account: all a waterfall of one person needs."""
    inputs = month.advocacy_input
    own = inputs.contacts.loc[inputs.ids == contact_id, "account_id"]
    return None if own.empty else score(inputs.of_account(str(own.iloc[0])), month.advocacy_rules)


def _title(name: str, found: ScoreChange) -> str:
    change = found.change
    if change is None or found.now is None:
        return f"{name.capitalize()} cannot be compared"
    if abs(change) < SEEN:
        return f"{name.capitalize()} stands at {display(found.now, 'score')}, as before"
    verb = "rose" if change > 0 else "fell"
    return f"{name.capitalize()} {verb} by {display(abs(change), 'score')} to {display(found.now, 'score')}"


def _lines(found: ScoreChange, labels: dict[str, str]) -> tuple[ChangeLine, ...]:
    told = [line for line in found.signals if abs(line.change) >= STILL]
    rest = sum(line.change for line in found.signals if abs(line.change) < STILL)
    lines = [
        ChangeLine(labels.get(line.signal, line.signal), line.change, _words(line.raw_then, line.raw_now))
        for line in told
    ]
    return (*lines, ChangeLine("All others", rest, "")) if abs(rest) >= SEEN else tuple(lines)


def _words(then: str, now: str) -> str:
    if then == now:
        return now
    return f"{then or 'nothing'} → {now or 'nothing'}"
