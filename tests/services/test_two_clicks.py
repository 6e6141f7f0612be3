"""Every number of Path, Cohorts, Advocates, Requests, Meeting and Budget leads to its rows, and to what it means."""

import pytest

from core.glossary import QUANTITIES, display
from core.glossary_steps import common_step
from core.kpis import REGISTRY
from core.model.cohorts import cohort_rules
from core.services.advocates import advocates
from core.services.budget import open_budget
from core.services.budget_rows import line_rows
from core.services.budget_words import method as budget_method
from core.services.cohort_method import method as cohort_method
from core.services.cohort_rows import ALL, cell_rows
from core.services.cohorts import CohortQuery, cohorts
from core.services.figure_cards import group_cards
from core.services.home import open_month
from core.services.look_back import due_look_backs
from core.services.look_back_rows import BEFORE, SINCE, look_back_rows
from core.services.meeting import meeting
from core.services.path import path_view
from core.services.path_accounts import HERE, LATE, REACHED, path_accounts, path_step_rows
from core.services.profile import profile
from core.services.rows import rows_behind
from core.services.targets import Targets
from tests.homes import using


@pytest.fixture(scope="module")
def month(demo_home):
    with using(demo_home):
        yield open_month()


def test_every_figure_of_a_stage_is_the_sum_of_its_accounts(month):
    view = path_view(month)
    assert len(view.stages) == 8
    words = dict(view.method)
    for line in view.stages:
        for which, count in ((HERE, line.here), (LATE, line.late), (REACHED, line.reached)):
            assert len(path_accounts(month, stage=line.id, which=which).ids) == count, (line.id, which)
        assert path_accounts(month, stage=line.id).rows["ARR"].sum() == pytest.approx(line.here_arr)
        assert path_accounts(month, stage=line.id, which=LATE).rows["ARR"].sum() == pytest.approx(line.late_arr)
        assert f"{line.label}: " in words["Stages"]


def test_every_step_of_the_path_is_told_from_customers_who_sum_to_it(month):
    for step in month.path.steps:
        rows = path_step_rows(month, step.start).frame
        assert (len(rows), rows["Got there"].sum()) == (step.followed, step.arrived)
        assert (rows["Old enough"].sum(), rows["Went on in time"].sum()) == (step.old_enough, step.went_on)


@pytest.mark.parametrize("measure", cohort_rules().by_id)
def test_every_cell_of_all_cohorts_is_the_sum_of_its_customers_and_has_its_method(month, measure):
    view = cohorts(month, CohortQuery(measure=measure, monthly=True))
    rule = view.measure
    assert rule.formula[1:] in dict(cohort_method(view))[rule.label]
    for cell in view.triangle.all.cells:
        rows = cell_rows(month, view, ALL, cell.age).frame
        for name, total in ((rule.numerator, cell.figure.numerator), (rule.denominator, cell.figure.denominator)):
            assert rows[name].sum() * (100 if QUANTITIES[name].unit == "money" else 1) == pytest.approx(total)


def test_every_look_back_rests_on_months_whose_means_are_its_figures(month):
    due = due_look_backs(month)
    cards = {line.id: line.look_back for line in meeting(month).due}
    assert due
    for item in due:
        rows = look_back_rows(month, item.decision_id)
        means = rows.frame.groupby("Side")["Value"].mean()
        changes = [item.promised, *([item.got] if item.unit == "money" and item.got is not None else [])]
        step = common_step([means[BEFORE], means[SINCE]], changes, item.unit, item.currency)
        written = [step.written(means[side]) for side in (BEFORE, SINCE)]
        assert written == [cards[item.decision_id].then, cards[item.decision_id].now]
        assert REGISTRY[item.kpi].text.says in rows.tie
        newest = rows.behind[0]
        assert newest.result.value == pytest.approx(rows.frame["Value"].iloc[0])
        assert not newest.frame.empty


def test_every_line_of_the_budget_is_the_sum_of_its_months(month):
    budget = open_budget(month)
    total = 0.0
    for line in budget.lines:
        rows = line_rows(month, budget, line.line)
        assert 100 * rows.frame["Cost"].sum() == pytest.approx(line.current_cents)
        assert display(line.current_cents / 100, "money", budget.currency) in rows.tie
        total += rows.frame["Cost"].sum()
    assert 100 * total == pytest.approx(budget.exact.total_cents)
    assert "Response" in dict(budget_method())


@pytest.mark.parametrize("group", ["programme", "referral"])
def test_every_card_of_advocates_and_requests_has_its_definition_and_rows(month, group):
    cards = group_cards(month, group, Targets()).cards
    assert any(card.result.shown for card in cards)
    for card in cards:
        assert REGISTRY[card.result.id].text.says in card.definition
        for kpi in card.rows_of if card.result.shown else ():
            behind = rows_behind(month, kpi)
            assert len(behind.frame), kpi
            assert {name: behind.frame[name].sum() for name in behind.sums} == pytest.approx(behind.sums), kpi


def test_every_count_of_advocates_is_the_length_of_its_list(month):
    view = advocates(month)
    assert sum(view.counts.values()) == len(view.pool)
    assert view.counts["ask"] == len(view.ask)
    assert sum(count for state, count in view.counts.items() if state != "ask") == len(view.rest)
    assert view.pool["contact_id"].is_unique


def test_every_point_of_readiness_is_one_of_its_signals(month):
    pool = advocates(month).pool
    for contact in pool["contact_id"].iloc[:: max(len(pool) // 4, 1)]:
        person = profile(month, contact, pool, None)
        points = [part.points for part in person.parts if part.points is not None]
        assert (sum(points) if points else None) == (
            None if person.readiness is None else pytest.approx(person.readiness)
        )
