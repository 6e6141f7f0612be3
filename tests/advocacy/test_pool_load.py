import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.advocacy.pool_load import concentration, gini
from core.model.pool import pool_rules

AS_OF = dt.date(2026, 10, 31)
LOAD = pool_rules().load


def asks(per_person, day="2026-09-01", activity="review"):
    who = [name for name, count in per_person.items() for _ in range(count)]
    rows = pd.DataFrame(
        {"contact_id": pd.Series(who, dtype="str"), "activity": activity, "asked_on": pd.Timestamp(day)}
    )
    return rows.astype({"asked_on": "datetime64[us]"})


def ids(*names):
    return pd.Series(list(names), dtype="str")


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        pytest.param([3, 3, 3, 3], 0.0, id="alike"),
        pytest.param([0, 0, 0, 8], 0.75, id="one carries all"),
        pytest.param([1, 3], 0.25, id="by hand"),
        pytest.param([0, 0], None, id="nothing to share"),
        pytest.param([], None, id="nobody"),
    ],
)
def test_gini(counts, expected):
    assert gini(counts) == (expected if expected is None else pytest.approx(expected))


@given(st.lists(st.integers(0, 20), min_size=2, max_size=30).filter(sum), st.integers(2, 5))
def test_gini_lies_between_and_knows_no_scale(counts, factor):
    found = gini(counts)
    assert -1e-9 <= found <= 1 - 1 / len(counts) + 1e-9
    assert gini([factor * count for count in counts]) == pytest.approx(found)
    assert gini([*counts, *([0] * len(counts))]) >= found - 1e-9


def test_the_busiest_five_and_the_idle_are_seen():
    found = concentration(
        asks({"a": 10, "b": 8, "c": 6, "d": 4, "e": 2, "f": 1, "g": 1}), ids("a", "x", "y"), AS_OF, LOAD
    )
    assert found.top_share.value == pytest.approx(30 / 32)
    assert (found.asked, found.people) == (7, 9)
    assert found.gini.value == pytest.approx(gini([10, 8, 6, 4, 2, 1, 1, 0, 0]))
    assert list(found.rows["contact_id"][:3]) == ["a", "b", "c"]
    assert found.rows["share"].sum() == pytest.approx(1)
    assert found.top_share.interval is None, "all asks are known: nothing is estimated"


def test_few_asks_have_no_share():
    found = concentration(asks({"a": 10, "b": 5}), ids(), AS_OF, LOAD)
    assert (found.top_share.value, found.gini.value) == (None, None)
    assert found.top_share.reason == "too few: 15 asks in 365 days, 30 needed"
    assert len(found.rows) == 2


def test_only_asks_of_the_year_count_and_the_trend_looks_back():
    old, new = asks({"a": 40}, day="2025-10-01"), asks(dict.fromkeys("bcdefghij", 8), day="2026-10-01")
    found = concentration(pd.concat([old, new]), ids(), AS_OF, LOAD)
    assert found.top_share.value == pytest.approx(40 / 72)
    assert [quarter.end for quarter in found.trend][-1] == AS_OF
    assert [quarter.top_share for quarter in found.trend] == [1.0, 1.0, 1.0, pytest.approx(40 / 72)]
