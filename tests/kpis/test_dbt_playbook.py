"""The mrr-playbook data: one data set on which definitions of retention differ by tens of points."""

import datetime as dt
import json

import pytest

from core.kpis import REGISTRY, evaluate
from core.kpis.retention import movements
from core.month import build_month
from core.stats.months import month_end, shift_month
from tests.companies import account, source, subscription
from tests.homes import SHARED

FIXTURE = SHARED / "reference" / "dbt_mrr_fixture.json"
pytestmark = pytest.mark.skipif(not FIXTURE.exists(), reason="the shared reference data are not beside the project")


@pytest.fixture(scope="module")
def fixture():
    return json.loads(FIXTURE.read_text())


@pytest.fixture(scope="module")
def data(fixture, tmp_path_factory):
    rows = [
        subscription(str(item["customer_id"]), item["start"], item["end"], item["monthly_amount"])
        for item in fixture["inputs"]
    ]
    company = source(
        tmp_path_factory.mktemp("dbt"),
        {"subscriptions": rows, "accounts": [account(name) for name in {row["account_id"] for row in rows}]},
    )
    return build_month(dt.date(2020, 2, 29), company).kpi_input


def test_every_month_reproduces_the_movements(fixture, data):
    names = ("new", "expansion", "contraction", "churn", "reactivation")
    for row in fixture["monthly"]:
        month = dt.date.fromisoformat(row["month"])
        found = movements(data, shift_month(month, -1), month)
        ours = {
            "new": found["new_mrr"].sum(),
            "expansion": found["expansion_mrr"].sum(),
            "contraction": -found["contraction_mrr"].sum(),
            "churn": -found["churned_mrr"].sum(),
            "reactivation": found["reactivated_mrr"].sum(),
        }
        counts = {
            name: int((found[column] > 0).sum())
            for name, column in zip(
                names,
                ("new_mrr", "expansion_mrr", "contraction_mrr", "churned_mrr", "reactivated_mrr"),
                strict=True,
            )
        }
        assert {name: ours[name] / 100 for name in names} == {name: row[name] for name in names}, row["month"]
        assert counts == row["counts"], row["month"]
        assert found["ending_mrr"].sum() == round(row["mrr"] * 100)
        assert int((found["ending_mrr"] > 0).sum()) == row["active"]


@pytest.mark.parametrize("kind", ["trailing12", "monthly_2019"])
def test_retention_between_two_months(fixture, data, kind):
    for row in fixture[kind]:
        base, end = (dt.date.fromisoformat(row[name]) for name in ("base_month", "end_month"))
        found = movements(data, base, end)
        sums = {name: float(found[name].sum()) for name in found.columns if name.endswith(("_mrr", "_accounts"))}
        arguments = {name: {key: sums[key] for key in REGISTRY[name].arguments} for name in REGISTRY_NAMES}
        assert sums["starting_mrr"] == round(row["base_mrr"] * 100)
        assert sums["base_accounts"] == row["base_customers"]
        assert REGISTRY["net_revenue_retention"].function(**arguments["net_revenue_retention"]) == pytest.approx(
            row["nrr"], abs=1e-12
        )
        assert REGISTRY["gross_revenue_retention"].function(**arguments["gross_revenue_retention"]) == pytest.approx(
            row["grr_point_to_point"], abs=1e-12
        )
        assert 1 - REGISTRY["churn_logo_rate"].function(**arguments["churn_logo_rate"]) == pytest.approx(
            row["logo_retention"], abs=1e-12
        )


REGISTRY_NAMES = ("net_revenue_retention", "gross_revenue_retention", "churn_logo_rate")


def test_twelve_base_customers_are_too_few_for_a_rate(data):
    result = evaluate(REGISTRY["net_revenue_retention"], data, dt.date(2019, 12, 1))
    assert (result.n, result.state.value) == (12, "too_few")
    assert result.value == pytest.approx(0.7008547008547008)
    assert not result.shown


def test_the_last_month_of_truncated_data_is_not_offered(data, fixture, tmp_path):
    rows = [
        subscription(str(item["customer_id"]), item["start"], item["end"], item["monthly_amount"])
        for item in fixture["inputs"]
    ]
    months = source(tmp_path, {"subscriptions": rows}).months
    assert months[0] == dt.date(2019, 12, 1)
    assert month_end(months[0]) == dt.date(2019, 12, 31)
