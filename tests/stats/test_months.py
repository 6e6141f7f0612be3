"""Months of many days at once are those the calendar says."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.stats.months import NO_MONTH, month_numbers, month_starts

DAYS = st.lists(st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31)) | st.none(), max_size=20)


@pytest.mark.parametrize("unit", ["D", "us"])
@given(days=DAYS)
def test_a_day_is_of_the_month_the_calendar_says_and_a_missing_one_of_none(unit, days):
    column = np.array(days, dtype=f"datetime64[{unit}]")
    months = month_numbers(column)
    assert months.tolist() == [NO_MONTH if day is None else (day.year - 1970) * 12 + day.month - 1 for day in days]
    known = [day for day in days if day is not None]
    assert month_starts(months[months != NO_MONTH]).tolist() == [day.replace(day=1) for day in known]


def test_an_hour_before_1970_is_of_its_own_month():
    assert month_numbers(np.array(["1969-12-31T23:59"], "datetime64[us]")).tolist() == [-1]


@pytest.mark.parametrize("shift", [0, 1])
def test_a_missing_month_begins_on_no_day(shift):
    with pytest.raises(ValueError, match="missing"):
        month_starts(np.array([NO_MONTH]) + shift)
