"""Every number of every screen leads to its rows, and to what it means."""

import re
from collections import Counter

import pytest

from core.glossary import NOTHING, QUANTITIES, display, display_month
from core.glossary_steps import common_step
from core.kpis import REGISTRY
from core.maturity.evidence import Outcome
from core.model.cohorts import cohort_rules
from core.services.advocates import advocates
from core.services.budget import open_budget
from core.services.budget_rows import line_rows
from core.services.budget_words import method as budget_method
from core.services.cohort_method import method as cohort_method
from core.services.cohort_rows import ALL, cell_rows
from core.services.cohorts import CohortQuery, cohorts
from core.services.data_screen import sources_view
from core.services.data_screen_finance import finance_view
from core.services.data_screen_runs import run_detail, runs_view
from core.services.figure_cards import group_cards
from core.services.look_back import due_look_backs
from core.services.look_back_rows import BEFORE, SINCE, look_back_rows
from core.services.maturity import maturity
from core.services.maturity_kpis import kpi_lines, kpis_with_rows
from core.services.maturity_view import recent_quarters
from core.services.meeting import meeting
from core.services.overview import overview
from core.services.overview_bridge import MONTHS_BACK, bridge, bridge_rows
from core.services.path import path_view
from core.services.path_accounts import HERE, LATE, REACHED, path_accounts
from core.services.path_step_rows import path_step_rows
from core.services.pilot import STEPS, pilot_view
from core.services.pilot_rows import pilot_rows
from core.services.pool_health import pool_health
from core.services.profile import profile
from core.services.referrals import lane_view
from core.services.request_log import referral_versions, request_versions
from core.services.request_words import FULL_FIT, NEAR_FIT
from core.services.requests import ASKED_LIST, OPEN_LIST, requests_view
from core.services.rows import rows_behind
from core.services.targets import Targets
from tests.homes import using


@pytest.fixture(scope="module")
def month(demo_home, demo_months):
    with using(demo_home):
        yield demo_months()


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
        decided_in = display_month(item.decided_on)
        assert decided_in not in set(rows.frame["Month"])
        assert f" {decided_in}, when it was decided, is on neither side. " in rows.tie
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


def test_every_tile_of_requests_is_the_length_of_a_list_or_a_figure_with_rows(month):
    view = requests_view(month, request_versions())
    facts = {label: (value, note) for label, value, note in view.facts}
    lists = view.lists
    assert facts["Open"][0] == f"{len(lists[OPEN_LIST]):,}"
    wanted = [line for line in lists[OPEN_LIST] if line.to_match]
    assert f"need a person: {len(wanted):,}" in facts["Open"][1]
    live = [*lists[OPEN_LIST], *lists[ASKED_LIST]]
    assert f"at risk or breached: {sum(line.status in ('breached', 'at_risk') for line in live):,}" in facts["Open"][1]
    full = [line for line in wanted if line.who.startswith(f"{FULL_FIT}: ")]
    near = [line for line in wanted if line.who.startswith(f"{NEAR_FIT}: ")]
    assert facts["Full fit to ask today"][0] == f"{len(full):,} of {len(wanted):,}"
    assert (f"part of what is wanted: {len(near):,}" in facts["Full fit to ask today"][1]) is bool(near)
    assert all(any(one.assigned and one.fit == 100 for one in line.candidates) for line in full)
    assert all(any(one.assigned and one.fit < 100 for one in line.candidates) for line in near)
    assert facts["Late deals without a request"][0] == f"{len(view.deals):,}"
    cents = [deal.cents for deal in view.deals if deal.cents is not None]
    assert display(sum(cents) / 100, "money", month.currency) in facts["Late deals without a request"][1]
    assert leads_to_rows(month, "reference_fill_rate", "referral")


def leads_to_rows(month, kpi, group):
    """Whether a figure stands among the cards of its screen and has rows that sum to it."""
    (card,) = (card for card in group_cards(month, group, Targets()).cards if card.result.id == kpi)
    behind = rows_behind(month, kpi)
    return bool(card.definition) and {name: behind.frame[name].sum() for name in behind.sums} == pytest.approx(
        behind.sums
    )


def test_every_number_of_the_referral_lane_is_counted_from_its_lists(month):
    view = lane_view(month, referral_versions())
    facts = {label: (value, note) for label, value, note in view.facts}
    assert facts["Breached"][0] == f"{sum(line.status == 'breached' for line in view.lines):,}"
    assert facts["To approve or deny"][0] == f"{len([line for line in view.lines if line.to_judge]):,}"
    assert {line.referral_id for line in view.lists["Running"]} <= {line.referral_id for line in view.lines}
    assert sum(column.count for column in view.board) == len(view.lines)
    for column in view.board:
        own = [line for line in view.lines if line.state == column.state]
        assert (column.count, column.breached) == (len(own), sum(line.status == "breached" for line in own))
    every = Counter(milestone.status for line in view.lines for milestone in line.milestones)
    said = f"{every['told']:,} of {every.total():,} to the referrer, {every['late']:,} late"
    assert facts["Milestones told"][1] == said
    for label, said in (("System delay", "Until somebody was given it"), ("Human delay", "to first contact")):
        took = [words for line in view.lines for name, words in line.delays if name.endswith(said)]
        took = [words for words in took if "so far" not in words and words != "not recorded"]
        assert facts[label][1] == f"median of {len(took):,} referrals"
    assert leads_to_rows(month, "fast_lane_sla_rate", "referral")


@pytest.mark.parametrize("step", STEPS)
def test_every_count_of_the_pilot_plan_opens_as_many_rows(month, step):
    view = pilot_view(month)
    count = view.steps["There is"].iloc[view.ids.index(step)]
    rows = pilot_rows(month, step)
    assert len(rows.frame) == count
    assert rows.title == f"{STEPS[step][0]}: {count:,}"
    assert not [name for name in rows.frame if name.lower().endswith("_id")]
    acts = pilot_rows(month, "advocates").frame["Acts"].sum()
    assert acts == pilot_rows(month, "kinds").frame["Acts"].sum()


def test_every_section_of_pool_health_has_the_rows_its_finding_counts(month):
    view = pool_health(month)
    for section in view.sections:
        assert not section.table.columns.empty, section.id
        assert all(card.help for card in section.cards), section.id
    counted = {section.id: section for section in view.sections}
    assert [name for name, section in counted.items() if section.table.empty and not section.empty] == []
    assert all(not counted[name].table.empty for name in ("load", "promoters", "debt", "watch", "referrers"))
    for name in ("promoters", "debt", "watch", "referrers", "champions"):
        number = int(re.search(r"\d[\d,]*", counted[name].title)[0].replace(",", ""))
        assert number == len(counted[name].table), name
    people = counted["load"].cards[2]
    assert int(people.value.replace(",", "")) == len(counted["load"].table)


def test_every_level_of_maturity_rests_on_rules_whose_figures_open_their_rows(month):
    view = maturity(month, recent_quarters(month.as_of)[0])
    assert view.rows
    opened = set()
    for row in view.rows:
        held = [rule.level for rule in row.rules if rule.outcome is Outcome.HOLDS]
        assert row.measured == 0 or row.measured in held or not row.rules
        names = kpis_with_rows(row, month)
        judged = {line.metric for rule in row.rules for line in rule.lines if line.compared is not None}
        assert {kpi for kpi in judged if kpi in REGISTRY and month.kpis[kpi].shown} <= set(names.values())
        assert {line.id for line in kpi_lines(row.capability, month, Targets()) if line.value != NOTHING} <= set(
            names.values()
        )
        opened |= set(names.values())
    assert opened
    for kpi in opened:
        behind = rows_behind(month, kpi)
        assert {name: behind.frame[name].sum() for name in behind.sums} == pytest.approx(behind.sums), kpi


def test_every_count_of_the_meeting_is_the_length_of_a_list(month):
    view = meeting(month)
    assert f"{len(view.due)} decision" in view.answer or not view.due
    overdue = [line for line in view.open_actions if line.is_overdue]
    assert not overdue or f"{len(overdue)} action" in view.answer
    assert len(view.open_actions) + len(view.done_actions) == len(view.actions)


def test_every_difference_with_finance_is_the_sum_of_its_parts_and_of_its_accounts(month):
    view = finance_view(month)
    for line in view.lines:
        if line.total is None:
            continue
        assert sum(part.amount for part in line.parts) == pytest.approx(line.total)
        rows = view.accounts(line.measure, False)
        if not rows.empty:
            assert rows["Difference"].sum() == pytest.approx(line.total, abs=0.01)
            assert list(rows["Ours"].fillna(0) - rows["Finance"].fillna(0)) == pytest.approx(
                list(rows["Difference"].fillna(0))
            )


def test_every_count_of_the_data_screen_is_the_sum_of_its_tables_and_sources(month):
    view = sources_view()
    by_table = view.rows.sum(axis=1)
    for table, rows in zip(view.loaded["Table"], view.loaded["Rows"], strict=True):
        assert by_table[table] == rows
    assert view.rows.to_numpy().sum() == view.loaded["Rows"].sum() == view.sources["Rows"].sum()
    runs = runs_view()
    assert len(runs.log) == len(runs.ids)
    for place, run in enumerate(runs.ids):
        detail = run_detail(run)
        assert detail.tables["Table"].is_unique
        logged = runs.log.iloc[place]
        assert logged["Files"] == len(detail.files)
        for name in ("New", "Changed"):
            assert logged[name] == detail.tables[name].sum()
        assert logged["Warnings"] == len(detail.warnings)


@pytest.mark.parametrize("since", list(MONTHS_BACK))
def test_every_segment_of_the_overview_sums_to_accounts_of_the_bridge(month, since):
    found = bridge(month, None, since)
    frame = bridge_rows(month, None, since).frame
    lost = (frame["contraction_arr"] + frame["churned_arr"]).groupby(frame["segment"]).sum()
    new = (frame["new_arr"] + frame["reactivated_arr"]).groupby(frame["segment"]).sum()
    for line in found.segments:
        assert (line.lost_arr, line.new_arr) == pytest.approx((lost.get(line.segment, 0), new.get(line.segment, 0)))
    for line in overview(month).segments:
        behind = rows_behind(month, "arr", line.segment)
        assert (len(behind.frame), behind.result.value) == (line.customers, pytest.approx(line.arr))
