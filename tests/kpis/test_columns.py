"""Columns of a KPI frame: the same numbers as a frame of the same rows, made when they are asked for."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kpis.columns import Columns, Late

ROWS = pd.DataFrame(
    {
        "name": pd.Categorical(["a", "b", "c"]),
        "side": pd.array(["x", None, "z"], dtype="str"),
        "on": pd.to_datetime(["2026-01-01", "2026-01-02", None]).as_unit("us"),
        "cents": [1, 2, 4],
        "segment": pd.Categorical(["SMB", None, "SMB"]),
    }
)


@given(places=st.lists(st.integers(0, 2), max_size=6))
def test_rows_taken_are_those_a_frame_takes(places):
    found = Columns.of(ROWS).take(np.array(places, dtype=np.intp)).frame
    pd.testing.assert_frame_equal(found, ROWS.take(places).reset_index(drop=True), check_index_type=False)


@given(start=st.integers(0, 3), size=st.integers(0, 3))
def test_a_cut_holds_the_rows_of_a_slice(start, size):
    found = Columns.of(ROWS).cut(start, min(start + size, 3))
    assert found["cents"].tolist() == ROWS["cents"].iloc[start : start + size].tolist()
    assert found.frame["name"].tolist() == ROWS["name"].iloc[start : start + size].tolist()


def test_a_column_is_made_once_and_only_when_somebody_looks():
    made = []

    def labels():
        made.append(1)
        return pd.Categorical(["a", "b"])

    rows = Columns({"name": Late(labels), "cents": np.array([1, 2])}, 2)
    assert rows.also(half=rows["cents"] / 2)["half"].tolist() == [0.5, 1.0]
    assert not made
    assert rows.also(one=1).frame["name"].tolist() == rows.frame["name"].tolist() == ["a", "b"]
    assert len(made) == 1


def test_a_single_value_holds_for_every_row():
    rows = Columns({"accounts": 1, "share": 0.5, "kind": "spend"}, 3)
    assert rows["accounts"].tolist() == [1, 1, 1]
    assert rows["accounts"].dtype.kind == "i"
    assert rows.frame["kind"].tolist() == ["spend"] * 3
    assert rows["share"].sum() == 1.5


def test_a_segment_has_the_rows_that_name_it():
    rows = Columns.of(ROWS)
    assert rows.of_segment("SMB")["cents"].tolist() == [1, 4]
    assert rows.of_segment("nobody").rows == 0


def test_rows_below_others_keep_their_labels_and_lack_what_they_have_not():
    more = Columns.of(pd.DataFrame({"name": ["spend"], "cents": [7]}))
    found = Columns.of(ROWS).below(more).frame
    assert found["name"].tolist() == ["a", "b", "c", "spend"]
    assert found["cents"].tolist() == [1, 2, 4, 7]
    assert found["segment"].isna().tolist() == [False, True, False, True]
    assert found["side"].isna().tolist() == [False, True, False, True]
    assert found["on"].isna().tolist() == [False, False, True, True]


def test_rows_of_a_table_are_the_rows_of_that_table_their_labels_looked_up_when_somebody_looks():
    table = ROWS.assign(name=ROWS["name"].astype("str"), side=ROWS["side"].astype("category"))
    rows = Columns.rows_of(table, np.array([2, 0]))
    kept = rows.also(one=1).packed(np.array([1, 0]))
    pd.testing.assert_frame_equal(rows.frame, table.take([2, 0]).reset_index(drop=True))
    pd.testing.assert_frame_equal(kept.only(*table).frame, table.take([0, 2]).reset_index(drop=True))
    held = kept._columns["name"], kept._columns["side"]
    assert held[0].codes is held[1].codes  # one number a row for all labels
    assert held[0].then(len).part(slice(0, 1)) == 1


def test_a_column_nobody_has_is_an_error():
    with pytest.raises(KeyError):
        Columns.of(ROWS)["mrr"]
