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
    unsettled = unchecked[:, everywhere].any(axis=1)
    for column, name in enumerate(activities.ladder):
        activity = activities.activities[name]
        own = own_guards(activity)
        lane = np.where(resting_now[:, column], np.int8(Lane.REST), np.int8(Lane.ASK))  # what comes later wins
        lane[~(readiness >= activity.minimum_readiness)] = Lane.CULTIVATE
        lane[unsettled | unchecked[:, own].any(axis=1)] = Lane.NOT_CHECKED
        lane[blocked[:, own].any(axis=1)] = Lane.BLOCKED
        lane[~np.isnat(done_until[:, column])] = Lane.DONE
        lane[declined[:, column]] = Lane.DECLINED
        lane[stopped] = Lane.BLOCKED
        lanes[:, column] = lane
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
    never = np.datetime64("NaT", "D")
    until, done = np.full(shape, never), np.full(shape, never)
    held, endless = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    # a rest from every activity is worked out once and laid beside all of them at the end
    whole = np.full(shape[0], never), np.zeros(shape[0], dtype=bool), np.zeros(shape[0], dtype=bool)
    everyone = inputs.positions(resting["contact_id"])
    ends = resting["until"].to_numpy().astype("datetime64[D]")
    kinds, about = (pd.Categorical(resting[name]) for name in ("rest", "activity"))
    pairs = pd.DataFrame({"kind": kinds.codes, "about": about.codes}).groupby(["kind", "about"], sort=False)
    for key, rows in pairs.indices.items():
        kind, activity = cast(tuple[int, int], key)
        at, days = everyone[rows], ends[rows]
        column = activities.ladder.index(about.categories[activity]) if activity >= 0 else None
        if kinds.categories[kind] == DONE:
            done[at, column] = days
            continue
        last, rests, open_ended = whole if column is None else (table[:, column] for table in (until, held, endless))
        rests[at] = True
        open_ended[at] |= np.isnat(days)
        last[at] = np.fmax(last[at], days)
    until = np.fmax(until, whole[0][:, None])
    until[endless | whole[2][:, None]] = never
    return until, held | whole[1][:, None], done


def declined_by(inputs: AdvocacyInput, activities: Activities) -> Bools:
    """Whom no activity is proposed any more: a stated no, a "never" for it, or a No on the latest answered day.

    Returns:
        Whether the person said no to it, contacts × activities.
    """
    n, rungs = len(inputs.contacts), len(activities.ladder)
    asks, of, column = inputs.asks, inputs.of_asks, _columns(inputs.asks["activity"], activities)
    own = (of >= 0) & (column >= 0)
    answered = np.flatnonzero(
        own & (asks["state"] == "sent").to_numpy(dtype=bool) & asks["response"].notna().to_numpy()
    )
    pair, days = of[answered] * rungs + column[answered], asks["asked_on"].to_numpy().view(np.int64)[answered]
    latest = np.full(n * rungs, np.iinfo(np.int64).min)  # that of no day
    np.maximum.at(latest, pair, days)
    refused = (asks["response"].take(answered) == "no").to_numpy(dtype=bool)
    declined = np.zeros(n * rungs, dtype=bool)
    declined[pair[refused & (days == latest[pair])]] = True
    never = np.flatnonzero(own & (asks["state"] == "never").to_numpy(dtype=bool))
    declined[of[never] * rungs + column[never]] = True
    against = np.flatnonzero((inputs.interests["stance"] == "no").to_numpy(dtype=bool) & (inputs.of_interests >= 0))
    about = _columns(inputs.interests["activity"].take(against), activities)
    declined[(inputs.of_interests[against] * rungs + about)[about >= 0]] = True
    return declined.reshape(n, rungs)


def _columns(names: pd.Series, activities: Activities) -> NDArray[np.intp]:
    """Column on the ladder of each activity; -1 for one that is not on it."""
    codes, different = numbered(names)
    return np.append(pd.Index(activities.ladder).get_indexer(different), -1)[codes]
