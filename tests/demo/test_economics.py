"""The default company looks like one that sells software to businesses, to whoever reads its figures first."""

import numpy as np
import pandas as pd
import pytest

PAID = ("paid_search", "paid_social", "events")
COSTS = ["media_cents", "people_cents", "platform_cents", "rewards_cents"]
YEAR = "2025-10-31"


@pytest.fixture(scope="module")
def tables(company):
    return company.tables


@pytest.fixture(scope="module")
def spend(tables):
    """Spend of the last twelve months by line, in cents."""
    rows = tables["spend"]
    return rows[rows["month"] > YEAR].assign(cents=lambda f: f[COSTS].sum(axis=1))


@pytest.fixture(scope="module")
def won(tables):
    """Customers won in the last twelve months: channel and revenue of the first year as contracted, in cents."""
    rows = tables["subscriptions"]
    rows = rows[~rows["is_trial"]]
    first = rows.groupby("account_id")["start_date"].transform("min")
    amounts = 12 * rows[rows["start_date"] == first].groupby("account_id")["mrr_cents"].sum()
    accounts = tables["accounts"].drop_duplicates("account_id").set_index("account_id")
    new = accounts[accounts["start_date"] > YEAR]
    return pd.DataFrame({"channel": new["acquisition_channel"], "amount": amounts.reindex(new.index)})


@pytest.fixture(scope="module")
def cost(spend, won):
    """Cost of a new customer by class of channel, spend and customers of the same twelve months."""

    def of(channels):
        return spend.loc[spend["channel"].isin(channels), "cents"].sum() / won["channel"].isin(channels).sum()

    return {"paid": of(PAID), "referral": of(["referral"]), "all": of(spend["channel"].dropna().unique())}


def test_a_paid_customer_costs_about_its_first_year_and_a_referred_one_a_good_third(cost, won):
    assert 1.0 < cost["paid"] / won.loc[won["channel"].isin(PAID), "amount"].mean() < 1.5
    assert 2.0 < cost["paid"] / cost["referral"] < 3.0


def test_a_customer_pays_back_in_a_bit_more_than_a_year(cost, won, tables):
    margin = tables["gross_margin"]["rate"].mean()
    assert 11 < cost["all"] / (won["amount"].mean() * margin / 12) < 17


def test_referrals_bring_between_a_seventh_and_a_third_of_new_customers(won):
    assert 0.15 < (won["channel"] == "referral").mean() < 0.30


def test_spend_is_a_sane_share_of_revenue(spend, company):
    share = spend.groupby("kind")["cents"].sum() / 100 / company.truth["arr_at_end_eur"]
    assert 0.015 < share["post_sale"] < 0.03
    assert 0.10 < share["acquisition"] < 0.25


def test_referred_deals_are_won_visibly_more_often_than_the_rest(tables):
    deals = tables["opportunities"]
    deals = deals[(deals["kind"] == "new") & (deals["outcome"] != "open") & (deals["closed_on"] > YEAR)]
    rate = (deals["outcome"] == "won").groupby(deals["source"] == "referral").mean()
    assert 0.20 <= rate[False] <= 0.25
    assert 0.10 <= rate[True] - rate[False] <= 0.15


@pytest.mark.parametrize(
    ("kind", "low", "high"), [pytest.param("first_value", 20, 60), pytest.param("outcome", 90, 180)]
)
def test_customers_reach_value_within_weeks_and_a_verified_outcome_within_months(kind, low, high, tables):
    accounts = tables["accounts"].drop_duplicates("account_id").set_index("account_id")["start_date"]
    started = accounts[accounts.between("2024-11-01", YEAR)]
    if kind == "outcome":
        reached = tables["outcomes"].groupby("account_id")["verified_on"].min()
    else:
        rows = tables["milestones"]
        reached = rows[rows["kind"] == "first_value"].groupby("account_id")["reached_on"].min()
    days = (reached.reindex(started.index) - started).dt.days
    assert low < days.fillna(np.inf).median() < high


def test_some_lines_are_overspent_and_some_underspent(company):
    marginal = {line["line"]: line["marginal_return_today"] for line in company.truth["lines"]}
    assert marginal["paid_social"] < 0.5 * marginal["referral_programme"]
    assert max(marginal.values()) > 1 > 0.3 > min(marginal.values())


def test_what_the_council_moved_is_in_the_spend(company):
    rows = company.tables["spend"].assign(cents=lambda f: f[COSTS].sum(axis=1))
    for move in company.truth["moves"]["lines"]:
        own = rows[rows["line"] == move["line"]].set_index("month")["cents"]
        before, after = own[: pd.Timestamp(move["from"]) - pd.Timedelta(days=1)].iloc[-12:], own[move["from"] :]
        assert (after.mean() > before.mean()) == (move["factor"] > 1), move["line"]
