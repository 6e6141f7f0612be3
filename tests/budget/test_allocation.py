"""The best split: exactness, bounds, what binds and what one more unit is worth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.budget.allocation import allocate
from core.budget.constraints import Wishes, constraints_of
from core.budget.plan import limits, plan_of
from core.budget.response import HillDraws, ResponseDraws, curves_of, prior_draws
from core.model.plays import load_plays
from tests.budget.worlds import frame_of, free, line_of, planted, random_world


def reference_margin(curves: ResponseDraws, low: np.ndarray, high: np.ndarray, total: float) -> float:
    """Best mean margin of concave curves by nested bisection on the exact marginal returns."""

    def demand(level: float) -> np.ndarray:
        least, most = low.copy(), high.copy()
        for _ in range(70):
            middle = (least + most) / 2
            earns = curves.marginal(middle) > level
            least, most = np.where(earns, middle, least), np.where(earns, most, middle)
        return least

    bottom, top = 1e-9, 1e9
    for _ in range(90):
        level = np.sqrt(bottom * top)
        bottom, top = (level, top) if demand(level).sum() > total else (bottom, level)
    more, less = demand(bottom), demand(top)
    gap = more.sum() - less.sum()
    return float(curves.expected(less + (more - less) * ((total - less.sum()) / gap if gap else 0.0)).sum())


def fine_grid_margin(curves: ResponseDraws, low: np.ndarray, high: np.ndarray, total: float, steps: int) -> float:
    """Best mean margin of any curves by plain dynamic programming, from the exact values at every step."""
    step = (total - low.sum()) / steps
    best = np.zeros(steps + 1)
    for row in range(len(curves.lines)):
        count = min(steps, int((high[row] - low[row]) / step))
        values = curves.only(row).expected((low[row] + step * np.arange(count + 1))[None, :])[0]
        reached = np.full(steps + 1, -np.inf)
        for taken, value in enumerate(values):
            np.maximum(reached[taken:], best[: steps + 1 - taken] + value, out=reached[taken:])
        best = reached
    return float(best[-1])


def margin_of(curves, allocation):
    return curves.expected(np.array([float(state.proposed_cents) for state in allocation.lines])).sum()


@pytest.mark.parametrize("cap", [0.2, 1.0])
@pytest.mark.parametrize("seed", range(3))
def test_concave_curves_are_split_exactly(seed, cap):
    curves = random_world(seed, (0.4, 1.0))
    constraints = free(curves, cap)
    best = reference_margin(curves, *limits(curves, constraints), constraints.total_cents)
    assert (best - margin_of(curves, allocate(curves, constraints))) / best <= 1e-6


def test_slow_starts_are_split_within_a_thousandth_in_twenty_worlds():
    gaps = []
    for seed in range(20):
        curves = random_world(seed, (1.3, 2.6), spread=0.15).half(0).half(0)
        constraints = free(curves, cap=1.0, total=int(0.7 * curves.current.sum()))
        best = fine_grid_margin(curves, *limits(curves, constraints), constraints.total_cents, steps=1_500)
        gaps.append((best - margin_of(curves, allocate(curves, constraints))) / best)
    assert max(gaps) <= 1e-3


def test_slow_starts_are_where_a_local_search_from_an_equal_split_fails():
    # Two lines that only pay when funded in full, money for one: an equal split is a local trap.
    curves = planted([100_00, 100_00], [1.0, 1.1], [1.0, 1.0], [4.0, 4.0])
    allocation = allocate(curves, free(curves, cap=1.0, total=100_00))
    assert [state.proposed_cents for state in allocation.lines] == [0, 100_00]
    assert margin_of(curves, allocation) > 3 * curves.expected(np.array([50_00.0, 50_00.0])).sum()


def test_money_goes_to_the_better_next_unit_not_to_the_better_average():
    # Published reallocation case: averages 2.5 and 5.0, next unit 3.5 and 0.6.
    curves = planted([100_000_00, 100_000_00], [2.5, 5.0], [(0.7 / 0.3) ** 0.5, 0.12 / 0.88], [2.0, 1.0])
    poor, rich = allocate(curves, free(curves)).lines
    assert (poor.average_return_now, rich.average_return_now) == pytest.approx((2.5, 5.0))
    assert (poor.marginal_now, rich.marginal_now) == pytest.approx((3.5, 0.6))
    assert (poor.proposed_cents, rich.proposed_cents) == (120_000_00, 80_000_00)


def test_published_marginal_return():
    # metrickittools.com, "Marginal ROAS": 10,000 more brings 18,000 more.
    curves = planted([50_000_00], [1.8], [1e7], [1.0])
    more = curves.expected(np.array([60_000_00.0])) - curves.expected(np.array([50_000_00.0]))
    assert more == pytest.approx(18_000_00, rel=1e-6)
    assert curves.marginal(np.array([50_000_00.0])) == pytest.approx(1.8, rel=1e-6)


def test_free_lines_end_at_one_marginal_return_which_is_the_worth_of_more_money():
    curves = planted([100_000_00] * 3, [1.0, 1.05, 0.95], [1.0, 1.0, 1.0], [0.8, 0.8, 0.8])
    allocation = allocate(curves, free(curves))
    assert {state.binding for state in allocation.lines} == {"none"}
    assert [state.marginal_then for state in allocation.lines] == pytest.approx([allocation.shadow_value] * 3, rel=1e-4)
    richer = allocate(curves, free(curves, total=301_000_00))
    gained = richer.expected_then_cents - allocation.expected_then_cents
    assert gained / 1_000_00 == pytest.approx(allocation.shadow_value, rel=1e-2)


def test_each_bound_that_binds_is_named_with_its_worth():
    lines = [
        line_of("star", 100_000_00),
        line_of("signed", 100_000_00, committed_cents=95_000_00),
        line_of("kept", 100_000_00),
        line_of("floored", 100_000_00),
        line_of("frozen", 100_000_00),
        line_of("middling", 300_000_00),
    ]
    shape = np.ones((6, 2))
    returns = np.array([3.0, 0.2, 0.3, 0.25, 1.0, 1.0])[:, None] * shape
    curves = curves_of(lines, HillDraws(returns, shape, 0.8 * shape), "model")
    wishes = Wishes(floors={"floored": 90_000_00}, locked=("frozen",))
    allocation = allocate(curves, constraints_of(lines, 0.2, None, wishes))
    found = {state.line: (state.binding, state.binding_side) for state in allocation.lines}
    assert found == {
        "star": ("cap", "high"),
        "signed": ("committed", "low"),
        "kept": ("cap", "low"),
        "floored": ("floor", "low"),
        "frozen": ("lock", "both"),
        "middling": ("none", None),
    }
    by_line = {state.line: state for state in allocation.lines}
    star, middling = by_line["star"], by_line["middling"]
    assert allocation.shadow_value == middling.marginal_then
    assert star.bound_value == pytest.approx(star.marginal_then - middling.marginal_then)
    assert by_line["signed"].bound_value == pytest.approx(middling.marginal_then - by_line["signed"].marginal_then)
    assert middling.bound_value is None


def test_no_room_anywhere_means_more_money_has_no_known_worth():
    curves = planted([100_00, 100_00], [1.0, 2.0], [1.0, 1.0], [0.8, 0.8])
    allocation = allocate(curves, free(curves, total=240_00))
    assert [state.proposed_cents for state in allocation.lines] == [120_00, 120_00]
    assert allocation.shadow_value is None


def test_a_line_never_spent_on_stays_at_nothing_and_says_why():
    frame = frame_of({"new": 0, "old": 100_00, "other": 100_00}, {"old": "events"})
    curves = prior_draws(frame, load_plays(), np.random.default_rng(1))
    new = allocate(curves, free(curves)).lines[0]
    assert (new.proposed_cents, new.binding, new.reason) == (0, "never spent", "never spent: no prior scale")
    assert (new.average_return_now, new.marginal_now, new.marginal_then, new.bound_value) == (None,) * 4


def test_equal_lines_are_left_as_they_are():
    curves = planted([100_00, 100_00], [1.0, 1.0], [1.0, 1.0], [0.8, 0.8])
    assert allocate(curves, free(curves)).proposed == {"line_0": 100_00, "line_1": 100_00}


def test_a_proposal_beyond_the_observed_range_is_marked():
    curves = planted([100_00, 100_00], [1.0, 3.0], [1.0, 1.0], [0.8, 0.8])
    lines = (
        line_of("line_0", 100_00, observed_low_cents=70_00, observed_high_cents=110_00),
        line_of("line_1", 100_00, observed_low_cents=90_00, observed_high_cents=110_00),
    )
    watched = ResponseDraws(lines, curves.ceiling, curves.half_at, curves.exponent, curves.evidence)
    assert [state.extrapolated for state in allocate(watched, free(watched)).lines] == [False, True]


def test_a_plan_by_hand_is_described_like_an_optimised_one():
    curves = planted([100_00, 100_00], [1.0, 3.0], [1.0, 1.0], [0.8, 0.8])
    plan = plan_of(curves, free(curves), {"line_1": 90_00, "line_0": 110_00})
    assert [state.proposed_cents for state in plan.lines] == [110_00, 90_00]
    assert plan.expected_then_cents < plan.expected_now_cents


def test_curves_and_constraints_of_different_lines_are_refused():
    curves = planted([100_00], [1.0], [1.0], [0.8])
    with pytest.raises(ValueError, match="constraints are about"):
        allocate(curves, constraints_of([line_of("z", 100_00)], 0.2))


@st.composite
def worlds(draw):
    count = draw(st.integers(1, 5))
    currents = draw(st.lists(st.integers(1, 10**9), min_size=count, max_size=count))
    returns = draw(st.lists(st.floats(0.01, 20), min_size=count, max_size=count))
    halves = draw(st.lists(st.floats(0.05, 20), min_size=count, max_size=count))
    top = draw(st.sampled_from([1.0, 3.0]))
    exponents = draw(st.lists(st.floats(0.3, top), min_size=count, max_size=count))
    curves = planted(currents, returns, halves, exponents, spread=0.3, draws=8)
    cap = draw(st.floats(0.0, 1.0))
    slack = sum(int(current * cap) for current in currents)
    total = sum(currents) + draw(st.integers(-slack, slack))
    return curves, cap, total


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_the_total_is_kept_to_the_cent_and_no_bound_is_broken(world):
    curves, cap, total = world
    allocation = allocate(curves, free(curves, cap, total))
    assert sum(allocation.proposed.values()) == allocation.total_cents == total
    assert all(state.low_cents <= state.proposed_cents <= state.high_cents for state in allocation.lines)


@settings(max_examples=40, deadline=None)
@given(worlds(), st.floats(0.0, 1.0))
def test_more_room_never_lowers_the_best_margin(world, extra):
    curves, cap, _ = world
    narrow, wide = allocate(curves, free(curves, cap)), allocate(curves, free(curves, min(1.0, cap + extra)))
    # Plans are whole cents: allow what moving one cent a line can be worth.
    cent = 1 + len(curves.lines) * max(curves.marginal(np.maximum(curves.current * (1 - min(1.0, cap + extra)), 1)))
    assert margin_of(curves, wide) >= margin_of(curves, narrow) * (1 - 1e-5) - cent


@settings(max_examples=40, deadline=None)
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_lines_does_not_matter(world, random):
    curves, cap, total = world
    order = list(range(len(curves.lines)))
    random.shuffle(order)
    turned = ResponseDraws(
        tuple(curves.lines[row] for row in order),
        curves.ceiling[order],
        curves.half_at[order],
        curves.exponent[order],
        curves.evidence,
    )
    straight, shuffled = allocate(curves, free(curves, cap, total)), allocate(turned, free(turned, cap, total))
    # Two plans of equal margin may differ where curves tie; the margin may not.
    cent = 1 + len(order) * max(curves.marginal(np.maximum(curves.current * (1 - cap), 1)))
    assert margin_of(turned, shuffled) == pytest.approx(margin_of(curves, straight), rel=1e-6, abs=cent)


@settings(max_examples=40, deadline=None)
@given(worlds())
def test_a_plan_under_todays_total_is_never_worse_than_today(world):
    curves, cap, _ = world
    allocation = allocate(curves, free(curves, cap))
    assert allocation.expected_then_cents >= allocation.expected_now_cents
