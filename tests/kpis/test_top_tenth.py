"""The lift of the top-scored tenth: by hand, its window, its small samples, and its interval on planted worlds."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from core.kpis import MEASURES, evaluate
from core.kpis.registry import kpi_rows, totals
from core.kpis.result import State
from tests.companies import account, subscription

ITEM = MEASURES["score_top_decile_lift"]
DECEMBER = dt.date(2025, 12, 1)


@pytest.fixture
def asked(company):
    """The KPI input of a company whose asks are given: account, day its time was over, in the top tenth, done."""
    data = company(
        {
            "accounts": [account(f"a{place}") for place in range(60)],
            "subscriptions": [subscription("a0", "2022-01-01", None, 100)],
        }
    )

    def build(rows):
        table = pd.DataFrame(rows, columns=["account_id", "decided_on", "top_asks", "done"])
        top, done = table["top_asks"].astype("int64"), table["done"].astype("int64")
        table = table.assign(
            decided_on=pd.to_datetime(table["decided_on"]), scored_asks=1, scored_acts=done, top_acts=done * top
        )
        return data.facts.with_records(
            {**data.tables, "scored_asks": lambda: table}, data.loaded | {"contacts", "asks"}
        )

    return build


def rows(top, top_done, others, others_done, on="2025-06-15"):
    sides = [(True, place < top_done) for place in range(top)] + [
        (False, place < others_done) for place in range(others)
    ]
    return [(f"a{place % 60}", on, *side) for place, side in enumerate(sides)]


def test_the_lift_is_worked_by_hand_and_its_rows_sum_to_it(asked):
    """30 of 60 in the top tenth, 90 of 300 in all: 0.5 / 0.3."""
    data = asked(rows(60, 30, 240, 60))
    result = evaluate(ITEM, data, DECEMBER)
    assert result.value == pytest.approx(0.5 / 0.3)
    assert (result.n, result.counts) == (60, "30 of 60 in the top tenth and 90 of 300 in all")
    assert result.low < result.value < result.high
    assert ITEM.function(**totals(ITEM, kpi_rows(ITEM, data, DECEMBER))) == pytest.approx(0.5 / 0.3)


def test_an_ask_counts_in_the_year_its_time_was_over(asked):
    old, late = rows(60, 60, 60, 0, "2024-12-31"), rows(60, 60, 60, 0, "2026-01-01")
    result = evaluate(ITEM, asked([*rows(60, 30, 240, 60), *old, *late]), DECEMBER)
    assert result.value == pytest.approx(0.5 / 0.3)


@pytest.mark.parametrize(
    ("given", "state", "words"),
    [
        pytest.param(rows(49, 20, 200, 50), State.TOO_FEW, "too few: 49 and 200 asks", id="few in the top tenth"),
        pytest.param(rows(60, 9, 200, 50), State.TOO_FEW, "too few: 9 and 50 acts", id="few acts there"),
        pytest.param(rows(0, 0, 200, 50), State.UNDEFINED, "nobody with a score", id="nobody there"),
        pytest.param(rows(60, 0, 200, 0), State.UNDEFINED, "nobody with a score", id="nobody acted"),
        pytest.param(rows(60, 12, 200, 90), State.WIDE, "wide", id="wide interval"),
    ],
)
def test_small_samples_say_why(asked, given, state, words):
    result = evaluate(ITEM, asked(given), DECEMBER)
    assert result.state is state
    assert words in result.reason


def test_the_interval_covers_a_planted_lift_when_asks_of_an_account_share_their_luck(asked):
    """Chances 0.45 and 0.25 move together inside an account; the true lift is 0.45 / 0.29."""
    rng, covered, worlds = np.random.default_rng(8), 0, 120
    truth = 0.45 / (0.2 * 0.45 + 0.8 * 0.25)
    for _ in range(worlds):
        of = rng.integers(0, 60, 600)
        top = rng.random(600) < 0.2
        chance = np.where(top, 0.45, 0.25) * rng.beta(4, 4, 60)[of] * 2
        done = rng.random(600) < np.minimum(chance, 1)
        given = [(f"a{at}", "2025-06-15", t, d) for at, t, d in zip(of, top, done, strict=True)]
        result = evaluate(ITEM, asked(given), DECEMBER, history=False)
        covered += result.low <= truth <= result.high
    assert covered / worlds >= 0.88
