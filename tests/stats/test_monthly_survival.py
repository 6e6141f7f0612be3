import numpy as np
import pytest

from core.stats.monthly_survival import monthly_survival
from core.stats.survival import kaplan_meier, survival_at

MONTHS = [2, 3, 3, 5, 6, 6, 7, 7]
LOST = [1, 0, 1, 1, 0, 1, 0, 0]


@pytest.mark.parametrize("until", [1, 2, 3, 5, 6])
def test_without_weights_it_is_the_curve_of_kaplan_and_meier(until):
    expected = survival_at(kaplan_meier(MONTHS, LOST), until)
    assert monthly_survival(MONTHS, LOST, until).survival[-1] == pytest.approx(expected.survival)


def test_the_influence_gives_greenwoods_variance():
    """S² · Σ d / (r (r - d)) for losses 1 of 8, 1 of 7, 1 of 5, 1 of 4 by month 6."""
    curve = monthly_survival(MONTHS, LOST, 6)
    greenwood = curve.survival[-1] ** 2 * (1 / (8 * 7) + 1 / (7 * 6) + 1 / (5 * 4) + 1 / (4 * 3))
    assert np.square(curve.influence).sum() == pytest.approx(greenwood)
    assert curve.followed.tolist() == [8, 8, 8, 7, 5, 5, 4]


def test_a_weight_of_two_is_two_customers():
    twice = monthly_survival([*MONTHS, MONTHS[0]], [*LOST, LOST[0]], 6).survival
    weighted = monthly_survival(MONTHS, LOST, 6, [2, 1, 1, 1, 1, 1, 1, 1]).survival
    assert weighted == pytest.approx(twice)


def test_beyond_those_followed_there_is_no_curve():
    assert monthly_survival([3, 4], [0, 0], 6) is None
    assert monthly_survival([], [], 2) is None
    assert monthly_survival([3, 4], [1, 1], 6).survival[-1] == 0
