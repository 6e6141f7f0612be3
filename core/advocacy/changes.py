"""What changed in a score between two months, signal by signal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.advocacy.score import Scores
from core.model.advocacy import ScoreId


@dataclass(frozen=True, slots=True)
class SignalChange:
    """One signal then and now.

    Attributes:
        signal: Its id; `override` for a score set by hand.
        points_then: Points it added; 0 while it had no value.
        points_now: The same now.
        raw_then: What was measured, in words; else why it had no value.
        raw_now: The same now.
    """

    signal: str
    points_then: float
    points_now: float
    raw_then: str
    raw_now: str

    @property
    def change(self) -> float:
        """Points now less points then."""
        return self.points_now - self.points_then


@dataclass(frozen=True)
class ScoreChange:
    """A score of a contact then and now.

    Attributes:
        then: The score then; None with `reason`.
        now: The score now; None with `reason`.
        signals: Every signal of either, the greatest change first; their changes sum to the change of the score. Empty
            where one of the scores is None.
        reason: Why there is no change to tell; empty where there is one.
    """

    then: float | None
    now: float | None
    signals: tuple[SignalChange, ...] = ()
    reason: str = ""

    @property
    def change(self) -> float | None:
        """The score now less the score then; None where one of them is None."""
        return None if self.then is None or self.now is None else self.now - self.then


def score_changes(earlier: Scores, later: Scores, contact_id: str, score: ScoreId) -> ScoreChange:
    """How a score of a contact came from one month's value to another's.

    score now - score then = sum over signals of (points now - points then)

    A signal without a value has no points. Because the points of all signals share one denominator, those of a signal
    can change while its own value stands still: another signal came, went or faded.

    Args:
        earlier: Scores then.
        later: Scores now.
        contact_id: Whose.
        score: Which.

    Returns:
        The change; without signals and with a reason where a score is missing in one of the months, or the contact is.
    """
    then, why_then = _score(earlier, contact_id, score)
    now, why_now = _score(later, contact_id, score)
    if then is None or now is None:
        parts = (f"then: {why_then}" if then is None else "", f"now: {why_now}" if now is None else "")
        return ScoreChange(then, now, reason="; ".join(part for part in parts if part))
    before, after = _lines(earlier, contact_id, score), _lines(later, contact_id, score)
    nothing = (0.0, "")
    found = [SignalChange(name, before.get(name, nothing)[0], after.get(name, nothing)[0],
                          before.get(name, nothing)[1], after.get(name, nothing)[1])
             for name in dict.fromkeys((*before, *after))]  # fmt: skip
    return ScoreChange(then, now, tuple(sorted(found, key=lambda line: -abs(line.change))))


def _score(scores: Scores, contact_id: str, score: ScoreId) -> tuple[float | None, str]:
    rows = scores.contacts[scores.contacts["contact_id"] == contact_id]
    if rows.empty:
        return None, "this person was not known"
    value = float(rows[score].iloc[0])
    return (None, str(rows[f"{score}_reason"].iloc[0])) if np.isnan(value) else (value, "")


def _lines(scores: Scores, contact_id: str, score: ScoreId) -> dict[str, tuple[float, str]]:
    """Points and words of every signal; the words of an absent one say why it has no value."""
    parts = scores.parts
    own = parts[(parts["contact_id"] == contact_id) & (parts["score"] == score)]
    return {
        str(row["signal"]): (
            0.0 if pd.isna(row["points"]) else float(row["points"]),
            str(row["why_missing"] if pd.isna(row["raw"]) else row["raw"]),
        )
        for row in own.to_dict("records")
    }
