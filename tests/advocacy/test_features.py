from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.advocacy.features import SIGNS, _told, completed, feature_names, feature_signs, features, readiness_then
from core.advocacy.history import Moments, asks_made
from core.model.pool import pool_rules
from tests.advocacy.histories import LOADED, planted

RULES = pool_rules().propensity


@pytest.fixture(scope="module")
def history():
    return planted(120, 600, 3).history


def column(table, name, activities):
    return table[:, feature_names(activities).index(name)]


def test_a_row_looks_the_same_whatever_came_later(history, activities):
    made = asks_made(history)
    cut = 300
    then = pd.Timestamp(history.asked["asked_on"].iloc[cut])
    asks = history.asks[history.asks["asked_on"] < then]
    late = {name: asks[name].where(asks[name] < then) for name in ("responded_on", "completed_on")}
    asks = asks.assign(response=asks["response"].where(asks["responded_on"] < then), **late)
    before = replace(history, asks=asks, nps=history.nps[history.nps["answered_on"] < then])
    row = Moments(
        made.who[[cut]], made.day[[cut]], made.activity.iloc[[cut]].reset_index(drop=True), np.array([np.nan])
    )
    np.testing.assert_array_equal(features(history, row, RULES, activities), features(before, row, RULES, activities))


def test_what_happens_on_the_day_itself_is_not_known_yet(history, activities):
    day = history.today - 100
    one = Moments(np.array([0]), np.array([day]), pd.Series(["review"]), np.array([np.nan]))
    today = pd.DataFrame({"contact_id": ["c0"], "answered_on": [pd.Timestamp(np.datetime64(day, "D"))], "score": [1.0]})
    told = replace(history, nps=pd.concat([history.nps, today], ignore_index=True))
    np.testing.assert_array_equal(features(history, one, RULES, activities), features(told, one, RULES, activities))
    later = Moments(one.who, one.day + 1, one.activity, one.by_owner)
    assert column(features(told, later, RULES, activities), "own NPS answer", activities)[0] == 1


def test_recent_asks_are_those_of_the_ninety_days_before(history, activities):
    made = asks_made(history)
    found = column(features(history, made, RULES, activities), "asks in 90 days", activities)
    for row in range(0, len(made), 37):
        own = made.day[made.who == made.who[row]]
        assert found[row] == ((own < made.day[row]) & (own >= made.day[row] - 90)).sum()


def test_every_column_has_a_name_and_a_sign(history, activities):
    table = features(history, asks_made(history), RULES, activities)
    assert table.shape[1] == len(feature_names(activities)) == len(feature_signs(activities))
    assert set(SIGNS.values()) == {-1, 0, 1}


def test_an_ask_teaches_nothing_before_its_time_is_over(history):
    happened, over = completed(history, RULES)
    age = history.today - history.asked["asked_on"].to_numpy().astype("datetime64[D]").astype(int)
    np.testing.assert_array_equal(over, age >= RULES.completed_within_days)
    took = (history.asked["completed_on"] - history.asked["asked_on"]).dt.days
    np.testing.assert_array_equal(happened, (took <= RULES.completed_within_days).to_numpy())


def test_readiness_then_is_the_score_of_today_for_a_moment_of_today(history, rules, activities):
    """A better answer before the moment lifts it; the same answer after the moment does not."""
    moment = Moments(np.array([0, 1]), np.array([history.today] * 2), pd.Series(["review"] * 2), np.full(2, np.nan))

    def ready(score, days_before):
        day = pd.Timestamp(np.datetime64(history.today - days_before, "D"))
        answer = pd.DataFrame({"contact_id": ["c0"], "answered_on": [day], "score": [score]})
        return readiness_then(replace(history, nps=answer), moment, rules, LOADED)[0]

    assert ready(10.0, 5) > ready(7.0, 5) > ready(2.0, 5)
    assert np.isnan(ready(10.0, -5)) or ready(10.0, -5) == ready(2.0, -5)


def test_readiness_then_knows_nothing_of_who_left(history, rules):
    """Continuity is absent of an earlier day: its weight moves what is covered, never a score that is shown."""
    asked = asks_made(history)
    readiness = rules.scores["readiness"]
    light = replace(readiness, weights={**readiness.weights, "continuity": 0.5})
    without = replace(rules, scores={**rules.scores, "readiness": light})
    then, lighter = (readiness_then(history, asked, each, LOADED) for each in (rules, without))
    shown = ~np.isnan(then)
    assert shown.any()
    np.testing.assert_allclose(then[shown], lighter[shown])


@pytest.mark.parametrize(
    ("age", "then", "told", "tried"),
    [
        pytest.param(59, {}, (0, 0), 0, id="has a day left"),
        pytest.param(60, {}, (1, 0), 1, id="its time is over"),
        pytest.param(20, {"responded_on": 10, "response": "yes"}, (1, 1), 0, id="said yes"),
        pytest.param(20, {"responded_on": 10, "response": "no"}, (1, 1), 1, id="said no"),
        pytest.param(20, {"responded_on": 10, "response": "yes", "completed_on": 5}, (1, 1), 1, id="done"),
        pytest.param(400, {"responded_on": 300, "response": "yes"}, (0, 0), 0, id="an old ask answered late"),
    ],
)
def test_an_ask_tells_of_a_person_then_as_it_does_today(history, age, then, told, tried):
    ages = {"asked_on": age, **{name: ago for name, ago in then.items() if name != "response"}}
    row = {name: pd.Timestamp(history.as_of) - pd.Timedelta(days=ago) for name, ago in ages.items()}
    asks = pd.DataFrame([{"contact_id": "c0", "activity": "review", "response": then.get("response"), **row}])
    days = ["asked_on", "responded_on", "completed_on"]
    asks = asks.reindex(columns=history.asks.columns).astype(dict.fromkeys(days, "datetime64[us]"))
    seen = replace(history, asks=asks)
    moment = Moments(np.array([0]), np.array([seen.today]), pd.Series(["review"]), np.zeros(1))
    found = _told(seen, moment)
    assert (found["asks_told_365d"][0], found["answered_365d"][0]) == told
    assert found["asks_tried_365d"][0] == tried
