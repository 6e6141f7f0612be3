"""Raters inflate and err; what is reported stays near the truth, and inflated claims of 4 and 5 are lowered."""

import numpy as np
import pytest

from tests.maturity.simulator import simulate


def share(values):
    return float(np.mean(list(values)))


def check(capabilities, rules, worlds, seed):
    found = simulate(capabilities, rules, worlds, np.random.default_rng(seed))
    near, plain = (
        share(abs(getattr(world, name) - world.truth) <= 1 for world in found) for name in ("reported", "plain_mean")
    )
    inflated = [world for world in found if world.inflated]
    governed = [world for world in inflated if world.governed]
    assert len(governed) > worlds
    assert near >= 0.95, f"within one level: {near:.3f}"
    assert near > plain, f"the plain mean of the raters: {plain:.3f}"
    assert share(world.reported < world.claimed for world in governed) >= 0.80
    # below level 4 a claim counts as it is; there the claim is called a stretch or unsupported, and stays
    assert share(world.reported < world.claimed or world.named for world in inflated) >= 0.80
    off = [share(abs(getattr(world, name) - world.truth) for world in found) for name in ("reported", "plain_mean")]
    assert off[0] < off[1]


def test_honest_claims_are_seldom_lowered(capabilities, rules):
    found = simulate(capabilities, rules, 25, np.random.default_rng(11))
    honest = [world for world in found if not world.inflated]
    assert share(world.reported < world.claimed for world in honest) <= 0.10


def test_reported_levels_are_near_the_truth_in_a_small_sample(capabilities, rules):
    check(capabilities, rules, worlds=25, seed=7)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(5))
def test_reported_levels_are_near_the_truth(capabilities, rules, seed):
    check(capabilities, rules, worlds=300, seed=seed)
