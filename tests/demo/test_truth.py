"""What is planted can be found, and a careless reading misses it."""

import json

import numpy as np
import pandas as pd
import pytest

from core.demo import generate


def arr_at(company, day):
    """ARR in cents by account at the end of a day."""
    rows = company.tables["subscriptions"]
    when = pd.Timestamp(day)
    paid = rows[(rows["start_date"] <= when) & ~(rows["end_date"] <= when) & ~rows["is_trial"]]
    return 12 * paid.groupby("account_id")["mrr_cents"].sum()


def test_naive_advocacy_gap_is_about_three_times_the_truth():
    found = [generate(2000, 36, seed).truth["advocacy"] for seed in (1, 2, 3)]
    naive = np.mean([item["naive_retention_12_months"] for item in found])
    true = np.mean([item["true_retention_12_months"] for item in found])
    assert 0.02 < true < 0.08
    assert 2 < naive / true < 4.5
    assert np.mean([item["naive_arr_ratio_12_months"] for item in found]) > 1.5 * np.mean(
        [item["true_arr_ratio_12_months"] for item in found]
    )


def test_naive_gap_in_the_truth_is_the_one_in_the_tables(company):
    contacts = company.tables["contacts"].set_index("contact_id")["account_id"]
    acts = company.tables["asks"].dropna(subset=["completed_on"])
    first = acts.groupby(acts["contact_id"].map(contacts))["completed_on"].min().dt.to_period("M")
    sums = np.zeros((2, 2))
    for month in pd.period_range("2023-11", "2025-10", freq="M"):
        now = arr_at(company, month.end_time.normalize()).index
        later = arr_at(company, (month + 12).end_time.normalize()).index
        begun = first.reindex(now)
        for arm, group in enumerate((now[begun.isna() | (begun > month)], now[begun == month])):
            sums[arm] += [len(group), group.isin(later).sum()]
    gap = sums[1, 1] / sums[1, 0] - sums[0, 1] / sums[0, 0]
    assert gap == pytest.approx(company.truth["advocacy"]["naive_retention_12_months"], abs=1e-6)


def test_stratifying_finds_the_referral_effect_that_the_plain_gap_misses(large):
    deals = large.tables["opportunities"]
    deals = deals[(deals["kind"] == "new") & (deals["outcome"] != "open")]
    deals = deals.assign(referred=deals["source"] == "referral", won=deals["outcome"] == "won")
    groups = deals.groupby(["segment", "industry", "referred"])["won"].agg(["mean", "size"]).unstack("referred")
    groups = groups.dropna()
    rate, size = groups["mean"], groups["size"]
    weight = size[True] / size[True].sum()
    effect = (weight * (rate[True] - rate[False])).sum()
    spread = rate * (1 - rate) / size
    error = np.sqrt((weight**2 * (spread[True] + spread[False])).sum())
    truth = large.truth["referrals"]
    plain = deals.loc[deals["referred"], "won"].mean() - deals.loc[~deals["referred"], "won"].mean()
    assert abs(effect - truth["true_win_rate_pp"]) < 3 * error
    assert abs(plain - truth["true_win_rate_pp"]) > 3 * error
    assert plain == pytest.approx(truth["naive_win_rate_gap_pp"], abs=1e-6)


def test_referred_deals_close_faster_by_the_planted_ratio(large):
    deals = large.tables["opportunities"]
    deals = deals[(deals["kind"] == "new") & (deals["outcome"] != "open") & (deals["segment"] == "SMB")]
    days = (deals["closed_on"] - deals["created_on"]).dt.days
    medians = days.groupby(deals["source"] == "referral").median()
    assert medians[True] / medians[False] == pytest.approx(large.truth["referrals"]["cycle_days_ratio"], abs=0.06)


def test_asking_again_within_90_days_is_accepted_less(large):
    asks = large.tables["asks"]
    asks = asks[asks["state"] == "sent"].sort_values(["contact_id", "asked_on"])
    before = asks["asked_on"].groupby(asks["contact_id"]).diff().dt.days
    earlier = asks["asked_on"].groupby(asks["contact_id"]).diff(2).dt.days
    prior = (before <= 90).astype(int) + (earlier <= 90)
    yes = (asks["response"] == "yes").groupby(prior).mean()
    assert yes[0] > yes[1] > yes[2]
    # Second asks only, within the same first answer: being asked again follows that answer, how soon does not.
    second = asks[asks.groupby("contact_id").cumcount() == 1]
    rows = second.assign(
        yes=second["response"] == "yes",
        soon=before[second.index] <= 90,
        answered=asks["response"].groupby(asks["contact_id"]).shift()[second.index].fillna("none"),
    )
    rate = rows.groupby(["answered", "soon"])["yes"].mean().unstack()
    size = rows.groupby("answered").size()
    factor = (rate[True] * size).sum() / (rate[False] * size).sum()
    assert factor == pytest.approx(large.truth["fatigue"]["factor"], abs=0.06)


def test_opportunities_follow_the_response_of_their_line(large):
    months = pd.date_range("2023-11-01", "2026-10-01", freq="MS")
    season = np.array(large.truth["season"]["opportunities"])[months.month - 1]
    spend = large.tables["spend"].assign(
        total=lambda f: f[["media_cents", "people_cents", "platform_cents", "rewards_cents"]].sum(axis=1) / 100
    )
    deals = large.tables["opportunities"]
    deals = deals[(deals["kind"] == "new") & (deals["created_on"] >= "2024-05-01")]
    created = deals.groupby(["source", deals["created_on"].dt.to_period("M")]).size()
    lines = {item["line"]: item for item in large.truth["lines"]}
    for line, channel in (("referral_programme", "referral"), ("paid_search", "paid_search"), ("events", "events")):
        truth, works, expected = lines[line], None, 0.0
        for month, factor, amount in zip(
            months, season, spend[spend["line"] == line].sort_values("month")["total"], strict=True
        ):
            works = amount if works is None else (1 - truth["carry_over"]) * amount + truth["carry_over"] * works
            powered = works ** truth["exponent"]
            share = powered / (truth["half_at_eur"] ** truth["exponent"] + powered)
            expected += truth["ceiling_units"] * share * factor if month >= pd.Timestamp("2024-05-01") else 0.0
        # Deals created in the last months are all open or closed in the window, so none are missing.
        assert created[channel].sum() == pytest.approx(expected, abs=4 * np.sqrt(expected))


def test_the_price_rise_makes_its_segment_leave(large):
    shock = large.truth["shock"]
    month = pd.Period(shock["month"], "M")
    accounts = large.tables["accounts"].drop_duplicates("account_id").set_index("account_id")
    hit = accounts.index[accounts["segment"] == shock["segment"]]

    def leaving(start):
        before = arr_at(large, (start - 1).end_time.normalize()).index.intersection(hit)
        after = arr_at(large, (start + shock["lasts_months"] - 1).end_time.normalize()).index
        return 1 - before.isin(after).mean()

    assert leaving(month) > 1.5 * leaving(month - 12)


def test_finance_agrees_with_subscriptions_but_for_the_listed_rows(company):
    totals = company.tables["finance_totals"]
    listed = {(item["month"], item["account_id"]) for item in company.truth["finance_disagreements"]}
    found = set()
    for month, rows in totals.groupby("month"):
        arr = arr_at(company, month + pd.offsets.MonthEnd(0))
        whole = rows[rows["account_id"].isna()].iloc[0]
        if whole["arr_cents"] != arr.sum():
            found.add((str(month.date()), None))
        single = rows.dropna(subset=["account_id"]).set_index("account_id")["arr_cents"]
        single = single[single > 0]
        assert set(single.index) == set(arr.index)
        found |= {(str(month.date()), account) for account in single.index[single != arr.reindex(single.index)]}
    assert found == listed
    assert len(listed) == 6


def test_the_default_company_has_the_intended_size(company):
    end, before = arr_at(company, "2026-10-31"), arr_at(company, "2025-10-31")
    later = end.reindex(before.index).fillna(0)
    assert 15e8 < end.sum() < 25e8
    assert 1.0 < later.sum() / before.sum() < 1.08
    assert 0.86 < np.minimum(later, before).sum() / before.sum() < 0.93
    deals = company.tables["opportunities"]
    year = deals[(deals["kind"] == "new") & (deals["closed_on"] > "2025-10-31")]
    assert (year["source"] == "referral").sum() >= 60
    assert (year["source"] != "referral").sum() >= 250


def test_the_last_matured_month_invites_enough_new_contacts(company):
    asks = company.tables["asks"].dropna(subset=["asked_on"])
    first = asks.groupby("contact_id")["asked_on"].min().dt.to_period("M").value_counts()
    assert first[pd.Period("2026-09", "M")] >= 40
    assert first[pd.Period("2026-10", "M")] >= 35


def test_tickets_of_high_severity_are_open_at_the_end(company):
    tickets = company.tables["tickets"]
    still = tickets[tickets["closed_at"].isna()]
    assert (still["severity"] <= 2).any()
    assert tickets["escalated"].any()


def test_truth_is_plain_json_without_gaps(company):
    text = json.dumps(company.truth, allow_nan=False)
    assert json.loads(text) == company.truth
    returns = [line["return_today"] for line in company.truth["lines"]]
    assert all(0.2 < value < 4 for value in returns)
    assert all(0 < line["marginal_return_today"] < line["return_today"] for line in company.truth["lines"])
