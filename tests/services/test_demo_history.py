"""The demo company's council: every figure is the month's own, days are in order, the spine is there at first sight."""

import datetime as dt
import itertools

import pytest
from sqlmodel import select

from core.glossary import SPACE, display_interval
from core.model.demo_council import demo_council
from core.services.decisions import ADOPTED
from core.services.demo_history import record_demo_history
from core.services.home import records_database
from core.services.look_back import due_look_backs
from core.services.meeting import meeting
from core.services.overview import overview
from core.services.reviews import STEPS
from core.services.scenarios import gain_words
from core.services.targets import read_targets
from core.store.tables import Action, AuditEntry, Decision, Review, Scenario, ScenarioLine, Target

pytestmark = pytest.mark.sampled(2)


def rows(model):
    with records_database().read() as session:
        return session.exec(select(model).order_by(model.id)).all()


@pytest.fixture
def newest(in_demo, demo_months):
    return demo_months()


def test_every_number_seen_is_the_one_its_month_shows(in_demo, demo_months):
    for item in rows(Decision):
        result = demo_months(item.month).kpis[item.kpi]
        assert (item.seen["value"], item.seen["low"]) == (result.value, result.low), item.title


def test_a_decision_shows_the_interval_of_its_number_and_what_its_scenario_promised(newest):
    lines = {line.title: line for line in meeting(newest).decisions}
    (planned,) = [item for item in rows(Decision) if item.scenario_id]
    assert gain_words(rows(Scenario)[0]) in lines[planned.title].scenario
    banded = [item for item in rows(Decision) if item.seen["low"] is not None]
    assert banded
    for item in banded:
        ends = display_interval(item.seen["low"], item.seen["high"], item.seen["unit"], item.seen["currency"])
        assert lines[item.title].seen.endswith(f" ({ends})")


def test_every_decision_is_taken_after_its_month_and_before_its_look_back(in_demo):
    items = rows(Decision)
    assert len(items) == 6
    for item in items:
        assert item.month < item.decided_at.date() < item.review_on
        assert item.decided_at.date() - item.month < dt.timedelta(days=62)


def test_acts_are_recorded_in_the_order_of_their_days(in_demo):
    entries = [entry for entry in rows(AuditEntry) if entry.actor == demo_council().author]
    assert len(entries) > 15
    assert all(one.at <= two.at for one, two in itertools.pairwise(entries))


def test_one_promise_was_kept_one_was_not_and_two_are_due_in_the_newest_month(newest):
    kept = {row.inside for row in rows(Review)}
    assert kept == {True, False, None}
    due = due_look_backs(newest)
    assert [item.kpi for item in due] == ["referral_leads", "expansion_arr"]
    assert all(item.got is not None for item in due)


def test_a_look_back_held_tells_the_interval_of_a_change_of_means(newest):
    got = {line.kpi_label: line.got.replace(SPACE, " ") for line in meeting(newest).reviews}
    assert "(95 %: " in got["Referral leads"]
    assert not any("(" in got[label] for label in ("Asks per person in 90 days", "Acquisition cost, paid"))


def test_the_number_a_decision_is_to_move_has_no_unit_where_it_is_a_count(newest):
    units = {choice.id: choice.unit for choice in meeting(newest).kpis}
    assert (units["referral_leads"], units["net_revenue_retention"]) == ("", "pp")


def test_a_trough_month_before_a_decision_is_no_success_in_the_demo(newest, demo_months):
    (back,) = [item for item in due_look_backs(newest) if item.kpi == "expansion_arr"]
    seen, now = (demo_months(dt.date(2026, month, 1)).kpis["expansion_arr"].value for month in (7, 10))
    # One month against the other would have kept the promise; the mean of the months has hardly moved.
    assert back.promised_low < now - seen < back.promised_high
    assert abs(back.got) < back.promised_low
    assert back.verdict == "cannot say yet"
    assert "in Sep to Oct 2026" in back.sentence


def test_actions_have_one_owner_each_some_are_done_some_overdue_and_some_ahead(newest):
    view = meeting(newest)
    assert {line.is_overdue for line in view.open_actions} == {True, False}
    assert len(view.done_actions) == sum(row.status == "done" for row in rows(Action)) == 5
    assert all(line.owner and line.evidence for line in view.done_actions)


def test_the_money_that_moved_is_a_saved_plan_that_keeps_the_total(in_demo):
    (plan,) = rows(Scenario)
    with records_database().read() as session:
        lines = session.exec(select(ScenarioLine).where(ScenarioLine.scenario_id == plan.id)).all()
    moved = {line.line: line.proposed_cents - line.current_cents for line in lines}
    moved = {line: cents for line, cents in moved.items() if cents}
    assert set(moved) == {"paid_search", "referral_programme"}
    assert sum(moved.values()) == 0 < moved["referral_programme"]
    (item,) = [item for item in rows(Decision) if item.scenario_id]
    assert f"{moved['referral_programme'] // 100_000}" in item.title
    assert plan.status == ADOPTED
    assert [entry.act for entry in rows(AuditEntry) if entry.record == f"scenarios/{plan.id}"][-1] == "adopt scenario"


def test_every_card_of_the_overview_has_a_target_and_they_are_met_and_missed(newest):
    view = overview(newest, None, read_targets())
    assert all(card.target is not None for card in view.cards)
    assert {card.status for card in view.cards} >= {"on target", "off target", "target in band"}


def test_targets_are_set_before_the_months_they_judge():
    assert all(item.month < item.held_on.replace(day=1) <= item.month_from for item in demo_council().target)


def test_recording_it_again_changes_nothing(in_demo_copy):
    kinds = (Decision, Action, Review, Scenario, Target, AuditEntry)
    before = [len(rows(model)) for model in kinds]
    assert list(record_demo_history()) == [item.id for item in rows(Decision)]
    assert [len(rows(model)) for model in kinds] == before


def test_the_history_names_only_steps_that_exist():
    steps = {review.next_step for item in demo_council().decision for review in item.review}
    assert steps <= set(STEPS)
