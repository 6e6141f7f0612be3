import datetime as dt

import numpy as np
import pytest

from core.advocacy.back_test import back_test, groups_of
from core.model.pool import pool_rules

RULES = pool_rules().propensity
DAYS = (dt.date(2026, 1, 1), 500)


def judged(chance, happened, rule=None, seed=1):
    n = len(chance)
    constant = np.full(n, happened.mean())
    return back_test(chance, {"rule": constant if rule is None else rule, "constant": constant}, happened,
                     np.arange(n) // 2, DAYS, RULES, np.random.default_rng(seed))  # fmt: skip


def drawn(n, seed):
    rng = np.random.default_rng(seed)
    chance = rng.beta(2, 3, n)
    return chance, rng.random(n) < chance


def test_the_true_chance_is_calibrated_and_wins():
    chance, happened = drawn(3_000, 1)
    test = judged(chance, happened)
    assert test.wins
    assert test.slope_interval.contains(1.0)
    assert 0.9 < test.slope < 1.1
    assert test.error == pytest.approx(np.mean((chance - happened) ** 2))
    assert test.ranks["learned"][0] > 0.6 > test.ranks["rule"][0]


def test_a_chance_that_is_too_bold_has_a_slope_under_one():
    chance, happened = drawn(3_000, 2)
    bold = np.clip(0.4 + 2.5 * (chance - 0.4), 0.01, 0.99)
    assert judged(bold, happened).slope < 0.7


def test_a_chance_that_knows_nothing_does_not_win():
    rng = np.random.default_rng(33)
    _, happened = drawn(1_000, 3)
    assert not judged(rng.beta(2, 3, 1_000), happened).wins


def test_it_has_to_beat_both_rivals():
    chance, happened = drawn(2_000, 4)
    test = judged(chance, happened, rule=chance)
    assert test.gains["constant"].better
    assert test.gains["rule"].gain == 0
    assert not test.wins


def test_accounts_share_their_luck():
    """The same asks again and again, said to be of the same accounts, are no more proof than once."""
    chance, happened = drawn(150, 5)
    again = np.tile(np.arange(150), 10)
    rival = np.full(1_500, happened.mean())
    many = back_test(chance[again], {"rule": rival, "constant": rival}, happened[again], again, DAYS, RULES,
                     np.random.default_rng(1))  # fmt: skip
    own = np.full(150, happened.mean())
    once = back_test(chance, {"rule": own, "constant": own}, happened, np.arange(150), DAYS, RULES,
                     np.random.default_rng(1))  # fmt: skip
    assert many.gains["rule"].interval.width == pytest.approx(once.gains["rule"].interval.width, rel=0.15)


def test_groups_hold_every_ask_once_likeliest_first():
    chance, happened = drawn(437, 6)
    groups = groups_of(chance, chance, happened, RULES)
    assert len(groups) == RULES.bins
    assert sum(group.n for group in groups) == 437
    assert sum(group.done for group in groups) == happened.sum()
    foretold = [group.foretold for group in groups]
    assert foretold == sorted(foretold, reverse=True)
    assert groups[0].lift == pytest.approx(groups[0].rate / happened.mean())
    assert all(group.interval.contains(group.rate) for group in groups)


@pytest.mark.parametrize(("n", "number"), [(39, 1), (60, 3), (1_000, 10)])
def test_few_asks_make_fewer_groups(n, number):
    chance, happened = drawn(n, 7)
    assert len(groups_of(chance, chance, happened, RULES)) == number


def test_nothing_completed_has_no_lift():
    groups = groups_of(np.linspace(0, 1, 40), np.linspace(0, 1, 40), np.zeros(40, dtype=bool), RULES)
    assert [group.lift for group in groups] == [None, None]
