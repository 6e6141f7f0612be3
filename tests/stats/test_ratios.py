from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from core.model.small_samples import small_samples
from core.stats.intervals import wilson
from core.stats.ratios import interval_of_ratio, interval_of_share, pooled_variance
from core.stats.resampling import bootstrap_of_sums, linearised_of_sums

LEAVES, SHRINKS, GROWS = 0.12, 0.15, 0.3


def company(rng, accounts, skew, tilt=0.0, leaves=LEAVES):
    """Starting revenue and what is lost and gained of it; accounts above the median leave 2^tilt times as often.

    Returns:
        Starting, lost and gained revenue per account, and the true share lost and ratio gained.
    """
    size = rng.normal(size=accounts)
    start = np.exp(6 + skew * size)
    chance = leaves * np.where(size > 0, 2.0**tilt, 1.0)
    luck = rng.random(accounts)
    lost = start * ((luck < chance) + 0.3 * ((luck >= chance) & (luck < chance + SHRINKS)))
    grown = (luck >= chance + SHRINKS) & (luck < chance + SHRINKS + GROWS)
    gained = start * grown * rng.lognormal(np.log(0.4) - 0.32, 0.8, accounts)
    large = norm.cdf(skew)
    share = leaves * (1 - large + large * 2.0**tilt) + 0.3 * SHRINKS
    return start, lost, gained, share, 0.4 * GROWS


def coverage(interval, truth):
    return np.mean([found is not None and found.contains(value) for found, value in zip(interval, truth, strict=True)])


@pytest.mark.parametrize("accounts", [30, 100, 244])
@pytest.mark.parametrize("skew", [0.8, 1.25])
@pytest.mark.parametrize("tilt", [-1.0, 0.0, 1.0])
def test_intervals_cover_what_was_planted_whatever_the_sizes_and_whoever_leaves(accounts, skew, tilt):
    rng = np.random.default_rng(20260131)
    worlds = [company(rng, accounts, skew, tilt) for _ in range(800)]
    shares = coverage([interval_of_share(lost, start) for start, lost, *_ in worlds], [world[3] for world in worlds])
    ratios = coverage(
        [interval_of_ratio(start - lost + gained, start) for start, lost, gained, *_ in worlds],
        [1 - world[3] + world[4] for world in worlds],
    )
    # cautious where large accounts stay longer: part of the common scatter is then not theirs
    assert 0.92 <= shares <= (0.98 if tilt >= 0 else 0.985)
    assert 0.92 <= ratios <= 0.985


def test_they_cover_where_the_percentile_bootstrap_and_the_plain_linearised_interval_miss():
    rng = np.random.default_rng(7)
    worlds = [company(rng, 100, 1.25, leaves=0.06) for _ in range(400)]
    truth = [world[3] for world in worlds]
    tables = [np.column_stack([lost, start]) for start, lost, *_ in worlds]

    def share(sums):
        return sums[:, 0] / sums[:, 1]

    assert coverage([bootstrap_of_sums(table, share, rng, draws=400) for table in tables], truth) < 0.90
    assert coverage([linearised_of_sums(table, share) for table in tables], truth) < 0.88
    assert coverage([interval_of_share(lost, start) for start, lost, *_ in worlds], truth) >= 0.92


@pytest.mark.parametrize("accounts", [2_000, 5_000])
def test_many_accounts_get_the_linearised_interval(accounts):
    start, lost, *_ = company(np.random.default_rng(3), accounts, 0.8)
    linear = linearised_of_sums(np.column_stack([lost, start]), lambda sums: sums[:, 0] / sums[:, 1])
    for found in (interval_of_share(lost, start), interval_of_ratio(lost, start)):
        assert found.width == pytest.approx(linear.width, rel=0.03)
        assert (found.low, found.high) == pytest.approx((linear.low, linear.high), abs=0.1 * linear.width)


def test_where_large_accounts_scatter_otherwise_their_own_scatter_counts_the_more_the_more_there_are():
    rng, own = np.random.default_rng(11), []
    for accounts in (50, 5_000):
        start = rng.lognormal(6, 0.8, accounts)
        lost = start * (start > np.median(start)) * (rng.random(accounts) < 0.3)
        rules = small_samples().pooling
        pooled, alone = (pooled_variance(lost, start, each) for each in (rules, replace(rules, units=1e-9)))
        own.append(abs(pooled / alone - 1))
    assert own[1] < 0.03 < own[0]


def test_equal_accounts_that_stay_or_leave_whole_are_a_plain_share():
    lost = (np.arange(200) < 30).astype(float)
    found, plain = interval_of_share(lost, np.ones(200)), wilson(30, 200)
    assert (found.low, found.high) == pytest.approx((plain.low, plain.high), abs=0.002)


@pytest.mark.parametrize("kept", [0.0, 1.0])
def test_all_kept_or_all_lost_is_as_sure_as_the_sizes_allow(kept):
    equal, uneven = np.ones(40), np.r_[np.ones(39), 400.0]
    found, plain = interval_of_share(kept * equal, equal), wilson(round(40 * kept), 40)
    assert (found.low, found.high) == pytest.approx((plain.low, plain.high))
    assert interval_of_share(kept * uneven, uneven).width > 2 * found.width


@given(st.integers(2, 80), st.floats(0, 2), st.integers(0, 2**32 - 1), st.floats(1e-3, 1e6))
@settings(max_examples=60)
def test_a_share_stays_a_share_its_complement_mirrors_it_and_no_currency_moves_it(accounts, skew, seed, rate):
    start, lost, *_ = company(np.random.default_rng(seed), accounts, skew)
    found, kept = interval_of_share(lost, start), interval_of_share(start - lost, start)
    assert 0 <= found.low <= lost.sum() / start.sum() + 1e-12 <= found.high + 1e-12 <= 1 + 1e-12
    assert (kept.low, kept.high) == pytest.approx((1 - found.high, 1 - found.low), abs=1e-7)
    elsewhere = interval_of_share(rate * lost, rate * start)
    assert (elsewhere.low, elsewhere.high) == pytest.approx((found.low, found.high), rel=1e-7, abs=1e-12)


@given(st.permutations(range(30)))
@settings(max_examples=10)
def test_the_order_of_accounts_moves_nothing(order):
    start, lost, gained, *_ = company(np.random.default_rng(1), 30, 1.0)
    order = list(order)
    for one, other in (
        (interval_of_share(lost, start), interval_of_share(lost[order], start[order])),
        (interval_of_ratio(start + gained, start), interval_of_ratio((start + gained)[order], start[order])),
    ):
        assert (one.low, one.high) == pytest.approx((other.low, other.high), rel=1e-12)


def test_a_ratio_of_what_cannot_be_negative_is_not_below_zero():
    acts, years = np.r_[np.zeros(29), 12.0], np.ones(30)
    assert interval_of_ratio(acts, years).low == 0.0
    assert interval_of_ratio(acts - 1e-3, years).low < 0.0


@pytest.mark.parametrize("interval", [interval_of_share, interval_of_ratio])
@pytest.mark.parametrize(
    ("counted", "base"),
    [
        pytest.param([], [], id="nobody"),
        pytest.param([0.5], [1.0], id="one account"),
        pytest.param([0.0, 0.0, 0.4], [0.0, 0.0, 1.0], id="one account with a base"),
        pytest.param([0.0, 0.0], [0.0, 0.0], id="nothing to divide by"),
    ],
)
def test_what_cannot_be_known_has_no_interval(interval, counted, base):
    assert interval(counted, base) is None


def test_a_ratio_alike_in_every_account_has_no_interval_and_a_share_a_narrow_one():
    base = np.linspace(1, 5, 60)
    assert interval_of_ratio(1.04 * base, base) is None
    found = interval_of_share(0.7 * base, base)
    assert found.low < 0.7 < found.high
    assert found.width < 0.06


def test_one_account_that_is_almost_everything_leaves_almost_nothing_known():
    base = np.r_[1e9, np.ones(30)]
    assert interval_of_share(np.r_[1e9, np.zeros(30)], base).width > 0.5


@pytest.mark.parametrize(
    ("interval", "counted", "base", "message"),
    [
        pytest.param(interval_of_share, [2.0, 0.0], [1.0, 1.0], "between 0 and its whole", id="more than the whole"),
        pytest.param(interval_of_share, [-0.1, 0.0], [1.0, 1.0], "between 0 and its whole", id="less than nothing"),
        pytest.param(interval_of_ratio, [1.0, 0.0], [1.0, -1.0], "must not be negative", id="negative base"),
        pytest.param(interval_of_ratio, [np.nan, 0.0], [1.0, 1.0], "without gaps", id="a gap"),
        pytest.param(interval_of_ratio, [1.0, 0.0], [1.0], "one length", id="columns of two lengths"),
    ],
)
def test_columns_that_cannot_be_a_ratio_are_refused(interval, counted, base, message):
    with pytest.raises(ValueError, match=message):
        interval(counted, base)
