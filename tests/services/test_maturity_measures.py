"""Evidence measures as maturity rules read them, on the demo company."""

import datetime as dt
import math
from dataclasses import replace

import pytest

from core.kpis import MEASURES, evaluate
from core.kpis.result import State
from core.maturity.evidence import MeasureState, Outcome
from core.services import maturity_measures as measures
from core.services.decision_measures import COUNTS, council_record, decision_measure
from core.services.maturity import maturity
from core.services.maturity_evidence import capability_evidence, maturity_model
from core.services.targets import TargetLine, Targets
from tests.homes import using

OF_ONE_DAY = {"cov_eligible_offered", "cov_contacts_scored"}
"""Measures of the pool, which is known for the month that is looked at alone."""


@pytest.fixture(scope="module")
def months(demo_home, demo_months):
    with using(demo_home):
        yield demo_months(dt.date(2026, 10, 1)), demo_months(dt.date(2026, 6, 1))


@pytest.mark.parametrize("name", list(MEASURES))
def test_the_demo_company_has_every_measure(months, name):
    result = evaluate(MEASURES[name], months[0].kpi_input, months[0].month, history=False)
    assert result.state is not State.MISSING, result.reason
    most = math.inf if name == "score_top_decile_lift" else 1
    assert result.value is None or 0 <= result.value <= most


@pytest.mark.parametrize("name", sorted(set(MEASURES) - OF_ONE_DAY))
def test_an_earlier_month_is_the_same_whether_later_rows_exist_or_not(months, name):
    october, june = months
    later = evaluate(MEASURES[name], october.kpi_input, june.month, history=False)
    then = evaluate(MEASURES[name], june.kpi_input, june.month, history=False)
    assert later == then


def test_every_coverage_measure_of_the_nineteen_has_a_figure(months, demo_home):
    capabilities = maturity_model()[1]
    assert len(capabilities) == 19
    for capability in capabilities.values():
        name = capability.coverage.id
        if name in COUNTS:
            with using(demo_home):
                assert decision_measure(council_record(), months[0], name, 1).value is not None, name
            continue
        result = measures.measure_results(months[0], name)[0]
        assert result.state not in (State.MISSING, State.UNDEFINED, State.IMPLAUSIBLE), name
        assert result.value is not None, name


def test_a_rule_over_several_months_compares_the_weakest_of_them(months):
    name = "cov_event_started_sends"
    results = measures.measure_results(months[0], name)
    evidence = capability_evidence(maturity_model()[1]["milestone_mapping"], months[0], Targets())
    judged = [line for level in evidence for line in level.conditions if line.condition.metric == name]
    assert [line.condition.months for line in judged] == [1, 1, 3, 6]
    for line in judged:
        assert line.compared == min(result.value for result in results[: line.condition.months])


def test_where_an_end_of_the_interval_is_compared_the_month_with_the_weakest_end_counts(months):
    october = months[0]
    name = "nrr_advocate_gap"
    capability = next(
        item for item in maturity_model()[1].values() if any(each.metric == name for each in item.conditions)
    )
    evidence = capability_evidence(capability, october, Targets())
    line = next(line for level in evidence for line in level.conditions if line.condition.metric == name)
    shown = measures.measure_results(october, name)[: line.condition.months]
    failing = [each.low for each in shown if each.n >= line.condition.min_n and each.low < line.threshold]
    assert line.condition.use == "lower" and failing
    assert (line.outcome, line.compared) == (Outcome.FAILS, min(failing))


def test_a_kpi_is_judged_in_every_month_a_rule_asks_for(months):
    name = "gross_revenue_retention"
    found = measures.measures_of(months[0], [name], Targets(), 6, {name: 6})[name]
    assert len(found.window) == 6
    assert found.window[0].value == found.value
    assert found.window[4].value == pytest.approx(months[1].kpis[name].value)
    assert found.window[4].low == pytest.approx(months[1].kpis[name].low)
    assert measures.measures_of(months[0], [name], Targets(), 6)[name].window == ()


def test_a_month_that_cannot_be_shown_ends_the_row_of_measured_months(months, monkeypatch):
    name = "cov_event_started_sends"
    shown = measures.measure_results(months[0], name)
    cut = (*shown[:2], replace(shown[2], value=None, state=State.TOO_FEW), *shown[3:])
    monkeypatch.setattr(measures, "measure_results", lambda month, metric: cut)
    found = measures.measures_of(months[0], [name], Targets())[name]
    assert (found.months_measured, len(found.window), found.state) == (2, 2, MeasureState.OK)


def test_a_rule_that_asks_for_a_figures_own_target_reads_the_one_in_force(months, demo_home):
    month = months[0]
    value = month.kpis["community_engagement_rate"].value
    assert value is not None

    def judged(target):
        line = TargetLine("community_engagement_rate", None, month.month, target, "", "CM", "Ann", "plan", None, 1)
        targets = Targets(() if target is None else (line,))
        with using(demo_home):
            rows = maturity(month, month.as_of, targets=targets).rows
        rules = next(row.rules for row in rows if row.capability.id == "community_programmes")
        return next(line for rule in rules for line in rule.lines if "its own target" in line.text)

    assert judged(value / 2).outcome == "holds"
    assert judged(value * 2).outcome == "fails"
    assert "against" in judged(value * 2).words
    assert judged(None).outcome == "untestable"
    assert "set one on Definitions" in judged(None).words
