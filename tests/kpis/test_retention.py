"""Recurring revenue and retention on companies small enough to work by hand."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.kpis import REGISTRY, evaluate
from core.kpis.registry import kpi_rows, totals
from core.kpis.result import State
from core.kpis.retention import MOVEMENTS, movements
from core.month import build_month
from core.stats.resampling import interval_of_sums
from tests.companies import account, source, subscription
from tests.kpis.test_deals_spend_asks import deal

DECEMBER = dt.date(2025, 12, 1)
OF_THE_YEAR = ("net_revenue_retention", "gross_revenue_retention", "churn_revenue_rate")


def total(data, name, month=DECEMBER):
    return int(data.frame("account_year", month)[name].sum())


def test_each_account_has_one_net_movement(company):
    data = company(
        {
            "accounts": [account(name) for name in "abcdefg"],
            "subscriptions": [
                subscription("a", "2024-01-01", None, 100),
                subscription("b", "2024-01-01", "2025-06-01", 100),
                subscription("b", "2025-06-01", None, 150, subscription_id="b2"),
                subscription("c", "2024-01-01", "2025-03-01", 100),
                subscription("d", "2024-01-01", "2025-05-01", 80),
                subscription("d", "2024-01-01", None, 20, subscription_id="d2"),
                subscription("e", "2025-02-01", None, 70),
                subscription("f", "2024-01-01", "2024-06-01", 40),
                subscription("f", "2025-08-01", None, 60),
                subscription("g", "2025-03-05", "2025-03-20", 500),
            ],
        }
    )
    frame = data.frame("account_year", DECEMBER).set_index("account_id")
    assert {name: total(data, name) for name in MOVEMENTS} == {
        "starting_mrr": 40_000,
        "new_mrr": 7_000,
        "reactivated_mrr": 6_000,
        "expansion_mrr": 5_000,
        "contraction_mrr": 8_000,
        "churned_mrr": 10_000,
        "ending_mrr": 40_000,
    }
    assert frame.loc["d", "contraction_mrr"] == 8_000, "one of two subscriptions cancelled is a contraction"
    assert "g" not in frame.index, "in and out within a month is in neither term"


def test_ends_are_exclusive_and_trials_count_nowhere(company):
    data = company(
        {
            "accounts": [account("a"), account("b"), account("c")],
            "subscriptions": [
                subscription("a", "2025-11-30", "2025-12-31", 10),
                subscription("b", "2025-12-31", None, 20),
                subscription("c", "2025-01-01", None, 30, is_trial=True),
            ],
        }
    )
    assert data.revenue.mrr_at(DECEMBER).sum() == 2_000
    assert data.revenue.mrr_at(dt.date(2025, 11, 1)).sum() == 1_000


def test_children_count_with_their_parent(company):
    data = company(
        {
            "accounts": [account("p"), account("c1", parent_id="p"), account("c2", parent_id="c1")],
            "subscriptions": [
                subscription("c1", "2024-01-01", "2025-07-01", 100),
                subscription("c2", "2025-07-01", None, 100),
            ],
        }
    )
    frame = data.frame("account_year", DECEMBER)
    assert frame["account_id"].tolist() == ["p"]
    assert frame["churned_mrr"].sum() == 0


def test_a_circle_of_parents_does_not_hang(company):
    data = company(
        {
            "accounts": [account("a", parent_id="b"), account("b", parent_id="a")],
            "subscriptions": [subscription("a", "2025-01-01", None, 5)],
        }
    )
    assert data.revenue.mrr_at(DECEMBER).sum() == 500


def test_the_segment_is_that_of_the_start_of_the_period(company):
    data = company(
        {
            "accounts": [
                account("a", segment="SMB"),
                account("a", segment="Enterprise", valid_from=dt.date(2025, 6, 1)),
            ],
            "subscriptions": [subscription("a", "2024-01-01", None, 5)],
        }
    )
    assert data.frame("account_year", DECEMBER)["segment"].tolist() == ["SMB"]
    assert data.frame("account_month", DECEMBER)["segment"].tolist() == ["Enterprise"]


def test_before_the_data_begin_there_is_no_balance(company):
    data = company({"accounts": [account("a")], "subscriptions": [subscription("a", "2025-03-01", None, 5)]})
    result = evaluate(REGISTRY["mrr"], data, DECEMBER)
    assert (result.value, result.year_ago) == (5.0, None)
    assert evaluate(REGISTRY["mrr"], data, dt.date(2024, 12, 1)).state is State.UNDEFINED


def test_names_and_the_order_of_rows_move_no_interval(company):
    names = [f"a{place}" for place in range(40)]

    def data(renamed):
        amounts = [(renamed[place], 10 + place, 5 + 2 * place) for place in range(40)]
        rows = [subscription(name, "2024-01-01", "2025-06-01", then) for name, then, _ in amounts]
        rows += [subscription(name, "2025-06-01", None, now, subscription_id=f"{name}-b") for name, _, now in amounts]
        return company({"accounts": [account(name) for name in renamed], "subscriptions": rows})

    first, second = (
        evaluate(REGISTRY["net_revenue_retention"], data(given), DECEMBER) for given in (names, names[::-1])
    )
    assert first.low is not None
    assert (first.low, first.high) == pytest.approx((second.low, second.high), rel=1e-12)


def test_several_currencies_need_a_rate(tmp_path):
    rows = {
        "accounts": [account("a"), account("b")],
        "subscriptions": [
            subscription("a", "2024-01-01", None, 100),
            subscription("b", "2024-01-01", None, 100, currency="USD"),
        ],
    }
    without = build_month(dt.date(2025, 12, 31), source(tmp_path, rows, "EUR")).kpis["arr"]
    assert without.value is None and "fx rates" in without.reason
    rates = [
        {"month": dt.date(2025, month, 1), "currency": "USD", "rate": rate} for month, rate in ((1, 0.5), (12, 0.9))
    ]
    data = build_month(dt.date(2025, 12, 31), source(tmp_path, rows | {"fx_rates": rates}, "EUR"))
    assert data.kpis["mrr"].value == pytest.approx(190)
    assert data.kpi_input.frame("account_year", DECEMBER)["expansion_mrr"].sum() == 0, "rates create no movement"


def test_without_a_reporting_currency_no_money_is_shown(tmp_path):
    deals = [
        deal(name, "outbound", "won", "2025-11-01", account_id=name) | {"currency": code}
        for name, code in (("a", "EUR"), ("b", "USD"))
    ]
    rows = {
        "accounts": [account("a"), account("b")],
        "subscriptions": [
            subscription("a", "2024-01-01", None, 100),
            subscription("b", "2024-01-01", None, 100, currency="USD"),
        ],
        "opportunities": deals,
        "fx_rates": [{"month": dt.date(2025, 1, 1), "currency": "USD", "rate": 0.9}],
    }
    kpis = build_month(dt.date(2025, 12, 31), source(tmp_path, rows)).kpis
    for name in ("arr", "net_revenue_retention", "deal_size_median", "referral_sourced_pipeline", "referral_revenue"):
        assert kpis[name].value is None
        assert "COUNCIL_CURRENCY" in kpis[name].reason or "not loaded" in kpis[name].reason
    assert "COUNCIL_CURRENCY" in kpis["deal_size_median"].reason


def test_an_open_month_is_as_of_its_last_day(tmp_path):
    rows = {"accounts": [account("a")], "subscriptions": [subscription("a", "2025-12-10", "2026-02-01", 10)]}
    december = build_month(dt.date(2025, 12, 31), source(tmp_path, rows)).kpi_input
    assert december.revenue.mrr_at(DECEMBER).sum() == 1_000
    assert december.revenue.mrr_at(dt.date(2026, 1, 1)).sum() == 0, "what lies after the as-of date is not known"


periods = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.integers(0, 23),
        st.integers(1, 24),
        st.integers(1, 1_000),
    ),
    min_size=1,
    max_size=25,
)


def built(tmp_path_factory, drawn, factor=1, extra=()):
    rows = [
        subscription(
            f"a{name}",
            f"{2024 + start // 12}-{start % 12 + 1:02d}-01",
            f"{2024 + (start + length) // 12}-{(start + length) % 12 + 1:02d}-01",
            amount * factor,
            subscription_id=f"s{place}",
        )
        for place, (name, start, length, amount) in enumerate([*drawn, *extra])
    ]
    company = source(tmp_path_factory.mktemp("drawn"), {"subscriptions": rows, "accounts": [account("a0")]})
    return build_month(dt.date(2025, 12, 31), company).kpi_input


@settings(max_examples=15, deadline=None)
@given(drawn=periods)
def test_movements_add_up_on_every_row_and_grr_lies_below_nrr(tmp_path_factory, drawn):
    data = built(tmp_path_factory, drawn)
    for base, month in ((dt.date(2024, 12, 1), DECEMBER), (dt.date(2025, 5, 1), dt.date(2025, 6, 1))):
        rows = movements(data, base, month)
        end = (
            rows["starting_mrr"]
            + rows["new_mrr"]
            + rows["reactivated_mrr"]
            + rows["expansion_mrr"]
            - rows["contraction_mrr"]
            - rows["churned_mrr"]
        )
        assert (end == rows["ending_mrr"]).all()
        assert ((rows[list(MOVEMENTS[1:6])] > 0).sum(axis=1) <= 1).all()
    net, gross = (
        REGISTRY[name].function(**totals(REGISTRY[name], kpi_rows(REGISTRY[name], data, DECEMBER)))
        for name in ("net_revenue_retention", "gross_revenue_retention")
    )
    assert (net is None) == (gross is None)
    assert net is None or 0 <= gross <= min(1, net + 1e-12)


@settings(max_examples=10, deadline=None)
@given(drawn=periods)
def test_a_currency_and_an_unrelated_newcomer_leave_retention_as_it_is(tmp_path_factory, drawn):
    plain = built(tmp_path_factory, drawn)
    scaled = built(tmp_path_factory, drawn, factor=7)
    joined = built(tmp_path_factory, drawn, extra=[(99, 20, 20, 500)])
    for name in ("net_revenue_retention", "gross_revenue_retention", "churn_logo_rate"):
        values = [evaluate(REGISTRY[name], data, DECEMBER, history=False).value for data in (plain, scaled, joined)]
        assert values[0] == values[1] == values[2] or values[0] == pytest.approx(values[1], rel=1e-12)
        assert values[0] == values[2]


def test_the_interval_covers_the_planted_retention(tmp_path):
    """200 companies of 150 accounts, each account kept with 0.9 and grown by 0.15 on average: NRR 1.035."""
    rng = np.random.default_rng(5)
    item, hits = REGISTRY["net_revenue_retention"], 0
    for _ in range(200):
        start = rng.lognormal(8, 0.8, 150)
        kept = rng.random(150) < 0.9
        growth = rng.gamma(1.5, 0.1, 150)
        columns = np.column_stack([start, start * growth * kept, np.zeros(150), start * ~kept])
        found = interval_of_sums(
            columns, lambda sums: (sums[:, 0] + sums[:, 1] - sums[:, 2] - sums[:, 3]) / sums[:, 0], rng
        )
        hits += found.contains(0.9 * 1.15)
    assert item.judge.noun == "accounts"
    assert 0.90 <= hits / 200 <= 0.98


def test_retention_without_its_largest_account_and_what_was_lost_how_stand_beside_it(company):
    names = [f"c{place}" for place in range(30)]
    rows = {
        "accounts": [account(name) for name in ("whale", *names)],
        "subscriptions": [
            subscription("whale", "2024-01-01", "2025-03-01", 700),
            subscription("whale", "2025-03-01", None, 1400, subscription_id="more"),
            subscription("c0", "2024-01-01", "2025-03-01", 10),
            subscription("c1", "2024-01-01", "2025-03-01", 10),
            subscription("c1", "2025-03-01", None, 4, subscription_id="less"),
            *(subscription(name, "2024-01-01", None, 10) for name in names[2:]),
        ],
    }
    results = {name: evaluate(REGISTRY[name], company(rows), DECEMBER) for name in OF_THE_YEAR}
    assert results["net_revenue_retention"].value == pytest.approx(1_684 / 1_000)
    assert [(part.value, part.n) for part in results["net_revenue_retention"].parts] == [(pytest.approx(284 / 300), 30)]
    for name in OF_THE_YEAR[1:]:
        assert [(part.value, part.n) for part in results[name].parts] == [
            (pytest.approx(10 / 1_000), 1),
            (pytest.approx(6 / 1_000), 1),
        ]


def test_without_the_largest_account_too_few_are_left_for_a_rate(company):
    names = [f"c{place}" for place in range(30)]
    rows = {
        "accounts": [account(name) for name in names],
        "subscriptions": [subscription(name, "2024-01-01", None, 10) for name in names],
    }
    result = evaluate(REGISTRY["net_revenue_retention"], company(rows), DECEMBER)
    assert (result.value, [(part.value, part.n) for part in result.parts]) == (1, [(None, 29)])
