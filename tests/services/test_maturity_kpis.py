"""The figures a capability answers for, as Maturity shows them."""

import datetime as dt
from types import SimpleNamespace

import pytest

from core.kpis.result import KpiResult, State
from core.services.maturity_kpis import kpi_lines
from core.services.targets import Targets

NAME = "net_revenue_retention"


def line(value, year_ago, low, high):
    result = KpiResult(
        id=NAME, label="NRR", unit="ratio", better="higher", month=dt.date(2026, 10, 1), value=value, low=low,
        high=high, n=200, n_label="accounts", state=State.OK, reason=None, year_ago=year_ago,
    )  # fmt: skip
    month = SimpleNamespace(kpis={NAME: result}, histories=lambda _: {NAME: ()}, currency="EUR", month=result.month)
    (found,) = kpi_lines(SimpleNamespace(primary_kpis=(NAME,)), month, Targets())
    return found


@pytest.mark.parametrize(
    ("year_ago", "low", "high", "good"),
    [
        pytest.param(1.001, 0.95, 1.05, None, id="a tenth of a point inside the interval"),
        pytest.param(1.2, 0.95, 1.05, False, id="worse beyond it"),
        pytest.param(0.8, 0.95, 1.05, True, id="better beyond it"),
        pytest.param(1.001, None, None, False, id="a census has no chance"),
    ],
)
def test_a_change_on_a_year_ago_is_coloured_only_beyond_chance(year_ago, low, high, good):
    assert line(1.0, year_ago, low, high).good is good
