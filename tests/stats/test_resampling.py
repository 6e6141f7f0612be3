from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.model.small_samples import small_samples
from core.stats.intervals import wilson
from core.stats.resampling import bootstrap_of_sums, interval_of_sums, linearised_of_sums

PLANTED_NRR = 1 + 0.88 * 0.2 * 0.4 - 0.88 * 0.1 * 0.25 - 0.12


def nrr(sums):
    return (sums[:, 0] + sums[:, 1] - sums[:, 2] - sums[:, 3]) / sums[:, 0]


def churn(sums):
    return sums[:, 3] / sums[:, 0]


def share(sums):
    return sums[:, 0] / sums[:, 1]


def company(rng, accounts, skew=1.25):
    """Starting, expansion, contraction and churned MRR; lognormal sizes, NRR planted at PLANTED_NRR."""
    starting = rng.lognormal(8, skew, accounts)
    gone = rng.random(accounts) < 0.12
    grown = ~gone & (rng.random(accounts) < 0.2)
    shrunk = ~gone & (rng.random(accounts) < 0.1)
    expansion = np.where(grown, starting * rng.gamma(1, 0.4, accounts), 0)
    contraction = np.where(shrunk, starting * rng.uniform(0, 0.5, accounts), 0)
    return np.column_stack([starting, expansion, contraction, starting * gone])


@pytest.mark.parametrize("accounts", [1_000, 2_000, 3_000])
@pytest.mark.parametrize("figure", [nrr, churn])
def test_the_linearised_width_is_within_3_percent_of_the_bootstrap(accounts, figure):
    rng = np.random.default_rng(7)
    columns = company(rng, accounts)
    drawn = bootstrap_of_sums(columns, figure, rng, draws=20_000)
    assert linearised_of_sums(columns, figure).width == pytest.approx(drawn.width, rel=0.03)


def test_both_linearised_ends_are_within_3_percent_of_the_width_where_they_are_used():
    rng = np.random.default_rng(11)
    columns = company(rng, 3_000)
    drawn, linear = bootstrap_of_sums(columns, nrr, rng, draws=20_000), linearised_of_sums(columns, nrr)
    assert (linear.low, linear.high) == pytest.approx((drawn.low, drawn.high), abs=0.03 * drawn.width)


def test_the_bootstrap_covers_a_planted_ratio_over_generated_companies():
    rng = np.random.default_rng(20260131)
    covered = [
        bootstrap_of_sums(company(rng, 400, skew=1.0), nrr, rng, draws=400).contains(PLANTED_NRR) for _ in range(1_000)
    ]
    assert 0.92 <= np.mean(covered) <= 0.98


def test_the_linearised_interval_covers_a_planted_ratio_where_an_unweighted_mean_misses_it():
    rng = np.random.default_rng(20260228)
    covered, missed = [], []
    for _ in range(400):
        columns = company(rng, 2_100)
        columns[:, 3] *= columns[:, 0] < np.median(columns[:, 0])
        covered.append(linearised_of_sums(columns, churn).contains(planted_small_churn()))
        missed.append(np.mean(columns[:, 3] / columns[:, 0]) > 2 * planted_small_churn())
    assert 0.92 <= np.mean(covered) <= 0.98
    assert np.mean(missed) > 0.95


def planted_small_churn():
    """Only accounts below the median size leave (12 %): their share of lognormal(8, 1.25) revenue is Φ(-1.25)."""
    return 0.12 * 0.1056498


def test_a_proportion_gets_the_interval_wilson_gives_it():
    columns = np.column_stack([np.arange(1_500) < 600, np.ones(1_500)])
    expected = wilson(600, 1_500)
    for found in (
        bootstrap_of_sums(columns, share, np.random.default_rng(3), draws=20_000),
        linearised_of_sums(columns, share),
    ):
        assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=0.001)


def test_the_linearised_variance_of_a_mean_is_the_textbook_one():
    values = np.array([1.0, 2.0, 4.0, 9.0])
    interval = linearised_of_sums(np.column_stack([values, np.ones(4)]), share)
    error = values.std(ddof=1) / 2
    assert (interval.low, interval.high) == pytest.approx((4 - 1.959964 * error, 4 + 1.959964 * error), rel=1e-6)


@given(st.floats(1e-3, 1e6), st.integers(0, 2**32 - 1))
@settings(max_examples=30)
def test_another_currency_leaves_the_interval_of_a_ratio_as_it_is(rate, seed):
    columns = company(np.random.default_rng(seed), 80)
    drawn, scaled = (bootstrap_of_sums(t, nrr, np.random.default_rng(1), draws=200) for t in (columns, rate * columns))
    assert (scaled.low, scaled.high) == pytest.approx((drawn.low, drawn.high), rel=1e-9)
    linear, restated = linearised_of_sums(columns, nrr), linearised_of_sums(rate * columns, nrr)
    assert (restated.low, restated.high) == pytest.approx((linear.low, linear.high), rel=1e-7)


@given(st.integers(2, 60), st.integers(0, 2**32 - 1))
@settings(max_examples=40)
def test_a_share_drawn_from_units_never_leaves_zero_and_one(accounts, seed):
    columns = company(np.random.default_rng(seed), accounts)
    drawn = bootstrap_of_sums(columns, churn, np.random.default_rng(seed), draws=100)
    assert 0 <= drawn.low <= drawn.high <= 1


def test_the_size_decides_the_method():
    rng = np.random.default_rng(5)
    assert interval_of_sums(company(rng, 2_000), nrr, rng).method == "bootstrap"
    assert interval_of_sums(company(rng, 2_001), nrr, rng).method == "linearised"
    rules = replace(small_samples().resampling, bootstrap_units=100)
    assert interval_of_sums(company(rng, 101), nrr, rng, rules=rules).method == "linearised"


def test_the_same_generator_gives_the_same_interval_and_another_a_close_one():
    columns = company(np.random.default_rng(5), 400)
    first, again, other = (bootstrap_of_sums(columns, nrr, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    assert (other.low, other.high) == pytest.approx((first.low, first.high), abs=0.15 * first.width)


def test_draws_in_which_the_figure_is_undefined_are_dropped_until_there_are_too_many():
    # With one paying unit of n, a draw leaves it out with probability (1 - 1/n)^n, about 37 %; with five, under 1 %.
    paying = np.zeros((40, 2))
    paying[:, 0] = 1
    paying[:5, 1] = 1
    assert bootstrap_of_sums(paying, share, np.random.default_rng(1)) is not None
    paying[1:, 1] = 0
    assert bootstrap_of_sums(paying, share, np.random.default_rng(1)) is None
    assert linearised_of_sums(paying, share) is not None


@pytest.mark.parametrize("method", ["bootstrap", "linearised"])
@pytest.mark.parametrize(
    "columns",
    [
        pytest.param(np.empty((0, 4)), id="nobody"),
        pytest.param(np.ones((1, 4)), id="one account"),
        pytest.param(np.zeros((50, 4)), id="nothing to divide by"),
    ],
)
def test_what_cannot_be_known_has_no_interval(columns, method):
    rng = np.random.default_rng(1)
    found = bootstrap_of_sums(columns, nrr, rng) if method == "bootstrap" else linearised_of_sums(columns, nrr)
    assert found is None


def test_a_quantity_nobody_has_moves_nothing():
    columns = company(np.random.default_rng(1), 60)
    columns[:, 2] = 0
    kept = np.delete(columns, 2, axis=1)
    without = linearised_of_sums(kept, lambda sums: (sums[:, 0] + sums[:, 1] - sums[:, 2]) / sums[:, 0])
    assert linearised_of_sums(columns, nrr) == without


@pytest.mark.parametrize("columns", [np.array([[1.0, np.nan], [1.0, 1.0]]), np.ones(4)])
def test_a_table_with_gaps_is_refused(columns):
    with pytest.raises(ValueError, match="columns must be"):
        bootstrap_of_sums(columns, share, np.random.default_rng(1))


def test_a_figure_that_is_not_one_number_per_draw_is_refused():
    with pytest.raises(ValueError, match="one value per row"):
        linearised_of_sums(np.ones((5, 2)), lambda sums: sums)


def test_units_alike_are_one_row_with_their_number():
    columns = np.array([[100.0, 20.0, 0.0, 0.0], [50.0, 0.0, 5.0, 0.0], [80.0, 0.0, 0.0, 80.0]])
    counts = [700, 900, 400]
    whole = linearised_of_sums(np.repeat(columns, counts, axis=0), nrr)
    found = interval_of_sums(columns, nrr, np.random.default_rng(1), counts=counts)
    assert (found.low, found.high) == pytest.approx((whole.low, whole.high), rel=1e-12)
