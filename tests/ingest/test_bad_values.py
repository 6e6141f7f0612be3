# ruff: noqa: DTZ001 - instants in the store are UTC without a zone
"""Cells that are not what their column needs, and cells that only look odd."""

import datetime as dt

import pytest

from core.model.presets import ColumnRule, Preset, TableRule
from tests.ingest.conftest import ACCOUNTS, SUBSCRIPTIONS

AMOUNTS = Preset(
    id="amounts",
    label="Amounts",
    source="test",
    tables={
        "accounts": TableRule(files=("accounts.csv",), columns={}),
        "subscriptions": TableRule(
            files=("subscriptions.csv",),
            columns={
                "subscription_id": ColumnRule(column="id"),
                "account_id": ColumnRule(column="account"),
                "product": ColumnRule(constant="Pro"),
                "quantity": ColumnRule(column="seats", default="1"),
                "mrr_cents": ColumnRule(column="amount", scale=100),
                "currency": ColumnRule(constant="EUR"),
                "start_date": ColumnRule(column="start"),
                "is_trial": ColumnRule(column="plan", recode={"trial": "true", "paid": "false"}),
            },
            dates=("DD/MM/YYYY", "MM/DD/YYYY"),
        ),
    },
)


def amounts(company, *rows):
    return company.put(subscriptions="id,account,seats,amount,start,plan\n" + "".join(f"{row}\n" for row in rows))


@pytest.mark.parametrize(
    ("amount", "cents"),
    [
        ("12.34", 1234),
        ("12", 1200),
        ("0.10", 10),
        ("1.2E3", 120000),
        ("999999999999.99", 99999999999999),
    ],
)
def test_amounts_become_exact_cents(company, amount, cents):
    with amounts(company, f"S-1,A-1,3,{amount},31/01/2025,paid").prepare(AMOUNTS) as prepared:
        assert prepared.problems == ()
        assert prepared.arrow("subscriptions")["mrr_cents"].to_pylist() == [cents]


@pytest.mark.parametrize(
    ("amount", "rule", "remedy"),
    [
        ("12.3456", "exact", "two decimals"),
        ("45%", "number", "0.45"),
        ("NaN", "number", ""),
        ("inf", "number", ""),
        ("1e400", "number", ""),
        ("0x1F", "number", ""),
        ("1_000", "number", ""),
        ("９", "number", ""),
        ("\u22125", "number", ""),
        ("123456789012345678901234567890", "number", ""),
        ("999999999999999E9", "overflow", "too large"),
        ("-5", "range", "at least 0"),
        ("", "required", "Fill it in"),
    ],
)
def test_amounts_that_are_not_exact_money_are_refused(company, amount, rule, remedy):
    (problem,) = amounts(company, f"S-1,A-1,3,{amount},31/01/2025,paid").problems(AMOUNTS)
    assert (problem.place, problem.line, problem.column, problem.rule) == ("subscriptions.csv", 2, "amount", rule)
    assert remedy in problem.message


def test_a_constant_a_default_and_a_recode_fill_columns(company):
    with amounts(company, "S-1,A-1,,5,31/01/2025,trial").prepare(AMOUNTS) as prepared:
        (row,) = prepared.arrow("subscriptions").to_pylist()
    assert (row["product"], row["currency"], row["quantity"], row["is_trial"], row["end_date"]) == (
        "Pro",
        "EUR",
        1,
        True,
        None,
    )


def test_a_value_the_mapping_does_not_recode_is_refused(company):
    (problem,) = amounts(company, "S-1,A-1,1,5,31/01/2025,piad").problems(AMOUNTS)
    assert (problem.rule, problem.column, problem.found) == ("recode", "plan", "piad")
    assert 'Closest: "paid"' in problem.message


def test_one_unambiguous_date_settles_the_style_of_the_column(company):
    with amounts(company, "S-1,A-1,1,5,03/04/2025,paid", "S-2,A-1,1,5,25/04/2025,paid").prepare(AMOUNTS) as prepared:
        assert prepared.arrow("subscriptions")["start_date"].to_pylist() == [dt.date(2025, 4, 3), dt.date(2025, 4, 25)]


def test_the_date_that_settles_the_style_may_stand_far_down(company):
    rows = [f"S-{n},A-1,1,5,03/04/2025,paid" for n in range(3000)]
    with amounts(company, *rows, "S-x,A-1,1,5,04/25/2025,paid").prepare(AMOUNTS) as prepared:
        assert prepared.problems == ()
        assert set(prepared.arrow("subscriptions")["start_date"].to_pylist()) == {
            dt.date(2025, 3, 4),
            dt.date(2025, 4, 25),
        }


def test_a_column_two_styles_read_in_full_is_ambiguous(company):
    (problem,) = amounts(company, "S-1,A-1,1,5,03/04/2025,paid", "S-2,A-1,1,5,05/06/2025,paid").problems(AMOUNTS)
    assert problem.rule == "date_style"
    assert "DD/MM/YYYY" in problem.message
    assert "MM/DD/YYYY" in problem.message


def test_a_wrong_style_is_one_sentence_that_names_the_right_one(company):
    company.put(accounts="account_id,name,start_date\nA-1,Aster,16-10-2024\nA-2,Birch,03-04-2024\n")
    (problem,) = company.problems()
    assert (problem.rule, problem.column, problem.found, problem.line) == (
        "date_style",
        "start_date",
        "16-10-2024",
        None,
    )
    assert "expected dates as YYYY-MM-DD" in problem.message
    assert "The whole column is written as DD-MM-YYYY" in problem.message


def test_mixed_styles_are_counted_and_listed(company):
    company.put(accounts="account_id,name,start_date\nA-1,a,2024-10-16\nA-2,b,16/10/2024\nA-3,c,2024-10-17\n")
    style, cell = company.problems()
    assert style.rule == "date_style"
    assert "2 as YYYY-MM-DD" in style.message
    assert "1 as DD/MM/YYYY" in style.message
    assert (cell.rule, cell.line, cell.found) == ("date", 3, "16/10/2024")


@pytest.mark.parametrize(
    "value",
    [
        "2025-02-30",
        "2025-13-01",
        "45992",
        "25-01-01",
        "Oct-26",
        "9999-12-31",
        "1900-01-01",
        "2025-1-1",
    ],
)
def test_dates_that_are_no_day_are_refused(company, value):
    (problem,) = company.put(accounts=ACCOUNTS.replace("2025-01-01", value)).problems()
    assert (problem.line, problem.column, problem.found) == (2, "start_date", value)


@pytest.mark.parametrize("value", ["2024-02-29", "2025-01-01 00:00:00", "2025-01-01T00:00"])
def test_leap_days_and_midnight_are_dates(company, value):
    assert company.put(accounts=ACCOUNTS.replace("2025-01-01", value)).problems() == ()


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2025-03-01", dt.datetime(2025, 3, 1)),
        ("2025-03-01 3:15", dt.datetime(2025, 3, 1, 3, 15)),
        ("2025-03-01T10:00:00Z", dt.datetime(2025, 3, 1, 10)),
        ("2025-03-01 01:00:00+02:00", dt.datetime(2025, 2, 28, 23)),
        ("2025-03-01 10:00:00.250", dt.datetime(2025, 3, 1, 10, 0, 0, 250_000)),
    ],
)
def test_instants_are_utc(company, written, utc):
    company.put(tickets=f"ticket_id,account_id,severity,opened_at,escalated\nT-1,A-1,2,{written},no\n")
    with company.prepare() as prepared:
        assert prepared.problems == ()
        assert prepared.arrow("tickets")["opened_at"].to_pylist() == [utc]


@pytest.mark.parametrize(
    "name",
    [
        "NA",
        "null",
        "None",
        "nan",
        "True",
        "007",
        "1E5",
        "=1+1",
        "@SUM(1)",
        "<script>alert(1)</script>",
        "'; DROP TABLE x; --",
        "../../etc/passwd",
        "{{7*7}}",
        "[x](javascript:1)",
        "$(rm)",
        "%s{}",
        "Zoë 東京",
    ],
)
def test_text_is_kept_as_text(company, name):
    company.put(accounts=f'account_id,name,start_date\nA-1,"{name}",2025-01-01\nA-2,Birch,2025-02-01\n')
    with company.prepare() as prepared:
        assert prepared.problems == ()
        assert prepared.arrow("accounts")["name"].to_pylist()[0] == name


@pytest.mark.parametrize("identity", ["0012", "12345678901234567890", "A-1;DROP", "ÄÖ-1"])
def test_ids_are_kept_as_they_are(company, identity):
    company.put(accounts=f"account_id,name,start_date\n{identity},Aster,2025-01-01\n", subscriptions=b"")
    (company.inbox / "subscriptions.csv").unlink()
    with company.prepare() as prepared:
        assert prepared.arrow("accounts")["account_id"].to_pylist() == [identity]


@pytest.mark.parametrize(
    ("identity", "rule"),
    [
        ("1.23457E+15", "damaged_id"),
        ("A-1\u200b", "hidden_character"),
        ("A\u0308-1", "hidden_character"),
        ('"A\n1"', "hidden_character"),
        ("x" * 300, "too_long"),
        ("", "required"),
    ],
)
def test_ids_that_match_nothing_elsewhere_are_refused(company, identity, rule):
    problems = company.put(accounts=f"account_id,name,start_date\n{identity},Aster,2025-01-01\n").problems()
    assert [(p.rule, p.line) for p in problems if p.place == "accounts.csv"] == [(rule, 2)]


def test_a_huge_cell_is_refused(company):
    (problem,) = company.put(accounts=ACCOUNTS.replace("Aster", "x" * 1_000_000)).problems()
    assert (problem.rule, problem.line) == ("too_long", 2)
    assert len(str(problem)) < 400


def test_a_row_longer_than_any_line_is_refused(company):
    (problem,) = company.put(accounts=ACCOUNTS.replace("Birch", "x" * 9_000_000)).problems()
    assert (problem.rule, problem.line) == ("row_shape", 3)


@pytest.mark.parametrize(("flag", "rule"), [("maybe", "choice"), ("2", "choice"), ("", "required")])
def test_flags_are_yes_or_no(company, flag, rule):
    (problem,) = company.put(subscriptions=SUBSCRIPTIONS.replace(",,false", f",,{flag}")).problems()
    assert (problem.rule, problem.column, problem.line) == (rule, "is_trial", 2)
    if flag:
        assert "expected true, false, yes, no, 1 or 0" in problem.message
        assert "Closest" not in problem.message


def test_a_choice_names_what_is_allowed_and_the_closest(company):
    company.put(milestones="account_id,kind,reached_on\nA-1,go-live,2025-03-01\n")
    (problem,) = company.problems()
    assert (problem.rule, problem.found) == ("choice", "go-live")
    assert 'Closest: "go_live"' in problem.message


@pytest.mark.parametrize(
    ("survey", "score", "refused"),
    [
        ("nps", "11", True),
        ("nps", "-1", True),
        ("nps", "7.5", True),
        ("nps", "ten", True),
        ("csat", "7", True),
        ("nps", "7.0", False),
        ("csat", "5", False),
    ],
)
def test_scores_keep_their_scale(company, survey, score, refused):
    company.put(
        survey_responses=f"response_id,account_id,survey,score,answered_at\nR-1,A-1,{survey},{score},2025-03-01\n"
    )
    assert [(p.column, p.line) for p in company.problems()] == ([("score", 2)] if refused else [])
