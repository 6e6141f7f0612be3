"""Columns held small: every part of them is what the column itself holds there."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kpis.columns import Columns
from core.kpis.packed import Packed, day_numbers, days_from, narrow, pack
from core.stats.owner_days import day_of_pair, owner_of, pairs

DAY = "datetime64[us]"
LABELS = st.lists(st.sampled_from(["north", "south", "", None]), min_size=9, max_size=30)
NUMBERS = st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(-200, 200), min_size=1, max_size=20)
DAYS = st.lists(st.dates() | st.none(), min_size=1, max_size=20)


def same(found, column):
    pd.testing.assert_series_equal(pd.Series(found), pd.Series(column))


def part_of(column, of):
    held = pack(column)
    return held.part(of) if isinstance(held, Packed) else held[of]


@given(LABELS, st.integers(0, 30), st.integers(0, 30))
def test_labels_are_what_they_were_in_any_part(labels, start, stop):
    column = pd.array(labels, dtype="str")
    assert isinstance(pack(column), Packed)
    same(part_of(column, slice(start, stop)), column[start:stop])
    places = np.arange(len(labels))[::-2]
    same(part_of(column, places), column.take(places))


@given(NUMBERS)
def test_whole_numbers_are_what_they_were_and_of_the_same_type(numbers):
    column = np.array(numbers, dtype=np.int64)
    found = part_of(column, slice(None))
    assert found.dtype == np.int64
    np.testing.assert_array_equal(found, column)


@given(DAYS)
def test_days_are_what_they_were_missing_ones_missing(days):
    column = np.array(days, dtype=DAY)
    found = part_of(column, slice(None))
    assert found.dtype == column.dtype
    np.testing.assert_array_equal(found, column)


@pytest.mark.parametrize(
    "column",
    [
        pytest.param(pd.array(["a", "b", "c"], dtype="str"), id="each text once"),
        pytest.param(np.array(["2026-01-01T09:30"], dtype=DAY), id="instants with an hour"),
        pytest.param(np.array([0.25, np.nan]), id="fractions"),
        pytest.param(np.array([2**40, -(2**40)]), id="numbers of eight bytes"),
        pytest.param(pd.Categorical(["a", "a"]), id="labels that are numbers already"),
        pytest.param(np.array([], dtype=np.int64), id="no row"),
    ],
)
def test_a_column_with_nothing_to_gain_stays_as_it_is(column):
    assert pack(column) is column


@pytest.mark.parametrize(("most", "size"), [(127, 1), (128, 2), (32_767, 2), (32_768, 4), (2**31 - 1, 4), (2**31, 8)])
def test_numbers_take_the_fewest_bytes_that_hold_them(most, size):
    assert narrow(np.array([0, most])).itemsize == size
    assert narrow(np.array([-most - 1, 0])).itemsize == size


def test_packed_rows_are_the_rows_in_the_order_asked_for_in_a_third_of_the_bytes():
    rows = pd.DataFrame({"stage": ["won", "lost"] * 500, "on": pd.to_datetime(["2026-01-05"] * 1000).as_unit("us")})
    rows = rows.assign(cents=np.arange(1000))
    order = np.arange(1000)[::-1]
    packed = Columns.of(rows).packed(order)
    pd.testing.assert_frame_equal(packed.frame, rows.take(order).reset_index(drop=True))
    held = sum(column.codes.nbytes for column in packed._columns.values())
    assert 3 * held < rows.memory_usage(index=False, deep=True).sum()
    cut = packed.cut(10, 13)
    assert cut["cents"].tolist() == [989, 988, 987]
    assert cut.cells == 9  # made anew for who cuts, so the rows count


@given(st.lists(st.tuples(st.integers(0, 30), st.dates()), max_size=40))
def test_a_pair_keeps_its_owner_and_its_day_and_stands_in_their_order(found):
    owner = np.array([who for who, _ in found], dtype=np.intp)
    keys = np.sort(pairs(owner, day_numbers(np.array([when for _, when in found], dtype=DAY))))
    days = days_from(day_of_pair(keys)).tolist()
    assert list(zip(owner_of(keys).tolist(), days, strict=True)) == sorted(found)
