"""The same rules for one contact at the moment of saving: what changed since the list was drawn is caught here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from core.advocacy.guardrails import EVERY_ASK, GUARDS, GuardState, guardrails
from core.advocacy.inputs import AdvocacyInput
from core.advocacy.ladder import declined_by, own_guards
from core.advocacy.rests import rests
from core.advocacy.score import score
from core.advocacy.wording import under_threshold
from core.errors import RuleBroken
from core.model.activities import Activities, Activity, ActivityId
from core.model.advocacy import AdvocacyRules
from core.stats.ids import known


@dataclass(frozen=True, slots=True)
class Objection:
    """One reason against an ask.

    Attributes:
        kind: blocked (a hard stop, never to be overridden), not_checked (a table is not loaded), declined (the person
            said no to it), not_ready (readiness), rest (a cap, a cool-down, or done within its repeat interval).
        about: The guard, the rest, or `readiness`.
        text: The reason in words.
        until: First day it is gone by itself; None when that depends on somebody.
        unlocks: Table to load when not checked; else None.
    """

    kind: Literal["blocked", "not_checked", "declined", "not_ready", "rest"]
    about: str
    text: str
    until: dt.date | None = None
    unlocks: str | None = None


def check_ask(
    inputs: AdvocacyInput,
    contact_id: str,
    activity: ActivityId,
    rules: AdvocacyRules,
    activities: Activities,
    day: dt.date | None = None,
) -> list[Objection]:
    """Every reason against asking one contact for one activity.

    Args:
        inputs: As of the day of the ask, read afresh; all contacts or those of the contact's account.
        contact_id: Whom to ask.
        activity: What for.
        rules: Scores, stops, caps and cool-downs.
        activities: The ladder.
        day: The working day, as `rests` and `guardrails` take it.

    Returns:
        Hard stops first; empty when nothing stands against the ask. Of the rows of `next_asks` of the same day exactly
        those in state ask give an empty list for their activity.

    Raises:
        RuleBroken: When the activity is none of the model file, or the contact is not visible on that day.
    """
    (found,) = check_asks(inputs, [(contact_id, activity)], rules, activities, day=day)
    return found


def check_asks(
    inputs: AdvocacyInput,
    asks: Sequence[tuple[str, ActivityId]],
    rules: AdvocacyRules,
    activities: Activities,
    scores: pd.DataFrame | None = None,
    day: dt.date | None = None,
) -> list[list[Objection]]:
    """As `check_ask` for many asks, each judged by itself, as if none of the others were made.

    Args:
        inputs: As of the day of the asks.
        asks: Whom to ask for what.
        rules: Scores, stops, caps and cool-downs.
        activities: The ladder.
        scores: As `Scores.contacts` of that very input, where they are known.
        day: As in `check_ask`.

    Returns:
        For each ask, in the order given, every reason against it.

    Raises:
        RuleBroken: As `check_ask`.
    """
    at = inputs.positions(pd.Series([contact for contact, _ in asks], dtype="str"))
    for (contact, activity), place in zip(asks, at, strict=True):
        if activity not in activities.activities:
            every = ", ".join(activities.ladder)
            raise RuleBroken(f'"{activity}" is not an activity; choose one of {every}.')
        if place < 0:
            raise RuleBroken(f'Contact "{contact}" is not known on {inputs.as_of.isoformat()}; nothing was asked.')
    part = inputs.of_accounts(set(inputs.contacts["account_id"].take(at)))
    own = score(part, rules).contacts if scores is None else scores[known(scores["contact_id"], part.ids)]
    return objections(part, asks, own, guardrails(part, rules, day=day), rules, activities, day)


def objections(
    inputs: AdvocacyInput,
    asks: Sequence[tuple[str, ActivityId]],
    scores: pd.DataFrame,
    guards: pd.DataFrame,
    rules: AdvocacyRules,
    activities: Activities,
    day: dt.date | None = None,
) -> list[list[Objection]]:
    """The reasons against each ask, where scores and guardrails are known already.

    Args:
        inputs: The contacts concerned, no others are needed.
        asks: Whom to ask for what; every contact is one of the input.
        scores: As `Scores.contacts`, of those contacts at least.
        guards: As `guardrails` returns them on the day, of those contacts at least.
        rules: Caps and cool-downs.
        activities: The ladder.
        day: As in `check_ask`.
    """
    resting, declined = rests(inputs, rules, activities, day), declined_by(inputs, activities)
    readiness = {
        str(name): (float(value), str(reason))
        for name, value, reason in zip(
            scores["contact_id"], scores["readiness"], scores["readiness_reason"], strict=True
        )
    }
    by_contact = {
        name: dict(list(frame.groupby("contact_id"))) for name, frame in (("guard", guards), ("rest", resting))
    }
    at = inputs.positions(pd.Series([contact for contact, _ in asks], dtype="str"))
    found = []
    for (contact, activity), place in zip(asks, at, strict=True):
        wanted = activities.activities[activity]
        found.append(
            [
                *_stops(by_contact["guard"][contact], wanted),
                *_said_no(bool(declined[place, activities.ladder.index(activity)]), wanted),
                *_not_ready(*readiness[contact], wanted),
                *_resting(by_contact["rest"].get(contact, resting.iloc[:0]), activity),
            ]
        )
    return found


def _stops(guards: pd.DataFrame, wanted: Activity) -> list[Objection]:
    concern = {*EVERY_ASK, *(GUARDS[column] for column in own_guards(wanted))}
    rows = guards[guards["guard"].isin(list(concern)) & (guards["state"] != GuardState.CLEAR)]
    blocked = rows[rows["state"] == GuardState.BLOCKED]
    unchecked = rows[rows["state"] == GuardState.NOT_CHECKED]
    stops = [
        Objection("blocked", str(row.guard), str(row.reason), _date(row.until))
        for row in blocked.itertuples(index=False)
    ]
    open_questions = [
        Objection("not_checked", str(row.guard), str(row.reason), unlocks=str(row.unlocks))
        for row in unchecked.itertuples(index=False)
    ]
    return stops + open_questions


def _said_no(declined: bool, wanted: Activity) -> list[Objection]:
    return [Objection("declined", "declined", f"said no to: {wanted.label}")] if declined else []


def _not_ready(readiness: float, reason: str, wanted: Activity) -> list[Objection]:
    if readiness >= wanted.minimum_readiness:
        return []
    (shown,) = under_threshold(np.array([readiness]), np.array([wanted.minimum_readiness]))
    known = f"readiness {shown:g}, {wanted.minimum_readiness:g} needed"
    return [Objection("not_ready", "readiness", f"readiness not known: {reason}" if np.isnan(readiness) else known)]


def _resting(resting: pd.DataFrame, activity: ActivityId) -> list[Objection]:
    rows = resting[resting["activity"].isna() | (resting["activity"] == activity)]
    return [Objection("rest", str(row.rest), str(row.reason), _date(row.until)) for row in rows.itertuples(index=False)]


def _date(day: object) -> dt.date | None:
    return day.date() if isinstance(day, pd.Timestamp) else None
