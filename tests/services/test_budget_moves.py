"""A saved plan on the spend of another month: its moves are laid on today's amounts, never its amounts."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import select

from core.budget.plan import plan_of
from core.glossary import SPACE
from core.services.access import LOCAL_USER
from core.services.budget import open_budget
from core.services.budget_moves import carry
from core.services.budget_view import problems_of
from core.services.budget_why import belief_point
from core.services.home import open_month, records_database
from core.services.scenarios import ScenarioDraft, load_scenario, save_scenario, scenarios
from core.store.tables import ScenarioLine
from tests.homes import using

AT = dt.datetime(2026, 11, 4, 9, tzinfo=dt.UTC)
K = 100_000
BIG = {"paid_search": -70 * K, "events": 70 * K}


@pytest.fixture
def budget(in_demo, demo_months):
    return open_budget(demo_months())


def changes(budget, plan):
    return {line: plan[line] - now for line, now in budget.current.items() if plan[line] != now}


def test_moves_that_fit_are_laid_on_todays_amounts_as_they_were(budget):
    moves = {"paid_search": -60 * K, "referral_programme": 60 * K}
    found = carry(budget, moves)
    assert changes(budget, found.plan) == moves
    assert (found.wanted_cents, found.moved_cents) == (60 * K, 60 * K)


def test_a_move_beyond_a_limit_is_cut_and_the_givers_give_only_what_is_taken(budget):
    room = next(bound for bound in budget.bounds().bounds if bound.line == "customer_education")
    most = room.high_cents - room.current_cents
    moves = {"paid_search": -30 * K, "paid_social": -10 * K, "customer_education": 40 * K}
    found = carry(budget, moves)
    moved = changes(budget, found.plan)
    assert moved["customer_education"] == found.moved_cents == most < 40 * K
    assert moved["paid_search"] + moved["paid_social"] == -most
    assert moved["paid_search"] == pytest.approx(0.75 * -most, abs=budget.step_cents)


def test_a_line_that_is_gone_takes_its_share_of_the_moves_with_it(budget):
    found = carry(budget, {"fairs": -20 * K, "paid_search": -20 * K, "events": 40 * K})
    assert changes(budget, found.plan) == {"paid_search": -20 * K, "events": 20 * K}
    assert (found.wanted_cents, found.moved_cents) == (40 * K, 20 * K)


def test_a_locked_line_keeps_todays_spend(budget):
    found = carry(budget, {"paid_search": -20 * K, "events": 20 * K}, {"events"})
    assert found.plan == budget.current
    assert found.moved_cents == 0


@settings(max_examples=40, deadline=None)
@given(moves=st.lists(st.integers(-30_000_000, 30_000_000), min_size=12, max_size=12))
def test_whatever_was_saved_keeps_total_and_bounds_and_never_turns_a_move_round(opened, moves):
    wanted = dict(zip(opened.current, moves, strict=True))
    found = carry(opened, wanted)
    assert sum(found.plan.values()) == opened.exact.total_cents
    for bound in opened.exact.bounds:
        assert bound.low_cents <= found.plan[bound.line] <= bound.high_cents
        assert (found.plan[bound.line] - bound.current_cents) * wanted[bound.line] >= 0


@pytest.fixture(scope="module")
def opened(demo_home, demo_months):
    with using(demo_home):
        return open_budget(demo_months())


def test_the_adopted_plan_of_another_month_is_the_same_plan_today(in_demo):
    budget = open_budget(open_month())
    (adopted,) = [item for item in scenarios() if item.status == "adopted"]
    with records_database().read() as session:
        lines = session.exec(select(ScenarioLine).where(ScenarioLine.scenario_id == adopted.id)).all()
    then = {line.line: line.proposed_cents - line.current_cents for line in lines}
    assert {line.line: line.current_cents for line in lines} != budget.current
    loaded = load_scenario(budget, adopted.id)
    assert changes(budget, loaded.proposal.plan) == {line: cents for line, cents in then.items() if cents}
    assert not problems_of(budget, loaded.proposal)
    assert loaded.origin.replace(SPACE, " ").endswith("its moves of March 2026 on today's spend")


def test_what_does_not_fit_is_told(in_demo_copy):
    month = open_month()
    budget = open_budget(month)
    plan = budget.current | {line: budget.current[line] + cents for line, cents in BIG.items()}
    saved = save_scenario(LOCAL_USER, month, ScenarioDraft("Fairs", budget.current, plan), "t1", AT)
    assert load_scenario(budget, saved).origin == "Scenario “Fairs”, draft by Local user"
    narrow = open_budget(month, 0.1)
    loaded = load_scenario(narrow, saved)
    moved = changes(narrow, loaded.proposal.plan)["events"]
    assert 0 < moved < BIG["events"] and not problems_of(narrow, loaded.proposal)
    told = loaded.origin.replace(SPACE, " ")
    assert told.endswith(f"on today's spend; €{moved // K} k of €70 k fit today's limits")
    fixed = load_scenario(open_budget(month, 0.0), saved)
    assert fixed.proposal.plan == budget.current
    assert fixed.origin.replace(SPACE, " ").endswith("; nothing of €70 k fits today's limits")


def test_what_lines_without_results_rest_on_is_said_of_all_of_them(budget):
    plan = plan_of(budget.curves, budget.bounds(), budget.current)
    head, sentence = belief_point(budget, plan)
    averages = [item.average_return_now for item in plan.lines]
    assert head == "Average and next €1"
    assert sentence.startswith("all lines rest on the same belief")
    assert f"about €{min(averages):.2f} to €{max(averages):.2f} on average" in sentence
    first, *rest = plan.lines
    partly = replace(plan, lines=(replace(first, evidence="model"), *rest))
    assert belief_point(budget, partly)[1].startswith(f"{len(rest)} of {len(plan.lines)} lines rest")
    measured = replace(plan, lines=tuple(replace(item, evidence="model") for item in plan.lines))
    assert belief_point(budget, measured) is None
