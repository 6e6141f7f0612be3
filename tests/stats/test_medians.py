import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from core.stats.medians import _at_most, _quantile, interval_of_median

SEED = 20260331


@pytest.mark.parametrize("rows", [10, 15, 25, 100])
def test_the_interval_covers_the_median_of_skewed_rows_in_95_of_100(rows):
    rng = np.random.default_rng(SEED)
    found = [interval_of_median(rng.lognormal(0, 1.2, rows)) for _ in range(1_500)]
    assert 0.935 <= np.mean([each.contains(1.0) for each in found]) <= 0.97


def test_it_lies_between_the_order_statistics_whose_confidence_brackets_the_level():
    # of ten rows the 2nd to the 9th hold the median in 97.9 %, the 3rd to the 8th in 89.1 %
    found = interval_of_median(np.arange(1, 11))
    assert 2 < found.low < 3
    assert 8 < found.high < 9
    assert found.low - 2 == pytest.approx(9 - found.high)


@given(st.lists(st.floats(-1e6, 1e6), min_size=6, max_size=80))
def test_it_holds_the_median_and_mirrors_with_the_rows(values):
    found, mirrored = interval_of_median(values), interval_of_median([-each for each in values])
    assert found.low <= np.median(values) <= found.high
    assert (mirrored.low, mirrored.high) == pytest.approx((-found.high, -found.low))


@given(st.lists(st.floats(0.1, 1e4), min_size=6, max_size=40))
def test_neither_unit_nor_order_matters(values):
    found, scaled = interval_of_median(values), interval_of_median([100 * each for each in reversed(values)])
    assert (scaled.low, scaled.high) == pytest.approx((100 * found.low, 100 * found.high))


@pytest.mark.parametrize("rows", [0, 1, 5])
def test_too_few_rows_hold_nothing(rows):
    assert interval_of_median(np.arange(rows)) is None


@given(st.integers(1, 400_000), st.sampled_from([0.005, 0.025, 0.05]))
def test_the_binomial_distribution_is_that_of_scipy_to_the_last_bit(n, share):
    k = int(binom.ppf(share, n, 0.5))
    assert _quantile(share, n) == k
    assert [_at_most(place, n) for place in (k - 1, k, k + 1) if place >= 0] == [
        float(binom.cdf(place, n, 0.5)) for place in (k - 1, k, k + 1) if place >= 0
    ]
