"""What can still be noted of an ask: an old one is only corrected, a promise waits as long as it holds."""

import datetime as dt

import pytest

from core.model.pool import pool_rules
from core.services.ask_lines import ask_lines
from core.store.tables import Ask

SENT, PROMISE = dt.date(2026, 3, 1), 90
TIME = pool_rules().propensity.completed_within_days


def line(days, **noted):
    row = Ask(ask_id="k", contact_id="c", activity="review", state="sent", asked_on=SENT, **noted)
    (found,) = ask_lines([row], {}, SENT + dt.timedelta(days=days), PROMISE)
    return found


@pytest.mark.parametrize(
    ("days", "noted", "is_over", "said"),
    [
        pytest.param(TIME - 1, {}, False, "no answer yet", id="its time runs"),
        pytest.param(TIME, {}, True, "no answer", id="its time is over, as for readiness"),
        pytest.param(PROMISE - 1, {"response": "yes"}, False, "answer: yes", id="the promise holds the next ask"),
        pytest.param(PROMISE, {"response": "yes"}, True, "answer: yes, not done", id="the promise has lapsed"),
        pytest.param(TIME, {"response": "later"}, True, "answer: later", id="later, and nothing since"),
        pytest.param(700, {"response": "no"}, False, "answer: no", id="a no is an answer"),
        pytest.param(700, {"completed_on": SENT}, False, "", id="done without an answer"),
    ],
)
def test_an_ask_is_over_once_nothing_is_expected_of_it(days, noted, is_over, said):
    found = line(days, **noted)
    assert (found.is_over, found.response) == (is_over, said)
    assert found.words.startswith("sent 1")


def test_a_done_ask_asks_for_no_answer_and_goes_on_with_what_follows():
    found = line(5, completed_on=SENT)
    assert found.answered
    assert not found.is_promise
    assert found.next_steps == ("used_on", "thanked_on", "told_outcome_on")


def test_what_is_over_can_still_be_noted():
    assert line(700).next_steps == ("completed_on",)
    assert not line(700).answered
