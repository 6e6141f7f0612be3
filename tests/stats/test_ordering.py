"""Order of whole numbers and instants, equal ones as they came."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.stats.ordering import in_order

EDGES = st.sampled_from([-(2**63), 2**63 - 1, -(2**40), 2**40, 2**16, 2**16 - 1, -1, 0, 1])


@given(st.lists(st.one_of(EDGES, st.integers(-3, 3), st.integers(-(2**62), 2**62)), max_size=30))
def test_whole_numbers_stand_from_the_least_up_and_equal_ones_as_they_came(numbers):
    expected = sorted(range(len(numbers)), key=lambda place: numbers[place])
    assert in_order(np.array(numbers, dtype=np.int64)).tolist() == expected


@given(
    st.lists(st.integers(-(10**7), 10**7), max_size=30), st.sampled_from([86_400_000_000, 1_000_000, 1]), st.booleans()
)
def test_instants_stand_in_order_whole_days_and_seconds_too(numbers, unit, odd):
    instants = np.array([*(number * unit for number in numbers), *([1] if odd else [])], "datetime64[us]")
    assert in_order(instants).tolist() == np.argsort(instants, kind="stable").tolist()


@pytest.mark.parametrize("unit", ["D", "us"])
def test_a_missing_instant_stands_first(unit):
    days = np.array(["2026-03-01", "NaT", "1969-12-31", "2026-03-01", "NaT"], f"datetime64[{unit}]")
    assert in_order(days).tolist() == [1, 4, 2, 0, 3]
