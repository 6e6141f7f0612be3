"""A run hands the state it read to its heading once; no other run meets it."""

import datetime as dt
from dataclasses import replace
from threading import Thread

import pytest

from core.services import clock
from core.services.home import State
from pages._app.this_run import begin, keep_state, take_state, working_day

STATE = State("manifest", "facts", ())


@pytest.fixture(autouse=True)
def fresh():
    begin()
    yield
    begin()


def test_a_state_is_taken_once():
    keep_state(STATE)
    assert (take_state(), take_state()) == (STATE, None)


def test_a_run_begins_without_what_a_stopped_one_left():
    keep_state(STATE)
    begin()
    assert take_state() is None


def test_the_run_of_another_session_does_not_meet_it():
    keep_state(STATE)
    met = []
    other = Thread(target=lambda: met.append(take_state()))
    other.start()
    other.join()
    assert (met, take_state()) == ([None], STATE)


@pytest.mark.parametrize(
    "anew",
    [
        pytest.param(begin, id="the next run"),
        pytest.param(lambda: keep_state(replace(STATE, imports=1)), id="another company"),
    ],
)
def test_a_run_has_one_day_however_often_it_finds_the_company_and_the_next_one_asks_anew(monkeypatch, anew):
    late = dt.datetime(2026, 11, 21, 23, 59, tzinfo=dt.UTC)
    monkeypatch.setattr(clock, "_noted", lambda state=None: None)
    monkeypatch.setattr(clock, "real_now", lambda: late)
    keep_state(STATE)
    assert working_day() == late.date()
    monkeypatch.setattr(clock, "real_now", lambda: late + dt.timedelta(minutes=2))
    assert working_day() == late.date()
    keep_state(replace(STATE))
    assert working_day() == late.date()
    anew()
    assert working_day() == dt.date(2026, 11, 22)
