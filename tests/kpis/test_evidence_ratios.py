"""Use of seats, foresight of renewals and agreement with the bill, on companies small enough to work by hand."""

import datetime as dt

import pytest

from core.kpis import MEASURES, evaluate
from core.kpis.registry import kpi_rows, totals
from core.kpis.result import State
from tests.companies import account, day, subscription
from tests.kpis.test_adoption import MONDAYS, week
from tests.kpis.test_deals_spend_asks import deal
from tests.kpis.test_renewals import facts, intent, renewal

DECEMBER = dt.date(2025, 12, 1)


def value(data, name, month=DECEMBER):
    return evaluate(MEASURES[name], data, month).value


def test_users_per_seat_counts_the_weeks_whose_seats_are_known(company):
    usage = [week("a", monday, 10, 20) for monday in MONDAYS]
    usage += [week("b", monday, 900, None) for monday in MONDAYS]
    names = ("a", "b")
    data = company(
        {
            "accounts": [account(name) for name in names],
            "subscriptions": [subscription(name, "2024-01-01", None, 9) for name in names],
            "usage": usage,
        }
    )
    assert value(data, "wau_per_licensed_seat") == pytest.approx(0.5)


FORETOLD = [
    intent("sure and kept", "a", "2025-06-01", 5, "2025-04-01", closed="2025-06-01", renewed=100),
    intent("sure and lost", "b", "2025-06-01", 5, "2025-04-01"),
    intent("half and kept", "c", "2025-06-01", 3, "2025-04-01", closed="2025-06-01", renewed=100),
    intent("unlikely and lost", "d", "2025-06-01", 2, "2025-04-01"),
]


def test_the_brier_score_is_the_mean_squared_miss_of_what_customers_said(company):
    data = company(facts(FORETOLD))
    assert value(data, "renewal_intent_brier") == pytest.approx((0 + 1 + 0.25 + 0.0625) / 4)
    rows = kpi_rows(MEASURES["renewal_intent_brier"], data, DECEMBER)
    assert totals(MEASURES["renewal_intent_brier"], rows)["squared_miss"] == rows["squared_miss"].sum()


@pytest.mark.parametrize(
    "row",
    [
        intent("our own forecast", "e", "2025-06-01", 1, "2025-04-01", by="csm"),
        intent("said after it was decided", "e", "2025-06-01", 1, "2025-05-20", closed="2025-05-01", renewed=100),
        intent("said after it was due", "e", "2025-06-01", 1, "2025-06-10"),
        renewal("nobody spoke of it", "e", "2025-06-01"),
        intent("not decided yet", "e", "2025-12-15", 1, "2025-11-01"),
    ],
    ids=lambda row: row["renewal_id"],
)
def test_what_was_not_foretold_by_the_customer_does_not_count(company, row):
    assert value(company(facts([*FORETOLD, row])), "renewal_intent_brier") == value(
        company(facts(FORETOLD)), "renewal_intent_brier"
    )


def won(name, cents):
    return (
        deal(name, "referral", "won", "2025-04-01", account_id=name),
        subscription(name, "2025-04-01", None, 100),
        {
            "month": day("2025-04-01"),
            "account_id": name,
            "arr_cents": cents,
            "new_arr_cents": 0,
            "bookings_cents": 0,
        },
    )


def test_referral_revenue_is_held_against_the_bill_of_the_same_accounts(company):
    deals, paid, billed = zip(won("a", 1200_00), won("b", 900_00), won("c", 0), strict=True)
    old = subscription("old", "2023-01-01", None, 1)
    data = company(
        {
            "accounts": [account(name) for name in ("a", "b", "c", "old")],
            "subscriptions": [*paid, old],
            "opportunities": list(deals),
            "finance_totals": list(billed),
        }
    )
    assert value(data, "referral_revenue_vs_billing") == pytest.approx((3600 - 2100) / 2100)


def test_without_a_bill_there_is_no_difference(company):
    deals, paid, billed = won("a", 0)
    data = company(
        {
            "accounts": [account("a")],
            "subscriptions": [paid],
            "opportunities": [deals],
            "finance_totals": [billed],
        }
    )
    result = evaluate(MEASURES["referral_revenue_vs_billing"], data, DECEMBER)
    assert (result.value, result.state) == (None, State.UNDEFINED)
    assert result.reason == "finance shows none of the accounts won by referral"


def used(company):
    usage = [week(name, monday, users, 20) for name, users in (("a", 10), ("b", 15)) for monday in MONDAYS]
    paid = [subscription(name, "2024-01-01", None, 9) for name in ("a", "b")]
    return company({"accounts": [account("a"), account("b")], "subscriptions": paid, "usage": usage})


@pytest.mark.parametrize(
    ("name", "of"),
    [("wau_per_licensed_seat", used), ("renewal_intent_brier", lambda company: company(facts(FORETOLD)))],
)
def test_an_interval_without_draws_is_that_of_the_figure_in_full(company, name, of):
    """Conditions of maturity read it: a figure without one counts as too wide to judge."""
    data = of(company)
    full, quick = (evaluate(MEASURES[name], data, DECEMBER, history=history) for history in (True, False))
    assert full.low is not None and full.high is not None
    assert (quick.low, quick.high, quick.state, quick.reason) == (full.low, full.high, full.state, full.reason)
