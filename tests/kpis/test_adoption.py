"""Weekly users and feature adoption on companies small enough to work by hand."""

import datetime as dt

import pytest

from core.kpis import REGISTRY, evaluate
from core.kpis.adoption import feature_adoption_rate, weeks_ending_in
from core.kpis.registry import kpi_rows, totals
from core.kpis.result import State
from tests.companies import account, day, subscription

DECEMBER = dt.date(2025, 12, 1)
MONDAYS = ("2025-12-01", "2025-12-08", "2025-12-15", "2025-12-22")


def week(name, monday, users, seats=None, **other):
    return {
        "account_id": name,
        "week_start": day(monday),
        "active_users": users,
        "licensed_seats": seats,
        "core_events": 5,
        **other,
    }


def feature(name, what, month, active, adopting, entitled=100):
    return {
        "account_id": name,
        "feature": what,
        "month": day(month),
        "entitled_users": entitled,
        "active_users": active,
        "adopting_users": adopting,
    }


@pytest.fixture
def used(company):
    def build(usage=(), features=(), accounts=("a", "b"), **other):
        names = [account(name, **other.get(name, {})) for name in accounts]
        tables = {"accounts": names, "subscriptions": [subscription(name, "2024-01-01", None, 9) for name in accounts]}
        return company(tables | ({"usage": usage} if usage else {}) | ({"feature_usage": features} if features else {}))

    return build


@pytest.mark.parametrize(
    ("month", "weeks"), [("2025-12-01", 4), ("2025-11-01", 5), ("2026-02-01", 4), ("2025-08-01", 5), ("2027-02-01", 4)]
)
def test_weeks_belong_to_the_month_of_their_sunday(month, weeks):
    first = day(month)
    sundays = [first + dt.timedelta(days=by) for by in range(31)]
    assert weeks_ending_in(first) == weeks == sum(d.weekday() == 6 and d.month == first.month for d in sundays)


def test_weekly_users_are_the_mean_over_the_complete_weeks(used):
    usage = [week("a", monday, users, 20) for monday, users in zip(MONDAYS, (8, 10, 12, 14), strict=True)]
    usage += [week("b", MONDAYS[0], 6, 10), week("a", "2025-12-29", 900), week("a", "2025-11-24", 3)]
    data = used(usage)
    result = evaluate(REGISTRY["weekly_active_users"], data, DECEMBER)
    assert result.value == (8 + 10 + 12 + 14 + 6) / 4, "the week cut by the month's end is dropped"
    assert (result.n, result.low, result.state) == (2, None, State.OK)
    assert result.parts[0].value == 50 / (4 * 20 + 10), "a week without a row has neither users nor seats"
    rows = data.frame("usage_weeks", DECEMBER)
    assert rows.set_index("account_id")["weekly_users"].to_dict() == {"a": 11, "b": 1.5}


def test_a_week_belongs_to_the_month_it_ends_in(used):
    usage = [week("a", monday, 4) for monday in ("2025-10-27", "2025-11-03", "2025-11-10", "2025-11-17", "2025-11-24")]
    assert evaluate(REGISTRY["weekly_active_users"], used(usage), dt.date(2025, 11, 1)).value == 4


def test_a_month_with_a_week_missing_altogether_has_no_mean(used):
    usage = [week("a", monday, 4) for monday in MONDAYS[:3]] + [week("a", MONDAYS[3], None)]
    result = evaluate(REGISTRY["weekly_active_users"], used(usage), DECEMBER)
    assert (result.value, result.state) == (None, State.MISSING)
    assert result.reason == "active users are known for 3 of the 4 weeks that end in the month"


def test_users_per_seat_is_undefined_without_seats(used):
    result = evaluate(REGISTRY["weekly_active_users"], used([week("a", monday, 4, 0) for monday in MONDAYS]), DECEMBER)
    assert (result.value, result.parts[0].value, result.parts[0].n) == (4, None, 0)


def test_the_users_of_a_family_stand_in_one_row(used):
    usage = [week(name, monday, 3, 5) for name in ("a", "b") for monday in MONDAYS]
    rows = used(usage, b={"parent_id": "a"}).frame("usage_weeks", DECEMBER)
    assert rows[["account_id", "account_name", "weekly_users"]].to_numpy().tolist() == [["a", "A", 6]]


def test_feature_adoption_is_a_ratio_of_sums_over_features_and_accounts(used):
    features = [
        feature("a", "plan", "2025-12-01", 100, 90),
        feature("a", "mobile", "2025-12-01", 10, 1),
        feature("b", "plan", "2025-12-01", 50, 5),
        feature("b", "mobile", "2025-12-01", 0, 0, entitled=0),
        feature("a", "plan", "2025-11-01", 7, 7),
    ]
    data = used(features=features)
    item = REGISTRY["feature_adoption_rate"]
    result = evaluate(item, data, DECEMBER)
    assert result.value == pytest.approx(96 / 160)
    assert item.function(**totals(item, kpi_rows(item, data, DECEMBER))) == pytest.approx(result.value)
    mean_of_rates = (95 / 150 + 1 / 10) / 2
    assert result.value != pytest.approx(mean_of_rates), "the mean of percentages over features is another figure"
    assert (result.n, result.state) == (2, State.TOO_FEW), "users of one account behave alike: accounts are the units"


def test_each_feature_stands_beside_it_and_a_new_one_is_partial(used):
    features = [
        feature("a", "plan", "2025-11-01", 7, 7),
        feature("a", "plan", "2025-12-01", 100, 40),
        feature("b", "plan", "2025-12-01", 100, 20),
        feature("b", "forecast", "2025-12-01", 10, 9),
    ]
    result = evaluate(REGISTRY["feature_adoption_rate"], used(features=features), DECEMBER)
    assert [(part.label, part.value, part.n) for part in result.parts] == [
        ("forecast (new, partial)", 0.9, 10),
        ("plan", 0.3, 200),
    ]


def test_thirty_accounts_give_a_band_over_accounts(used):
    names = [f"a{place}" for place in range(40)]
    features = [feature(name, "plan", "2025-12-01", 50, 5 + place) for place, name in enumerate(names)]
    result = evaluate(REGISTRY["feature_adoption_rate"], used(features=features, accounts=names), DECEMBER)
    wilson_width = 2 * 1.96 * (result.value * (1 - result.value) / (40 * 50)) ** 0.5
    assert result.low < result.value < result.high
    assert result.high - result.low > 1.5 * wilson_width, "counting users as independent would claim too much"


@pytest.mark.parametrize(("adopters", "users", "expected"), [(0, 0, None), (0, 5, 0.0), (5, 5, 1.0)])
def test_feature_adoption_formula(adopters, users, expected):
    assert feature_adoption_rate(feature_adopters=adopters, feature_users=users) == expected


def test_nobody_active_and_nothing_loaded_are_told_apart(used):
    empty = evaluate(
        REGISTRY["feature_adoption_rate"], used(features=[feature("a", "x", "2025-12-01", 0, 0)]), DECEMBER
    )
    assert (empty.state, empty.value) == (State.UNDEFINED, None)
    missing = evaluate(REGISTRY["weekly_active_users"], used(), DECEMBER)
    assert (missing.state, missing.reason) == (State.MISSING, "not loaded: usage")
