"""The ladder: for every contact and activity, whether it may be asked for now, later, or what stands against it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.advocacy.guardrails import EVERY_ASK, GUARDS, VERIFIED, GuardState
from core.advocacy.inputs import AdvocacyInput, Bools, Floats
from core.advocacy.rests import DONE
from core.model.activities import Activities, Activity
from core.stats.ids import numbered

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
        rest_until: First day no rest holds, contacts × activities; NaT when none holds or the end is unknown.
        resting: Whether any rest holds, contacts × activities; completion within the repeat interval left out.
        done_until: First day the activity may be repeated; NaT when it was not done.
        declined: Whether the person said no to it, contacts × activities.
    """

    lanes: NDArray[np.int8]
    guards: GuardTable
    rest_until: Days
    resting: Bools
    done_until: Days
    declined: Bools


def climb(
    inputs: AdvocacyInput, readiness: Floats, table: GuardTable, resting: pd.DataFrame, activities: Activities
) -> Ladder:
    """Put every contact on the ladder.

    A hard stop comes before everything; then a No of the person, completion within the repeat interval, a stop of this
    activity, a guard that was not checked, too little readiness, and last a rest.

    Args:
        inputs: The contacts as of a day.
        readiness: Readiness of each contact [0-100], NaN when too little is known.
        table: State of every guard.
        resting: As `rests` returns them.
        activities: The ladder.
    """
    blocked, unchecked = table.blocked, table.unchecked
    rest_until, resting_now, done_until = _rest_tables(inputs, resting, activities)
    declined = declined_by(inputs, activities)
    everywhere = [GUARDS.index(guard) for guard in EVERY_ASK]
    stopped = blocked[:, everywhere].any(axis=1)
    lanes = np.empty(declined.shape, dtype=np.int8)
    for column, name in enumerate(activities.ladder):
        activity = activities.activities[name]
        own = own_guards(activity)
        lanes[:, column] = np.select(
            [
                stopped,
                declined[:, column],
                ~np.isnat(done_until[:, column]),
                blocked[:, own].any(axis=1),
                unchecked[:, [*everywhere, *own]].any(axis=1),
                ~(readiness >= activity.minimum_readiness),
                resting_now[:, column],
            ],
            [Lane.BLOCKED, Lane.DECLINED, Lane.DONE, Lane.BLOCKED, Lane.NOT_CHECKED, Lane.CULTIVATE, Lane.REST],
            Lane.ASK,
        )
    return Ladder(lanes, table, rest_until, resting_now, done_until, declined)


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


def _rest_tables(inputs: AdvocacyInput, resting: pd.DataFrame, activities: Activities) -> tuple[Days, Bools, Days]:
    shape = (len(inputs.contacts), len(activities.ladder))
    until = np.full(shape, np.datetime64("NaT", "D"))
    held, endless = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    done = until.copy()
    everyone = inputs.positions(resting["contact_id"])
    ends = resting["until"].to_numpy().astype("datetime64[D]")
    kinds, about = (pd.Categorical(resting[name]) for name in ("rest", "activity"))
    pairs = pd.DataFrame({"kind": kinds.codes, "about": about.codes}).groupby(["kind", "about"], sort=False)
    for key, rows in pairs.indices.items():
        kind, activity = cast(tuple[int, int], key)
        at, days = everyone[rows], ends[rows]
        for column in [activities.ladder.index(about.categories[activity])] if activity >= 0 else range(shape[1]):
            if kinds.categories[kind] == DONE:
                done[at, column] = days
                continue
            held[at, column] = True
            endless[at, column] |= np.isnat(days)
            until[at, column] = np.fmax(until[at, column], days)
    return np.where(endless, np.datetime64("NaT", "D"), until), held, done


def declined_by(inputs: AdvocacyInput, activities: Activities) -> Bools:
    """Whom no activity is proposed any more: a stated no, a "never" for it, or a No on the latest answered day.

    Returns:
        Whether the person said no to it, contacts × activities.
    """
    asks = inputs.asks
    answered = asks[(asks["state"] == "sent") & asks["response"].notna()]
    by = [inputs.of_asks[answered.index.to_numpy()], numbered(answered["activity"])[0]]
    latest = answered.groupby(by, sort=False)["asked_on"].transform("max")
    last_word = answered[(answered["asked_on"] == latest) | latest.isna()]
    refused = last_word[last_word["response"] == "no"]
    against = inputs.interests[inputs.interests["stance"] == "no"]
    declined = np.zeros((len(inputs.contacts), len(activities.ladder)), dtype=bool)
    never = asks[asks["state"] == "never"]
    for rows, of in ((refused, inputs.of_asks), (never, inputs.of_asks), (against, inputs.of_interests)):
        at = of[rows.index.to_numpy()]
        column = pd.Index(activities.ladder).get_indexer(pd.Index(rows["activity"]))
        seen = (at >= 0) & (column >= 0)
        declined[at[seen], column[seen]] = True
    return declined
