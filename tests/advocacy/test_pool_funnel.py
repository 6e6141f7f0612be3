"""What became of the asks: every ask in one place, the same time for each, rows that sum."""

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.advocacy.pool_funnel import COUNTS, CUTS, ask_funnels
from core.model.pool import pool_rules

AS_OF = dt.date(2026, 10, 31)
RULES = pool_rules().funnel


def asks(*rows):
    """Asks of 60 days and more unless a row says otherwise."""
    usual = {"activity": "review", "persona": "IT Lead", "asked_by": "Eve", "asked_on": "2026-07-01", "delivered": True,
             "response": None, "responded_on": None, "completed_on": None, "used_on": None}  # fmt: skip
    frame = pd.DataFrame([usual | row for row in rows], columns=list(usual))
    days = {name: "datetime64[us]" for name in usual if name.endswith("_on")}
    texts = dict.fromkeys(("activity", "persona", "asked_by", "response"), "str")
    return frame.astype(days | texts | {"delivered": "boolean"})


def told(*rows):
    return ask_funnels(asks(*rows), AS_OF, RULES)


def test_an_ask_is_bounced_open_or_asked():
    found = told({}, {"delivered": False}, {"delivered": None}, {"asked_on": "2026-09-02"}).whole
    assert (found.sent, found.bounced, found.young, found.asked) == (4, 1, 1, 2), "60 days are over on the 31st"
    assert told({"asked_on": "2026-09-01"}).whole.asked == 1
    assert told({"asked_on": "2025-10-31"}).whole.sent == 0, "of the year before"


@pytest.mark.parametrize(
    ("row", "steps"),
    [
        pytest.param({}, (0, 0, 0), id="no answer"),
        pytest.param({"response": "no", "responded_on": "2026-07-05"}, (0, 0, 0), id="no"),
        pytest.param({"response": "later", "responded_on": "2026-07-05"}, (0, 0, 0), id="later"),
        pytest.param({"response": "yes", "responded_on": "2026-07-05"}, (1, 0, 0), id="accepted"),
        pytest.param({"response": "yes", "responded_on": "2026-09-05"}, (0, 0, 0), id="accepted too late"),
        pytest.param({"completed_on": "2026-07-09"}, (1, 1, 0), id="done without an answer"),
        pytest.param({"response": "yes", "responded_on": "2026-07-05", "completed_on": "2026-09-05"}, (1, 0, 0),
                     id="done too late"),
        pytest.param({"completed_on": "2026-07-09", "used_on": "2026-10-30"}, (1, 1, 1), id="used"),
        pytest.param({"completed_on": "2026-07-09", "used_on": "2026-11-05"}, (1, 1, 0), id="used after the day"),
        pytest.param({"activity": "reference", "completed_on": "2026-07-09"}, (1, 1, 1), id="used by being done"),
    ],
)  # fmt: skip
def test_what_happened_in_its_time_counts(row, steps):
    found = told(row).whole
    assert (found.accepted, found.done, found.used) == steps


@pytest.mark.parametrize(
    ("accepted", "alarm"), [pytest.param(20, "yes"), pytest.param(50, "maybe"), pytest.param(80, "no")]
)
def test_the_alarm_says_what_the_interval_supports(accepted, alarm):
    yes = [{"response": "yes", "responded_on": "2026-07-02"}] * accepted
    found = told(*yes, *[{}] * (100 - accepted)).whole
    assert found.accept.value == accepted / 100
    assert found.alarm == alarm


def test_few_asks_have_counts_and_no_share():
    found = told(*[{"response": "yes", "responded_on": "2026-07-02"}] * 9, {}).whole
    assert (found.accept.value, found.accepted, found.asked, found.alarm) == (None, 9, 10, "no")
    assert found.accept.reason.startswith("too few: 9 of 10")


def test_without_asks_there_is_nothing_to_share():
    found = told()
    assert (found.whole.sent, found.whole.accept.value) == (0, None)
    assert all(rows == () for rows in found.cuts.values())


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "activity": st.sampled_from(["review", "reference", "video"]),
                "persona": st.sampled_from(["IT Lead", "CFO", None]),
                "asked_by": st.sampled_from(["Eve", "Max", None]),
                "asked_on": st.sampled_from(["2025-12-01", "2026-05-01", "2026-10-01", "2024-01-01"]),
                "delivered": st.sampled_from([True, False, None]),
                "response": st.sampled_from(["yes", "no", "later", None]),
                "completed_on": st.sampled_from(["2025-12-20", "2026-05-20", None]),
            }
        ),
        max_size=20,
    )
)
def test_the_rows_of_every_cut_sum_to_all(rows):
    found = told(*rows)
    for cut in CUTS:
        for name in COUNTS:
            assert sum(getattr(step, name) for step in found.cuts[cut]) == getattr(found.whole, name)
    whole = found.whole
    assert whole.sent == whole.bounced + whole.young + whole.asked
    assert whole.asked >= whole.accepted >= whole.done >= whole.used
