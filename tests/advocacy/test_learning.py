import numpy as np
import pytest

from core.advocacy.learning import correction, foretold, learn, regression, trees
from core.model.pool import pool_rules
from core.stats.logistic import log_odds, sigmoid

RULES = pool_rules().propensity


def drawn(n, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3))
    chance = sigmoid(-0.3 + 0.8 * x[:, 0] - 0.6 * x[:, 1])
    return x, rng.random(n) < chance, chance


def test_a_fold_is_foretold_from_the_rows_before_it_alone():
    x, y, _ = drawn(400, 1)
    seen = []

    def fit(rows, outcome):
        seen.append(len(rows))
        return lambda later: np.full(len(later), outcome.mean())

    chance = foretold(fit, x, y, 4)
    assert seen == [100, 200, 300]
    assert np.isnan(chance[:100]).all()
    assert chance[100] == y[:100].mean()


def test_a_level_that_is_right_is_left_alone_and_one_that_is_off_is_mended():
    _, y, chance = drawn(6_000, 2)
    assert np.abs(correction(chance, y)(chance) - chance).max() < 0.03
    low = sigmoid(log_odds(chance) - 1)
    assert np.abs(correction(low, y)(low) - chance).max() < 0.03


def test_chances_lie_as_far_apart_after_the_correction_as_before():
    _, y, chance = drawn(2_000, 2)
    bold = sigmoid(2 * log_odds(chance))
    assert np.ptp(log_odds(correction(bold, y)(bold))) == pytest.approx(np.ptp(log_odds(bold)))


def test_nothing_foretold_corrects_nothing():
    chance = np.array([0.2, 0.4])
    np.testing.assert_array_equal(correction(np.full(2, np.nan), np.array([True, False]))(chance), chance)


def test_an_unknown_value_counts_as_the_mean_and_an_empty_column_as_nothing():
    x, y, _ = drawn(500, 3)
    x = np.column_stack([x, np.full(500, np.nan)])
    predict = regression(x, y)
    row = x[:1].copy()
    row[0, 0] = np.nan
    mean = row.copy()
    mean[0, 0] = x[:, 0].mean()
    assert predict(row) == pytest.approx(predict(mean))
    assert np.isfinite(predict(row)).all()


def test_one_outcome_teaches_nothing():
    x = np.ones((50, 2))
    assert regression(x, np.zeros(50, dtype=bool)) is None
    assert learn(x, np.zeros(50, dtype=bool), np.zeros(2, dtype=int), RULES, 1) is None


def test_trees_never_move_against_a_known_sign():
    x, y, _ = drawn(1_500, 4)
    predict = trees(x, y, np.array([1, -1, 0]), RULES, 1)
    rising, falling = np.zeros((50, 3)), np.zeros((50, 3))
    rising[:, 0] = falling[:, 1] = np.linspace(-3, 3, 50)
    assert (np.diff(predict(rising)) >= 0).all()
    assert (np.diff(predict(falling)) <= 0).all()


def test_trees_leave_out_a_column_nothing_is_known_of():
    x, y, _ = drawn(400, 6)
    with_gap = np.column_stack([x[:, 0], np.full(400, np.nan), x[:, 1:]])
    alone = trees(x, y, np.array([1, -1, 0]), RULES, 1)
    beside = trees(with_gap, y, np.array([1, 0, -1, 0]), RULES, 1)
    assert beside(with_gap) == pytest.approx(alone(x))


def test_what_is_learned_is_near_the_truth():
    x, y, chance = drawn(3_000, 5)
    found = learn(x, y, np.zeros(3, dtype=int), RULES, 1)
    assert found.rows == 3_000
    assert np.corrcoef(found.predict(x), chance)[0, 1] > 0.97
