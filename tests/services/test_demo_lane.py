"""The demo company's fast lane: every state is occupied, who was given what is on record, some were told."""

import pytest
from sqlmodel import select

from core.advocacy.fast_lane import STATUSES
from core.model.demo_lane import demo_lane
from core.services.demo_lane import record_demo_lane
from core.services.home import open_month, records_database
from core.services.referrals import lane_view
from core.services.request_log import referral_versions
from core.services.requests import requests_view
from core.store.tables import AuditEntry, Referral, ReferralEvent


def rows(model):
    with records_database().read() as session:
        return session.exec(select(model)).all()


@pytest.fixture
def lane(in_demo, demo_months):
    return lane_view(demo_months(), referral_versions())


def test_every_state_of_the_lane_and_of_its_clock_is_occupied_and_one_clock_has_run_out(lane):
    assert all(column.count > 0 for column in lane.board)
    assert sum(line.clock_status == "breached" for line in lane.lines) == 1
    answered_late = sum(bool(line.slipped) for line in lane.lines if line.status == "breached")
    assert sum(column.breached for column in lane.board) == 1 + answered_late > 1, "a late answer stays on the board"
    assert {line.status for line in lane.lines} == set(STATUSES)
    (soon,) = (line for line in lane.lines if line.status == "due_soon")
    assert (soon.state, soon.slipped) == ("qualified", ())


def test_a_referral_of_ones_own_company_waits_for_a_judgement_and_an_earlier_one_was_denied(lane):
    waiting = [line for line in lane.lists["To judge"] if "the referred company is the referrer's own" in line.flags]
    assert len(waiting) == 1
    denied = [line for line in lane.lists["Judged"] if line.verdict.startswith("Denied by")]
    assert len(denied) == 1
    assert denied[0].state == "rejected"


def test_referrers_were_told_of_some_milestones_and_not_of_others(lane):
    assert {item.status for line in lane.lines for item in line.milestones} >= {"told", "late", "to tell"}


def test_most_referrals_were_given_to_somebody_and_one_at_least_to_nobody(lane):
    given = [bool(line.given_to) for line in lane.lines]
    assert 0.7 < sum(given) / len(given) < 1


def test_every_act_lies_between_the_submission_and_the_end_of_the_data(in_demo):
    submitted = {row.referral_id: row.submitted_at for row in rows(Referral)}
    contacted = {row.referral_id: row.first_contact_at for row in rows(Referral)}
    events = rows(ReferralEvent)
    assert len(events) > 50
    end = open_month().as_of
    for event in events:
        assert submitted[event.referral_id] < event.at
        assert event.at.date() <= end
        if event.kind == "routed" and contacted[event.referral_id] is not None:
            assert event.at < contacted[event.referral_id]


def test_every_act_is_in_the_audit_log_and_a_second_run_adds_none(in_demo_copy):
    before = len(rows(ReferralEvent))
    assert sum(entry.actor == demo_lane().author for entry in rows(AuditEntry)) == before
    record_demo_lane()
    assert len(rows(ReferralEvent)) == before


def test_one_open_request_is_late_and_one_finds_nobody(in_demo):
    view = requests_view(open_month(), {})
    waiting = [line for line in view.lines if line.to_match]
    assert [line.status for line in waiting].count("breached") == 1
    assert [line.who for line in waiting].count("nobody yet") == 1
    assert sum(line.asked == "sent" for line in view.lines) == 2
