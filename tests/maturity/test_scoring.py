import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import RuleBroken
from core.maturity.scoring import (
    Rating,
    capability_level,
    consensus,
    decimal_level,
    level_reached,
    matrix_summary,
    whole_level,
)

WORDS = ("no", "some", "half", "most")
NURTURE = "nurture_to_advocacy"
ratings = st.lists(st.builds(Rating, level=st.integers(1, 5), is_owner=st.booleans()), max_size=9)


def raters(*levels, owner=None):
    return [Rating(level) for level in levels] + ([Rating(owner, is_owner=True)] if owner else [])


@pytest.mark.parametrize(
    ("complete_up_to", "ahead", "level", "decimal"),
    [
        pytest.param(1, "no", 1, 1.0, id="nothing answered yes"),
        pytest.param(1, "some", 1, 1.25, id="some of level 2 is not level 2"),
        pytest.param(1, "half", 2, 2.0, id="half of level 2 is level 2"),
        pytest.param(2, "some", 2, 2.25, id="level 2 complete, some of level 3"),
        pytest.param(3, "half", 4, 4.0, id="half of level 4 on complete lower levels"),
        pytest.param(4, "no", 4, 4.0, id="nothing of level 5"),
        pytest.param(5, "no", 5, 5.0, id="everything"),
    ],
)
def test_level_and_decimal(milestone_mapping, rules, answer_up_to, complete_up_to, ahead, level, decimal):
    answers = answer_up_to(milestone_mapping, complete_up_to, ahead)
    assert level_reached(answers, milestone_mapping, rules) == level
    assert decimal_level(answers, milestone_mapping, rules) == pytest.approx(decimal)


def test_a_level_above_an_incomplete_one_is_not_reached(milestone_mapping, rules, answer_up_to):
    answers = answer_up_to(milestone_mapping, 4)
    answers[milestone_mapping.criteria_of(2)[0].id] = "half"
    assert level_reached(answers, milestone_mapping, rules) == 2


def test_one_weak_criterion_holds_its_level_back(milestone_mapping, rules, answer_up_to):
    answers = answer_up_to(milestone_mapping, 3)
    answers[milestone_mapping.criteria_of(3)[0].id] = "some"
    assert level_reached(answers, milestone_mapping, rules) == 2
    assert decimal_level(answers, milestone_mapping, rules) == pytest.approx(2 + 2.25 / 3)


def test_the_decimal_never_reads_as_the_next_level(milestone_mapping, rules, answer_up_to):
    answers = answer_up_to(milestone_mapping, 3)
    answers[milestone_mapping.criteria_of(2)[0].id] = "half"
    assert decimal_level(answers, milestone_mapping, rules) == pytest.approx(2.9)


def test_unknown_answers_and_criteria_are_named_together(milestone_mapping, rules):
    criterion = milestone_mapping.criteria_of(2)[0].id
    with pytest.raises(RuleBroken, match=rf'"wish" is no criterion.*"maybe" is no answer to {criterion}'):
        level_reached({"wish": "most", criterion: "maybe"}, milestone_mapping, rules)


@given(data=st.data())
def test_a_better_answer_never_lowers_a_level(capabilities, rules, data):
    capability = data.draw(st.sampled_from(list(capabilities.values())))
    # Mostly "most", so that high levels are drawn too.
    answer = st.sampled_from(("most", "most", "most", "most", "half", "some", "no"))
    answers = data.draw(st.fixed_dictionaries({c.id: answer for c in capability.criteria}))
    improved = data.draw(st.sampled_from(sorted(answers)))
    better = data.draw(st.sampled_from(WORDS[WORDS.index(answers[improved]) :]))
    after = answers | {improved: better}
    assert level_reached(after, capability, rules) >= level_reached(answers, capability, rules)
    assert decimal_level(after, capability, rules) >= decimal_level(answers, capability, rules)


@given(data=st.data())
def test_an_unanswered_criterion_counts_as_no(capabilities, rules, data):
    capability = data.draw(st.sampled_from(list(capabilities.values())))
    answers = data.draw(st.fixed_dictionaries({c.id: st.sampled_from(("no", "most")) for c in capability.criteria}))
    given_only = {key: answer for key, answer in answers.items() if answer != "no"}
    assert level_reached(given_only, capability, rules) == level_reached(answers, capability, rules)


@pytest.mark.parametrize(
    ("levels", "median", "whole"),
    [
        pytest.param([2, 3, 3], 3.0, 3, id="odd"),
        pytest.param([2, 2, 3, 4], 2.5, 2, id="a half level is not reached"),
        pytest.param([1, 1, 5], 1.0, 1, id="one enthusiast does not move it"),
    ],
)
def test_capability_level_is_the_median(levels, median, whole):
    assert capability_level(levels) == median
    assert whole_level(median) == whole


def test_capability_level_without_respondents():
    assert capability_level([]) is None


@pytest.mark.parametrize(
    ("group", "agreed", "expected"),
    [
        pytest.param(
            raters(3, 3, owner=3), None, {"reached": True, "wide": False, "owner_above": False}, id="one view"
        ),
        pytest.param(
            raters(3, 3, owner=4), None, {"reached": True, "wide": False, "owner_above": True}, id="owner one above"
        ),
        pytest.param(raters(3, 4, owner=4), None, {"owner_above": False, "wide": False}, id="owner half a level above"),
        pytest.param(
            raters(2, 3, owner=4), None, {"range": 2, "wide": True, "iqr": 1.0, "reached": True}, id="range of two"
        ),
        pytest.param(raters(1, 1, 4, 4), None, {"share_near": 0.0, "iqr": 3.0, "reached": False}, id="two camps"),
        pytest.param(
            raters(1, 3, 3, 3), None, {"share_near": 0.75, "iqr": 0.5, "reached": True}, id="three in four is enough"
        ),
        pytest.param(
            raters(3, 3, 3), 5, {"share_near": 0.0, "reached": False}, id="agreed level far from what was said"
        ),
        pytest.param(raters(3, owner=3), None, {"too_few": True, "reached": False}, id="two respondents"),
        pytest.param(raters(2, 2, 2), None, {"too_few": False, "owner_above": False}, id="three, none the owner"),
        pytest.param([], None, {"median": None, "range": None, "too_few": True, "reached": False}, id="nobody"),
    ],
)
def test_consensus(rules, group, agreed, expected):
    result = consensus(group, rules, agreed)
    assert {key: getattr(result, key) for key in expected} == expected
    assert result.discuss == (result.wide or result.owner_above)


@given(group=ratings, data=st.data())
def test_permuting_respondents_changes_nothing(rules, group, data):
    shuffled = data.draw(st.permutations(group))
    assert consensus(shuffled, rules) == consensus(group, rules)
    assert capability_level([r.level for r in shuffled]) == capability_level([r.level for r in group])


def test_a_mean_stands_with_its_minimum(capabilities, rules):
    levels = {"milestone_mapping": 1, "advocacy_activation": 4, "sales_integration": 4}
    summary = matrix_summary(levels, NURTURE, capabilities, rules)
    assert (summary.mean, summary.minimum, summary.below) == (3.0, 1, 1)
    assert summary.lowest == ("milestone_mapping",)
    assert summary.unrated == ("community_programmes", "attribution_finance_tie_out", "executive_reporting")


def test_a_matrix_without_ratings_has_no_mean(capabilities, rules):
    summary = matrix_summary({}, NURTURE, capabilities, rules)
    assert (summary.mean, summary.minimum, summary.lowest, len(summary.unrated)) == (None, None, (), 6)


def test_matrices_are_never_averaged_together(capabilities, rules):
    with pytest.raises(RuleBroken, match=r"onboarding_nurture.*within one matrix"):
        matrix_summary({"milestone_mapping": 3, "onboarding_nurture": 2}, NURTURE, capabilities, rules)


def test_published_samm_benchmark_mean(capabilities, rules):
    """OWASP SAMM benchmark report: five functions average 1.44 (1.448 from the rounded parts)."""
    scores = dict(zip(list(capabilities)[:5], (1.81, 1.5, 1.46, 1.35, 1.12), strict=True))
    summary = matrix_summary(scores, NURTURE, capabilities, rules)
    assert summary.mean == pytest.approx(1.44, abs=0.011)
    assert summary.minimum == 1.12
