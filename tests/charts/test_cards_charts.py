"""What the colour of a change on a card claims: no more than two estimates can carry."""

import datetime as dt
from types import SimpleNamespace

import pytest

from core.charts.cards import cards_html
from core.kpis.result import KpiResult, State


def result(value, earlier, low=None, high=None, better="higher", state=State.OK):
    return KpiResult(
        id="kpi", label="KPI", unit="ratio", better=better, month=dt.date(2026, 10, 1), value=value, low=low, high=high,
        n=106, n_label="people", state=state, reason=None, previous=earlier,
    )  # fmt: skip


def change_tone(figure):
    return figure.change_tone(figure.previous)


@pytest.mark.parametrize(
    ("earlier", "tone"),
    [
        pytest.param(0.55, "neutral", id="inside the interval"),
        pytest.param(0.63, "neutral", id="beyond it, and within that of a difference: 0.1 x 1.41"),
        pytest.param(0.37, "neutral", id="the same below"),
        pytest.param(0.65, "bad", id="beyond that of a difference"),
        pytest.param(0.35, "good", id="the same below, grown"),
    ],
)
def test_a_change_of_two_estimates_is_coloured_only_beyond_the_interval_of_their_difference(earlier, tone):
    assert change_tone(result(0.5, earlier, 0.4, 0.6)) == tone


def test_the_arm_on_the_side_of_the_month_before_counts_and_not_the_mean_of_both():
    # Invited 106, acted 25: from 35.0 % the fall is less than 1.41 x 8.9 pp, and more than 1.41 x the mean arm of 8.0.
    assert change_tone(result(0.2358, 0.3495, 0.1652, 0.3250)) == "neutral"
    assert change_tone(result(0.2358, 0.3495, 0.1560, 0.3158)) == "bad"


@pytest.mark.parametrize(("better", "tone"), [("higher", "bad"), ("lower", "good"), ("neither", "neutral")])
def test_every_change_of_a_census_counts(better, tone):
    assert change_tone(result(0.5, 0.5001, better=better)) == tone


def test_nothing_is_said_of_a_change_that_is_none_or_of_a_figure_that_is_not_sure():
    assert change_tone(result(0.5, None)) == "neutral"
    assert change_tone(result(0.5, 0.5)) == "neutral"
    assert change_tone(result(0.5, 0.9, 0.49, 0.51, state=State.WIDE)) == "neutral"
    assert change_tone(result(0.5, 0.9, 0.4, float("inf"))) == "neutral"


def card(spark):
    return SimpleNamespace(
        result=result(0.5, None), definition="d", spark=spark, status="", tone="neutral", beside="", target=None
    )


def test_a_decision_stands_at_its_month_and_only_where_the_line_is_drawn():
    spark = (0.1, None, 0.2, 0.3, 0.4)
    html = cards_html([card(spark)], {"kpi": ((0, "too early"), (3, "14 Apr 2026: <b>move</b>"))})
    assert html.count('class="rc-decided"') == 1
    assert 'left:50.0%" title="Decided 14 Apr 2026: &lt;b&gt;move&lt;/b&gt;"' in html
    assert 'class="rc-decided"' not in cards_html([card(spark)], {"other": ((3, "x"),)})
