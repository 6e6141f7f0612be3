"""Time to value and activation on companies small enough to work by hand."""

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pytest

from core.kpis import REGISTRY, evaluate
from core.kpis.newcomers import newcomers
from core.kpis.onboarding import activation_rate, time_to_first_value, time_to_value
from core.kpis.registry import kpi_rows, totals
from core.kpis.result import State
from tests.companies import account, day, subscription

DECEMBER = dt.date(2025, 12, 1)
PUBLISHED = Path(__file__).parents[1] / "published" / "statistics.json"


def customer(name, start, end=None, paid_from=None, **other):
    return account(name, start_date=day(start), **other), subscription(name, paid_from or start, end, 10)


def reached(name, kind, on):
    return {"account_id": name, "kind": kind, "reached_on": day(on)}


def outcome(name, on, agreed="2025-01-02", place=1):
    return {
        "outcome_id": f"{name}{place}",
        "account_id": name,
        "agreed_on": day(agreed),
        "due_on": None,
        "verified_on": day(on) if on else None,
    }


VETERAN = customer("veteran", "2024-01-05")
FIRST_VALUE = reached("veteran", "first_value", "2024-02-01")


@pytest.fixture
def started(company):
    """The customers that started, with the veteran whose steps show that they were recorded all along."""

    def build(customers, milestones=(), outcomes=None, month=DECEMBER, more=()):
        rows = [VETERAN, *customers]
        tables = {
            "accounts": [first for first, _ in rows],
            "subscriptions": [*(second for _, second in rows), *more],
            "milestones": [FIRST_VALUE, reached("veteran", "activation", "2024-01-20"), *milestones],
        }
        return company(tables | ({"outcomes": outcomes} if outcomes is not None else {}), month)

    return build


def waiting(data, name="value_wait", month=DECEMBER):
    frame = data.frame(name, month).set_index("account_id")
    return {
        key: (int(row["waiting_days"]), bool(row["reached"]), row["left_on"] == row["left_on"])
        for key, row in frame.iterrows()
    }


def test_the_median_counts_those_who_still_wait(started):
    """30 and 45 days, and one followed for 60: the published wrong way averages the first two."""
    case = next(item for item in json.loads(PUBLISHED.read_text()) if item["id"] == "statstest_naive_mean")
    data = started(
        [customer("a", "2025-07-01"), customer("b", "2025-08-01"), customer("c", "2025-11-01")],
        [reached("a", "first_value", "2025-07-31"), reached("b", "first_value", "2025-09-15")],
    )
    rows = data.frame("value_wait", DECEMBER)
    assert rows["waiting_days"].tolist() == case["inputs"]["time"]
    assert rows["reached"].tolist() == case["inputs"]["event"]
    result = evaluate(REGISTRY["time_to_first_value"], data, DECEMBER)
    naive = rows.loc[rows["reached"] == 1, "waiting_days"].mean()
    assert (result.value, result.n, naive) == (45, 3, case["expected"]["naive_mean"])
    assert result.state is State.TOO_FEW and "2 new accounts that got there" in result.reason


@pytest.mark.parametrize("formula", [time_to_first_value, time_to_value])
@pytest.mark.parametrize(
    ("days", "got_there", "expected"),
    [
        pytest.param([30, 45, 60], [1, 1, 0], 45, id="one still waits"),
        pytest.param([0, 0, 0], [1, 1, 1], 0, id="value before the start"),
        pytest.param([5, 10, 20, 20], [1, 0, 0, 0], None, id="fewer than half"),
        pytest.param([9], [0], None, id="nobody"),
    ],
)
def test_the_formula(formula, days, got_there, expected):
    assert formula(waiting_days=np.array(days), reached=np.array(got_there)) == expected


def test_the_clock_stops_when_the_customer_leaves(started):
    data = started(
        [customer("left", "2025-09-01", "2025-10-01"), customer("stays", "2025-12-01")],
        [reached("left", "first_value", "2025-11-01")],
    )
    assert waiting(data) == {"left": (30, False, True), "stays": (30, False, False)}
    parts = {
        part.label: part.value for part in evaluate(REGISTRY["time_to_first_value"], _two(started), DECEMBER).parts
    }
    assert parts["Left before"] == 1


def _two(started):
    """One that got there within 10 days, and one that left: half have got there."""
    return started(
        [customer("left", "2025-09-01", "2025-10-01"), customer("there", "2025-11-01")],
        [reached("there", "first_value", "2025-11-11"), reached("there", "kickoff", "2025-11-05")],
    )


def test_shares_by_day_and_the_clock_from_the_kick_off_stand_beside_the_median(started):
    result = evaluate(REGISTRY["time_to_first_value"], _two(started), DECEMBER)
    parts = {part.label: (part.value, part.n) for part in result.parts}
    assert result.value == 10
    assert parts["Got there by day 30"] == (0.5, 2)
    assert parts["Got there by day 90"] == (None, 2), "nobody was followed for 90 days"
    assert parts["Median from the kick-off"] == (6, 1)
    assert parts["Three of four got there within"] == (None, 2)


@pytest.mark.parametrize(("customers", "shown"), [(9, ["Left before"]), (10, None)])
def test_of_too_few_customers_only_counts_stand_beside_the_figure(started, customers, shown):
    names = [f"c{place}" for place in range(customers)]
    data = started(
        [customer(name, "2025-09-01") for name in names],
        [reached(name, "first_value", "2025-09-11") for name in names],
    )
    result = evaluate(REGISTRY["time_to_first_value"], data, DECEMBER)
    assert [part.label for part in result.shown_parts] == (shown or [part.label for part in result.parts])


@pytest.mark.parametrize(
    ("customers", "milestones", "more", "expected"),
    [
        pytest.param(
            [customer("a", "2025-07-10")],
            [reached("a", "first_value", "2025-07-01")],
            [],
            {"a": (0, True, False)},
            id="value in the trial is day 0",
        ),
        pytest.param(
            [customer("a", "2025-08-01", "2025-10-01")],
            [],
            [subscription("a", "2025-10-01", None, 10)],
            {"a": (152, False, False)},
            id="a renewal on the last day is no leaving",
        ),
        pytest.param(
            [customer("a", "2025-08-01")],
            [],
            [subscription("a", "2023-01-01", "2024-01-01", 10)],
            {},
            id="one who came back is not new",
        ),
        pytest.param(
            [(account("a", start_date=day("2025-08-01")), subscription("a", "2025-08-01", None, 9, is_trial=True))],
            [],
            [],
            {},
            id="a trial is no start",
        ),
        pytest.param([customer("a", "2025-12-31")], [], [], {}, id="the last day has not been followed"),
        pytest.param([customer("a", "2025-06-30")], [], [], {}, id="seven months ago"),
        pytest.param(
            [customer("p", "2025-08-01", "2025-09-01"), customer("c", "2025-08-10", parent_id="p")],
            [reached("c", "first_value", "2025-09-20")],
            [],
            {"p": (50, True, False)},
            id="a family starts, stays and gets there as one",
        ),
    ],
)
def test_who_counts_as_new_and_how_long_it_waits(started, customers, milestones, more, expected):
    assert waiting(started(customers, milestones, more=more)) == expected


def test_a_kick_off_or_a_login_is_no_value(started):
    steps = [reached("a", kind, "2025-08-03") for kind in ("kickoff", "first_login", "go_live", "activation")]
    assert waiting(started([customer("a", "2025-08-01")], steps)) == {"a": (152, False, False)}


def test_what_happens_later_is_not_known_yet(started):
    data = started(
        [customer("a", "2025-07-01", "2025-12-05"), customer("b", "2025-07-01", paid_from="2025-11-03")],
        [reached("a", "first_value", "2025-11-20")],
    )
    assert waiting(data, month=dt.date(2025, 10, 1)) == {"a": (122, False, False)}
    assert waiting(data, month=dt.date(2025, 11, 1)) == {"a": (142, True, False), "b": (152, False, False)}


def test_value_recorded_only_from_some_day_on_says_nothing_about_earlier_starts(company):
    first, second = customer("a", "2025-08-01")
    data = company(
        {
            "accounts": [first],
            "subscriptions": [second],
            "milestones": [reached("a", "activation", "2025-08-02"), reached("a", "first_value", "2025-09-10")],
        }
    )
    result = evaluate(REGISTRY["time_to_first_value"], data, DECEMBER)
    assert (result.state, result.value) == (State.MISSING, None)
    assert result.reason == "first value is recorded from 2025-09 on; the window begins in 2025-07"
    before = evaluate(REGISTRY["time_to_first_value"], data, dt.date(2025, 8, 1))
    assert before.reason == "no first value is recorded by the end of the month"


def test_nobody_new_is_undefined_with_the_reason_in_words(started):
    for name, kind in (("time_to_first_value", "nobody started"), ("activation_rate", "no customer started")):
        result = evaluate(REGISTRY[name], started([]), DECEMBER)
        assert (result.state, result.value) == (State.UNDEFINED, None)
        assert kind in result.reason


def test_only_the_first_outcome_the_customer_confirmed_stops_the_clock_of_value(started):
    data = started(
        [customer("a", "2025-01-10"), customer("b", "2025-03-01"), customer("c", "2025-10-02")],
        outcomes=[
            outcome("veteran", "2024-06-01", "2024-01-10"),
            outcome("a", "2025-05-10"),
            outcome("a", "2025-04-20", place=2),
            outcome("b", None),
            outcome("c", "2025-10-12", agreed="2025-10-22"),
        ],
    )
    assert waiting(data, "outcome_wait") == {
        "a": (100, True, False),
        "b": (305, False, False),
        "c": (20, True, False),
    }, "what was confirmed before it was agreed counts from its agreement"
    assert evaluate(REGISTRY["time_to_value"], data, DECEMBER).value == 100


def test_activation_is_that_of_the_customers_who_started_the_month_before(started):
    data = started(
        [
            customer("in time", "2025-11-01"),
            customer("on the last day", "2025-11-02"),
            customer("late", "2025-11-03"),
            customer("cancelled", "2025-11-04", "2025-11-20"),
            customer("this month", "2025-12-01"),
            customer("two months ago", "2025-10-31"),
            customer("has 30 days", "2025-11-30"),
        ],
        [
            reached("in time", "activation", "2025-11-15"),
            reached("on the last day", "activation", "2025-12-02"),
            reached("late", "activation", "2025-12-04"),
            reached("this month", "activation", "2025-12-05"),
            reached("two months ago", "activation", "2025-11-05"),
        ],
    )
    frame = data.frame("start_month", DECEMBER).set_index("account_id")
    assert frame["activated_accounts"].to_dict() == {
        "in time": 1,
        "on the last day": 1,
        "late": 0,
        "cancelled": 0,
        "has 30 days": 0,
    }
    item = REGISTRY["activation_rate"]
    assert item.function(**totals(item, kpi_rows(item, data, DECEMBER))) == 2 / 5
    rows = newcomers(data)
    begun, activated = ((rows[name] >= "2025-12-01").sum() for name in ("started_on", "activated_on"))
    assert activated / begun == 3, "activations of a month over its starts: other customers, here 300 %"


def test_february_leaves_out_those_whose_thirty_days_have_not_passed(started):
    data = started([customer("a", "2025-01-29"), customer("b", "2025-01-30")], month=dt.date(2025, 2, 1))
    assert data.frame("start_month", dt.date(2025, 2, 1))["account_id"].tolist() == ["a"]


def test_a_second_subscription_is_no_new_customer(started):
    data = started([customer("a", "2025-06-01")], more=[subscription("a", "2025-11-05", None, 5)])
    assert data.frame("start_month", DECEMBER).empty


def test_the_segment_is_that_of_the_first_day(started):
    first, paid = customer("a", "2025-11-01", segment="SMB")
    again = account("a", start_date=day("2025-11-01"), segment="Enterprise", valid_from=dt.date(2025, 12, 1))
    data = started([(first, paid), (again, dict(paid, subscription_id="a2"))])
    assert data.frame("start_month", DECEMBER)["segment"].tolist() == ["SMB"]


@pytest.mark.parametrize(
    ("activated", "new", "expected"), [(0, 0, None), (0, 4, 0.0), (3, 4, 0.75)], ids=["none", "nobody active", "three"]
)
def test_activation_formula(activated, new, expected):
    assert activation_rate(activated_accounts=activated, new_accounts=new) == expected


def test_time_to_value_needs_no_milestones(company):
    rows = [customer("old", "2024-01-01"), customer("a", "2025-02-01"), customer("b", "2025-03-01")]
    outcomes = [outcome("old", "2024-05-01", "2024-02-01"), outcome("a", "2025-02-21"), outcome("b", "2025-04-10")]
    tables = {"accounts": [first for first, _ in rows], "subscriptions": [second for _, second in rows]}
    data = company(tables | {"outcomes": outcomes})
    assert evaluate(REGISTRY["time_to_value"], data, DECEMBER).value == 20
    missing = evaluate(REGISTRY["time_to_first_value"], data, DECEMBER)
    assert (missing.state, missing.reason) == (State.MISSING, "not loaded: milestones")
