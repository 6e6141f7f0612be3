"""The fast lane: states, clocks in working hours, the two delays, what was told, what is looked at twice."""

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.advocacy.fast_lane import STATUSES, fast_lane, milestones
from core.advocacy.referral_flags import referral_flags
from core.model.kpi_rules import kpi_rules
from core.model.requests import load_request_rules

RULES, LANE = load_request_rules(), kpi_rules().fast_lane
AT = dt.datetime(2026, 11, 4, 12, tzinfo=dt.UTC)  # a Wednesday
FEW = settings(max_examples=20, deadline=None)
INSTANTS = ("submitted_at", "routed_at", "first_contact_at", "qualified_at", "opened_on", "closed_on")


def referral(name="f1", **changed):
    empty = {"opportunity_id": None, "outcome": None, "rejected_reason": None, "shared_domain": None}
    row = dict.fromkeys(INSTANTS) | empty | {"referral_id": name, "contact_id": "c1", "standing": "counted"}
    row |= {"submitted_at": "2026-11-04T10:00", "own_company": False}
    return row | changed


def frame(*rows):
    made = pd.DataFrame(list(rows))
    text = ("opportunity_id", "outcome", "rejected_reason", "shared_domain", "standing")
    days = {name: pd.to_datetime(made[name], format="ISO8601").astype("datetime64[us]") for name in INSTANTS}
    return made.assign(**days, **{name: made[name].astype("str") for name in text})


def board(*rows, at=AT):
    found = fast_lane(frame(*rows), at, RULES, LANE)
    return found.set_index("referral_id")


def only(at=AT, **changed):
    return board(referral(**changed), at=at).iloc[0]


@pytest.mark.parametrize(
    ("changed", "state", "clock"),
    [
        pytest.param({}, "submitted", "first contact", id="nobody called"),
        pytest.param({"first_contact_at": "2026-11-04T11:00"}, "contacted", "decision of sales", id="called"),
        pytest.param({"qualified_at": "2026-11-04T11:00"}, "qualified", "deal on record", id="accepted"),
        pytest.param({"opportunity_id": "o1", "outcome": "open"}, "opportunity", None, id="in talks"),
        pytest.param({"opportunity_id": "o1", "outcome": "won"}, "won", None, id="won"),
        pytest.param({"opportunity_id": "o1", "outcome": "lost"}, "lost", None, id="lost"),
        pytest.param({"opportunity_id": "o1", "rejected_reason": "too small"}, "rejected", None, id="rejected"),
    ],
)
def test_the_furthest_step_on_record_is_the_state(changed, state, clock):
    row = only(**changed)
    assert row["state"] == state
    assert (None if pd.isna(row["clock"]) else row["clock"]) == clock
    assert (row["status"] == "no_clock") == (clock is None)


@pytest.mark.parametrize(
    ("submitted", "status", "left"),
    [
        pytest.param("2026-11-04T10:00", "in_time", 6, id="two of eight working hours gone"),
        pytest.param("2026-11-03T16:00", "due_soon", 4, id="evening and night do not count"),
        pytest.param("2026-11-03T14:00", "at_risk", 2, id="two hours left"),
        pytest.param("2026-11-03T12:00", "at_risk", 0, id="due this minute"),
        pytest.param("2026-11-03T11:00", "breached", -1, id="an hour late"),
        pytest.param("2026-10-30T17:30", "breached", -11, id="Friday after closing counts from Monday"),
    ],
)
def test_the_clock_of_the_first_contact_runs_in_working_hours(submitted, status, left):
    row = only(submitted_at=submitted)
    assert (row["status"], row["left_hours"]) == (status, left)


def test_sales_has_ten_working_days_from_the_contact_and_a_deal_a_week_from_the_decision():
    called = only(submitted_at="2026-10-22T09:00", first_contact_at="2026-10-22T10:00")
    assert called["due_at"] == pd.Timestamp("2026-11-05T10:00")
    assert (called["status"], called["left_hours"]) == ("at_risk", 6)
    accepted = only(qualified_at="2026-10-29T09:00")
    assert accepted["due_at"] == pd.Timestamp("2026-11-04T17:00")
    assert accepted["status"] == "at_risk"


def test_a_clock_stopped_late_stays_breached_while_the_next_one_runs_from_the_act():
    row = only(submitted_at="2026-10-29T09:00", first_contact_at="2026-11-20T09:00")
    assert (row["state"], row["status"], row["clock_status"]) == ("contacted", "breached", "in_time")
    assert row["call_late_hours"] == 15 * 8  # 16 working days from Thursday 29 October, one of them allowed
    assert (row["due_at"], row["left_hours"]) == (pd.Timestamp("2026-12-03T17:00"), 80)


@pytest.mark.parametrize(
    ("changed", "status", "late"),
    [
        pytest.param({"first_contact_at": "2026-11-03T09:00"}, "in_time", 0, id="called in the last hour allowed"),
        pytest.param({"first_contact_at": "2026-11-03T10:00"}, "breached", 1, id="called an hour late"),
        pytest.param(
            {"first_contact_at": "2026-11-03T10:00", "qualified_at": "2026-11-04T09:00"},
            "breached",
            1,
            id="accepted since",
        ),
        pytest.param(
            {"first_contact_at": "2026-11-03T10:00", "opportunity_id": "o1", "outcome": "open"},
            "no_clock",
            1,
            id="no clock left to count",
        ),
    ],
)
def test_what_was_called_late_counts_as_breached_while_a_clock_runs(changed, status, late):
    row = only(submitted_at="2026-11-02T09:00", **changed)
    assert (row["status"], row["call_late_hours"]) == (status, late)


def test_a_decision_after_its_ten_working_days_stays_breached():
    row = only(submitted_at="2026-10-01T09:00", first_contact_at="2026-10-01T10:00", qualified_at="2026-11-03T10:00")
    assert (row["status"], row["clock_status"]) == ("breached", "in_time")
    assert row["decision_late_hours"] == 23 * 8 - 80  # 23 working days from 1 October to 3 November


def test_system_and_human_delay_stand_apart():
    row = only(submitted_at="2026-11-03T09:00", routed_at="2026-11-03T15:00", first_contact_at="2026-11-04T10:00")
    assert (row["system_hours"], row["human_hours"]) == (6, 3)
    waiting = only(submitted_at="2026-11-04T09:00", routed_at="2026-11-04T10:00")
    assert (waiting["system_hours"], waiting["human_hours"]) == (1, 2)


def test_without_a_record_of_routing_the_system_delay_is_not_known_and_the_human_one_is_the_whole():
    row = only(submitted_at="2026-11-03T09:00", first_contact_at="2026-11-04T10:00", qualified_at="2026-11-04T11:30")
    assert pd.isna(row["system_hours"])
    assert (row["human_hours"], row["qualify_hours"]) == (9, 1.5)
    assert pd.isna(only(rejected_reason="no need")["human_hours"])


def test_breached_come_first_and_ended_last():
    found = board(
        referral("won", opportunity_id="o1", outcome="won"),
        referral("calm"),
        referral("talks", opportunity_id="o2", outcome="open"),
        referral("late", submitted_at="2026-11-02T09:00"),
        referral("later", submitted_at="2026-10-01T09:00"),
        referral("close", submitted_at="2026-11-03T14:00"),
    )
    assert list(found.index) == ["later", "late", "close", "calm", "talks", "won"]


@FEW
@given(st.integers(-360, 140), st.integers(0, 72))
def test_a_clock_only_grows_more_urgent(hours, later):
    first, then = (only(at=AT + dt.timedelta(hours=after))["status"] for after in (hours, hours + later))
    assert STATUSES.index(then) <= STATUSES.index(first)


def told(*rows):
    columns = {"referral_id": "str", "milestone": "str", "told_at": "datetime64[us]", "by": "str", "text": "str"}
    return pd.DataFrame(list(rows), columns=list(columns)).astype(columns)


WON = {"first_contact_at": "2026-09-02", "qualified_at": "2026-09-05", "opportunity_id": "o1", "outcome": "won",
       "opened_on": "2026-09-08", "closed_on": "2026-10-28", "submitted_at": "2026-09-01"}  # fmt: skip


def loop(*rows, said=(), zone="UTC"):
    found = milestones(board(*rows).reset_index(), told(*said), AT, RULES, zone)
    return dict(zip(found["milestone"], found["status"], strict=True))


def test_each_milestone_is_told_late_or_still_to_tell():
    one = ("f1", "qualified", pd.Timestamp("2026-09-06"), "Anna", "They are interested")
    assert loop(referral(**WON), said=[one]) == {
        "contacted": "late",
        "qualified": "told",
        "opportunity": "late",
        "won": "to tell",
    }


def test_the_outcome_told_with_the_ask_covers_what_was_reached_by_then():
    outcome = ("f1", None, pd.Timestamp("2026-09-30"), "Anna", None)
    assert loop(referral(**WON), said=[outcome]) == {
        "contacted": "told",
        "qualified": "told",
        "opportunity": "told",
        "won": "to tell",
    }


@pytest.mark.parametrize(
    ("zone", "called", "status"),
    [
        pytest.param("UTC", "2026-09-30T14:00", "told", id="at two on the day it was told"),
        pytest.param("UTC", "2026-10-01T08:00", "late", id="the morning after"),
        pytest.param("America/New_York", "2026-10-01T03:30", "told", id="late that evening in New York"),
        pytest.param("Asia/Tokyo", "2026-09-30T15:30", "late", id="past midnight in Tokyo"),
    ],
)
def test_what_was_told_on_a_day_covers_what_was_reached_at_any_hour_of_it(zone, called, status):
    outcome = ("f1", None, pd.Timestamp("2026-09-30"), "Anna", None)
    assert loop(referral(first_contact_at=called), said=[outcome], zone=zone) == {"contacted": status}


def test_milestones_stand_by_the_day_they_were_reached():
    early = referral(**{**WON, "opened_on": "2026-09-03"})
    found = milestones(board(early).reset_index(), told(), AT, RULES, "UTC")
    assert list(found["milestone"]) == ["contacted", "opportunity", "qualified", "won"]


def test_a_rejection_without_a_day_is_to_be_told_and_never_late():
    assert loop(referral(submitted_at="2026-01-01", rejected_reason="no need")) == {"rejected": "to tell"}


@pytest.mark.parametrize(
    ("changed", "flag"),
    [
        ({"own_company": True}, "own_company"),
        ({"shared_domain": "north.example"}, "same_domain"),
        ({"standing": "customer already"}, "customer"),
        ({"standing": "deal open already"}, "in_talks"),
        ({"standing": "referred before"}, "referred_before"),
        ({"standing": "referrer not known"}, "unknown_referrer"),
        ({}, None),
        ({"shared_domain": "GMAIL.com"}, None),
    ],
)
def test_what_is_looked_at_twice_says_why(changed, flag):
    flags = referral_flags(frame(referral(**changed)), RULES.fraud)
    assert list(flags["flag"]) == ([flag] if flag else [])
    assert flags["reason"].notna().all()


def test_the_fourth_referral_of_a_person_in_a_month_is_looked_at():
    days = ["2026-09-01", "2026-10-01", "2026-10-20", "2026-10-25", "2026-10-31T00:00", "2026-10-31T23:00"]
    rows = [referral(f"f{number}", submitted_at=day) for number, day in enumerate(days)]
    others = [referral(f"g{number}", contact_id="c2", submitted_at="2026-10-25") for number in range(3)]
    flags = referral_flags(frame(*rows, *others), RULES.fraud)
    assert list(flags["referral_id"]) == ["f4", "f5"]
    assert list(flags["reason"]) == ["4 referrals of this person in 30 days"] * 2


def test_no_referrals_give_empty_frames():
    nothing = frame(referral()).iloc[:0]
    rows = fast_lane(nothing, AT, RULES, LANE)
    assert rows.empty
    assert milestones(rows, told(), AT, RULES, "UTC").empty
    assert referral_flags(nothing, RULES.fraud).empty
