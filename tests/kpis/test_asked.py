"""Who was asked, and how soon each person did what was asked."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kpis.advocacy import _soonest
from core.kpis.asked import asked_of, days_of
from tests.companies import day
from tests.kpis.test_load import sent
from tests.kpis.test_programme import BASE, DECEMBER, since_2023

NEVER = np.datetime64("NaT", "us")
ASKS = st.lists(st.tuples(st.integers(-1, 3), st.integers(0, 9), st.none() | st.integers(0, 12)), max_size=14)


def on(number, start="2025-01-01"):
    return NEVER if number is None else np.datetime64(start, "us") + np.timedelta64(number, "D")


def test_an_ask_went_out_when_sent_and_arrived_unless_known_not_to(company):
    asks = since_2023(
        *sent("b", "2025-11-01"),
        *sent("b", "2025-11-02", delivered=False),
        *sent("a", "2025-11-03", state="accepted"),
    )
    data = company(BASE | {"asks": asks})
    who, asked = asked_of(data), days_of(data.table("asks")["asked_on"])
    assert who.people.is_monotonic_increasing
    at = {
        str(who.people[person]) + str(when)[:10]: place
        for place, (person, when) in enumerate(zip(who.person, asked, strict=True))
    }
    flags = [
        (bool(who.sent[at[key]]), bool(who.delivered[at[key]])) for key in ("b2025-11-01", "b2025-11-02", "a2025-11-03")
    ]
    assert flags == [(True, True), (True, False), (False, False)]
    assert asked_of(data) is who


def test_asks_of_one_day_are_told_apart_by_their_id(company):
    asks = since_2023(
        *(
            {"ask_id": name, "contact_id": "k", "activity": kind, "state": "sent", "asked_on": day("2025-11-05")}
            for name, kind in (("3", "review"), ("1", "quote"), ("2", "video"))
        )
    )
    assert company(BASE | {"asks": asks}).frame("invited_month", DECEMBER)["activity"].tolist() == ["quote"]


@pytest.mark.parametrize("start", ["2025-01-01", "1965-03-02", "1969-12-28"])
@given(asks=ASKS)
def test_the_soonest_act_is_that_of_any_later_ask_of_the_same_person(asks, start):
    asks = sorted(asks, key=lambda ask: ask[:2])
    person = np.array([who for who, _, _ in asks], dtype=np.int64)
    asked, done = (np.array([on(ask[part], start) for ask in asks], dtype="datetime64[us]") for part in (1, 2))
    found = _soonest(person, asked, done, np.arange(len(asks)))
    for place, (who, _, _) in enumerate(asks):
        later = [
            when
            for other, when, own in zip(person[place:], done[place:], asked[place:], strict=True)
            if other == who and when >= own
        ]
        assert found[place] == min(later) if later else np.isnat(found[place])
