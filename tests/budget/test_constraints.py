"""What a plan may do, and what is said about one that does not."""

from __future__ import annotations

import pytest

from core.budget.constraints import Wishes, check_plan, constraints_of
from core.errors import InputProblems
from tests.budget.worlds import line_of


def bound_of(current=100_00, committed=0, cap=0.2, **wishes):
    named = {key: {"a": value} for key, value in wishes.items() if key != "locked"}
    wanted = Wishes(**named, locked=("a",) if wishes.get("locked") else ())
    lines = [line_of("a", current, committed_cents=committed), line_of("rest", 1_000_00)]
    return constraints_of(lines, cap, None, wanted).bounds[0]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({}, (80_00, 120_00, "cap", "cap"), id="cap alone"),
        pytest.param({"current": 55}, (44, 66, "cap", "cap"), id="no cent lost to binary fractions"),
        pytest.param({"cap": 0.0}, (100_00, 100_00, "cap", "cap"), id="cap of nothing"),
        pytest.param({"floors": 90_00}, (90_00, 120_00, "floor", "cap"), id="floor"),
        pytest.param({"floors": 10_00}, (80_00, 120_00, "cap", "cap"), id="floor below the cap's range"),
        pytest.param({"ceilings": 110_00}, (80_00, 110_00, "cap", "ceiling"), id="ceiling"),
        pytest.param({"committed": 95_00}, (95_00, 120_00, "committed", "cap"), id="committed"),
        pytest.param({"committed": 150_00}, (150_00, 150_00, "committed", "committed"), id="signed beyond the cap"),
        pytest.param({"locked": True}, (100_00, 100_00, "lock", "lock"), id="lock"),
        pytest.param(
            {"locked": True, "committed": 110_00}, (110_00, 110_00, "committed", "committed"), id="signed beats lock"
        ),
        pytest.param({"current": 0}, (0, 0, "never spent", "never spent"), id="never spent"),
    ],
)
def test_bounds_of_a_line(given, expected):
    bound = bound_of(**given)
    assert (bound.low_cents, bound.high_cents, bound.low_reason, bound.high_reason) == expected


@pytest.mark.parametrize(
    ("wishes", "total", "message"),
    [
        pytest.param(
            Wishes(floors={"a": 130_00}), None, "A: at least 130 .floor. and at most 120 .cap.", id="floor above cap"
        ),
        pytest.param(
            Wishes(ceilings={"a": 50_00}), None, "at least 80 .cap. and at most 50 .ceiling.", id="ceiling below cap"
        ),
        pytest.param(Wishes(locked=("z",)), None, '"z" has a floor, ceiling or lock but is no line', id="unknown line"),
        pytest.param(Wishes(), 500_00, "allow 160 to 240 together, found 500. Raise ceilings", id="total too large"),
        pytest.param(Wishes(), 100_00, "allow 160 to 240 together, found 100. Lower floors", id="total too small"),
    ],
)
def test_impossible_constraints_say_what_to_do(wishes, total, message):
    with pytest.raises(InputProblems, match=message):
        constraints_of([line_of("a", 100_00, label="A"), line_of("b", 100_00, label="B")], 0.2, total, wishes)


CURRENT = {"a": 100_00, "b": 100_00, "signed": 50_00, "new": 0}


def problems_of(**changes):
    lines = [
        line_of("a", 100_00, label="Paid social"),
        line_of("b", 100_00, label="Education"),
        line_of("signed", 50_00, label="Events", committed_cents=49_00),
        line_of("new", 0, label="Podcast"),
    ]
    proposed = {line: cents for line, cents in (CURRENT | changes).items() if cents is not None}
    return check_plan(CURRENT, proposed, constraints_of(lines, 0.2))


def test_a_plan_that_keeps_everything_has_no_problem():
    assert problems_of(a=80_00, b=120_00) == []


@pytest.mark.parametrize(
    ("changes", "rules", "words"),
    [
        pytest.param(
            {"a": 70_00, "b": 130_00},
            ["cap", "cap"],
            "Paid social: allowed 80 (cap) to 120 (cap) a year, today 100, found 70. Stay",
            id="beyond the cap",
        ),
        pytest.param({"a": 101_00}, ["total"], "Total: expected 250, found 251; take 1 away.", id="a unit too much"),
        pytest.param(
            {"a": 99_99}, ["total"], "Total: expected 250, found 249.99; give 0.01 more.", id="a cent too little"
        ),
        pytest.param({"signed": 48_00, "a": 102_00}, ["committed"], "this money is signed", id="committed money moved"),
        pytest.param(
            {"new": 10_00, "a": 90_00},
            ["never spent"],
            "allowed 0 only (never spent), found 10. Leave it at 0",
            id="never spent",
        ),
        pytest.param(
            {"a": None, "b": 120_00, "signed": 59_00}, ["missing line", "total"], "found nothing", id="a line left out"
        ),
        pytest.param(
            {"ghost": 10_00, "a": 90_00}, ["unknown line"], '"ghost" is no line', id="a line that is not there"
        ),
    ],
)
def test_a_wrong_plan_is_explained_line_by_line(changes, rules, words):
    problems = problems_of(**changes)
    assert [problem.rule for problem in problems] == rules
    assert words in " ".join(str(problem) for problem in problems)


def test_a_plan_made_on_old_figures_is_refused():
    constraints = constraints_of([line_of("a", 100_00), line_of("b", 100_00)], 0.2)
    (problem,) = check_plan({"a": 90_00, "b": 100_00}, {"a": 100_00, "b": 100_00}, constraints)
    assert problem.rule == "stale" and "today it is 100" in problem.message
