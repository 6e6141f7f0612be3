"""The top tenth of readiness on the day of an ask: how many stand in it, and that nothing later moves it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.advocacy.features import readiness_then
from core.advocacy.history import Moments
from core.advocacy.top_tenth import top_tenth
from core.model.advocacy import load_advocacy_rules
from tests.advocacy.histories import LOADED, planted

SINCE = np.datetime64("2025-05-01")


@pytest.fixture(scope="module")
def history():
    return planted(150, 600, 3).history


@pytest.fixture(scope="module")
def rules():
    return load_advocacy_rules()


def here(history, **left):
    return pd.Series([pd.Timestamp(left.get(name)) for name in history.contacts["contact_id"]])


def everybody(history, rules, day):
    """Readiness of all people on a day."""
    n = len(history.contacts)
    rows = Moments(np.arange(n), np.full(n, day.astype(np.int64)), pd.Series([""] * n, dtype="str"), np.full(n, np.nan))
    return readiness_then(history, rows, rules, LOADED)


def test_a_tenth_of_all_people_reach_the_limit_when_the_month_begins(history, rules):
    found = top_tenth(history, here(history), SINCE, rules, LOADED)
    months = history.asked["asked_on"].to_numpy().astype("datetime64[M]")
    for month in np.unique(months[found.scored]):
        limit = np.unique(found.limit[months == month])
        scores = everybody(history, rules, month.astype("datetime64[D]"))
        assert len(limit) == 1
        assert np.mean(scores[~np.isnan(scores)] >= limit) == pytest.approx(0.1, abs=0.02)
    assert (found.top == (found.scored & (found.readiness >= found.limit))).all()
    assert 0 < found.top.sum() < found.scored.sum()


def test_the_order_contacts_come_in_moves_no_limit(history, rules, monkeypatch):
    monkeypatch.setattr("core.advocacy.top_tenth.MOST_SEEN", 40)
    order = np.random.default_rng(5).permutation(len(history.contacts))
    other = replace(history, contacts=history.contacts.take(order).reset_index(drop=True))
    found, again = (top_tenth(each, here(each), SINCE, rules, LOADED) for each in (history, other))
    np.testing.assert_array_equal(found.limit, again.limit)
    assert found.scored.any()


def test_asks_before_the_first_day_wanted_are_not_placed(history, rules):
    found = top_tenth(history, here(history), SINCE, rules, LOADED)
    early = (history.asked["asked_on"] < SINCE).to_numpy()
    assert early.any() and not found.scored[early].any() and found.scored[~early].any()


def test_what_came_after_an_ask_does_not_move_it(history, rules):
    """Everything known only from a day on is dropped: the asks before it stand as they stood."""
    cut = pd.Timestamp("2025-07-15")
    asks = history.asks[history.asks["asked_on"] < cut]
    late = {name: asks[name].where(asks[name] < cut) for name in ("responded_on", "completed_on")}
    before = replace(
        history,
        asks=asks.assign(response=asks["response"].where(asks["responded_on"] < cut), **late),
        nps=history.nps[history.nps["answered_on"] < cut],
    )
    then = top_tenth(before, here(history), SINCE, rules, LOADED)
    now = top_tenth(history, here(history), SINCE, rules, LOADED)
    np.testing.assert_array_equal(now.readiness[: len(then.readiness)], then.readiness)
    np.testing.assert_array_equal(now.limit[: len(then.limit)], then.limit)


def test_people_who_left_or_had_not_joined_do_not_set_the_limit(history, rules):
    scores = everybody(history, rules, SINCE.astype("datetime64[D]"))
    best = history.contacts["contact_id"][np.argsort(-np.nan_to_num(scores))[:30]]
    gone = top_tenth(history, here(history, **dict.fromkeys(best, "2025-01-01")), SINCE, rules, LOADED)
    whole = top_tenth(history, here(history), SINCE, rules, LOADED)
    assert gone.limit[gone.scored][0] < whole.limit[whole.scored][0]
    joined = history.contacts["joined_on"].mask(history.contacts["contact_id"].isin(best), pd.Timestamp("2026-01-01"))
    late = replace(history, contacts=history.contacts.assign(joined_on=joined))
    assert top_tenth(late, here(history), SINCE, rules, LOADED).limit[-1] < whole.limit[-1]
    np.testing.assert_array_equal(gone.readiness, whole.readiness)
