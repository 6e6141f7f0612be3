import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.stats.xmr import xmr_limits

series = st.lists(st.integers(-1_000, 1_000), min_size=6, max_size=40)


def test_limits_of_six_months_worked_by_hand():
    # mean 56 / 6; moving ranges 2, 4, 2, 0, 2, their mean 2; 2.66 × 2 = 5.32
    limits = xmr_limits([9, 11, 7, 9, 9, 11])
    assert limits.mean == pytest.approx(56 / 6)
    assert limits.mean_moving_range == pytest.approx(2.0)
    assert (limits.low, limits.high) == pytest.approx((56 / 6 - 5.32, 56 / 6 + 5.32))


def test_a_month_beyond_the_limits_is_a_signal_and_one_within_is_not():
    limits = xmr_limits([9, 11, 7, 9, 9, 11])
    assert limits.is_signal(15)
    assert limits.is_signal(4)
    assert not limits.is_signal(14)


@given(series, st.integers(-500, 500), st.integers(1, 50))
def test_limits_move_and_stretch_with_the_series(values, shift, scale):
    here, there = xmr_limits(values), xmr_limits([scale * value + shift for value in values])
    assert there.low == pytest.approx(scale * here.low + shift, abs=1e-6)
    assert there.high == pytest.approx(scale * here.high + shift, abs=1e-6)


def test_order_matters_because_neighbours_are_compared():
    assert xmr_limits([1, 2, 3, 4, 5, 6]).mean_moving_range == 1
    assert xmr_limits([1, 6, 2, 5, 3, 4]).mean_moving_range == 3


def test_five_values_are_too_few_for_limits():
    assert xmr_limits([9, 11, 7, 9, 9]) is None


@pytest.mark.parametrize("gap", [float("nan"), float("inf")])
def test_a_missing_month_is_refused(gap):
    with pytest.raises(ValueError, match="unbroken"):
        xmr_limits([9, 11, gap, 9, 9, 11])
