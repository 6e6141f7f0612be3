"""Planted figures of value, use, service and community are found, each within its interval as often as it says."""

import datetime as dt

import numpy as np
import pytest

from core.kpis import REGISTRY, evaluate
from core.month import build_month
from tests.companies import source
from tests.kpis import recovery_adoption, recovery_community, recovery_onboarding, recovery_outcomes, recovery_service

WORLDS = 8
LEAST_COVERED = 5
"""Fewer than 5 of 8 at 95 % happen once in 3,000 times."""


@pytest.mark.parametrize(
    "module",
    [recovery_onboarding, recovery_adoption, recovery_outcomes, recovery_service, recovery_community],
    ids=lambda module: module.__name__.rpartition("_")[2],
)
def test_planted_figures_are_found(module, tmp_path):
    rng, covered, errors = np.random.default_rng(2025), {}, {}
    for place in range(WORLDS):
        rows, truth = module.world(rng)
        folder = tmp_path / str(place)
        folder.mkdir()
        data = build_month(dt.date(2025, 12, 31), source(folder, rows)).kpi_input
        for name, value in truth.items():
            result = evaluate(REGISTRY[name], data, dt.date(2025, 12, 1))
            assert result.shown and result.low is not None, (name, result.state, result.reason)
            covered[name] = covered.get(name, 0) + (result.low <= value <= (result.high or np.inf))
            errors.setdefault(name, []).append(result.value / value - 1)
    assert min(covered.values()) >= LEAST_COVERED, covered
    assert max(abs(float(np.mean(each))) for each in errors.values()) < 0.1
