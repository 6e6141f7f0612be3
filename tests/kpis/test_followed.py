"""Retention of referred customers: who is followed from when, and against whom they are held."""

import datetime as dt

import pytest

from core.kpis import REGISTRY, evaluate
from core.kpis.result import State
from tests.companies import account, subscription

DECEMBER = dt.date(2025, 12, 1)


def customers(count, channel, start, end, tag, segment="SMB"):
    names = [f"{tag}{place}" for place in range(count)]
    return (
        [account(name, acquisition_channel=channel, segment=segment) for name in names],
        [subscription(name, start, end, 100) for name in names],
    )


def made(*groups):
    old = customers(1, "paid_search", "2020-01-01", None, "old")
    return {
        "accounts": [row for group in [*groups, old] for row in group[0]],
        "subscriptions": [row for group in [*groups, old] for row in group[1]],
    }


GROUPS = (
    customers(60, "referral", "2024-02-01", None, "stay"),
    customers(20, "referral", "2024-02-01", "2024-08-15", "leave"),
    customers(70, "paid_search", "2024-03-01", None, "others"),
    customers(70, "paid_search", "2024-03-01", "2025-01-15", "gone"),
    customers(40, "paid_search", "2021-01-01", "2021-02-10", "years ago"),
)


def test_survivors_of_an_old_channel_are_not_held_against_new_starters(company):
    """Same quarter: 60 of 80 against 70 of 140; with the starters of 2021 the gap would be larger."""
    result = evaluate(REGISTRY["retention_referred_vs_other"], company(made(*GROUPS)), DECEMBER)
    assert (result.value, result.state, result.n) == (pytest.approx(0.75 - 0.5), State.WIDE, 80)
    naive = next(part for part in result.parts if part.label.startswith("Naive"))
    assert naive.value == pytest.approx(0.75 - 70 / 180)
    late = next(part for part in result.parts if part.label == "Difference after 24 months")
    assert late.value is None, "nobody is followed for 24 months: started 22 and 21 months ago"


@pytest.mark.parametrize(
    ("stay", "low", "high"),
    [pytest.param(60, 0.0, 0.01, id="60 of 80 against half"), pytest.param(40, 0.5, 1.0, id="half of both")],
)
def test_how_often_chance_alone_parts_the_curves_so_far_stands_beside(company, stay, low, high):
    """Both sides lose in their sixth and tenth month alike, so that only how many are lost is told apart."""
    groups = (
        customers(stay, "referral", "2024-02-01", None, "stay"),
        customers((80 - stay) // 2, "referral", "2024-02-01", "2024-08-15", "sixth"),
        customers((80 - stay) // 2, "referral", "2024-02-01", "2024-12-15", "tenth"),
        customers(70, "paid_search", "2024-02-01", None, "others"),
        customers(35, "paid_search", "2024-02-01", "2024-08-15", "gone"),
        customers(35, "paid_search", "2024-02-01", "2024-12-15", "gone later"),
        customers(40, "paid_search", "2021-01-01", "2021-02-10", "years ago"),
    )
    result = evaluate(REGISTRY["retention_referred_vs_other"], company(made(*groups)), DECEMBER)
    (chance,) = (part for part in result.parts if "log-rank" in part.label)
    assert low <= chance.value <= high, "those of another quarter weigh nothing"


def test_durations_run_from_the_first_month_end_with_revenue_to_the_first_without(company):
    frame = company(made(*GROUPS)).frame("followed", DECEMBER).set_index("account_id")
    assert frame.loc["leave0", ["tenure_months", "lost_accounts"]].tolist() == [6, 1]
    assert frame.loc["stay0", ["tenure_months", "lost_accounts"]].tolist() == [22, 0]
    assert "old0" not in frame.index, "its start lies before the data"


def test_an_earlier_month_does_not_see_later_losses(company):
    data = company(made(*GROUPS))
    frame = data.frame("followed", dt.date(2024, 7, 1)).set_index("account_id")
    assert frame.loc["leave0", ["tenure_months", "lost_accounts"]].tolist() == [5, 0]


def test_another_segment_is_no_comparison(company):
    groups = (*GROUPS[:2], customers(70, "paid_search", "2024-03-01", None, "large", segment="Enterprise"))
    result = evaluate(REGISTRY["retention_referred_vs_other"], company(made(*groups)), DECEMBER)
    assert (result.value, result.state) == (None, State.UNDEFINED)


def test_nobody_followed_for_a_year_is_none(company):
    groups = (
        customers(60, "referral", "2025-06-01", None, "new"),
        customers(60, "paid_search", "2025-06-01", None, "newer"),
    )
    result = evaluate(REGISTRY["retention_referred_vs_other"], company(made(*groups)), DECEMBER)
    assert (result.value, result.reason) == (
        None,
        "referred customers or others alike are not followed for twelve months yet",
    )


def test_few_still_followed_at_twelve_months_cut_the_curve(company):
    groups = (
        customers(25, "referral", "2024-02-01", None, "stay"),
        customers(35, "referral", "2024-02-01", "2024-08-15", "leave"),
        *GROUPS[2:4],
    )
    result = evaluate(REGISTRY["retention_referred_vs_other"], company(made(*groups)), DECEMBER)
    assert result.state is State.TOO_FEW
    assert result.reason == "too few: 25 and 70 customers followed for 12 months, at least 30 needed on each side"


def test_customers_lost_after_the_twelve_months_do_not_make_a_difference_at_twelve_shown(company):
    groups = (
        customers(60, "referral", "2023-02-01", None, "stay"),
        customers(5, "referral", "2023-02-01", "2023-08-15", "early"),
        customers(20, "referral", "2023-02-01", "2024-06-15", "late"),
        customers(60, "paid_search", "2023-02-01", None, "kept"),
        customers(20, "paid_search", "2023-02-01", "2023-08-15", "gone"),
    )
    result = evaluate(REGISTRY["retention_referred_vs_other"], company(made(*groups)), DECEMBER)
    assert result.state is State.TOO_FEW
    assert result.reason == "too few: 5 and 20 customers lost, at least 10 needed on each side"


def test_the_source_is_not_lost_in_a_company_without_referrals(company):
    result = evaluate(REGISTRY["retention_referred_vs_other"], company(made(*GROUPS[2:])), DECEMBER)
    assert (result.value, result.state) == (None, State.UNDEFINED)
