"""What a change of the settings would do, before it is saved: who would be asked, rest or be ready that is not now."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.advocacy.guardrails import guardrails
from core.advocacy.next_ask import next_asks
from core.advocacy.score import score
from core.model.activities import load_activities
from core.month import Month
from core.services.advocacy_settings import Changes, laid_on
from core.services.advocates import STATE_WORDS, activity_labels, as_of_words, pool

NO_SCORE = "no score"
NO_ASK = "–"


@dataclass(frozen=True)
class Preview:
    """Who moves when the settings change.

    Attributes:
        answer: How many people move, in one sentence.
        known: How many contacts were looked at, as of which day and, where that is another one, when rests are judged.
        moves: One row per kind of move: From, To, People; the most people first.
        rows: One row per person who moves, those first for whom there is another thing to do: contact_id, Account,
            Person, and then and now each Readiness, What to do, Next ask and Ready for ("What to do then").
    """

    answer: str
    known: str
    moves: pd.DataFrame
    rows: pd.DataFrame

    @property
    def moved(self) -> int:
        """How many people move."""
        return len(self.rows)

    @property
    def shown(self) -> pd.DataFrame:
        """The rows for reading, then and now in one cell: Account, Person and what is compared."""
        rows = self.rows
        cells = {name: rows[name] for name in ("Account", "Person")}
        for name in ("What to do", "Next ask", "Readiness", "Ready for"):
            pairs = zip(rows[f"{name} then"], rows[f"{name} now"], strict=True)
            cells[name] = pd.Series([_then_now(then, now) for then, now in pairs], index=rows.index, dtype="str")
        return pd.DataFrame(cells)


def preview(month: Month, changes: Changes, day: dt.date | None = None) -> Preview:
    """Who moves when numbers change: another state, another next ask, or readiness for more or fewer activities.

    Nothing is saved, and what the month itself has computed stays as it is.

    Args:
        month: The newest month.
        changes: The new values, as `save_settings` takes them.
        day: Today, on which rests are judged; None is the month's last day.

    Raises:
        RuleBroken: Listing what is out of range, or what the rules as a whole forbid.
    """
    trial = replace(month, settings=laid_on(month, changes))
    inputs, rules = trial.advocacy_input, trial.advocacy_rules
    scores, lists = score(inputs, rules), month.on(day)
    guards = guardrails(inputs, rules, day=lists.day)
    asks = next_asks(inputs, scores, guards, rules, load_activities(), day=lists.day)
    now, then = _told(scores.contacts, asks), _told(month.scores.contacts, lists.next_asks)
    moved = np.flatnonzero((now[COMPARED] != then[COMPARED]).any(axis=1).to_numpy())
    people = pool(month, day)
    rows = pd.DataFrame({"contact_id": people["contact_id"], "Account": people["account_name"]})
    rows["Person"] = people["person"]
    for name in ("Readiness", *COMPARED):
        rows[f"{name} then"], rows[f"{name} now"] = then[name], now[name]
    rows = rows.take(moved)
    greatest = np.column_stack([rows[f"{name} then"] == rows[f"{name} now"] for name in COMPARED])
    rows = rows.take(np.lexsort(greatest.T[::-1])).reset_index(drop=True)
    known = f"of {len(people):,} contacts · {as_of_words(lists)}"
    return Preview(_answer(rows), known, _moves(rows), rows)


COMPARED = ["What to do", "Next ask", "Ready for"]


def _told(scores: pd.DataFrame, asks: pd.DataFrame) -> pd.DataFrame:
    """What is told of every contact, in the order of the contacts."""
    readiness = scores["readiness"].to_numpy(dtype=np.float64)
    activities = load_activities()
    least = np.sort([activities.activities[name].minimum_readiness for name in activities.ladder])
    rungs = pd.Series(np.searchsorted(least, np.nan_to_num(readiness, nan=-1.0), side="right"))
    words = {count: f"{count} of {len(least)} asks" for count in range(len(least) + 1)}
    return pd.DataFrame(
        {
            "Readiness": np.round(readiness),
            "What to do": asks["state"].map(STATE_WORDS).to_numpy(),
            "Next ask": asks["activity"].map(activity_labels()).astype("str").fillna(NO_ASK).to_numpy(),
            "Ready for": rungs.map(words).where(~np.isnan(readiness), NO_SCORE).to_numpy(),
        }
    )


def _then_now(then: object, now: object) -> str:
    """Both values with an arrow, or the one value that stayed."""
    before, after = _cell(then), _cell(now)
    return after if before == after else f"{before} → {after}"


def _cell(value: object) -> str:
    if not isinstance(value, float):
        return str(value)
    return NO_SCORE if np.isnan(value) else f"{value:.0f}"


def _moves(rows: pd.DataFrame) -> pd.DataFrame:
    """How many people go from one thing to do to another."""
    pairs = rows.rename(columns={"What to do then": "From", "What to do now": "To"})
    counts = pairs[pairs["From"] != pairs["To"]].groupby(["From", "To"]).size().rename("People").reset_index()
    return counts.sort_values(["People", "From", "To"], ascending=[False, True, True]).reset_index(drop=True)


def _answer(rows: pd.DataFrame) -> str:
    if rows.empty:
        return "Nobody moves"
    ask = STATE_WORDS["ask"]
    gained = int(((rows["What to do then"] != ask) & (rows["What to do now"] == ask)).sum())
    lost = int(((rows["What to do then"] == ask) & (rows["What to do now"] != ask)).sum())
    head = "1 person moves" if len(rows) == 1 else f"{len(rows):,} people move"
    parts = [f"{gained:,} more can be asked"] if gained else []
    parts += [f"{lost:,} can no longer be asked"] if lost else []
    return f"{head}: {', '.join(parts) or 'as many as before can be asked'}"
