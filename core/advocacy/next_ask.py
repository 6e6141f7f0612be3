"""The next ask: what to ask each contact for, why now, from when, by whom; or why not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.advocacy.guardrails import EVERY_ASK, GUARD_LABELS, GUARDS
from core.advocacy.inputs import AdvocacyInput, Bools
from core.advocacy.ladder import Days, Ends, Ladder, Lane, climb, guard_table, lanes_of, own_guards, rest_ends
from core.advocacy.rests import DEFERRED, DONE, LASTING, resting, written_out
from core.advocacy.score import Scores
from core.advocacy.why import act_worths, why_now
from core.advocacy.wording import Words, joined, listed, same, under_threshold, worded, written
from core.glossary import display_day
from core.model.activities import ASKER_LABELS, Activities, ActivityId
from core.model.advocacy import AdvocacyRules
from core.stats.ids import places

NOT_A_DAY = np.datetime64("NaT", "D")
FAR = 99_999
"""Days to an unknown end of a rest: later than any known one."""

STATES = {
    Lane.ASK: "ask",
    Lane.REST: "rest",
    Lane.CULTIVATE: "cultivate",
    Lane.NOT_CHECKED: "not_checked",
    Lane.BLOCKED: "blocked",
    Lane.DONE: "rest",
    Lane.DECLINED: "blocked",
}


@dataclass(frozen=True, slots=True)
class _Choice:
    """The activity chosen for each contact: its column on the ladder, its lane, and the guards that concern it."""

    column: NDArray[np.intp]
    lane: NDArray[np.int8]
    concerns: Bools
    towards: pd.Series


def next_asks(
    inputs: AdvocacyInput,
    scores: Scores,
    guards: pd.DataFrame,
    rules: AdvocacyRules,
    activities: Activities,
    act_values: Mapping[str, float] | None = None,
    day: dt.date | None = None,
) -> pd.DataFrame:
    """The next ask of every contact.

    It is the lowest rung that was not done within its repeat interval, that the person has not said no to, that no hard
    stop, missing check, rest or low readiness stands against. Where there is none, the row says how far the nearest
    rung is: resting, to be cultivated, not checked, blocked, in this order.

    Args:
        inputs: The contacts as of a day.
        scores: As `score` returns them for the same contacts.
        guards: As `guardrails` returns them on that day; what is not in there counts as not checked.
        rules: Caps, cool-downs, triggers.
        activities: The ladder.
        act_values: Measured value of one completed act, by activity. [cents]
        day: The working day, on which rests and stops that end by themselves are judged and an ask is made.

    Returns:
        One row per contact, in the order of the input: contact_id; activity, null unless state is ask; towards, the
        nearest activity whatever the state, null when every ask is stopped; label of `towards`; why in words (the
        milestone, the rest or what is lacking; null when blocked or not checked); earliest, the first day of the ask,
        empty when that depends on somebody; asker; value_cents, expected value of the ask, NaN with value_reason; state
        (ask, rest, cultivate, blocked, not_checked); blocked_by and not_checked in words, null when there is nothing;
        rest, the rest after a no or of a deferral in words, of people whose state has other reasons, and rest_until,
        the first day it is over, empty when that depends on somebody.
    """
    day = day or inputs.as_of
    found = resting(inputs, rules, activities, day)
    told = written_out(inputs, found)
    readiness = _aligned(inputs, scores)
    ready = np.asarray(readiness["readiness"], dtype=np.float64)
    ladder = climb(inputs, ready, guard_table(inputs, guards), found, activities)
    ends = rest_ends(inputs, found, activities)
    choice = _choose(inputs, ladder, ends, activities)
    worths = act_worths(inputs, rules, activities, act_values or {})
    asking = choice.lane == Lane.ASK
    activity = choice.towards.where(asking)
    rest, rest_until = _hidden_rest(inputs, choice, told)
    return pd.DataFrame(
        {
            "contact_id": inputs.ids,
            "activity": activity,
            "towards": choice.towards,
            "label": _label(activities, choice),
            "why": _why(inputs, rules, activities, choice, readiness, told).column(),
            "earliest": _earliest(day, ladder, ends, choice, guards),
            "asker": _asker(inputs, activities, choice).column(),
            "value_cents": activity.map({name: worth.value_cents for name, worth in worths.items()}).astype("float64"),
            "value_reason": activity.map({name: worth.reason for name, worth in worths.items()}).astype("str"),
            "state": _state(choice.lane),
            "blocked_by": _blocked_by(ladder, choice, guards).column(),
            "not_checked": _not_checked(ladder, choice, guards).column(),
            "rest": rest.column(),
            "rest_until": rest_until,
        }
    )


def _aligned(inputs: AdvocacyInput, scores: Scores) -> pd.DataFrame:
    columns = scores.contacts[["readiness", "readiness_reason"]].reset_index(drop=True)
    return columns.reindex(places(inputs.ids, scores.contacts["contact_id"])).reset_index(drop=True)


def standings(
    inputs: AdvocacyInput, scores: Scores, rules: AdvocacyRules, activities: Activities, day: dt.date | None = None
) -> pd.Series:
    """The state of every contact as `next_asks` gives it, in the order of the input, without its words.

    The nearest activity is one of the least lane.
    """
    return _state(lanes_of(inputs, scores, rules, activities, day).min(axis=1))


def _state(lane: NDArray[np.int8]) -> pd.Series:
    return pd.Series(pd.array([STATES[one] for one in Lane], dtype="str").take(lane))


def _nearest(inputs: AdvocacyInput, ladder: Ladder, ends: Ends) -> tuple[NDArray[np.intp], NDArray[np.int8]]:
    """Column of the activity that is nearest for each contact, and its lane."""
    key = ladder.lanes * np.int32(10 * FAR)
    at = np.nonzero((ladder.lanes == Lane.REST) | (ladder.lanes == Lane.DONE))
    rest, done = ends.rest[at], ends.done[at]
    over = np.where(ladder.lanes[at] == Lane.DONE, np.fmax(done, rest), rest)
    days = (over - np.datetime64(inputs.as_of, "D")).astype(np.int64)
    key[at] += np.where(np.isnat(over), FAR, np.clip(days, 0, FAR - 1)).astype(np.int32)
    column = key.argmin(axis=1)
    return column, np.take_along_axis(ladder.lanes, column[:, None], axis=1)[:, 0]


def _choose(inputs: AdvocacyInput, ladder: Ladder, ends: Ends, activities: Activities) -> _Choice:
    column, lane = _nearest(inputs, ladder, ends)
    everywhere = np.asarray([guard in EVERY_ASK for guard in GUARDS])
    own = np.zeros((len(activities.ladder), len(GUARDS)), dtype=bool)
    for place, name in enumerate(activities.ladder):
        own[place, own_guards(activities.activities[name])] = True
    stopped = (ladder.guards.blocked & everywhere).any(axis=1)
    concerns = everywhere | (own[column] & ~stopped[:, None])
    named = worded(column, lambda place: activities.ladder[place]).column()
    return _Choice(column, lane, concerns, named.where(~stopped & (lane != Lane.DECLINED)))


def _chosen(table: NDArray[Any], choice: _Choice) -> NDArray[Any]:
    return np.take_along_axis(table, choice.column[:, None], axis=1)[:, 0]


def _why(
    inputs: AdvocacyInput,
    rules: AdvocacyRules,
    activities: Activities,
    choice: _Choice,
    readiness: pd.DataFrame,
    resting: pd.DataFrame,
) -> Words:
    least = choice.towards.map({name: item.minimum_readiness for name, item in activities.activities.items()})
    needed = np.asarray(least, dtype=np.float64)
    shown = under_threshold(readiness["readiness"].to_numpy(), needed)
    level = worded(shown, lambda value: f"readiness {value:g}")
    lacking = level + worded(needed, lambda value: f", {value:g} needed")
    lacking = lacking.where(lacking.present, "readiness not known: " + written(readiness["readiness_reason"]))
    kind = resting["rest"]
    words = why_now(inputs, rules, choice.towards).where(choice.lane == Lane.ASK)
    words = lacking.where(choice.lane == Lane.CULTIVATE, words)
    words = _rest_reason(inputs, choice, resting[kind != DONE]).where(choice.lane == Lane.REST, words)
    return _rest_reason(inputs, choice, resting[kind == DONE]).where(choice.lane == Lane.DONE, words)


def _rest_reason(inputs: AdvocacyInput, choice: _Choice, resting: pd.DataFrame) -> Words:
    """The rest that ends last among those that hold for the chosen activity."""
    own = choice.towards.take(inputs.positions(resting["contact_id"])).to_numpy()
    activity = resting["activity"].astype("str")
    resting = resting[(activity.isna() | (activity == own)).to_numpy(dtype=bool)]
    return written(resting["reason"]).take(_last(inputs, resting))


def _hidden_rest(inputs: AdvocacyInput, choice: _Choice, resting: pd.DataFrame) -> tuple[Words, pd.Series]:
    """Of `LASTING` rests the one that ends last, with its end, where neither the state nor its reasons tell of it."""
    resting = resting[resting["rest"].isin(LASTING)].reset_index(drop=True)
    open_or_resting = np.isin(choice.lane, [Lane.ASK, Lane.REST, Lane.DONE])
    spot = np.where(open_or_resting, -1, _last(inputs, resting))
    reason, until = written(resting["reason"]), resting["until"]
    told = until.where((resting["rest"] != DEFERRED).to_numpy())
    ends = worded(told, lambda end: f"; resting until {display_day(end)}")
    words = (reason + ends).where(ends.present, reason)
    return words.take(spot), pd.Series(until.array.take(spot, allow_fill=True))


def _last(inputs: AdvocacyInput, resting: pd.DataFrame) -> NDArray[np.intp]:
    """Row of the rest of each contact that ends last, one whose end is not known before all; -1 without any."""
    at = inputs.positions(resting["contact_id"])
    ordered = pd.DataFrame({"at": at, "until": resting["until"].array, "rest": resting["rest"].array})
    ordered = ordered.sort_values(["until", "rest"], na_position="last", kind="stable")
    last = ordered.drop_duplicates("at", keep="last")
    spot = np.full(len(inputs.contacts), -1, dtype=np.intp)
    spot[last["at"].to_numpy()] = last.index.to_numpy()
    return spot


def _earliest(day: dt.date, ladder: Ladder, ends: Ends, choice: _Choice, guards: pd.DataFrame) -> pd.Series:
    rest, done = _chosen(ends.rest, choice), _chosen(ends.done, choice)
    endless = _chosen(ladder.resting, choice) & np.isnat(rest)
    freed = _stops_end(ladder, choice, guards)
    today = np.datetime64(day, "D")
    first = np.select(
        [
            choice.lane == Lane.ASK,
            endless,
            choice.lane == Lane.REST,
            choice.lane == Lane.DONE,
            (choice.lane == Lane.BLOCKED) & ~np.isnat(freed),
        ],
        [today, NOT_A_DAY, rest, np.fmax(rest, done), np.fmax(freed, rest)],
        NOT_A_DAY,
    )
    return pd.Series(first.astype("datetime64[us]"))


def _stops_end(ladder: Ladder, choice: _Choice, guards: pd.DataFrame) -> Days:
    """First day every stop that concerns the choice has ended by itself; NaT when one will not or is not checked."""
    table = ladder.guards
    until = np.append(guards["until"].to_numpy().astype("datetime64[D]"), NOT_A_DAY)[table.row]
    stops = choice.concerns & table.blocked
    open_ended = (stops & np.isnat(until)).any(axis=1) | (choice.concerns & table.unchecked).any(axis=1)
    last = np.fmax.reduce(np.where(stops, until, NOT_A_DAY), axis=1)
    return np.where(open_ended, NOT_A_DAY, last)


def _label(activities: Activities, choice: _Choice) -> pd.Series:
    return choice.towards.map({name: item.label for name, item in activities.activities.items()}).astype("str")


def _asker(inputs: AdvocacyInput, activities: Activities, choice: _Choice) -> Words:
    strategic = {name.casefold() for name in activities.strategic_segments}
    close = inputs.contacts["segment"].str.casefold().isin(strategic).to_numpy(dtype=bool)
    towards = written(choice.towards)
    items = [activities.activities[cast(ActivityId, name)] for name in towards.texts]
    one_to_one = Words(towards.codes, [ASKER_LABELS[item.asker_strategic] for item in items])
    return one_to_one.where(close, Words(towards.codes, [ASKER_LABELS[item.asker] for item in items]))


def _blocked_by(ladder: Ladder, choice: _Choice, guards: pd.DataFrame) -> Words:
    shown = choice.concerns & ladder.guards.blocked & (choice.lane == Lane.BLOCKED)[:, None]
    reasons = written(guards["reason"])
    rows = np.where(shown, ladder.guards.row, -1)
    declined = same("said no to every activity that is left", len(rows)).where(choice.lane == Lane.DECLINED)
    return joined([declined, *(reasons.take(rows[:, column]) for column in range(len(GUARDS)))])


def _not_checked(ladder: Ladder, choice: _Choice, guards: pd.DataFrame) -> Words:
    shown = choice.concerns & ladder.guards.unchecked & (choice.lane != Lane.ASK)[:, None]
    unlocks = written(guards["unlocks"])
    table = np.append(unlocks.codes, -1)[ladder.guards.row]
    masks: list[Bools] = []
    words: list[str] = []
    for column, guard in enumerate(GUARDS):
        for code in np.unique(table[shown[:, column], column]):
            masks.append(shown[:, column] & (table[:, column] == code))
            hint = f" (load {unlocks.texts[code]})" if code >= 0 else ""
            words.append(GUARD_LABELS[guard] + hint)
    return listed(masks, words) if masks else same(None, len(shown))
