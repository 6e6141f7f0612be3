"""What a move promises, and that an optimised plan promises no more than it keeps."""

from __future__ import annotations

import numpy as np
import pytest

from core.budget.allocation import allocate
from core.budget.effect import effect_of_allocation, effect_of_move
from core.budget.plan import spend_of
from core.budget.response import HillDraws, prior_draws
from core.model.plays import load_plays
from tests.budget.worlds import frame_of, free, planted, play_with


def gain_draws(curves, plan):
    then = spend_of(curves, plan)
    return (curves.margin_draws(then) - curves.margin_draws(curves.current)).sum(axis=0)


def test_effect_of_a_known_move_by_hand():
    # Exponent 1, half of the ceiling at today's 100: margin(s) = return * 200 * s / (s + 100).
    curves = planted([100_00, 100_00], [1.0, 2.0], [1.0, 1.0], [1.0, 1.0])
    effect = effect_of_move(curves, {"line_0": 100_00, "line_1": 100_00}, {"line_0": 80_00, "line_1": 120_00})
    gain = 2 * 200_00 * 120 / 220 + 200_00 * 80 / 180 - 300_00
    assert effect.gain.expected_cents == round(gain)
    assert effect.halved.expected_cents == pytest.approx(gain / 2, abs=1)
    assert (effect.moved_cents, effect.spend_change_cents, effect.optimism_cents) == (20_00, 0, 0)
    assert (effect.probability_better, effect.label) == (1.0, "better than today")


def test_money_added_must_earn_itself_back():
    curves = planted([100_00], [0.5], [1.0], [1.0])
    effect = effect_of_move(curves, {"line_0": 100_00}, {"line_0": 120_00})
    assert effect.spend_change_cents == 20_00
    assert effect.gain.expected_cents == round(0.5 * 200_00 * 120 / 220 - 50_00 - 20_00)
    assert effect.label == "worse than today"


def test_doing_nothing_changes_nothing():
    curves = planted([100_00, 100_00], [1.0, 2.0], [1.0, 1.0], [1.0, 1.0], spread=0.5)
    same = {"line_0": 100_00, "line_1": 100_00}
    effect = effect_of_move(curves, same, same)
    assert (effect.gain.expected_cents, effect.gain.outer_low_cents, effect.gain.outer_high_cents) == (0, 0, 0)
    assert (effect.probability_better, effect.label, effect.evidence) == (None, "no change", None)
    assert (effect.first_effect_months, effect.last_effect_months) == (None, None)


def test_an_interval_that_holds_nothing_is_not_called_a_gain():
    curves = planted([100_00, 100_00], [1.0, 1.1], [1.0, 1.0], [0.8, 0.8], spread=0.8)
    effect = effect_of_move(curves, {"line_0": 100_00, "line_1": 100_00}, {"line_0": 80_00, "line_1": 120_00})
    assert effect.gain.outer_low_cents < 0 < effect.gain.outer_high_cents
    assert effect.label == "not distinguishable from no change"
    assert (
        effect.gain.outer_low_cents
        < effect.gain.inner_low_cents
        < effect.gain.inner_high_cents
        < effect.gain.outer_high_cents
    )
    assert 0 < effect.probability_better < 1


def test_evidence_and_lag_are_those_of_the_lines_that_move():
    frame = frame_of(
        {"a": 100_00, "b": 100_00, "c": 100_00}, {"a": "paid_search", "b": "partner_programme", "c": "events"}
    )
    curves = prior_draws(frame, load_plays(), np.random.default_rng(1))
    ones = np.ones((1, 400))
    curves = curves.replaced("a", HillDraws(ones, ones, 0.8 * ones), "experiment")
    current = {"a": 100_00, "b": 100_00, "c": 100_00}
    effect = effect_of_move(curves, current, {"a": 90_00, "b": 110_00, "c": 100_00})
    assert (effect.evidence, effect.first_effect_months, effect.last_effect_months) == ("opinion", 2, 6)
    assert effect.extrapolated == ()
    assert effect_of_move(curves, current, {"a": 85_00, "b": 115_00, "c": 100_00}).extrapolated == ("b",)


def test_an_optimum_without_a_move_promises_nothing():
    curves = planted([100_00, 100_00], [1.0, 1.0], [1.0, 1.0], [0.8, 0.8])
    constraints = free(curves)
    effect = effect_of_allocation(curves, constraints, allocate(curves, constraints))
    assert (effect.label, effect.gain.expected_cents) == ("no change", 0)


def test_lines_known_to_differ_in_nothing_promise_no_gain_where_the_naive_promise_is_one():
    # Ten lines, one belief, few unstratified draws: every difference between them is chance.
    naive, honest = [], []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        curves = planted([100_000_00] * 10, [1.0] * 10, [1.0] * 10, [0.8] * 10, spread=0.6, rng=rng, draws=20)
        constraints = free(curves)
        allocation = allocate(curves, constraints)
        effect = effect_of_allocation(curves, constraints, allocation)
        naive.append(gain_draws(curves, allocation.proposed).mean())
        honest.append(effect.gain.expected_cents)
        assert effect.gain.expected_cents == pytest.approx(naive[-1] - effect.optimism_cents, abs=2)
    error = np.std(honest) / np.sqrt(len(honest))
    assert np.mean(naive) > 5 * error
    assert np.mean(honest) < 3 * error


def test_the_promise_of_an_optimised_plan_is_kept_over_planted_worlds():
    # Every world plants other priors; its truth is drawn from them, independently of the draws that chose the plan.
    promised, true, inside, halves = [], [], [], []
    for seed in range(24):
        rng = np.random.default_rng(seed)
        plays = dict(load_plays())
        for name in (f"play_{row}" for row in range(10)):
            low = rng.lognormal(-1.5, 0.4)
            plays[name] = play_with(name, (low, low * rng.uniform(8, 30)))
        currents = {f"line_{row}": int(rng.lognormal(16, 0.6)) for row in range(10)}
        frame = frame_of(currents, {name: name.replace("line", "play") for name in currents})
        belief = prior_draws(frame, plays, rng)
        constraints = free(belief)
        allocation = allocate(belief, constraints)
        effect = effect_of_allocation(belief, constraints, allocation)
        truths = gain_draws(prior_draws(frame, plays, rng, draws=1_000), allocation.proposed)
        promised.append(effect.gain.expected_cents)
        true.append(truths.mean())
        inside.append(np.mean((effect.gain.outer_low_cents <= truths) & (truths <= effect.gain.outer_high_cents)))
        halves.append(np.mean((effect.gain.inner_low_cents <= truths) & (truths <= effect.gain.inner_high_cents)))
    assert np.sum(true) > 0
    assert np.sum(promised) / np.sum(true) <= 1.3
    assert np.mean(inside) >= 0.85
    assert np.mean(halves) == pytest.approx(0.5, abs=0.06)


def test_two_lines_of_one_belief_are_told_apart_by_nobody():
    frame = frame_of({"a": 100_000_00, "b": 100_000_00})
    curves = prior_draws(frame, load_plays(), np.random.default_rng(3))
    constraints = free(curves)
    effect = effect_of_allocation(curves, constraints, allocate(curves, constraints))
    assert effect.label in ("not distinguishable from no change", "no change")


def test_a_company_without_lines_has_an_empty_plan():
    curves = prior_draws(frame_of({}), load_plays(), np.random.default_rng(1))
    constraints = free(curves)
    allocation = allocate(curves, constraints)
    assert (allocation.proposed, allocation.total_cents, allocation.shadow_value) == ({}, 0, None)
    assert effect_of_allocation(curves, constraints, allocation).label == "no change"


def test_money_signed_for_a_line_never_spent_on_is_kept_without_a_claim():
    frame = frame_of({"new": 0, "a": 100_00, "b": 100_00}, committed_cents=[10_00, 0, 0])
    curves = prior_draws(frame, load_plays(), np.random.default_rng(1))
    constraints = free(curves)
    new = allocate(curves, constraints).lines[0]
    assert (new.proposed_cents, new.binding, new.marginal_then) == (10_00, "committed", None)
