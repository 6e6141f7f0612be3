from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import RuleBroken
from core.maturity.priorities import Gap, gap, gap_priority, percent_to_target, progress, rank_gaps

SECURE_BUILD = {"current": [0.25, 0, 0, 1, 0, 0], "target": [1, 1, 0, 1, 0.5, 0]}


def practice(a1, b1, a2, b2, a3, b3):
    """SAMM practice: mean of the two streams, each the sum of its three activities."""
    return (a1 + a2 + a3 + b1 + b2 + b3) / 2


def missing(name="a", current=2, target=4, arr=100_000.0, status="supported", effort="small"):
    return Gap(name, current, target, arr, status, effort)


gaps = st.lists(
    st.builds(
        Gap,
        capability=st.sampled_from("abcdefgh"),
        current=st.integers(1, 5),
        target=st.integers(1, 5),
        arr_at_stake=st.none() | st.integers(0, 500_000).map(float),
        status=st.sampled_from(["supported", "stretch", "unsupported", "under_claimed", "not_testable"]),
        effort=st.sampled_from(["small", "medium", "large"]),
    ),
    max_size=8,
    unique_by=lambda entry: entry.capability,
)


def test_published_samm_secure_build():
    """owaspsamm.org, percent to target and progress to date: 36 % and 55 %."""
    assert percent_to_target(SECURE_BUILD["current"], SECURE_BUILD["target"]) == pytest.approx(0.357, abs=5e-4)
    now = progress(current=1.25, baseline=0.625, target=1.75)
    assert now == pytest.approx(0.55, abs=0.01)


def test_published_samm_practice_with_an_activity_that_does_not_apply():
    """owaspsamm.org, the not-applicable question: baseline 0.5, target 2.0, half way at 1.25."""
    baseline = practice(0.5, 0.25, 0, 0.25, 0, 0)
    target = practice(1, 1, 0.5, 1, 0.5, 0)
    assert (baseline, target) == (0.5, 2.0)
    assert progress(current=1.25, baseline=baseline, target=target) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("currents", "targets", "expected"),
    [
        pytest.param([3, 4], [3, 4], 1.0, id="all there"),
        pytest.param([5, 1], [3, 3], 1 - 2 / 6, id="overshoot earns nothing elsewhere"),
        pytest.param([1, 1], [1, 4], 1 - 3 / 5, id="one does not apply"),
        pytest.param([0, 0], [0, 0], None, id="nothing aimed for"),
        pytest.param([], [], None, id="no items"),
    ],
)
def test_percent_to_target(currents, targets, expected):
    assert percent_to_target(currents, targets) == (expected if expected is None else pytest.approx(expected))


def test_every_level_needs_its_target():
    with pytest.raises(RuleBroken, match="2 levels stand beside 1 targets"):
        percent_to_target([1, 2], [3])


@pytest.mark.parametrize(
    ("current", "baseline", "target", "expected"),
    [
        pytest.param(2, 2, 4, 0.0, id="at the start"),
        pytest.param(3, 2, 4, 0.5, id="half way"),
        pytest.param(5, 2, 4, 1.5, id="beyond"),
        pytest.param(1, 2, 4, -0.5, id="a step back"),
        pytest.param(3, 3, 3, None, id="no way to go"),
    ],
)
def test_progress(current, baseline, target, expected):
    assert progress(current=current, baseline=baseline, target=target) == expected


def test_gap_is_never_negative():
    assert (gap(4, 2), gap(2, 4)) == (2, 0)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        pytest.param(missing(), 200_000, id="two levels, small, supported"),
        pytest.param(missing(status="stretch", effort="medium"), 70_000, id="stretch halves over medium effort"),
        pytest.param(missing(status="unsupported", effort="large"), 20_000, id="unsupported and large"),
        pytest.param(missing(status="not_testable"), 100_000, id="not testable"),
        pytest.param(missing(status="under_claimed"), 100_000, id="under-claimed"),
        pytest.param(missing(current=5), 0, id="nothing missing"),
        pytest.param(missing(arr=None), None, id="money not worked out"),
    ],
)
def test_gap_priority(rules, entry, expected):
    assert gap_priority(entry, rules) == (expected if expected is None else pytest.approx(expected))


def test_ranking_breaks_ties_by_the_lower_level_and_puts_the_unknown_last(rules):
    ranked = rank_gaps(
        [
            missing("unknown", arr=None, current=1),
            missing("high", current=3, target=5),
            missing("low", current=1, target=3),
            missing("done", current=4),
            missing("first", arr=500_000.0),
        ],
        rules,
    )
    assert [(entry.rank, entry.gap.capability, entry.levels) for entry in ranked] == [
        (1, "first", 2),
        (2, "low", 2),
        (3, "high", 2),
        (4, "unknown", 3),
    ]
    assert [entry.on_roadmap for entry in ranked] == [True, True, True, False]


@given(entries=gaps, data=st.data())
def test_the_order_does_not_depend_on_the_order_given(rules, entries, data):
    assert rank_gaps(data.draw(st.permutations(entries)), rules) == rank_gaps(entries, rules)


@given(entries=gaps)
def test_priorities_fall_along_the_ranks(rules, entries):
    ranked = rank_gaps(entries, rules)
    known = [entry.priority for entry in ranked if entry.priority is not None]
    assert known == sorted(known, reverse=True)
    assert all(entry.priority is None for entry in ranked[len(known) :])
    assert sum(entry.on_roadmap for entry in ranked) == min(3, len(ranked))
    assert {entry.gap.capability for entry in ranked} == {e.capability for e in entries if e.target > e.current}


@given(entry=st.builds(missing, arr=st.floats(1, 1e7), current=st.integers(1, 3)))
def test_more_money_and_better_evidence_never_lower_a_priority(rules, entry):
    more = gap_priority(replace(entry, arr_at_stake=(entry.arr_at_stake or 0) * 2), rules)
    weaker = gap_priority(replace(entry, status="stretch"), rules)
    plain = gap_priority(entry, rules)
    assert more >= plain >= weaker
