"""Where ids stand among others, whatever pandas keeps them as."""

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.stats.ids import Places, as_numbers, beside, in_numbers, known, numbered, places, texts

TEXTS = st.lists(st.one_of(st.none(), st.sampled_from(["a", "b", "c", "à", ""])), max_size=12)
KINDS = ("str", "object", "category")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("held", ["str", "category"])
@given(ids=TEXTS, among=TEXTS, times=st.integers(1, 4))
def test_an_id_is_found_where_it_first_stands(kind, held, ids, among, times):
    wanted, there = pd.Series(ids, dtype=kind), pd.Series(among * times, dtype=held)
    expected = [among.index(one) if one is not None and one in among else -1 for one in ids]
    assert places(wanted, there).tolist() == expected
    assert known(wanted, pd.Index(there)).tolist() == [place >= 0 for place in expected]
    assert Places(there).of(wanted).tolist() == expected


@given(ids=TEXTS, start=st.integers(0, 12), stop=st.integers(0, 12))
def test_numbers_of_the_same_ids_are_compared_as_the_ids_are(ids, start, stop):
    whole = pd.Series(as_numbers(pd.Series(ids, dtype="str")))
    wanted, there = whole.iloc[start:], whole.iloc[:stop]
    texts = there.astype("str")
    assert places(wanted, there).tolist() == places(wanted.astype("str"), texts).tolist()
    assert known(wanted, there).tolist() == known(wanted.astype("str"), texts).tolist()


@pytest.mark.parametrize("kind", KINDS)
@given(ids=TEXTS)
def test_equal_ids_get_one_number_and_the_number_leads_back(kind, ids):
    codes, different = numbered(pd.Series(ids, dtype=kind))
    assert [None if code < 0 else different[code] for code in codes] == ids
    assert different.is_unique


@given(ids=TEXTS)
def test_texts_held_as_numbers_read_as_before(ids):
    held = as_numbers(pd.Series(ids, dtype="str"))
    assert [None if pd.isna(one) else one for one in held] == ids
    assert held.codes.dtype == "int8"
    assert pd.Series(texts(held)).equals(pd.Series(ids, dtype="str"))


@given(ids=TEXTS)
def test_texts_held_as_numbers_sort_as_before(ids):
    rows = pd.DataFrame({"id": pd.Series(ids, dtype="str"), "as_it_is": 1})
    held = in_numbers(rows, "id").sort_values("id", kind="stable")
    assert held.astype({"id": "str"}).equals(rows.sort_values("id", kind="stable"))


def test_no_python_text_is_made_of_what_is_held_as_numbers():
    held = as_numbers(pd.Series([f"A-{number}" for number in range(1000)], dtype="str"))
    assert "_engine" not in held.categories._cache


@given(ids=TEXTS, start=st.integers(0, 12))
def test_numbers_of_a_part_start_with_the_first_id_of_the_part(ids, start):
    part = pd.Series(as_numbers(pd.Series(ids, dtype="str"))).iloc[start:]
    codes, different = numbered(part)
    plain_codes, plain = numbered(part.astype("str"))
    assert codes.tolist() == plain_codes.tolist()
    assert different.tolist() == plain.tolist()


def test_a_column_put_together_from_parts_is_read_whole():
    parts = pd.concat([pd.Series(["a"], dtype="str"), pd.Series([None, "b"], dtype="str")])
    assert places(parts, pd.Index(["b", "a"])).tolist() == [1, -1, 0]


def test_a_rollup_without_rows_has_no_numbers():
    empty = pd.Series(pd.array(pa.chunked_array([], pa.large_string()), dtype="str"))
    assert len(numbered(empty)[0]) == len(places(empty, pd.Index(["a"]))) == 0


def test_what_is_beside_an_id_is_missing_where_no_row_has_it():
    rows = pd.DataFrame({"id": ["a", "b"], "cents": [1, 2], "on": pd.to_datetime(["2026-01-01", None])}, index=[7, 7])
    found = beside(pd.Series(["b", None, "c", "a", "a"], index=[3, 3, 3, 3, 3]), rows, "id")
    pd.testing.assert_frame_equal(
        found, pd.DataFrame({"id": ["b", None, "c", "a", "a"]}).merge(rows, on="id", how="left").drop(columns="id")
    )


def test_a_column_without_any_id_finds_nothing():
    assert places(pd.Series([float("nan")] * 2), pd.Index(["a"])).tolist() == [-1, -1]
