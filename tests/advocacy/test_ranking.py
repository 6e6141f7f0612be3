import numpy as np
import pandas as pd
import pytest

from core.advocacy.ranking import rank_asks

ASKS = pd.DataFrame({"contact_id": list("abcdef"), "state": ["ask", "ask", "rest", "ask", "ask", "blocked"]})
NO, YES = False, True
READY = np.array([70.2, 69.8, 99.0, 80.0, 70.4, 90.0])
NONE = np.full(6, np.nan)


def order(**changes):
    told = {"readiness": READY, "prompted": np.zeros(6, dtype=bool), "chance": NONE, "asks_365d": np.zeros(6),
            "kept": 0.9} | changes  # fmt: skip
    return "".join(ASKS["contact_id"].iloc[rank_asks(ASKS, **told)])


def test_only_people_an_ask_is_open_to_are_ranked():
    assert sorted(order()) == list("abde")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, "deab", id="by readiness"),
        pytest.param({"prompted": np.array([NO, YES, NO, NO, NO, NO])}, "dbea", id="a milestone at the same point"),
        pytest.param({"asks_365d": np.array([1, 0, 0, 9, 3, 0])}, "baed", id="each ask takes a tenth off readiness"),
        pytest.param({"asks_365d": np.array([1, 0, 0, 9, 3, 0]), "kept": 0.999}, "dbae", id="asked least at the point"),
        pytest.param({"chance": np.array([0.30, 0.52, 0.9, 0.1, 0.4, 0.9])}, "bead", id="by the learned chance"),
        pytest.param({"chance": np.array([0.301, 0.299, 0.9, 0.1, 0.302, 0.9]), "kept": 0.999,
                      "asks_365d": np.array([2, 0, 0, 0, 1, 0])}, "bead", id="asked least at the same per cent"),
        pytest.param({"chance": np.array([0.50, 0.46, 0.9, 0.1, 0.62, 0.9]),
                      "asks_365d": np.array([1, 0, 0, 0, 4, 0])}, "baed", id="each ask takes a tenth off the chance"),
        pytest.param({"chance": np.array([0.30, np.nan, 0.9, 0.1, 0.4, 0.9])}, "deab", id="one chance lacking"),
    ],
)  # fmt: skip
def test_rank_asks(changes, expected):
    assert order(**changes) == expected


def test_nobody_to_ask_is_nobody():
    none = ASKS.assign(state="rest")
    assert not len(rank_asks(none, READY, np.zeros(6, dtype=bool), NONE, np.zeros(6), 0.9))
