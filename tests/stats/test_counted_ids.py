"""Ids that count up are told apart and found exactly as texts are, and everything else is left to those."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.stats.counted_ids import ROOM, Form, counted_numbers, counted_places
from core.stats.ids import Places, known, numbered, places, ranked

COUNTED = st.integers(0, 30).map(lambda number: f"A-{number:05d}")
MIXED = st.one_of(COUNTED, COUNTED, st.none(), st.sampled_from(["A-1", "B-00001", "A-0000x", "A-/0001", "é-00001", ""]))


def arrow(ids):
    return pa.array(ids, pa.large_string())


FORMS = st.one_of(COUNTED, st.none(), st.integers(0, 30).map(lambda number: f"OE-{number:03d}"), st.just("A-100000"))


@given(ids=st.lists(MIXED, max_size=20), among=st.lists(FORMS, min_size=1, max_size=20), cut=st.integers(0, 3))
def test_an_id_of_a_few_forms_is_found_where_it_first_stands_and_nothing_else_is_taken_for_one(ids, among, cut):
    assume(any(among))
    ids = [*ids, *among]
    expected = [among.index(one) if one and one in among else -1 for one in ids]
    found = counted_places(arrow([*["A-00009"] * cut, *ids])[cut:], arrow(among))
    assert found is not None
    assert found.tolist() == expected


@given(ids=st.lists(COUNTED, min_size=1, max_size=30))
def test_counted_ids_are_numbered_as_they_are_met_or_in_order(ids):
    met, first = counted_numbers(arrow(ids), in_order=False)
    assert met.tolist() == [list(dict.fromkeys(ids)).index(one) for one in ids]
    assert [ids[row] for row in first] == list(dict.fromkeys(ids))
    rank, row = counted_numbers(arrow(ids), in_order=True)
    assert rank.tolist() == [sorted(set(ids)).index(one) for one in ids]
    assert [ids[place] for place in row] == sorted(set(ids))


@pytest.mark.parametrize(
    "ids",
    [
        pytest.param(["0a1b2c"], id="no number at the end"),
        pytest.param([None, None], id="nothing"),
        pytest.param(["A-1", "A-01", "A-001", "A-0001"], id="of many lengths"),
        pytest.param(["A-00001", "0a1b2c"], id="one without a number at the end"),
        pytest.param(["A-0000001", f"A-{ROOM * 2:07d}"], id="too far apart"),
        pytest.param(["A-1234567890"], id="too many digits"),
    ],
)
def test_ids_of_another_kind_are_left_to_the_hash_tables(ids):
    assert counted_places(arrow(["A-00001"]), arrow(ids)) is None
    told_apart_by_hash_tables(ids)


@pytest.mark.parametrize("ids", [["A-00001", "A-1"], ["A-00001", None]], ids=["of two lengths", "one missing"])
def test_ids_of_two_forms_are_numbered_by_the_hash_tables(ids):
    told_apart_by_hash_tables(ids)


def told_apart_by_hash_tables(ids):
    assert counted_numbers(arrow(ids), in_order=False) is None
    column = pd.Series(ids, dtype="str")
    codes, different = numbered(column)
    assert [None if code < 0 else different[code] for code in codes] == ids
    assert places(column, column).tolist() == [ids.index(one) if one is not None else -1 for one in ids]
    assert known(column, column).tolist() == [one is not None for one in ids]


@given(ids=st.lists(MIXED, max_size=20))
def test_ids_in_order_are_the_same_however_they_are_told_apart(ids):
    codes, different = ranked(pd.Series(ids, dtype="str"))
    there = sorted({one for one in ids if one is not None})
    assert different.tolist() == there
    assert codes.tolist() == [there.index(one) if one is not None else -1 for one in ids]


def test_the_number_of_an_id_is_the_one_it_ends_in():
    form = Form.of(arrow([None, "ON-000042"]))
    assert form == Form(b"ON-", 6)
    assert form.numbers(arrow(["ON-000042", "ON-999999", None, "ON-00042"])).tolist() == [42, 999_999, -1, -1]
    assert form.numbers(arrow(["ON-000042"])).dtype == np.int32


@pytest.mark.parametrize("held", ["str", "category"])
@given(ids=st.lists(MIXED, max_size=20), among=st.lists(COUNTED, max_size=20))
def test_ids_read_once_are_found_again_and_again(held, ids, among):
    others, wanted = pd.Series(among, dtype=held), pd.Series(ids, dtype="str")
    again = Places(others)
    for _ in range(2):
        assert again.of(wanted).tolist() == [among.index(one) if one in among else -1 for one in ids]
