"""Outcome attainment and revenue in good health on companies small enough to work by hand."""

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kpis import REGISTRY, evaluate
from core.kpis.outcomes import healthy_arr_share, outcome_attainment_rate
from core.kpis.registry import kpi_rows, totals
from core.kpis.result import State
from tests.companies import account, day, subscription

DECEMBER = dt.date(2025, 12, 1)
NAMES = ("a", "b", "c", "d", "e")


def outcome(name, due, verified=None, agreed="2024-06-01"):
    return {
        "outcome_id": f"{name}-{due}-{verified}",
        "account_id": name,
        "agreed_on": day(agreed),
        "due_on": day(due) if due else None,
        "verified_on": day(verified) if verified else None,
    }


def paying(names=NAMES, ends=None, **amounts):
    return {
        "accounts": [account(name) for name in names],
        "subscriptions": [
            subscription(name, "2024-01-01", (ends or {}).get(name), amounts.get(name, 10)) for name in names
        ],
    }


def test_the_due_date_decides(company):
    outcomes = [
        outcome("a", "2025-01-01", "2025-01-01"),
        outcome("b", "2025-12-31", "2025-11-01"),
        outcome("c", "2025-06-30", "2025-07-01"),
        outcome("d", "2025-06-30"),
        outcome("e", "2024-12-31", "2024-12-01"),
        outcome("a", "2026-01-01", "2025-12-01"),
        outcome("a", None, "2025-05-01"),
        outcome("b", "2025-05-01", "2025-05-01", agreed="2025-06-01"),
    ]
    data = company(paying(ends={"d": "2025-03-01"}) | {"outcomes": outcomes})
    frame = data.frame("outcomes_due", DECEMBER).set_index("account_id")
    assert frame["outcomes_in_time"].to_dict() == {"a": 1, "b": 1, "c": 0, "d": 0}, "late stays missed, lost too"
    item = REGISTRY["outcome_attainment_rate"]
    result = evaluate(item, data, DECEMBER)
    assert item.function(**totals(item, kpi_rows(item, data, DECEMBER))) == 0.5 == result.value
    assert (result.state, result.reason) == (State.TOO_FEW, "too few: 2 of 4, about 39 needed to show such a rate")
    verified_at_all = sum(item["verified_on"] is not None for item in outcomes[:4])
    assert verified_at_all / len(frame) > result.value, "counting the one closed late would read 75 %"


def test_accounts_without_an_outcome_are_shown_beside_it(company):
    outcomes = [outcome("a", "2025-03-01", "2025-04-01"), outcome("b", "2025-03-01"), outcome("e", "2025-03-01")]
    outcomes.append(outcome("c", "2026-03-01", "2026-02-01", agreed="2026-01-05"))
    data = company(paying(ends={"e": "2025-06-01"}) | {"outcomes": outcomes})
    parts = [part.value for part in evaluate(REGISTRY["outcome_attainment_rate"], data, DECEMBER).parts]
    assert parts == [2 / 4, 1 / 4], "of the four that still pay; one agreed next year is not on file yet"


def test_no_outcome_due_is_undefined(company):
    data = company(paying() | {"outcomes": [outcome("a", "2026-03-01")]})
    result = evaluate(REGISTRY["outcome_attainment_rate"], data, DECEMBER)
    assert (result.state, result.reason) == (State.UNDEFINED, "no outcome was due in twelve months")


@given(due=st.integers(0, 50), share=st.floats(0, 1))
def test_attainment_lies_between_nothing_and_all(due, share):
    found = outcome_attainment_rate(outcomes_in_time=int(share * due), due_outcomes=due)
    assert (found is None) == (due == 0)
    assert found is None or 0 <= found <= 1


@pytest.fixture
def scored(company):
    """A company whose health scores are given."""

    def build(scores, month=DECEMBER, accounts=None, **amounts):
        rows = paying(**amounts)
        rows["accounts"] = accounts or rows["accounts"]
        contacts = [{"contact_id": "k", "account_id": "a"}]
        data = company(rows | {"contacts": contacts, "outcomes": [outcome("a", "2025-03-01")]})
        frame = pd.DataFrame(
            {"account_id": list(scores), "health": list(scores.values()), "month": pd.Timestamp(month)}
        )
        return replace(data, tables={**data.tables, "account_health": lambda: frame}, _kept={})

    return build


def test_revenue_is_weighed_not_scores(scored):
    data = scored({"a": 70.0, "b": 69.9, "c": 39.9, "d": None}, a=10, b=20, c=30, d=40, e=100)
    item = REGISTRY["healthy_arr_share"]
    result = evaluate(item, data, DECEMBER)
    bands = data.frame("health_month", DECEMBER).set_index("account_id")["band"].to_dict()
    assert bands == {"a": "Healthy", "b": "Watch", "c": "At risk", "d": "Not scored", "e": "Not scored"}
    assert result.value == pytest.approx(10 / 60)
    assert item.function(**totals(item, kpi_rows(item, data, DECEMBER))) == pytest.approx(result.value)
    parts = {part.label: part.value for part in result.parts}
    assert parts == pytest.approx({"Watch": 2 / 6, "At risk": 3 / 6, "Onboarding": 0, "Revenue with a score": 60 / 200})
    mean_of_scores = data.frame("health_month", DECEMBER)["health"].mean() / 100
    assert mean_of_scores > 3 * result.value, "the mean of the scores says that all is well"


def test_a_young_account_is_not_healthy_yet_and_one_without_revenue_is_not_there(scored):
    accounts = [account("a", start_date=day("2025-12-02")), account("b", start_date=day("2025-12-01")), account("c")]
    data = scored({"a": 99.0, "b": 99.0, "c": 99.0}, accounts=accounts, c=0)
    bands = data.frame("health_month", DECEMBER).set_index("account_id")["band"].to_dict()
    assert (bands["a"], bands["b"]) == ("Onboarding", "Healthy")
    assert "c" not in bands


def test_a_family_is_as_healthy_as_its_least_healthy_account(scored):
    accounts = [account("a"), account("b", parent_id="a"), account("c")]
    data = scored({"a": 90.0, "b": 30.0, "c": 80.0}, accounts=accounts)
    assert data.frame("health_month", DECEMBER).set_index("account_id")["band"].to_dict()["a"] == "At risk"


def test_health_is_known_of_the_newest_day_only(scored):
    data = scored({"a": 90.0})
    result = evaluate(REGISTRY["healthy_arr_share"], data, dt.date(2025, 11, 1))
    assert (result.state, result.value) == (State.MISSING, None)
    assert result.reason == "health is known as of December 2025 only"


def test_health_comes_from_the_scores_of_the_month(company):
    """Usage at every seat, no ticket and a verified outcome: as healthy as can be."""
    usage = [
        {"account_id": "a", "week_start": day("2025-12-22") - dt.timedelta(weeks=back), "active_users": 9,
         "licensed_seats": 10, "core_events": 50}
        for back in range(16)
    ]  # fmt: skip
    rows = paying(("a", "b")) | {
        "contacts": [{"contact_id": name, "account_id": name} for name in ("a", "b")],
        "usage": usage,
        "tickets": [
            {
                "ticket_id": "t",
                "account_id": "b",
                "severity": 1,
                "opened_at": dt.datetime.fromisoformat("2025-12-01T00:00"),
                "escalated": False,
            }
        ],
        "outcomes": [outcome("a", "2025-03-01", "2025-12-20")],
    }
    frame = company(rows).frame("health_month", DECEMBER).set_index("account_id")
    assert frame.loc["a", "health"] > 85
    assert frame["band"].to_dict()["a"] == "Healthy"
    assert frame["band"].to_dict()["b"] != "Healthy"


@pytest.mark.parametrize(("healthy", "known", "expected"), [(0, 0, None), (0, 5, 0.0), (5, 5, 1.0)])
def test_health_share_formula(healthy, known, expected):
    assert healthy_arr_share(healthy_arr=healthy, scored_arr=known) == expected
