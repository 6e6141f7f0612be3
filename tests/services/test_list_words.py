"""What the lists of the day say of their order is the order they have."""

import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from core.advocacy.ranking import rank_asks
from core.model.pool import pool_rules
from core.services.list_words import answer_words, order_words


@pytest.mark.parametrize("is_learned", [False, True])
def test_the_example_of_the_order_is_ranked_as_it_is_told(is_learned):
    said, in_full = order_words(SimpleNamespace(used=is_learned))
    points, asks, ranked, ahead = map(
        int, re.search(r"(\d+) and asked (\d) times ranks as (\d+), after (\d+)", in_full).groups()
    )
    people = pd.DataFrame({"contact_id": ["a", "b"], "state": ["ask", "ask"]})
    both = np.array([points, ahead], dtype=float)
    chance = both / 100 if is_learned else np.full(2, np.nan)
    kept = pool_rules().ranking.kept_per_ask
    order = rank_asks(people, both, np.zeros(2, dtype=bool), chance, np.array([asks, 0.0]), kept)
    assert list(order) == [1, 0]
    less = np.array([points, ranked - 1.0])
    order = rank_asks(
        people, less, np.zeros(2, dtype=bool), less / 100 if is_learned else chance, np.array([asks, 0.0]), kept
    )
    assert list(order) == [0, 1]
    assert ("milestone" in said) is not is_learned


def test_an_answer_waits_as_long_as_readiness_and_learning_wait_for_it():
    assert f" {pool_rules().propensity.completed_within_days} days " in answer_words()
