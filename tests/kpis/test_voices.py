"""Customers who act for us: by account, among those who can be expected to, and never over a partial window."""

import datetime as dt

import pytest

from core.kpis import REGISTRY, evaluate
from core.kpis.result import State
from tests.companies import account, day, subscription
from tests.kpis.test_programme import done, person, since_2023

DECEMBER = dt.date(2025, 12, 1)


def customers(*spans):
    """Accounts a0, a1 ... with one person each, paying from and until the days given."""
    return {
        "accounts": [account(f"a{place}", go_live_on=day("2023-06-01")) for place in range(len(spans))],
        "subscriptions": [subscription(f"a{place}", *span, 10) for place, span in enumerate(spans)],
        "contacts": [person(f"p{place}", f"a{place}") for place in range(len(spans))],
        "tickets": [],
    }


def test_customers_are_averaged_over_thirteen_month_ends(company):
    spans = [("2023-01-01", None), ("2023-01-01", "2025-07-01"), ("2025-07-01", None), ("2023-01-01", "2024-12-31")]
    rows = customers(*spans) | {"asks": since_2023(*done("p0", "2025-03-01"), *done("p1", "2025-03-01"))}
    frame = company(rows).frame("customers_year", DECEMBER).set_index("account_id")
    # month ends from December 2024 to December 2025: 13, 7 (until June), 6 (from July); the last left before them
    assert (13 * frame["active_accounts"]).round().to_dict() == {"a0": 13, "a1": 7, "a2": 6}
    assert (13 * frame["advocate_accounts"]).round().to_dict() == {"a0": 13, "a1": 7, "a2": 0}
    result = evaluate(REGISTRY["advocacy_rate"], company(rows), DECEMBER)
    assert result.value == pytest.approx(20 / 26)
    assert result.n == 2, "26 month ends of 13"


def test_a_promoter_who_did_nothing_is_no_advocate_and_two_people_are_one_account(company):
    rows = customers(*[("2023-01-01", None)] * 40)
    rows["contacts"] += [person("second", "a0")]
    rows["survey_responses"] = [
        {"response_id": f"r{place}", "account_id": f"a{place}", "contact_id": f"p{place}", "survey": "nps", "score": 10}
        | {"answered_at": dt.datetime(2025, 6, 1, tzinfo=dt.UTC)}
        for place in range(40)
    ]
    rows["asks"] = since_2023(*done("p0", "2025-03-01"), *done("second", "2025-04-01"))
    result = evaluate(REGISTRY["advocacy_rate"], company(rows), DECEMBER)
    assert (result.numerator, result.n) == (1, 40)


def test_a_child_account_counts_as_its_parent(company):
    rows = customers(("2023-01-01", None), ("2023-01-01", None))
    rows["accounts"][1]["parent_id"] = "a0"
    rows["asks"] = since_2023(*done("p1", "2025-03-01"))
    frame = company(rows).frame("customers_year", DECEMBER)
    assert frame[["account_id", "advocate_accounts"]].to_numpy().tolist() == [["a0", 1.0]]


def test_revenue_that_begins_within_the_window_gives_no_rate(company):
    rows = customers(("2025-02-01", None)) | {"asks": since_2023()}
    result = evaluate(REGISTRY["advocacy_rate"], company(rows), DECEMBER)
    assert (result.value, result.state) == (None, State.MISSING)
    assert result.reason == "revenue is known from 2025-02, the window begins 2024-12"


def escalation(account_id, opened, closed=None):
    return {
        "ticket_id": f"t{account_id}",
        "account_id": account_id,
        "severity": 1,
        "opened_at": dt.datetime.fromisoformat(f"{opened}T09:00:00+00:00"),
        "closed_at": dt.datetime.fromisoformat(f"{closed}T09:00:00+00:00") if closed else None,
        "escalated": True,
    }


def test_settled_customers_are_live_for_90_days_and_without_an_escalation_at_mid_year(company):
    rows = customers(*[("2023-01-01", None)] * 5, ("2023-01-01", "2025-12-01"))
    # 90 days before 31 December 2025 is 2 October; the middle of the year is 30 June
    for place, live in enumerate(["2025-10-02", "2025-10-03"]):
        rows["accounts"][place]["go_live_on"] = day(live)
    rows["accounts"][4]["go_live_on"] = None
    rows["tickets"] = [escalation("a2", "2025-06-01", "2025-07-01"), escalation("a3", "2025-05-01", "2025-06-30")]
    rows["asks"] = since_2023(
        *done("p0", "2025-03-01", activity="reference"),
        *done("p0", "2025-04-01"),
        *done("p1", "2025-03-01"),
        *done("p3", "2025-03-01", activity="referral"),
    )
    frame = company(rows).frame("settled_customers", DECEMBER).set_index("account_id")
    assert frame.index[frame["settled_accounts"] == 1].tolist() == ["a0", "a3"]
    assert frame.index[frame["speaking_accounts"] == 1].tolist() == ["a0"], "a referral is no reference"
    assert frame.index[frame["without_go_live"] == 1].tolist() == ["a4"]
    result = evaluate(REGISTRY["reference_review_rate"], company(rows), DECEMBER)
    assert (result.numerator, result.n) == (1, 2)
    assert result.parts[2].value == 1.0


def test_without_any_go_live_date_there_is_a_reason_and_no_rate(company):
    rows = customers(("2023-01-01", None)) | {"asks": since_2023()}
    rows["accounts"][0]["go_live_on"] = None
    result = evaluate(REGISTRY["reference_review_rate"], company(rows), DECEMBER)
    assert (result.value, result.state) == (None, State.MISSING)
    assert "go-live" in result.reason


def test_a_milestone_gives_the_go_live_where_the_account_has_none(company):
    rows = customers(("2023-01-01", None)) | {"asks": since_2023()}
    rows["accounts"][0]["go_live_on"] = None
    rows["milestones"] = [{"account_id": "a0", "kind": "go_live", "reached_on": day("2023-07-01")}]
    frame = company(rows).frame("settled_customers", DECEMBER)
    assert frame["settled_accounts"].tolist() == [1]


def test_reviews_of_the_month_with_the_other_kinds_beside(company):
    rows = customers(("2023-01-01", None)) | {
        "asks": since_2023(
            *done("p0", "2025-12-01", "2025-12-31", "2025-11-30"),
            *done("p0", "2025-12-05", activity="reference"),
            *done("p0", "2026-01-01"),
        )
    }
    result = evaluate(REGISTRY["review_count"], company(rows), DECEMBER)
    assert (result.value, result.low, result.state) == (2.0, None, State.OK)
    assert {part.label: part.value for part in result.parts} == {
        "References": 1.0,
        "Referrals": 0.0,
        "Stories, quotes and videos": 0.0,
        "Talks and boards": 0.0,
        "Reviews so far": 3.0,
        "People who acted in twelve months": 1.0,
    }


def test_a_month_without_reviews_has_none_and_not_no_figure(company):
    rows = customers(("2023-01-01", None)) | {"asks": since_2023(*done("p0", "2025-05-01"))}
    result = evaluate(REGISTRY["review_count"], company(rows), DECEMBER)
    assert (result.value, result.state) == (0.0, State.OK)
