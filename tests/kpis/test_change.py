"""Changes of retention and acquisition cost in parts: hand-worked companies, rows that sum, honest intervals."""

import datetime as dt

import numpy as np
import pytest

from core.kpis.change_cost import cost_change
from core.kpis.change_retention import retention_change
from core.stats.resampling import linearised_of_sums
from tests.companies import account, day, subscription

DECEMBER, NOVEMBER = dt.date(2025, 12, 1), dt.date(2025, 11, 1)


def two_segments():
    """Forty accounts a segment at 100; of the large ones ten leave in December, of the small ones nothing moves."""
    accounts = [account(f"{name}{at:02}", segment=name) for name in ("small", "large") for at in range(40)]
    rows = [subscription(f"small{at:02}", "2023-01-01", None, 100) for at in range(40)]
    rows += [subscription(f"large{at:02}", "2023-01-01", "2025-12-01" if at < 10 else None, 100) for at in range(40)]
    return {"accounts": accounts, "subscriptions": rows}


def test_the_segment_that_lost_customers_carries_the_change(company):
    found = retention_change(company(two_segments()), DECEMBER, NOVEMBER)
    parts = {part.name: part for part in found.parts}
    assert (found.before, found.now) == (1.0, 0.875)
    assert {name: part.value for name, part in parts.items()} == pytest.approx(
        {"large": -0.125, "small": 0.0, "Mix": 0.0}
    )
    assert found.clear and parts["large"].clear and not parts["small"].clear
    # Each leaver costs a tenth of the segment's 25 points; those who stayed moved with nobody.
    rows = parts["large"].rows.set_index("account_id")["effect"]
    assert rows.sum() == pytest.approx(-0.125)
    assert list(rows.nsmallest(10).index) == [f"large{at:02}" for at in range(10)]


def test_the_parts_of_one_segment_are_its_movements(company):
    found = retention_change(company(two_segments()), DECEMBER, NOVEMBER, "large")
    assert {part.name: part.value for part in found.parts} == pytest.approx(
        {"Expansion": 0.0, "Contraction": 0.0, "Churn": -0.25}
    )
    assert found.parts[-1].rows["effect"].sum() == pytest.approx(-0.25)
    assert len(found.parts[-1].rows) == 10


def test_segments_with_few_accounts_are_pooled_and_not_judged(company):
    rows = two_segments()
    for name, at in (("tiny", 0), ("small_too", 1)):
        rows["accounts"].append(account(name, segment=name))
        rows["subscriptions"].append(subscription(name, "2023-01-01", "2025-12-01", 100 + at))
    found = retention_change(company(rows), DECEMBER, NOVEMBER)
    pool = next(part for part in found.parts if part.name == "Others")
    assert pool.members == ("small_too", "tiny")
    assert pool.is_small and not pool.clear and pool.value < 0
    assert sum(part.value for part in found.parts) == pytest.approx(found.value)


def test_without_a_year_before_there_is_a_reason(company):
    rows = {"accounts": [account("a")], "subscriptions": [subscription("a", "2025-03-01", None, 10)]}
    found = retention_change(company(rows), DECEMBER, NOVEMBER)
    assert found.value is None and not found.parts
    assert "twelve months before" in found.reason


def spend(month, channel, amount):
    return {
        "month": day(month), "line": channel, "kind": "acquisition", "channel": channel, "play": None,
        "journey_stage": "conversion", "planned_cents": 0, "committed_cents": 0, "media_cents": amount * 100,
        "people_cents": 0, "platform_cents": 0, "rewards_cents": 0, "currency": "EUR",
    }  # fmt: skip


def buyers():
    """Every month one referred and one paid customer; from 2025 on paid spend doubles from 100 to 200 a month."""
    months = [f"{year}-{month:02}-01" for year in (2023, 2024, 2025) for month in range(1, 13)]
    accounts, rows, lines = [], [], []
    for at, month in enumerate(months):
        for channel in ("referral", "paid_search"):
            name = f"{channel}{at:02}"
            accounts.append(account(name, acquisition_channel=channel))
            rows.append(subscription(name, month, None, 10))
        lines += [spend(month, "referral", 50), spend(month, "paid_search", 200 if at >= 24 else 100)]
    return {"accounts": accounts, "subscriptions": rows, "spend": lines}


def test_a_channel_that_gets_dearer_carries_the_change(company):
    found = cost_change(company(buyers()), DECEMBER, dt.date(2024, 12, 1))
    parts = {part.name: part for part in found.parts}
    assert (found.before, found.now) == pytest.approx((75_00, 125_00))
    assert {name: part.value for name, part in parts.items()} == pytest.approx(
        {"Referral": 0.0, "Paid": 50_00, "Mix": 0.0}
    )
    assert parts["Paid"].rows["effect"].sum() == pytest.approx(50_00)
    assert (parts["Paid"].n_before, parts["Paid"].n_now) == (12, 12)
    assert found.low < found.value < found.high


def test_customers_of_both_windows_make_the_change_surer(company):
    data = company(buyers())
    near, far = (cost_change(data, DECEMBER, base) for base in (NOVEMBER, dt.date(2024, 12, 1)))
    assert near.high - near.low < far.high - far.low


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        pytest.param({"spend": None}, "not loaded: spend", id="no spend"),
        pytest.param({"spend": slice(40, None)}, "spend is known for", id="spend starts too late"),
    ],
)
def test_a_cost_that_is_not_known_says_why(company, rows, reason):
    tables = buyers()
    wanted = rows["spend"]
    tables = {name: items for name, items in tables.items() if name != "spend"} | (
        {} if wanted is None else {"spend": tables["spend"][wanted]}
    )
    found = cost_change(company(tables), DECEMBER, dt.date(2024, 12, 1))
    assert not found.parts and found.reason.startswith(reason)


def test_chance_alone_is_seldom_called_a_change():
    """Accounts that leave and grow at the same rates in every month: a clear change in about one of twenty."""

    def difference(sums):
        return sums[:, 2] / sums[:, 3] - sums[:, 0] / sums[:, 1]

    rng, false = np.random.default_rng(11), 0
    for _ in range(400):
        mrr = np.empty((240, 14))
        mrr[:, 0], alive = np.exp(rng.normal(0, 1.3, 240)), np.ones(240, bool)
        for at in range(1, 14):
            grown = np.where(rng.random(240) < 0.08, np.exp(rng.normal(0.08, 0.12, 240)), 1.0)
            alive &= rng.random(240) > 0.011
            mrr[:, at] = mrr[:, at - 1] * grown * alive
        kept = mrr[:, 13] * (mrr[:, 1] > 0)
        band = linearised_of_sums(np.column_stack([mrr[:, 12], mrr[:, 0], kept, mrr[:, 1]]), difference)
        false += band.low > 0 or band.high < 0
    assert false / 400 <= 0.075
