"""The day every customer reached each landmark, and which landmarks nobody can know of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.glossary import display_day
from core.journey.inputs import PathInput
from core.model.journey import STAGES, JourneyRules, StageId
from core.stats.ids import places

Days = NDArray[np.datetime64]
Flags = NDArray[np.bool_]

NEVER = np.datetime64("NaT", "us")


@dataclass(frozen=True, slots=True, eq=False)
class Landmarks:
    """Landmarks of every customer, in the order of `PathInput.customers` and of `STAGES`.

    Attributes:
        first: Day each was first reached; NaT where it was not.
        since: Day since which each holds: the same, and for a promoter the first day of the present spell.
        now: Whether it holds today: a promoter whose answer fell or grew too old is none, the others stay reached.
        unknown: Why nobody knows who has reached a stage, by stage.
    """

    first: Days
    since: Days
    now: Flags
    unknown: dict[StageId, str]

    @property
    def known(self) -> tuple[StageId, ...]:
        """Stages that can be told, in the order of the path."""
        return tuple(stage for stage in STAGES if stage not in self.unknown)


def landmarks(data: PathInput, rules: JourneyRules) -> Landmarks:
    """Who has reached what, and when.

    A stage is unknown where a table it needs is not loaded, or where nothing of its kind is recorded by the day.

    Args:
        data: The company.
        rules: The stages.
    """
    unknown = {stage.id: reason for stage in rules.stages if (reason := _unknown(data, stage.id, stage.needs))}
    first = _first_days(data)
    first[:, [STAGES.index(stage) for stage in unknown]] = NEVER
    now = ~np.isnat(first)
    promoter, spells = STAGES.index("promoter"), _spells(data)
    now[:, promoter] &= ~np.isnat(spells)
    since = first.copy()
    since[:, promoter] = np.where(now[:, promoter], spells, first[:, promoter])
    return Landmarks(first, since, now, unknown)


def _spells(data: PathInput) -> Days:
    """First day of the present spell of every customer that is a promoter now; NaT for the others."""
    days = np.array([*data.promoters.values(), NEVER], dtype="datetime64[us]")
    return np.asarray(days[places(data.customers["account_id"], pd.Index(list(data.promoters), dtype="str"))])


def _first_days(data: PathInput) -> Days:
    customers, events = data.customers, data.events
    table = np.full((len(customers), len(STAGES)), np.iinfo(np.int64).max)
    row, column = places(events["account_id"], customers["account_id"]), places(events["stage"], pd.Index(STAGES))
    day = events["day"].to_numpy().astype("datetime64[us]").astype(np.int64)
    counted = (row >= 0) & (column >= 0)
    np.minimum.at(table, (row[counted], column[counted]), day[counted])
    days = np.where(table == np.iinfo(np.int64).max, NEVER, table.astype("datetime64[us]"))
    days[:, 0] = customers["started_on"].to_numpy().astype("datetime64[us]")
    return days


def _unknown(data: PathInput, stage: StageId, needs: tuple[str, ...]) -> str | None:
    missing = [table.replace("_", " ") for table in needs if table not in data.loaded]
    if missing:
        return f"load {' and '.join(missing)}"
    if stage != "contract" and stage not in data.recorded:
        return f"none is recorded by {display_day(data.as_of)}"
    return None
