import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.stats.stratified import Ranked, bands_within, comparison_weights, strata, stratified_difference


def test_untreated_units_take_the_strata_of_the_treated():
    """Stratum 0: treated 1 of 2 win, others 1 of 4; stratum 1: treated 2 of 2 win, others 1 of 2."""
    won = [1, 0, 1, 0, 0, 0, 1, 1, 1, 0]
    treated = [1, 1, 0, 0, 0, 0, 1, 1, 0, 0]
    stratum = [0, 0, 0, 0, 0, 0, 1, 1, 1, 1]
    found = stratified_difference(won, np.ones(10), treated, stratum)
    assert found.treated_ratio == pytest.approx(3 / 4)
    assert found.comparison_ratio == pytest.approx(0.5 * 1 / 4 + 0.5 * 1 / 2)
    assert found.difference == pytest.approx(3 / 4 - 3 / 8)
    assert found.naive == pytest.approx(3 / 4 - 2 / 6)
    assert (found.treated, found.untreated) == (4, 6)


def test_money_weighs_by_the_base_of_the_treated():
    kept, start = [90.0, 300.0, 40.0, 60.0, 80.0, 30.0], [100.0, 300.0, 50.0, 50.0, 60.0, 40.0]
    found = stratified_difference(kept, start, [1, 1, 0, 0, 0, 0], [0, 1, 0, 0, 1, 1])
    assert found.comparison_ratio == pytest.approx((100 * 100 / 100 + 300 * 110 / 100) / 400)
    with pytest.raises(ValueError, match="at least 2"):
        stratified_difference(kept, start, [1, 1, 0, 0, 0, 0], [0, 1, 0, 0, 1, 1], least=1)


def test_a_treated_unit_without_enough_untreated_ones_is_listed_and_left_out():
    weights, unmatched = comparison_weights(np.ones(5), [1, 1, 0, 0, 0], [0, 1, 0, 0, 1])
    assert unmatched.tolist() == [False, True, False, False, False]
    assert weights.tolist() == [1.0, 0.0, 0.5, 0.5, 0.0]


def test_nobody_to_compare_with_is_none():
    assert stratified_difference([1, 0], [1, 1], [1, 0], [0, 1]) is None
    assert stratified_difference([], [], [], []) is None


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.integers(1, 50)), min_size=1, max_size=60))
def test_the_weighted_base_equals_that_of_the_treated(rows):
    stratum, treated, base = (np.array(column) for column in zip(*rows, strict=True))
    weights, _ = comparison_weights(base, treated, stratum)
    for code in np.unique(stratum):
        sides = [(weights * base)[(stratum == code) & side].sum() for side in (treated, ~treated)]
        assert sides[0] == pytest.approx(sides[1])


def test_bands_are_even_inside_groups_and_equal_values_share_one():
    bands = bands_within([1, 2, 3, 100, 200, 300, 5, 5, 5], [0, 0, 0, 1, 1, 1, 2, 2, 2], 3)
    assert bands.tolist() == [0, 1, 2, 0, 1, 2, 0, 0, 0]
    with pytest.raises(ValueError, match="at least one band"):
        bands_within([1], [0], 0)


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2), st.booleans()), min_size=1, max_size=40), st.integers(1, 4)
)
def test_what_is_not_known_is_a_band_of_its_own_and_moves_no_other(units, count):
    values, groups, known = (np.array(column) for column in zip(*units, strict=True))
    found = bands_within(np.where(known, values, np.nan), groups, count)
    assert (found[~known] == count).all()
    assert found[known].tolist() == bands_within(values[known], groups[known], count).tolist()
    assert (found[known] < count).all()


def test_none_is_not_known_either():
    assert bands_within([None, 1, 2], [0, 0, 0], 2).tolist() == [2, 0, 1]


def test_strata_tell_every_combination_apart():
    codes = strata(["a", "a", "b", None], [1, 2, 1, 1])
    assert len(set(codes.tolist())) == 4
    with pytest.raises(ValueError, match="one length"):
        strata([1, 2], [1])


def test_a_confounded_effect_is_found_and_the_naive_difference_misses_it():
    """300 companies: large accounts stay more and are treated more; the play adds five points of retention."""
    rng, truth = np.random.default_rng(1), 0.05
    hits, naive, errors = 0, 0, []
    for _ in range(300):
        segment = rng.integers(0, 3, 400)
        start = rng.lognormal(7 + segment, 0.8)
        band = bands_within(start, segment, 3)
        treated = rng.random(400) < np.array([0.15, 0.35, 0.6])[segment] * (0.7 + 0.3 * band)
        stays = rng.random(400) > np.array([0.3, 0.15, 0.05])[segment]
        end = start * (stays * (1 + rng.gamma(1.5, 0.08, 400)) + truth * treated)
        found = stratified_difference(end, start, treated, strata(segment, band))
        hits += found.interval.contains(truth)
        naive += abs(found.naive - truth) < found.interval.width / 2
        errors.append(found.difference - truth)
    assert 0.92 <= hits / 300 <= 0.985
    assert naive / 300 < 0.8
    assert abs(np.mean(errors)) < 3 * np.std(errors) / np.sqrt(300)


@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from([0, 1, 70_000])), min_size=1, max_size=40))
def test_a_band_is_the_share_of_its_group_that_is_smaller(units):
    values, groups = (np.array(column) for column in zip(*units, strict=True))
    found = bands_within(values, groups, 3)
    for place, (value, group) in enumerate(units):
        own = values[groups == group]
        assert found[place] == (own < value).sum() * 3 // len(own)


@pytest.mark.parametrize("kind", [np.int64, np.float64])
@given(st.lists(st.tuples(st.integers(-5, 9), st.integers(0, 2), st.booleans()), min_size=1, max_size=40), st.data())
def test_units_put_in_order_once_are_banded_as_each_part_of_them_is(kind, units, data):
    values, groups, chosen = (np.array(column) for column in zip(*units, strict=True))
    rows = data.draw(st.permutations(np.flatnonzero(chosen).tolist()).map(lambda some: np.array(some, dtype=np.intp)))
    count = data.draw(st.integers(1, 4))
    found = Ranked(values.astype(kind), groups).bands(rows, count)
    assert found.tolist() == bands_within(values[rows], groups[rows], count).tolist()


def test_the_interval_is_worked_out_once():
    found = stratified_difference([1, 0, 1, 0, 0], np.ones(5), [1, 1, 0, 0, 0], np.zeros(5, dtype=int))
    assert found.interval is not None
    assert found.interval is found.interval
