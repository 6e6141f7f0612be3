"""RavenStack: figures that a correct system must reproduce, and what it must say of the rest."""

import datetime as dt
import json

import pytest

from core.kpis.result import State
from core.services.home import open_month
from tests.homes import SHARED

REFERENCE = SHARED / "data" / "reference.json"


@pytest.fixture
def month(in_ravenstack):
    return open_month(dt.date(2024, 12, 1))


@pytest.fixture
def reference():
    return json.loads(REFERENCE.read_text())["ravenstack"]


def test_the_mrr_of_every_month_end(month, reference):
    for day, value in reference["mrr_at_month_end"]["value"].items():
        assert month.kpi_input.revenue.mrr_at(dt.date.fromisoformat(day).replace(day=1)).sum() == value * 100, day


def test_retention_of_the_year(month, reference):
    expected = reference["retention_2023-12-31_to_2024-12-31"]["value"]
    assert month.kpis["net_revenue_retention"].value == pytest.approx(expected["nrr"], abs=1e-6)
    assert month.kpis["gross_revenue_retention"].value == pytest.approx(expected["grr"], abs=1e-6)
    assert month.kpis["churn_logo_rate"].value == 1 - expected["logo"]
    assert month.kpi_input.revenue.mrr_at(dt.date(2023, 12, 1)).sum() == expected["base"] * 100


def test_an_nrr_of_292_percent_is_flagged_with_its_cause(month):
    nrr = month.kpis["net_revenue_retention"]
    assert nrr.state is State.IMPLAUSIBLE
    assert "8.1 open subscriptions each, 2.9 a year ago" in nrr.reason


def test_the_last_complete_month_is_the_default(in_ravenstack):
    assert open_month().as_of == dt.date(2024, 12, 31)


@pytest.mark.parametrize(
    ("kpi", "table"),
    [("cac_referral", "spend"), ("win_rate_referred", "opportunities"), ("invite_to_action_rate", "asks")],
)
def test_what_is_missing_is_named(month, kpi, table):
    assert month.kpis[kpi].state is State.MISSING
    assert table in month.kpis[kpi].reason


def test_without_contacts_there_is_nobody_to_ask_and_the_tables_say_so(month):
    from core.services.advocates import advocates

    view = advocates(month)
    assert sum(view.counts.values()) == 0
    assert "contacts" in {gap.table for gap in view.missing}
