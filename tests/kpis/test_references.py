"""Reference requests filled in time, on companies small enough to work by hand."""

import datetime as dt

import pytest

from core.kpis import REGISTRY, evaluate
from core.kpis.result import State
from tests.companies import day
from tests.kpis.dealing import BASE, DECEMBER, OLD, deal, request

JUNE = dt.date(2025, 6, 1)


def given(name, contact, completed, opportunity="d"):
    return {
        "ask_id": name,
        "contact_id": contact,
        "activity": "reference",
        "state": "sent",
        "asked_on": day("2025-05-01"),
        "completed_on": day(completed),
        "opportunity_id": opportunity,
    }


def test_filled_in_time_late_open_and_withdrawn(company):
    rows = {
        "opportunities": [OLD, deal("d"), deal("e")],
        "asks": [
            given("1", "c1", "2025-06-10"),
            given("2", "c2", "2025-06-11"),
            given("3", "c2", "2025-06-01", opportunity="e"),
        ],
        "reference_requests": [
            request("on the day", contact="c1"),
            request("a day late", contact="c2"),
            request("in time for another deal", deal="e", contact="c2"),
            request("no day on record", deal="unknown", contact="c1"),
            request("open past its day", state="open", contact=None),
            request("matched past its day", state="matched"),
            request("missed", state="missed", contact=None),
            request("withdrawn", state="withdrawn"),
            request("needed later", needed="2025-07-01"),
            request("needed too long ago", needed="2024-06-30"),
        ],
    }
    data = company(BASE | rows)
    found = evaluate(REGISTRY["reference_fill_rate"], data, JUNE)
    assert (found.numerator, found.n, found.value) == (3, 7, pytest.approx(3 / 7))
    assert found.state is State.TOO_FEW
    month, filled, busiest, people = found.parts
    assert (month.value, filled.value, busiest.value, people.value) == (7, 3, 1.0, 2)
    assert evaluate(REGISTRY["reference_fill_rate"], data, JUNE, segment="SMB").n == 6, "one deal is not known"


def test_a_high_rate_that_rests_on_three_people_says_so(company):
    busy = [request(f"{name}{place}", contact=name) for name in ("c1", "c2", "c3") for place in range(3)]
    rows = {"opportunities": [OLD, deal("d")], "reference_requests": [*busy, request("other", contact="c4")]}
    found = evaluate(REGISTRY["reference_fill_rate"], company(BASE | rows), DECEMBER)
    assert found.value == 1
    assert found.parts[2].value == pytest.approx(0.9)


def test_nothing_needed_gives_no_rate(company):
    data = company(BASE | {"reference_requests": [request("withdrawn", state="withdrawn")]})
    found = evaluate(REGISTRY["reference_fill_rate"], data, JUNE)
    assert (found.value, found.state, found.reason) == (
        None,
        State.UNDEFINED,
        "no reference was needed in twelve months",
    )
    missing = evaluate(REGISTRY["reference_fill_rate"], company(BASE), JUNE)
    assert (missing.state, missing.reason) == (State.MISSING, "not loaded: reference requests")
