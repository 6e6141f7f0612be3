"""The ladder: for every contact and activity, whether it may be asked for now, later, or what stands against it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.advocacy.guardrails import EVERY_ASK, GUARDS, VERIFIED, GuardState, settled
from core.advocacy.inputs import AdvocacyInput, Bools, Floats
from core.advocacy.rests import DONE, Rest, resting
from core.advocacy.score import Scores
from core.advocacy.shape import latest_of
from core.advocacy.wording import Words
from core.model.activities import Activities, Activity
from core.model.advocacy import AdvocacyRules

Days = NDArray[np.datetime64]


class Lane(IntEnum):
    """How far one activity is for one contact; the least is taken first."""

    ASK = 0
    REST = 1
    CULTIVATE = 2
    NOT_CHECKED = 3
    BLOCKED = 4
    DONE = 5
    DECLINED = 6


@dataclass(frozen=True, slots=True)
class GuardTable:
    """The guard rows by contact (rows, as the input) and guard (columns, as `GUARDS`).

    Attributes:
        row: Place of each guard row in its frame; -1 where the frame lacks it.
        blocked: Whether the guard is blocked.
        unchecked: Whether it is not checked; a row that is lacking counts as not checked.
    """

    row: NDArray[np.intp]
    blocked: Bools
    unchecked: Bools


@dataclass(frozen=True, slots=True)
class Ladder:
    """Every contact (rows, as the input) against every activity (columns, from the lowest rung).

    Attributes:
        lanes: `Lane` values, contacts × activities.
        guards: State of every guard.
        resting: Whether any rest holds, contacts × activities; completion within the repeat interval left out.
    """

    lanes: NDArray[np.int8]
    guards: GuardTable
    resting: Bools


@dataclass(frozen=True, slots=True)
class Ends:
    """When rests are over, contacts × activities.

    Attributes:
        rest: First day no rest holds; NaT when none holds or the end is unknown.
        done: First day the activity may be repeated; NaT when it was not done.
    """

    rest: Days
    done: Days


def climb(
    inputs: AdvocacyInput, readiness: Floats, table: GuardTable, rests: Sequence[Rest], activities: Activities
) -> Ladder:
    """Put every contact on the ladder.

    A hard stop comes before everything; then a No of the person, completion within the repeat interval, a stop of this
    activity, a guard that was not checked, too little readiness, and last a rest.

    Args:
        inputs: The contacts as of a day.
        readiness: Readiness of each contact [0-100], NaN when too little is known.
        table: State of every guard.
        rests: As `resting` returns them.
        activities: The ladder.
    """
    n, rungs = len(inputs.contacts), len(activities.ladder)
    done, held = np.zeros((rungs, n), dtype=bool), np.zeros((rungs, n), dtype=bool)
    whole = np.zeros(n, dtype=bool)
    for rest in rests:
        if rest.activity is None:
            whole[rest.at] = True
        else:
            (done if rest.kind == DONE else held)[_rungs(rest.activity, activities), rest.at] = True
    held |= whole
    declined = declined_by(inputs, activities)
    everywhere = [GUARDS.index(guard) for guard in EVERY_ASK]
    stopped, unsettled = np.flatnonzero(_any(table.blocked, everywhere)), _any(table.unchecked, everywhere)
    lanes = np.empty((rungs, n), dtype=np.int8)
    for rung, name in enumerate(activities.ladder):
        activity = activities.activities[name]
        own = own_guards(activity)
        against = {  # the highest lane wins
            Lane.REST: held[rung],
            Lane.CULTIVATE: ~(readiness >= activity.minimum_readiness),
            Lane.NOT_CHECKED: unsettled | _any(table.unchecked, own),
            Lane.BLOCKED: _any(table.blocked, own),
            Lane.DONE: done[rung],
            Lane.DECLINED: declined[:, rung],
        }
        lanes[rung] = np.maximum.reduce([np.int8(lane) * holds for lane, holds in against.items()])
        lanes[rung, stopped] = Lane.BLOCKED
    return Ladder(lanes.T, table, held.T)


def lanes_of(
    inputs: AdvocacyInput, scores: Scores, rules: AdvocacyRules, activities: Activities, day: dt.date | None
) -> NDArray[np.int8]:
    """How far every activity is for every contact, without a word, for who only counts.

    Args:
        inputs: The contacts as of a day.
        scores: As `score` returns them for the same contacts.
        rules: Caps and cool-downs.
        activities: The ladder.
        day: The working day, as `resting` and `settled` take it.

    Returns:
        `Lane` values, contacts × activities.
    """
    blocked, unchecked = settled(inputs, rules, day)
    rows = np.broadcast_to(np.intp(-1), blocked.shape)  # no frame of guards is read
    readiness = np.full(len(inputs.ids), np.nan)
    at = inputs.positions(scores.numbers["contact_id"])
    readiness[at[at >= 0]] = scores.numbers["readiness"].to_numpy(dtype=np.float64)[at >= 0]
    found = resting(inputs, rules, activities, day)
    return climb(inputs, readiness, GuardTable(rows, blocked, unchecked), found, activities).lanes


def _any(table: Bools, columns: Sequence[int]) -> Bools:
    """Whether any of some guards holds for each contact."""
    found: Bools = np.logical_or.reduce([table[:, column] for column in columns])
    return found


def _rungs(activity: Words, activities: Activities) -> NDArray[np.intp]:
    """Rung of each of some activities."""
    return np.array([activities.ladder.index(name) for name in activity.texts], dtype=np.intp)[activity.codes]


def rest_ends(inputs: AdvocacyInput, rests: Sequence[Rest], activities: Activities) -> Ends:
    """When the rests of every contact are over; one whose end is unknown hides the others.

    Args:
        inputs: The contacts as of a day.
        rests: As `resting` returns them.
        activities: The ladder.
    """
    shape, never = (len(inputs.contacts), len(activities.ladder)), np.datetime64("NaT", "D")
    until, done = np.full(shape, never), np.full(shape, never)
    # a rest from every activity is worked out once and laid beside all of them at the end
    whole, open_ended = np.full(shape[0], never), np.zeros(shape[0], dtype=bool)
    for rest in rests:
        days = rest.until.astype("datetime64[D]")
        if rest.activity is None:
            whole[rest.at] = np.fmax(whole[rest.at], days)
            open_ended[rest.at] |= np.isnat(days)
            continue
        place = rest.at, _rungs(rest.activity, activities)
        table = done if rest.kind == DONE else until
        table[place] = np.fmax(table[place], days)
    until = np.fmax(until, whole[:, None])
    until[open_ended] = never
    return Ends(until, done)


def own_guards(activity: Activity) -> list[int]:
    """Columns of `GUARDS` that concern this activity alone: its proof of value and its consents."""
    names = [VERIFIED[activity.needs_verified], *(f"consent_{use}" for use in activity.consent)]
    return [GUARDS.index(name) for name in names]


def guard_table(inputs: AdvocacyInput, guards: pd.DataFrame) -> GuardTable:
    """Lay the rows of `guardrails`, in whatever order, beside the contacts; a row it lacks counts as not checked."""
    at = _positions(inputs, guards["contact_id"])
    column = pd.Index(GUARDS).get_indexer(pd.Index(guards["guard"].astype("category").cat.categories))
    column = np.append(column, -1)[guards["guard"].astype("category").cat.codes]
    known = np.flatnonzero((at >= 0) & (column >= 0))
    row = np.full((len(inputs.contacts), len(GUARDS)), -1, dtype=np.intp)
    row[at[known], column[known]] = known
    blocked = _laid(row, guards["state"] == GuardState.BLOCKED)
    return GuardTable(row, blocked, ~blocked & ~_laid(row, guards["state"] == GuardState.CLEAR))


def _laid(row: NDArray[np.intp], flags: pd.Series) -> Bools:
    return np.append(flags.to_numpy(dtype=bool), False)[row]


def _positions(inputs: AdvocacyInput, contact_ids: pd.Series) -> NDArray[np.intp]:
    """Rows of the contacts; without look-ups when the ids stand in the input's order, block after block."""
    n = len(inputs.ids)
    blocks, rest = divmod(len(contact_ids), n) if n else (0, 0)
    if not rest and all(bool((contact_ids.array[k * n : k * n + n] == inputs.ids.array).all()) for k in range(blocks)):
        return np.tile(np.arange(n, dtype=np.intp), blocks)
    return inputs.positions(contact_ids)


def declined_by(inputs: AdvocacyInput, activities: Activities) -> Bools:
    """Whom no activity is proposed any more: a stated no, a "never" for it, or a No on the latest answered day.

    Returns:
        Whether the person said no to it, contacts × activities.
    """
    n, rungs = len(inputs.contacts), len(activities.ladder)
    state, response = inputs.ask_codes["state"], inputs.ask_codes["response"]
    column = inputs.ask_codes["activity"].among(activities.ladder)
    own, pair = (inputs.of_asks >= 0) & (column >= 0), column * n + inputs.of_asks
    answered = own & state.said("sent") & (response.places >= 0)
    refused = answered & response.said("no")
    ever = np.zeros(rungs * n, dtype=bool)
    ever[pair[refused]] = True
    rows = np.flatnonzero(answered)
    rows = rows[ever[pair[rows]]]  # where no answer was a no, none can be the last
    group, pairs = pd.factorize(pair[rows])
    days = inputs.asks["asked_on"].to_numpy()[rows]
    last = latest_of(group, days, len(pairs))
    stands = refused[rows] & (days.view(np.int64) == last.view(np.int64)[group])
    declined = np.zeros(rungs * n, dtype=bool)
    declined[pair[rows[stands]]] = True
    declined[pair[own & state.said("never")]] = True
    stance, of = inputs.interest_codes["stance"], inputs.of_interests
    about = inputs.interest_codes["activity"].among(activities.ladder)
    against = np.flatnonzero(stance.said("no") & (of >= 0) & (about >= 0))
    declined[about[against] * n + of[against]] = True
    return declined.reshape(rungs, n).T
