"""Working hours between two moments are those that are allowed from the one to the other."""

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.model.kpi_rules import kpi_rules
from core.stats.working_hours import due_by, hours_worked, local_time, utc_time

LANE = kpi_rules().fast_lane
AT = dt.datetime(2026, 11, 4, 12, tzinfo=dt.UTC)  # a Wednesday
FEW = settings(max_examples=20, deadline=None)


def instants(*texts):
    return pd.Series(pd.to_datetime(list(texts))).astype("datetime64[us]")


@FEW
@given(
    st.integers(-300 * 1440, 60 * 1440),
    st.floats(0.25, 60),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York"]),
    st.sampled_from(["none", "germany", "us_federal"]),
)
def test_the_hours_worked_until_something_is_due_are_the_hours_allowed(minutes, hours, zone, calendar):
    lane = replace(LANE, zone=zone, opens=8.5, closes=18.0, calendar=calendar)
    written = instants(pd.Timestamp(AT).tz_localize(None) + pd.Timedelta(minutes=minutes))
    due = due_by(written, lane, hours)
    assert local_time(utc_time(due, lane), lane).equals(due)
    worked = hours_worked(written, utc_time(due, lane), lane)
    assert worked[0] == pytest.approx(hours, abs=1e-6)
    assert hours_worked(utc_time(due, lane), written, lane)[0] == pytest.approx(-hours, abs=1e-6)


def test_nights_and_week_ends_are_not_worked_and_what_is_missing_is_not_known():
    start = instants("2026-10-30T16:00", "2026-10-31T10:00", None)
    end = instants("2026-11-02T10:00", "2026-11-01T20:00", "2026-11-01T20:00")
    assert hours_worked(start, end, LANE).fillna(-1).tolist() == [2, 0, -1]


def test_a_clock_of_another_zone_follows_its_summer_time():
    berlin = replace(LANE, zone="Europe/Berlin")
    start = instants("2026-03-27T08:00", "2026-03-30T07:00")
    end = start + pd.Timedelta(hours=1)
    assert hours_worked(start, end, berlin).tolist() == [1, 1]
    assert local_time(start, berlin).dt.hour.tolist() == [9, 9]


def test_a_public_holiday_is_not_worked_and_what_arrives_then_counts_from_the_next_day():
    german = replace(LANE, calendar="germany")
    start = instants("2025-12-24T16:00", "2025-12-25T10:00")
    end = instants("2025-12-29T10:00", "2025-12-29T10:00")
    assert hours_worked(start, end, german).tolist() == [2, 1], "25 and 26 December are off, then a week end"
    assert hours_worked(start, end, LANE).tolist() == [18, 16], "without a calendar they are worked"
    due = due_by(start, german, 8)
    assert [str(day) for day in due] == ["2025-12-29 16:00:00", "2025-12-29 17:00:00"]
