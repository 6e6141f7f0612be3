"""Money at stake, and which figures fall."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.maturity.evidence import Measure
from core.maturity.stakes import falls, money_at_stake


def figure(value, target=None, low=None, high=None, baseline=None):
    return Measure(value, low, high, 100, 12, target=target, baseline=baseline)


@pytest.fixture
def finance(capabilities):
    return capabilities["attribution_finance_tie_out"]


@pytest.mark.parametrize(
    ("value", "target", "aim", "money", "own"),
    [
        pytest.param(1.00, None, 5, 60_000, False, id="to what level 5 asks: 106 %"),
        pytest.param(1.00, 1.02, 5, 20_000, True, id="its own target goes first"),
        pytest.param(1.10, None, 5, None, False, id="none where it is there already"),
        pytest.param(1.02, 1.02, 5, None, True, id="none where it is on its own target"),
    ],
)
def test_a_point_of_retention_is_a_hundredth_of_todays_arr(finance, rules, value, target, aim, money, own):
    found = money_at_stake(finance, aim, {"net_revenue_retention": figure(value, target)}, 1_000_000, rules)
    assert found.money == (money if money is None else pytest.approx(money))
    assert (found.kpi, found.own_target) == ("net_revenue_retention", own)


def test_rules_above_the_target_level_do_not_count(finance, rules):
    measures = {"net_revenue_retention": figure(0.9)}
    asked = [item.value for level in finance.levels if level.level <= 3 for item in level.evidence
             if item.metric == "net_revenue_retention" and item.value is not None]  # fmt: skip
    assert asked == []
    assert money_at_stake(finance, 3, measures, 1_000_000, rules) is None


def test_several_kpis_are_never_added_up(finance, rules):
    measures = {"net_revenue_retention": figure(1.0), "incremental_arr": figure(-90_000.0)}
    found = money_at_stake(finance, 5, measures, 1_000_000, rules)
    assert (found.kpi, found.money) == ("incremental_arr", 90_000)


def test_a_figure_with_money_goes_before_one_that_is_there(finance, rules):
    measures = {"net_revenue_retention": figure(1.10), "incremental_arr": figure(-90_000.0)}
    assert money_at_stake(finance, 5, measures, 1_000_000, rules).kpi == "incremental_arr"


def test_a_monthly_figure_counts_twelve_times_a_year(capabilities, rules):
    measures = {"expansion_arr": figure(10_000.0, target=12_000.0)}
    assert money_at_stake(capabilities["expansion_nurture"], 4, measures, None, rules).money == 24_000


@pytest.mark.parametrize("measures", [{}, {"net_revenue_retention": figure(None)}])
def test_without_a_figure_there_is_no_money(finance, rules, measures):
    assert money_at_stake(finance, 5, measures, 1_000_000, rules) is None


def test_without_arr_retention_has_no_money(finance, rules):
    assert money_at_stake(finance, 5, {"net_revenue_retention": figure(1.0)}, None, rules) is None


def test_most_capabilities_have_no_kpi_that_gives_money(capabilities, rules):
    worth = {stake.kpi for stake in rules.stakes}
    assert {name for name, item in capabilities.items() if worth & set(item.primary_kpis)} == {
        "attribution_finance_tie_out", "executive_nurture", "expansion_nurture", "risk_and_renewal",
        "data_and_attribution", "tracking_and_attribution", "lifecycle_integration",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("measure", "better", "expected"),
    [
        pytest.param(figure(0.24, low=0.17, high=0.31, baseline=0.45), "higher", True, id="whole interval below"),
        pytest.param(figure(0.40, low=0.30, high=0.50, baseline=0.45), "higher", False, id="inside the interval"),
        pytest.param(figure(0.24, baseline=0.45), "higher", False, id="no interval, no fall"),
        pytest.param(figure(0.24, low=0.17, high=0.31), "higher", False, id="no year before"),
        pytest.param(figure(0.45, low=0.40, high=0.50, baseline=0.30), "lower", True, id="lower is better"),
        pytest.param(figure(0.24, low=0.17, high=0.31, baseline=0.45), "neither", False, id="no good direction"),
    ],
)
def test_falls(measure, better, expected):
    assert falls(measure, better) is expected


@given(st.floats(0, 1), st.floats(0, 0.2), st.floats(0, 1), st.floats(0, 0.2))
def test_a_better_figure_never_begins_to_fall(value, half, baseline, gain):
    before = figure(value, low=value - half, high=value + half, baseline=baseline)
    after = replace(before, value=value + gain, low=before.low + gain, high=before.high + gain)
    assert not falls(after, "higher") or falls(before, "higher")
