"""Weighted waits: equal weights give Kaplan-Meier, and the ratio of two medians is covered."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.stats.survival import kaplan_meier, median_time
from core.stats.weighted_survival import median_draws, median_wait, ratio_of_medians, waits

waiting = st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=1, max_size=25)


@given(units=waiting, weight=st.floats(0.1, 9))
def test_equal_weights_give_the_kaplan_meier_median(units, weight):
    days, happened = (np.array(column) for column in zip(*units, strict=True))
    found = median_wait(waits(days, happened, np.full(len(days), weight)))
    assert found == median_time(kaplan_meier(days, happened)).time


@given(units=waiting, copies=st.lists(st.integers(0, 3), min_size=25, max_size=25))
def test_a_weight_of_two_is_two_units(units, copies):
    days, happened = (np.array(column) for column in zip(*units, strict=True))
    weights = np.array(copies[: len(days)])
    repeated = median_time(kaplan_meier(np.repeat(days, weights), np.repeat(happened, weights))).time
    assert median_wait(waits(days, happened, weights)) == repeated


def test_times_must_be_present_and_not_negative():
    with pytest.raises(ValueError, match="not negative"):
        waits(np.array([-1.0]), np.array([True]), np.array([1.0]))


def drawn(rng, median, n, until):
    days = rng.weibull(1.6, n) * median / np.log(2) ** (1 / 1.6)
    followed = rng.uniform(0, until, n)
    return waits(np.minimum(days, followed), days <= followed, rng.uniform(0.5, 1.5, n))


@pytest.mark.parametrize("n", [120, 3_000])
def test_the_ratio_of_medians_covers_below_and_above_the_limit_of_resampling(n):
    rng, hits, worlds = np.random.default_rng(11), 0, 150
    for _ in range(worlds):
        found = ratio_of_medians(drawn(rng, 42, n, 400), drawn(rng, 60, n, 400), rng)
        hits += found.contains(0.7)
    assert 0.90 <= hits / worlds <= 0.99


def test_a_median_that_is_not_reached_gives_no_interval():
    rng = np.random.default_rng(4)
    still = waits(np.arange(1.0, 51), np.arange(50) < 10, np.ones(50))
    there = waits(np.arange(1.0, 51), np.ones(50, dtype=bool), np.ones(50))
    assert median_wait(still) is None
    assert ratio_of_medians(still, there, rng) is None
    assert np.isnan(median_draws(waits(np.zeros(0), np.zeros(0, dtype=bool), np.zeros(0)), rng, 5)).all()
    assert ratio_of_medians(*(waits(np.ones(2_500), np.zeros(2_500, dtype=bool), np.ones(2_500)),) * 2, rng) is None


@given(
    st.lists(st.tuples(st.sampled_from([0, 1, 2, 7, 0.5, 32_767, 32_768]), st.booleans()), min_size=1, max_size=30),
    st.booleans(),
)
def test_units_stand_in_order_of_time_events_first_and_else_as_they_came(units, whole):
    days = np.array([float(int(day)) if whole else day for day, _ in units])
    happened = np.array([came for _, came in units])
    names = np.arange(1.0, len(units) + 1)
    found = waits(days, happened, names).in_order
    expected = sorted(range(len(units)), key=lambda place: (days[place], not happened[place]))
    assert found.weights.tolist() == names[expected].tolist()
