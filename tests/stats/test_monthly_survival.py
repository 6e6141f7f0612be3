import numpy as np
import pytest
from scipy.stats import CensoredData, logrank

from core.stats.monthly_survival import chance_alike, monthly_survival
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


def arms(seed, size, hazards, shares, until=12):
    """Months, losses, sides and strata: customers lost with a hazard a month, or followed for 1 to 18 months only."""
    rng = np.random.default_rng(seed)
    stratum = rng.integers(len(shares), size=size)
    first = rng.random(size) < np.take(shares, stratum)
    life = rng.geometric(np.array(hazards)[first.astype(int), stratum])
    followed = rng.integers(1, 19, size)
    return np.minimum(life, followed), life <= followed, first, stratum


def test_without_weights_the_chance_is_that_of_the_log_rank_test():
    months, lost, first, _ = arms(3, 400, [[0.05], [0.03]], [0.4])
    sides = [CensoredData.right_censored(months[side], ~lost[side]) for side in (first, ~first)]
    assert chance_alike(months, lost, first, 18) == pytest.approx(logrank(*sides).pvalue)
    early = [
        CensoredData.right_censored(np.minimum(months, 12)[side], ~(lost & (months <= 12))[side])
        for side in (first, ~first)
    ]
    assert chance_alike(months, lost, first, 12) == pytest.approx(logrank(*early).pvalue), "later losses say nothing"


@pytest.mark.parametrize(
    ("hazards", "low", "high"),
    [
        pytest.param([[0.02, 0.10], [0.02, 0.10]], 0.01, 0.09, id="curves alike in each stratum"),
        pytest.param([[0.06, 0.20], [0.02, 0.10]], 0.90, 1.0, id="half the losses"),
    ],
)
def test_of_weighted_curves_chance_is_small_only_where_they_differ(hazards, low, high):
    """One side is mostly in the stratum that is lost five times as often; unweighted, that alone looks like a gap."""
    found = []
    for seed in range(200):
        months, lost, first, stratum = arms(seed, 600, hazards, [0.2, 0.7])
        ours, theirs = (np.bincount(stratum[side], minlength=2) for side in (first, ~first))
        found.append(chance_alike(months, lost, first, 12, np.where(first, 1.0, (ours / theirs)[stratum])) < 0.05)
    assert low <= np.mean(found) <= high


def test_nobody_lost_or_one_side_empty_has_no_chance():
    assert chance_alike([5, 6], [0, 0], [1, 0], 12) is None
    assert chance_alike([5, 6], [1, 1], [1, 1], 12) is None
    assert chance_alike([], [], [], 12) is None
    assert chance_alike([5, 6, 7], [1, 0, 0], [1, 0, 0], 12, [0, 1, 1]) is None
