"""Accounts by position: parents, segments as of a day, sums by month."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from core.kpis.columns import Columns, made
from core.kpis.newcomers import newcomers
from core.kpis.units import grid_of, units_of
from tests.companies import account, day, subscription

DECEMBER = dt.date(2025, 12, 1)


@pytest.fixture
def data(company):
    return company(
        {
            "accounts": [
                account("a", segment="SMB"),
                account("a", segment="Enterprise", valid_from=dt.date(2025, 6, 1)),
                account("b", segment="SMB", valid_from=dt.date(2025, 3, 1)),
                account("child", parent_id="a"),
                account("none"),
            ],
            "subscriptions": [subscription("a", "2025-01-01", None, 10)],
        }
    )


def test_a_child_stands_where_its_parent_stands_and_a_stranger_nowhere(data):
    units = units_of(data)
    found = units.positions(pd.Series(["child", "a", "b", "stranger", None]))
    assert units.ids[found[:3]].tolist() == ["a", "a", "b"]
    assert found[3:].tolist() == [-1, -1]
    labels = made(units.labels(found, dt.date(2025, 12, 31)))
    assert pd.Series(labels["account_name"]).astype("str").fillna("?").tolist() == ["A", "A", "B", "?", "?"]


@pytest.mark.parametrize(
    ("name", "on", "segment"),
    [
        ("a", "2025-05-31", "SMB"),
        ("a", "2025-06-01", "Enterprise"),
        ("a", "1990-01-01", "SMB"),
        ("b", "2025-02-28", "SMB"),
        ("none", "2025-06-01", "Not stated"),
    ],
)
def test_the_segment_is_that_of_the_day_or_the_first_known_one(data, name, on, segment):
    units = units_of(data)
    assert units.segments_on(units.positions(pd.Series([name])), day(on)).tolist() == [segment]


def test_each_row_has_its_own_day(data):
    units = units_of(data)
    days = np.array(["2025-05-31", "2025-06-01"], dtype="datetime64[us]")
    assert units.segments_on(units.positions(pd.Series(["a", "a"])), days).tolist() == ["SMB", "Enterprise"]


def test_many_rows_of_one_day_read_as_few_do(data):
    units = units_of(data)
    few = units.positions(pd.Series(["a", "b", "stranger"]))
    found = units.segments_on(np.tile(few, 5), dt.date(2025, 12, 31))
    assert pd.Series(found).astype("str").fillna("?").tolist() == ["Enterprise", "SMB", "?"] * 5
    assert units.segments_on(few, dt.date(2025, 12, 31)).tolist()[:2] == ["Enterprise", "SMB"]


def test_labels_that_are_made_row_by_row_are_those_made_of_all_rows(data):
    units = units_of(data)
    found = units.positions(pd.Series(["a", "child", "b", "stranger"], dtype="category"))
    days = np.array(["2025-05-31", "2025-06-01", "NaT", "2025-06-01"], "datetime64[us]")
    rows = Columns(units.labels_of_all(found, days), 4).packed(np.array([3, 2, 1, 0]))
    whole = pd.DataFrame(made(units.labels(found, days)))
    for place in range(4):
        pd.testing.assert_frame_equal(rows.cut(place, place + 1).frame, whole.iloc[[3 - place]].reset_index(drop=True))


def test_a_grid_adds_up_by_unit_and_month(data):
    rows = pd.DataFrame(
        {
            "account_id": ["a", "child", "b", "stranger", "a"],
            "month": pd.to_datetime(["2025-01-01", "2025-01-01", "2025-03-01", "2025-01-01", "2025-03-01"]),
            "users": [1, 2, 4, 100, None],
        }
    )
    units = units_of(data)
    grid = grid_of(units, rows, ("users",))
    by_name = {
        month: dict(zip(units.ids, grid.at("users", dt.date(2025, month, 1)), strict=True)) for month in (1, 2, 3, 4)
    }
    assert [by_name[month]["a"] for month in (1, 2, 3, 4)] == [3, 0, 0, 0]
    assert by_name[3]["b"] == 4
    assert grid_of(units, rows.iloc[:0], ("users",)).at("users", DECEMBER).tolist() == [0, 0, 0]


@pytest.mark.parametrize("amount", [7, 0.5, 2**31, -(2**31) - 1, 2**40 + 1])
def test_a_grid_holds_every_number_exactly(data, amount):
    rows = pd.DataFrame({"account_id": ["a", "b"], "month": pd.Timestamp(DECEMBER), "users": [amount, 1]})
    assert grid_of(units_of(data), rows, ("users",)).at("users", DECEMBER).tolist() == [amount, 1, 0]


def test_a_frame_that_was_let_go_is_read_again(data):
    rows = data.table("usage_month")
    assert data.table("usage_month") is rows
    assert data.once("usage_month") is rows
    assert data.table("usage_month") is not rows


def test_a_company_without_accounts_or_payment_has_no_newcomer(company):
    data = company(
        {"accounts": [account("a")], "subscriptions": [subscription("a", "2025-01-01", None, 1, is_trial=True)]}
    )
    assert newcomers(data).empty
    assert units_of(data).positions(pd.Series(["a"])).tolist() == [0]
