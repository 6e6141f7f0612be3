"""One contact in full: the score by signal, the guardrails, the next ask."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from core.advocacy.guardrails import EVERY_ASK, GUARD_LABELS, GUARDS, USES, VERIFIED, GuardState
from core.advocacy.ladder import own_guards
from core.advocacy.overrides import SET_BY_HAND, SET_BY_HAND_LABEL
from core.advocacy.score import Scores, score
from core.errors import CouncilError
from core.glossary import display_day
from core.model.activities import ActivityId, Use, load_activities
from core.model.advocacy import ScoreId
from core.month import Month
from core.month.reuse import FROM_RECORDS, guards_of
from core.services.advocates import NO_DATE, STATE_WORDS, pool
from core.services.clock import local_day

__all__ = ["ActivityId", "GuardLine", "PartLine", "Profile", "profile"]


@dataclass(frozen=True)
class GuardLine:
    """One guardrail of one contact.

    Attributes:
        label: What it makes sure of.
        state: clear, blocked or not checked.
        reason: Why.
        until: First day the stop is gone by itself, in words; empty when it depends on somebody.
        unlocks: Table to load when not checked; else empty.
        guard: Id of the guardrail.
    """

    label: str
    state: str
    reason: str
    until: str = ""
    unlocks: str = ""
    guard: str = ""

    @property
    def use(self) -> Use | None:
        """The use whose consent would settle it: a word of the person is lacking, none stands against it."""
        use = next((use for use in USES if self.guard == f"consent_{use}"), None)
        open_question = self.state == "not checked" or self.reason.endswith("recorded") or "expired" in self.reason
        return use if use is not None and self.state != "clear" and open_question else None

    @property
    def wants_outcome(self) -> bool:
        """Whether an outcome the customer confirms would settle it."""
        return self.state != "clear" and self.guard in VERIFIED.values()

    @property
    def text(self) -> str:
        """What it says of this contact, once: the reason names what it is about, a missing check the table to load."""
        if self.state == "not checked":
            return f"{self.label}: load {self.unlocks}"
        return f"{self.reason} · until {self.until}" if self.until else self.reason


@dataclass(frozen=True)
class PartLine:
    """One signal of a score: points it adds and the raw value behind them; None when it is absent."""

    label: str
    points: float | None
    raw: str
    missing: str


@dataclass(frozen=True)
class Profile:
    """One contact: score by signal, guardrails, next ask.

    Attributes:
        contact_id: Id of the contact.
        name: Name, or the role where no name is loaded.
        role: Role and account.
        readiness: 0 to 100; None with `reason`.
        coverage: Share of the score's weight for which a signal is present.
        reason: Why there is no score; empty when there is one.
        parts: Signals of readiness, most points first; their points sum to it.
        guards: Every guardrail that concerns the next ask, or the one that was asked about; blocked first.
        activity: What to ask for; None when nobody should ask.
        towards: The nearest activity whatever the state; None when every ask is stopped.
        label: The nearest activity in words; empty when there is none.
        state: What to do, in words.
        why: Why now, or why not.
        earliest: First day of the ask, in words.
        asker: Who asks.
        rest: The rest after a No or until a deferral ends, where `state` has other reasons; else empty.
        waits: Whether an accepted ask of the person waits to be sent.
    """

    contact_id: str
    name: str
    role: str
    readiness: float | None
    coverage: float
    reason: str
    parts: tuple[PartLine, ...]
    guards: tuple[GuardLine, ...]
    activity: ActivityId | None
    towards: ActivityId | None
    label: str
    state: str
    why: str
    earliest: str
    asker: str
    rest: str = ""
    waits: bool = False

    @property
    def finding(self) -> str:
        """What the score says, in one line."""
        return "No readiness score" if self.readiness is None else f"Readiness {self.readiness:.1f} of 100"

    @property
    def guards_count(self) -> str:
        """How many guardrails are clear."""
        return f"{sum(guard.state == 'clear' for guard in self.guards)} of {len(self.guards)} guardrails clear"

    @property
    def guards_line(self) -> str:
        """How many guardrails are clear; where all are and the person rests, until when: a rest is no hard stop."""
        if any(guard.state != "clear" for guard in self.guards):
            return self.guards_count
        rests = self.state == STATE_WORDS["rest"].capitalize()
        until = f" until {self.earliest}" if self.earliest != NO_DATE else ""
        return f"No hard stop: {self.guards_count}" + (f"; resting{until}" if rests else "")

    @property
    def definition(self) -> str:
        """What the waterfall shows, and which signals it lacks."""
        absent = ", ".join(_in_line(part.label) for part in self.parts if part.points is None)
        known = f"Points by signal; {100 * self.coverage:.0f} % of the weight is known"
        return f"{known}. No value: {absent}" if absent else known


def profile_key(month: Month, contact_id: str, people: pd.DataFrame, day: dt.date | None = None) -> Hashable:
    """Everything the profile of a contact depends on: it stays where records of other accounts change.

    Args:
        month: The month.
        contact_id: Who.
        people: As `core.services.advocates.pool` returns it for the month and the day.
        day: Today; None is the month's last day.
    """
    inputs = month.advocacy_input
    at = inputs.positions(pd.Series([contact_id], dtype="str"))[0]
    of_account = np.flatnonzero(inputs.accounts == inputs.accounts[at]) if at >= 0 else np.array([], dtype=np.intp)
    # cell by cell: for so few rows pandas takes longer to cut and hash a frame
    recorded = [inputs.contacts[name].array[of_account].tolist() for name in FROM_RECORDS]
    return (
        month.facts.key,
        month.as_of,
        month.list_day(day),
        month.key.removeprefix(month.figures_key),
        inputs.loaded,
        inputs.stated,
        contact_id,
        tuple(mark[of_account].tobytes() for mark in inputs.marks.values()),
        repr(recorded),
        repr(people.iloc[at].tolist() if at >= 0 else []),
    )


def profile(
    month: Month, contact_id: str, people: pd.DataFrame | None = None, about: ActivityId | None = None,
    day: dt.date | None = None,
) -> Profile:  # fmt: skip
    """One contact in full.

    Args:
        month: The month.
        contact_id: Who.
        people: As `core.services.advocates.pool` returns it for the month and the day, where it is there already.
        about: Whose guardrails are wanted; None takes the nearest activity.
        day: Today, on which guardrails and rests are judged; None is the month's last day.

    Raises:
        CouncilError: The contact is not visible in that month: what is so, and on the next line what to do.
    """
    table = pool(month, day) if people is None else people
    found = table[table["contact_id"] == contact_id]
    if found.empty:
        raise CouncilError("\n".join(_nobody(month, contact_id)))
    row = found.iloc[0]

    def text(name: str) -> str:
        return "" if pd.isna(row[name]) else str(row[name])

    rules, inputs, account, on = month.advocacy_rules, month.advocacy_input, str(row["account_id"]), month.list_day(day)
    scores = score(inputs.of_account(account), rules)
    towards: ActivityId | None = None if pd.isna(row["towards"]) else row["towards"]
    role = ", ".join(filter(None, (text("persona"), text("account_name"))))
    return Profile(
        contact_id=contact_id,
        name=text("name"),
        role=text("account_name") if text("name") == text("persona") else role,
        readiness=None if pd.isna(row["readiness"]) else float(row["readiness"]),
        coverage=float(row["coverage"]),
        reason=text("readiness_reason"),
        parts=part_lines(scores, contact_id, "readiness", signal_labels(month)),
        guards=_guards(guards_of(month.facts.memory, inputs, rules, account, on), contact_id, about or towards),
        activity=None if pd.isna(row["activity"]) else row["activity"],
        towards=towards,
        label=text("label"),
        state=text("todo"),
        why=text("because"),
        earliest=text("earliest_text"),
        asker=text("asker"),
        rest=text("rest"),
        waits=_waits(month, contact_id),
    )


def _waits(month: Month, contact_id: str) -> bool:
    asks = month.advocacy_input.asks
    own = (asks["contact_id"] == contact_id) & (asks["state"] == "accepted")
    return bool(own.any())


def _nobody(month: Month, contact_id: str) -> tuple[str, str]:
    """Why there is no profile, and what to do; never the id, which may be all that is left of somebody erased."""
    people = month.records["people"]
    erased = people.loc[people["contact_id"] == contact_id, "erased_at"].dropna()
    if len(erased):
        day = display_day(local_day(erased.iloc[0].to_pydatetime()))
        return (
            f"This person was erased on {day} and is shown nowhere any more",
            "Nobody can ask, name or list them; sums still count what they did. Others at the account are in the Pool.",
        )
    return (
        f"This link leads to nobody who is known on {display_day(month.as_of)}",
        "It may be cut short, older than the data or from another company. Look for the person by name in the Pool.",
    )


def _in_line(label: str) -> str:
    """A label within a sentence, such as satisfaction (NPS) for Satisfaction: NPS."""
    head, _, tail = label.partition(": ")
    head = head[:1].lower() + head[1:]
    return f"{head} ({tail})" if tail else head


def part_lines(scores: Scores, contact_id: str, name: ScoreId, labels: dict[str, str]) -> tuple[PartLine, ...]:
    """The signals of one score of one contact, most points first, then what was set by hand, absent ones last."""
    parts = scores.parts
    own = parts[(parts["contact_id"] == contact_id) & (parts["score"] == name)]
    own = own.assign(absent=own["points"].isna(), by_hand=own["signal"] == SET_BY_HAND)
    return tuple(
        PartLine(
            label=labels[str(row["signal"])],
            points=None if pd.isna(row["points"]) else float(row["points"]),
            raw="" if pd.isna(row["raw"]) else str(row["raw"]),
            missing="" if pd.isna(row["why_missing"]) else str(row["why_missing"]),
        )
        for row in own.sort_values(["absent", "by_hand", "points"], ascending=[True, True, False]).to_dict("records")
    )


def signal_labels(month: Month) -> dict[str, str]:
    """What each line of a waterfall is called."""
    labels = {str(name): item.label for name, item in month.advocacy_rules.signals.items()}
    return labels | {SET_BY_HAND: SET_BY_HAND_LABEL}


@lru_cache(maxsize=16)
def _concern(activity: ActivityId | None) -> frozenset[str]:
    """Guards of every ask and of this activity; without one, those of every ask."""
    own = own_guards(load_activities().activities[activity]) if activity is not None else []
    return frozenset({*EVERY_ASK, *(GUARDS[column] for column in own)})


def _guards(guards: pd.DataFrame, contact_id: str, towards: ActivityId | None) -> tuple[GuardLine, ...]:
    own = guards[guards["contact_id"] == contact_id]
    order = {GuardState.BLOCKED: 0, GuardState.NOT_CHECKED: 1, GuardState.CLEAR: 2}
    rows = [row for row in own.to_dict("records") if row["guard"] in _concern(towards)]
    return tuple(
        GuardLine(
            label=GUARD_LABELS[str(row["guard"])],
            state=str(row["state"]).replace("_", " "),
            reason="" if pd.isna(row["reason"]) else str(row["reason"]),
            until="" if pd.isna(row["until"]) else display_day(row["until"].date()),
            unlocks="" if pd.isna(row["unlocks"]) else str(row["unlocks"]).replace("_", " "),
            guard=str(row["guard"]),
        )
        for row in sorted(rows, key=lambda row: order[GuardState(str(row["state"]))])
    )
