"""What waits on the last day: every screen of requests and referrals has something of each kind to show."""

import pandas as pd
import pytest

from core.demo import generate
from core.model.requests import load_request_rules

AS_OF = pd.Timestamp("2026-10-31")


@pytest.fixture(scope="module")
def tables(company):
    return company.tables


@pytest.fixture(scope="module")
def requests(tables):
    """Requests that are not closed, with the deal and, for those of a person, the ask behind them."""
    rows = tables["reference_requests"]
    rows = rows[rows["state"].isin(["open", "matched"])]
    return rows.merge(tables["opportunities"], on="opportunity_id").merge(
        tables["asks"][["opportunity_id", "contact_id", "activity", "state", "response"]],
        on=["opportunity_id", "contact_id"],
        how="left",
        suffixes=("", "_ask"),
    )


def test_six_to_eight_requests_wait_each_for_a_large_open_deal(requests, tables):
    assert 6 <= len(requests) <= 8
    assert requests["outcome"].eq("open").all() and requests["reference_required"].all()
    deals = tables["opportunities"]
    assert requests["amount_cents"].median() > deals.loc[deals["outcome"] == "open", "amount_cents"].median()


def test_one_request_is_late_and_the_others_fall_due_one_after_another(requests):
    days = (requests["needed_by"] - AS_OF).dt.days
    assert (days < 0).sum() == 1
    assert days.is_unique
    assert days.max() < 31


def test_a_person_who_was_asked_and_has_not_answered_stands_on_two(requests):
    asked = requests[requests["state"] == "matched"]
    assert len(asked) == 2
    assert set(asked["activity"]) == {"reference"} and set(asked["state_ask"]) == {"sent"}
    assert asked["response"].isna().all()
    assert requests.loc[requests["state"] == "open", "contact_id"].isna().all()


def test_one_wish_no_customer_meets(requests, tables):
    rare = requests[
        ~requests["wanted_use_case"].isin(tables["accounts"]["use_case"]) & requests["wanted_use_case"].notna()
    ]
    assert len(rare) == 1
    others = rare[["wanted_industry", "wanted_size", "wanted_region"]].iloc[0]
    assert others.isna().all()
    rules = load_request_rules().matching
    wanted = ["use_case", "persona"]
    assert 100 * rules.weights["persona"] / sum(rules.weights[name] for name in wanted) < rules.least_fit


def test_referrals_of_the_last_weeks_stand_in_every_state_before_a_deal(tables):
    rows = tables["referrals"]
    rows = rows[
        rows["opportunity_id"].isna() & (rows["submitted_at"].dt.tz_localize(None) > AS_OF - pd.Timedelta(days=14))
    ]
    assert rows["rejected_reason"].isna().all()
    contacted, accepted = rows["first_contact_at"].notna(), rows["qualified_at"].notna()
    assert [(~contacted).sum(), (contacted & ~accepted).sum(), accepted.sum()] == [2, 3, 2]


def test_a_referral_of_ones_own_company_names_the_referrers_account(tables):
    rows = tables["referrals"].merge(tables["contacts"][["contact_id", "account_id"]], on="contact_id")
    assert (rows["prospect_id"] == rows["account_id"]).sum() == 2


def test_referred_companies_and_buyers_go_by_names(tables):
    referrals, people = tables["referrals"], tables["people"]
    nothing = referrals[referrals["opportunity_id"].isna()]
    named = nothing["prospect_id"].isin(people.loc[people["contact_id"].isna(), "person_id"])
    own = nothing["prospect_id"].isin(tables["accounts"]["account_id"])
    assert (named | own).all() and own.sum() == 2
    deals = tables["opportunities"].set_index("opportunity_id")["name"].str.removesuffix(", new business")
    became = referrals.dropna(subset=["opportunity_id"])
    assert (became["prospect_id"] == became["opportunity_id"].map(deals)).all()
    strangers = people[people["contact_id"].isna()]
    assert len(strangers) > 0
    assert strangers["full_name"].str.fullmatch(r"\w+ \w+").all()


def test_some_referrers_were_told_how_the_deal_ended_and_some_were_not(tables):
    ended = tables["opportunities"].dropna(subset=["closed_on"]).set_index("opportunity_id")["closed_on"]
    rows = tables["referrals"].dropna(subset=["ask_id"])
    rows = rows[rows["opportunity_id"].isin(ended.index)]
    told = rows["ask_id"].map(tables["asks"].set_index("ask_id")["told_outcome_on"])
    assert 0.4 < (told >= rows["opportunity_id"].map(ended)).mean() < 0.9


def test_login_activation_first_value_and_verified_outcome_follow_one_another(large):
    rows = large.tables["milestones"]
    steps = rows[rows["kind"].isin(["first_login", "activation", "first_value"])]
    days = steps.pivot(index="account_id", columns="kind", values="reached_on")
    assert (days["activation"] > days["first_login"])[days["activation"].notna()].all()
    assert (days["first_value"] > days["activation"])[days["first_value"].notna()].all()
    assert days["first_value"].isna().any() and days["activation"].isna().any()
    outcomes = large.tables["outcomes"].dropna(subset=["verified_on"])
    assert (outcomes["verified_on"] > outcomes["account_id"].map(days["first_value"])).all()


@pytest.mark.parametrize(("accounts", "times"), [(60, 1), (1000, 2)])
def test_what_waits_grows_with_the_company_and_is_never_missing(accounts, times):
    rows = generate(accounts, 14, 3).tables["referrals"]
    late = rows["opportunity_id"].isna() & (rows["submitted_at"].dt.tz_localize(None) > AS_OF - pd.Timedelta(days=14))
    assert late.sum() == 7 * times
