import numpy as np
import pytest

from core.stats.logistic import fit_logistic, fit_shrunk, log_odds, sigmoid


def drawn(n, seed, coefficients=(-0.4, 0.9, -0.6)):
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(n), rng.normal(size=(n, 2))])
    return x, rng.random(n) < sigmoid(x @ np.asarray(coefficients))


def test_planted_coefficients_are_found_within_three_standard_errors():
    x, y = drawn(4_000, 1)
    found = fit_logistic(x, y)
    errors = np.sqrt(np.diag(found.covariance))
    assert np.all(np.abs(found.coefficients - [-0.4, 0.9, -0.6]) < 3 * errors)


def test_a_unit_that_repeats_makes_nothing_surer():
    x, y = drawn(400, 2)
    once = fit_logistic(x, y)
    units = np.tile(np.arange(400), 5)
    five = fit_logistic(np.tile(x, (5, 1)), np.tile(y, 5), units=units)
    naive = fit_logistic(np.tile(x, (5, 1)), np.tile(y, 5))
    assert np.diag(five.covariance) == pytest.approx(np.diag(once.covariance), rel=1e-3)
    assert np.all(np.diag(naive.covariance) < np.diag(five.covariance) / 4)


def test_a_penalty_draws_coefficients_to_nothing():
    x, y = drawn(300, 3)
    free, held = fit_logistic(x, y), fit_logistic(x, y, ridge=[0, 1e6, 1e6])
    assert abs(free.coefficients[1]) > 0.5
    assert np.abs(held.coefficients[1:]).max() < 0.01


def test_an_offset_is_where_every_row_starts():
    x, y = drawn(3_000, 4)
    rest = fit_logistic(x[:, :1], y, offset=x[:, 1:] @ np.array([0.9, -0.6]))
    assert rest.coefficients[0] == pytest.approx(-0.4, abs=0.15)


@pytest.mark.parametrize("outcome", [[], [0, 0, 0], [1, 1, 1]])
def test_nothing_is_learned_from_one_outcome(outcome):
    assert fit_logistic(np.ones((len(outcome), 1)), np.array(outcome)) is None


def test_log_odds_undo_the_sigmoid():
    assert sigmoid(log_odds([0.01, 0.5, 0.99])) == pytest.approx([0.01, 0.5, 0.99])


def noisy(n, seed, columns=20):
    """Many weak columns, as many as teach something, beside one that never changes."""
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(n), rng.normal(size=(n, columns)), np.zeros(n)])
    chance = sigmoid(x[:, 1:-1] @ rng.normal(0, 0.25, columns))
    return x, rng.random(n) < chance, chance


def slope(said, chance):
    return float(np.cov(said, chance)[0, 1] / said.var(ddof=1))


def test_the_penalty_the_rows_speak_for_leaves_chances_as_far_apart_as_the_truth():
    slopes = {"shrunk": [], "free": [], "held": []}
    for seed in range(12):
        x, y, chance = noisy(1_000, seed)
        learned, later = slice(0, 500), slice(500, None)
        for name, found in (
            ("shrunk", fit_shrunk(x[learned], y[learned])),
            ("free", fit_logistic(x[learned], y[learned], ridge=0.01)),
            ("held", fit_logistic(x[learned], y[learned], ridge=[0.0, *[200.0] * 21])),
        ):
            slopes[name].append(slope(found.chance(x[later]), chance[later]))
    assert abs(np.mean(slopes["shrunk"]) - 1) < 0.05
    assert np.mean(slopes["free"]) < 0.9 < 1.1 < np.mean(slopes["held"])


def test_what_tells_nothing_is_drawn_to_nothing():
    x, _, _ = noisy(800, 3)
    found = fit_shrunk(x, np.random.default_rng(5).random(800) < 0.4)
    assert np.abs(found.coefficients[1:]).max() < 0.1
    assert found.chance(x).mean() == pytest.approx(0.4, abs=0.05)


@pytest.mark.parametrize("outcome", [[], [0, 0, 0]])
def test_a_penalty_is_not_told_from_one_outcome(outcome):
    assert fit_shrunk(np.ones((len(outcome), 2)), np.array(outcome)) is None
