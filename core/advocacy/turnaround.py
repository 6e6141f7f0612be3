"""How soon a reference request has its person, and how much time is left until the day it is needed."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from core.model.deal_rules import FastLaneRules
from core.model.requests import TurnaroundRules
from core.stats.ids import beside
from core.stats.working_hours import hours_worked, utc_time

OPEN = ("open", "matched")
"""States in which the clock runs."""


def request_clocks(
    requests: pd.DataFrame, steps: pd.DataFrame, at: dt.datetime, rules: TurnaroundRules, lane: FastLaneRules
) -> pd.DataFrame:
    """Every request with its clock at one moment.

    Args:
        requests: request_id, state and needed_by of each; other columns are kept.
        steps: request_id, kind and at (UTC) of the steps that were recorded.
        at: The moment, UTC.
        rules: When the clock warns.
        lane: Working hours of the team.

    Returns:
        The rows with opened_at, matched_at (UTC; the first of each, missing where it was not recorded), person_hours
        (working hours between the two, missing without either), due_at (the close of the day it is needed, UTC),
        left_hours (working hours until then, negative once it has passed) and status: breached, at_risk, due_soon,
        in_time, no_clock for one that is closed.

    Source:
        Turnaround against what was promised: Gainsight and Base, named in data/model/requests.toml.
    """
    rows = requests.reset_index(drop=True)
    first = {name: _first(steps, name, rows["request_id"]) for name in ("opened", "matched")}
    close = rows["needed_by"] + pd.Timedelta(hours=lane.closes)
    due_at = utc_time(close, lane)
    moment = pd.Series(pd.Timestamp(at).tz_convert("UTC").tz_localize(None), index=rows.index)
    left = hours_worked(moment.astype("datetime64[us]"), due_at, lane)
    passed = due_at < moment
    closed = ~rows["state"].isin(list(OPEN))
    met = [closed, passed, left <= rules.at_risk_hours, left <= rules.due_soon_hours]
    status = np.select(met, ["no_clock", "breached", "at_risk", "due_soon"], "in_time")
    return rows.assign(
        opened_at=first["opened"],
        matched_at=first["matched"],
        person_hours=hours_worked(first["opened"], first["matched"], lane),
        due_at=due_at,
        left_hours=left,
        status=pd.Series(status, index=rows.index, dtype="str"),
    )


def _first(steps: pd.DataFrame, kind: str, ids: pd.Series) -> pd.Series:
    own = steps.loc[steps["kind"] == kind, ["request_id", "at"]]
    times = own.sort_values("at", kind="stable").drop_duplicates("request_id")
    return beside(ids, times, "request_id")["at"].astype("datetime64[us]")
