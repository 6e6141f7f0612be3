"""Lift of plays: who counts as treated, who is compared with whom, and what is left without a figure."""

import datetime as dt

import numpy as np
import pytest

from core.kpis import REGISTRY, evaluate
from core.kpis.registry import kpi_rows, totals
from core.kpis.result import State
from core.month import build_month
from tests.companies import account, source, subscription
from tests.kpis import recovery_lift

DECEMBER = dt.date(2025, 12, 1)


def entry(name, on, play="customer_education"):
    return {
        "interaction_id": f"{name}-{on}",
        "account_id": name,
        "at": dt.datetime.fromisoformat(on + "T09:00:00+00:00"),
        "channel": "email",
        "kind": "enrolment",
        "direction": "give",
        "started_by": "person",
        "play": play,
    }


ENTRIES = {
    "in time": "2024-12-31",
    "first day": "2024-07-01",
    "washed out": "2024-06-30",
    "after the start": "2025-01-01",
    "long ago": "2023-12-31",
}


def small(**mrr):
    """Accounts at 100 a month since 2022 with the MRR given from July 2025 on."""
    names = {**dict.fromkeys(ENTRIES, 100), "one": 100, "two": 100} | mrr
    rows = []
    for name, now in names.items():
        rows.append(subscription(name, "2022-01-01", "2025-07-01", 100))
        if now:
            rows.append(subscription(name, "2025-07-01", None, now))
    return {
        "accounts": [account(name, segment="SMB") for name in names],
        "subscriptions": rows,
        "interactions": [entry(name, on) for name, on in ENTRIES.items()],
    }


def test_treated_is_who_entered_shortly_before_the_year(company):
    frame = company(small()).frame("play_year", DECEMBER).set_index("account_id")
    assert frame["treated"].to_dict() == {
        "in time": 1,
        "first day": 1,
        "after the start": 0,
        "long ago": 0,
        "one": 0,
        "two": 0,
    }, "who entered in the half year before is in neither group"


def test_the_lift_is_worked_by_hand_and_its_rows_sum_to_it(company):
    """Enrolled 130 and 90 of 200, alike 100, 100, 0 and 120 of 400: 110 % less 80 %."""
    data = company(small(**{"in time": 130, "first day": 90, "one": 0, "two": 120}))
    item = REGISTRY["nrr_lift_pp"]
    sums = totals(item, kpi_rows(item, data, DECEMBER))
    assert sums == {
        "enrolled_starting_mrr": pytest.approx(200_00),
        "enrolled_ending_mrr": pytest.approx(220_00),
        "comparison_starting_mrr": pytest.approx(200_00),
        "comparison_ending_mrr": pytest.approx(160_00),
    }
    assert item.function(**sums) == pytest.approx(0.3)


def test_two_accounts_are_no_lift(company):
    result = evaluate(REGISTRY["nrr_lift_pp"], company(small()), DECEMBER)
    assert result.state is State.TOO_FEW and not result.shown
    assert result.reason == "too few: 2 and 4 accounts, at least 50 needed on each side"
    assert next(part for part in result.parts if part.label.startswith("Naive")).value is None


def test_without_a_counterfactual_there_is_no_figure(company):
    rows = small()
    rows["interactions"] = [dict(row, kind="check_in") for row in rows["interactions"]]
    result = evaluate(REGISTRY["nrr_lift_pp"], company(rows), DECEMBER)
    assert (result.value, result.reason) == (None, "no counterfactual: no account is known to have entered a play")
    late = evaluate(REGISTRY["nrr_lift_pp"], company(small()), dt.date(2024, 12, 1))
    assert late.reason == "entries into plays are known from 2023-12; those of 2023-01 to 2023-12 are needed"


def test_an_account_nobody_is_alike_is_counted_and_left_out(company):
    rows = small()
    rows["accounts"] = [
        dict(row, segment="Enterprise") if row["account_id"] == "in time" else row for row in rows["accounts"]
    ]
    data = company(rows)
    frame = data.frame("play_year", DECEMBER).set_index("account_id")
    assert frame.loc["in time", "unmatched_accounts"] == 1
    assert frame["enrolled_starting_mrr"].sum() == 100_00
    parts = evaluate(REGISTRY["nrr_lift_pp"], data, DECEMBER).parts
    assert (parts[-1].label, parts[-1].value) == ("Enrolled accounts with nobody alike to compare with", 1.0)


def test_the_return_takes_incremental_margin_alone(tmp_path):
    """With lift x starting revenue of six month ends after July the margin is what the rows add up to."""
    rows, _ = recovery_lift.world(np.random.default_rng(4))
    data = build_month(dt.date(2025, 12, 31), source(tmp_path, rows)).kpi_input
    result, frame = (
        evaluate(REGISTRY["return_on_marketing_investment"], data, DECEMBER),
        data.frame("play_returns", DECEMBER),
    )
    gained = frame["enrolled_margin"].sum() - frame["comparison_margin"].sum()
    assert frame["play_spend"].sum() == 12_000_00
    assert result.value == pytest.approx(gained / 12_000_00 - 1)
    assert result.low < result.value < result.high
    attributed = frame["enrolled_margin"].sum() / 12_000_00 - 1
    assert attributed > 10 * abs(result.value), "all margin of enrolled accounts is not what the play brought"


def test_a_return_needs_spend_of_the_months_of_entry(tmp_path):
    rows, _ = recovery_lift.world(np.random.default_rng(4))
    data = build_month(dt.date(2025, 12, 31), source(tmp_path, rows | {"spend": rows["spend"][:4]})).kpi_input
    result = evaluate(REGISTRY["return_on_marketing_investment"], data, DECEMBER)
    assert (result.value, result.reason) == (None, "spend is known for 4 of the 6 months from 2024-07")


def test_a_planted_lift_is_found_and_the_plain_gap_misses_it(tmp_path):
    """Over eight companies: adjusted within three standard errors of the truth, plain beyond them."""
    rng, adjusted, plain = np.random.default_rng(11), [], []
    for place in range(8):
        rows, truth = recovery_lift.world(rng)
        folder = tmp_path / str(place)
        folder.mkdir()
        data = build_month(dt.date(2025, 12, 31), source(folder, rows)).kpi_input
        result = evaluate(REGISTRY["nrr_lift_pp"], data, DECEMBER)
        adjusted.append(result.value - truth["nrr_lift_pp"])
        plain.append(result.parts[0].value - truth["nrr_lift_pp"])
    error = np.std(adjusted, ddof=1) / np.sqrt(len(adjusted))
    assert abs(np.mean(adjusted)) < 3 * error
    assert np.mean(plain) > 3 * np.std(plain, ddof=1) / np.sqrt(len(plain))
