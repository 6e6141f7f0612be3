"""What the path is told of a month: whose event it is, on which day, and nothing later."""

from itertools import pairwise

import pandas as pd
import pytest

from core.model.journey import STAGES
from core.month import build_month
from core.services.home import open_month
from tests.companies import account, day, source, subscription

JUNE, MAY = day("2026-06-30"), day("2026-05-31")


def contact(name="c1", of="a", **other):
    return {"contact_id": name, "account_id": of, "joined_on": day("2024-01-01"), **other}


def milestone(kind, on, of="a"):
    return {"account_id": of, "kind": kind, "reached_on": day(on)}


def nps(score, on, contact="c1", of="a"):
    return {
        "response_id": f"{contact}-{on}", "account_id": of, "contact_id": contact, "survey": "nps", "score": score,
        "answered_at": pd.Timestamp(on),
    }  # fmt: skip


def give(on, **whom):
    return {
        "interaction_id": f"i-{on}-{whom}", "at": pd.Timestamp(on), "channel": "e-mail", "kind": "check_in",
        "direction": "give", "started_by": "person", **whom,
    }  # fmt: skip


def ask(on, **other):
    return {"ask_id": f"k-{on}", "contact_id": "c1", "activity": "review", "state": "sent", "asked_on": day(on)} | other


def referral(on, **other):
    return {"referral_id": f"f-{on}", "contact_id": "c1", "prospect_id": "p", "submitted_at": pd.Timestamp(on), **other}


@pytest.fixture
def company(tmp_path):
    """A month of one account with one contact, and whatever rows a test adds."""

    def build(as_of=JUNE, **rows):
        rows = {"accounts": [account("a", start_date=day("2024-01-01"))], "contacts": [contact()]} | rows
        rows.setdefault("subscriptions", [subscription("a", "2024-01-01", None, 100)])
        # a subscription that starts on the last day makes June the newest complete month
        rows["subscriptions"] = [*rows["subscriptions"], subscription("z", "2026-06-30", "2026-06-30", 1)]
        return build_month(as_of, source(tmp_path, rows))

    return build


def events(month, stage):
    rows = month.path_input.events
    return [(row.account_id, f"{row.day:%Y-%m-%d}") for row in rows[rows["stage"] == stage].itertuples()]


def standing(month, name="a"):
    (row,) = month.path.accounts[month.path.accounts["account_id"] == name].to_dict("records")
    return row


def test_milestones_are_those_of_the_counted_account(company):
    month = company(
        accounts=[account("a"), account("b", parent_id="a")],
        milestones=[milestone("first_login", "2025-02-01", "b"), milestone("activation", "2025-03-01"),
                    milestone("health_change", "2025-03-02"), milestone("first_login", "2025-04-01", "unknown")],
    )  # fmt: skip
    assert events(month, "first_login") == [("a", "2025-02-01")]
    assert events(month, "activated") == [("a", "2025-03-01")]
    assert set(month.path_input.events["stage"]) == {"first_login", "activated"}


def test_later_rows_are_invisible_in_an_earlier_month(company):
    known = {
        "milestones": [milestone("first_login", "2025-02-01")],
        "outcomes": [{"outcome_id": "g1", "account_id": "a", "agreed_on": day("2025-01-01")}],
        "asks": [ask("2026-05-01")],
        "survey_responses": [nps(8, "2026-04-01")],
        "referrals": [],
        "interactions": [give("2026-01-01", account_id="a")],
    }
    later = {
        "milestones": [*known["milestones"], milestone("activation", "2026-06-01")],
        "outcomes": [{**known["outcomes"][0], "verified_on": day("2026-06-02")}],
        "asks": [ask("2026-05-01", responded_on=day("2026-06-03"), completed_on=day("2026-06-04"))],
        "survey_responses": [*known["survey_responses"], nps(10, "2026-06-05")],
        "referrals": [referral("2026-06-06 09:00")],
        "interactions": [*known["interactions"], give("2026-06-07", account_id="a")],
    }
    may, june = company(MAY, **known), company(MAY, **later)
    pd.testing.assert_frame_equal(may.path.accounts, june.path.accounts)
    assert standing(company(JUNE, **later))["stage"] == "referrer"


def test_the_newest_month_counts_what_was_recorded_since_and_tells_its_day(company):
    month = company(referrals=[referral("2026-07-20 10:00")], asks=[ask("2026-07-01", completed_on=day("2026-07-02"))])
    assert events(month, "referrer") == [("a", "2026-07-20")]
    assert set(events(month, "advocate")) == {("a", "2026-07-02"), ("a", "2026-07-20")}
    account = standing(month)
    assert (account["stage"], account["waiting_days"]) == ("referrer", 0)
    assert account["referrer_on"] == pd.Timestamp("2026-07-20")


def test_an_outcome_counts_when_confirmed_and_not_before_it_was_agreed(company):
    rows = [
        {"outcome_id": "g1", "account_id": "a", "agreed_on": day("2025-05-01"), "verified_on": day("2025-04-01")},
        {"outcome_id": "g2", "account_id": "a", "agreed_on": day("2025-01-01"), "verified_on": None},
    ]
    assert events(company(outcomes=rows), "verified_outcome") == [("a", "2025-05-01")]


@pytest.mark.parametrize(
    ("answers", "stands"),
    [
        pytest.param([nps(9, "2026-01-01")], True, id="a fresh nine"),
        pytest.param([nps(10, "2025-06-30")], True, id="365 days old"),
        pytest.param([nps(10, "2025-06-29")], False, id="older than a year"),
        pytest.param([nps(10, "2026-01-01"), nps(8, "2026-03-01")], False, id="not any more"),
        pytest.param([nps(8, "2026-01-01")], False, id="an eight"),
        pytest.param([nps(10, "2026-01-01", "c2")], False, id="the promoter left"),
    ],
)
def test_who_is_a_promoter_now(company, answers, stands):
    people = [contact(), contact("c2", left_on=day("2026-05-01"))]
    month = company(contacts=people, survey_responses=answers)
    assert set(month.path_input.promoters) == ({"a"} if stands else set())


@pytest.mark.parametrize(
    ("answers", "since"),
    [
        pytest.param([nps(9, "2025-10-01"), nps(10, "2026-02-01")], "2025-10-01", id="a nine again"),
        pytest.param(
            [nps(9, "2025-09-01"), nps(6, "2025-12-01"), nps(9, "2026-03-01")], "2026-03-01", id="fell in between"
        ),
        pytest.param([nps(10, "2024-06-01"), nps(10, "2025-12-01")], "2025-12-01", id="the first grew too old"),
        pytest.param([nps(10, "2024-12-01"), nps(10, "2025-12-02")], "2024-12-01", id="again as it grows too old"),
        pytest.param(
            [nps(9, "2025-08-01"), nps(9, "2025-11-01", "c2"), nps(5, "2026-01-01")], "2025-08-01", id="somebody else"
        ),
        pytest.param([nps(9, "2025-07-15", "c3"), nps(9, "2026-03-01")], "2026-03-01", id="the first one left before"),
    ],
)
def test_a_promoter_stands_there_since_the_present_spell_of_answers_began(company, answers, since):
    people = [contact(), contact("c2"), contact("c3", left_on=day("2025-12-01"))]
    month = company(contacts=people, survey_responses=answers)
    assert month.path_input.promoters == {"a": pd.Timestamp(since)}
    at = standing(month)
    assert (at["stage"], at["since"], at["promoter_on"]) == ("promoter", pd.Timestamp(since), pd.Timestamp(since))


def test_who_refers_has_done_something_for_us_though_no_ask_was_completed(company):
    month = company(referrals=[referral("2026-03-01 10:00", ask_id="k-2026-02-01")], asks=[ask("2026-02-01")])
    assert events(month, "referrer") == [("a", "2026-03-01")]
    assert ("a", "2026-03-01") in events(month, "advocate")


def test_a_customer_that_came_back_stays_since_then_and_its_first_stay_ended(company):
    rows = [subscription("a", "2024-01-01", "2024-06-01", 100), subscription("a", "2026-02-10", None, 100)]
    (row,) = company(subscriptions=rows).path_input.customers.query("account_id == 'a'").to_dict("records")
    assert (row["stay_from"], row["left_on"]) == (pd.Timestamp("2026-02-10"), pd.Timestamp("2024-06-01"))
    assert row["started_on"] == pd.Timestamp("2024-01-01")


def test_a_gap_that_no_month_end_sees_and_a_second_product_begin_no_stay(company):
    late = [subscription("a", "2024-01-01", "2025-03-05", 100), subscription("a", "2025-03-20", None, 100)]
    more = [subscription("a", "2024-01-01", None, 100), subscription("a", "2026-03-10", None, 50)]
    for rows in (late, more):
        (row,) = company(subscriptions=rows).path_input.customers.query("account_id == 'a'").to_dict("records")
        assert row["stay_from"] == pd.Timestamp("2024-01-01")


def test_who_left_is_kept_without_a_stay_and_who_leaves_later_has_not_left_yet(company):
    rows = [subscription("a", "2024-01-01", "2025-06-01", 100), subscription("b", "2024-01-01", "2026-09-01", 100)]
    month = company(accounts=[account("a"), account("b")], subscriptions=rows)
    customers = month.path_input.customers.set_index("account_id")
    assert pd.isna(customers.loc["a", "stay_from"])
    assert customers.loc["a", "left_on"] == pd.Timestamp("2025-06-01")
    assert customers.loc["b", "stay_from"] == customers.loc["b", "started_on"]
    assert pd.isna(customers.loc["b", "left_on"])
    assert list(month.path.accounts["account_id"]) == ["b"]


def test_a_give_counts_for_the_account_it_names_or_for_that_of_the_person(company):
    month = company(
        accounts=[account("a"), account("b")],
        contacts=[contact(), contact("c2", "b")],
        interactions=[give("2026-02-01", account_id="a"), give("2026-03-01", contact_id="c2"), give("2026-01-01"),
                      give("2026-06-01", account_id="a") | {"direction": "neutral"}],
        survey_responses=[nps(3, "2026-04-01", contact=None)],
        asks=[ask("2026-03-01", responded_on=day("2026-05-05"), response="no")],
    )  # fmt: skip
    touches = month.path_input.touches.set_index("account_id")
    assert touches.loc["a", "last_give_on"] == pd.Timestamp("2026-02-01")
    assert touches.loc["b", "last_give_on"] == pd.Timestamp("2026-03-01")
    assert touches.loc["a", "last_answer_on"] == pd.Timestamp("2026-05-05")


def test_without_milestones_and_records_nothing_is_claimed(company):
    path = company().path
    assert path.stages[0].here == 1
    assert all(stage.unknown for stage in path.stages[1:])
    assert not path.steps
    assert path.leak is None


def test_the_demo_company_ties_to_its_arr_and_its_accounts(in_demo):
    month = open_month(day("2026-10-01"))
    assert sum(stage.here_arr for stage in month.path.stages) == 12 * month.kpi_input.revenue.mrr_at(month.month).sum()
    assert month.path.accounts["account_id"].is_unique
    assert all(stage.unknown is None for stage in month.path.stages)
    assert [(step.start, step.end) for step in month.path.steps] == list(pairwise(STAGES))
    referrers = month.path.accounts["referrer_on"].notna()
    assert month.path.accounts.loc[referrers, "advocate_on"].notna().all()
