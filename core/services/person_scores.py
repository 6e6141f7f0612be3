"""The three scores of one person, each with its signals and what changed since the month before."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from core.advocacy.changes import ScoreChange, score_changes
from core.advocacy.score import Scores, score
from core.glossary import display_month, plain_number
from core.model.advocacy import ScoreId
from core.month import Month
from core.services.profile import PartLine, part_lines, signal_labels

SCORE_LABELS: dict[ScoreId, str] = {"readiness": "Readiness", "health": "Health", "engagement": "Engagement"}
SCORE_HELP: dict[ScoreId, str] = {
    "readiness": "How ready this person is to speak for us: satisfaction, results, relationship, fit, willingness.",
    "health": "How well the account is doing, whoever is asked.",
    "engagement": "How much this person has been in touch with us lately.",
}
ORDER: tuple[ScoreId, ...] = ("readiness", "health", "engagement")
THEN_NOW = " → "
STAYED = "A measure that stands once is as it was: its points move as it ages, and as others come, go or age."
SMALL = 0.05
"""Points under which a signal counts as unchanged: less is not shown with one decimal."""


@dataclass(frozen=True)
class PersonScore:
    """One score of one person.

    Attributes:
        id: Which score.
        label: Its name.
        value: 0 to 100; None with `reason`.
        reason: Why there is no score; empty when there is one.
        coverage: Share of the score's weight for which a signal is present.
        parts: Its signals, most points first; their points sum to the score.
        change: Points since the month before; None with `change_words` saying why.
        change_words: The change and since when, in words.
        changes: Signal, change in points, and what was measured then and now, the greatest first; they sum to
            `change`.
    """

    id: ScoreId
    label: str
    value: float | None
    reason: str
    coverage: float
    parts: tuple[PartLine, ...]
    change: float | None
    change_words: str
    changes: tuple[tuple[str, float, str], ...]

    @property
    def finding(self) -> str:
        """What the score says, in one line."""
        return f"No {self.label.lower()} score" if self.value is None else f"{self.label} {self.value:.1f} of 100"

    @property
    def definition(self) -> str:
        """What the waterfall shows."""
        known = f"Points by signal; {100 * self.coverage:.0f} % of the weight is known."
        return f"{SCORE_HELP[self.id]} {known} {self.change_words}"

    @property
    def change_definition(self) -> str:
        """The change and since when; why a signal moved whose measure did not, where one did."""
        stayed = any(measured and THEN_NOW not in measured for _, _, measured in self.changes)
        return f"{self.change_words} {STAYED}" if stayed else self.change_words


def person_scores(month: Month, earlier: Month | None, contact_id: str) -> tuple[PersonScore, ...]:
    """The scores of one contact, readiness first.

    Args:
        month: The month.
        earlier: The month before; None where there is none.
        contact_id: Who; one of the month's contacts.
    """
    now = _of_account(month, contact_id)
    then = _of_account(earlier, contact_id) if earlier is not None else None
    labels = signal_labels(month)
    return tuple(_score(month, earlier, contact_id, name, now, then, labels) for name in ORDER)


def _of_account(month: Month, contact_id: str) -> Scores:
    """The scores of the contact's account alone: the whole pool is not worked out for one person."""
    inputs = month.advocacy_input
    accounts = set(inputs.contacts.loc[inputs.ids == contact_id, "account_id"])
    return score(inputs.of_accounts(accounts), month.advocacy_rules)


def _score(
    month: Month,
    earlier: Month | None,
    contact_id: str,
    name: ScoreId,
    now: Scores,
    then: Scores | None,
    labels: dict[str, str],
) -> PersonScore:
    row = now.contacts[now.contacts["contact_id"] == contact_id].iloc[0]
    found = score_changes(then, now, contact_id, name) if then is not None else ScoreChange(None, None, reason="")
    value = None if pd.isna(row[name]) else float(row[name])
    return PersonScore(
        id=name,
        label=SCORE_LABELS[name],
        value=value,
        reason="" if value is not None else str(row[f"{name}_reason"]),
        coverage=float(row["coverage" if name == "readiness" else f"{name}_coverage"]),
        parts=part_lines(now, contact_id, name, labels),
        change=found.change,
        change_words=_change_words(found, value, earlier),
        changes=_changes(found, labels),
    )


def _change_words(found: ScoreChange, value: float | None, earlier: Month | None) -> str:
    """The change and since when: the difference of the two scores as they are written, with one decimal."""
    if earlier is None:
        return "No earlier month to compare with."
    since = display_month(earlier.month)
    if found.change is None or value is None:
        return f"Change since {since} not known ({found.reason})."
    written = round(value, 1) - round(value - found.change, 1)
    if abs(written) < SMALL:
        return f"Unchanged since {since}."
    return f"{plain_number(written, 1, signed=True)} points since {since}."


def _changes(found: ScoreChange, labels: dict[str, str]) -> tuple[tuple[str, float, str], ...]:
    """Every signal that changed visibly, and the others together, so that nothing is left out of the sum."""
    if found.change is None or (abs(found.change) < SMALL and all(abs(line.change) < SMALL for line in found.signals)):
        return ()
    shown = [line for line in found.signals if abs(line.change) >= SMALL]
    lines = [(labels[line.signal], line.change, _measured(line.raw_then, line.raw_now)) for line in shown]
    rest = found.change - sum(change for _, change, _ in lines)
    return (*lines, ("All others", rest, "")) if abs(rest) >= SMALL else tuple(lines)


def _measured(then: str, now: str) -> str:
    """What was measured then and now; once where it is the same, as when a signal fades or its share moves."""
    return now if then == now else f"{then or 'nothing'}{THEN_NOW}{now or 'nothing'}"
