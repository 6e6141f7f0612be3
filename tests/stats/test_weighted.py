"""Shares of unequal units: equal weights give the closed forms, and intervals of ratios cover."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.stats.intervals import Interval, newcombe, wilson
from core.stats.weighted import difference_of, effective_units, ratio_of, weighted_wilson

counts = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(first=counts, second=counts)
def test_equal_weights_give_wilson_and_newcombe(first, second):
    shares = [hits / n for hits, n in (first, second)]
    bands = [weighted_wilson(share, n) for share, (_, n) in zip(shares, (first, second), strict=True)]
    for band, (hits, n) in zip(bands, (first, second), strict=True):
        plain = wilson(hits, n)
        assert (band.low, band.high) == (pytest.approx(plain.low, abs=1e-12), pytest.approx(plain.high, abs=1e-12))
    found, plain = difference_of(shares[0], bands[0], shares[1], bands[1]), newcombe(*first, *second)
    assert (found.low, found.high) == (pytest.approx(plain.low, abs=1e-9), pytest.approx(plain.high, abs=1e-9))


def test_effective_units():
    assert effective_units([1, 1, 1, 1]) == 4
    assert effective_units([3, 1]) == pytest.approx(16 / 10)
    assert effective_units([]) == 0
    assert weighted_wilson(0.5, 0) is None


def test_the_interval_of_a_ratio_covers_and_ends_where_it_cannot():
    rng, hits = np.random.default_rng(3), 0
    for _ in range(400):
        a, b = int(rng.binomial(120, 0.4)), int(rng.binomial(200, 0.25))
        found = ratio_of(a / 120, wilson(a, 120), b / 200, wilson(b, 200))
        hits += found.contains(0.4 / 0.25)
    assert 0.92 <= hits / 400 <= 0.98
    assert ratio_of(0.5, Interval(0.4, 0.6, ""), 0.1, Interval(0.0, 0.2, "")) is None
