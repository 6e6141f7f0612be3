"""Lifetime value and what it is compared with, against published cases and hand-worked companies."""

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.kpis import REGISTRY, evaluate
from core.kpis.lifetime import counts_of, expected_months, last_followed, months_of_margin, simple_months, sums_of
from core.kpis.result import State
from core.model.small_samples import small_samples
from tests.companies import account, day, subscription

DECEMBER = dt.date(2025, 12, 1)
CASES = {
    case["id"]: case
    for name in ("value", "acquisition")
    for case in json.loads((Path(__file__).parents[1] / "published" / f"{name}.json").read_text(encoding="utf-8"))
}


def geometric(retention, customers=10_000_000):
    """Counts of customers who leave with a constant chance, all followed past the horizon."""
    alive = customers * retention ** np.arange(37)
    lost = np.r_[0.0, -np.diff(alive)][:36]
    left = np.zeros(36)
    left[35] = customers - lost.sum()
    return np.r_[lost, left][None, :]


def test_margin_now_is_the_published_value_and_one_undiscounted_margin():
    """Net 4 You: first margin after the first renewal, 67.26; ours has the first margin now, one more of 18.95."""
    given = CASES["net4you_clv_discounted"]["inputs"]
    margin = given["price"] - given["variable_cost"] - given["loyalty_cost"]
    yearly = (1 + given["monthly_discount"]) ** 12 - 1
    months = expected_months(geometric(given["monthly_retention"]), 35, yearly)[0]
    beyond = margin * (given["monthly_retention"] / (1 + given["monthly_discount"])) ** 36 / (1 - 0.788 / 1.01)
    published = CASES["net4you_clv_discounted"]["expected"]["clv"]
    assert margin * months + beyond - margin == pytest.approx(published, abs=0.002)


@pytest.mark.parametrize(
    ("months", "lost", "margin", "case"),
    [
        pytest.param([100, 100], [1, 0], 2000 * 0.6, "abracalc_ltv_enterprise", id="abracalc, churn 0.5 %"),
        pytest.param([10, 10], [1, 0], 100, "chartmogul_ltv_2000", id="chartmogul, churn 5 %"),
    ],
)
def test_the_check_line_is_the_published_simple_formula(months, lost, margin, case):
    columns = {"tenure_months": np.array(months), "lost_accounts": np.array(lost)}
    assert margin * simple_months(columns) == pytest.approx(CASES[case]["expected"]["ltv"])


def test_without_a_loss_the_simple_formula_has_no_value_and_ours_has():
    columns = {
        "tenure_months": np.full(40, 20),
        "lost_accounts": np.zeros(40),
        "followed_accounts": np.ones(40),
    }
    assert simple_months(columns) is None
    assert months_of_margin(columns, 0.0) == pytest.approx(36)


def test_value_over_cost_meets_the_published_ratio():
    """CFI: margin 20 a year, three of four stay, cost 10: 80 over 10, from one customer in four lost in a year."""
    expected = CASES["cfi_ltv_cac_8x"]["expected"]
    columns = {"tenure_months": np.ones(4), "lost_accounts": np.array([1, 0, 0, 0])}
    assert expected["margin"] * simple_months(columns) / expected["cac"] == pytest.approx(expected["ratio"])


def test_survival_is_read_at_month_ends_and_cut_where_too_few_are_followed():
    months, lost = [0, 1, 2, 2, 40], [0, 1, 0, 1, 0]
    columns = {"tenure_months": months, "lost_accounts": lost, "followed_accounts": np.ones(5)}
    counts = sums_of(columns)
    assert counts.tolist() == counts_of(columns).sum(axis=0).tolist()
    assert counts[[1, 2, 36, 38, 71]].tolist() == [1, 1, 1, 1, 1]
    assert last_followed(counts) == 1, "least of 30 and of those there at month 1"
    until_two = expected_months(counts[None, :], 35, 0.0)[0]
    assert until_two == pytest.approx(1 + 3 / 4 + 34 * (3 / 4) * (2 / 3))


def test_the_tail_goes_on_as_the_data_went():
    """With a constant chance of leaving the extrapolated months equal the seen ones."""
    seen = expected_months(geometric(0.95), 35, 0.1)[0]
    short = geometric(0.95)
    short[0, 71] = 0
    alive = 10_000_000 * 0.95**18
    short[0, 19:36] = 0
    short[0, 36 + 18] = alive
    assert expected_months(short, 18, 0.1)[0] == pytest.approx(seen, rel=0.005)


def won(count, month, end=None, mrr=100, tag="", channel="referral"):
    names = [f"{tag}{month}-{place}" for place in range(count)]
    return (
        [account(name, acquisition_channel=channel) for name in names],
        [subscription(name, f"{month}-10", end, mrr) for name in names],
    )


def margins(rate=0.8, first=2022):
    return [{"month": dt.date(year, month, 1), "rate": rate} for year in range(first, 2026) for month in range(1, 13)]


def followed_company(**other):
    """Sixty customers of January 2025, twenty of whom left after three months; one from before the data."""
    stay, their = won(40, "2025-01", tag="stay")
    left, theirs = won(20, "2025-01", "2025-04-10", tag="left")
    old = [account("old")], [subscription("old", "2022-01-01", None, 500)]
    return {
        "accounts": [*stay, *left, *old[0]],
        "subscriptions": [*their, *theirs, *old[1]],
        "gross_margin": margins(),
    } | other


def test_margin_by_survival_of_a_small_company(company):
    """Margin 80 a month; months 0 to 2 with all, 3 to 35 with two thirds (nobody leaves after month 3)."""
    result = evaluate(REGISTRY["customer_lifetime_value"], company(followed_company()), DECEMBER)
    lasting = [1.0, 1.0, 1.0, *[2 / 3] * 9]
    seen = sum(80 * share * 1.1 ** (-k / 12) for k, share in enumerate(lasting))
    assert result.value > seen, "the months after the data add to it"
    assert result.n == 60 and result.low < result.value < result.high
    assert result.currency == "EUR"
    parts = {part.label: part.value for part in result.parts}
    assert parts["Margin of a new customer a month"] == pytest.approx(80)
    assert parts["Gross margin"] == pytest.approx(0.8)
    assert parts["Months of it seen in the data, the rest extrapolated"] == 12
    assert parts["Check: margin by monthly churn, no horizon, no discount"] == pytest.approx(
        80 * (40 * 11 + 20 * 3) / 20
    )


def test_revenue_instead_of_margin_would_be_a_quarter_more(company):
    values = [
        evaluate(
            REGISTRY["customer_lifetime_value"], company(followed_company(gross_margin=margins(rate))), DECEMBER
        ).value
        for rate in (0.8, 1.0)
    ]
    assert values[1] == pytest.approx(1.25 * values[0])


def test_few_losses_and_missing_margins_give_no_value(company):
    few = evaluate(
        REGISTRY["customer_lifetime_value"],
        company(
            {
                "accounts": [*won(40, "2025-01")[0], account("old")],
                "subscriptions": [*won(40, "2025-01")[1], subscription("old", "2022-01-01", None, 5)],
                "gross_margin": margins(),
            }
        ),
        DECEMBER,
    )
    assert (few.state, few.reason) == (State.TOO_FEW, "too few: 40 customers and 0 lost, at least 30 and 10 needed")
    unknown = evaluate(
        REGISTRY["customer_lifetime_value"],
        company(followed_company(gross_margin=[{"month": day("2024-11-01"), "rate": 0.8}])),
        DECEMBER,
    )
    assert (unknown.value, unknown.reason) == (None, "no gross margin is known for the 12 months to 2025-12")


def test_nobody_won_is_none(company):
    rows = {
        "accounts": [account("old")],
        "subscriptions": [subscription("old", "2022-01-01", None, 5)],
        "gross_margin": margins(),
    }
    result = evaluate(REGISTRY["customer_lifetime_value"], company(rows), DECEMBER)
    assert (result.value, result.state) == (None, State.UNDEFINED)


def monthly_spend():
    return [
        {
            "month": dt.date(2025, month, 1),
            "line": "referral_programme",
            "kind": "acquisition",
            "channel": "referral",
            "journey_stage": "conversion",
            "planned_cents": 0,
            "committed_cents": 0,
            "media_cents": 1_000_00,
            "people_cents": 0,
            "platform_cents": 0,
            "rewards_cents": 0,
            "currency": "EUR",
        }
        for month in range(1, 13)
    ]


def test_value_over_cost_of_a_small_company_is_value_over_cost_per_customer(company):
    data = company(followed_company(spend=monthly_spend()))
    value = evaluate(REGISTRY["customer_lifetime_value"], data, DECEMBER).value
    ratio = evaluate(REGISTRY["ltv_to_cac"], data, DECEMBER)
    assert ratio.value == pytest.approx(value / (12_000 / 60))
    assert ratio.low < ratio.value < ratio.high
    simple = next(part for part in ratio.parts if part.label.startswith("Whole lifetime"))
    assert simple.value == pytest.approx(80 * 25 / 200), "the benchmark of 3 is meant for a whole lifetime"
    referral = next(part for part in ratio.parts if part.label.startswith("Referral"))
    assert referral.value == pytest.approx(ratio.value)


@pytest.mark.parametrize("name", ["customer_lifetime_value", "ltv_to_cac"])
def test_customers_alike_put_together_give_the_interval_of_each_of_them_by_itself(company, monkeypatch, name):
    older = [won(40, "2023-05"), won(15, "2023-05", "2023-11-10", tag="left"), won(9, "2024-02", "2025-06-10")]
    facts = followed_company(spend=monthly_spend())
    accounts, subscriptions = ([row for rows in pair for row in rows] for pair in zip(*older, strict=True))
    data = company(
        facts | {"accounts": facts["accounts"] + accounts, "subscriptions": facts["subscriptions"] + subscriptions}
    )
    rules = small_samples()
    few = replace(rules, resampling=replace(rules.resampling, bootstrap_units=20))
    monkeypatch.setattr("core.stats.resampling.small_samples", lambda: few)
    each = evaluate(REGISTRY[name], data, DECEMBER)
    monkeypatch.setattr("core.kpis.value.small_samples", lambda: few)
    together = evaluate(REGISTRY[name], data, DECEMBER)
    assert each.low < each.value < each.high
    assert (together.low, together.high) == pytest.approx((each.low, each.high), rel=1e-12)
