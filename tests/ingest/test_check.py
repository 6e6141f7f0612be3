"""Rules between rows and between tables."""

import pytest

from tests.ingest.conftest import ACCOUNTS, SUBSCRIPTIONS


def test_a_key_that_stands_twice_names_both_lines(company):
    (problem,) = company.put(accounts=ACCOUNTS + "A-1,Aster,2025-01-01\n").problems()
    assert (problem.rule, problem.line, problem.found) == ("duplicate_key", 4, "A-1")
    assert "line 2" in problem.message


def test_keys_are_equal_without_the_spaces_around_them(company):
    (problem,) = company.put(accounts=ACCOUNTS + " A-1 ,Aster,2025-01-01\n").problems()
    assert problem.rule == "duplicate_key"


def test_a_composite_key_is_compared_as_a_whole(company):
    company.put(
        milestones="account_id,kind,reached_on\nA-1,go_live,2025-03-01\nA-1,kickoff,2025-03-01\nA-1,go_live,2025-03-01\n"
    )
    (problem,) = company.problems()
    assert (problem.rule, problem.line) == ("duplicate_key", 4)


def test_an_id_that_no_table_has_is_refused(company):
    (problem,) = company.put(subscriptions=SUBSCRIPTIONS.replace("A-2", "A-9")).problems()
    assert (problem.rule, problem.line, problem.column, problem.found) == ("reference", 3, "account_id", "A-9")


def test_a_reference_may_point_to_what_is_loaded_already(company):
    company.load()
    (company.inbox / "accounts.csv").unlink()
    assert company.problems() == ()
    assert [p.rule for p in company.put(subscriptions=SUBSCRIPTIONS.replace("A-2", "A-9")).problems()] == ["reference"]


def test_a_reference_to_a_table_that_is_not_loaded_is_not_checked(company):
    (company.inbox / "accounts.csv").unlink()
    assert company.problems() == ()


def test_a_broken_account_does_not_make_its_subscriptions_look_wrong(company):
    problems = company.put(accounts=ACCOUNTS.replace("2025-01-01", "soon")).problems()
    assert {p.place for p in problems} == {"accounts.csv"}


def test_an_end_before_the_start_is_refused(company):
    (problem,) = company.put(subscriptions=SUBSCRIPTIONS.replace("2025-08-01", "2025-01-31")).problems()
    assert (problem.rule, problem.line, problem.column) == ("order", 3, "end_date")
    assert "2025-01-31 before 2025-02-01" in problem.message


def test_a_period_that_ends_where_it_starts_is_never_active_but_allowed(company):
    assert company.put(subscriptions=SUBSCRIPTIONS.replace("2025-08-01", "2025-02-01")).problems() == ()


@pytest.mark.parametrize(
    ("first_end", "second_start", "refused"),
    [("2025-06-01", "2025-06-01", False), ("2025-06-01", "2025-05-31", True), ("", "2025-05-31", True)],
)
def test_periods_of_a_subscription_may_touch_but_not_overlap(company, first_end, second_start, refused):
    header = SUBSCRIPTIONS.splitlines()[0]
    rows = (
        f"S-1,A-1,Pro,1,100,EUR,2025-01-01,{first_end},false",
        f"S-1,A-1,Pro,2,200,EUR,{second_start},,false",
    )
    problems = company.put(subscriptions="\n".join((header, *rows)) + "\n").problems()
    assert [(p.rule, p.line) for p in problems] == ([("overlap", 3)] if refused else [])


def test_a_week_begins_on_monday(company):
    company.put(usage="account_id,week_start,core_events\nA-1,2025-01-06,5\nA-1,2025-01-14,5\n")
    (problem,) = company.problems()
    assert (problem.rule, problem.line) == ("monday", 3)
    assert "Tuesday" in problem.message


@pytest.mark.parametrize("parents", [("A-1", ""), ("A-2", "A-1")])
def test_an_account_is_never_its_own_parent(company, parents):
    rows = [f"A-{n},Name,2025-01-01,{parent}" for n, parent in enumerate(parents, 1)]
    problems = company.put(accounts="account_id,name,start_date,parent_id\n" + "\n".join(rows) + "\n").problems()
    assert {p.rule for p in problems} == {"circle"}


def test_a_chain_of_parents_is_no_circle(company):
    rows = "A-1,Top,2025-01-01,\nA-2,Middle,2025-01-01,A-1\nA-3,Low,2025-01-01,A-2\n"
    assert company.put(accounts=f"account_id,name,start_date,parent_id\n{rows}").problems() == ()


def test_a_ticket_closed_before_it_was_opened_is_refused(company):
    company.put(
        tickets="ticket_id,account_id,severity,opened_at,closed_at,escalated\n"
        "T-1,A-1,2,2025-03-02 10:00,2025-03-02 09:59,no\n"
    )
    (problem,) = company.problems()
    assert (problem.rule, problem.column) == ("order", "closed_at")


def test_an_event_needs_an_account_or_a_subscription(company):
    company.put(usage_events="account_id,subscription_id,day\n,,2025-01-06\n,S-1,2025-01-06\nA-1,,2025-01-06\n")
    (problem,) = company.problems()
    assert (problem.rule, problem.line) == ("required", 2)
