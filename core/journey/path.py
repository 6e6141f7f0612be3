"""The path of a month: every customer at its furthest stage, who waits too long there, who has gone silent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.journey.inputs import PathInput
from core.journey.landmarks import NEVER, Days, Landmarks, landmarks
from core.journey.steps import DAY, Step, path_steps
from core.model.journey import STAGES, JourneyRules, StageId
from core.stats.ids import places

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class StageCount:
    """Active accounts at one stage. Money in cents.

    Attributes:
        id: The stage.
        unknown: Why nobody knows who has reached it; None where it is known.
        here: Accounts whose furthest stage it is; each active account is counted at one stage.
        here_arr: Their ARR.
        late: Of those, the ones that wait for the next stage longer than its limit.
        late_arr: Their ARR.
        reached: Accounts that have reached it, wherever they stand now.
        reached_arr: Their ARR.
        not_recorded: Accounts that stand further on although this stage is not on record for them.
        silent: Accounts that stand here and are silent; None where silence is not known.
    """

    id: StageId
    unknown: str | None
    here: int
    here_arr: int
    late: int
    late_arr: int
    reached: int
    reached_arr: int
    not_recorded: int
    silent: int | None


@dataclass(frozen=True, eq=False)
class Path:
    """Where the customers of a month, or of one of its segments, stand.

    Attributes:
        as_of: Last visible day.
        accounts: One row per active account: account_id, account_name, segment, owner, stay_from, arr_cents, stage,
            since (day it reached the stage, or its present stay began), waiting_days, next_stage (missing at the end),
            usual_days and limit_from (missing where nobody is late, see `Step`), late, last_give_on, last_answer_on,
            silent_days (missing where not known), silent, watched, and `<stage>_on` for every stage: the day since
            which it holds, missing where it is not on record or no longer holds.
        stages: One count per stage, in the order of the path.
        steps: Steps between the stages that are known.
        silence_unknown: Why nobody knows who is silent; None where it is known.
    """

    as_of: dt.date
    accounts: pd.DataFrame
    stages: tuple[StageCount, ...]
    steps: tuple[Step, ...]
    silence_unknown: str | None

    @property
    def leak(self) -> Step | None:
        """The step before which most ARR is late; None when nobody is."""
        late = {stage.id: stage.late_arr for stage in self.stages}
        worst = max(self.steps, key=lambda step: late[step.start], default=None)
        return worst if worst is not None and late[worst.start] > 0 else None


def customer_path(data: PathInput, rules: JourneyRules) -> Path:
    """Where every active account stands.

    An account stands at the furthest stage it has reached, whether or not the ones before are on record. It waits
    there since the day it reached the stage, a promoter since the present spell began, or since its present stay
    began if that was later.

    Args:
        data: The company.
        rules: Stages and rules.
    """
    marks = landmarks(data, rules)
    steps = path_steps(data, marks, rules)
    unknown = _silence_unknown(data)
    frame = _with_silence(data, _standings(data, marks, steps), rules, unknown)
    return Path(data.as_of, frame, _counts(frame, marks.unknown, unknown), steps, unknown)


def segment_path(data: PathInput, whole: Path, segment: str, rules: JourneyRules) -> Path:
    """The path of one segment; an account is late by the limit of the whole company, so segments sum to it.

    Args:
        data: The company.
        whole: Its path.
        segment: Segment of the accounts on the last visible day.
        rules: Stages and rules.
    """
    marks = landmarks(data, rules)
    frame = whole.accounts[whole.accounts["segment"] == segment].reset_index(drop=True)
    steps = tuple(
        replace(step, usual_days=of_all.usual_days, limit_from=of_all.limit_from)
        for step, of_all in zip(path_steps(data, marks, rules, segment), whole.steps, strict=True)
    )
    return Path(whole.as_of, frame, _counts(frame, marks.unknown, whole.silence_unknown), steps, whole.silence_unknown)


def _standings(data: PathInput, marks: Landmarks, steps: tuple[Step, ...]) -> pd.DataFrame:
    active = data.customers["stay_from"].notna().to_numpy()
    rows, days, now = data.customers[active].reset_index(drop=True), marks.since[active], marks.now[active]
    place = len(STAGES) - 1 - np.argmax(now[:, ::-1], axis=1) if len(now) else np.zeros(0, dtype=np.intp)
    reached = np.take_along_axis(days, place[:, None], axis=1)[:, 0] if len(now) else days[:, 0]
    since = np.maximum(reached, rows["stay_from"].to_numpy().astype("datetime64[us]"))
    waiting = np.maximum((np.datetime64(data.as_of, "us") - since) // DAY, 0).astype(np.int64)
    usual = _of_stage({step.start: step.usual_days for step in steps if step.usual_days is not None}, place, -1)
    limits = {step.start: step.limit_from for step in steps}
    ahead = _of_stage({step.start: STAGES.index(step.end) for step in steps}, place, -1)
    names = np.array([*STAGES, None], dtype=object)
    return pd.DataFrame(
        {
            **{name: rows[name] for name in ("account_id", "account_name", "segment", "owner", "stay_from")},
            "arr_cents": 12 * rows["mrr_cents"],
            "stage": pd.Series(names[place], dtype="str"),
            "since": since,
            "waiting_days": waiting,
            "next_stage": pd.Series(names[ahead], dtype="str"),
            "usual_days": pd.Series(usual, dtype="Int64").mask(usual < 0),
            "limit_from": pd.Series([limits.get(STAGES[at]) for at in place], dtype="str"),
            "late": (usual >= 0) & (waiting > usual),
            **{f"{stage}_on": _shown(days, now, at) for at, stage in enumerate(STAGES)},
        }
    )


def _shown(days: Days, now: NDArray[np.bool_], at: int) -> Days:
    return np.asarray(np.where(now[:, at], days[:, at], NEVER))


def _of_stage(values: Mapping[StageId, int], place: NDArray[np.intp], missing: int) -> Numbers:
    """A number of the stage each account stands at."""
    return np.array([values.get(stage, missing) for stage in STAGES], dtype=np.int64)[place]


def _silence_unknown(data: PathInput) -> str | None:
    if "interactions" not in data.loaded:
        return "load interactions"
    return None if "touch" in data.recorded else "no give is recorded yet"


def _with_silence(data: PathInput, frame: pd.DataFrame, rules: JourneyRules, unknown: str | None) -> pd.DataFrame:
    """Days since the last give or answer; nobody is silent for longer than the stay or the record of gives."""
    at = places(frame["account_id"], data.touches["account_id"])
    signs = {name: data.touches[name].array.take(at, allow_fill=True) for name in ("last_give_on", "last_answer_on")}
    if unknown is not None:
        days = pd.Series(pd.NA, index=frame.index, dtype="Int64")
        return frame.assign(**signs, silent_days=days, silent=False, watched=False)
    stays = frame["stay_from"].to_numpy().astype("datetime64[us]")
    start = np.maximum(stays, data.recorded["touch"].to_datetime64())
    since = start
    for days_on in signs.values():
        since = np.fmax(since, np.asarray(days_on, dtype="datetime64[us]"))
    quiet = np.maximum((np.datetime64(data.as_of, "us") - since) // DAY, 0).astype(np.int64)
    silent = quiet >= rules.silence.silent_days
    watched = (quiet >= rules.silence.watch_days) & ~silent
    return frame.assign(**signs, silent_days=pd.Series(quiet, dtype="Int64"), silent=silent, watched=watched)


def _counts(frame: pd.DataFrame, unknown: Mapping[StageId, str], silence: str | None) -> tuple[StageCount, ...]:
    arr, place = frame["arr_cents"].to_numpy(dtype=np.int64), _places(frame)
    late, silent = frame["late"].to_numpy(dtype=bool), frame["silent"].to_numpy(dtype=bool)
    found = []
    for at, stage in enumerate(STAGES):
        here, reached = place == at, frame[f"{stage}_on"].notna().to_numpy()
        found.append(
            StageCount(
                id=stage,
                unknown=unknown.get(stage),
                here=int(here.sum()),
                here_arr=int(arr[here].sum()),
                late=int((here & late).sum()),
                late_arr=int(arr[here & late].sum()),
                reached=int(reached.sum()),
                reached_arr=int(arr[reached].sum()),
                not_recorded=0 if stage in unknown else int((~reached & (place > at)).sum()),
                silent=None if silence else int((here & silent).sum()),
            )
        )
    return tuple(found)


def _places(frame: pd.DataFrame) -> NDArray[np.intp]:
    return np.asarray(pd.Index(STAGES).get_indexer(pd.Index(frame["stage"])), dtype=np.intp)
