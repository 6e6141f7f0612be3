"""Payback, cost against a year before and returns: published cases, hand-worked companies, what is not covered."""

import datetime as dt
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kpis import REGISTRY, evaluate
from core.kpis.acquired import mix_and_cost
from core.kpis.registry import kpi_rows, totals
from core.kpis.result import State
from tests.companies import account, day, subscription
from tests.kpis.test_deals_spend_asks import spend

DECEMBER = dt.date(2025, 12, 1)
PUBLISHED = Path(__file__).parents[1] / "published" / "acquisition.json"
CASES = {case["id"]: case for case in json.loads(PUBLISHED.read_text(encoding="utf-8"))}


def formula(name):
    return REGISTRY[name].function


def test_the_published_payback():
    """Propel: margin 155 a month after processing and support, cost 1,200: 7.7 months."""
    case = CASES["propel_payback_7_7"]
    given, margin = case["inputs"], case["expected"]["monthly_gross_profit"]
    months = formula("payback_months")(acquisition_spend=given["cac"], new_margin=margin, new_customers=1)
    assert months == pytest.approx(case["expected"]["payback_months"], abs=case["tolerance"]["payback_months"])
    of_revenue = given["cac"] / given["monthly_revenue"]
    assert of_revenue == pytest.approx(4.8), "revenue instead of margin looks three months better"


def test_the_published_return_is_two_net_and_not_five():
    case = CASES["kameir_romi"]
    net = formula("return_on_marketing_investment")(
        enrolled_margin=case["expected"]["incremental_margin"],
        comparison_margin=0,
        play_spend=case["inputs"]["spend"],
    )
    assert net == pytest.approx(case["expected"]["net_romi"])
    assert case["inputs"]["incremental_revenue"] / case["inputs"]["spend"] == case["expected"]["romi_index"] == 5.0


def test_the_published_marginal_return_is_one_more_than_ours():
    case = CASES["metrickit_marginal_roas_1_8"]
    given = case["inputs"]
    net = formula("marginal_romi")(
        extra_margin=given["incremental_revenue"], extra_spend=given["extra_spend"], spending_lines=1
    )
    assert net + 1 == pytest.approx(case["expected"]["mroas"])


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        pytest.param(
            "payback_months", {"acquisition_spend": 9, "new_margin": 0, "new_customers": 3}, id="not recovered"
        ),
        pytest.param("payback_months", {"acquisition_spend": 9, "new_margin": 0, "new_customers": 0}, id="nobody won"),
        pytest.param(
            "cac_shift",
            {
                "acquisition_spend_now": 5,
                "new_customers_now": 5,
                "acquisition_spend_before": 5,
                "new_customers_before": 0,
            },
            id="nobody won a year before",
        ),
        pytest.param(
            "return_on_marketing_investment",
            {"enrolled_margin": 5, "comparison_margin": 1, "play_spend": 0},
            id="no spend",
        ),
        pytest.param("marginal_romi", {"extra_margin": 0, "extra_spend": 0, "spending_lines": 0}, id="no line"),
        pytest.param("marketing_spend_share", {"marketing_spend": 5, "recognised_revenue": 0}, id="no revenue"),
    ],
)
def test_an_empty_denominator_is_none(name, arguments):
    assert formula(name)(**arguments) is None


def won(count, month, channel, mrr):
    names = [f"{channel}-{month}-{place}" for place in range(count)]
    return (
        [account(name, acquisition_channel=channel) for name in names],
        [subscription(name, f"{month}-01", None, mrr) for name in names],
    )


def two_years():
    """2025: 12 referred and 20 paid customers at 100; 2024: 10 referred and 40 paid. Spend in each month of both."""
    groups = [
        won(12, "2025-05", "referral", 100),
        won(20, "2025-06", "paid_search", 100),
        won(10, "2024-05", "referral", 100),
        won(40, "2024-06", "paid_search", 100),
    ]
    old = [account("old")], [subscription("old", "2022-01-01", None, 500)]
    months = [f"{year}-{month:02d}-01" for year in (2024, 2025) for month in range(1, 13)]
    return {
        "accounts": [row for group in [*groups, old] for row in group[0]],
        "subscriptions": [row for group in [*groups, old] for row in group[1]],
        "gross_margin": [{"month": dt.date(2025, month, 1), "rate": 0.5} for month in range(1, 13)],
        "spend": [
            *(spend(month, "referral_programme", "referral", 100_00) for month in months),
            *(spend(month, "search", "paid_search", 1_000_00) for month in months),
        ],
    }


def test_payback_meets_cost_and_margin_of_the_same_customers(company):
    data = company(two_years())
    result = evaluate(REGISTRY["payback_months"], data, DECEMBER)
    assert (result.value, result.n) == (pytest.approx(13_200 / (32 * 50)), 32)
    assert result.low < result.value < result.high
    assert {part.label: part.value for part in result.parts if part.unit == "months"} == {
        "Referral": pytest.approx(1_200 / (12 * 50)),
        "Paid": pytest.approx(12_000 / (20 * 50)),
    }
    came_back = next(part for part in result.parts if part.label.startswith("Check"))
    margin = 50 * (10 * 20 + 40 * 19)
    assert came_back.value == pytest.approx(margin / 13_200)


def test_cost_against_a_year_before_splits_into_mix_and_cost(company):
    data = company(two_years())
    item = REGISTRY["cac_shift"]
    result = evaluate(item, data, DECEMBER)
    assert result.value == pytest.approx((13_200 / 32) / (13_200 / 50) - 1)
    mix, rate, gap = (part.value for part in result.parts)
    assert mix + rate == pytest.approx(result.value)
    assert mix < 0 < rate, "more of them are referred, and each channel costs more a customer"
    assert gap == pytest.approx(1 - 100 / 600)
    sums = totals(item, kpi_rows(item, data, DECEMBER))
    assert sums["new_customers_before"] == 50 and sums["acquisition_spend_now"] == 13_200_00


@pytest.mark.parametrize("name", ["cac_referral", "cac_paid", "payback_months", "ltv_to_cac"])
def test_customers_there_when_revenue_starts_were_not_won_then(company, name):
    channels = {f"{channel}{i}": channel for i in range(12) for channel in ("referral", "paid_search")}
    lines = [(f"2025-{month:02d}-01", line) for month in range(1, 13) for line in ("referral", "paid_search")]
    known, late = (
        evaluate(
            REGISTRY[name],
            company(
                {
                    "accounts": [account(one, acquisition_channel=channel) for one, channel in channels.items()],
                    "subscriptions": [subscription(one, begin, None, 100) for one in channels],
                    "spend": [spend(month, line, line, 100_00) for month, line in lines],
                    "gross_margin": [{"month": day("2025-12-01"), "product": None, "rate": 0.8}],
                }
            ),
            DECEMBER,
        )
        for begin in ("2024-12-31", "2025-01-01")
    )
    assert known.state is State.UNDEFINED, "all were there at the month end before: nobody was won"
    assert (late.value, late.state) == (None, State.MISSING)
    assert late.reason == "customers won in the twelve months to 2025-12 are not known: revenue starts too late"


def test_a_year_without_spend_gives_no_change(company):
    rows = two_years()
    rows["spend"] = [row for row in rows["spend"] if row["month"] >= day("2024-03-01")]
    result = evaluate(REGISTRY["cac_shift"], company(rows), DECEMBER)
    assert (result.value, result.state) == (None, State.MISSING)
    assert "known for 10 of the 12 months from 2024-01" in result.reason


Channel = st.tuples(st.floats(0, 1e6), st.integers(1, 200))


@given(st.dictionaries(st.sampled_from("abcd"), st.tuples(Channel, Channel), min_size=1))
def test_mix_and_cost_always_add_up_to_the_change(channels):
    now, before = ({name: pair[year] for name, pair in channels.items()} for year in (0, 1))
    effects = mix_and_cost(now, before, 10)
    per_customer = [sum(cost for cost, _ in year.values()) / sum(n for _, n in year.values()) for year in (now, before)]
    assert sum(effects) == pytest.approx(per_customer[0] - per_customer[1], abs=1e-6)


def test_small_channels_are_pooled_and_a_cost_that_won_nobody_is_cost():
    assert mix_and_cost({"a": (100, 20), "b": (50, 0)}, {"a": (100, 20), "b": (0, 0)}, 10) == pytest.approx((0, 2.5))
    assert mix_and_cost({"a": (100, 20), "b": (50, 5)}, {"a": (100, 20), "c": (0, 5)}, 10) == pytest.approx((0, 2))
    assert mix_and_cost({"a": (100, 0)}, {"a": (100, 20)}, 10) is None


def finance(first, count, revenue):
    months = [dt.date(first + place // 12, place % 12 + 1, 1) for place in range(count)]
    return [
        {
            "month": month,
            "account_id": None,
            "arr_cents": 0,
            "new_arr_cents": 0,
            "bookings_cents": 0,
            "revenue_cents": revenue,
        }
        for month in months
    ]


def test_spend_of_revenue_and_its_share_on_customers_won(company):
    rows = two_years() | {"finance_totals": finance(2024, 24, 11_000_00)}
    rows["spend"] = [
        dict(row, journey_stage="post_purchase") if row["line"] == "referral_programme" else row
        for row in rows["spend"]
    ]
    result = evaluate(REGISTRY["marketing_spend_share"], company(rows), DECEMBER)
    assert (result.value, result.state) == (pytest.approx(0.1), State.OK)
    assert result.parts[0].value == pytest.approx(1 / 11)


def test_a_share_over_a_partial_year_is_none(company):
    rows = two_years() | {"finance_totals": finance(2025, 9, 11_000_00)}
    result = evaluate(REGISTRY["marketing_spend_share"], company(rows), DECEMBER)
    assert (result.value, result.reason) == (None, "recognised revenue is known for 9 of the 12 months to 2025-12")


def test_the_next_per_cent_is_opinion_until_a_line_is_measured(company):
    data = company(two_years())
    result = evaluate(REGISTRY["marginal_romi"], data, DECEMBER)
    rows = kpi_rows(REGISTRY["marginal_romi"], data, DECEMBER)
    assert rows["extra_spend"].sum() == pytest.approx(132_00)
    assert result.value == pytest.approx(rows["extra_margin"].sum() / 132_00 - 1)
    assert (result.state, result.n) == (State.WIDE, 2)
    assert result.reason.startswith("rests on opinion: no budget line has been measured yet; 2 of 2 would go beyond")
    assert result.low < result.value < result.high
    earlier = evaluate(REGISTRY["marginal_romi"], data, dt.date(2025, 11, 1))
    assert (earlier.value, earlier.reason) == (None, "response curves are drawn for the newest month alone")


def test_the_band_of_the_next_per_cent_is_that_of_the_draws(in_demo):
    import numpy as np

    from core.services.home import open_month

    month = open_month(dt.date(2026, 10, 1))
    curves, result = month.responses, evaluate(REGISTRY["marginal_romi"], month.kpi_input, month.month)
    step = 0.01 * curves.current
    rng, total = np.random.default_rng(3), 0.0
    gain = curves.margin_draws(curves.current + step) - curves.margin_draws(curves.current)
    for line in gain:
        total = total + rng.permutation(np.tile(line, 50))
    low, high = np.quantile(total / step.sum() - 1, [0.025, 0.975])
    assert (result.low, result.high) == (pytest.approx(low, abs=0.03), pytest.approx(high, abs=0.03))
    assert result.value == pytest.approx(gain.mean(axis=1).sum() / step.sum() - 1)


@pytest.mark.parametrize(
    ("rates", "months"),
    [
        pytest.param({"seats": 0.9, "services": 0.1}, 100 / (0.9 * 90 + 0.1 * 10), id="weighted by revenue"),
        pytest.param({"seats": 0.9}, 100 / 90, id="one product's rate stands for all"),
        pytest.param({"seats": 0.9, "services": 0.1, None: 0.5}, 2.0, id="a rate for all holds"),
        pytest.param({"hardware": 0.2, "support": 0.4}, 100 / 30, id="no product of theirs is sold: their mean"),
    ],
)
def test_margins_of_products_count_by_their_revenue(company, rates, months):
    won = [f"won{i}" for i in range(12)]
    data = company(
        {
            "accounts": [account("old"), *(account(one, acquisition_channel="referral") for one in won)],
            "subscriptions": [
                subscription("old", "2024-01-01", "2025-02-01", 100, product="services"),
                *(subscription(one, "2025-03-01", None, 90, product="seats") for one in won),
                *(subscription(one, "2025-03-01", None, 10, product="services", subscription_id=one) for one in won),
            ],
            "spend": [spend(f"2025-{month:02d}-01", "referral", "referral", 100_00) for month in range(1, 13)],
            "gross_margin": [
                {"month": day("2025-12-01"), "product": product, "rate": rate} for product, rate in rates.items()
            ],
        }
    )
    assert evaluate(REGISTRY["payback_months"], data, DECEMBER).value == pytest.approx(months)
