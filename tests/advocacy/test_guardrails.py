from dataclasses import replace
from typing import get_args

import numpy as np
import pandas as pd
import pytest

from core.advocacy.guardrails import EVERY_ASK, GUARDS, guardrails, settled
from core.model.activities import Use
from core.schema import TABLES
from tests.advocacy.random_input import AS_OF, EVERY_TABLE, case, ideal, random_input


def on(days: int) -> pd.Timestamp:
    return pd.Timestamp(AS_OF) + pd.Timedelta(days=days)


def guard_row(inputs, rules, guard):
    guards = guardrails(inputs, rules)
    return guards[guards["guard"] == guard].iloc[0]


def consent(use, status, expires_on=None):
    return pd.DataFrame([{"contact_id": "c1", "use": use, "status": status, "expires_on": expires_on}])


def test_a_contact_for_whom_everything_speaks_is_clear(rules):
    guards = guardrails(case(), rules)
    assert guards["guard"].tolist() == list(GUARDS)
    assert (guards["state"] == "clear").all()
    assert guards["until"].isna().all()
    assert guards["reason"].notna().all()


@pytest.mark.parametrize(
    ("guard", "changed", "reason", "until"),
    [
        ("left_company", {"left_on": on(0)}, "left the company on 21 Nov", None),
        ("account_inactive", {"account_active": False}, "the account is not active", None),
        ("account_inactive", {"account_active": None}, "the account is not active", None),
        ("never", {"never": True}, 'a standing "never"', None),
        ("open_issue", {"open_severe_tickets": 1}, "1 open ticket of severity 1–2", None),
        ("open_issue", {"open_escalations": 2}, "2 open escalations", None),
        (
            "open_issue",
            {"open_severe_tickets": 2, "open_escalations": 1},
            "2 open tickets of severity 1–2 and 1 open escalation",
            None,
        ),
        ("detractor", {"nps_score": 6, "nps_on": on(0)}, "detractor: NPS 6 on 21 Nov", on(90)),
        ("detractor", {"nps_score": 0, "nps_on": on(-89)}, "detractor: NPS 0 on 24 Aug", on(1)),
        ("detractor", {"nps_on": on(-1), "last_detractor_on": on(-20)}, "detractor on 1 Nov", on(70)),
        ("renewal", {"next_renewal_on": on(90)}, "renewal due on 19 Feb 2027 is undecided", None),
        ("renewal", {"next_renewal_on": on(-10)}, "renewal due on 11 Nov is undecided", None),
        (
            "verified_value",
            {"first_value_on": None, "outcomes_verified": 0},
            "neither first value nor a verified outcome yet",
            None,
        ),
        ("verified_outcome", {"outcomes_verified": 0}, "no verified outcome yet", None),
        ("verified_outcome", {"outcomes_verified": None}, "no verified outcome yet", None),
    ],
)
def test_a_hard_stop_blocks_and_says_why(rules, guard, changed, reason, until):
    row = guard_row(case(ideal(**changed)), rules, guard)
    assert (row["state"], row["reason"]) == ("blocked", reason)
    assert row["until"] == until if until is not None else pd.isna(row["until"])


@pytest.mark.parametrize(
    ("guard", "changed"),
    [
        pytest.param("detractor", {"nps_score": 6, "nps_on": on(-90)}, id="detractor of 90 days ago"),
        pytest.param("detractor", {"nps_score": 7, "nps_on": on(0)}, id="passive today"),
        pytest.param("detractor", {"last_detractor_on": on(-90)}, id="promoter who was a detractor 90 days ago"),
        pytest.param("detractor", {"nps_score": None, "nps_on": None}, id="never answered"),
        pytest.param("renewal", {"next_renewal_on": on(91)}, id="renewal a day beyond the window"),
        pytest.param("left_company", {"left_on": on(1)}, id="leaves tomorrow"),
        pytest.param("verified_value", {"outcomes_verified": 0}, id="first value alone"),
        pytest.param("verified_value", {"first_value_on": None}, id="an outcome alone"),
    ],
)
def test_just_outside_a_stop_is_clear(rules, guard, changed):
    assert guard_row(case(ideal(**changed)), rules, guard)["state"] == "clear"


@pytest.mark.parametrize(
    ("consents", "state", "reason"),
    [
        (consent("call", "granted"), "clear", "consent to calls"),
        (consent("call", "granted", on(0)), "clear", "consent to calls until 21 Nov"),
        (consent("call", "granted", on(-1)), "blocked", "consent to calls expired after 20 Nov"),
        (consent("call", "refused"), "blocked", "consent to calls refused"),
        (consent("call", "withdrawn", on(90)), "blocked", "consent to calls withdrawn"),
        (consent("quote", "granted"), "blocked", "no consent to calls recorded"),
    ],
)
def test_consent_is_per_use_and_holds_to_its_last_day(rules, consents, state, reason):
    row = guard_row(case(consents=consents), rules, "consent_call")
    assert (row["state"], row["reason"], row["use"]) == (state, reason, "call")


@pytest.mark.parametrize(("status", "state"), [("granted", "clear"), ("withdrawn", "blocked"), ("refused", "blocked")])
def test_opting_out_of_email_stops_every_ask(rules, status, state):
    assert guard_row(case(consents=consent("email", status)), rules, "opted_out")["state"] == state
    assert "opted_out" in EVERY_ASK


@pytest.mark.parametrize(
    ("guard", "inputs", "states"),
    [
        pytest.param("detractor", {"last_detractor_on": on(-80)}, "blocked blocked clear", id="a detractor's window"),
        pytest.param(
            "consent_call", {"consents": consent("call", "granted", on(9))}, "clear clear blocked", id="consent"
        ),
        pytest.param("left_company", {"left_on": on(10)}, "clear clear clear", id="what the data say of a later day"),
        pytest.param("renewal", {"next_renewal_on": on(100)}, "clear clear clear", id="a renewal that draws near"),
    ],
)
def test_a_stop_that_ends_by_itself_and_a_consent_are_judged_on_the_working_day(rules, guard, inputs, states):
    inputs = case(**inputs) if "consents" in inputs else case(ideal(**inputs))
    found = []
    for days in (-5, 9, 10):
        rows, (blocked, _) = guardrails(inputs, rules, day=on(days).date()), settled(inputs, rules, on(days).date())
        row = rows[rows["guard"] == guard].iloc[0]
        found.append(row["state"])
        assert blocked[0, GUARDS.index(guard)] == (row["state"] == "blocked")
        assert pd.isna(row["until"]) or row["until"] > on(days)
    assert " ".join(found) == states


@pytest.mark.parametrize(
    ("table", "guards"),
    [
        ("contacts", ["left_company"]),
        ("subscriptions", ["account_inactive"]),
        ("asks", ["never"]),
        ("tickets", ["open_issue"]),
        ("survey_responses", ["detractor"]),
        ("renewals", ["renewal"]),
        ("outcomes", ["verified_outcome"]),
        ("consents", ["opted_out", *(f"consent_{use}" for use in get_args(Use))]),
    ],
)
def test_without_its_table_a_guard_is_not_checked_whatever_the_frame_says(rules, table, guards):
    stopped = ideal(
        left_on=on(-1), account_active=False, never=True, open_severe_tickets=1, nps_score=0, next_renewal_on=on(1)
    )
    rows = guardrails(case(stopped, loaded=EVERY_TABLE - {table}), rules)
    unchecked = rows[rows["state"] == "not_checked"]
    assert sorted(unchecked["guard"]) == sorted(guards)
    assert (unchecked["unlocks"] == table).all()
    assert (unchecked["reason"] == f'not checked: nothing loaded from table "{table}"').all()
    assert table in TABLES


@pytest.mark.parametrize(
    ("loaded", "changed", "state", "unlocks"),
    [
        ({"milestones"}, {"first_value_on": None}, "not_checked", "outcomes"),
        ({"outcomes"}, {"outcomes_verified": 0}, "not_checked", "milestones"),
        (set(), {}, "not_checked", "milestones"),
        ({"milestones"}, {}, "clear", None),
        ({"outcomes"}, {}, "clear", None),
    ],
)
def test_value_shown_by_either_table_is_value(rules, loaded, changed, state, unlocks):
    tables = (EVERY_TABLE - {"milestones", "outcomes"}) | loaded
    row = guard_row(case(ideal(**changed), loaded=frozenset(tables)), rules, "verified_value")
    assert row["state"] == state
    assert row["unlocks"] == unlocks if unlocks else pd.isna(row["unlocks"])


def test_an_unknown_number_of_open_tickets_is_not_checked(rules):
    row = guard_row(case(ideal(open_severe_tickets=None)), rules, "open_issue")
    assert (row["state"], row["unlocks"]) == ("not_checked", "tickets")


def test_every_contact_has_every_guard_once(rules):
    inputs = random_input(np.random.default_rng(1), 50)
    guards = guardrails(inputs, rules)
    assert not guards.duplicated(["contact_id", "guard"]).any()
    assert len(guards) == 50 * len(GUARDS)
    assert set(guards["state"].unique()) == {"clear", "blocked"}


def test_the_windows_come_from_the_model_file(rules):
    wide = replace(rules, stops=replace(rules.stops, renewal=replace(rules.stops.renewal, days=400)))
    inputs = case(ideal(next_renewal_on=on(399)))
    assert guard_row(inputs, rules, "renewal")["state"] == "clear"
    assert guard_row(inputs, wide, "renewal")["state"] == "blocked"
