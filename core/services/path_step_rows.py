"""The customers a step of the path is told from."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from core.journey.landmarks import landmarks
from core.journey.steps import step_rows
from core.model.journey import StageId, journey_rules
from core.month import Month
from core.services.path import path_of
from core.services.path_words import labels, median_words, share_words, usual_words


@dataclass(frozen=True)
class StepRows:
    """The customers behind the share and the days of a step.

    Attributes:
        title: The step.
        tie: How the figures follow from the rows, in one line.
        frame: Account, Segment, both days, day it left, Days away, Days waited, Got there, Old enough, Went on in time.
    """

    title: str
    tie: str
    frame: pd.DataFrame


def path_step_rows(month: Month, stage: StageId, segment: str | None = None) -> StepRows | None:
    """The customers the step from a stage is told from; None where there is no known step from it."""
    step = next((item for item in path_of(month, segment).steps if item.start == stage), None)
    if step is None:
        return None
    rules, data = journey_rules(), month.path_input
    rows = step_rows(data, landmarks(data, rules), step.start, step.end, rules)
    rows = rows if segment is None else rows[rows["segment"] == segment]
    rows = rows.sort_values("start_on", ascending=False, kind="stable")
    start, end = labels()[step.start], labels()[step.end]
    limit = usual_words(next(item for item in month.path.steps if item.start == stage))
    names = {
        "account_name": "Account", "segment": "Segment", "start_on": start, "end_on": end, "left_on": "Left",
        "days_away": "Days away", "waiting_days": "Days waited", "arrived": "Got there", "old_enough": "Old enough",
        "went_on": "Went on in time",
    }  # fmt: skip
    tie = (
        f"{step.went_on:,} of {step.old_enough:,} old enough went on: {share_words(step)}. "
        f"{step.arrived:,} of {step.followed:,} customers got there so far: {median_words(step)}. {limit}."
    )
    frame = rows[list(names)].rename(columns=names).reset_index(drop=True)
    return StepRows(f"From {start} to {end}", tie, frame)
