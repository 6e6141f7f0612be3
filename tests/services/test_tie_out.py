"""The product's money held against finance's: what ties, what differs, and why."""

import dataclasses
import json

import pytest

from core.model.data_state import TieOutRule
from core.month import build_month
from core.services.home import open_month
from core.services.tie_out import tie_out, tie_out_json
from core.settings import DEMO_DIR
from core.stats.months import month_end, month_from
from tests.companies import account, day, source, subscription

MARCH = day("2025-03-01")


def total(arr, new=0, bookings=0, who=None, month="2025-03-01"):
    """One row of finance, in units of the currency."""
    return {
        "month": day(month), "account_id": who, "arr_cents": arr * 100, "new_arr_cents": new * 100,
        "bookings_cents": bookings * 100,
    }  # fmt: skip


def deal(name, who, closed, amount, **other):
    return {
        "opportunity_id": name, "account_id": who, "name": name, "kind": "new", "source": "event",
        "amount_cents": amount * 100, "currency": "EUR", "created_on": day("2025-01-02"), "closed_on": day(closed),
        "outcome": "won", **other,
    }  # fmt: skip


def company(folder, finance, subscriptions=None, reporting="", **tables):
    rows = {
        "accounts": [account("a"), account("b"), account("c")],
        "subscriptions": subscriptions or [
            subscription("a", "2024-01-01", None, 100),
            subscription("b", "2025-03-10", None, 50),
        ],
        "finance_totals": finance,
        **tables,
    }  # fmt: skip
    return build_month(month_end(MARCH), source(folder, rows, reporting))


def line(result, measure):
    return next(item for item in result.lines if item.measure == measure)


def reasons(result, measure="arr"):
    rows = result.rows[(result.rows["measure"] == measure) & (result.rows["state"] == "differs")]
    return dict(zip(rows["account_id"], rows["reason"], strict=True))


def test_equal_books_tie_account_by_account(tmp_path):
    finance = [total(1800, 600), total(1200, 0, who="a"), total(600, 600, who="b")]
    result = tie_out(company(tmp_path, finance))
    assert (result.ties, result.by_account, result.reason) == (True, True, None)
    assert (line(result, "arr").difference, line(result, "new_arr").product) == (0, 600)
    assert reasons(result) == {}
    assert line(result, "bookings").state == "unknown"
    assert "opportunities is not loaded" in line(result, "bookings").reason


def test_every_gap_has_a_reason_and_the_parts_sum_to_the_difference(tmp_path):
    paid = [
        subscription("a", "2024-01-01", None, 100),
        subscription("b", "2025-03-10", None, 50),
        subscription("c", "2024-01-01", None, 10, currency="USD"),
    ]
    finance = [total(3000), total(1000, who="a"), total(0, who="b"), total(120, who="c"), total(480, who="x")]
    result = tie_out(company(tmp_path, finance, paid, reporting="EUR"))
    assert reasons(result) == {"a": "unexplained", "b": "timing", "c": "currency", "x": "only_finance"}
    arr = line(result, "arr")
    assert arr.explained == {
        "unexplained": 200, "timing": 600, "currency": -120, "only_finance": -480, "own_total": -1400,
    }  # fmt: skip
    assert sum(arr.explained.values()) == pytest.approx(arr.difference)
    assert (arr.state, arr.accounts_differing, arr.share) == ("differs", 4, pytest.approx(-0.4))


def test_an_account_finance_does_not_list_is_named(tmp_path):
    result = tie_out(company(tmp_path, [total(1200, who="a")]))
    assert reasons(result) == {"b": "only_product"}
    assert line(result, "arr").finance == 1200


def test_an_end_finance_has_booked_already_is_timing(tmp_path):
    paid = [subscription("a", "2024-01-01", "2025-04-15", 100), subscription("b", "2024-01-01", "2025-06-15", 50)]
    result = tie_out(company(tmp_path, [total(0, who="a"), total(0, who="b")], paid))
    assert reasons(result) == {"a": "timing", "b": "unexplained"}


def test_bookings_are_won_new_and_expansion_deals_and_a_deal_signed_last_month_is_timing(tmp_path):
    deals = [
        deal("now", "a", "2025-03-20", 1000),
        deal("more", "a", "2025-03-21", 200, kind="expansion"),
        deal("renewed", "a", "2025-03-21", 900, kind="renewal"),
        deal("lost", "a", "2025-03-21", 70, outcome="lost"),
        deal("before", "b", "2025-02-27", 400),
    ]
    finance = [total(1800), total(1200, 0, 1200, "a"), total(600, 600, 400, "b")]
    result = tie_out(company(tmp_path, finance, opportunities=deals))
    assert line(result, "bookings").product == 1200
    assert reasons(result, "bookings") == {"b": "timing"}


def test_a_company_total_alone_is_compared_without_accounts(tmp_path):
    result = tie_out(company(tmp_path, [total(1803)]))
    assert (result.by_account, line(result, "arr").accounts_differing, len(result.rows)) == (False, None, 0)
    assert line(result, "arr").state == "ties"
    strict = TieOutRule(share=0.001, account_cents=0, source="test")
    assert line(tie_out(company(tmp_path, [total(1803)]), strict), "arr").state == "differs"


@pytest.mark.parametrize(
    ("finance", "reporting", "extra", "reason"),
    [
        pytest.param([total(1, month="2025-01-01")], "", [], "no figures for this month", id="another month"),
        pytest.param(
            [total(1)], "", [subscription("c", "2024-01-01", None, 10, currency="USD")], "several currencies",
            id="no currency to report in",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_says_why(tmp_path, finance, reporting, extra, reason):
    paid = [subscription("a", "2024-01-01", None, 100), *extra]
    result = tie_out(company(tmp_path, finance, paid, reporting))
    assert (result.ties, result.lines) == (None, ())
    assert reason in result.reason


def test_without_finance_the_table_that_is_lacking_is_named(tmp_path):
    month = company(tmp_path, [total(1)])
    without = dataclasses.replace(month, loaded=month.loaded - {"finance_totals"})
    assert tie_out(without).reason == "finance_totals are not loaded"


def test_every_planted_disagreement_of_the_demo_company_is_found_and_nothing_else(in_demo):
    planted = json.loads((DEMO_DIR / "truth.json").read_text())["finance_disagreements"]
    assert planted
    for month in sorted({item["month"] for item in planted})[-3:]:
        result = tie_out(open_month(month_from(month[:7])))
        own = [item for item in planted if item["month"] == month]
        accounts = {item["account_id"] for item in own if item["account_id"]}
        assert set(reasons(result)) == accounts
        assert reasons(result, "new_arr") == reasons(result, "bookings") == {}
        company_wide = [item for item in own if item["account_id"] is None]
        expected = sum(item["subscriptions_cents"] - item["finance_cents"] for item in company_wide) / 100
        assert line(result, "arr").difference == pytest.approx(expected)
        json.dumps(tie_out_json(result), allow_nan=False)
