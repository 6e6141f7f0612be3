from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import RuleBroken
from core.maturity.assess import assess
from core.maturity.evidence import (
    LevelEvidence,
    Measure,
    MeasureState,
    Outcome,
    Support,
    evaluate_rules,
    evidence_status,
    reported_level,
    supported_level,
    window_key,
)
from core.model.capabilities import Condition

COVERAGE = "cov_event_started_sends"
HOLDS, FAILS, UNTESTABLE = Outcome.HOLDS, Outcome.FAILS, Outcome.UNTESTABLE


def coverage(value, months=12):
    return Measure(value, None, None, n=400, months_measured=months)


def days(value, *, high=None, target=30.0, baseline=40.0, n=100, months=12, state=MeasureState.OK):
    return Measure(value, value - 5, high or value + 5, n, months, state, target=target, baseline=baseline)


def adoption(value=0.6, *, low=0.55, target=0.5, baseline=0.5):
    return Measure(value, low, 0.65, 100, 12, target=target, baseline=baseline)


def measures(share=0.95, **changed):
    return {COVERAGE: coverage(share), "time_to_first_value": days(25), "feature_adoption_rate": adoption()} | changed


def outcomes(capability, figures):
    return [level.outcome for level in evaluate_rules(capability, figures)]


def levels(*given_outcomes):
    return [LevelEvidence(level, outcome, ()) for level, outcome in enumerate(given_outcomes, start=2)]


@pytest.mark.parametrize(
    ("figures", "expected", "level"),
    [
        pytest.param(measures(), [HOLDS] * 4, 5, id="everything measured and good"),
        pytest.param(measures(0.6), [HOLDS, HOLDS, FAILS, FAILS], 3, id="coverage of 60 %"),
        pytest.param(measures(0.05), [FAILS] * 4, 1, id="hardly ever done: a good outcome is not because of this"),
        pytest.param(measures(time_to_first_value=days(33)), [HOLDS, HOLDS, FAILS, HOLDS], 3, id="misses its target"),
        pytest.param(
            measures(time_to_first_value=days(25, high=41)),
            [HOLDS, HOLDS, HOLDS, FAILS],
            4,
            id="interval past last year",
        ),
        pytest.param(
            measures(time_to_first_value=days(25, n=45)), [HOLDS, HOLDS, HOLDS, UNTESTABLE], 4, id="45 of 60 cases"
        ),
        pytest.param(
            measures(time_to_first_value=days(25, target=None)), [HOLDS, HOLDS, UNTESTABLE, HOLDS], 3, id="no target"
        ),
        pytest.param(
            measures(time_to_first_value=days(25, months=2)),
            [HOLDS, FAILS, UNTESTABLE, UNTESTABLE],
            2,
            id="computed in two months of three",
        ),
        pytest.param(
            measures(time_to_first_value=days(25, state=MeasureState.WIDE)),
            [HOLDS, HOLDS, UNTESTABLE, HOLDS],
            3,
            id="a wide figure is judged by its bound only",
        ),
        pytest.param(
            measures(time_to_first_value=days(25, state=MeasureState.IMPLAUSIBLE)),
            [HOLDS, HOLDS, UNTESTABLE, UNTESTABLE],
            3,
            id="an implausible figure proves nothing",
        ),
        pytest.param({}, [UNTESTABLE] * 4, 1, id="nothing measured"),
    ],
)
def test_rules_of_milestone_mapping(milestone_mapping, figures, expected, level):
    evidence = evaluate_rules(milestone_mapping, figures)
    assert [each.outcome for each in evidence] == expected
    assert supported_level(evidence).level == level


@pytest.mark.parametrize(
    ("low", "expected"),
    [pytest.param(0.5, HOLDS, id="bound on the threshold"), pytest.param(0.499, FAILS, id="bound just below")],
)
def test_the_lower_bound_is_compared_where_the_rule_says_so(milestone_mapping, low, expected):
    figures = measures(feature_adoption_rate=adoption(0.6, low=low, baseline=0.5))
    assert evaluate_rules(milestone_mapping, figures)[-1].outcome is expected


def test_a_failure_outweighs_what_cannot_be_tested(milestone_mapping):
    figures = measures(0.6)
    del figures["time_to_first_value"]
    assert outcomes(milestone_mapping, figures) == [HOLDS, UNTESTABLE, FAILS, FAILS]


def test_a_figure_of_the_window_wins_over_the_plain_one(milestone_mapping):
    figures = measures(0.95) | {window_key(COVERAGE, 6): coverage(0.7)}
    assert outcomes(milestone_mapping, figures) == [HOLDS, HOLDS, HOLDS, FAILS]


def window(*figures):
    """A coverage that was measured month by month, newest first."""
    return replace(figures[0], months_measured=len(figures), window=figures)


@pytest.mark.parametrize(
    ("figures", "outcome", "compared"),
    [
        pytest.param([(0.5, 0.3, 80), (0.4, 0.35, 80), (0.6, 0.4, 80)], HOLDS, 0.3, id="the nearest end, not value"),
        pytest.param([(0.5, 0.1, 80), (0.4, 0.35, 80), (0.6, 0.4, 80)], FAILS, 0.1, id="newest fails, second smaller"),
        pytest.param([(0.5, 0.1, 80), (0.2, -0.4, 50), (0.6, 0.4, 80)], FAILS, 0.1, id="a thin month hides no failure"),
        pytest.param([(0.5, 0.3, 80), (0.4, 0.35, 50), (0.6, 0.4, 80)], UNTESTABLE, 0.35, id="one month too thin"),
        pytest.param([(0.5, 0.3, 80), (0.4, 0.35, 80)], UNTESTABLE, 0.3, id="a month short"),
        pytest.param([(0.5, 0.3, 80), (0.4, 0.1, 80)], FAILS, 0.1, id="a month short and one failed"),
    ],
)
def test_every_month_of_a_window_is_judged_on_what_the_rule_compares(milestone_mapping, figures, outcome, compared):
    asked = Condition(COVERAGE, ">=", months=3, value=0.2, use="lower", min_n=60)
    level = replace(milestone_mapping.levels[1], evidence=(asked,))
    capability = replace(milestone_mapping, levels=(milestone_mapping.levels[0], level))
    months = [Measure(value, low, value + 0.1, n, 1) for value, low, n in figures]
    found = evaluate_rules(capability, {COVERAGE: window(*months)})[0]
    assert (found.outcome, found.conditions[0].compared) == (outcome, compared)


@given(per_mille=st.lists(st.integers(0, 1_000), min_size=3, max_size=3))
def test_a_window_holds_where_each_of_its_months_would(milestone_mapping, per_mille):
    values = [each / 1_000 for each in per_mille]
    months = [Measure(value, None, None, 80, 1) for value in values]
    rule = evaluate_rules(milestone_mapping, {COVERAGE: window(*months)})[2].conditions[0]
    assert rule.condition.months == 3
    assert (rule.outcome is HOLDS) == all(value >= rule.condition.value for value in values)
    assert rule.compared == min(values)


def test_untestable_rules_name_the_table_that_would_unlock_them(milestone_mapping):
    figures = measures()
    del figures["feature_adoption_rate"]
    evidence = evaluate_rules(milestone_mapping, figures, needs={"feature_adoption_rate": ("feature_usage",)})
    support = supported_level(evidence)
    assert (support.level, support.testable) == (2, True)
    assert support.stopped is not None and support.stopped.level == 3
    assert support.unlocked_by == ("feature_usage",)


def test_the_coverage_measure_knows_its_tables(milestone_mapping):
    assert supported_level(evaluate_rules(milestone_mapping, {})).unlocked_by == ("interactions",)


def test_a_missing_figure_names_its_own_table_first(milestone_mapping):
    missing = Measure(None, None, None, 0, 0, MeasureState.MISSING, unlocked_by=("usage",))
    support = supported_level(evaluate_rules(milestone_mapping, measures(time_to_first_value=missing)))
    assert support.unlocked_by == ("usage",)


def test_a_failed_rule_is_unlocked_by_no_table(milestone_mapping):
    figures = measures(0.6)
    assert supported_level(evaluate_rules(milestone_mapping, figures)).unlocked_by == ()


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.9, FAILS), (1.0, HOLDS), (6.0, HOLDS), (6.1, FAILS)],
)
def test_a_range_includes_both_ends(milestone_mapping, value, expected):
    inside = Condition(metric="touches", op="between", months=1, value=1, most=6)
    level = replace(milestone_mapping.levels[1], evidence=(inside,))
    capability = replace(milestone_mapping, levels=(level,))
    assert outcomes(capability, {"touches": Measure(value, None, None, 50, 1)}) == [expected]


@pytest.mark.parametrize(
    ("given_outcomes", "level", "testable", "stopped"),
    [
        pytest.param((HOLDS, HOLDS, HOLDS, HOLDS), 5, True, None, id="all hold"),
        pytest.param((HOLDS, FAILS, HOLDS, HOLDS), 2, True, 3, id="a higher pass does not count"),
        pytest.param((HOLDS, UNTESTABLE, HOLDS, HOLDS), 2, True, 3, id="stops below the untestable"),
        pytest.param((FAILS, HOLDS, HOLDS, HOLDS), 1, True, 2, id="none from below"),
        pytest.param((UNTESTABLE,) * 4, 1, False, 2, id="nothing testable"),
    ],
)
def test_supported_level(given_outcomes, level, testable, stopped):
    support = supported_level(levels(*given_outcomes))
    assert (support.level, support.testable) == (level, testable)
    assert (support.stopped.level if support.stopped else None) == stopped


@pytest.mark.parametrize(
    ("claimed", "measured", "testable", "status", "reported"),
    [
        pytest.param(4, 2, True, "unsupported", 3, id="claims 4 on 2"),
        pytest.param(5, 5, True, "supported", 5, id="5 with its rule"),
        pytest.param(5, 4, True, "stretch", 4, id="5 on the rule of 4"),
        pytest.param(4, 3, True, "stretch", 3, id="4 on 3"),
        pytest.param(5, 1, True, "unsupported", 3, id="5 on nothing"),
        pytest.param(5, 1, False, "not_testable", 3, id="5, nothing testable"),
        pytest.param(3, 1, True, "unsupported", 3, id="3 needs no evidence, the status tells"),
        pytest.param(2, 4, True, "under_claimed", 2, id="a low claim is not raised"),
        pytest.param(1, 1, True, "supported", 1, id="1 needs nothing"),
    ],
)
def test_status_and_reported_level(rules, claimed, measured, testable, status, reported):
    assert evidence_status(claimed, Support(measured, testable, None), rules) == status
    assert reported_level(claimed, measured, status, rules) == reported


@given(
    claimed=st.integers(1, 5),
    given_outcomes=st.lists(st.sampled_from(list(Outcome)), min_size=4, max_size=4),
)
def test_levels_4_and_5_are_never_reported_without_a_passing_rule(rules, claimed, given_outcomes):
    support = supported_level(levels(*given_outcomes))
    status = evidence_status(claimed, support, rules)
    reported = reported_level(claimed, support.level, status, rules)
    assert reported <= claimed
    if reported >= 4:
        assert all(outcome is HOLDS for outcome in given_outcomes[: reported - 1])
    if claimed <= 3:
        assert reported == claimed


@given(
    share=st.floats(0, 1),
    more=st.floats(0, 1),
    value=st.floats(5, 60),
    n=st.integers(0, 200),
)
def test_more_coverage_never_lowers_the_supported_level(milestone_mapping, share, more, value, n):
    figures = measures(share, time_to_first_value=days(value, n=n))
    before = supported_level(evaluate_rules(milestone_mapping, figures)).level
    figures[COVERAGE] = coverage(max(share, more))
    assert supported_level(evaluate_rules(milestone_mapping, figures)).level >= before


def test_assess_puts_claim_measurement_and_target_side_by_side(milestone_mapping, rules):
    row = assess(milestone_mapping, 4, evaluate_rules(milestone_mapping, measures(0.6)), rules, target=5)
    assert (row.code, row.claimed, row.support.level, row.status, row.reported) == ("A1", 4, 3, "stretch", 3)
    assert (row.target, row.gap) == (5, 2)
    assert assess(milestone_mapping, 4, row.evidence, rules, target=4).gap == 1
    assert assess(milestone_mapping, 3, row.evidence, rules, target=3).gap == 0


def test_what_does_not_apply_keeps_its_row_at_1_with_target_1(milestone_mapping, rules):
    row = assess(milestone_mapping, 4, (), rules, target=5, not_applicable="one product, no tiers")
    assert (row.claimed, row.target, row.gap, row.reported) == (1, 1, 0, 1)
    assert row.not_applicable == "one product, no tiers"


@pytest.mark.parametrize(("claimed", "target", "word"), [(0, 3, "level"), (3, 6, "target")])
def test_levels_outside_the_scale_are_refused(milestone_mapping, rules, claimed, target, word):
    with pytest.raises(RuleBroken, match=rf"Milestone mapping: a {word} is a whole number"):
        assess(milestone_mapping, claimed, (), rules, target=target)
