"""Difference of two means: hand-worked, against scipy's own, and covering what it claims to cover."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from core.stats.means import difference_of_means

SIDE = st.lists(st.integers(0, 60), min_size=2, max_size=8)


def test_a_case_worked_by_hand():
    # Variances 4 and 4 over 3 values each: standard error 1.633, 4 degrees of freedom, t = 2.776.
    found = difference_of_means([2, 4, 6], [8, 10, 12])
    assert (found.low, found.high) == (pytest.approx(6 - 4.534, abs=1e-3), pytest.approx(6 + 4.534, abs=1e-3))


@given(before=SIDE, since=SIDE)
def test_without_a_least_variance_it_is_welchs_interval(before, since):
    found = difference_of_means(before, since)
    assume(np.ptp(before) > 0 and np.ptp(since) > 0)
    theirs = stats.ttest_ind(since, before, equal_var=False).confidence_interval(0.95)
    assert (found.low, found.high) == (pytest.approx(theirs.low), pytest.approx(theirs.high))


@given(before=SIDE, since=SIDE)
def test_swapping_the_sides_turns_the_interval_round(before, since):
    found, turned = difference_of_means(before, since), difference_of_means(since, before)
    assert (found.low, found.high) == (pytest.approx(-turned.high), pytest.approx(-turned.low))


def test_values_that_happen_to_agree_are_not_taken_as_exact():
    assert difference_of_means([9, 9, 9], [9, 9, 9]).width == 0
    # Variance 9 on either side: standard error 2.449, 4 degrees of freedom, t = 2.776.
    assert difference_of_means([9, 9, 9], [9, 9, 9], least_variance=9).high == pytest.approx(6.800, abs=1e-3)


@pytest.mark.parametrize("sides", [([1.0], [1.0, 2.0]), ([1.0, 2.0], []), ([3.0], [4.0])])
def test_one_value_has_no_scatter_and_so_no_interval(sides):
    assert difference_of_means(*sides) is None


def test_counts_without_a_change_are_called_changed_about_one_time_in_twenty():
    rng = np.random.default_rng(11)
    outside = 0
    for _ in range(1_000):
        before, since = rng.poisson(6, 6), rng.poisson(6, 6)
        pooled = float(np.concatenate([before, since]).mean())
        outside += not difference_of_means(before, since, least_variance=pooled).contains(0)
    assert 5 <= outside <= 60
