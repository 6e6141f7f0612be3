"""A score under its threshold never reads as if it had reached it; otherwise it is rounded as everywhere."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.advocacy.wording import under_threshold


@pytest.mark.parametrize(
    ("score", "needed", "shown"),
    [
        pytest.param(66.6, 75, 67, id="far below: rounded"),
        pytest.param(74.6, 75, 74.6, id="would meet it: one decimal"),
        pytest.param(74.99, 75, 74.9, id="cut, not rounded"),
        pytest.param(75.4, 75, 75, id="reached"),
        pytest.param(66.6, np.nan, 67, id="no threshold"),
    ],
)
def test_how_a_score_is_shown_beside_its_threshold(score, needed, shown):
    assert under_threshold(np.array([score]), np.array([float(needed)])) == pytest.approx(shown)


@given(st.floats(0, 100), st.integers(1, 100))
def test_the_shown_score_is_below_the_threshold_exactly_when_the_score_is(score, needed):
    (shown,) = under_threshold(np.array([score]), np.array([float(needed)]))
    assert (shown < needed) == (score < needed)
