"""Every estimate covers its planted value as often as it says: a hundred companies each, counts written down."""

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pytest

from core.kpis import REGISTRY, evaluate
from core.month import build_month
from tests.companies import source
from tests.kpis import (
    recovery_adoption,
    recovery_community,
    recovery_deals,
    recovery_expansion,
    recovery_lift,
    recovery_onboarding,
    recovery_outcomes,
    recovery_programme,
    recovery_renewals,
    recovery_retention,
    recovery_service,
    recovery_value,
)

MODULES = [
    recovery_adoption,
    recovery_community,
    recovery_deals,
    recovery_expansion,
    recovery_lift,
    recovery_onboarding,
    recovery_outcomes,
    recovery_renewals,
    recovery_retention,
    recovery_service,
    recovery_value,
]
WORLDS = 100
LEAST_COVERED = 88
"""An interval that holds 95 of 100 in the long run falls below 88 of a hundred once in 700 times."""
COUNTS = Path(__file__).parents[2] / "build" / "recovery"


def stem(module):
    return module.__name__.rpartition("_")[2]


def evaluated(rows, names, month, folder):
    folder.mkdir()
    data = build_month(month_end(month), source(folder, rows)).kpi_input
    return {name: evaluate(REGISTRY[name], data, month) for name in names}


def month_end(month):
    return (month.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)


def covered(result, value):
    return result.low is not None and result.low <= value <= (result.high if result.high is not None else np.inf)


def write(name, counts):
    COUNTS.mkdir(parents=True, exist_ok=True)
    (COUNTS / f"{name}.json").write_text(json.dumps({"worlds": WORLDS, "covered": counts}, indent=1), encoding="utf-8")


@pytest.mark.long
@pytest.mark.parametrize("module", MODULES, ids=stem)
def test_a_hundred_planted_companies(module, tmp_path):
    rng, counts = np.random.default_rng(95), {}
    month = getattr(module, "MONTH", dt.date(2025, 12, 1))
    for place in range(WORLDS):
        rows, truth = module.world(rng)
        for name, result in evaluated(rows, truth, month, tmp_path / str(place)).items():
            assert result.value is not None, (name, result.state, result.reason)
            counts[name] = counts.get(name, 0) + covered(result, truth[name])
    write(stem(module), counts)
    assert min(counts.values()) >= LEAST_COVERED, counts


@pytest.mark.long
@pytest.mark.parametrize("kpi", recovery_programme.PLANTED)
def test_a_hundred_planted_programmes(kpi, tmp_path):
    rng, count = np.random.default_rng(95), 0
    for place in range(WORLDS):
        rows, value = recovery_programme.world(rng, kpi)
        result = evaluated(rows, [kpi], recovery_programme.MONTH, tmp_path / str(place))[kpi]
        count += covered(result, value)
    write(kpi, {kpi: count})
    assert count >= LEAST_COVERED


def test_planted_retention_cost_and_win_rates_are_found(tmp_path):
    """Five companies; the long test counts a hundred."""
    rng, missed = np.random.default_rng(7), 0
    for place in range(5):
        rows, truth = recovery_retention.world(rng)
        found = evaluated(rows, truth, dt.date(2025, 12, 1), tmp_path / str(place))
        missed += sum(not covered(found[name], value) for name, value in truth.items())
    assert missed <= 8, "of 50 intervals at 95 %, more than eight miss once in 600 times"
