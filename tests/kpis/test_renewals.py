"""Renewals on companies small enough to work by hand."""

import datetime as dt

import pytest

from core.kpis import REGISTRY, evaluate
from core.kpis.registry import kpi_rows, totals
from core.kpis.result import State
from core.month import build_month
from tests.companies import account, day, source, subscription

DECEMBER = dt.date(2025, 12, 1)


def renewal(name, who, due, closed=None, renewed=None, mrr=100, **other):
    return {
        "renewal_id": name,
        "account_id": who,
        "due_on": day(due),
        "mrr_due_cents": mrr * 100,
        "mrr_renewed_cents": None if renewed is None else renewed * 100,
        "currency": "EUR",
        "closed_on": day(closed) if closed else None,
        **other,
    }


def intent(name, who, due, answer, on, by="customer", **other):
    return renewal(name, who, due, stated_intent=answer, intent_on=day(on), intent_by=by, **other)


def act(contact, completed):
    return {
        "ask_id": contact + completed,
        "contact_id": contact,
        "activity": "review",
        "state": "sent",
        "asked_on": day(completed),
        "delivered": True,
        "completed_on": day(completed),
    }


def facts(renewals, accounts=None):
    names = sorted({row["account_id"] for row in renewals})
    return {
        "accounts": accounts or [account(name) for name in names],
        "subscriptions": [subscription(name, "2023-01-01", None, 100) for name in names],
        "renewals": renewals,
    }


RENEWALS = [
    renewal("1", "early", "2025-06-01", "2025-03-01", 100),
    renewal("2", "late in time", "2025-06-01", "2025-07-01", 80),
    renewal("3", "too late", "2025-06-01", "2025-07-02", 100),
    renewal("4", "open after thirty days", "2025-11-15"),
    renewal("5", "not decided yet", "2025-12-15"),
    renewal("6", "closed ahead of its day", "2026-03-01", "2025-12-01", 100),
    renewal("7", "cancelled", "2025-06-01", "2025-05-20", 0),
    renewal("8", "decided a year ago", "2024-11-20", "2024-11-20", 100),
    renewal("9", "two subscriptions", "2025-06-01", "2025-06-01", 0),
    renewal("10", "two subscriptions", "2025-06-01", "2025-06-01", 150),
    renewal("11", "lost after a renewal", "2025-02-01", "2025-02-01", 100),
    renewal("12", "lost after a renewal", "2025-08-01", "2025-08-01", 0),
]


def test_what_is_due_and_what_counts_as_renewed(company):
    rows = company(facts(RENEWALS)).frame("renewed_year", DECEMBER).set_index("account_id")["renewed_accounts"]
    assert rows.to_dict() == {
        "early": 1,
        "late in time": 1,
        "too late": 0,
        "open after thirty days": 0,
        "cancelled": 0,
        "two subscriptions": 1,
        "lost after a renewal": 0,
    }


def test_the_rows_give_the_arguments_and_small_numbers_no_rate(company):
    data, item = company(facts(RENEWALS)), REGISTRY["renewal_rate"]
    assert totals(item, kpi_rows(item, data, DECEMBER)) == {"renewed_accounts": 3, "due_accounts": 7}
    result = evaluate(item, data, DECEMBER)
    assert (result.state, result.numerator, result.n) == (State.TOO_FEW, 3, 7)


def test_all_customers_as_denominator_would_be_another_figure(company):
    data = company(facts(RENEWALS))
    customers = int((data.revenue.mrr_at(DECEMBER) > 0).sum())
    assert (3 / 7, 3 / customers) == (pytest.approx(0.4286, abs=1e-4), pytest.approx(0.3))


def test_revenue_kept_is_at_most_what_was_due(company):
    part = evaluate(REGISTRY["renewal_rate"], company(facts(RENEWALS)), DECEMBER).parts[0]
    assert part.value == pytest.approx((100 + 80 + 100 + 100) / (9 * 100))


def test_an_upsell_renewal_counts_its_due_amount_alone(company):
    rows = facts([renewal("1", "a", "2025-06-01", "2025-06-01", 300), renewal("2", "b", "2025-06-01", None)])
    assert evaluate(REGISTRY["renewal_rate"], company(rows), DECEMBER).parts[0].value == pytest.approx(0.5)


def test_nothing_due_is_none_with_its_reason(company):
    result = evaluate(REGISTRY["renewal_rate"], company(facts([renewal("1", "a", "2026-09-01")])), DECEMBER)
    assert (result.value, result.state) == (None, State.UNDEFINED)
    assert result.reason == "no renewal fell due in twelve months"


def test_an_earlier_month_does_not_see_what_was_closed_later(tmp_path):
    rows = facts([renewal("1", "a", "2025-05-20", "2025-06-10", 100), *RENEWALS])
    seen = {}
    for as_of in (dt.date(2025, 12, 31), dt.date(2025, 5, 31)):
        data = build_month(as_of, source(tmp_path, rows)).kpi_input
        frame = data.frame("renewed_year", dt.date(2025, 5, 1))
        seen[as_of] = frame[["account_id", "renewed_accounts"]].to_numpy().tolist()
    assert (
        seen[dt.date(2025, 12, 31)]
        == seen[dt.date(2025, 5, 31)]
        == [["decided a year ago", 1], ["lost after a renewal", 1]]
    )


def test_an_advocate_is_one_before_the_renewal_window_opens(company):
    """Due 2025-06-01, the window opens on 2025-03-03: an act that day counts, a later or older one does not."""
    acts = {"in time": "2025-03-03", "in the window": "2025-03-04", "too old": "2024-03-03", "just": "2024-03-04"}
    rows = facts([renewal(name, name, "2025-06-01", "2025-06-01", 100) for name in acts])
    rows["contacts"] = [{"contact_id": "c " + name, "account_id": name} for name in acts]
    rows["asks"] = [act("c " + name, done) for name, done in acts.items()]
    frame = company(rows).frame("renewed_by_status", DECEMBER).set_index("account_id")["advocate_due"]
    assert frame.to_dict() == {"in time": 1, "in the window": 0, "too old": 0, "just": 1}


def test_the_gap_needs_both_groups(company):
    rows = facts([renewal("1", "a", "2025-06-01", "2025-06-01", 100)])
    rows |= {"contacts": [{"contact_id": "c", "account_id": "a"}], "asks": [act("c", "2025-12-01")]}
    result = evaluate(REGISTRY["renewal_rate_gap"], company(rows), DECEMBER)
    assert (result.value, result.state) == (None, State.UNDEFINED)


def test_intent_is_the_customers_fresh_and_lowest_answer(company):
    rows = [
        intent("1", "likely", "2026-03-01", 4, "2025-10-03"),
        intent("2", "unlikely", "2026-03-01", 3, "2025-12-01"),
        intent("3", "stale", "2026-03-01", 5, "2025-10-02"),
        intent("4", "ours", "2026-03-01", 5, "2025-12-01", by="csm_04"),
        intent("5", "nobody named", "2026-03-01", 5, "2025-12-01", by=None),
        intent("6", "two answers", "2026-03-01", 5, "2025-12-01"),
        intent("7", "two answers", "2026-04-01", 2, "2025-12-02"),
        intent("8", "due too far ahead", "2026-06-30", 5, "2025-12-01"),
        intent("9", "decided", "2026-03-01", 5, "2025-12-01", closed="2025-12-20", renewed=100),
        intent("10", "answered later", "2026-03-01", 5, "2026-01-10"),
        intent("11", "a contact", "2026-03-01", 4, "2025-12-01", by="c 7"),
    ]
    data = company(facts(rows) | {"contacts": [{"contact_id": "c 7", "account_id": "a contact"}]})
    frame = data.frame("renewals_ahead", DECEMBER).set_index("account_id")
    asked = frame[frame["asked_accounts"] == 1]["likely_accounts"].to_dict()
    assert asked == {"likely": 1, "unlikely": 0, "nobody named": 1, "two answers": 0, "a contact": 1}
    assert sorted(set(frame.index) - set(asked)) == ["answered later", "ours", "stale"]
    result = evaluate(REGISTRY["renewal_intent_rate"], data, DECEMBER)
    assert (result.numerator, result.n) == (3, 5)
    assert result.parts[0].value == pytest.approx(5 / 8)


def test_renewals_in_a_currency_without_a_rate_still_count_by_account(company):
    rows = facts([dict(renewal("1", "a", "2025-06-01", "2025-06-01", 100), currency="USD")])
    result = evaluate(REGISTRY["renewal_rate"], company(rows), DECEMBER)
    assert result.numerator == 1
    assert result.parts[0].value is None
