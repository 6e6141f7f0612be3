"""Splitting the change of a ratio into rate and mix: hand cases, and what must hold for any groups."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.stats.decompose import counted_interval, mix_and_rate, pooled

amounts = st.integers(0, 10**9)
groups = st.lists(st.tuples(amounts, amounts, amounts, amounts), min_size=1, max_size=6).filter(
    lambda rows: sum(row[1] for row in rows) > 0 and sum(row[3] for row in rows) > 0
)


def split(rows):
    return mix_and_rate(*np.array(rows, dtype=float).T)


def change(rows):
    before_top, before_base, now_top, now_base = np.array(rows, dtype=float).sum(axis=0)
    return now_top / now_base - before_top / before_base


def test_a_group_that_keeps_more_is_rate():
    found = split([(90, 100, 110, 100), (50, 100, 50, 100)])
    assert found.rate == pytest.approx([0.1, 0.0])
    assert found.mix == pytest.approx([0.0, 0.0])


def test_weight_moving_to_the_better_group_is_mix():
    found = split([(100, 100, 300, 300), (50, 100, 50, 100)])
    assert found.rate == pytest.approx([0.0, 0.0])
    # From 1/2 to 3/4 of the base, at 1.0 and 0.5 around a mean of (0.75 + 0.875) / 2 = 0.8125.
    assert found.mix == pytest.approx([0.25 * (1 - 0.8125), -0.25 * (0.5 - 0.8125)])
    assert found.middle == pytest.approx(0.8125)


def test_both_at_once_by_hand():
    # r 0.8 -> 0.9 and 1.2 -> 1.0, weights 0.6 -> 0.5 and 0.4 -> 0.5; R 0.96 -> 0.95.
    found = split([(48, 60, 45, 50), (48, 40, 50, 50)])
    assert found.rate == pytest.approx([0.55 * 0.1, 0.45 * -0.2])
    assert found.mix == pytest.approx([-0.1 * (0.85 - 0.955), 0.1 * (1.1 - 0.955)])
    assert found.rate.sum() + found.mix.sum() == pytest.approx(-0.01)


def test_a_group_that_is_new_is_all_mix():
    found = split([(100, 100, 100, 100), (0, 0, 30, 100)])
    assert found.rate == pytest.approx([0.0, 0.0])
    assert found.mix.sum() == pytest.approx(0.65 - 1.0)


def test_money_without_a_customer_is_rate():
    found = split([(100, 10, 100, 10), (0, 0, 50, 0)])
    assert found.rate == pytest.approx([0.0, 5.0])
    assert found.mix == pytest.approx([0.0, 0.0])


def test_without_any_base_there_is_no_split():
    assert np.isnan(split([(1, 1, 1, 0)]).rate).all()


@given(groups)
def test_the_parts_are_the_whole_change(rows):
    found = split(rows)
    size = max(1.0, *(np.abs(np.concatenate([found.rate, found.mix]))))
    assert found.rate.sum() + found.mix.sum() == pytest.approx(change(rows), abs=1e-9 * size)


@given(groups, st.randoms(use_true_random=False))
def test_the_order_of_groups_changes_nothing(rows, random):
    order = list(range(len(rows)))
    random.shuffle(order)
    one, other = split(rows), split([rows[place] for place in order])
    scale = max(1.0, float(np.abs(one.rate).max()), float(np.abs(one.mix).max()))
    assert other.rate == pytest.approx(one.rate[order], abs=1e-9 * scale)
    assert other.mix == pytest.approx(one.mix[order], abs=1e-9 * scale)


@given(st.lists(st.tuples(st.floats(0, 3), st.integers(1, 10**6), st.integers(0, 10**6)), min_size=1, max_size=6))
def test_only_weights_moving_gives_no_rate(rows):
    rows = [*rows, (1.0, 1, 1)]
    found = split([(ratio * before, before, ratio * now, now) for ratio, before, now in rows])
    assert found.rate == pytest.approx(np.zeros(len(rows)), abs=1e-9)


@given(groups)
def test_several_cases_at_once_are_each_as_alone(rows):
    table = np.array([rows, rows[::-1]], dtype=float)
    both = mix_and_rate(*(table[:, :, place] for place in range(4)))
    assert both.rate[0] == pytest.approx(split(rows).rate, nan_ok=True)
    assert both.mix[1] == pytest.approx(split(rows[::-1]).mix, nan_ok=True)


def test_the_interval_of_counts_is_that_of_poisson_numbers():
    rng = np.random.default_rng(3)
    spend, won = np.array([60_000.0, 90_000.0]), np.array([120, 150])
    found = counted_interval(np.eye(2), won, lambda n: spend[1] / n[:, 1] - spend[0] / n[:, 0])
    drawn = spend[1] / rng.poisson(150, 200_000) - spend[0] / rng.poisson(120, 200_000)
    assert found.width == pytest.approx(2 * 1.96 * drawn.std(), rel=0.05)


def test_units_of_both_periods_cancel():
    def difference(n):
        return 1000 / n[:, 1] - 1000 / n[:, 0]

    apart = counted_interval([[1, 0], [0, 1]], [100, 100], difference)
    overlapping = counted_interval([[1, 1], [1, 0], [0, 1]], [90, 10, 10], difference)
    assert overlapping.width == pytest.approx(apart.width * np.sqrt(0.1), rel=0.01)


def test_a_figure_without_a_value_has_no_interval():
    assert counted_interval([[1.0]], [0], lambda n: 1 / n[:, 0] if n.all() else np.full(len(n), np.nan)) is None


def test_small_groups_are_pooled():
    assert pooled(["a", "b", "c"], 10, [50, 9, 3], [50, 20, 3]) == {"a": ("a",), "Others": ("b", "c")}
    assert pooled(["a", "b"], 10, [50, 9], [50, 20]) == {"a": ("a",), "b": ("b",)}
    assert pooled([], 10, [], []) == {}
