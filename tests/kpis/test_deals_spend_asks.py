"""Win rates, acquisition cost and invitations on companies small enough to work by hand."""

import datetime as dt

import pytest

from core.kpis import REGISTRY, evaluate
from core.kpis.acquisition import median_cycle_months
from core.kpis.result import State
from tests.companies import account, day, subscription

DECEMBER = dt.date(2025, 12, 1)
ACCOUNTS = {"accounts": [account("a")], "subscriptions": [subscription("a", "2024-01-01", None, 10)]}


def deal(name, source, outcome, closed, created="2025-01-15", **other):
    return {
        "opportunity_id": name,
        "name": name,
        "kind": "new",
        "source": source,
        "amount_cents": 100_00,
        "currency": "EUR",
        "created_on": day(created),
        "closed_on": day(closed) if closed else None,
        "outcome": outcome,
        **other,
    }


def spend(month, line, channel, cents, kind="acquisition"):
    return {
        "month": day(month),
        "line": line,
        "kind": kind,
        "channel": channel,
        "journey_stage": "conversion",
        "planned_cents": cents,
        "committed_cents": 0,
        "media_cents": cents,
        "people_cents": 0,
        "platform_cents": 0,
        "rewards_cents": 0,
        "currency": "EUR",
    }


def ask(name, contact, asked, completed=None, **other):
    return {
        "ask_id": name,
        "contact_id": contact,
        "activity": "review",
        "state": "sent",
        "asked_on": day(asked),
        "delivered": True,
        "completed_on": day(completed) if completed else None,
        **other,
    }


def test_win_rates_count_closed_new_business_of_twelve_months(company):
    deals = [
        deal("won referred", "referral", "won", "2025-06-01"),
        deal("lost referred", "Referral", "lost", "2025-07-01"),
        deal("won paid", "paid_search", "won", "2025-01-01"),
        deal("lost unknown source", None, "lost", "2025-12-31"),
        deal("too early", "referral", "won", "2024-12-31", created="2024-02-01"),
        deal("open", "referral", "open", None),
        deal("renewal", "referral", "won", "2025-06-01", kind="renewal"),
        deal("closed after the month", "referral", "won", "2026-01-05"),
    ]
    frame = company(ACCOUNTS | {"opportunities": deals}).frame("deals_year", DECEMBER)
    counted = {
        name: int(frame[name].sum()) for name in ("referred_won", "referred_closed", "baseline_won", "baseline_closed")
    }
    assert counted == {"referred_won": 1, "referred_closed": 2, "baseline_won": 1, "baseline_closed": 2}


def test_two_of_four_deals_are_too_few_for_a_rate(company):
    deals = [deal(str(place), "referral", ("won", "lost")[place % 2], "2025-06-01") for place in range(4)]
    result = evaluate(REGISTRY["win_rate_referred"], company(ACCOUNTS | {"opportunities": deals}), DECEMBER)
    assert (result.state, result.reason, result.numerator, result.n) == (
        State.TOO_FEW,
        "too few: 2 of 4, about 39 needed to show such a rate",
        2,
        4,
    )
    assert not result.shown


def test_missing_tables_are_named_and_empty_denominators_explained(company):
    data = company(ACCOUNTS)
    missing = evaluate(REGISTRY["win_rate_referred"], data, DECEMBER)
    assert (missing.state, missing.reason) == (State.MISSING, "not loaded: opportunities")
    open_only = company(ACCOUNTS | {"opportunities": [deal("open", "referral", "open", None)]})
    empty = evaluate(REGISTRY["win_rate_referred"], open_only, DECEMBER)
    assert (empty.state, empty.value) == (State.UNDEFINED, None)
    assert "no referred deal" in empty.reason


def customers(channel, count, month="2025-06-01"):
    names = [f"{channel}{place}" for place in range(count)]
    return (
        [account(name, acquisition_channel=channel) for name in names],
        [subscription(name, month, None, 10) for name in names],
    )


def test_acquisition_cost_meets_the_customers_it_won(company):
    referred, their = customers("referral", 12)
    paid, others = customers("paid_search", 10)
    old, older = customers("referral", 3, "2024-03-01")
    data = company(
        {
            "accounts": [*referred, *paid, *(dict(row, account_id="old" + row["account_id"]) for row in old)],
            "subscriptions": [
                *their,
                *others,
                *(
                    dict(row, account_id="old" + row["account_id"], subscription_id="old" + row["subscription_id"])
                    for row in older
                ),
            ],
            "opportunities": [
                deal("d1", "referral", "won", "2025-04-15", created="2025-01-15"),
                deal("d2", "paid_search", "won", "2025-06-15", created="2025-03-15"),
            ],
            "spend": [
                spend("2025-01-01", "referral_programme", "referral", 1_200_00),
                spend("2024-10-01", "search", "paid_search", 2_000_00),
                spend("2025-09-01", "search", "paid_search", 3_000_00),
                spend("2025-10-01", "search", "paid_search", 9_999_00),
                spend("2024-09-01", "search", "paid_search", 8_888_00),
                *(
                    spend(f"2025-{month:02d}-01", "onboarding", None, 7_777_00, kind="post_sale")
                    for month in range(1, 10)
                ),
                *(spend(f"2024-{month:02d}-01", "onboarding", None, 7_777_00, kind="post_sale") for month in (11, 12)),
            ],
        }
    )
    assert median_cycle_months(data, DECEMBER) == 3
    referral = evaluate(REGISTRY["cac_referral"], data, DECEMBER)
    paid_result = evaluate(REGISTRY["cac_paid"], data, DECEMBER)
    assert (referral.value, referral.n) == (pytest.approx(100.0), 12)
    assert (paid_result.value, paid_result.n) == (pytest.approx(500.0), 10), "spend of Oct 2024 to Sep 2025"
    # Garwood's exact limits of a count of 12 are 6.2006 and 20.9616
    assert (referral.low, referral.high) == (
        pytest.approx(1_200 / 20.9616, rel=1e-3),
        pytest.approx(1_200 / 6.2006, rel=1e-3),
    )


def test_nine_customers_are_too_few_for_a_cost(company):
    accounts, subscriptions = customers("referral", 9)
    data = company(
        {
            "accounts": [account("old"), *accounts],
            "subscriptions": [subscription("old", "2024-12-01", None, 10), *subscriptions],
            "spend": [spend(f"2025-{month:02d}-01", "referral_programme", "referral", 75_00) for month in range(1, 13)],
        }
    )
    result = evaluate(REGISTRY["cac_referral"], data, DECEMBER)
    assert (result.state, result.n) == (State.TOO_FEW, 9)


def test_a_cost_needs_spend_of_every_month_of_its_window(company):
    accounts, subscriptions = customers("referral", 12)
    months = [spend(f"2025-{month:02d}-01", "referral_programme", "referral", 100_00) for month in range(3, 13)]
    data = company({"accounts": accounts, "subscriptions": subscriptions, "spend": months})
    result = evaluate(REGISTRY["cac_referral"], data, DECEMBER)
    assert (result.value, result.state) == (None, State.MISSING)
    assert result.reason == "spend is known for 10 of the 12 months from 2025-01 to 2025-12"


def test_spend_in_a_currency_without_a_rate_gives_no_cost(company):
    dollars = dict(spend("2025-06-01", "referral_programme", "referral", 1), currency="USD")
    result = evaluate(REGISTRY["cac_referral"], company(ACCOUNTS | {"spend": [dollars]}), DECEMBER)
    assert (result.value, result.state) == (None, State.MISSING)
    assert "a currency of spend has no rate" in result.reason


def test_spend_cannot_be_split_by_segment(company):
    data = company(ACCOUNTS | {"spend": [spend("2025-06-01", "referral_programme", "referral", 1)]})
    result = evaluate(REGISTRY["cac_referral"], data, DECEMBER, segment="SMB")
    assert (result.value, result.reason) == (None, "spend is not split by segment")


def test_invitations_are_counted_by_person_and_by_the_first_ask(company):
    asks = [
        ask("1", "acts in time", "2025-11-01", "2025-12-01"),
        ask("2", "acts too late", "2025-11-01", "2025-12-02"),
        ask("3", "acts on the second ask", "2025-11-03"),
        ask("4", "acts on the second ask", "2025-11-20", "2025-11-25"),
        ask("5", "bounced", "2025-11-05", "2025-11-06", delivered=False),
        ask("6", "delivery unknown", "2025-11-05", delivered=None),
        ask("7", "only accepted", "2025-11-05", state="accepted"),
        ask("8", "asked another month", "2025-12-05", "2025-12-06"),
        ask("9", "acted before the ask", "2025-11-10", "2025-11-08"),
        ask("10", "asked again next month", "2025-11-28"),
        ask("11", "asked again next month", "2025-12-03", "2025-12-10"),
    ]
    frame = company(ACCOUNTS | {"asks": asks}).frame("invited_month", DECEMBER)
    assert set(frame["contact_id"]) == {
        "acts in time",
        "acts too late",
        "acts on the second ask",
        "delivery unknown",
        "acted before the ask",
        "asked again next month",
    }
    assert set(frame.loc[frame["acted_contacts"] == 1, "contact_id"]) == {
        "acts in time",
        "acts on the second ask",
        "asked again next month",
    }


def test_those_whose_thirty_days_have_not_passed_are_left_out(company):
    asks = [ask("1", "in time", "2025-01-29"), ask("2", "too late for February", "2025-01-30")]
    frame = company(ACCOUNTS | {"asks": asks}).frame("invited_month", dt.date(2025, 2, 1))
    assert frame["contact_id"].tolist() == ["in time"]
