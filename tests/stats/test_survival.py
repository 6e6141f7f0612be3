from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.stats.intervals import normal_quantile
from core.stats.survival import kaplan_meier, median_time, quantile_time, survival_at

rows = st.lists(st.tuples(st.integers(0, 60), st.booleans()), max_size=80)


def curve_of(pairs):
    return kaplan_meier([wait for wait, _ in pairs], [happened for _, happened in pairs])


def test_the_median_counts_those_still_waiting_where_the_naive_mean_does_not(published):
    case = published["statstest_naive_mean"]
    times, events = case["inputs"]["time"], case["inputs"]["event"]
    naive = np.mean([time for time, event in zip(times, events, strict=True) if event])
    assert naive == case["expected"]["naive_mean"]
    assert median_time(kaplan_meier(times, events)).time == 45


def test_the_published_table_of_the_6_mp_arm(published):
    case = published["gehan_6mp_arm"]
    curve = kaplan_meier(case["inputs"]["time"], case["inputs"]["event"])
    found = np.column_stack([curve.times, curve.at_risk, curve.events, curve.survival, curve.low, curve.high])
    assert found == pytest.approx(np.array(case["expected"]["rows"]), abs=case["tolerance"])
    expected = case["expected"]
    assert median_time(curve) == (expected["median"], expected["median_low"], expected["median_high"])


def test_without_censoring_the_curve_is_the_share_left(published):
    case = published["cox_oakes_control_arm"]
    times = case["inputs"]["time"]
    curve = kaplan_meier(times, [True] * len(times))
    at = survival_at(curve, case["inputs"]["at"])
    for time, field in ((1, "s_after_1"), (2, "s_after_2"), (case["inputs"]["at"], "s")):
        expected, slack = case["expected"][field], case["tolerance"][field]
        assert survival_at(curve, time).survival == pytest.approx(expected, abs=slack)
    # The band is S^exp(± z · se / (S ln S)); solved for the standard error.
    error = log(log(at.low) / log(at.survival)) / normal_quantile() * at.survival * -log(at.survival)
    assert error == pytest.approx(case["expected"]["se"], abs=case["tolerance"]["se"])


@given(rows)
def test_survival_never_rises_and_lies_within_its_band(pairs):
    curve = curve_of(pairs)
    assert (np.diff(curve.survival, prepend=1.0) < 0).all()
    assert (np.diff(curve.times) > 0).all()
    assert ((curve.low >= 0) & (curve.low <= curve.survival) & (curve.survival <= curve.high)).all()
    assert (curve.high <= 1).all()
    assert curve.events.sum() == sum(happened for _, happened in pairs)


@given(rows)
def test_survival_equals_the_product_over_the_rows_taken_one_time_at_a_time(pairs):
    curve = curve_of(pairs)
    left = 1.0
    for position, time in enumerate(sorted({wait for wait, happened in pairs if happened})):
        at_risk = sum(wait >= time for wait, _ in pairs)
        left *= 1 - sum(happened and wait == time for wait, happened in pairs) / at_risk
        assert curve.times[position] == time
        assert curve.survival[position] == pytest.approx(left, abs=1e-12)


@given(rows, st.sampled_from([7.0, 24.0, 0.25]))
def test_days_or_hours_give_the_same_curve(pairs, unit):
    here, there = curve_of(pairs), curve_of([(wait * unit, happened) for wait, happened in pairs])
    assert (here.survival == there.survival).all()
    assert median_time(there).time == (None if median_time(here).time is None else median_time(here).time * unit)


@given(rows)
def test_quartiles_come_in_order_and_within_their_intervals(pairs):
    curve = curve_of(pairs)
    reached = [quantile_time(curve, share) for share in (0.25, 0.5, 0.75)]
    times = [float("inf") if at.time is None else at.time for at in reached]
    assert times == sorted(times)
    for at in reached:
        if at.time is not None:
            assert at.low is not None and at.low <= at.time
            assert at.high is None or at.time <= at.high


def test_a_curve_that_stays_above_one_half_has_no_median():
    curve = kaplan_meier([5, 9, 9, 9], [True, False, False, False])
    assert median_time(curve).time is None
    assert quantile_time(curve, 0.25).time == 5


def test_a_half_reached_in_three_steps_counts_as_one_half():
    curve = kaplan_meier([1, 2, 3, 4, 5, 6], [True, True, True, False, False, False])
    assert median_time(curve).time == 3


def test_a_fact_on_the_day_of_the_contract_takes_no_time():
    curve = kaplan_meier([0, 0, 10], [True, True, True])
    assert median_time(curve).time == 0
    assert survival_at(curve, 0).survival == pytest.approx(1 / 3)


def test_the_band_keeps_its_upper_end_where_the_curve_reaches_zero():
    curve = kaplan_meier([1, 2], [True, True])
    assert (curve.survival[-1], curve.low[-1], curve.high[-1]) == (0.0, 0.0, curve.high[-2])
    at_once = kaplan_meier([3, 3, 3], [True, True, True])
    assert (at_once.low[0], at_once.high[0]) == (0.0, 1.0)


def test_nothing_is_said_beyond_the_time_anybody_was_followed():
    curve = kaplan_meier([30, 45, 60], [True, True, False])
    assert survival_at(curve, 60).survival == pytest.approx(1 / 3)
    assert survival_at(curve, 61) is None
    assert survival_at(kaplan_meier([30, 45], [True, True]), 90).survival == 0


def test_before_the_first_event_everybody_waits_and_no_band_is_known():
    before = survival_at(kaplan_meier([30, 45], [True, True]), 29)
    assert (before.survival, before.low, before.high) == (1.0, None, None)


def test_no_units_and_no_events_give_an_empty_curve():
    assert len(kaplan_meier([], []).times) == 0
    assert survival_at(kaplan_meier([], []), 1) is None
    nobody_yet = kaplan_meier([10, 20], [False, False])
    assert median_time(nobody_yet) == (None, None, None)
    assert survival_at(nobody_yet, 20).survival == 1


@pytest.mark.parametrize(
    ("durations", "observed"),
    [
        pytest.param([-1.0, 2.0], [True, True], id="ended before it began"),
        pytest.param([float("nan"), 2.0], [True, True], id="missing duration"),
        pytest.param([1.0, 2.0], [True], id="lengths differ"),
    ],
)
def test_impossible_durations_are_refused(durations, observed):
    with pytest.raises(ValueError, match="durations"):
        kaplan_meier(durations, observed)


@pytest.mark.parametrize("share", [0, 1])
def test_a_quantile_of_nobody_or_everybody_is_refused(share):
    with pytest.raises(ValueError, match="share"):
        quantile_time(kaplan_meier([1], [True]), share)


def test_the_median_band_covers_a_planted_median_under_censoring():
    rng = np.random.default_rng(20260131)
    planted, covered, naive_low = 60 * log(2), 0, 0
    for _ in range(300):
        waits, followed = rng.exponential(60, 120), rng.uniform(0, 180, 120)
        seen = waits <= followed
        median = median_time(kaplan_meier(np.minimum(waits, followed), seen))
        covered += median.low <= planted <= (median.high or np.inf)
        naive_low += np.median(waits[seen]) < planted
    assert 0.92 <= covered / 300 <= 0.98
    assert naive_low / 300 > 0.9
