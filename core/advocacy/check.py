"""The same rules for one contact at the moment of saving: what changed since the list was drawn is caught here."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from core.advocacy.guardrails import EVERY_ASK, GUARDS, GuardState, guardrails
from core.advocacy.inputs import AdvocacyInput
from core.advocacy.ladder import climb, guard_table, own_guards
from core.advocacy.rests import rests
from core.advocacy.score import score
from core.errors import RuleBroken
from core.model.activities import Activities, Activity, ActivityId
from core.model.advocacy import AdvocacyRules


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
    inputs: AdvocacyInput, contact_id: str, activity: ActivityId, rules: AdvocacyRules, activities: Activities
) -> list[Objection]:
    """Every reason against asking one contact for one activity on `inputs.as_of`.

    Args:
        inputs: As of the day of the ask, read afresh; all contacts or those of the contact's account.
        contact_id: Whom to ask.
        activity: What for.
        rules: Scores, stops, caps and cool-downs.
        activities: The ladder.

    Returns:
        Hard stops first; empty when nothing stands against the ask. Of the rows of `next_asks` exactly those in state
        ask give an empty list for their activity.

    Raises:
        RuleBroken: When the activity is none of the model file, or the contact is not visible on that day.
    """
    if activity not in activities.activities:
        known = ", ".join(activities.ladder)
        raise RuleBroken(f'"{activity}" is not an activity; choose one of {known}.')
    row = inputs.contacts[inputs.ids == contact_id]
    if row.empty:
        raise RuleBroken(f'Contact "{contact_id}" is not known on {inputs.as_of.isoformat()}; nothing was asked.')
    account = inputs.of_account(str(row["account_id"].iloc[0]))
    at = int(np.flatnonzero((account.ids == contact_id).to_numpy())[0])
    scores, guards, resting = score(account, rules), guardrails(account, rules), rests(account, rules, activities)
    readiness = scores.contacts["readiness"].to_numpy(dtype=np.float64)
    ladder = climb(account, readiness, guard_table(account, guards), resting, activities)
    wanted = activities.activities[activity]
    column = activities.ladder.index(activity)
    return [
        *_stops(guards[guards["contact_id"] == contact_id], wanted),
        *_said_no(bool(ladder.declined[at, column]), wanted),
        *_not_ready(float(readiness[at]), str(scores.contacts["readiness_reason"].iloc[at]), wanted),
        *_resting(resting[resting["contact_id"] == contact_id], activity),
    ]


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
    known = f"readiness {np.floor(readiness):.0f}, {wanted.minimum_readiness:g} needed"
    return [Objection("not_ready", "readiness", f"readiness not known: {reason}" if np.isnan(readiness) else known)]


def _resting(resting: pd.DataFrame, activity: ActivityId) -> list[Objection]:
    rows = resting[resting["activity"].isna() | (resting["activity"] == activity)]
    return [Objection("rest", str(row.rest), str(row.reason), _date(row.until)) for row in rows.itertuples(index=False)]


def _date(day: object) -> dt.date | None:
    return day.date() if isinstance(day, pd.Timestamp) else None
