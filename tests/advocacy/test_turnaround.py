"""The clock of a reference request: the close of the day it is needed, and how soon it had its person."""

import datetime as dt

import pandas as pd
import pytest

from core.advocacy.turnaround import request_clocks
from core.model.kpi_rules import kpi_rules
from core.model.requests import load_request_rules

RULES, LANE = load_request_rules().turnaround, kpi_rules().fast_lane
AT = dt.datetime(2026, 11, 4, 12, tzinfo=dt.UTC)  # a Wednesday


def clock(needed_by, state="open", steps=()):
    requests = pd.DataFrame({"request_id": ["q1"], "state": [state], "needed_by": pd.to_datetime([needed_by])})
    told = pd.DataFrame(list(steps), columns=["kind", "at"]).assign(request_id="q1")
    told["at"] = pd.to_datetime(told["at"]).astype("datetime64[us]")
    requests["needed_by"] = requests["needed_by"].astype("datetime64[us]")
    return request_clocks(requests, told.astype({"kind": "str", "request_id": "str"}), AT, RULES, LANE).iloc[0]


@pytest.mark.parametrize(
    ("needed_by", "state", "status"),
    [
        ("2026-11-04", "open", "at_risk"),
        ("2026-11-06", "open", "due_soon"),
        ("2026-11-09", "open", "in_time"),
        ("2026-11-03", "open", "breached"),
        ("2026-11-03", "matched", "breached"),
        ("2026-11-03", "done", "no_clock"),
    ],
)
def test_the_day_it_is_needed_ends_with_the_working_day(needed_by, state, status):
    assert clock(needed_by, state)["status"] == status


def test_the_time_to_a_person_is_counted_in_working_hours_and_only_where_it_is_on_record():
    steps = [("opened", "2026-11-02T16:00"), ("matched", "2026-11-03T11:00"), ("matched", "2026-11-04T09:00")]
    assert clock("2026-11-20", "matched", steps)["person_hours"] == 3
    assert pd.isna(clock("2026-11-20", "matched", steps[1:])["person_hours"])
