"""The product's next asks against asking the top scorers, in worlds with planted willingness and fatigue."""

import numpy as np
import pytest

from tests.advocacy.simulator_pool import EARLIER, MONTH, breach, compare, world


def test_a_season_of_next_asks_beats_the_top_scorers_without_a_breach():
    mine, rival = compare(2, months=4)
    assert mine.asks == rival.asks
    assert mine.done > 1.15 * rival.done
    assert mine.top_share < rival.top_share
    assert mine.breaches == 0 < rival.breaches


def test_the_count_of_breaches_sees_one():
    made = world(1, people=150)
    today = EARLIER * MONTH - 1
    made.opted_out[:], made.left[:] = 10**6, 10**6
    made.tickets[:], made.outcome[:], made.consents[:] = False, 0, True
    made.renewal[:], made.nps, made.asks = today + 200, [], []
    assert not breach(made, 3, "review", today)
    made.asks.append({"who": 3, "activity": "review", "day": today - 10, "response": None, "responded": None,
                      "completed": None})  # fmt: skip
    assert breach(made, 3, "review", today)
    made.tickets[made.account[4], today // MONTH] = True
    assert breach(made, 4, "review", today)
    assert not breach(made, 9, "review", today)


@pytest.mark.long
def test_over_a_year_the_goals_of_the_pool_are_met():
    years = [compare(seed) for seed in range(1, 13)]
    ratios = np.array([mine.done / rival.done for mine, rival in years])
    done = np.array([[mine.done, rival.done] for mine, rival in years]).sum(axis=0)
    assert done[0] / done[1] >= 1.3
    assert np.mean(ratios >= 1.3) >= 0.75
    assert ratios.min() >= 1.15
    assert sum(mine.opt_outs for mine, _ in years) <= sum(rival.opt_outs for _, rival in years)
    assert all(mine.top_share <= rival.top_share / 2 for mine, rival in years)
    assert all(mine.breaches == 0 for mine, _ in years)
    assert all(mine.asks == rival.asks for mine, rival in years)
