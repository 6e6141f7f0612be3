"""CSAT, first answers and value reviews on companies small enough to work by hand."""

import datetime as dt

import pytest

from core.kpis import REGISTRY, evaluate
from core.kpis.registry import kpi_rows, totals
from core.kpis.result import State
from tests.companies import account, day, subscription

DECEMBER = dt.date(2025, 12, 1)
BASE = {
    "accounts": [account("a", segment="SMB"), account("b", parent_id="a")],
    "subscriptions": [subscription("a", "2024-01-01", None, 10)],
}


def at(text):
    return dt.datetime.fromisoformat(text)


def answer(name, when, score, contact="k", survey="csat"):
    return {
        "response_id": name,
        "account_id": "a",
        "contact_id": contact,
        "survey": survey,
        "score": score,
        "answered_at": at(when),
    }


def ticket(name, opened, answered=None, severity=2, who="a"):
    return {
        "ticket_id": name,
        "account_id": who,
        "severity": severity,
        "opened_at": at(opened),
        "first_response_at": at(answered) if answered else None,
        "escalated": False,
    }


def review(name, planned, held, stated=True, who="a", kind="review"):
    return {
        "interaction_id": name,
        "account_id": who,
        "at": at(f"{held}T10:00"),
        "channel": "call",
        "kind": kind,
        "direction": "give",
        "started_by": "calendar",
        "planned_on": day(planned) if planned else None,
        "value_stated": stated,
    }


def value_of(data, name, month=DECEMBER):
    """The figure, checked against the rows behind it."""
    item = REGISTRY[name]
    result = evaluate(item, data, month)
    assert item.function(**totals(item, kpi_rows(item, data, month))) == result.value
    return result


def test_csat_counts_the_two_best_answers_of_the_month(company):
    answers = [
        answer("1", "2025-12-01T00:00", 4, "k1"),
        answer("2", "2025-12-31T23:59", 5, "k2"),
        answer("3", "2025-12-10T12:00", 3, "k3"),
        answer("4", "2025-12-10T09:00", 5, "k4"),
        answer("5", "2025-12-10T10:00", 1, "k4"),
        answer("6", "2025-12-11T10:00", 4, "k4"),
        answer("7", "2025-12-05T10:00", 2, None),
        answer("8", "2025-12-05T10:00", 2, None),
        answer("9", "2025-11-30T23:59", 5, "k5"),
        answer("10", "2025-12-12T10:00", 9, "k6"),
        answer("11", "2025-12-12T10:00", 9, "k7", survey="nps"),
    ]
    result = value_of(company(BASE | {"survey_responses": answers}), "csat_rate")
    assert (result.numerator, result.n) == (3, 7), "the last of a day counts; unknown people are not one person"
    assert (result.state, result.reason) == (State.TOO_FEW, "too few: 3 of 7, about 39 needed to show such a rate")
    mean_of_the_scale = (4 + 5 + 3 + 1 + 4 + 2 + 2) / 7 / 5
    assert result.value != pytest.approx(mean_of_the_scale)


@pytest.mark.parametrize(
    ("opened", "answered", "severity", "counted", "met"),
    [
        pytest.param("2025-12-10T10:00", "2025-12-10T14:00", 2, 1, 1, id="at the last minute"),
        pytest.param("2025-12-10T10:00", "2025-12-10T14:01", 2, 1, 0, id="a minute late"),
        pytest.param("2025-12-10T10:00", None, 2, 1, 0, id="never answered is missed, not left out"),
        pytest.param("2025-12-10T10:00", "2025-12-11T09:59", 4, 1, 1, id="severity 4 has a day"),
        pytest.param("2025-12-10T10:00", "2025-12-10T11:30", 1, 1, 0, id="severity 1 has an hour"),
        pytest.param("2025-12-31T22:00", None, 2, 0, 0, id="still within its promise at month end"),
        pytest.param("2025-12-31T22:00", "2026-01-01T01:00", 2, 0, 0, id="answered in time, but next month"),
        pytest.param("2025-12-31T22:00", "2025-12-31T23:00", 2, 1, 1, id="met before month end"),
        pytest.param("2025-12-31T20:00", None, 2, 0, 0, id="the promise ends with the month"),
        pytest.param("2025-12-31T19:59", None, 2, 1, 0, id="the promise has passed"),
        pytest.param("2025-11-30T23:59", "2025-12-01T00:01", 2, 0, 0, id="opened the month before"),
    ],
)
def test_a_ticket_counts_once_its_promise_is_met_or_has_passed(company, opened, answered, severity, counted, met):
    rows = company(BASE | {"tickets": [ticket("t", opened, answered, severity)]}).frame("tickets_opened", DECEMBER)
    assert (rows["due_tickets"].sum(), rows["answered_in_time"].sum()) == (counted, met)


def test_unanswered_tickets_stay_in_and_each_severity_has_its_share(company):
    tickets = [
        ticket("1", "2025-12-02T10:00", "2025-12-02T10:30", 1),
        ticket("2", "2025-12-02T10:00", "2025-12-02T11:00", 2, who="b"),
        ticket("3", "2025-12-02T10:00", None, 2),
        ticket("4", "2025-12-02T10:00", None, 2),
    ]
    data = company(BASE | {"tickets": tickets})
    result = value_of(data, "first_response_sla_rate")
    assert result.value == 2 / 4
    answered = [item for item in tickets if item["first_response_at"]]
    assert all(item["first_response_at"] - item["opened_at"] <= dt.timedelta(hours=1) for item in answered), (
        "the mean of the hours of those answered is half an hour: nothing seems wrong"
    )
    assert [(part.label[:10], part.value, part.n) for part in result.parts] == [
        ("Severity 1", 1.0, 1),
        ("Severity 2", 1 / 3, 3),
        ("Severity 3", None, 0),
        ("Severity 4", None, 0),
    ]
    assert data.frame("tickets_opened", DECEMBER)["account_name"].unique().tolist() == ["A"], "the parent is shown"


def test_no_ticket_is_undefined(company):
    data = company(BASE | {"tickets": [ticket("t", "2025-10-02T10:00")]})
    result = evaluate(REGISTRY["first_response_sla_rate"], data, DECEMBER)
    assert (result.state, result.reason) == (State.UNDEFINED, "no promise fell due in the month")


def test_a_review_counts_when_it_is_held_near_its_plan_and_with_a_number(company):
    reviews = [
        review("in time", "2025-09-01", "2025-09-15"),
        review("early", "2025-11-30", "2025-11-16"),
        review("a day too late", "2025-10-01", "2025-10-16"),
        review("a day too early", "2025-11-30", "2025-11-15"),
        review("no number", "2025-10-01", "2025-10-01", stated=False),
        review("number unknown", "2025-10-01", "2025-10-01", stated=None),
        review("this month", "2025-12-01", "2025-12-01"),
        review("four months ago", "2025-08-31", "2025-08-31"),
        review("not planned", None, "2025-10-01"),
        review("not held yet", "2025-11-30", "2026-01-02"),
        review("no review", "2025-10-01", "2025-10-01", kind="check_in"),
        review("nobody knows whose", "2025-10-01", "2025-10-01", who=None),
    ]
    data = company(BASE | {"interactions": reviews}, dt.date(2026, 2, 1))
    result = value_of(data, "exec_reviews_held_rate")
    assert (result.numerator, result.n) == (3, 7)
    assert [part.value for part in result.parts] == [2, 2]
    later = value_of(data, "exec_reviews_held_rate", dt.date(2026, 1, 1))
    assert later.n == 8, "seen a month later, the one planned for 30 November was held too late"


def test_reviews_of_earlier_months_are_undefined_where_none_was_planned(company):
    data = company(BASE | {"interactions": [review("r", "2025-12-01", "2025-12-01")]})
    result = evaluate(REGISTRY["exec_reviews_held_rate"], data, DECEMBER)
    assert (result.state, result.reason) == (State.UNDEFINED, "no review was planned in the three months before")


@pytest.mark.parametrize("name", ["csat_rate", "first_response_sla_rate", "exec_reviews_held_rate"])
def test_shares(name):
    item = REGISTRY[name]
    part, whole = item.arguments
    assert [item.function(**{part: hits, whole: of}) for hits, of in ((0, 0), (0, 9), (9, 9))] == [None, 0, 1]


def test_a_figure_of_one_segment_has_its_rows_alone(company):
    rows = BASE | {
        "accounts": [account("a", segment="SMB"), account("b", segment="Enterprise")],
        "tickets": [
            ticket("1", "2025-12-02T10:00", "2025-12-02T10:30"),
            ticket("2", "2025-12-02T10:00", who="b"),
            ticket("3", "2025-12-02T10:00", who="b"),
        ],
    }
    data = company(rows)
    found = {
        segment: evaluate(REGISTRY["first_response_sla_rate"], data, DECEMBER, segment=segment).n
        for segment in (None, "SMB", "Enterprise")
    }
    assert found == {None: 3, "SMB": 1, "Enterprise": 2}
