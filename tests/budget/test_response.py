"""Response draws: priors, scale, replacement by a measured result."""

from __future__ import annotations

import numpy as np
import pytest

from core.budget.curve import curve_of
from core.budget.response import HillDraws, prior_draws
from core.model.plays import load_plays
from tests.budget.worlds import frame_of, planted

PLAYS = load_plays()


def draws_of(currents, plays=None, seed=1, draws=400):
    return prior_draws(frame_of(currents, plays), PLAYS, np.random.default_rng(seed), draws)


def test_prior_draws_have_the_percentiles_the_play_states():
    curves = draws_of({"a": 100_000_00}, {"a": "events"}, draws=20_000)
    prior = PLAYS["events"].response
    returned = curves.margin_draws(curves.current)[0] / 100_000_00
    assert np.quantile(returned, [0.05, 0.95]) == pytest.approx(
        [prior.average_return.low, prior.average_return.high], rel=0.02
    )
    multiple = curves.half_at[0] / 100_000_00
    assert np.quantile(multiple, [0.05, 0.95]) == pytest.approx([prior.half_at.low, prior.half_at.high], rel=0.02)
    assert prior.exponent.low <= curves.exponent.min() and curves.exponent.max() <= prior.exponent.high


def test_stratified_draws_know_the_mean_far_better_than_plain_ones_would():
    means = [draws_of({"a": 100_00}, {"a": "events"}, seed).expected(np.array([100_00.0]))[0] for seed in range(40)]
    sigma = np.log(2.36 / 0.118) / (2 * 1.6448536)
    plain_error = np.sqrt(np.expm1(sigma**2) / 400)
    assert np.std(means) / np.mean(means) < plain_error / 2


def test_halves_are_different_samples_of_the_same_belief():
    curves = draws_of({"a": 100_00})
    first, second = curves.half(0), curves.half(1)
    assert first.draws == second.draws == 200
    assert not np.isin(first.ceiling, second.ceiling).any()
    assert first.expected(curves.current) == pytest.approx(second.expected(curves.current), rel=0.05)


def test_a_line_keeps_its_curve_when_others_come_go_or_change_places():
    both, alone = draws_of({"a": 100_00, "b": 200_00}), draws_of({"b": 200_00})
    turned = draws_of({"b": 200_00, "a": 100_00})
    assert np.array_equal(both.ceiling[1], alone.ceiling[0])
    assert np.array_equal(both.ceiling, turned.ceiling[::-1])


def test_two_lines_of_one_play_do_not_share_their_luck():
    curves = draws_of({"a": 100_00, "b": 100_00})
    assert abs(np.corrcoef(curves.ceiling)[0, 1]) < 0.3


def test_a_prior_is_scale_free():
    small, large = draws_of({"a": 1_000_00}), draws_of({"a": 5_000_000_00})
    assert large.expected(np.array([6e8])) / 5_000 == pytest.approx(small.expected(np.array([1.2e5])))
    assert large.marginal(np.array([6e8])) == pytest.approx(small.marginal(np.array([1.2e5])))


def test_every_prior_rests_on_opinion():
    assert set(draws_of({"a": 1, "b": 2}).evidence) == {"opinion"}


def test_marginal_is_the_derivative_of_the_margin_and_near_the_next_one_percent():
    curves = planted([100_000_00], [1.5], [0.8], [0.8], spread=0.4)
    at = np.array([90_000_00.0])
    small = curves.expected(at + 500) - curves.expected(at - 500)
    assert curves.marginal(at) == pytest.approx(small / 1_000, rel=1e-6)
    percent = (curves.expected(at * 1.01) - curves.expected(at)) / (at * 0.01)
    assert curves.marginal(at) == pytest.approx(percent, rel=0.01)


def test_margin_follows_the_hill_curve_by_hand():
    # Return 2 on 100 today, half of the ceiling at 100, exponent 1: ceiling 400, so 300 gives 400 * 300 / 400 = 300.
    curves = planted([100], [2.0], [1.0], [1.0])
    assert curves.expected(np.array([[0.0, 100.0, 300.0]])) == pytest.approx(np.array([[0.0, 200.0, 300.0]]))


def test_a_line_never_spent_on_answers_nothing():
    curves = draws_of({"new": 0, "old": 100_00})
    assert curves.expected(np.array([50_00.0, 100_00.0]))[0] == 0
    drawn = curve_of(curves, "new")
    assert (drawn.spend_cents, drawn.reason) == ((), "never spent: no prior scale")


def test_odd_draws_are_refused():
    with pytest.raises(ValueError, match="even number"):
        draws_of({"a": 1}, draws=401)


def test_a_measured_result_replaces_the_prior_of_its_line_only():
    curves = draws_of({"a": 100_00, "b": 200_00})
    ones = np.ones((1, 400))
    measured = curves.replaced("b", HillDraws(1.5 * ones, ones, 0.9 * ones), "experiment")
    assert measured.evidence == ("opinion", "experiment")
    assert measured.expected(measured.current)[1] == pytest.approx(300_00)
    assert np.array_equal(measured.ceiling[0], curves.ceiling[0])
    assert curves.evidence == ("opinion", "opinion")


def test_a_drawn_curve_rises_holds_today_and_the_proposal_and_marks_the_unseen():
    curves = draws_of({"a": 100_000_00})
    drawn = curve_of(curves, "a", 115_000_00)
    seen = dict(zip(drawn.spend_cents, drawn.extrapolated, strict=True))
    assert seen[100_000_00] is False and seen[115_000_00] is True and seen[0] is True
    assert list(drawn.expected_cents) == sorted(drawn.expected_cents)
    assert drawn.spend_cents[-1] == 172_500_00
    assert all(
        low <= mean <= high
        for low, mean, high in zip(drawn.low_cents[1:], drawn.expected_cents[1:], drawn.high_cents[1:], strict=True)
    )
