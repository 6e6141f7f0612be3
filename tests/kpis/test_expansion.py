"""Expansion, add-ons and second purchases on companies small enough to work by hand."""

import datetime as dt

import numpy as np
import pytest

from core.kpis import REGISTRY, evaluate
from core.kpis.paid_products import addons_of
from core.kpis.registry import kpi_rows, totals
from core.kpis.result import State
from tests.companies import account, day, subscription
from tests.kpis.test_deals_spend_asks import deal

DECEMBER = dt.date(2025, 12, 1)


def product(who, name, start, end, mrr, seats=1):
    return subscription(who, start, end, mrr, product=name, quantity=seats, subscription_id=f"{who}-{name}-{start}")


GROWTH = {
    "accounts": [account(name) for name in ("seats", "price", "addon", "plan", "netted", "back", "new", "less")],
    "subscriptions": [
        product("seats", "base", "2024-01-01", "2025-12-05", 100, seats=10),
        product("seats", "base", "2025-12-05", None, 150, seats=15),
        product("price", "base", "2024-01-01", "2025-12-05", 100),
        product("price", "base", "2025-12-05", None, 110),
        product("addon", "base", "2024-01-01", None, 100),
        product("addon", "extra", "2025-12-05", None, 30),
        product("plan", "base", "2024-01-01", "2025-12-05", 100),
        product("plan", "premium", "2025-12-05", None, 180),
        product("netted", "base", "2024-01-01", "2025-12-05", 100, seats=10),
        product("netted", "base", "2025-12-05", None, 90, seats=9),
        product("netted", "extra", "2025-12-05", None, 50),
        product("back", "base", "2024-01-01", "2025-06-01", 100),
        product("back", "base", "2025-12-05", None, 500),
        product("new", "base", "2025-12-05", None, 700),
        product("less", "base", "2024-01-01", "2025-12-05", 100),
        product("less", "base", "2025-12-05", None, 60),
    ],
}


def test_each_account_has_one_net_movement_and_reactivation_is_none(company):
    data, item = company(GROWTH), REGISTRY["expansion_arr"]
    result = evaluate(item, data, DECEMBER)
    assert result.value == pytest.approx(12 * (50 + 10 + 30 + 80 + 40))
    rows = kpi_rows(item, data, DECEMBER)
    assert totals(item, rows)["expansion_mrr"] == 210_00
    assert set(rows["account_id"]) == {"seats", "price", "addon", "plan", "netted"}


def test_upgrades_without_the_downgrades_of_the_same_account_would_be_more(company):
    assert evaluate(REGISTRY["expansion_arr"], company(GROWTH), DECEMBER).value < 12 * (50 + 10 + 30 + 80 + 50)


def test_what_drove_growth_adds_up_to_it(company):
    result = evaluate(REGISTRY["expansion_arr"], company(GROWTH), DECEMBER)
    parts = {part.label: part.value for part in result.parts}
    assert parts["Seats"] == pytest.approx(12 * 50)
    assert parts["Price or plan of what they had"] == pytest.approx(12 * (10 + 80))
    assert parts["Products they did not have"] == pytest.approx(12 * (30 + 40))
    assert parts["Of the ARR a month before"] == pytest.approx(210 / 600)
    assert sum(list(parts.values())[1:]) == pytest.approx(result.value)


def test_the_published_expansion_rate_is_its_share_of_starting_mrr(company):
    """adlega.com: 10,000 grown to 15,000 is 50 %; growth against the last month's expansion is another figure."""
    rows = {
        "accounts": [account("a")],
        "subscriptions": [
            product("a", "base", "2024-01-01", "2025-12-05", 10_000),
            product("a", "base", "2025-12-05", None, 15_000),
        ],
    }
    assert evaluate(REGISTRY["expansion_arr"], company(rows), DECEMBER).parts[0].value == pytest.approx(0.5)


def test_an_addon_is_what_four_of_five_payers_hold_beside_a_larger_product():
    pays = np.zeros((10, 4), dtype=bool)
    pays[:8, 0] = True
    pays[:5, 1] = True
    pays[[0, 1, 8, 9], 2] = True
    pays[0, 3] = True
    assert addons_of(pays, 0.8) == {1: 0, 3: 0}
    assert addons_of(pays, 0.4) == {1: 0, 2: 0, 3: 0}
    assert addons_of(np.zeros((3, 2), dtype=bool), 0.8) == {}


def test_every_addon_among_a_thousand_products_is_found():
    pays = np.zeros((400, 1_000), dtype=bool)
    pays[:300, 0] = True
    places = np.arange(999)
    pays[places % 300, places + 1] = True
    assert addons_of(pays, 0.8) == {place + 1: 0 for place in range(999)}


def attached(with_addon, without, lonely=0):
    names = [f"a{place}" for place in range(with_addon + without + lonely)]
    rows = [product(name, "core", "2024-01-01", None, 100) for name in names[: with_addon + without]]
    rows += [product(name, "add", "2024-03-01", None, 10) for name in names[:with_addon]]
    rows += [product(name, "add", "2024-03-01", None, 10) for name in names[with_addon + without :]]
    return {"accounts": [account(name) for name in names], "subscriptions": rows}


def test_the_published_attach_rate(company):
    """siteforge: 25 of 100 customers of the core product hold the add-on."""
    result = evaluate(REGISTRY["attach_rate"], company(attached(25, 75)), DECEMBER)
    assert (result.value, result.numerator, result.n, result.state) == (pytest.approx(0.25), 25, 100, State.OK)


def test_who_could_not_attach_is_in_neither_term(company):
    result = evaluate(REGISTRY["attach_rate"], company(attached(25, 75, lonely=5)), DECEMBER)
    assert (result.numerator, result.n) == (25, 100)


def test_trials_and_ended_addons_are_not_attached(company):
    rows = attached(30, 10)
    rows["subscriptions"][40]["is_trial"] = True
    rows["subscriptions"][41]["end_date"] = day("2025-12-31")
    rows["subscriptions"][42]["mrr_cents"] = 0
    result = evaluate(REGISTRY["attach_rate"], company(rows), DECEMBER)
    assert (result.numerator, result.n) == (27, 40)


def test_one_product_alone_has_no_attach_rate(company):
    result = evaluate(REGISTRY["attach_rate"], company(attached(0, 40)), DECEMBER)
    assert (result.value, result.reason) == (None, "no product is bought on top of another one")


def test_early_attaching_counts_purchases_whose_ninety_days_have_passed(company):
    rows = attached(20, 0)
    for place, (first, addon) in enumerate([("2025-06-01", "2025-08-30"), ("2025-06-01", "2025-08-31")]):
        name = f"late{place}"
        rows["accounts"].append(account(name))
        rows["subscriptions"] += [product(name, "core", first, None, 100), product(name, "add", addon, None, 10)]
    rows["accounts"].append(account("recent"))
    rows["subscriptions"].append(product("recent", "core", "2025-10-15", None, 100))
    part = evaluate(REGISTRY["attach_rate"], company(rows), DECEMBER).parts[-1]
    assert (part.value, part.n) == (pytest.approx(0.5), 2)


def test_a_second_purchase_is_on_another_day_and_no_renewal(company):
    deals = [
        deal("1", "paid", "won", "2025-03-01", account_id="twice"),
        deal("2", "paid", "won", "2025-09-01", account_id="twice", kind="expansion"),
        deal("3", "paid", "won", "2025-03-01", account_id="same day"),
        deal("4", "paid", "won", "2025-03-01", account_id="same day", kind="expansion"),
        deal("5", "paid", "won", "2025-03-01", account_id="renewed"),
        deal("6", "paid", "won", "2025-09-01", account_id="renewed", kind="renewal"),
        deal("7", "paid", "won", "2025-03-01", account_id="lost the second"),
        deal("8", "paid", "lost", "2025-09-01", account_id="lost the second"),
        deal("9", "paid", "won", "2024-11-01", account_id="too early", created="2024-10-01"),
        deal("10", "paid", "won", "2025-09-01"),
    ]
    names = ("twice", "same day", "renewed", "lost the second", "too early")
    data = company(
        {
            "accounts": [account(name) for name in names],
            "subscriptions": [subscription("twice", "2024-01-01", None, 1)],
            "opportunities": deals,
        }
    )
    frame = data.frame("buyers_year", DECEMBER).set_index("account_id")["again_accounts"]
    assert frame.to_dict() == {"twice": 1, "same day": 0, "renewed": 0, "lost the second": 0}
    empty = evaluate(REGISTRY["repeat_purchase_rate"], data, dt.date(2023, 12, 1))
    assert (empty.value, empty.reason) == (None, "no account bought anything in twelve months")
