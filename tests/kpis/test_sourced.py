"""Referral opportunities, pipeline and revenue, deal size and cycle, on companies small enough to work by hand."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kpis import REGISTRY, evaluate
from core.kpis.registry import kpi_rows, totals
from core.kpis.result import State
from core.kpis.sourced import share_part
from tests.companies import account, day, subscription
from tests.kpis.dealing import BASE, OLD, by, deal

JUNE = dt.date(2025, 6, 1)


def result(data, name, month=JUNE, **other):
    return evaluate(REGISTRY[name], data, month, **other)


def test_opportunities_count_by_their_frozen_first_source(company):
    deals = [
        OLD,
        deal("referred", created="2025-06-05"),
        deal("relabelled later", "paid_search", created="2025-06-05"),
        deal("relabelled later", "referral", created="2025-06-05", valid_from=day("2025-06-20")),
        deal("expansion", created="2025-06-05", kind="expansion"),
        deal("in July", created="2025-07-01"),
        deal("a year before", created="2024-06-05"),
    ]
    data = company(BASE | {"opportunities": deals})
    found = result(data, "referral_opportunities")
    assert (found.value, found.state) == (1, State.OK)
    share, year, before = found.parts
    assert (share.value, share.n) == (1 / 2, 2)
    assert (year.value, before.value) == (1, 1)


def test_a_win_counts_for_the_first_source_that_was_told(company):
    deals = [
        deal("relabelled after the win", "paid_search"),
        deal("relabelled after the win", "referral", valid_from=day("2025-07-01")),
        deal("told later", None),
        deal("told later", "referral", valid_from=day("2025-04-01")),
    ]
    data = company(BASE | {"opportunities": [OLD, *deals]})
    won = data.frame("deals_year", JUNE).set_index("opportunity_id")
    assert won["referred_won"].to_dict() == {"relabelled after the win": 0, "told later": 1}
    assert won["source"].to_dict() == {"relabelled after the win": "paid_search", "told later": "referral"}
    matched = data.frame("won_deals_year", JUNE).set_index("opportunity_id")["channel_class"]
    assert matched["told later"] == "referral", "one source for all figures"


def test_twice_as_many_is_not_twice_as_many(company):
    deals = [OLD, *(deal(str(place), created="2025-06-05") for place in range(8))]
    deals += [deal(f"y{place}", created="2025-05-05") for place in range(4)]
    data = company(BASE | {"opportunities": deals})
    eight, four = result(data, "referral_opportunities"), result(data, "referral_opportunities", dt.date(2025, 5, 1))
    assert (eight.value, four.value) == (8, 4)
    assert four.high > eight.low, "the exact Poisson intervals of 4 and 8 overlap"


def test_none_by_referral_is_zero_and_no_opportunity_at_all_is_none(company):
    data = company(BASE | {"opportunities": [OLD, deal("paid", "paid_search", created="2025-06-05")]})
    assert result(data, "referral_opportunities").value == 0
    assert result(data, "referral_sourced_pipeline").value == 0
    empty = result(data, "referral_opportunities", dt.date(2025, 7, 1))
    assert (empty.value, empty.state) == (None, State.UNDEFINED)
    unknown = result(data, "referral_opportunities", dt.date(2022, 12, 1))
    assert unknown.reason == "deals are known from 2023-01, the window begins 2022-12"


def test_pipeline_takes_the_amount_of_the_fourteenth_day(company):
    deals = [
        OLD,
        deal("placeholder", created="2025-06-02", cents=1_00),
        deal("placeholder", created="2025-06-02", cents=80_00, valid_from=day("2025-06-16")),
        deal("placeholder", created="2025-06-02", cents=500_00, valid_from=day("2025-06-17")),
        deal("late in the month", created="2025-06-28", cents=7_00),
        deal("late in the month", created="2025-06-28", cents=900_00, valid_from=day("2025-07-01")),
        deal("lost since", created="2025-06-02", closed="2025-06-20", outcome="lost", cents=10_00),
        deal("paid", "paid_search", created="2025-06-02", cents=103_00),
    ]
    data = company(BASE | {"opportunities": deals})
    found = result(data, "referral_sourced_pipeline")
    assert found.value == 97, "80 + 7 + 10: what is lost later stays in created pipeline"
    assert (found.low, found.high, found.n) == (None, None, 3)
    assert found.parts[0].value == pytest.approx(97 / 200)
    then = company(BASE | {"opportunities": deals}, JUNE)
    assert result(then, "referral_sourced_pipeline").value == 97, "the same as seen at the end of June"


def test_a_currency_without_a_rate_gives_no_money(company):
    deals = [OLD, deal("dollars", created="2025-06-02", currency="USD")]
    data = company(BASE | {"opportunities": deals})
    found = result(data, "referral_sourced_pipeline")
    assert (found.value, found.state) == (None, State.MISSING)
    assert found.reason == "a currency of opportunities has no rate: import fx rates"
    assert result(data, "referral_opportunities").value == 1, "a count needs no rate"
    rated = company(
        BASE | {"opportunities": deals, "fx_rates": [{"month": day("2025-06-01"), "currency": "USD", "rate": 0.5}]},
        reporting="EUR",
    )
    assert result(rated, "referral_sourced_pipeline").value == 50


def test_revenue_counts_when_the_customer_is_won_and_pays(company):
    rows = {
        "accounts": [*BASE["accounts"], *(account(name) for name in ("n1", "n2", "n3", "n4"))],
        "subscriptions": [
            *BASE["subscriptions"],
            subscription("n1", "2025-06-10", None, 10),
            subscription("n2", "2025-07-01", None, 20),
            subscription("n4", "2025-06-10", None, 30),
        ],
        "opportunities": [
            OLD,
            deal("pays at once", closed="2025-06-05", account_id="n1", cents=130_00),
            deal("pays from July", closed="2025-06-28", account_id="n2", cents=250_00),
            deal("never pays", closed="2025-06-05", account_id="n3", cents=999_00),
            deal("no account", closed="2025-06-05", cents=1_00),
            deal("paid search", "paid_search", closed="2025-06-05", account_id="n4", cents=370_00),
        ],
    }
    data = company(BASE | rows)
    june, july = result(data, "referral_revenue"), result(data, "referral_revenue", dt.date(2025, 7, 1))
    assert (june.value, july.value) == (130, 250)
    share, billed, waiting = june.parts
    assert (share.value, billed.value) == (pytest.approx(130 / 500), 120)
    assert (waiting.value, waiting.n) == (250 + 999 + 1, 3)
    assert july.parts[2].n == 2, "the July payer is matched by then"


def test_a_customer_of_before_is_no_new_revenue_of_referrals(company):
    deals = [
        OLD,
        deal("customer since 2023", closed="2025-06-05", account_id="a", cents=999_00),
        deal("paid while it was open", created="2025-03-01", closed="2025-06-05", account_id="early", cents=70_00),
    ]
    rows = {
        "accounts": [*BASE["accounts"], account("early")],
        "subscriptions": [*BASE["subscriptions"], subscription("early", "2025-03-15", None, 6)],
        "opportunities": deals,
    }
    found = result(company(BASE | rows), "referral_revenue")
    assert (found.value, found.n) == (70, 1)
    assert found.parts[2].n == 0, "nor does it wait for a payment"


def test_who_paid_when_revenue_starts_did_not_begin_to_pay_then(company):
    rows = {
        "accounts": [account("a"), account("b")],
        "subscriptions": [subscription("a", "2025-06-10", None, 10), subscription("b", "2025-07-10", None, 10)],
        "opportunities": [
            OLD,
            deal("years ago", created="2023-02-01", closed="2023-03-01", account_id="a", cents=70_00),
            deal("new", account_id="b", cents=50_00),
        ],
    }
    data = company(rows)
    june, july = result(data, "referral_revenue"), result(data, "referral_revenue", dt.date(2025, 7, 1))
    assert (june.state, june.reason) == (State.MISSING, "who began to pay in 2025-06 is not known: revenue starts then")
    assert july.value == 50


def test_cycle_and_size_are_medians_of_what_was_won(company):
    deals = [
        OLD,
        deal("twenty days", created="2025-03-01", closed="2025-03-21", cents=10_00),
        deal("forty days", "paid_search", created="2025-03-01", closed="2025-04-10", cents=30_00),
        deal("four hundred days", created="2024-02-01", closed="2025-03-07", cents=9_000_00),
        deal("same day", created="2025-03-01", closed="2025-03-01", cents=20_00),
        deal("closed before it was created", created="2025-03-05", closed="2025-03-01", cents=0),
        deal("renewal", kind="renewal", created="2025-03-01", closed="2025-03-03"),
        deal("lost", outcome="lost", created="2025-03-01", closed="2025-03-03"),
        deal("won too early", created="2024-01-01", closed="2024-06-30"),
    ]
    data = company(BASE | {"opportunities": deals})
    cycle, size = result(data, "sales_cycle"), result(data, "deal_size_median")
    assert (cycle.value, cycle.n) == (40, 3), "a mean would say 153 days"
    assert cycle.parts[-1].value == 2, "those without a cycle are counted apart"
    assert (size.value, size.n) == (25, 4), "the mean would be 2,265"
    assert (cycle.state, cycle.reason) == (State.TOO_FEW, "too few: 3 won deals, at least 10 needed")
    mean, *_, largest, without = size.parts
    assert (mean.value, largest.value, without.value) == (None, 9_000, 1)


def test_a_median_has_a_band_and_its_parts(company):
    deals = [OLD] + [
        deal(
            str(place),
            ("referral", "events")[place % 2],
            closed=f"2025-06-{place + 1:02d}",
            created="2025-05-01",
            cents=place * 100,
        )
        for place in range(1, 29)
    ]
    found = result(company(BASE | {"opportunities": deals}), "deal_size_median")
    assert (found.value, found.n) == (14.5, 28)
    assert 8 <= found.low < 14.5 < found.high <= 21
    assert [part.value for part in found.parts[:3]] == [14.5, 15, 14]


def test_no_win_gives_no_median(company):
    data = company(BASE | {"opportunities": [OLD, deal("open", outcome="open", closed=None)]})
    for name in ("sales_cycle", "deal_size_median"):
        found = result(data, name)
        assert (found.value, found.state, found.reason) == (None, State.UNDEFINED, REGISTRY[name].text.when_empty)
    late = result(company(BASE | {"opportunities": [deal("d")]}), "sales_cycle", JUNE)
    assert late.reason == "deals are known from 2025-03, the window begins 2024-07"


def test_referral_share_of_purchases_as_keevee_publishes_it():
    assert share_part("share", 40, 500, 500).value == pytest.approx(0.08)
    assert share_part("share", 0, 0, 0).value is None


amounts = st.lists(st.tuples(st.sampled_from(["referral", "events"]), st.integers(0, 9_000)), min_size=1, max_size=8)


@given(drawn=amounts, factor=st.integers(2, 5))
def test_money_scales_and_a_median_lies_among_the_deals(drawn, factor):
    size = REGISTRY["deal_size_median"].function
    cents = np.array([amount for _, amount in drawn])
    value, scaled = size(first_year_value=cents), size(first_year_value=cents * factor)
    assert (value is None) == (cents.max() == 0)
    if value is not None:
        assert cents[cents > 0].min() <= value <= cents.max()
        assert scaled == pytest.approx(value * factor)


def test_rows_sum_to_the_figure(company):
    deals = [OLD, deal("a", created="2025-06-02", cents=10_00), deal("b", "events", created="2025-06-03", cents=20_00)]
    data = company(BASE | {"opportunities": deals})
    item = REGISTRY["referral_sourced_pipeline"]
    rows = kpi_rows(item, data, JUNE)
    assert by(rows, "name", "referral_pipeline") == {"A": 10_00}
    assert totals(item, rows) == {"referral_pipeline": 1000.0}
    assert pd.api.types.is_integer_dtype(rows["referral_pipeline"])
