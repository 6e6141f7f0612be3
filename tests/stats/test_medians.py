"""The bootstrap of a median, against plain resampling and against planted medians."""

import numpy as np

from core.stats.medians import bootstrap_median


def test_the_bootstrap_of_a_median_is_that_of_resampled_rows():
    """Odd and even numbers of rows against plain resampling of the same rows."""
    rng = np.random.default_rng(1)
    for n in (25, 40):
        values = rng.lognormal(3, 1, n)
        plain = np.quantile(np.median(rng.choice(values, (20_000, n)), axis=1), [0.025, 0.975])
        found = bootstrap_median(values, rng, 20_000)
        near = np.ptp(np.sort(values)[n // 2 - 6 : n // 2 + 6]) / 6
        assert np.abs([found.low, found.high] - plain).max() < near
    assert bootstrap_median([1.0], rng) is None


def test_the_bootstrap_of_a_median_covers():
    rng = np.random.default_rng(2)
    hits = sum(bootstrap_median(rng.lognormal(3, 1, 40), rng, 500).contains(np.exp(3)) for _ in range(400))
    assert 0.91 <= hits / 400 <= 0.98
