from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson

from core.stats.intervals import compound_poisson, newcombe, normal_quantile, nps_interval, poisson_exact, wilson

SLACK = 1e-12

counts = st.integers(1, 5_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
answers = st.tuples(st.integers(0, 400), st.integers(0, 400), st.integers(0, 400)).filter(any)


@pytest.mark.parametrize("count", ["81_of_263", "15_of_148", "0_of_20", "1_of_29"])
def test_wilson_gives_the_published_ends(published, count):
    case = published[f"newcombe_single_{count}"]
    interval = wilson(**case["inputs"])
    assert interval.low == pytest.approx(case["expected"]["low"], abs=case["tolerance"])
    assert interval.high == pytest.approx(case["expected"]["high"], abs=case["tolerance"])


@given(counts)
def test_wilson_stays_within_zero_and_one_and_holds_the_rate(count):
    successes, n = count
    interval = wilson(successes, n)
    assert 0 <= interval.low <= successes / n <= interval.high <= 1
    assert interval.contains(successes / n)
    assert interval.width > 0


@given(counts)
def test_wilson_of_the_complement_is_the_mirror_image(count):
    successes, n = count
    here, there = wilson(successes, n), wilson(n - successes, n)
    assert here.low == pytest.approx(1 - there.high, abs=SLACK)
    assert here.high == pytest.approx(1 - there.low, abs=SLACK)


@given(counts)
def test_more_confidence_gives_a_wider_wilson(count):
    assert wilson(*count, level=0.99).width > wilson(*count, level=0.8).width


@pytest.mark.parametrize("call", ["56_of_70_48_of_80", "9_of_10_3_of_10"])
def test_newcombe_gives_the_published_ends(published, call):
    case = published[f"newcombe_difference_{call}"]
    interval = newcombe(**case["inputs"])
    assert interval.low == pytest.approx(case["expected"]["low"], abs=case["tolerance"])
    assert interval.high == pytest.approx(case["expected"]["high"], abs=case["tolerance"])


def test_twelve_of_thirty_against_sixty_of_three_hundred_is_4_to_38_points():
    interval = newcombe(12, 30, 60, 300)
    assert (round(100 * interval.low), round(100 * interval.high)) == (4, 38)


@given(counts, counts)
def test_newcombe_changes_sign_when_the_groups_are_swapped(first, second):
    here, there = newcombe(*first, *second), newcombe(*second, *first)
    assert here.low == pytest.approx(-there.high, abs=SLACK)
    assert here.high == pytest.approx(-there.low, abs=SLACK)


@given(counts, counts)
def test_newcombe_stays_within_one_and_holds_the_difference(first, second):
    interval = newcombe(*first, *second)
    assert -1 - SLACK <= interval.low <= interval.high <= 1 + SLACK
    assert interval.contains(first[0] / first[1] - second[0] / second[1])


def test_poisson_gives_the_published_ends(published):
    case = published["graphpad_count_25"]
    for level, (low, high) in case["expected"].items():
        interval = poisson_exact(**case["inputs"], level=float(level))
        assert (interval.low, interval.high) == pytest.approx((low, high), abs=case["tolerance"])


def test_no_event_leaves_up_to_3_7_open(published):
    case = published["epitools_count_0"]
    interval = poisson_exact(**case["inputs"])
    assert interval.low == 0
    assert interval.high == pytest.approx(case["expected"]["high"], abs=case["tolerance"])


def test_doubling_from_four_to_eight_is_not_distinguishable():
    assert poisson_exact(4).high > poisson_exact(8).low


@given(st.integers(0, 2_000), st.floats(0.1, 1_000))
def test_the_poisson_ends_leave_the_tail_they_promise(count, exposure):
    interval = poisson_exact(count, exposure)
    assert poisson.cdf(count, interval.high * exposure) == pytest.approx(0.025, rel=1e-6)
    if count:
        assert poisson.sf(count - 1, interval.low * exposure) == pytest.approx(0.025, rel=1e-6)


def test_nps_of_fifty_answers_is_30_plus_or_minus_22():
    interval = nps_interval(promoters=25, detractors=10, n=50)
    assert (interval.low + interval.high) / 2 == pytest.approx(30)
    assert interval.width / 2 == pytest.approx(22, abs=0.5)


def test_nps_of_a_public_survey_has_its_standard_error(published):
    case = published["benavent_nps_store"]
    interval = nps_interval(**case["inputs"])
    assert (interval.low + interval.high) / 2 == pytest.approx(case["expected"]["nps"], abs=case["tolerance"])
    error = interval.width / 2 / normal_quantile()
    assert error == pytest.approx(case["expected"]["standard_error"], abs=case["tolerance"])


@given(answers)
def test_nps_band_stays_on_the_scale_around_the_score_and_never_closes(counted):
    promoters, passives, detractors = counted
    n = promoters + passives + detractors
    interval = nps_interval(promoters, detractors, n)
    assert -100 <= interval.low <= interval.high <= 100
    assert interval.low - 1e-9 <= 100 * (promoters - detractors) / n <= interval.high + 1e-9
    assert interval.width > 0


@given(answers)
def test_nps_band_turns_over_when_promoters_and_detractors_swap(counted):
    promoters, passives, detractors = counted
    n = promoters + passives + detractors
    here, there = nps_interval(promoters, detractors, n), nps_interval(detractors, promoters, n)
    assert here.low == pytest.approx(-there.high, abs=1e-9)


def test_five_promoters_out_of_five_do_not_prove_a_score_of_100():
    assert nps_interval(5, 0, 5).low < 20
    assert nps_interval(5_000, 0, 5_000).low > 99


def test_normal_quantile_of_95_percent():
    assert normal_quantile(0.95) == pytest.approx(1.959964, abs=1e-6)
    assert normal_quantile(0.6827) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(
    "nothing",
    [
        pytest.param(lambda: wilson(0, 0), id="share of nothing"),
        pytest.param(lambda: newcombe(0, 0, 3, 9), id="first group empty"),
        pytest.param(lambda: newcombe(3, 9, 0, 0), id="second group empty"),
        pytest.param(lambda: poisson_exact(3, 0), id="no exposure"),
        pytest.param(lambda: nps_interval(0, 0, 0), id="nobody answered"),
    ],
)
def test_what_has_no_meaning_is_none(nothing):
    assert nothing() is None


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(lambda: wilson(5, 3), id="more successes than units"),
        pytest.param(lambda: wilson(-1, 3), id="negative successes"),
        pytest.param(lambda: newcombe(1, 3, 5, 4), id="second group impossible"),
        pytest.param(lambda: poisson_exact(-1), id="negative count"),
        pytest.param(lambda: nps_interval(3, 3, 5), id="more answers than answers"),
        pytest.param(lambda: nps_interval(-1, 0, 5), id="negative promoters"),
        pytest.param(lambda: normal_quantile(1), id="certainty"),
    ],
)
def test_impossible_counts_are_refused(wrong):
    with pytest.raises(ValueError, match=r"found"):
        wrong()


@given(st.integers(1, 300), st.floats(0.01, 1e6))
def test_equal_amounts_have_the_exact_limits_of_their_number(number, amount):
    found, exact = compound_poisson([amount] * number), poisson_exact(number)
    assert (found.low, found.high) == pytest.approx((amount * exact.low, amount * exact.high), rel=1e-6)


@pytest.mark.parametrize(("number", "skew"), [(15, 0.5), (60, 0.8), (144, 1.25)])
def test_a_total_of_a_random_number_of_random_amounts_is_covered_where_the_normal_interval_misses(number, skew):
    rng, covered, missed = np.random.default_rng(5), 0, 0
    total, worlds = number * np.exp(skew**2 / 2), 1_500
    for _ in range(worlds):
        amounts = rng.lognormal(0, skew, rng.poisson(number))
        covered += compound_poisson(amounts).contains(total)
        missed += abs(amounts.sum() - total) > 1.96 * sqrt(np.square(amounts).sum())
    assert 0.935 <= covered / worlds <= 0.985
    assert covered > worlds - missed


def test_amounts_that_bring_nothing_have_no_interval():
    assert compound_poisson([]) is None
    assert compound_poisson([0.0, 0.0]) is None
    for wrong in ([1.0, -1.0], [1.0, np.nan]):
        with pytest.raises(ValueError, match="not negative"):
            compound_poisson(wrong)


def test_a_large_sample_agrees_with_the_normal_approximation():
    interval = wilson(30_000, 100_000)
    assert interval.width / 2 == pytest.approx(1.959964 * sqrt(0.3 * 0.7 / 100_000), rel=1e-3)
