"""The generated tables keep the contract: columns, types, allowed values, keys, references, dates."""

import itertools
import re

import pandas as pd
import pytest

from core.demo import generate
from core.errors import InputProblems
from core.schema import TABLES, Column, Kind

AS_OF = pd.Timestamp("2026-10-31")
TEXT = (Kind.ID, Kind.TEXT, Kind.CHOICE, Kind.CURRENCY)
DTYPES = {
    Kind.INTEGER: {"int64", "Int64"},
    Kind.CENTS: {"int64", "Int64"},
    Kind.FRACTION: {"float64"},
    Kind.FLAG: {"bool", "boolean"},
    Kind.DATE: {"datetime64[us]"},
    Kind.MONTH: {"datetime64[us]"},
    Kind.INSTANT: {"datetime64[us, UTC]"},
}


def check_cells(name: str, column: Column, cells: pd.Series) -> list[str]:
    """Every breach of the contract by one column, in words."""
    known = cells.dropna()
    wrong = []
    if column.required and len(known) < len(cells):
        wrong.append("is empty somewhere")
    if str(cells.dtype) not in ({"str"} if column.kind in TEXT else DTYPES[column.kind]):
        wrong.append(f"has type {cells.dtype}")
    if column.kind is Kind.CHOICE and not set(known) <= set(column.choices):
        wrong.append(f"holds {set(known) - set(column.choices)}")
    if column.kind in TEXT and (known.str.strip() != known).any() | (known == "").any():
        wrong.append("holds blank or padded text")
    if column.kind is Kind.CURRENCY and not known.str.fullmatch("[A-Z]{3}").all():
        wrong.append("holds no ISO code")
    if column.low is not None and (known < column.low).any():
        wrong.append(f"falls below {column.low}")
    if column.high is not None and (known > column.high).any():
        wrong.append(f"exceeds {column.high}")
    if column.kind in (Kind.DATE, Kind.MONTH) and (known != known.dt.normalize()).any():
        wrong.append("holds a time of day")
    if column.kind is Kind.MONTH and (known.dt.day != 1).any():
        wrong.append("holds a day that is no month")
    return [f"{name}.{column.name} {text}" for text in wrong]


@pytest.mark.parametrize("size", ["company", "large"])
def test_every_cell_is_allowed_by_the_contract(size, request):
    tables = request.getfixturevalue(size).tables
    assert list(tables) == list(TABLES)
    wrong = []
    for name, table in TABLES.items():
        assert list(tables[name].columns) == [column.name for column in table.columns]
        assert len(tables[name]) > 0, name
        for column in table.columns:
            wrong += check_cells(name, column, tables[name][column.name])
        keys = tables[name][list(table.key)]
        wrong += [f"{name} repeats the key {table.key}"] if keys.duplicated().any() else []
    assert wrong == []


def test_survey_scores_keep_to_their_own_scale(company):
    answers = company.tables["survey_responses"]
    assert answers.loc[answers["survey"] == "csat", "score"].between(1, 5).all()
    assert set(answers["survey"]) == {"nps", "csat"}


@pytest.mark.parametrize("size", ["company", "large"])
def test_every_reference_holds(size, request):
    tables = request.getfixturevalue(size).tables
    homes = {
        "account_id": "accounts",
        "contact_id": "contacts",
        "opportunity_id": "opportunities",
        "ask_id": "asks",
        "asset_id": "assets",
        "subscription_id": "subscriptions",
    }
    known = {column: set(tables[home][column]) for column, home in homes.items()}
    for name, frame in tables.items():
        for column in homes.keys() & set(frame.columns):
            assert set(frame[column].dropna()) <= known[column], f"{name}.{column}"
    accounts = tables["accounts"]
    assert set(accounts["parent_id"].dropna()) <= known["account_id"]
    assert set(accounts["referrer_contact_id"].dropna()) <= known["contact_id"]
    assert not set(accounts["parent_id"].dropna()) & set(accounts.loc[accounts["parent_id"].notna(), "account_id"])


def test_rows_agree_on_whose_contact_it_is(company):
    owner = company.tables["contacts"].set_index("contact_id")["account_id"]
    for name in ("survey_responses", "interactions", "assets"):
        rows = company.tables[name].dropna(subset=["contact_id", "account_id"])
        assert len(rows) > 0
        assert (rows["contact_id"].map(owner) == rows["account_id"]).all(), name


@pytest.mark.parametrize("size", ["company", "large"])
def test_nothing_but_plans_lies_after_the_window(size, request):
    tables = request.getfixturevalue(size).tables
    plans = {"needed_by"}
    for name, table in TABLES.items():
        for column in table.columns:
            if column.kind not in (Kind.DATE, Kind.MONTH, Kind.INSTANT) or column.name in {*table.plans, *plans}:
                continue
            cells = tables[name][column.name].dropna()
            limit = AS_OF + pd.Timedelta(days=1)
            last = cells.dt.tz_localize(None).max() if column.kind is Kind.INSTANT else cells.max()
            assert cells.empty or last < limit, f"{name}.{column.name}: {last}"


@pytest.mark.parametrize("size", ["company", "large"])
def test_periods_of_one_subscription_never_overlap(size, request):
    rows = request.getfixturevalue(size).tables["subscriptions"].sort_values(["subscription_id", "start_date"])
    assert (rows["end_date"].dropna() > rows.loc[rows["end_date"].notna(), "start_date"]).all()
    same = rows["subscription_id"].eq(rows["subscription_id"].shift(-1))
    following = rows["start_date"].shift(-1)
    assert same.any()
    assert (rows["end_date"] <= following)[same].all()


def test_events_of_an_account_do_not_precede_it(company):
    tables = company.tables
    start = tables["accounts"].drop_duplicates("account_id").set_index("account_id")["start_date"]
    for name, column in (
        ("subscriptions", "start_date"),
        ("contacts", "joined_on"),
        ("milestones", "reached_on"),
        ("usage", "week_start"),
        ("outcomes", "agreed_on"),
    ):
        rows = tables[name]
        assert (rows[column] >= rows["account_id"].map(start)).all(), name
    assert (tables["tickets"]["opened_at"].dt.tz_localize(None) >= tables["tickets"]["account_id"].map(start)).all()


def test_steps_of_one_thing_come_in_order(company):
    tables = company.tables
    for name, columns in (
        ("asks", ["asked_on", "responded_on", "completed_on", "used_on"]),
        ("asks", ["completed_on", "thanked_on"]),
        ("opportunities", ["created_on", "closed_on"]),
        ("referrals", ["submitted_at", "first_contact_at", "qualified_at"]),
        ("tickets", ["opened_at", "first_response_at", "closed_at"]),
        ("outcomes", ["agreed_on", "verified_on"]),
        ("enrolments", ["enrolled_on", "left_on"]),
        ("contacts", ["joined_on", "left_on"]),
    ):
        for first, second in itertools.pairwise(columns):
            both = tables[name].dropna(subset=[first, second])
            assert len(both) > 0
            assert (both[first] <= both[second]).all(), f"{name}: {first}, {second}"


def test_names_are_unique_and_addresses_reserved(large):
    accounts, people = large.tables["accounts"], large.tables["people"]
    assert accounts.drop_duplicates("account_id")["name"].is_unique
    assert people["full_name"].is_unique
    assert people["email"].is_unique
    assert people["email"].str.endswith(".example").all()


@pytest.mark.parametrize(
    ("accounts", "months", "seed", "named"),
    [(5, 36, 1, "accounts"), (400, 6, 1, "months"), (400, 36, -1, "seed")],
)
def test_arguments_out_of_range_are_refused_by_name(accounts, months, seed, named):
    with pytest.raises(InputProblems, match=re.escape(named)):
        generate(accounts, months, seed)


@pytest.mark.parametrize(("accounts", "months"), [(30, 13), (60, 60)])
def test_small_companies_are_whole(accounts, months):
    tables = generate(accounts, months, 3).tables
    assert tables["accounts"]["account_id"].nunique() == accounts
    assert tables["spend"]["month"].nunique() == months
    assert tables["spend"]["month"].max() == pd.Timestamp("2026-10-01")
