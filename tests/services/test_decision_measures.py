"""How the council keeps its record, counted by hand and on the demo company."""

import datetime as dt

import pytest

from core.maturity.evidence import MeasureState
from core.services.decision_measures import (
    CouncilRecord,
    council_record,
    decision_measure,
    reviewed_on_time,
    with_owner_and_due,
)
from core.services.home import open_month
from core.services.maturity_evidence import capability_evidence, maturity_model, rules_in_words
from core.services.targets import Targets

OCTOBER = dt.date(2026, 10, 1)


def day(text):
    return dt.date.fromisoformat(text)


RECORD = CouncilRecord(
    decided=(
        (day("2025-10-31"), False),
        (day("2025-11-01"), True),
        (day("2026-10-31"), False),
        (day("2026-11-01"), False),
    ),
    due=(
        (day("2026-03-31"), day("2026-03-31")),
        (day("2026-04-30"), day("2026-05-01")),
        (day("2026-10-31"), None),
        (day("2026-11-01"), None),
        (day("2025-10-31"), None),
    ),
)


def test_a_year_ends_with_the_month_and_begins_after_the_month_a_year_before():
    assert with_owner_and_due(RECORD, OCTOBER) == (1, 2)
    assert reviewed_on_time(RECORD, OCTOBER) == (1, 3)


def test_a_look_back_a_day_late_or_not_held_is_not_on_time():
    assert reviewed_on_time(RECORD, dt.date(2026, 4, 1)) == (1, 3)
    assert reviewed_on_time(RECORD, dt.date(2026, 3, 1)) == (1, 2)


class Known:
    month = OCTOBER


def test_a_measure_over_several_months_is_that_of_the_weakest():
    one = decision_measure(RECORD, Known, "decisions_reviewed_on_time_rate", 1)
    assert (one.value, one.n, one.low) == (pytest.approx(1 / 3), 3, None)
    record = CouncilRecord(decided=(), due=((day("2026-10-01"), day("2026-10-01")), (day("2025-10-15"), None)))
    assert decision_measure(record, Known, "decisions_reviewed_on_time_rate", 1).value == 1
    assert decision_measure(record, Known, "decisions_reviewed_on_time_rate", 2).value == 0


def test_without_a_decision_nothing_can_be_said():
    empty = decision_measure(CouncilRecord((), ()), Known, "decisions_with_owner_and_due_rate", 1)
    assert (empty.value, empty.state, empty.months_measured) == (None, MeasureState.UNDEFINED, 0)


def test_the_demo_councils_record_is_judged(in_demo):
    month, capability = open_month(OCTOBER), maturity_model()[1]["executive_reporting"]
    found = decision_measure(council_record(), month, "decisions_with_owner_and_due_rate", 3)
    assert (found.value, found.state) == (1.0, MeasureState.OK)
    rules = rules_in_words(capability, capability_evidence(capability, month, Targets()), month)
    lines = {line.metric: line for rule in rules for line in rule.lines}
    assert lines["decisions_with_owner_and_due_rate"].outcome == "holds"
    assert lines["decisions_reviewed_on_time_rate"].words == "cannot be tested: measured in 4 of 6 closed months"
