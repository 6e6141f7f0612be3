import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.stats.timeline import Timeline

EVENTS = st.lists(
    st.tuples(st.integers(-1, 3), st.one_of(st.none(), st.integers(100, 140)), st.integers(0, 5)), max_size=30
)


def line_of(events):
    days = pd.Series([None if day is None else np.datetime64(day, "D") for _, day, _ in events], dtype="datetime64[us]")
    owner = np.array([owner for owner, _, _ in events], dtype=np.intp)
    return Timeline.of(owner, days, pd.Series([value for *_, value in events], dtype="float64"))


@given(EVENTS, st.integers(-1, 4), st.integers(95, 145), st.integers(1, 60))
def test_only_events_of_the_owner_before_the_day_and_within_the_window_count(events, owner, before, within):
    line, who, day = line_of(events), np.array([owner], dtype=np.intp), np.array([before])
    own = [(when, value) for one, when, value in events
           if one == owner >= 0 and when is not None and before - within <= when < before]  # fmt: skip
    assert line.count(who, day, within)[0] == len(own)
    assert line.total(who, day, within)[0] == sum(value for _, value in own)
    value, age = line.last(who, day, within)
    if own:
        assert line.mean(who, day, within)[0] == pytest.approx(sum(value for _, value in own) / len(own))
        latest = max(when for when, _ in own)
        assert age[0] == before - latest
        assert value[0] in [value for when, value in own if when == latest]
    else:
        assert np.isnan([value[0], age[0], line.mean(who, day, within)[0]]).all()


def test_each_row_may_have_a_window_of_its_own():
    line = line_of([(0, 100, 1), (0, 110, 1), (1, 100, 1)])
    found = line.count(np.array([0, 0, 1]), np.array([111, 111, 111]), np.array([5, 50, 5]))
    assert list(found) == [1, 2, 0]


@pytest.mark.parametrize("born", [-1, -400, -200_000], ids=["the day before 1970", "1968", "the 15th century"])
def test_days_before_1970_are_told_from_the_events_of_the_owner_before(born):
    line = line_of([(0, born, 3), (0, 20_000, 1), (1, born, 5)])
    who, day = np.array([0, 0, 1]), np.array([born, born + 7, 20_700])
    assert list(line.count(who, day)) == [0, 1, 1]
    assert list(line.last(who, day)[1][1:]) == [7, 20_700 - born]
    assert list(line.count(who, day, 5)) == [0, 0, 0]
