"""Windows of months: the rows of each, and sums that are told by difference instead of added up."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kpis.columns import Columns
from core.kpis.windows import windows
from core.stats.months import shift_month

JANUARY = dt.date(2024, 1, 1)
DAYS = st.lists(st.dates(dt.date(2024, 1, 1), dt.date(2025, 3, 31)), max_size=25)


@given(days=DAYS, back=st.integers(-3, 20), months=st.integers(1, 12), lag=st.integers(0, 2), packed=st.booleans())
def test_a_month_sees_its_window_and_the_sums_of_it(days, back, months, lag, packed):
    of = np.array(sorted(days), "datetime64[us]")
    rows = Columns.of(pd.DataFrame({"day": of, "count": np.arange(len(of)) - 3, "share": np.arange(len(of)) / 7}))
    month = shift_month(JANUARY, back)
    found = windows(rows.packed() if packed else rows, of, months, lag)
    first, after = (np.datetime64(shift_month(month, by - lag)) for by in (1 - months, 1))
    expected = rows.frame[(of >= first) & (of < after)]
    assert found.seen(month).frame["day"].tolist() == expected["day"].tolist()
    assert rows.frame[found.places(month)].equals(expected)
    assert found.seen(month).sum("count") == expected["count"].sum()
    assert found.seen(month).sum("share") == expected["share"].sum()


def test_whole_numbers_are_not_added_up_again_and_fractions_are():
    of = np.array(["2024-01-05", "2024-02-05"], "datetime64[us]")
    rows = windows(Columns.of(pd.DataFrame({"count": [2, 3], "share": [0.1, 0.2]})), of, 1, 0)
    seen = rows.seen(shift_month(JANUARY, 1))
    assert [seen.sum("count"), seen.sum("share")] == pytest.approx([3, 0.2])
    assert "count" not in seen._arrays and "share" in seen._arrays
