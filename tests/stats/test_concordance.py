import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.stats.concordance import concordance


@pytest.mark.parametrize(
    ("scores", "happened", "expected"),
    [
        pytest.param([1, 2, 3, 4], [0, 0, 1, 1], 1.0, id="all right"),
        pytest.param([4, 3, 2, 1], [0, 0, 1, 1], 0.0, id="all wrong"),
        pytest.param([5, 5, 5, 5], [0, 1, 0, 1], 0.5, id="says nothing"),
        pytest.param([1, 2, 2, 3], [0, 1, 0, 1], 7 / 8, id="a tie counts one half"),
    ],
)
def test_concordance(scores, happened, expected):
    share, interval = concordance(scores, happened)
    assert share == pytest.approx(expected)
    assert interval.contains(share)


def test_one_row_of_a_kind_says_nothing():
    assert concordance([1, 2, 3], [1, 0, 0]) is None


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=4, max_size=40))
def test_it_counts_pairs(rows):
    scores, happened = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    found = concordance(scores, happened)
    if min(happened.sum(), (~happened).sum()) < 2:
        assert found is None
        return
    pairs = np.sign(scores[happened][:, None] - scores[~happened][None, :])
    assert found[0] == pytest.approx((pairs.mean() + 1) / 2)


def test_the_interval_holds_one_half_for_shuffled_labels():
    rng = np.random.default_rng(5)
    held = [concordance(rng.normal(size=200), rng.random(200) < 0.3)[1].contains(0.5) for _ in range(200)]
    assert 0.9 <= np.mean(held) <= 0.99
