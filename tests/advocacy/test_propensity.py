from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.advocacy.features import feature_signs, readiness_then
from core.advocacy.history import asks_made
from core.advocacy.learning import learn
from core.advocacy.propensity import _cut, _rows, propensity
from core.model.activities import load_activities
from core.model.advocacy import load_advocacy_rules
from core.model.pool import pool_rules
from core.stats.concordance import concordance
from tests.advocacy.histories import FATIGUE, LOADED, SPAN, of_company, planted

RULES = pool_rules().propensity


def learned(history, rules, activities, learning=RULES):
    return propensity(history, learning, rules, activities, LOADED, seed=1)


def slope_on_truth(world, activities, learning=RULES):
    """Slope of the true chance on the learned one over the later asks, which it was not learned from."""
    rows = _rows(world.history, learning, activities)
    earlier, later = _cut(rows, learning)
    first = learn(rows.x[earlier], rows.happened[earlier], feature_signs(activities), learning, 1)
    said = first.predict(rows.x[later])
    return float(np.cov(world.chance[-len(later) :][later], said)[0, 1] / said.var(ddof=1))


@pytest.fixture(scope="module")
def world():
    return planted(500, 3_000, 1)


@pytest.fixture(scope="module")
def found(world):
    return learned(world.history, load_advocacy_rules(), load_activities())


def test_where_something_is_to_be_known_the_learned_chance_ranks(found):
    assert found.used
    assert "it ranks the next asks" in found.reason
    assert found.test.wins
    assert found.test.ranks["learned"][0] > found.test.ranks["rule"][0]
    assert found.test.earlier + found.test.asks < found.asks, "asks not yet known at the cut belong to neither side"


def test_it_is_calibrated_on_later_asks_and_on_the_planted_truth(world, found, activities):
    assert found.test.slope_interval.contains(1.0)
    assert 0.8 < slope_on_truth(world, activities) < 1.2


def test_one_more_ask_in_a_quarter_shows_the_planted_fatigue(found):
    assert found.one_more.interval.high < 0.9
    assert abs(found.one_more.ratio - FATIGUE) < 0.08


def test_outcomes_dealt_at_random_are_not_used(rules, activities):
    shuffled = learned(planted(500, 2_000, 2, shuffled=True).history, rules, activities)
    assert not shuffled.used
    assert "not clearly better" in shuffled.reason
    assert np.isnan(shuffled.chances(pd.Series(["c1"]), pd.Series(["review"]))).all()


def test_under_two_hundred_asks_nothing_is_learned(rules, activities):
    few = learned(planted(100, 150, 3).history, rules, activities)
    assert (few.used, few.test, few.method) == (False, None, None)
    assert few.reason == "too few: 150 asks are old enough to learn from, 200 needed"


def test_without_any_ask_there_is_no_chance(world, rules, activities):
    none = learned(replace(world.history, asks=world.history.asks.iloc[:0]), rules, activities)
    assert not none.used
    assert none.asks == 0


def test_where_almost_nobody_acts_nothing_is_learned(world, rules, activities):
    asks = world.history.asks.iloc[:800]
    rare = replace(world.history, asks=asks.assign(completed_on=asks["completed_on"].where(asks.index < 5)))
    assert "were completed, 20 of either kind needed" in learned(rare, rules, activities).reason


def test_the_same_seed_says_the_same(rules, activities):
    history = planted(300, 900, 6).history
    assert learned(history, rules, activities) == learned(history, rules, activities)


def test_chances_are_said_for_whoever_is_known(found):
    who = pd.Series(["c1", "nobody", "c2", "c1"])
    chance = found.chances(who, pd.Series(["review", "review", None, "referral"]))
    assert np.isnan(chance[[1, 2]]).all()
    assert ((chance[[0, 3]] > 0) & (chance[[0, 3]] < 1)).all()


def test_somebody_asked_a_moment_ago_has_a_lower_chance(world, found):
    today = pd.Timestamp(world.history.as_of)
    quiet = world.history.contacts["contact_id"].iloc[0]
    row = {"contact_id": quiet, "activity": "review", "asked_on": today, "responded_on": pd.NaT,
           "completed_on": pd.NaT, "response": None, "asked_by": None}  # fmt: skip
    asked = replace(world.history, asks=pd.concat([world.history.asks, pd.DataFrame([row] * 2)], ignore_index=True))
    who, what = pd.Series([quiet]), pd.Series(["review"])
    assert found.seen_from(asked).chances(who, what)[0] < found.chances(who, what)[0]


@pytest.fixture(scope="module")
def ready(world):
    found = readiness_then(world.history, asks_made(world.history), load_advocacy_rules(), LOADED)
    return found[~np.isnan(found)]


def ranked_by_readiness(ready, rng, weight):
    """Outcomes drawn from readiness itself: how well readiness ranks them, and their chances."""
    chance = 1 / (1 + np.exp(0.5 - weight * (ready - ready.mean()) / ready.std()))
    return concordance(ready, rng.random(len(ready)) < chance), chance


def expected_concordance(chance):
    """Share of pairs a score in the order of the chances ranks right, in expectation."""
    order = np.sort(chance)
    miss = 1 - order
    below = np.cumsum(miss) - miss
    return float((order * (below + miss / 2)).sum() / (order.sum() * miss.sum()))


def test_readiness_ranks_above_chance_by_the_planted_margin(ready):
    (share, interval), chance = ranked_by_readiness(ready, np.random.default_rng(4), 0.8)
    assert interval.low > 0.5
    assert abs(share - expected_concordance(chance)) < 1.5 * interval.width


def test_readiness_does_not_rank_what_does_not_depend_on_it(ready):
    held = [ranked_by_readiness(ready, np.random.default_rng(seed), 0.0)[0][1] for seed in range(40)]
    assert sum(interval.contains(0.5) for interval in held) >= 34


@pytest.mark.long
def test_over_many_worlds_it_is_calibrated_and_fatigue_is_found(rules, activities):
    """A programme that has run for years: as much is known of people when the chance is learned as when it is said."""
    slopes, held, fatigue, used = [], [], [], 0
    latest = replace(RULES, most_asks=9_000)
    for seed in range(20):
        world = planted(1_200, 18_000, 100 + seed, span=2 * SPAN)
        found = learned(world.history, rules, activities, latest)
        slopes.append(slope_on_truth(world, activities, latest))
        held.append(found.test.slope_interval.contains(1.0))
        fatigue.append(found.one_more.ratio)
        used += found.used
    assert 0.97 <= np.mean(slopes) <= 1.03, slopes
    assert 0.85 <= min(slopes) <= max(slopes) <= 1.15, slopes
    assert sum(held) >= 17, held
    assert used == 20
    assert max(fatigue) < 0.9
    assert abs(np.mean(fatigue) - FATIGUE) < 0.08


@pytest.mark.long
def test_where_a_programme_has_just_begun_chances_stay_near_the_truth(rules, activities):
    """Nothing was asked before: less is known of people when the chance is learned than when it is said."""
    slopes = [slope_on_truth(planted(500, 3_000, seed), activities) for seed in range(20)]
    assert 0.95 <= np.mean(slopes) <= 1.1, slopes


@pytest.mark.long
def test_over_many_worlds_shuffled_outcomes_are_hardly_ever_used(rules, activities):
    used = [learned(planted(400, 1_500, 200 + seed, shuffled=True).history, rules, activities).used
            for seed in range(40)]  # fmt: skip
    assert sum(used) <= 2


@pytest.mark.long
def test_a_large_demo_company_shows_its_planted_fatigue_and_a_calibrated_chance(rules, activities):
    found = learned(of_company(6_000, 36, 6), rules, activities)
    assert found.used
    assert 0.9 <= found.test.slope <= 1.1
    assert found.one_more.interval.low < FATIGUE < found.one_more.interval.high
