"""Each formula against published cases and hand-worked edges."""

import json
from pathlib import Path

import pytest

from core.kpis import MEASURES, REGISTRY
from core.model.kpis import kpi_texts
from core.schema import TABLES

PUBLISHED = Path(__file__).parents[1] / "published"


def published(theme, name):
    cases = json.loads((PUBLISHED / f"{theme}.json").read_text())
    return next(case for case in cases if case["id"] == name)


def formula(name):
    return REGISTRY[name].function


def test_the_bridge_of_a_board_deck_ends_at_the_closing_balance_and_gives_its_nrr():
    case = published("retention", "boarddeck_arr_waterfall")
    given = case["inputs"]
    nrr = formula("net_revenue_retention")(
        starting_mrr=given["start_arr"],
        expansion_mrr=given["expansion"],
        contraction_mrr=given["contraction"],
        churned_mrr=given["churn"],
    )
    ending = given["start_arr"] + given["new"] + given["expansion"] - given["churn"] - given["contraction"]
    assert ending == case["expected"]["ending_arr"]
    assert nrr == pytest.approx(case["expected"]["nrr"], abs=case["tolerance"]["nrr"])


@pytest.mark.parametrize(
    ("starting", "expansion", "contraction", "churned", "nrr", "grr"),
    [
        pytest.param(50_000, 5_000, 0, 2_000, 1.06, 0.96, id="productanalyst, Stripe"),
        pytest.param(1_000, 200, 0, 100, 1.1, 0.9, id="chargebee cohort"),
        pytest.param(100, 10, 10, 10, 0.9, 0.8, id="chartmogul net MRR churn of 10 %"),
        pytest.param(100, 0, 0, 100, 0.0, 0.0, id="everyone left"),
        pytest.param(0, 0, 0, 0, None, None, id="no starting revenue"),
    ],
)
def test_retention(starting, expansion, contraction, churned, nrr, grr):
    losses = {"starting_mrr": starting, "contraction_mrr": contraction, "churned_mrr": churned}
    net = formula("net_revenue_retention")(**losses, expansion_mrr=expansion)
    gross, lost = formula("gross_revenue_retention")(**losses), formula("churn_revenue_rate")(**losses)
    if nrr is None:
        assert (net, gross, lost) == (None, None, None)
    else:
        assert (net, gross, lost) == (pytest.approx(nrr), pytest.approx(grr), pytest.approx(1 - grr))


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        pytest.param("mrr", {"ending_mrr": 0}, 0, id="no MRR is 0, a balance"),
        pytest.param("arr", {"ending_mrr": 5_000}, 60_000, id="ARR is twelve times MRR"),
        pytest.param("churn_logo_rate", {"lost_accounts": 10, "base_accounts": 100}, 0.1, id="chartmogul, joiners out"),
        pytest.param("churn_logo_rate", {"lost_accounts": 0, "base_accounts": 0}, None, id="no base"),
        pytest.param("win_rate_referred", {"referred_won": 20, "referred_closed": 100}, 0.2, id="altiorco 20 of 100"),
        pytest.param("win_rate_referred", {"referred_won": 0, "referred_closed": 0}, None, id="no referred deal"),
        pytest.param("win_rate_baseline", {"baseline_won": 0, "baseline_closed": 0}, None, id="no other deal"),
        pytest.param(
            "win_rate_gap",
            {"referred_won": 12, "referred_closed": 30, "baseline_won": 60, "baseline_closed": 300},
            0.2,
            id="12 of 30 against 60 of 300",
        ),
        pytest.param(
            "win_rate_gap",
            {"referred_won": 1, "referred_closed": 2, "baseline_won": 0, "baseline_closed": 0},
            None,
            id="nothing to compare with",
        ),
        pytest.param("cac_paid", {"paid_spend": 155_000, "paid_customers": 120}, 1291.67, id="metrickit, fully loaded"),
        pytest.param("cac_paid", {"paid_spend": 155_000, "paid_customers": 0}, None, id="spend without customers"),
        pytest.param(
            "cac_referral", {"referral_spend": 0, "referral_customers": 4}, 0, id="no spend is 0, not undefined"
        ),
        pytest.param("cac_referral", {"referral_spend": 9, "referral_customers": 0}, None, id="nobody referred"),
        pytest.param("invite_to_action_rate", {"acted_contacts": 2, "asked_contacts": 8}, 0.25, id="two of eight"),
        pytest.param("invite_to_action_rate", {"acted_contacts": 0, "asked_contacts": 0}, None, id="nobody invited"),
    ],
)
def test_formula(name, arguments, expected):
    result = formula(name)(**arguments)
    assert result == (expected if expected is None else pytest.approx(expected, abs=0.005))


@pytest.mark.parametrize("name", [*REGISTRY, *MEASURES])
def test_every_kpi_is_complete(name):
    item = (REGISTRY | MEASURES)[name]
    text = kpi_texts()[name]
    assert item.formula, "the docstring states the formula"
    assert text.source and text.question.endswith("?")
    assert "Source:" in item.function.__doc__ and "Returns:" in item.function.__doc__
    assert set(item.needs) <= set(TABLES)


def test_no_definition_is_left_without_a_kpi():
    assert set(kpi_texts()) == set(REGISTRY) | set(MEASURES)
