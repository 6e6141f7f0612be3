"""Hours of one act are only held against hours of the same act."""

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.advocacy.pool_capacity import capacity
from core.model.advocacy import load_advocacy_rules
from core.model.pool import pool_rules

AS_OF = dt.date(2026, 10, 31)
ACTS = ("review", "reference", "video", "speaking")


def asks(counts, day="2026-09-01"):
    acts = [act for act, count in counts.items() for _ in range(count)]
    rows = pd.DataFrame({"contact_id": "a", "activity": pd.Series(acts, dtype="str"), "asked_on": pd.Timestamp(day)})
    return rows.astype({"asked_on": "datetime64[us]"})


def bearing(*rows):
    """contact_id, next act, asks that still count and, where given, the first day of the next ask."""
    full = [(*row, None)[:4] for row in rows]
    frame = pd.DataFrame(full, columns=["contact_id", "towards", "kept_asks", "earliest"])
    return frame.astype({"contact_id": "str", "towards": "str", "earliest": "datetime64[us]", "kept_asks": "int64"})


def told(people, sent, waiting=0):
    return capacity(people, sent, waiting, AS_OF, pool_rules(), load_advocacy_rules())


def test_hours_are_what_the_caps_leave():
    """Two a quarter and six a year: who has five that still count bears one more, who has six none."""
    people = bearing(("a", "reference", 0), ("b", "reference", 5), ("c", "reference", 6))
    found = told(people, asks({"reference": 4}))
    assert (found.people, found.asks) == (3, 3)
    assert found.hours == pytest.approx(3 * 1.5)
    assert found.demand.value == pytest.approx(4 * 1.5 / 4)
    assert found.used.value == pytest.approx(1.5 / 4.5)
    assert found.demand.interval.low < 1.5 < found.demand.interval.high


def test_only_acts_on_both_sides_are_compared_and_the_others_stand_apart():
    found = told(bearing(("a", "reference", 0), ("b", "review", 0)), asks({"reference": 8, "speaking": 4}))
    assert found.hours == pytest.approx(2 * 1.5), "the review nobody asks for is no capacity for references"
    assert found.idle == pytest.approx(2 * 0.5)
    assert found.demand.value == pytest.approx(8 * 1.5 / 4)
    assert found.unmet == pytest.approx(4 * 12 / 4), "nobody can be asked to speak: no reference makes up for that"
    by = found.rows.set_index("activity")
    assert by["used"].dropna().to_dict() == {"reference": pytest.approx(1.0)}
    assert by.loc["speaking", "alarm"] == by.loc["review", "alarm"] == ""


@pytest.mark.parametrize(
    ("earliest", "people"),
    [
        pytest.param("2026-11-20", 1, id="rest ends within the quarter"),
        pytest.param("2027-01-30", 1, id="on its last day"),
        pytest.param("2027-01-31", 0, id="after it"),
        pytest.param(None, 1, id="an accepted ask waits: no day is known"),
    ],
)
def test_who_rests_past_the_quarter_is_no_capacity(earliest, people):
    found = told(bearing(("a", "review", 0, earliest)), asks({"review": 2}))
    assert found.people == people
    assert found.hours == people * 2 * 0.5


@pytest.mark.parametrize(
    ("sent", "alarm"),
    [pytest.param(4, "no", id="far under"), pytest.param(55, "maybe", id="near"), pytest.param(400, "yes", id="over")],
)
def test_the_alarm_follows_the_interval(sent, alarm):
    people = bearing(*[(f"p{place}", "review", 0) for place in range(10)])
    found = told(people, asks({"review": sent}))
    assert found.alarm == alarm
    assert found.over(alarm) == ("review",)


def test_one_act_over_its_limit_raises_the_alarm_though_the_sum_does_not():
    people = bearing(("v", "video", 0), *[(f"p{place}", "review", 0) for place in range(100)])
    found = told(people, asks({"video": 40, "review": 4}))
    assert found.used.value < 0.5
    assert (found.alarm, found.over("yes")) == ("yes", ("video",))


@pytest.mark.parametrize(
    ("people", "sent", "reason"),
    [
        pytest.param([("a", "review", 0)], {}, "no ask was sent in the last quarters", id="no ask"),
        pytest.param([], {"review": 3}, "nobody can be asked in the next quarter", id="nobody"),
        pytest.param([("a", "review", 0)], {"video": 3}, "nobody can be asked for any of the acts that are asked for",
                     id="nothing alike"),
    ],
)  # fmt: skip
def test_without_both_sides_nothing_is_compared(people, sent, reason):
    found = told(bearing(*people), asks(sent))
    assert (found.demand.value, found.used.value) == (None, None)
    assert found.demand.reason == found.used.reason == reason
    assert found.hours == 0


@settings(max_examples=25, deadline=None)
@given(
    st.dictionaries(st.sampled_from(ACTS), st.integers(0, 9)),
    st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 7)), max_size=8),
)
def test_every_hour_of_either_side_is_in_one_sum(sent, givers):
    people = bearing(*[(f"p{place}", act, kept) for place, (act, kept) in enumerate(givers)])
    found = told(people, asks(sent))
    assert found.hours + found.idle == pytest.approx(found.rows["hours"].sum())
    assert (found.demand.value or 0) + found.unmet == pytest.approx(found.rows["demand_hours"].sum())
    assert found.rows["people"].sum() == found.people == len(people)
